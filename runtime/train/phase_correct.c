/* The epochs of a correcting phase, their validation, and the best state. */
#include "train/phase_correct.h"

#include <math.h>

#include "base/clock.h"
#include "base/memory.h"
#include "engine/accuracy.h"
#include "train/agree.h"
#include "train/epoch.h"
#include "train/homeostasis.h"
#include "train/rounds.h"
#include "train/settle.h"
#include "train/train_memory.h"

#define TELL_EVERY    0.1          /* seconds */
#define FEATURE_BYTES (8ull << 30) /* most bytes of cached features */

/* The accuracy on the validation samples, also of each readout. */
static int validate(br_trainer *t, br_epoch *e, br_error *error)
{
    const br_learner *l = &e->learner;
    const br_samples *samples = br_data_split(t->data, BT_SPLIT_VALIDATION);
    if (samples->count == 0)
        return 0;
    const br_features *features = t->features[BT_SPLIT_VALIDATION].values ? &t->features[BT_SPLIT_VALIDATION] : NULL;
    br_trainer_step(t, "validating");
    int status = br_accuracy(t->network, samples, features, br_team_members(t->team), &l->answering, e->scores, error);
    br_trainer_step_end(t);
    if (status != 0)
        return -1;
    for (uint32_t i = 0; i < l->readouts; i++)
        e->depths[i] = (br_depth){t->network->model->layers[l->answering.layers[i]].name, e->scores[i]};
    e->progress.validation = e->scores[l->answering.count - 1]; /* br_judge */
    e->progress.depths = e->depths;
    e->progress.depth_count = l->readouts;
    return 0;
}

/* Keeps the state if it is the best on the validation samples so far. In a phase that prunes, only states count that
 * have no more connections than the trained network is to have. */
static bool keep(br_trainer *t, const br_phase *phase, uint32_t ended, double accuracy)
{
    bool best = accuracy > t->best_accuracy && br_prune_is_done(phase, ended);
    if (!best)
        return false;
    t->best_accuracy = accuracy;
    if (phase->keep_best && t->best)
        br_network_copy(t->best, t->network);
    t->result->best_epoch = t->orders.number;
    return true;
}

/* Prunes at the end of an epoch. What the other connections learn, they learn with the neurons standardised anew. */
static int prune(br_trainer *t, br_epoch *e, uint32_t ended, br_error *error)
{
    const br_phase *phase = e->phase;
    if (!br_prunes(phase) || br_prune_is_done(phase, ended - 1))
        return 0;
    if (validate(t, e, error) != 0)
        return -1;
    e->progress.unpruned = e->progress.validation;
    e->progress.kept = br_prune_kept(t->network->model, phase, ended);
    br_trainer_step(t, "pruning");
    int status =
        br_prune_network(t->network, e->gather.samples, phase, ended, br_team_members(t->team), t->masks, error);
    br_trainer_step_end(t);
    if (status != 0)
        return -1;
    br_learner_derive(&e->learner);
    return br_settle(&e->learner, &e->gather, phase->batch, error);
}

static void begin_epoch(br_trainer *t, const br_phase *phase, uint32_t index, br_epoch *e)
{
    t->at.number = e->number = t->orders.number;
    e->order = br_orders_take(&t->orders);
    e->index = index;
    e->done = t->at.done;
    e->right = t->at.right;
    e->error_sum = t->at.error_sum;
    e->progress = (br_progress){.phase = phase->name,
                                .epoch = index + 1,
                                .epochs = phase->epochs,
                                .total = e->gather.samples->count,
                                .validation = -1,
                                .unpruned = -1,
                                .kept = 1,
                                .seconds = br_trainer_seconds(t)};
}

/* Records the position within an epoch, or, with done = 0, at the beginning of the next one. */
static void record_position(br_trainer *t, uint64_t done, uint64_t right, double error_sum)
{
    t->at.done = done;
    t->at.right = right;
    t->at.error_sum = error_sum;
}

