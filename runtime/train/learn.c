/* Training on one batch by a team. Between barriers, every member does its share:
 *
 *     forward, error | rows, feedback from the top down | steps, thresholds
 *
 * Wide dense layers are shared out by neurons, so a member's bounds stay in its cache from forward to step. Narrow ones
 * are shared out by samples, and by rows in the step. All other layers are shared out by samples, in groups whose steps
 * are summed separately. No sum is ever split, so any number of members gives the same bits. */
#include "train/learn.h"

#include <string.h>

#include "base/memory.h"
#include "engine/forward.h"
#include "engine/workspace_pool.h"

int br_learner_begin(br_learner *l, br_network *network, br_team *team, const br_phase *phase, uint32_t phase_index,
                     br_error *error)
{
    const br_model *model = network->model;
    *l = (br_learner){.network = network, .team = team, .members = br_team_members(team), .lowest = phase->layers[0]};
    l->error = model->errors[phase_index < model->error_count ? phase_index : 0];
    if (!l->error)
        return br_fail(error, BR_ERROR_CHECK, "network %s: compiled for inference only, so it can't be trained",
                       model->name);
    l->corrected = br_new(model->layer_count, sizeof *l->corrected, error);
    l->asks_first = br_new(model->layer_count, sizeof *l->asks_first, error);
    if (!l->corrected || !l->asks_first || br_work_new(network, phase->batch, true, &l->work, error) != 0) {
        br_learner_end(l);
        return -1;
    }
    for (uint32_t i = 0; i < phase->layer_count; i++)
        l->corrected[phase->layers[i]] = true;
    for (uint32_t i = 0; i < model->layer_count; i++)
        for (uint32_t k = 0; k < model->layers[i].source_count; k++)
            if (model->layers[i].sources[k] != BT_INPUT)
                l->asks_first[model->layers[i].sources[k]] = i;
    for (uint32_t i = 0; i < model->layer_count; i++) /* applies no change, but computes the slopes */
        if (model->layers[i].apply)
            model->layers[i].apply(&l->work->layers[i], 0, model->layers[i].stride / model->layers[i].lanes, 0, 0);
    return 0;
}

void br_learner_end(br_learner *l)
{
    br_work_free(l->work);
    br_release(l->corrected);
    br_release(l->asks_first);
    l->work = NULL;
    l->corrected = NULL;
    l->asks_first = NULL;
}

void br_learner_rates(br_learner *l, const br_phase *phase, float decay_factor)
{
    for (uint32_t i = 0; i < phase->layer_count; i++) {
        br_layer_state *s = &l->work->layers[phase->layers[i]];
        s->eta = phase->eta[i] * decay_factor;
        s->xi = phase->xi;
        s->rate = s->xi * s->eta;
        s->theta_rate = phase->theta_xi[i];
    }
}

static void meet(const br_learner *l)
{
    if (l->members > 1)
        br_team_barrier(l->team);
}

static br_part group_of(uint32_t n, uint32_t group)
{
    return br_part_of(n, 1, BR_GROUPS, group);
}

static br_part groups_of(const br_learner *l, uint32_t member)
{
    return br_part_of(BR_GROUPS, 1, l->members, member);
}

br_part br_samples_of(const br_learner *l, uint32_t n, uint32_t member)
{
    br_part groups = groups_of(l, member);
    if (groups.from == groups.to)
        return (br_part){0, 0};
    return (br_part){group_of(n, groups.from).from, group_of(n, groups.to - 1).to};
}

static br_part blocks_of(const br_layer_code *code, uint32_t members, uint32_t member)
{
    return br_part_of(code->stride / code->lanes, code->tile, members, member);
}

static br_part rows_of(const br_learner *l, uint32_t layer, uint32_t member)
{
    return br_part_of(l->work->model->layers[layer].rows, 1, l->members, member);
}

