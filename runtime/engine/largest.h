/* The largest activation that a layer reads: the scale of its 8-bit activations. */
#ifndef BR_LARGEST_H
#define BR_LARGEST_H

#include "bouton/runtime.h"

/* The largest activation that a layer reads over all samples, with the layers below it in 8 bits; 0 without samples. */
int br_largest_input(const br_quantised *quantised, uint32_t layer, const br_samples *samples, uint32_t threads,
                     float *out, br_error *error);

#endif