/* A rank is gone: the state of the last merge is kept for the rest of the training. */
static int lost(br_trainer *t, const br_error *error)
{
    if (t->options->ranks && error->kind == BR_ERROR_IO)
        br_trainer_save(t);
    return -1;
}

/* Runs a whole epoch, with pauses for checkpoints. *out is false if the epoch was stopped early. */
static int walk_epoch(br_trainer *t, br_epoch *e, bool *out, br_error *error)
{
    bool whole;
    do {
        double begin = br_now();
        bool pauses = t->options->checkpoint && t->options->save_every > 0;
        e->pause_at = pauses ? t->saved + t->options->save_every : INFINITY;
        if (e->replicas.count > 0)
            br_rounds_walk(e);
        else
            br_epoch_walk(e);
        t->result->learn_seconds += br_now() - begin;
        t->result->stopped = t->result->stopped || e->refused;
        whole = e->done == e->gather.samples->count;
        record_position(t, e->done, e->right, e->error_sum);
        if (e->fault.kind == BR_ERROR_IO) {
            *error = e->fault;
            return lost(t, error);
        }
        t->result->agreed = e->fault.kind != BR_OK && e->replicas.ranks;
        if (e->fault.kind != BR_OK)
            return br_fail(error, e->fault.kind, "Phase %s, epoch %u, within %llu samples: %.400s", e->phase->name,
                           e->progress.epoch, (unsigned long long)e->done, e->fault.message);
        if (!whole)
            br_trainer_save(t);
    } while (!whole && !e->refused);
    *out = whole;
    return 0;
}

static int run_epoch(br_trainer *t, const br_phase *phase, uint32_t index, br_epoch *e, br_error *error)
{
    uint64_t count = e->gather.samples->count;
    begin_epoch(t, phase, index, e);
    double learned = t->result->learn_seconds;
    bool whole = false;
    if (walk_epoch(t, e, &whole, error) != 0)
        return -1;
    if (!whole)
        return 0;
    if (br_settle(&e->learner, &e->gather, phase->batch, error) != 0)
        return -1;
    if (br_trainer_check(t, phase, e->learner.top, index + 1, e->error_sum / (double)count, error) != 0)
        return -1;
    br_progress *p = &e->progress;
    if (prune(t, e, index + 1, error) != 0 || validate(t, e, error) != 0)
        return lost(t, error);
    t->result->samples += count;
    t->result->epochs++;
    p->best = keep(t, phase, index + 1, p->validation);
    p->done = count;
    p->seconds = br_trainer_seconds(t);
    p->epoch_seconds = t->result->learn_seconds - learned;
    p->error = e->error_sum / (double)count;
    p->accuracy = (double)e->right / (double)count;
    p->end_of_epoch = true;
    if (br_trainer_remember(t, p, error) != 0)
        return -1;
    if (t->options->progress && !t->options->progress(t->options->user, p))
        t->result->stopped = true;
    if (br_ranks_any(e->replicas.ranks, &t->result->stopped, error) != 0)
        return -1;
    record_position(t, 0, 0, 0);
    t->at.number = t->orders.number;
    t->at.epoch++;
    t->at.ended++;
    if (br_trainer_save_is_due(t, t->at.epoch == phase->epochs))
        br_trainer_save(t);
    return 0;
}

/* Tells a caller that follows such steps how far this one is, about ten times a second. */
typedef struct caching {
    const br_trainer *t;
    double told; /* seconds */
} caching;

static bool advance(void *user, uint64_t done, uint64_t total)
{
    caching *c = user;
    const br_train_options *options = c->t->options;
    double now = br_trainer_seconds(c->t);
    if (!options->advance || now - c->told < TELL_EVERY)
        return true;
    c->told = now;
    return options->advance(options->user, done, total);
}

