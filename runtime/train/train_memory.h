/* The memory that a training needs, and whether it is available. */
#ifndef BR_TRAIN_MEMORY_H
#define BR_TRAIN_MEMORY_H

#include "bouton/runtime.h"

/* Returns -1 if the memory is not available; the message gives both sizes. */
int br_train_fits(const br_model *model, const br_schedule *schedule, const br_data *data, uint32_t threads,
                  br_error *error);

/* Bytes of a phase's feature cache; 0 if it has none. */
uint64_t br_feature_bytes(const br_model *model, const br_data *data, const br_phase *phase);

#endif
