/* Training: phases, epochs, batches; progress on the way; the best state kept. */
#include <math.h>
#include <string.h>

#include "batch.h"
#include "beside.h"
#include "clock.h"
#include "compete.h"
#include "learn.h"
#include "memory.h"
#include "pace.h"
#include "score.h"

enum { TURN = 64 };                /* batches between two choices of how many members take part */
#define FEATURE_BYTES (8ull << 30) /* of cached features of one split, at most */

/* One epoch of one phase, shared by the team. Counters belong to member 0. */
typedef struct epoch {
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
    uint64_t right;
    double error_sum;
    bool stop; /* written by member 0 before a barrier, read by all after it */
} epoch;

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
} trainer;

/* ---- one epoch ---- */

static void gather_one(epoch *e, uint32_t sample, float *to)
{
    int down = 0, right = 0;
    bool mirror = e->phase->mirror && br_draw_mirror(e->seed, e->number, sample);
    if (e->features) {
        uint64_t entry = sample + (mirror ? e->gather.samples->count : 0);
        memcpy(to, e->features->values + entry * e->features->stride, e->features->stride * sizeof *to);
        return;
    }
    if (e->phase->shift)
        br_draw_shift(e->seed, e->number, sample, e->phase->shift, &down, &right);
    br_gather_sample(&e->gather, sample, down, right, mirror, to);
}

static void gather_part(epoch *e, uint32_t member, uint64_t first, uint32_t n)
{
    br_work *work = e->learner.work;
    const br_layer_code *code = &work->model->layers[e->learner.first];
    float *in = (float *)work->layers[e->learner.first].in;
    br_part mine = br_samples_of(&e->learner, n, member);
    for (uint32_t i = mine.from; i < mine.to; i++) {
        uint32_t sample = e->order[first + i];
        gather_one(e, sample, in + (uint64_t)i * code->in.stride);
        if (!e->features && first + i + e->phase->batch < e->gather.samples->count)
            br_gather_prefetch(&e->gather, e->order[first + i + e->phase->batch]);
        work->labels[i] = e->gather.samples->labels[sample];
    }
}

/* What the batch's samples answered before their step: read while errors are still those of this batch. */
static void measure(epoch *e, uint32_t n)
{
    const br_work *work = e->learner.work;
    uint32_t top = work->model->layer_count - 1;
    const br_layer_code *last = &work->model->layers[top];
    const br_layer_state *s = &work->layers[top];
    for (uint32_t i = 0; i < n; i++) {
        e->right +=
            br_answer(s->drive + (uint64_t)i * last->out.stride, s->conscience, last->neurons) == work->labels[i];
        e->error_sum += (double)s->error_size[i] / 2;
    }
}

static void tell(epoch *e, uint64_t done)
{
    br_progress *p = &e->progress;
    double seconds = br_now() - e->begin;
    if (!e->options->progress || seconds - e->told < 0.1)
        return;
    e->told = seconds;
    p->epoch_seconds += seconds - p->seconds;
    p->seconds = seconds;
    p->done = done;
    p->error = e->error_sum / (double)done;
    p->accuracy = (double)e->right / (double)done;
    if (!e->options->progress(e->options->user, p))
        e->stop = true;
}

static void run_batch(epoch *e, uint32_t member, uint64_t first)
{
    uint64_t left = e->gather.samples->count - first;
    uint32_t n = left < e->phase->batch ? (uint32_t)left : e->phase->batch;
    gather_part(e, member, first, n);
    br_learn_part(&e->learner, member, n);
    if (member == 0) {
        measure(e, n);
        tell(e, first + n);
    }
    if (e->learner.members > 1)
        br_team_barrier(e->learner.team);
}

/* In turns of some batches, each by all members or by member 0 alone while the others sleep. Member 0 writes `stop` and
 * `members` before a barrier, the others read them after it. */
