/* Times a whole network: inference as in br_predict, and training on batch after batch. */
#include "base/memory.h"
#include "bench/timing.h"
#include "engine/forward.h"
#include "engine/int8.h"
#include "engine/samples.h"
#include "engine/workspace_pool.h"
#include "train/learn.h"

#define WANTED_SECONDS 3e-3 /* of one measurement: many samples, but shorter than a time slice */
enum {
    RANDOM_SAMPLES = 2048, /* if no samples are given */
    STEPS_MOST = 4096
};

/* ---- random samples ---- */

static void random_free(br_samples *samples)
{
    br_release((void *)samples->floats);
    br_release((void *)samples->labels);
}

static int random_new(const br_model *model, const br_timing_options *options, br_samples *out, br_error *error)
{
    uint64_t values = bt_values(model->shape) * RANDOM_SAMPLES;
    float *floats = br_new(values, sizeof *floats, error);
    uint32_t *labels = floats ? br_new(RANDOM_SAMPLES, sizeof *labels, error) : NULL;
    *out = (br_samples){.count = RANDOM_SAMPLES, .shape = model->shape, .floats = floats, .labels = labels, .high = 1};
    for (uint64_t i = 0; labels && i < values; i++) {
        uint32_t words[4];
        br_random4(options->seed, BR_STREAM_TEST, 0, i, words);
        floats[i] = (double)br_random_unit(words[0]) < options->live ? br_random_unit(words[1]) : 0;
    }
    for (uint32_t i = 0; labels && i < RANDOM_SAMPLES; i++)
        labels[i] = i % model->layers[br_last_layer(model)].shape.neurons;
    if (!labels)
        random_free(out);
    return labels ? 0 : -1;
}

/* The number of steps of `seconds` each in one measurement. */
static uint32_t steps_for(double seconds)
{
    double steps = seconds > 0 ? WANTED_SECONDS / seconds + 1 : STEPS_MOST;
    return steps < STEPS_MOST ? (uint32_t)steps : STEPS_MOST;
}

/* Times one step, then the number of steps of a measurement. `steps` belongs to `thing`. */
static int measure_steps(br_team *team, const br_timed *thing, uint32_t *steps, uint32_t repeat, br_timing *out,
                         br_error *error)
{
    br_timing first;
    *steps = 1;
    if (br_measure(team, thing, 1, 1, &first, error) != 0)
        return -1;
    *steps = steps_for(first.median);
    return br_measure(team, thing, 1, repeat, out, error);
}

typedef struct timed_network {
    br_network *network;
    const br_samples *samples;
    br_team *team;
    const br_timing_options *options;
} timed_network;

/* ---- inference ---- */

typedef struct forward_job {
    br_gather gather;
    br_team *team;
    br_workspace_pool works;
    uint64_t first;   /* first sample of the next step */
    uint32_t steps;   /* of one call; in each, every member computes one block of samples */
    uint32_t block;   /* samples of a step for one member */
    uint32_t *labels; /* [members][block]: the network's answers */
} forward_job;

static void forward_work(void *user, uint32_t member)
{
    forward_job *j = user;
    const br_workspace *workspace = j->works.each[member];
    uint32_t members = br_team_members(j->team);
    uint64_t count = j->gather.samples->count;
    for (uint32_t step = 0; step < j->steps; step++) {
        uint64_t first = j->first + ((uint64_t)step * members + member) * j->block;
        br_gather_batch(&j->gather, first, (br_part){0, j->block}, workspace);
        br_forward_answers(workspace, 0, br_path_layers(workspace->model), 0, j->block);
        br_answers_of(workspace, workspace->batch, j->labels + (uint64_t)member * j->block);
    }
    br_team_barrier(j->team);
    if (member == 0) /* the others read it after the next barrier */
        j->first = (j->first + (uint64_t)j->steps * members * j->block) % count;
}

