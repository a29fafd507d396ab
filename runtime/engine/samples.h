/* Samples brought to a network: whether they fit it, and their values in a workspace. */
#ifndef BR_SAMPLES_H
#define BR_SAMPLES_H

#include "base/part.h"
#include "data/batch.h"
#include "engine/workspace.h"

/* Check that samples have the network's shape, and that their labels are classes of it. `use` says what the labels are
 * needed for, for example "score". */
int br_check_shape(const br_model *model, const br_samples *samples, br_error *error);
int br_check_labels(const br_model *model, const br_samples *samples, const char *use, br_error *error);

/* Gathers sample first + i as number i of the batch, for each i of `part`. After the last sample comes sample 0. */
void br_gather_batch(const br_gather *gather, uint64_t first, br_part part, const br_workspace *workspace);

/* The same for the mirror images of the samples, left to right. */
void br_gather_mirrored(const br_gather *gather, uint64_t first, br_part part, const br_workspace *workspace);

/* The same as br_gather_batch with labels; samples without labels get label 0. */
void br_gather_labelled(const br_gather *gather, uint64_t first, br_part part, const br_workspace *workspace);

#endif