static void epoch_work(void *user, uint32_t member)
{
    epoch *e = user;
    br_team *team = e->learner.team;
    uint64_t count = e->gather.samples->count, turn = (uint64_t)e->phase->batch * TURN;
    for (uint64_t first = 0; first < count && !e->stop; first += turn) {
        bool together = false;
        double begin = br_now();
        if (member == 0) {
            together = br_team_members(team) > 1 && br_pace_together(&e->pace);
            e->learner.members = together ? br_team_members(team) : 1;
        }
        br_team_barrier(team);
        uint64_t end = first + turn < count ? first + turn : count;
        for (uint64_t at = first; member < e->learner.members && at < end && !e->stop; at += e->phase->batch)
            run_batch(e, member, at);
        if (member == 0)
            br_pace_took(&e->pace, together, (br_now() - begin) / (double)(end - first));
        br_team_barrier(team);
    }
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

static int run_epoch(trainer *t, const br_phase *phase, uint32_t index, epoch *e, br_error *error)
{
    const br_samples *train = e->gather.samples;
    e->number = t->number;
    e->order = take_order(t);
    br_learner_rates(&e->learner, phase, (float)pow((double)phase->decay, index));
    e->right = 0;
    e->error_sum = 0;
    e->progress = (br_progress){.phase = phase->name,
                                .epoch = index + 1,
                                .epochs = phase->epochs,
                                .total = train->count,
                                .validation = -1,
                                .seconds = br_now() - t->begin};
    double begin = br_now();
    br_team_run(t->team, epoch_work, e);
    double seconds = br_now() - begin;
    t->result->learn_seconds += seconds;
    if (e->stop) {
        t->result->stopped = true;
        return 0;
    }
    br_progress *p = &e->progress;
    t->result->samples += train->count;
    t->result->epochs++;
    if (validate(t, &p->validation, error) != 0)
        return -1;
    p->best = keep(t, phase, p->validation);
    p->done = train->count;
    p->seconds = br_now() - t->begin;
    p->epoch_seconds = seconds;
    p->error = e->error_sum / (double)train->count;
    p->accuracy = (double)e->right / (double)train->count;
    p->end_of_epoch = true;
    if (t->options->progress && !t->options->progress(t->options->user, p))
        t->result->stopped = true;
    return 0;
}

/* Layers below the lowest one corrected don't move in this phase: what they answer is computed once, if images are not
 * shifted and the answers, also to the mirrored images where those are asked for, fit into memory. */
static int cache_features(trainer *t, const br_phase *phase, br_error *error)
{
    const br_model *model = t->network->model;
    uint32_t first = phase->layers[0];
    if (phase->shift || !br_can_cut(model, first))
        return 0;
    for (int split = BR_TRAIN; split <= BR_VALIDATION; split++) {
        const br_samples *samples = br_data_split(t->data, (br_split)split);
        if (samples->count * model->layers[first].in.stride * sizeof(float) > FEATURE_BYTES / 2)
            return 0;
    }
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
} competing;

static bool tell_competing(void *user, uint64_t done, uint64_t total)
{
    competing *c = user;
    trainer *t = c->trainer;
    br_progress p = {.phase = c->phase->name,
                     .epoch = 1,
                     .epochs = 1,
                     .done = done,
                     .total = total,
                     .validation = -1,
                     .competing = true,
                     .end_of_epoch = done == total,
                     .seconds = br_now() - t->begin};
    p.epoch_seconds = p.seconds - t->phase_begin;
    if (t->options->progress && !t->options->progress(t->options->user, &p))
        t->result->stopped = true;
    return !t->result->stopped;
}

static int run_compete(trainer *t, uint32_t phase_index, br_error *error)
{
    const br_phase *phase = &t->schedule->phases[phase_index];
    competing told = {t, phase};
    br_competition job = {.network = t->network,
                          .samples = br_data_split(t->data, BR_TRAIN),
                          .phase = phase,
                          .seed = t->schedule->seed,
                          .number = phase_index,
                          .progress = tell_competing,
                          .user = &told};
    uint64_t idle = 0;
    int status = br_compete(&job, &idle, error);
    t->result->idle_filters += idle;
    return status;
}

static int run_epochs(trainer *t, const br_phase *phase, epoch *e, br_error *error)
{
    t->best_accuracy = -1;
    if (phase->keep_best && br_network_copy_new(t->network, &t->best, error) != 0)
        return -1;
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < phase->epochs && !t->result->stopped; i++)
        status = run_epoch(t, phase, i, e, error);
    if (t->best && t->best_accuracy >= 0)
        br_network_copy(t->network, t->best);
    t->result->validation = t->best_accuracy;
    br_network_free(t->best);
    t->best = NULL;
    return status;
}

static int run_correct(trainer *t, uint32_t phase_index, br_error *error)
{
    const br_phase *phase = &t->schedule->phases[phase_index];
    if (cache_features(t, phase, error) != 0)
        return -1;
    epoch e = {.phase = phase,
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

static int run_phase(trainer *t, uint32_t phase_index, br_error *error)
{
    const br_phase *phase = &t->schedule->phases[phase_index];
    bool compete = phase->kind == BR_PHASE_COMPETE;
    uint32_t top = compete ? phase->compete : t->network->model->layer_count - 1;
    t->phase_begin = br_now() - t->begin;
    if (prepare_layers(t, top, phase->standard, error) != 0)
        return -1;
    if (br_forms_choose(t->network, br_data_split(t->data, BR_TRAIN), error) != 0)
        return -1;
    int status = compete ? run_compete(t, phase_index, error) : run_correct(t, phase_index, error);
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

int br_train(br_network *network, const br_schedule *schedule, const br_data *data, const br_train_options *options,
             br_train_result *out, br_error *error)
{
    const br_samples *train = br_data_split(data, BR_TRAIN);
    const br_train_options usual = {0};
    options = options ? options : &usual;
    *out = (br_train_result){.validation = -1};
    if (check_samples(data, network->model, schedule, error) != 0)
        return -1;
    trainer t = {
        .network = network, .schedule = schedule, .data = data, .options = options, .result = out, .begin = br_now()};
    uint32_t threads = options->threads ? options->threads : br_processors();
    t.order = br_new(train->count, sizeof *t.order, error);
    t.next = t.order ? br_new(train->count, sizeof *t.next, error) : NULL;
    t.started = t.next ? br_new(network->model->layer_count, sizeof *t.started, error) : NULL;
    int status = t.started ? 0 : -1;
    if (status == 0)
        br_beside_begin(&t.drawing, draw_next, &t);
    if (status == 0)
        status = br_team_new(useful_members(network->model, schedule, threads), &t.team, error);
    for (uint32_t i = 0; status == 0 && i < schedule->phase_count && !out->stopped; i++)
        status = run_phase(&t, i, error);
    br_beside_end(&t.drawing);
    br_team_free(t.team);
    br_release(t.next);
    br_release(t.order);
    br_release(t.started);
    out->seconds = br_now() - t.begin;
    return status;
}
