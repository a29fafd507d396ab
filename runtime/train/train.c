/* Training: phases, epochs, batches; progress on the way; the best state kept. */
#include <math.h>
#include <string.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/memory.h"
#include "data/batch.h"
#include "engine/accuracy.h"
#include "engine/samples.h"
#include "train/checkpoint.h"
#include "train/compete.h"
#include "train/epoch.h"
#include "train/guard.h"
#include "train/train_memory.h"

#define FEATURE_BYTES (8ull << 30) /* of cached features, at most */

typedef struct trainer {
    br_network *network;
    br_network *best; /* NULL: not asked for */
    const br_schedule *schedule;
    const br_data *data;
    const br_train_options *options;
    br_team *team;
    br_train_result *result;
    double begin, phase_begin; /* seconds: of training; of the phase since then */
    double best_accuracy;
    uint32_t *order, *next;          /* of this epoch, and of the one after, drawn beside this one */
    br_beside drawing;               /* of `next` */
    uint32_t number;                 /* of the epoch, over all phases */
    br_features features[BR_SPLITS]; /* of this phase; values NULL: none */
    bool *started;                   /* [layer_count]: filters drawn from patches are there */
    br_checkpoint_head at;           /* where it stands */
    uint64_t *wins;                  /* of a running competition */
    br_guard guard;                  /* of this phase */
    double saved;                    /* seconds when the last checkpoint was written */
} trainer;

/* ---- checkpoints ---- */

static double seconds_of(const trainer *t)
{
    return br_now() - t->begin;
}

/* A disk that is full costs the checkpoint, not the training: its end may still find room. */
static void save(trainer *t)
{
    const br_train_result *r = t->result;
    br_checkpoint checkpoint = {.head = t->at, .network = t->network, .best = t->best, .started = t->started};
    br_checkpoint_head *h = &checkpoint.head;
    br_error error;
    if (!t->options->checkpoint)
        return;
    h->has_best = t->best && t->best_accuracy >= 0;
    h->best_accuracy = t->best_accuracy;
    h->epochs = r->epochs;
    h->best_epoch = r->best_epoch;
    h->samples = r->samples;
    h->idle_filters = r->idle_filters;
    h->validation = r->validation;
    h->learn_seconds = r->learn_seconds;
    h->seconds = seconds_of(t);
    checkpoint.wins = t->wins;
    if (br_checkpoint_write(t->options->checkpoint, &checkpoint, &error) != 0 && t->options->warn)
        t->options->warn(t->options->user, &error);
    t->saved = seconds_of(t);
}

static bool save_is_due(const trainer *t)
{
    return t->result->stopped || seconds_of(t) - t->saved >= t->options->save_every;
}

/* The phase is over, or the state is as if it were. */
static void end_phase(trainer *t)
{
    t->at.phase++;
    t->at.epoch = 0;
    t->at.begun = 0;
    t->best_accuracy = -1;
}

/* ---- phases ---- */

static int validate(trainer *t, double *accuracy, br_error *error)
{
    *accuracy = -1;
    const br_samples *samples = br_data_split(t->data, BR_VALIDATION);
    if (samples->count == 0)
        return 0;
    const br_features *features = t->features[BR_VALIDATION].values ? &t->features[BR_VALIDATION] : NULL;
    return br_accuracy(t->network, samples, features, br_team_members(t->team), accuracy, error);
}

/* Keeps the state where it is the best on validation so far. */
static bool keep(trainer *t, const br_phase *phase, double accuracy)
{
    bool best = accuracy > t->best_accuracy;
    if (!best)
        return false;
    t->best_accuracy = accuracy;
    if (phase->keep_best && t->best)
        br_network_copy(t->best, t->network);
    t->result->best_epoch = t->number;
    return true;
}

static void draw_next(void *user)
{
    trainer *t = user;
    br_shuffle(t->schedule->seed, t->number, (uint32_t)br_data_split(t->data, BR_TRAIN)->count, t->next);
}

/* The order drawn for this epoch; that of the next one is begun. */
static const uint32_t *take_order(trainer *t)
{
    br_beside_end(&t->drawing);
    uint32_t *drawn = t->next;
    t->next = t->order;
    t->order = drawn;
    t->number++;
    br_beside_begin(&t->drawing, draw_next, t);
    return drawn;
}

