/* One epoch of one correcting phase: batches in the epoch's order, by a team. */
#ifndef BR_EPOCH_H
#define BR_EPOCH_H

#include "data/batch.h"
#include "engine/features.h"
#include "train/learn.h"
#include "train/pace.h"

/* Shared by the team. Counters belong to member 0. */
typedef struct br_epoch {
    br_learner learner;
    const br_phase *phase;
    const br_train_options *options;
    br_gather gather;
    const br_features *features; /* NULL: images are walked from the input */
    const uint32_t *order;
    br_pace pace;
    uint64_t seed;
    uint32_t number; /* counts all epochs of the schedule: a stream lane */
    br_progress progress;
    double begin, told; /* seconds: of training, of the last progress call */
    double pause_at;    /* seconds when the walk is left although all is well; INFINITY: never */
    uint64_t done;      /* samples learned from: where the walk begins, and where it was left */
    uint64_t right;
    double error_sum;
    br_error fault; /* what checking code found; kind BR_OK: nothing */
    bool refused;   /* by the progress callback */
    bool stop;      /* written by member 0 before a barrier, read by all after it */
} br_epoch;

/* Learns from sample `done` on until the epoch's end, or until it is told to stop or has to pause; between two calls
 * the network is as an unbroken walk would have it there. */
void br_epoch_walk(br_epoch *epoch);

#endif
