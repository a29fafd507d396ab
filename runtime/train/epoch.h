/* One epoch of a correcting phase: batches in the order of the epoch, computed by a team. */
#ifndef BR_EPOCH_H
#define BR_EPOCH_H

#include "data/batch.h"
#include "engine/features.h"
#include "engine/winners.h"
#include "train/learn.h"
#include "train/pace.h"
#include "train/pipeline.h"
#include "train/stages.h"

/* Shared by the team. The counters belong to member 0 or, side by side, to the holder of the pipeline's lock. */
typedef struct br_epoch {
    br_learner learner;
    br_stages stages;     /* count 0: the phase has none that learn side by side */
    br_pipeline pipeline; /* of the stages */
    uint64_t turn_first;  /* the first sample of the turn that passes through it */
    const br_phase *phase;
    const br_train_options *options;
    br_gather gather;
    const br_features *features; /* NULL: from the input or from winners */
    const br_winners *winners;   /* NULL: none; learner.first is the layer behind their pool */
    const uint32_t *order;
    br_pace pace;
    uint64_t seed;
    uint32_t index;  /* number of the epoch in its phase, from 0 */
    bool numbered;   /* the number of a batch matters: centring of corrections */
    uint32_t number; /* number of the epoch, over all phases: a random stream's lane */
    br_progress progress;
    double begin, told; /* seconds: when training began; when progress was last reported */
    double pause_at;    /* seconds at which the walk pauses; INFINITY: never */
    uint64_t done;      /* samples learned from: where the walk begins, and where it was left */
    uint64_t right;
    double error_sum;
    double *scores;   /* [answering]: accuracies on the validation samples */
    br_depth *depths; /* [readouts] */
    br_error fault;   /* found by checking code; kind BR_OK: none */
    bool refused;     /* by the progress callback */
    bool stop;        /* written by member 0 before a barrier, read by all after it */
    br_way way;       /* of the turn; the same */
} br_epoch;

/* Behind br_learner_begin, and once the learner has its moments and weights: finds the stages. */
int br_epoch_begin(br_epoch *epoch, br_error *error);
void br_epoch_end(br_epoch *epoch);

/* Learns from sample `done` on until the end of the epoch, a stop or a pause. Between two calls, the network is in the
 * same state as at this point of an uninterrupted walk. */
void br_epoch_walk(br_epoch *epoch);

#endif