static void begin_epoch(trainer *t, const br_phase *phase, uint32_t index, br_epoch *e)
{
    t->at.number = e->number = t->number;
    e->order = take_order(t);
    br_learner_rates(&e->learner, phase, (float)pow((double)phase->decay, index));
    e->done = t->at.done;
    e->right = t->at.right;
    e->error_sum = t->at.error_sum;
    e->progress = (br_progress){.phase = phase->name,
                                .epoch = index + 1,
                                .epochs = phase->epochs,
                                .total = e->gather.samples->count,
                                .validation = -1,
                                .seconds = seconds_of(t)};
}

/* Where an epoch was left, or, with nothing done, where the next one begins. */
static void stand_within(trainer *t, uint64_t done, uint64_t right, double error_sum)
{
    t->at.done = done;
    t->at.right = right;
    t->at.error_sum = error_sum;
}

/* The state after an epoch, or after a competition for layer `top`. */
static int look(trainer *t, const br_phase *phase, uint32_t top, uint32_t epoch, double mean_error, br_error *error)
{
    return br_guard_look(&t->guard,
                         &(br_guarded){.network = t->network,
                                       .samples = br_data_split(t->data, BR_TRAIN),
                                       .options = t->options,
                                       .phase = phase->name,
                                       .epoch = epoch,
                                       .top = top,
                                       .mean_error = mean_error},
                         error);
}

/* The whole epoch, with pauses for checkpoints; *whole false: stopped within. */
static int walk_epoch(trainer *t, br_epoch *e, bool *out, br_error *error)
{
    bool whole;
    do {
        double begin = br_now();
        bool pauses = t->options->checkpoint && t->options->save_every > 0;
        e->pause_at = pauses ? t->saved + t->options->save_every : INFINITY;
        br_epoch_walk(e);
        t->result->learn_seconds += br_now() - begin;
        t->result->stopped = t->result->stopped || e->refused;
        whole = e->done == e->gather.samples->count;
        if (e->fault.kind != BR_OK)
            return br_fail(error, e->fault.kind, "Phase %s, epoch %u, within %llu samples: %.400s", e->phase->name,
                           e->progress.epoch, (unsigned long long)e->done, e->fault.message);
        if (!whole) {
            stand_within(t, e->done, e->right, e->error_sum);
            save(t);
        }
    } while (!whole && !e->refused);
    *out = whole;
    return 0;
}

static int run_epoch(trainer *t, const br_phase *phase, uint32_t index, br_epoch *e, br_error *error)
{
    uint64_t count = e->gather.samples->count;
    begin_epoch(t, phase, index, e);
    double learned = t->result->learn_seconds;
    bool whole = false;
    if (walk_epoch(t, e, &whole, error) != 0)
        return -1;
    if (!whole)
        return 0;
    uint32_t top = t->network->model->layer_count - 1;
    if (look(t, phase, top, index + 1, e->error_sum / (double)count, error) != 0)
        return -1;
    br_progress *p = &e->progress;
    t->result->samples += count;
    t->result->epochs++;
    if (validate(t, &p->validation, error) != 0)
        return -1;
    p->best = keep(t, phase, p->validation);
    p->done = count;
    p->seconds = seconds_of(t);
    p->epoch_seconds = t->result->learn_seconds - learned;
    p->error = e->error_sum / (double)count;
    p->accuracy = (double)e->right / (double)count;
    p->end_of_epoch = true;
    if (t->options->progress && !t->options->progress(t->options->user, p))
        t->result->stopped = true;
    stand_within(t, 0, 0, 0);
    t->at.number = t->number;
    t->at.epoch++;
    t->at.ended++;
    if (save_is_due(t))
        save(t);
    return 0;
}

/* Layers below the lowest one corrected don't move in this phase: what they answer is computed once, if images are not
 * shifted and the answers, also to the mirrored images where those are asked for, fit into memory. */
