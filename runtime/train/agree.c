#include "train/agree.h"

#include <string.h>

#include "base/each_rank.h"
#include "base/memory.h"
#include "train/replicas.h"

/* ---- the same training ---- */

/* What two ranks differ in; NULL: nothing. */
static const char *difference(const br_checkpoint_head *a, const br_checkpoint_head *b)
{
    if (memcmp(a->version, b->version, sizeof a->version) != 0 || a->interface != b->interface)
        return "another version of bouton";
    if (a->text != b->text)
        return "another text (or other --set)";
    if (memcmp(a->cpu, b->cpu, sizeof a->cpu) != 0)
        return "code for another processor level; give all the same --cpu";
    if (a->seed != b->seed)
        return "another seed";
    if (a->data != b->data)
        return "other data";
    if (a->plan != b->plan)
        return "another plan of the layers (--set plan.LAYER)";
    if (a->phase != b->phase || a->epoch != b->epoch || a->done != b->done || a->ended != b->ended ||
        a->begun != b->begun)
        return "another checkpoint, or none; the folder of the model must be one that all ranks see";
    return NULL;
}

static int same_training(const br_trainer *t, br_error *error)
{
    const br_ranks *ranks = t->options->ranks;
    br_checkpoint_head *heads = br_each_rank_new(ranks, &t->at, sizeof *heads, error);
    int status = heads ? 0 : -1;
    for (uint32_t q = 1; status == 0 && q < ranks->size; q++) {
        const char *what = difference(&heads[0], &heads[q]);
        if (what)
            status = br_fail(error, BR_ERROR_CHECK, "rank %u has %s than rank 0; start all ranks with the same files",
                             q, what);
    }
    br_release(heads);
    return status;
}

static int enough_replicas(const br_trainer *t, br_error *error)
{
    const br_ranks *ranks = t->options->ranks;
    bool any = false;
    for (uint32_t i = 0; i < t->schedule->phase_count; i++) {
        const br_phase *phase = &t->schedule->phases[i];
        if (!br_has_replicas(phase))
            continue;
        any = true;
        if (phase->replicas < ranks->size)
            return br_fail(
                error, BR_ERROR_CHECK,
                "phase %s has %u replicas, but there are %u ranks; start at most %u ranks, or give the phase "
                "more replicas",
                phase->name, phase->replicas, ranks->size, phase->replicas);
    }
    return any || ranks->size == 1
               ? 0
               : br_fail(error, BR_ERROR_CHECK,
                         "network %s: no phase has replicas, so %u ranks have nothing to share out; write `replicas %u "
                         "merge every 10 batches;` in a phase, or train without --ranks",
                         t->network->model->name, ranks->size, ranks->size);
}

int br_agree(const br_trainer *t, br_error *error)
{
    if (!t->options->ranks)
        return 0;
    return enough_replicas(t, error) == 0 ? same_training(t, error) : -1;
}

/* ---- what one knows and all must know ---- */

int br_ranks_any(const br_ranks *ranks, bool *flag, br_error *error)
{
    if (!ranks)
        return 0;
    bool *flags = br_each_rank_new(ranks, flag, sizeof *flags, error);
    for (uint32_t q = 0; flags && q < ranks->size; q++)
        *flag = *flag || flags[q];
    int status = flags ? 0 : -1;
    br_release(flags);
    return status;
}

typedef struct outcome { /* of a phase on rank 0 */
    br_checkpoint_head at;
    br_train_result result;
    br_error error;
    int status;
} outcome;

static int share_layers(const br_trainer *t, br_error *error)
{
    const br_ranks *ranks = t->options->ranks;
    const br_model *model = t->network->model;
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < model->layer_count; i++) {
        const br_layer_code *code = &model->layers[i];
        br_layer_bounds *layer = &t->network->layers[i];
        struct {
            float calibration, live_share;
            uint32_t calibrated, measured, started, training, inference;
        } other = {layer->calibration, layer->live_share, layer->calibrated, layer->measured,
                   t->started[i],      layer->training,   layer->inference};
        status = ranks->share(ranks->user, layer->bounds, br_layer_bounds_count(code) * sizeof(float), error);
        if (status == 0)
            status = ranks->share(ranks->user, layer->theta, br_theta_count(code) * sizeof(float), error);
        if (status == 0)
            status = ranks->share(ranks->user, layer->conscience, code->layout.pitch * sizeof(float), error);
        if (status == 0)
            status = ranks->share(ranks->user, &other, sizeof other, error);
        layer->calibration = other.calibration;
        layer->live_share = other.live_share;
        layer->calibrated = other.calibrated != 0;
        layer->measured = other.measured != 0;
        layer->training = (bt_method)other.training;
        layer->inference = (bt_method)other.inference;
        t->started[i] = other.started != 0;
        if (status == 0) /* methods round differently, so all have those of rank 0 */
            status = br_method_make(t->network, i, layer->training, error);
    }
    return status;
}

int br_agree_on(br_trainer *t, int status, br_error *error)
{
    const br_ranks *ranks = t->options->ranks;
    outcome o = {.at = t->at, .result = *t->result, .status = status};
    if (status != 0)
        o.error = *error;
    if (ranks->share(ranks->user, &o, sizeof o, error) != 0)
        return -1;
    if (o.status != 0) {
        *error = o.error;
        return -1;
    }
    if (ranks->rank > 0) {
        br_orders_end(&t->orders);
        t->at = o.at;
        *t->result = o.result;
        t->best_accuracy = -1;
        br_orders_begin(&t->orders, (uint32_t)t->at.number);
    }
    return share_layers(t, error);
}