/* Lists of winners from half of the memory that is left. Samples without a list are computed in every epoch. */
static int cache_winners(br_trainer *t, const br_phase *phase, const br_blocks_watch *watch, br_error *error)
{
    uint64_t budget = br_memory_available() / 2;
    br_winners_job job = {.pool = br_feature_cut(t->network->model, phase),
                          .mirrored = phase->mirror,
                          .bytes = budget < FEATURE_BYTES ? budget : FEATURE_BYTES,
                          .threads = br_team_members(t->team),
                          .watch = watch};
    int status = br_winners_new(t->network, br_data_split(t->data, BT_SPLIT_TRAIN), &job, &t->winners, error);
    if (status != 0)
        return status;
    t->result->lists = t->winners.count;
    t->result->kept = t->winners.kept;
    return 0;
}

/* Layers below the lowest corrected one do not change in this phase. Their output, up to the first pool whose cells
 * move, is computed once, unless images are shifted or cut out or the output does not fit into memory. If images are
 * mirrored, so is the cache. If winners pass through the pool, they are what is kept of the training samples, and the
 * pool's output of the validation samples. 1: the caller stopped it. */
static int cache_features(br_trainer *t, const br_phase *phase, br_error *error)
{
    bool winners = br_keeps_winners(t->network->model, phase);
    t->result->lists = t->result->kept = 0;
    caching c = {t, -TELL_EVERY}; /* so that the first block tells */
    br_blocks_watch watch = {advance, &c};
    br_features_job job = {.first = br_feature_cut(t->network->model, phase) + winners,
                           .threads = br_team_members(t->team),
                           .watch = &watch};
    uint64_t bytes = br_feature_bytes(t->network->model, t->data, phase);
    bool fits = bytes > 0 && bytes <= FEATURE_BYTES && bytes <= br_memory_available() / 2;
    if (fits || winners)
        br_trainer_stage(t, "computing what the frozen layers answer");
    for (int split = BT_SPLIT_TRAIN + winners; fits && split <= BT_SPLIT_VALIDATION; split++) {
        job.mirrored = phase->mirror && split == BT_SPLIT_TRAIN;
        int status =
            br_features_new(t->network, br_data_split(t->data, (bt_split)split), &job, &t->features[split], error);
        if (status != 0)
            return status;
    }
    return winners ? cache_winners(t, phase, &watch, error) : 0;
}

static void drop_features(br_trainer *t)
{
    for (int split = 0; split < BT_SPLITS; split++)
        br_features_free(&t->features[split]);
    br_winners_free(&t->winners);
}

/* The means begin with 0, or as a resumed phase left them. */
static void take_moments(br_trainer *t, br_learner *learner)
{
    br_checkpoint *resume = t->options->resume;
    if (learner->moments && t->at.epoch + t->at.done > 0 && resume && resume->moments) {
        br_moments_free(learner->moments);
        learner->moments = resume->moments;
        resume->moments = NULL;
        br_moments_connect(learner->moments, learner->workspace);
    }
    t->moments = learner->moments;
}

/* The same of the connections that are pruned. */
static int take_masks(br_trainer *t, br_learner *learner, const br_phase *phase, br_error *error)
{
    br_checkpoint *resume = t->options->resume;
    if (t->at.epoch + t->at.done > 0 && resume && resume->masks) {
        t->masks = resume->masks;
        resume->masks = NULL;
    } else if (br_masks_new(t->network->model, phase, &t->masks, error) != 0) {
        return -1;
    }
    learner->masks = t->masks;
    return 0;
}

/* The ranks that share out the phase; NULL: this process learns it alone. */
static const br_ranks *ranks_of(const br_trainer *t, const br_phase *phase)
{
    return br_has_replicas(phase) ? t->options->ranks : NULL;
}

