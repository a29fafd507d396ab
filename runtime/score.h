/* Accuracy alone, optionally from cached features: what training asks after every epoch. */
#ifndef BR_SCORE_H
#define BR_SCORE_H

#include "graph.h"

int br_accuracy(const br_network *network, const br_samples *samples, const br_features *features, uint32_t threads,
                double *out, br_error *error);

/* tops[layer_count]: the largest activation that each layer reads, over all samples; 0 without any. */
int br_largest_inputs(const br_network *network, const br_samples *samples, uint32_t threads, float *tops,
                      br_error *error);

#endif
