/* Training: phases, epochs, batches; progress on the way; the best state kept. */
#include <math.h>
#include <string.h>

#include "batch.h"
#include "clock.h"
#include "learn.h"
#include "memory.h"

/* One epoch of one phase, shared by the team. Counters belong to member 0. */
typedef struct epoch {
    br_learner learner;
    const br_phase *phase;
    const br_train_options *options;
    br_gather gather;
    const uint32_t *order;
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
    double begin;
    double best_accuracy;
    uint32_t *order;
    uint32_t number; /* of the epoch, over all phases */
} trainer;

/* ---- one epoch ---- */

static void gather_part(epoch *e, uint32_t member, uint64_t first, uint32_t n)
{
    br_work *work = e->learner.work;
    br_part mine = br_part_of(n, 1, br_team_members(e->learner.team), member);
    for (uint32_t i = mine.from; i < mine.to; i++) {
        uint32_t sample = e->order[first + i];
        int down = 0, right = 0;
        if (e->phase->shift)
            br_draw_shift(e->seed, e->number, sample, e->phase->shift, &down, &right);
        br_gather_sample(&e->gather, sample, down, right, work->in + (uint64_t)i * work->model->layers[0].input_stride);
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
        e->right += br_answer(s->drive + (uint64_t)i * last->stride, last->neurons) == work->labels[i];
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

/* The barrier at the head of br_learn_part orders member 0's `stop` before the others' look at it. */
static void epoch_work(void *user, uint32_t member)
{
    epoch *e = user;
    uint64_t count = e->gather.samples->count;
    for (uint64_t first = 0; first < count; first += e->phase->batch) {
        uint64_t left = count - first;
        uint32_t n = left < e->phase->batch ? (uint32_t)left : e->phase->batch;
        gather_part(e, member, first, n);
        br_learn_part(&e->learner, member, n);
        if (member == 0) {
            measure(e, n);
            tell(e, first + n);
        }
        br_team_barrier(e->learner.team);
        if (e->stop)
            return;
    }
}

/* ---- phases ---- */

static int validate(trainer *t, double *accuracy, br_error *error)
{
    *accuracy = -1;
    const br_samples *samples = br_data_split(t->data, BR_VALIDATION);
    if (samples->count == 0)
        return 0;
    br_score score;
    if (br_score_samples(t->network, samples, br_team_members(t->team), &score, error) != 0)
        return -1;
    *accuracy = score.accuracy;
    br_score_free(&score);
    return 0;
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

static int run_epoch(trainer *t, const br_phase *phase, uint32_t index, epoch *e, br_error *error)
{
    const br_samples *train = e->gather.samples;
    br_shuffle(t->schedule->seed, t->number, (uint32_t)train->count, t->order);
    br_learner_rates(&e->learner, phase, (float)pow((double)phase->decay, index));
    e->number = t->number++;
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

static int run_phase(trainer *t, uint32_t phase_index, br_error *error)
{
    const br_phase *phase = &t->schedule->phases[phase_index];
    epoch e = {.phase = phase,
               .options = t->options,
               .gather = br_gather_new(br_data_split(t->data, BR_TRAIN), t->network->model->input_range),
               .order = t->order,
               .seed = t->schedule->seed,
               .begin = t->begin};
    if (br_learner_begin(&e.learner, t->network, t->team, phase, phase_index, error) != 0)
        return -1;
    t->best_accuracy = -1;
    if (phase->keep_best && br_network_copy_new(t->network, &t->best, error) != 0) {
        br_learner_end(&e.learner);
        return -1;
    }
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < phase->epochs && !t->result->stopped; i++)
        status = run_epoch(t, phase, i, &e, error);
    if (t->best && t->best_accuracy >= 0)
        br_network_copy(t->network, t->best);
    t->result->validation = t->best_accuracy;
    br_network_free(t->best);
    t->best = NULL;
    br_learner_end(&e.learner);
    return status;
}

/* A batch too small to share would spend its time at barriers. The answer is the same either way. */
static uint32_t useful_members(const br_model *model, const br_schedule *schedule, uint32_t threads)
{
    uint64_t connections = 0, batch = 0;
    for (uint32_t i = 0; i < model->layer_count; i++)
        connections += (uint64_t)model->layers[i].inputs * model->layers[i].neurons;
    for (uint32_t i = 0; i < schedule->phase_count; i++)
        if (schedule->phases[i].batch > batch)
            batch = schedule->phases[i].batch;
    uint64_t parts = connections * batch / 100000 + 1;
    return parts < threads ? (uint32_t)parts : threads;
}

static int check_labels(const br_samples *samples, const br_model *model, br_error *error)
{
    if (samples->count == 0)
        return br_fail(error, BR_ERROR_CHECK, "network %s: no training samples; name a train source in the data block",
                       model->name);
    if (samples->count > UINT32_MAX)
        return br_fail(error, BR_ERROR_CHECK, "network %s: %llu training samples; at most %u are served", model->name,
                       (unsigned long long)samples->count, UINT32_MAX);
    if (!samples->labels)
        return br_fail(error, BR_ERROR_CHECK, "network %s: the training samples have no labels to correct by",
                       model->name);
    return 0;
}

int br_train(br_network *network, const br_schedule *schedule, const br_data *data, const br_train_options *options,
             br_train_result *out, br_error *error)
{
    const br_samples *train = br_data_split(data, BR_TRAIN);
    *out = (br_train_result){.validation = -1};
    if (check_labels(train, network->model, error) != 0)
        return -1;
    trainer t = {
        .network = network, .schedule = schedule, .data = data, .options = options, .result = out, .begin = br_now()};
    uint32_t threads = options->threads ? options->threads : br_processors();
    t.order = br_new(train->count, sizeof *t.order, error);
    if (!t.order)
        return -1;
    int status = br_team_new(useful_members(network->model, schedule, threads), &t.team, error);
    for (uint32_t i = 0; status == 0 && i < schedule->phase_count && !out->stopped; i++)
        status = run_phase(&t, i, error);
    br_team_free(t.team);
    br_release(t.order);
    out->seconds = br_now() - t.begin;
    return status;
}