/* Stages or replicas, once the learner has its moments. */
static int begin_epochs(br_trainer *t, const br_phase *phase, br_epoch *e, br_error *error)
{
    take_moments(t, &e->learner);
    if (take_masks(t, &e->learner, phase, error) != 0)
        return -1;
    e->learner.answering.ranks = ranks_of(t, phase);
    if (br_has_replicas(phase))
        return br_replicas_new(&e->learner, phase, (uint32_t)t->at.phase, t->options->ranks, &e->replicas, error);
    return br_epoch_begin(e, error);
}

static int run_epochs(br_trainer *t, const br_phase *phase, br_epoch *e, br_error *error)
{
    br_checkpoint *resume = t->options->resume;
    if (begin_epochs(t, phase, e, error) != 0)
        return -1;
    if (phase->keep_best && br_network_copy_new(t->network, &t->best, error) != 0)
        return -1;
    if (t->best && t->best_accuracy >= 0 && resume && resume->best)
        br_network_copy(t->best, resume->best);
    int status = 0;
    while (status == 0 && t->at.epoch < phase->epochs && !t->result->stopped)
        status = run_epoch(t, phase, (uint32_t)t->at.epoch, e, error);
    if (status == 0 && e->done > 0 && e->done < e->gather.samples->count)
        status = br_settle(&e->learner, &e->gather, phase->batch, error); /* an epoch that was stopped */
    if (t->best && t->best_accuracy >= 0)
        br_network_copy(t->network, t->best);
    t->result->validation = t->best_accuracy;
    br_network_free(t->best);
    t->best = NULL;
    t->moments = NULL;
    if (status == 0 && !t->result->stopped)
        br_trainer_end_phase(t);
    return status;
}

int br_correct_run(br_trainer *t, uint32_t phase_index, br_error *error)
{
    const br_phase *phase = &t->schedule->phases[phase_index];
    int cached = cache_features(t, phase, error);
    bool stopped = cached > 0;
    if (cached >= 0 && br_ranks_any(ranks_of(t, phase), &stopped, error) != 0)
        cached = -1;
    if (cached < 0 || stopped) {
        drop_features(t);
        t->result->stopped = stopped; /* the checkpoint of the phase before, or of this one, is still the right one */
        return cached < 0 ? -1 : 0;
    }
    br_epoch e = {.phase = phase,
                  .options = t->options,
                  .gather = br_gather_new(br_data_split(t->data, BT_SPLIT_TRAIN), t->network->model->input_range),
                  .features = t->features[BT_SPLIT_TRAIN].values ? &t->features[BT_SPLIT_TRAIN] : NULL,
                  .winners = t->winners.lists ? &t->winners : NULL,
                  .seed = t->schedule->seed,
                  .numbered = br_has_homeostasis(t->network->model, phase->layers[0]),
                  .begin = t->begin};
    int status = br_learner_begin(&e.learner, t->network, t->team, phase, phase_index, error);
    if (status == 0) {
        e.scores = br_new(e.learner.answering.count, sizeof *e.scores, error);
        e.depths = e.scores ? br_new((uint64_t)e.learner.readouts + 1, sizeof *e.depths, error) : NULL;
        status = e.depths ? 0 : -1;
    }
    if (status == 0 && phase->weigh_classes)
        status = br_learner_weigh(&e.learner, e.gather.samples->labels, e.gather.samples->count, error);
    if (status == 0) {
        e.learner.first = e.winners ? e.winners->pool + 1 : e.features ? e.features->first : 0;
        status = run_epochs(t, phase, &e, error);
    }
    t->result->merges += e.merges;
    t->result->merge_seconds += e.merge_seconds;
    t->result->exchange_seconds += e.exchange_seconds;
    br_epoch_end(&e);
    br_replicas_free(&e.replicas);
    br_learner_end(&e.learner);
    br_masks_free(t->masks);
    t->masks = NULL;
    br_release(e.scores);
    br_release(e.depths);
    drop_features(t);
    if (status == 0 && phase->readouts_alone) /* the layers above, which took no part */
        status = br_settle_all(t->network, t->team, e.gather.samples, phase->batch, error);
    return status;
}
