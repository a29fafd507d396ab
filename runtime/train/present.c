#include "train/present.h"

#include <string.h>

#include "engine/forward.h"
#include "train/rates.h"

/* The cells of the pool move as they do if the pool is computed. */
static void gather_winners(const br_epoch *e, uint32_t sample, uint64_t entry, uint32_t scratch, float *to)
{
    uint32_t pool = e->winners->pool;
    int32_t by[2];
    br_draw_jitter(e->seed, e->number, pool, sample, e->learner.workspace->model->layers[pool].parameters.jitter, by);
    br_winners_pool(e->winners, entry, by, scratch, to);
}

static void gather_one(const br_epoch *e, uint32_t sample, uint32_t scratch, float *to)
{
    int down = 0, right = 0;
    bool mirror = e->phase->mirror && br_draw_mirror(e->seed, e->number, sample);
    uint64_t entry = sample + (mirror ? e->gather.samples->count : 0);
    if (e->winners) {
        gather_winners(e, sample, entry, scratch, to);
        return;
    }
    if (e->features) {
        memcpy(to, e->features->values + entry * e->features->stride, e->features->stride * sizeof *to);
        return;
    }
    if (e->phase->shift)
        br_draw_shift(e->seed, e->number, sample, e->phase->shift, &down, &right);
    if (e->gather.samples->shape.height == 1) /* a series moves along its length only */
        down = 0;
    br_gather_sample(&e->gather, sample, down, right, mirror, to);
    if (e->phase->cutout)
        br_cut_out(e->gather.samples->shape, br_draw_cutout(e->seed, e->number, sample, e->gather.samples->shape),
                   e->phase->cutout, to);
}

/* Every pool draws for itself: the borders of one grid tell nothing about those of another. */
void br_present_jitter(const br_epoch *e, const br_learner *learner, uint32_t i, uint32_t sample)
{
    const br_workspace *workspace = learner->workspace;
    for (uint32_t l = learner->first; l < workspace->model->layer_count; l++)
        if (workspace->layers[l].jitter && learner->takes_part[l])
            br_draw_jitter(e->seed, e->number, l, sample, workspace->model->layers[l].parameters.jitter,
                           workspace->layers[l].jitter + 2 * (size_t)i);
}

void br_present(const br_epoch *e, const br_learner *learner, uint32_t member, uint32_t scratch, uint64_t first,
                uint32_t n)
{
    const br_workspace *workspace = learner->workspace;
    const br_layer_code *code = &workspace->model->layers[learner->first];
    float *in = (float *)workspace->layers[learner->first].in;
    uint64_t ahead =
        (uint64_t)e->phase->batch * (e->replicas.count ? e->replicas.count : 1); /* the learner's next batch */
    br_part mine = br_samples_of(learner, n, member);
    for (uint32_t i = mine.from; i < mine.to; i++) {
        uint32_t sample = e->order[first + i];
        gather_one(e, sample, scratch, in + (uint64_t)i * code->shape.in.sample_stride);
        br_present_jitter(e, learner, i, sample);
        if (!e->features && !e->winners && first + i + ahead < e->gather.samples->count)
            br_gather_prefetch(&e->gather, e->order[first + i + ahead]);
        workspace->labels[i] = e->gather.samples->labels[sample];
    }
}

void br_present_measure(const br_learner *learner, uint32_t n, uint64_t *right, double *error_sum)
{
    const br_workspace *workspace = learner->workspace;
    uint32_t judge = br_judge(learner);
    for (uint32_t i = 0; i < n; i++) {
        *right += br_answer_at(workspace, judge, i) == workspace->labels[i];
        *error_sum += (double)workspace->layers[judge].error_size[i] / 2;
    }
}

void br_present_tell(br_epoch *e, double seconds, uint64_t shown, const br_tally *so_far)
{
    br_progress *p = &e->progress;
    if (!e->options->progress || seconds - e->told < 0.1)
        return;
    e->told = seconds;
    p->epoch_seconds += seconds - p->seconds;
    p->seconds = seconds;
    p->done = shown;
    p->error = so_far->error_sum / (double)so_far->done;
    p->accuracy = (double)so_far->right / (double)so_far->done;
    e->refused = e->refused || !e->options->progress(e->options->user, p);
}

void br_present_rates(const br_epoch *e, br_learner *learner, uint64_t first)
{
    uint64_t each = br_batches_of(e->phase, e->gather.samples->count), batch = first / e->phase->batch;
    uint64_t step = e->index * each + batch, replicas = e->replicas.count ? e->replicas.count : 1;
    if (learner->moments) /* each replica counts its own */
        learner->moments->batches = e->index * ((each + replicas - 1) / replicas) + batch / replicas;
    br_learner_rates(learner, e->phase, br_rate_at(e->phase, step, each));
    br_learner_anneal(learner, e->phase, (double)step / ((double)each * e->phase->epochs));
    br_learner_turn(learner, (uint32_t)(e->number * each + batch));
}

uint32_t br_present_count(const br_epoch *e, uint64_t first)
{
    uint64_t left = e->gather.samples->count - first;
    return left < e->phase->batch ? (uint32_t)left : e->phase->batch;
}
