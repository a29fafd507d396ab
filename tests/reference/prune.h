/* Pruning exactly as in docs/model.md, section 19, in slow and simple code. */
#ifndef REFERENCE_PRUNE_H
#define REFERENCE_PRUNE_H

#include "reference.h"

/* (43) */
double ref_prune_share(double keep, double over, uint32_t epochs, uint32_t ended);

/* (44) of one connection: `values` are those that inputs of its kind had. `gain` is the neuron's g of (26), or 1. */
double ref_usefulness(const float *values, uint64_t count, double range, double alpha, double gain);

/* A learned batch: connections whose number is in `pruned` become silent again. */
void ref_prune_hold(ref_layer *layer, const bool *pruned);

#endif
