/* What a training takes, and whether that can be had. */
#ifndef BR_TRAIN_MEMORY_H
#define BR_TRAIN_MEMORY_H

#include "bouton/runtime.h"

/* -1 with both numbers where it can't be had. */
int br_train_fits(const br_model *model, const br_schedule *schedule, const br_data *data, uint32_t threads,
                  br_error *error);

/* Of what frozen layers answer, cached for a phase; 0 where nothing would be. */
uint64_t br_feature_bytes(const br_model *model, const br_data *data, const br_phase *phase);

#endif
