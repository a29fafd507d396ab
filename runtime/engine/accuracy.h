/* The accuracy of a network on labelled samples. */
#ifndef BR_ACCURACY_H
#define BR_ACCURACY_H

#include "engine/features.h"

/* With `features` (NULL: none), inference begins at their layer. */
int br_accuracy(const br_network *network, const br_samples *samples, const br_features *features, uint32_t threads,
                double *out, br_error *error);

#endif