static void forward_part(br_learner *l, uint32_t member, uint32_t n)
{
    const br_model *model = l->work->model;
    br_part mine = br_samples_of(l, n, member);
    for (uint32_t i = l->first, next; i < model->layer_count; i = next) {
        next = i + 1;
        if (!model->layers[i].by_neurons) {
            while (next < model->layer_count && !model->layers[next].by_neurons)
                next++;
            br_forward_alone(l->work, i, next, mine.from, mine.to);
            continue;
        }
        br_prepare(l->work, i, mine.from, mine.to);
        meet(l);
        br_sum(l->work, i, (br_part){0, n}, blocks_of(&model->layers[i], l->members, member));
        meet(l);
        br_depress(l->work, i, mine.from, mine.to);
    }
    l->error(&l->work->layers[model->layer_count - 1], mine.from, mine.to, 0, 0);
}

static void clear(float *values, uint64_t stride, br_part samples)
{
    if (values)
        memset(values + samples.from * stride, 0, (samples.to - samples.from) * stride * sizeof *values);
}

/* Clears the corrections of the sources of a layer, if it is the first layer that adds to them. */
static void clear_below(const br_learner *l, uint32_t layer, br_part samples)
{
    const br_layer_code *layers = l->work->model->layers, *code = &layers[layer];
    float *joined = l->work->joined_correction[layer];
    if (layer <= l->lowest)
        return;
    if (!code->overwrites)
        clear(joined, code->in.stride, samples);
    for (uint32_t i = 0; i < code->source_count; i++) {
        uint32_t source = code->sources[i];
        if (source != BT_INPUT && l->asks_first[source] == layer && (joined || !code->overwrites))
            clear(l->work->layers[source].correction, layers[source].out.stride, samples);
    }
}

static void step_rows(const br_learner *l, uint32_t layer, br_part rows)
{
    const br_layer_code *code = &l->work->model->layers[layer];
    if (l->corrected[layer] && !code->by_neurons)
        code->step(&l->work->layers[layer], rows.from, rows.to, 0, code->stride / code->lanes);
}

/* Every member computes rows of a dense layer for all samples. A barrier before makes all errors available, and a
 * barrier after makes all corrections available. */
static void dense_back(br_learner *l, uint32_t layer, uint32_t member, uint32_t n)
{
    const br_layer_code *code = &l->work->model->layers[layer];
    br_part rows = rows_of(l, layer, member);
    meet(l);
    if (layer > l->lowest && code->feedback)
        code->feedback(&l->work->layers[layer], 0, n, rows.from, rows.to);
    step_rows(l, layer, rows);
    meet(l);
}

static void gate(const br_learner *l, uint32_t layer, br_part samples)
{
    const br_model *model = l->work->model;
    if (layer + 1 < model->layer_count && model->layers[layer].gate)
        model->layers[layer].gate(&l->work->layers[layer], samples.from, samples.to, 0, 0);
}

static void map_back(const br_learner *l, uint32_t layer, uint32_t sample, uint32_t group)
{
    const br_layer_code *code = &l->work->model->layers[layer];
    const br_layer_state *s = &l->work->layers[layer];
    bool conv = code->kind == BT_LAYER_CONV, asks = layer > l->lowest && code->feedback;
    gate(l, layer, (br_part){sample, sample + 1});
    clear_below(l, layer, (br_part){sample, sample + 1});
    if (conv && s->active[sample] && (asks || l->corrected[layer])) {
        code->pairs(s, sample, sample + 1, group, group + 1);
        if (asks)
            code->feedback(s, sample, sample + 1, group, group + 1);
        if (l->corrected[layer])
            code->step(s, sample, sample + 1, group, group + 1);
    }
    if (!conv && asks)
        code->feedback(s, sample, sample + 1, 0, 0);
    br_unjoin(l->work, layer, sample, sample + 1);
}

/* Layers from `end` - 1 down to `from`, none of them dense. A sample passes through all of them while its maps are
 * cached. */
static void maps_back(const br_learner *l, uint32_t from, uint32_t end, uint32_t member, uint32_t n)
{
    br_part groups = groups_of(l, member);
    for (uint32_t g = groups.from; g < groups.to; g++) {
        br_part samples = group_of(n, g);
        for (uint32_t sample = samples.from; sample < samples.to; sample++)
            for (uint32_t layer = end; layer-- > from;)
                map_back(l, layer, sample, g);
    }
}

