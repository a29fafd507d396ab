/* What the activations that a layer reads exceed, input by input. */
#ifndef BR_INFER_EXCESS_H
#define BR_INFER_EXCESS_H

#include "infer/levels.h"

/* Counts over at most 1,024 samples, with the layers below in the numbers of `quantised`. A convolution's inputs are of as
 * many kinds as there are channels, a dense layer's each of its own, up to 16,384; more share one. Without samples all
 * quanta are equally frequent. The caller releases *out, [*kinds]. BR_ERROR_CHECK: samples of another shape. */
int br_excess_of(const br_quantised *quantised, uint32_t layer, const br_samples *samples, uint32_t *kinds,
                 br_excess **out, br_error *error);

#endif