static int cache_features(trainer *t, const br_phase *phase, br_error *error)
{
    uint32_t first = phase->layers[0];
    uint64_t bytes = br_feature_bytes(t->network->model, t->data, phase);
    if (bytes == 0 || bytes > FEATURE_BYTES || bytes > br_memory_room() / 2)
        return 0;
    for (int split = BR_TRAIN; split <= BR_VALIDATION; split++)
        if (br_features_new(t->network, br_data_split(t->data, (br_split)split), first,
                            phase->mirror && split == BR_TRAIN, br_team_members(t->team), &t->features[split],
                            error) != 0)
            return -1;
    return 0;
}

static void drop_features(trainer *t)
{
    for (int split = 0; split < BR_SPLITS; split++)
        br_features_free(&t->features[split]);
}

/* What layers up to `top` need before they are walked: filters drawn from patches, and the scale of summing pools. */
static int prepare_layers(trainer *t, uint32_t top, bool standard, br_error *error)
{
    const br_samples *train = br_data_split(t->data, BR_TRAIN);
    for (uint32_t i = 0; i <= top; i++) {
        bool patches = t->schedule->starts[i].start == BR_START_PATCHES && !t->started[i];
        bool pool = t->network->model->layers[i].calibrates && !t->network->layers[i].calibrated && i < top;
        t->started[i] = true;
        if (patches && br_start_from_patches(t->network, train, i, standard, t->schedule->seed, error) != 0)
            return -1;
        if (pool && br_calibrate(t->network, train, i, error) != 0)
            return -1;
    }
    return 0;
}

typedef struct competing {
    trainer *trainer;
    const br_phase *phase;
    br_contest_position at;
} competing;

static void stand_in_contest(trainer *t, const br_contest_position *at)
{
    t->at.done = at->fields;
    t->at.drawn = at->drawn;
    t->at.image = at->image;
    t->at.mirrored = at->mirrored;
    t->at.left = at->left;
}

static bool tell_competing(void *user)
{
    competing *c = user;
    trainer *t = c->trainer;
    bool ended = c->at.fields == c->phase->patches;
    br_progress p = {.phase = c->phase->name,
                     .epoch = 1,
                     .epochs = 1,
                     .done = c->at.fields,
                     .total = c->phase->patches,
                     .validation = -1,
                     .competing = true,
                     .end_of_epoch = ended,
                     .seconds = seconds_of(t)};
    p.epoch_seconds = p.seconds - t->phase_begin;
    if (t->options->progress && !t->options->progress(t->options->user, &p))
        t->result->stopped = true;
    stand_in_contest(t, &c->at);
    bool often = t->options->save_every > 0;
    if (!ended && (t->result->stopped || (often && save_is_due(t))))
        save(t);
    return !t->result->stopped;
}

static int run_compete(trainer *t, uint32_t phase_index, br_error *error)
{
    const br_phase *phase = &t->schedule->phases[phase_index];
    uint32_t filters = t->network->model->layers[phase->compete].neurons;
    competing told = {.trainer = t,
                      .phase = phase,
                      .at = {.fields = t->at.done,
                             .drawn = t->at.drawn,
                             .image = t->at.image,
                             .mirrored = t->at.mirrored != 0,
                             .left = (uint32_t)t->at.left,
                             .wins = t->wins}};
    br_competition job = {.network = t->network,
                          .samples = br_data_split(t->data, BR_TRAIN),
                          .phase = phase,
                          .seed = t->schedule->seed,
                          .number = phase_index,
                          .at = &told.at,
                          .progress = tell_competing,
                          .user = &told};
    t->at.wins = filters;
    int status = br_compete(&job, error);
    if (status != 0 || told.at.fields < phase->patches)
        return status;
    if (look(t, phase, phase->compete, 1, -1, error) != 0)
        return -1;
    for (uint32_t k = 0; k < filters; k++)
        t->result->idle_filters += t->wins[k] == 0;
    stand_in_contest(t, &(br_contest_position){0});
    t->at.wins = 0;
    t->at.ended++;
    end_phase(t);
    if (save_is_due(t))
        save(t);
    return 0;
}