/* From the top down: each layer's corrections for the layers below, before its own bounds change. */
static void feedback_part(br_learner *l, uint32_t member, uint32_t n)
{
    const br_layer_code *layers = l->work->model->layers;
    br_part mine = br_samples_of(l, n, member);
    for (uint32_t i = l->lowest; i < l->work->model->layer_count; i++) {
        br_part rows = rows_of(l, i, member);
        if (layers[i].rows_of)
            layers[i].rows_of(&l->work->layers[i], 0, n, rows.from, rows.to);
    }
    for (uint32_t end = l->work->model->layer_count, from; end > l->lowest; end = from) {
        from = end - 1;
        if (layers[from].kind == BT_LAYER_DENSE) {
            gate(l, from, mine);
            clear_below(l, from, mine);
            dense_back(l, from, member, n);
            br_unjoin(l->work, from, mine.from, mine.to);
            continue;
        }
        while (from > l->lowest && layers[from - 1].kind != BT_LAYER_DENSE)
            from--;
        maps_back(l, from, end, member, n);
    }
}

static void step_part(br_learner *l, uint32_t member, uint32_t n)
{
    const br_model *model = l->work->model;
    uint32_t members = l->members;
    for (uint32_t i = l->lowest; i < model->layer_count; i++) {
        const br_layer_code *code = &model->layers[i];
        const br_layer_state *s = &l->work->layers[i];
        br_part part = blocks_of(code, members, member);
        if (!l->corrected[i])
            continue;
        if (code->by_neurons)
            code->step(s, 0, code->rows, part.from, part.to);
        if (code->apply) {
            br_part mine = br_part_of(code->stride / code->lanes, 1, members, member);
            code->apply(s, mine.from, mine.to, 0, 0);
        }
        if (code->threshold)
            code->threshold(s, 0, n, part.from, part.to);
    }
}

void br_learn_part(br_learner *l, uint32_t member, uint32_t n)
{
    forward_part(l, member, n);
    meet(l);
    feedback_part(l, member, n);
    meet(l);
    step_part(l, member, n);
}

static void copy_in(const br_work *work, const float *in, uint32_t n)
{
    const br_model *model = work->model;
    uint64_t values = (uint64_t)model->height * model->width * model->channels;
    for (uint64_t i = 0; i < n; i++)
        memcpy(work->in + i * model->layers[0].in.stride, in + i * values, values * sizeof *in);
}

typedef struct batch_job {
    br_learner *learner;
    uint32_t n;
} batch_job;

static void batch_work(void *user, uint32_t member)
{
    batch_job *job = user;
    br_learn_part(job->learner, member, job->n);
}

int br_learn_batch(br_network *network, const float *in, const uint32_t *labels, uint32_t n, const br_phase *phase,
                   float decay_factor, br_error *error)
{
    br_phase sized = *phase;
    sized.batch = n;
    br_learner learner;
    br_team *team;
    if (br_team_new(1, &team, error) != 0)
        return -1;
    int status = br_learner_begin(&learner, network, team, &sized, 0, error);
    if (status == 0) {
        br_learner_rates(&learner, &sized, decay_factor);
        copy_in(learner.work, in, n);
        memcpy(learner.work->labels, labels, n * sizeof *labels);
        br_team_run(team, batch_work, &(batch_job){&learner, n});
        br_learner_end(&learner);
    }
    br_team_free(team);
    return status;
}

int br_forward_batch(br_network *network, const float *in, uint32_t n, float *levels, br_error *error)
{
    br_works works;
    if (br_works_new(network, 1, n, &works, error) != 0)
        return -1;
    const br_work *work = works.each[0];
    copy_in(work, in, n);
    br_forward_alone(work, 0, network->model->layer_count, 0, n);
    uint32_t top = network->model->layer_count - 1;
    const br_layer_code *last = &network->model->layers[top];
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < last->neurons; k++)
            levels[(uint64_t)i * last->neurons + k] =
                work->layers[top].out[(uint64_t)i * last->out.stride + k] / last->range_out;
    br_works_free(&works);
    return 0;
}
