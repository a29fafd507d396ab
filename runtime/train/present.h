/* An epoch of a correcting phase, and how one of its batches is presented to a learner: samples in the order of the epoch,
 * changed as the phase says, the rates of the batch, and what it is counted as. */
#ifndef BR_PRESENT_H
#define BR_PRESENT_H

#include "data/batch.h"
#include "engine/features.h"
#include "engine/winners.h"
#include "train/learn.h"
#include "train/pace.h"
#include "train/pipeline.h"
#include "train/replicas.h"
#include "train/stages.h"

/* Shared by the team. The counters belong to member 0 or, side by side, to the holder of the pipeline's lock. */
typedef struct br_epoch {
    br_learner learner;
    br_stages stages;     /* count 0: the phase has none that learn side by side */
    br_pipeline pipeline; /* of the stages */
    br_replicas replicas; /* count 0: the phase has one learner */
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
    uint64_t merges;    /* of replicas, and their seconds, see br_train_result */
    double merge_seconds, exchange_seconds;
    double pause_at; /* seconds at which the walk pauses; INFINITY: never */
    uint64_t done;   /* samples learned from: where the walk begins, and where it was left */
    uint64_t right;
    double error_sum;
    double *scores;   /* [answering]: accuracies on the validation samples */
    br_depth *depths; /* [readouts] */
    br_error fault;   /* found by checking code; BR_ERROR_IO: a rank is gone; kind BR_OK: none */
    bool refused;     /* by the progress callback */
    bool stop;        /* written by member 0 before a barrier, read by all after it */
    br_way way;       /* of the turn; the same */
} br_epoch;

/* Fills in the member's share of the n samples that begin with sample `first` of the epoch. `scratch`: the caller's
 * number in the team, whose memory it may use. */
void br_present(const br_epoch *epoch, const br_learner *learner, uint32_t member, uint32_t scratch, uint64_t first,
                uint32_t n);

/* Draws how the cells of pools move for sample number i of a batch. Every pool draws for itself. */
void br_present_jitter(const br_epoch *epoch, const br_learner *learner, uint32_t i, uint32_t sample);

/* Sets a learner's rates and the number of the batch that begins with sample `first` of the epoch. */
void br_present_rates(const br_epoch *epoch, br_learner *learner, uint64_t first);

/* Adds the answers of a batch that was learned. The errors are still those from before its step. */
void br_present_measure(const br_learner *learner, uint32_t n, uint64_t *right, double *error_sum);

/* Tells the progress about ten times a second: `shown` samples are done, and `so_far` are those that were measured. A
 * refusal sets `refused`. */
void br_present_tell(br_epoch *epoch, double seconds, uint64_t shown, const br_tally *so_far);

/* Samples of the batch that begins with sample `first`: the last one may be short. */
uint32_t br_present_count(const br_epoch *epoch, uint64_t first);

#endif