static int run_epochs(trainer *t, const br_phase *phase, br_epoch *e, br_error *error)
{
    br_checkpoint *resume = t->options->resume;
    if (phase->keep_best && br_network_copy_new(t->network, &t->best, error) != 0)
        return -1;
    if (t->best && t->best_accuracy >= 0 && resume && resume->best)
        br_network_copy(t->best, resume->best);
    int status = 0;
    while (status == 0 && t->at.epoch < phase->epochs && !t->result->stopped)
        status = run_epoch(t, phase, (uint32_t)t->at.epoch, e, error);
    if (t->best && t->best_accuracy >= 0)
        br_network_copy(t->network, t->best);
    t->result->validation = t->best_accuracy;
    br_network_free(t->best);
    t->best = NULL;
    if (status == 0 && !t->result->stopped)
        end_phase(t);
    return status;
}

static int run_correct(trainer *t, uint32_t phase_index, br_error *error)
{
    const br_phase *phase = &t->schedule->phases[phase_index];
    if (cache_features(t, phase, error) != 0)
        return -1;
    br_epoch e = {.phase = phase,
                  .options = t->options,
                  .gather = br_gather_new(br_data_split(t->data, BR_TRAIN), t->network->model->input_range),
                  .features = t->features[BR_TRAIN].values ? &t->features[BR_TRAIN] : NULL,
                  .seed = t->schedule->seed,
                  .begin = t->begin};
    int status = br_learner_begin(&e.learner, t->network, t->team, phase, phase_index, error);
    if (status == 0) {
        e.learner.first = e.features ? e.features->first : 0;
        status = run_epochs(t, phase, &e, error);
        br_learner_end(&e.learner);
    }
    return status;
}

/* What a phase needs before it begins; of one that goes on, what its forms need. */
static int prepare_phase(trainer *t, const br_phase *phase, bool compete, br_error *error)
{
    const br_model *model = t->network->model;
    uint32_t top = compete ? phase->compete : model->layer_count - 1;
    if (t->at.begun) {
        for (uint32_t i = 0; i < model->layer_count; i++)
            if (t->network->layers[i].dense && br_form_make_dense(t->network, i, error) != 0)
                return -1;
        return 0;
    }
    if (prepare_layers(t, top, phase->standard, error) != 0 ||
        br_forms_choose(t->network, br_data_split(t->data, BR_TRAIN), error) != 0)
        return -1;
    t->best_accuracy = -1;
    t->at.begun = 1;
    return 0;
}

static int run_phase(trainer *t, uint32_t phase_index, br_error *error)
{
    const br_phase *phase = &t->schedule->phases[phase_index];
    bool compete = phase->kind == BR_PHASE_COMPETE;
    t->phase_begin = seconds_of(t);
    if (compete && !t->at.begun)
        memset(t->wins, 0, t->network->model->layers[phase->compete].neurons * sizeof *t->wins);
    if (prepare_phase(t, phase, compete, error) != 0)
        return -1;
    int status = br_guard_begin(&t->guard, t->network->model, error);
    if (status == 0)
        status = compete ? run_compete(t, phase_index, error) : run_correct(t, phase_index, error);
    br_guard_end(&t->guard);
    drop_features(t);
    return status;
}

/* A batch too small to share would spend its time at barriers. The answer is the same either way. */
static uint32_t useful_members(const br_model *model, const br_schedule *schedule, uint32_t threads)
{
    uint64_t connections = 0, batch = 0;
    for (uint32_t i = 0; i < model->layer_count; i++)
        connections += (uint64_t)model->layers[i].inputs * model->layers[i].neurons * model->layers[i].out.height *
                       model->layers[i].out.width;
    for (uint32_t i = 0; i < schedule->phase_count; i++)
        if (schedule->phases[i].batch > batch)
            batch = schedule->phases[i].batch;
    uint64_t parts = connections * batch / 100000 + 1;
    return parts < threads ? (uint32_t)parts : threads;
}

