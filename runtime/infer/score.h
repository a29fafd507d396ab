/* Accuracy alone, optionally from cached features: what training asks after every epoch. */
#ifndef BR_SCORE_H
#define BR_SCORE_H

#include "engine/forward.h"

int br_accuracy(const br_network *network, const br_samples *samples, const br_features *features, uint32_t threads,
                double *out, br_error *error);

/* Whether samples of the caller are of the network's shape; and their labels there, each a class of its own. `use`:
 * what they are wanted for, "score". */
int br_check_shape(const br_model *model, const br_samples *samples, br_error *error);
int br_check_labels(const br_model *model, const br_samples *samples, const char *use, br_error *error);

/* The largest activation that a layer reads over all samples, 0 without any; the layers below it answer in 8 bits. */
int br_largest_input(const br_quantised *quantised, uint32_t layer, const br_samples *samples, uint32_t threads,
                     float *out, br_error *error);

#endif
