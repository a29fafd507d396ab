/* The walk through an epoch by replicas (docs/model.md, section 18): round after round. In a round every replica learns
 * from `merge` batches, or from what is left of the epoch, and then all become one state. */
#ifndef BR_ROUNDS_H
#define BR_ROUNDS_H

#include "train/present.h"

/* Learns from sample `done` on, the beginning of a round, until the end of the epoch, a stop or a pause; epoch->replicas
 * must be set. A round that is left, because the progress refuses or a value is out of range, counts as not begun: `done`
 * and the network's state are those of the last merge. With ranks, all leave the same round. */
void br_rounds_walk(br_epoch *epoch);

#endif
