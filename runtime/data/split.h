/* Samples held out of train. */
#ifndef BR_SPLIT_H
#define BR_SPLIT_H

#include "data/data.h"

/* Moves the spec's shares of the training samples to test and validation. The samples are chosen at random by the seed,
 * class by class, so that each split has the classes in the same proportions. BR_ERROR_CHECK: samples without labels,
 * or nothing left of train. */
int br_hold_out(br_data *data, const br_data_spec *spec, uint64_t seed, br_error *error);

#endif
