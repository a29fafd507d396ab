/* The walk through an epoch by one learner: batch after batch, computed by a team. */
#ifndef BR_EPOCH_H
#define BR_EPOCH_H

#include "train/present.h"

/* Behind br_learner_begin, and once the learner has its moments and weights: finds the stages. */
int br_epoch_begin(br_epoch *epoch, br_error *error);
void br_epoch_end(br_epoch *epoch);

/* Learns from sample `done` on until the end of the epoch, a stop or a pause. Between two calls, the network is in the
 * same state as at this point of an uninterrupted walk. */
void br_epoch_walk(br_epoch *epoch);

#endif
