/* The state that all phases of a training share: the position, the checkpoints, and the check after each epoch. */
#ifndef BR_TRAINER_H
#define BR_TRAINER_H

#include "base/team.h"
#include "engine/features.h"
#include "engine/prune.h"
#include "engine/winners.h"
#include "train/checkpoint.h"
#include "train/guard.h"
#include "train/moments.h"
#include "train/order.h"

typedef struct br_trainer {
    br_network *network;
    br_network *best; /* NULL: not requested */
    const br_schedule *schedule;
    const br_data *data;
    const br_train_options *options;
    br_team *team;
    br_train_result *result;
    double begin, phase_begin; /* seconds: when training began; when the phase began, counted from there */
    double best_accuracy;
    br_moments *moments; /* of a running correction; NULL: none */
    br_masks *masks;     /* of a running correction that prunes; NULL: it does not */
    br_orders orders;
    br_features features[BT_SPLITS]; /* of this phase; values NULL: none */
    br_winners winners;              /* of the training samples in this phase; lists NULL: none */
    bool *started;                   /* [layer_count]: filters have been drawn from patches */
    br_checkpoint_head at;           /* the position */
    uint64_t *wins;                  /* of a running competition */
    br_guard guard;                  /* of this phase */
    float *live;                     /* [layer_count]: live shares after the last epoch */
    br_follower follower;            /* of the network, during br_trainer_step: whoever followed it before */
    double saved;                    /* seconds when the last checkpoint was written */
} br_trainer;

double br_trainer_seconds(const br_trainer *trainer); /* since training began */

/* Writes a checkpoint if options->checkpoint is set. A failure only causes a warning. */
void br_trainer_save(br_trainer *trainer);

/* True if training was stopped, at the end of a phase, and if save_every seconds have passed. */
bool br_trainer_save_is_due(const br_trainer *trainer, bool end_of_phase);

/* Tells what the next step is, to options->stage if that is set. */
void br_trainer_stage(const br_trainer *trainer, const char *what);

/* The same of a step over many samples: until br_trainer_step_end, options->advance is told how far it is. */
void br_trainer_step(br_trainer *trainer, const char *what);
void br_trainer_step_end(br_trainer *trainer);

/* Adds the epoch that ended, whose live shares br_trainer_check has found, to options->history if that is set. */
int br_trainer_remember(br_trainer *trainer, const br_progress *progress, br_error *error);

/* Ends the phase: the position moves to the next one. */
void br_trainer_end_phase(br_trainer *trainer);

/* Checks the state after an epoch, or after a competition for layer `top`. A competition's `mean_error` is negative. */
int br_trainer_check(br_trainer *trainer, const br_phase *phase, uint32_t top, uint32_t epoch, double mean_error,
                     br_error *error);

#endif