/* Times inference in 8 bits if `quantised` is given, otherwise with the methods that the samples choose. */
static int time_forward(const timed_network *t, const br_quantised *quantised, br_timings *out, br_error *error)
{
    br_network *network = t->network;
    uint32_t members = br_team_members(t->team);
    forward_job j = {.gather = br_gather_new(t->samples, network->model->input_range),
                     .team = t->team,
                     .block = br_block_of(network->model)};
    br_timed thing = {forward_work, &j};
    int status = br_methods_choose(network, t->samples, error);
    j.labels = br_new((uint64_t)members * j.block, sizeof *j.labels, error);
    if (!j.labels)
        status = -1;
    if (status == 0)
        status = br_workspace_pool_new(network, members, j.block, &j.works, error);
    for (uint32_t i = 0; status == 0 && quantised && i < members; i++)
        status = br_work_int8(j.works.each[i], quantised, error);
    if (status == 0)
        status = measure_steps(t->team, &thing, &j.steps, t->options->repeat, out->works, error);
    *out = (br_timings){.batch = j.steps * members * j.block, .count = 1, .works[0] = out->works[0]};
    out->works[0].work = "forward";
    out->works[0].method = quantised ? "8-bit" : "floats";
    br_workspace_pool_free(&j.works);
    br_release(j.labels);
    return status;
}

/* ---- training ---- */

typedef struct learn_job {
    br_learner learner;
    br_gather gather;
    uint64_t first; /* first sample of the next batch */
    uint32_t batches;
} learn_job;

static void learn_work(void *user, uint32_t member)
{
    learn_job *j = user;
    const br_workspace *workspace = j->learner.workspace;
    br_part mine = br_samples_of(&j->learner, workspace->batch, member);
    for (uint32_t b = 0; b < j->batches; b++) {
        br_gather_labelled(&j->gather, j->first + (uint64_t)b * workspace->batch, mine, workspace);
        br_learn_part(&j->learner, member, workspace->batch);
        br_team_barrier(j->learner.team);
    }
    if (member == 0) /* the others read it after the next barrier */
        j->first = (j->first + (uint64_t)j->batches * workspace->batch) % j->gather.samples->count;
}

static int time_learning(const timed_network *t, const br_phase *phase, uint32_t phase_index, br_timings *out,
                         br_error *error)
{
    const br_timing_options *options = t->options;
    br_phase sized = *phase;
    sized.batch = options->batch ? options->batch : phase->batch;
    learn_job j = {.gather = br_gather_new(t->samples, t->network->model->input_range)};
    br_timed thing = {learn_work, &j};
    if (br_learner_begin(&j.learner, t->network, t->team, &sized, phase_index, error) != 0)
        return -1;
    br_learner_rates(&j.learner, &sized, 1);
    int status = measure_steps(t->team, &thing, &j.batches, options->repeat, out->works, error);
    *out = (br_timings){.batch = j.batches * sized.batch, .count = 1, .works[0] = out->works[0]};
    out->works[0].work = "learn";
    out->works[0].method = "floats";
    br_learner_end(&j.learner);
    return status;
}

static int time_all(timed_network *t, const br_phase *phase, uint32_t phase_index, br_timings *out, br_error *error)
{
    if (br_team_new(t->options->threads, &t->team, error) != 0)
        return -1;
    const br_quantised *int8 = t->options->quantised;
    int status = time_forward(t, NULL, &out[BR_TIME_FORWARD], error);
    if (status == 0 && int8)
        status = time_forward(t, int8, &out[BR_TIME_INT8], error);
    if (status == 0 && phase)
        status = time_learning(t, phase, phase_index, &out[BR_TIME_LEARN], error);
    br_team_free(t->team);
    return status;
}

int br_time_network(const br_network *network, const br_phase *phase, uint32_t phase_index,
                    const br_timing_options *options, br_timings out[BR_NETWORK_TIMINGS], br_error *error)
{
    br_samples random = {0};
    timed_network t = {.samples = options->samples ? options->samples : &random, .options = options};
    for (int i = 0; i < BR_NETWORK_TIMINGS; i++)
        out[i] = (br_timings){0};
    if (!options->samples && random_new(network->model, options, &random, error) != 0)
        return -1;
    int status = br_network_copy_new(network, &t.network, error);
    if (status == 0) {
        status = time_all(&t, phase, phase_index, out, error);
        br_network_free(t.network);
    }
    random_free(&random);
    return status;
}
