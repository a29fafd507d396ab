/* An epoch's batches: samples are gathered, learned from and measured, by all members of the team or by one. */
#include "train/epoch.h"

#include <string.h>

#include "base/clock.h"
#include "engine/faults.h"
#include "engine/forward.h"
#include "train/rates.h"

enum { TURN = 64 }; /* batches between two choices of the way in which they are computed */

/* The cells of the pool move as they do if the pool is computed. */
static void gather_winners(const br_epoch *e, uint32_t sample, uint64_t entry, uint32_t member, float *to)
{
    uint32_t pool = e->winners->pool;
    int32_t by[2];
    br_draw_jitter(e->seed, e->number, pool, sample, e->learner.workspace->model->layers[pool].parameters.jitter, by);
    br_winners_pool(e->winners, entry, by, member, to);
}

static void gather_one(const br_epoch *e, uint32_t sample, uint32_t member, float *to)
{
    int down = 0, right = 0;
    bool mirror = e->phase->mirror && br_draw_mirror(e->seed, e->number, sample);
    uint64_t entry = sample + (mirror ? e->gather.samples->count : 0);
    if (e->winners) {
        gather_winners(e, sample, entry, member, to);
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
static void draw_jitter(const br_epoch *e, const br_learner *learner, uint32_t i, uint32_t sample)
{
    const br_workspace *workspace = learner->workspace;
    for (uint32_t l = learner->first; l < workspace->model->layer_count; l++)
        if (workspace->layers[l].jitter && learner->takes_part[l])
            br_draw_jitter(e->seed, e->number, l, sample, workspace->model->layers[l].parameters.jitter,
                           workspace->layers[l].jitter + 2 * (size_t)i);
}

static void gather_part(const br_epoch *e, const br_learner *learner, uint32_t member, uint64_t first, uint32_t n)
{
    const br_workspace *workspace = learner->workspace;
    const br_layer_code *code = &workspace->model->layers[learner->first];
    float *in = (float *)workspace->layers[learner->first].in;
    br_part mine = br_samples_of(learner, n, member);
    for (uint32_t i = mine.from; i < mine.to; i++) {
        uint32_t sample = e->order[first + i];
        gather_one(e, sample, member, in + (uint64_t)i * code->shape.in.sample_stride);
        draw_jitter(e, learner, i, sample);
        if (!e->features && !e->winners && first + i + e->phase->batch < e->gather.samples->count)
            br_gather_prefetch(&e->gather, e->order[first + i + e->phase->batch]);
        workspace->labels[i] = e->gather.samples->labels[sample];
    }
}

/* Measures the answers of a batch before its step, while the errors are still those of this batch. */
static void measure(br_epoch *e, uint32_t n)
{
    const br_workspace *workspace = e->learner.workspace;
    uint32_t judge = br_judge(&e->learner);
    for (uint32_t i = 0; i < n; i++) {
        e->right += br_answer_at(workspace, judge, i) == workspace->labels[i];
        e->error_sum += (double)workspace->layers[judge].error_size[i] / 2;
    }
}

static void tell(br_epoch *e, double seconds)
{
    br_progress *p = &e->progress;
    if (!e->options->progress || seconds - e->told < 0.1)
        return;
    e->told = seconds;
    p->epoch_seconds += seconds - p->seconds;
    p->seconds = seconds;
    p->done = e->done;
    p->error = e->error_sum / (double)e->done;
    p->accuracy = (double)e->right / (double)e->done;
    e->refused = e->refused || !e->options->progress(e->options->user, p);
}

static void after_batch(br_epoch *e, uint32_t n)
{
    double seconds = br_now() - e->begin;
    e->done += n;
    measure(e, n);
    tell(e, seconds);
    bool sound = br_check_faults(e->learner.workspace, 0, n, &e->fault) == 0;
    e->stop = !sound || e->refused || seconds >= e->pause_at;
}

/* Sets a learner's rates and the number of the batch that begins with sample `first` of the epoch. */
static void set_rates(const br_epoch *e, br_learner *learner, uint64_t first)
{
    uint64_t each = br_batches_of(e->phase, e->gather.samples->count);
    uint64_t step = e->index * each + first / e->phase->batch;
    if (learner->moments)
        learner->moments->batches = step;
    br_learner_rates(learner, e->phase, br_rate_at(e->phase, step, each));
    br_learner_anneal(learner, e->phase, (double)step / ((double)each * e->phase->epochs));
    br_learner_turn(learner, (uint32_t)(e->number * each + first / e->phase->batch));
}

static uint32_t samples_from(const br_epoch *e, uint64_t first)
{
    uint64_t left = e->gather.samples->count - first;
    return left < e->phase->batch ? (uint32_t)left : e->phase->batch;
}

static void run_batch(br_epoch *e, uint32_t member, uint64_t first)
{
    uint32_t n = samples_from(e, first);
    if (br_rates_vary(e->phase) || e->numbered) { /* all members are behind the last batch and before this one's use */
        if (member == 0)
            set_rates(e, &e->learner, first);
        if (e->learner.members > 1)
            br_team_barrier(e->learner.team);
    }
    gather_part(e, &e->learner, member, first, n);
    br_learn_part(&e->learner, member, n);
    if (member == 0)
        after_batch(e, n);
    if (e->learner.members > 1)
        br_team_barrier(e->learner.team);
}

/* ---- stages side by side ---- */

static void run_stage(void *user, uint32_t stage, uint64_t batch)
{
    br_epoch *e = user;
    br_stage *own = &e->stages.each[stage];
    uint64_t first = e->turn_first + batch * e->phase->batch;
    uint32_t n = samples_from(e, first);
    set_rates(e, &own->learner, first);
    br_stage_take(own, batch);
    if (stage == 0)
        gather_part(e, &own->learner, 0, first, n);
    for (uint32_t i = 0; stage > 0 && i < n; i++)
        draw_jitter(e, &own->learner, i, e->order[first + i]);
    br_learn_part(&own->learner, 0, n);
    if (stage + 1 < e->stages.count)
        br_stage_hand_over(own, own + 1, batch, n);
}

/* The uppermost stage has the answers. Member 0 reports. */
static bool after_stage(void *user, uint32_t member, uint32_t stage, uint64_t batch)
{
    br_epoch *e = user;
    uint32_t n = samples_from(e, e->turn_first + batch * e->phase->batch);
    double seconds = br_now() - e->begin;
    if (stage + 1 == e->stages.count) {
        e->done += n;
        measure(e, n);
    }
    if (member == 0 && e->done > 0)
        tell(e, seconds);
    if (e->fault.kind == BR_OK && br_check_faults(&e->stages.each[stage].workspace, 0, n, &e->fault) != 0)
        e->stop = true;
    e->stop = e->stop || e->refused || seconds >= e->pause_at;
    return e->stop;
}

int br_epoch_begin(br_epoch *e, br_error *error)
{
    if (br_stages_new(&e->learner, &e->stages, error) != 0)
        return -1;
    if (e->stages.count == 0)
        return 0;
    e->pipeline = (br_pipeline){
        .stages = e->stages.count, .slots = BR_STAGE_SLOTS, .run = run_stage, .after = after_stage, .user = e};
    return br_pipeline_begin(&e->pipeline, error);
}

void br_epoch_end(br_epoch *e)
{
    br_pipeline_end(&e->pipeline);
    br_stages_free(&e->stages);
}

/* ---- turns ---- */

/* The way of the turn that begins with sample `first`, and what its members read. */
static void begin_turn(br_epoch *e, uint64_t first, uint64_t end)
{
    uint32_t members = br_team_members(e->learner.team);
    e->way = members > 1 ? br_pace_next(&e->pace, e->stages.count > 0) : BR_WAY_ALONE;
    e->learner.members = e->way == BR_WAY_TOGETHER ? members : 1;
    e->turn_first = first;
    if (e->way == BR_WAY_STAGES)
        br_pipeline_fill(&e->pipeline, br_batches_of(e->phase, end - first));
    else
        set_rates(e, &e->learner, first);
}

/* Runs the epoch in turns of several batches, each in the way that the pace chooses. Members that take no part sleep.
 * Member 0 writes `way`, `done`, `stop` and `members` before a barrier; the others read them after it. */
static void walk_part(void *user, uint32_t member)
{
    br_epoch *e = user;
    br_team *team = e->learner.team;
    uint64_t count = e->gather.samples->count, turn = (uint64_t)e->phase->batch * TURN;
    for (uint64_t first = e->done; first < count && !e->stop; first += turn) {
        double begin = br_now();
        uint64_t end = first + turn < count ? first + turn : count;
        if (member == 0)
            begin_turn(e, first, end);
        br_team_barrier(team);
        if (e->way == BR_WAY_STAGES)
            br_pipeline_walk(&e->pipeline, member);
        else
            for (uint64_t at = first; member < e->learner.members && at < end && !e->stop; at += e->phase->batch)
                run_batch(e, member, at);
        if (member == 0)
            br_pace_took(&e->pace, e->way, (br_now() - begin) / (double)(end - first));
        br_team_barrier(team);
    }
}

void br_epoch_walk(br_epoch *epoch)
{
    epoch->stop = false;
    br_team_run(epoch->learner.team, walk_part, epoch);
}
