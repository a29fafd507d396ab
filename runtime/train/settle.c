#include "train/settle.h"

#include <string.h>

#include "base/memory.h"
#include "train/homeostasis.h"

enum { SETTLE_SAMPLES = 1024, WITHOUT_A_BATCH = 32 };

typedef struct settle_job {
    br_learner *learner;
    const br_gather *gather;
    uint64_t samples; /* spread over the training samples */
    uint32_t batch;
} settle_job;

static void settle_part(void *user, uint32_t member)
{
    const settle_job *job = user;
    br_learner *l = job->learner;
    br_part mine = br_samples_of(l, job->batch, member);
    uint64_t stride = l->network->model->layers[0].shape.in.sample_stride, count = job->gather->samples->count;
    for (uint64_t first = 0; first + job->batch <= job->samples; first += job->batch) {
        for (uint32_t i = mine.from; i < mine.to; i++)
            br_gather_sample(job->gather, (first + i) * count / job->samples, 0, 0, false,
                             l->workspace->in + i * stride);
        br_learn_forward(l, member, job->batch);
        br_learn_barrier(l);
    }
}

/* The means of the batches' means and variances become those of the network.                                (30) */
static void take_settled(br_learner *l, uint64_t batches)
{
    const br_model *model = l->network->model;
    for (uint32_t i = 0; i < model->layer_count; i++) {
        uint32_t neurons_of = model->layers[i].kind == BT_LAYER_POOL ? i - 1 : i;
        for (uint32_t k = 0; br_standardises(l, i) && k < model->layers[i].shape.neurons; k++)
            br_layer_standardise(&model->layers[neurons_of], &l->network->layers[neurons_of], k,
                                 l->settled[i][2ull * k] / (double)batches,
                                 l->settled[i][2ull * k + 1] / (double)batches);
    }
}

static void release_sums(br_learner *l)
{
    for (uint32_t i = 0; l->settled && i < l->network->model->layer_count; i++)
        br_release(l->settled[i]);
    br_release(l->settled);
    l->settled = NULL;
}

static int take_sums(br_learner *l, br_error *error)
{
    const br_model *model = l->network->model;
    l->settled = br_new(model->layer_count, sizeof *l->settled, error);
    for (uint32_t i = 0; l->settled && i < model->layer_count; i++)
        if (!(l->settled[i] = br_new(2ull * model->layers[i].shape.neurons, sizeof **l->settled, error)))
            release_sums(l);
    return l->settled ? 0 : -1;
}

/* Cells of pools lie where they do at rest, and not where the last batch left them. As many neurons stay as at rest. */
static void rest(br_learner *l, uint32_t batch)
{
    for (uint32_t i = 0; i < l->network->model->layer_count; i++) {
        br_layer_state *s = &l->workspace->layers[i];
        if (s->jitter)
            memset(s->jitter, 0, 2ull * batch * sizeof *s->jitter);
        s->keep = 0;
    }
}

int br_settle(br_learner *l, const br_gather *gather, uint32_t batch, br_error *error)
{
    uint32_t first = l->first, members = l->members;
    settle_job job = {.learner = l, .gather = gather, .samples = gather->samples->count, .batch = batch};
    if (job.samples > SETTLE_SAMPLES)
        job.samples = SETTLE_SAMPLES;
    if (job.batch > job.samples)
        job.batch = (uint32_t)job.samples;
    if (job.batch == 0 || !br_has_homeostasis(l->network->model, l->lowest))
        return 0;
    if (take_sums(l, error) != 0)
        return -1;
    rest(l, job.batch);
    l->first = 0;
    l->members = br_team_members(l->team);
    br_team_run(l->team, settle_part, &job);
    l->first = first;
    l->members = members;
    take_settled(l, job.samples / job.batch);
    release_sums(l);
    return 0;
}

uint32_t br_settle_batch(const br_phase *phase)
{
    return phase->kind == BT_PHASE_CORRECT ? phase->batch : WITHOUT_A_BATCH;
}

int br_settle_all(br_network *network, br_team *team, const br_samples *samples, uint32_t batch, br_error *error)
{
    uint32_t lowest = 0;
    br_phase phase = {.layers = &lowest, .layer_count = 1, .batch = batch};
    br_gather gather = br_gather_new(samples, network->model->input_range);
    br_learner learner;
    if (!br_has_homeostasis(network->model, 0))
        return 0;
    int status = br_learner_begin(&learner, network, team, &phase, 0, error);
    if (status == 0)
        status = br_settle(&learner, &gather, batch, error);
    br_learner_end(&learner);
    return status;
}
