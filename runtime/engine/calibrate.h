/* Fitting the sharpness of the shares (docs/model.md, equation 21). */
#ifndef BR_CALIBRATE_H
#define BR_CALIBRATE_H

#include "bouton/infer.h"
#include "bouton/ranks.h"

/* As br_calibrate, on every rank: they share out the samples, and all get the same sharpness. NULL: no ranks. */
int br_calibrate_together(br_network *network, const br_samples *samples, uint32_t threads, const br_ranks *ranks,
                          br_error *error);

#endif