/* Labels are needed only by phases that correct. */
static int check_samples(const br_data *data, const br_model *model, const br_schedule *schedule, br_error *error)
{
    const br_samples *samples = br_data_split(data, BR_TRAIN), *validation = br_data_split(data, BR_VALIDATION);
    bool corrects = false;
    for (uint32_t i = 0; i < schedule->phase_count; i++)
        corrects = corrects || schedule->phases[i].kind == BR_PHASE_CORRECT;
    if (samples->count == 0)
        return br_fail(error, BR_ERROR_CHECK, "network %s: no training samples; name a train source in the data block",
                       model->name);
    if (samples->count > UINT32_MAX)
        return br_fail(error, BR_ERROR_CHECK, "network %s: %llu training samples; at most %u are served", model->name,
                       (unsigned long long)samples->count, UINT32_MAX);
    if (br_check_shape(model, samples, error) != 0 ||
        (corrects && br_check_labels(model, samples, "correct", error) != 0))
        return -1;
    if (validation->count == 0)
        return 0;
    if (br_check_shape(model, validation, error) != 0)
        return -1;
    return corrects ? br_check_labels(model, validation, "validate", error) : 0;
}

/* Where the checkpoint left off. What it says of samples is judged here, where their number is known. */
static int go_on(trainer *t, const br_checkpoint *from, br_error *error)
{
    uint64_t count = br_data_split(t->data, BR_TRAIN)->count;
    const br_checkpoint_head *h = &from->head;
    bool competes = h->wins > 0;
    if ((!competes && h->done > count) || h->image >= count)
        return br_fail(error, BR_ERROR_CHECK, "%s: stands at sample %llu, but there are %llu; its data were others",
                       from->path, (unsigned long long)(h->image >= count ? h->image : h->done),
                       (unsigned long long)count);
    br_network_copy(t->network, from->network);
    memcpy(t->started, from->started, t->network->model->layer_count * sizeof *t->started);
    memcpy(t->wins, from->wins, h->wins * sizeof *t->wins);
    t->at = *h;
    t->number = (uint32_t)h->number;
    t->best_accuracy = h->best_accuracy;
    *t->result = from->position.result;
    t->begin -= h->seconds;
    t->saved = h->seconds;
    return 0;
}

static int take_rooms(trainer *t, br_error *error)
{
    const br_model *model = t->network->model;
    uint64_t count = br_data_split(t->data, BR_TRAIN)->count, filters = 0;
    for (uint32_t i = 0; i < model->layer_count; i++)
        filters = model->layers[i].neurons > filters ? model->layers[i].neurons : filters;
    t->order = br_new(count, sizeof *t->order, error);
    t->next = t->order ? br_new(count, sizeof *t->next, error) : NULL;
    t->started = t->next ? br_new(model->layer_count, sizeof *t->started, error) : NULL;
    t->wins = t->started ? br_new(filters, sizeof *t->wins, error) : NULL;
    return t->wins ? 0 : -1;
}

static int run_schedule(trainer *t, br_error *error)
{
    const br_schedule *schedule = t->schedule;
    uint32_t threads = t->options->threads ? t->options->threads : br_processors();
    br_beside_begin(&t->drawing, draw_next, t);
    int status = br_team_new(useful_members(t->network->model, schedule, threads), &t->team, error);
    while (status == 0 && t->at.phase < schedule->phase_count && !t->result->stopped)
        status = run_phase(t, (uint32_t)t->at.phase, error);
    br_beside_end(&t->drawing);
    br_team_free(t->team);
    return status;
}

int br_train(br_network *network, const br_schedule *schedule, const br_data *data, const br_train_options *options,
             br_train_result *out, br_error *error)
{
    const br_train_options usual = {0};
    options = options ? options : &usual;
    *out = (br_train_result){.validation = -1};
    if (check_samples(data, network->model, schedule, error) != 0 ||
        br_train_fits(network->model, schedule, data, options->threads, error) != 0)
        return -1;
    trainer t = {.network = network,
                 .schedule = schedule,
                 .data = data,
                 .options = options,
                 .result = out,
                 .begin = br_now(),
                 .best_accuracy = -1};
    int status = take_rooms(&t, error);
    if (status == 0 && options->resume)
        status = go_on(&t, options->resume, error);
    if (status == 0 && options->checkpoint)
        br_checkpoint_identify(&t.at, network->model, options->facts);
    if (status == 0)
        status = run_schedule(&t, error);
    br_release(t.wins);
    br_release(t.next);
    br_release(t.order);
    br_release(t.started);
    out->seconds = seconds_of(&t);
    return status;
}
