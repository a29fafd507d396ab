/* The memory that a training needs, and whether it is available. */
#ifndef BR_TRAIN_MEMORY_H
#define BR_TRAIN_MEMORY_H

#include "bouton/runtime.h"

/* Returns -1 if the memory is not available; the message gives both sizes. */
int br_train_fits(const br_model *model, const br_schedule *schedule, const br_data *data,
                  const br_train_options *options, br_error *error);

/* The layer whose input is the same for a sample in every epoch of a correcting phase: the lowest one that learns, or a
 * pool below it that jitters. 0: the network cannot be cut there. */
uint32_t br_feature_cut(const br_model *model, const br_phase *phase);

/* Whether a phase learns from lists of winners, which the pool at br_feature_cut reads, and their most bytes. */
bool br_keeps_winners(const br_model *model, const br_phase *phase);
uint64_t br_winners_bytes(const br_model *model, const br_data *data, const br_phase *phase);

/* Bytes of a phase's feature cache; 0 if it has none. With lists of winners, it is that of the validation samples. */
uint64_t br_feature_bytes(const br_model *model, const br_data *data, const br_phase *phase);

#endif
