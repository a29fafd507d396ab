/* What all phases of a training share: where it stands, its checkpoints, and the check of the state it reached. */
#ifndef BR_TRAINER_H
#define BR_TRAINER_H

#include "base/team.h"
#include "engine/features.h"
#include "train/checkpoint.h"
#include "train/guard.h"
#include "train/order.h"

typedef struct br_trainer {
    br_network *network;
    br_network *best; /* NULL: not asked for */
    const br_schedule *schedule;
    const br_data *data;
    const br_train_options *options;
    br_team *team;
    br_train_result *result;
    double begin, phase_begin; /* seconds: of training; of the phase since then */
    double best_accuracy;
    br_orders orders;
    br_features features[BT_SPLITS]; /* of this phase; values NULL: none */
    bool *started;                   /* [layer_count]: filters drawn from patches are there */
    br_checkpoint_head at;           /* where it stands */
    uint64_t *wins;                  /* of a running competition */
    br_guard guard;                  /* of this phase */
    double saved;                    /* seconds when the last checkpoint was written */
} br_trainer;

double br_trainer_seconds(const br_trainer *trainer); /* since training began */

/* Writes a checkpoint, if one is wanted. A failure is only warned of. */
void br_trainer_save(br_trainer *trainer);
bool br_trainer_save_is_due(const br_trainer *trainer);

/* The phase is over, or the state is as if it were. */
void br_trainer_end_phase(br_trainer *trainer);

/* Checks the state after an epoch, or after a competition for layer `top`, whose `mean_error` is negative. */
int br_trainer_check(br_trainer *trainer, const br_phase *phase, uint32_t top, uint32_t epoch, double mean_error,
                     br_error *error);

#endif
