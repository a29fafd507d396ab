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
#include "train/homeostasis.h"
#include "train/paths.h"
#include "train/rates.h"

/* Applies no change, but computes the copies of the bounds and the slopes that a convolution reads. */
static void derive(const br_learner *l, uint32_t layer)
{
    const br_layer_code *code = &l->network->model->layers[layer];
    if (code->kernels.apply)
        code->kernels.apply(&l->workspace->layers[layer], 0, code->layout.pitch / code->layout.lanes, 0, 0);
}

void br_learner_derive(const br_learner *l)
{
    for (uint32_t i = 0; i < l->network->model->layer_count; i++)
        if (l->corrected[i])
            derive(l, i);
}

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
    if (!l->corrected || br_workspace_new(network, phase->batch, true, &l->workspace, error) != 0 ||
        br_moments_new(model, phase, &l->moments, error) != 0) {
        br_learner_end(l);
        return -1;
    }
    if (l->moments)
        br_moments_connect(l->moments, l->workspace);
    for (uint32_t i = 0; i < phase->layer_count; i++)
        l->corrected[phase->layers[i]] = true;
    for (uint32_t i = 0; i < model->layer_count; i++)
        derive(l, i);
    if (br_paths_new(l, phase, error) != 0 || br_homeostasis_begin(l, phase, error) != 0) {
        br_learner_end(l);
        return -1;
    }
    return 0;
}

void br_learner_end(br_learner *l)
{
    br_homeostasis_end(l);
    br_paths_free(l);
    br_workspace_free(l->workspace);
    br_moments_free(l->moments);
    br_release(l->corrected);
    br_release(l->weights);
    l->workspace = NULL;
    l->moments = NULL;
    l->corrected = NULL;
    l->weights = NULL;
}

int br_learner_weigh(br_learner *l, const uint32_t *labels, uint64_t count, br_error *error)
{
    uint32_t classes = l->network->model->layers[br_last_layer(l->network->model)].shape.neurons, present = 0;
    uint64_t *each = br_new(classes, sizeof *each, error);
    l->weights = each ? br_new(classes, sizeof *l->weights, error) : NULL;
    if (!l->weights) {
        br_release(each);
        return -1;
    }
    for (uint64_t i = 0; i < count; i++)
        present += each[labels[i]]++ == 0;
    for (uint32_t k = 0; k < classes; k++)
        l->weights[k] = each[k] ? (float)((double)count / ((double)present * (double)each[k])) : 1;
    br_release(each);
    return 0;
}

/* An adaptive step is free of the scale of the summed steps, so eta enters behind it. */
void br_learner_rates(br_learner *l, const br_phase *phase, float factor)
{
    for (uint32_t i = 0; i < phase->layer_count; i++) {
        br_layer_state *s = &l->workspace->layers[phase->layers[i]];
        s->rates.eta = phase->eta[i] * factor;
        s->rates.xi = phase->xi;
        s->rates.step = phase->adapts ? 1 : s->rates.xi * s->rates.eta;
        s->rates.theta = phase->theta_xi[i];
        if (l->moments)
            br_moments_rate(l->moments, phase, &l->network->model->layers[phase->layers[i]], s->rates.xi * s->rates.eta,
                            s);
    }
}

void br_learner_anneal(br_learner *l, const br_phase *phase, double done)
{
    for (uint32_t i = 0; i < phase->anneal_count; i++) {
        const br_anneal *anneal = &phase->anneals[i];
        uint32_t neurons = l->network->model->layers[anneal->layer].shape.neurons;
        l->workspace->layers[anneal->layer].keep = br_keep_at(anneal, done, neurons);
    }
}

void br_learner_turn(br_learner *l, uint32_t turn)
{
    for (uint32_t i = 0; i < l->workspace->model->layer_count; i++)
        l->workspace->layers[i].balance.turn = turn;
}

static br_part blocks_of(const br_layer_code *code, uint32_t members, uint32_t member)
{
    return br_part_of(code->layout.pitch / code->layout.lanes, code->layout.tile, members, member);
}

static br_part rows_of(const br_learner *l, uint32_t layer, uint32_t member)
{
    return br_part_of(l->workspace->model->layers[layer].layout.rows, 1, l->members, member);
}

/* e_k <- w_c e_k for a sample of class c, and likewise the change of y that (7) wants. error_size, from which the
 * reported error is summed, stays as it is. */
static void weigh(const br_learner *l, uint32_t layer, br_part samples)
{
    uint64_t pitch = l->workspace->model->layers[layer].layout.pitch;
    const br_layer_state *s = &l->workspace->layers[layer];
    for (uint32_t n = samples.from; l->weights && n < samples.to; n++) {
        float weight = l->weights[l->workspace->labels[n]];
        for (uint64_t k = n * pitch; k < (n + 1) * pitch; k++) {
            s->error[k] *= weight;
            s->correction[k] *= weight;
        }
    }
}

/* The end of the layers from `from` on that a sample passes through by itself: a layer that is shared out by neurons, or
 * whose drives are standardised over the batch, ends them. */
static uint32_t run_end(const br_learner *l, uint32_t from)
{
    const br_model *model = l->workspace->model;
    uint32_t end = from + 1;
    while (!br_standardises(l, end - 1) && end < model->layer_count && l->takes_part[end] &&
           !model->layers[end].layout.by_neurons &&
           (model->layers[end].kind == BT_LAYER_POOL || !br_standardises(l, end)))
        end++;
    return end;
}

void br_learn_forward(br_learner *l, uint32_t member, uint32_t n)
{
    const br_model *model = l->workspace->model;
    br_part mine = br_samples_of(l, n, member);
    for (uint32_t i = l->first, next; i < model->layer_count; i = next) {
        next = i + 1;
        if (!l->takes_part[i])
            continue;
        if (model->layers[i].layout.by_neurons) {
            br_prepare(l->workspace, i, mine.from, mine.to);
            br_learn_barrier(l);
            br_sum(l->workspace, i, (br_part){0, n}, blocks_of(&model->layers[i], l->members, member));
            br_learn_barrier(l);
            br_depress(l->workspace, i, mine.from, mine.to);
        } else {
            next = run_end(l, i);
            br_forward_learning(l->workspace, i, next, mine.from, mine.to);
        }
        if (br_standardises(l, next - 1))
            br_standardise(l, next - 1, member, n);
    }
}

/* A sample is skipped by a stage if it has an error in none of the stage's answering layers. */
static void forward_part(br_learner *l, uint32_t member, uint32_t n)
{
    br_part mine = br_samples_of(l, n, member);
    uint32_t batch = l->workspace->batch;
    br_learn_forward(l, member, n);
    for (uint32_t a = 0; a < l->answering.count; a++)
        for (uint32_t i = mine.from; i < mine.to; i++)
            l->erring[(uint64_t)l->stage[l->answering.layers[a]] * batch + i] = 0;
    for (uint32_t a = 0; a < l->answering.count; a++) {
        uint32_t layer = l->answering.layers[a], *erring = l->erring + (uint64_t)l->stage[layer] * batch;
        l->error(&l->workspace->layers[layer], mine.from, mine.to, 0, 0);
        weigh(l, layer, mine);
        for (uint32_t i = mine.from; i < mine.to; i++)
            erring[i] |= l->workspace->layers[layer].active[i];
    }
    for (uint32_t a = 0; a < l->answering.count; a++) {
        uint64_t at = (uint64_t)l->stage[l->answering.layers[a]] * batch;
        for (uint32_t i = mine.from; i < mine.to; i++)
            l->active[at + i] = l->erring[at + i];
    }
}

static void clear(float *values, uint64_t stride, br_part samples)
{
    if (values)
        memset(values + samples.from * stride, 0, (samples.to - samples.from) * stride * sizeof *values);
}

/* Clears the corrections of the sources of a layer, if it is the first layer that adds to them. */
static void clear_below(const br_learner *l, uint32_t layer, br_part samples)
{
    const br_layer_code *layers = l->workspace->model->layers, *code = &layers[layer];
    float *joined = l->workspace->joined_correction[layer];
    if (!l->asks[layer])
        return;
    if (!code->layout.overwrites)
        clear(joined, code->shape.in.sample_stride, samples);
    for (uint32_t i = 0; i < code->source_count; i++) {
        uint32_t source = code->sources[i];
        if (source != BT_INPUT && l->asks_first[source] == layer && (joined || !code->layout.overwrites))
            clear(l->workspace->layers[source].correction, layers[source].shape.out.sample_stride, samples);
    }
}

/* The kernel that takes the means of a layer's steps; NULL: the phase has none. */
static br_kernel *moments_of(const br_learner *l, uint32_t layer)
{
    const br_layer_kernels *kernels = &l->workspace->model->layers[layer].kernels;
    return !l->moments ? NULL : l->moments->adapts ? kernels->adaptive : kernels->momentum;
}

static br_kernel *dense_step_of(const br_learner *l, uint32_t layer)
{
    br_kernel *moments = moments_of(l, layer);
    return moments ? moments : l->workspace->model->layers[layer].kernels.step;
}

static void step_rows(const br_learner *l, uint32_t layer, br_part rows)
{
    const br_layer_code *code = &l->workspace->model->layers[layer];
    if (l->corrected[layer] && !code->layout.by_neurons)
        dense_step_of(l, layer)(&l->workspace->layers[layer], rows.from, rows.to, 0,
                                code->layout.pitch / code->layout.lanes);
}

/* Every member computes rows of a dense layer for all samples. A barrier before makes all errors available, and a
 * barrier after makes all corrections available. */
static void dense_back(br_learner *l, uint32_t layer, uint32_t member, uint32_t n)
{
    const br_layer_code *code = &l->workspace->model->layers[layer];
    br_part rows = rows_of(l, layer, member);
    br_learn_barrier(l);
    if (l->asks[layer] && code->kernels.feedback)
        code->kernels.feedback(&l->workspace->layers[layer], 0, n, rows.from, rows.to);
    step_rows(l, layer, rows);
    br_learn_barrier(l);
}

static void gate(const br_learner *l, uint32_t layer, br_part samples)
{
    const br_model *model = l->workspace->model;
    if (model->layers[layer].kernels.gate)
        model->layers[layer].kernels.gate(&l->workspace->layers[layer], samples.from, samples.to, 0, 0);
}

void br_learn_pairs(const br_layer_code *code, const br_layer_state *s, br_part samples, uint32_t group,
                    br_kernel *walk)
{
    uint32_t slots = code->layout.slots, first = group * slots;
    for (uint32_t from = samples.from, to; from < samples.to; from = to) {
        uint32_t active = 0;
        to = samples.to - from < slots ? samples.to : from + slots;
        for (uint32_t i = from, slot = first; i < to; i++, slot++) {
            if (s->active[i])
                code->kernels.pairs(s, i, i + 1, slot, slot + 1);
            else
                memset(s->pairs.count + (uint64_t)slot * code->layout.pitch, 0, code->layout.pitch * sizeof(uint32_t));
            active += s->active[i] != 0;
        }
        if (active > 0)
            walk(s, from, to, group, group + 1);
    }
}

/* `gated`: the layer's errors have passed the gate already. */
static void map_back(const br_learner *l, uint32_t layer, br_part samples, uint32_t group, bool gated)
{
    const br_layer_code *code = &l->workspace->model->layers[layer];
    const br_layer_state *s = &l->workspace->layers[layer];
    const br_layer_kernels *kernels = &code->kernels;
    bool conv = code->kind == BT_LAYER_CONV, asks = l->asks[layer] && kernels->feedback, steps = l->corrected[layer];
    if (!gated)
        gate(l, layer, samples);
    clear_below(l, layer, samples);
    if (conv && (asks || steps))
        br_learn_pairs(code, s, samples, group, !asks ? kernels->step : steps ? kernels->learn : kernels->feedback);
    if (!conv && asks)
        kernels->feedback(s, samples.from, samples.to, 0, 0);
    if (l->asks[layer])
        br_unjoin(l->workspace, layer, samples.from, samples.to);
}

/* Layers from `end` - 1 down to `from`, none of them dense. A few samples pass through all of them while their maps are
 * cached. Errors are centred over the batch, so the uppermost layer may have passed its gate before. */
static void maps_back(const br_learner *l, br_part layers, uint32_t member, uint32_t n, bool gated)
{
    br_part groups = br_groups_of(l, member);
    uint32_t few = 1;
    for (uint32_t layer = layers.from; layer < layers.to; layer++) {
        uint32_t slots = l->workspace->model->layers[layer].layout.slots;
        few = slots > few ? slots : few;
    }
    for (uint32_t g = groups.from; g < groups.to; g++) {
        br_part samples = br_group_of(n, g), some = {samples.from, samples.from};
        for (; some.from < samples.to; some.from = some.to) {
            some.to = samples.to - some.from < few ? samples.to : some.from + few;
            for (uint32_t layer = layers.to; layer-- > layers.from;)
                map_back(l, layer, some, g, gated && layer + 1 == layers.to);
        }
    }
}

/* From the top down: each layer's corrections for the layers below, before its own bounds change. */
static void feedback_part(br_learner *l, uint32_t member, uint32_t n)
{
    const br_layer_code *layers = l->workspace->model->layers;
    br_part mine = br_samples_of(l, n, member);
    for (uint32_t i = l->lowest; i < l->workspace->model->layer_count; i++) {
        br_part rows = rows_of(l, i, member);
        if (l->heard[i] && layers[i].kernels.rows_of)
            layers[i].kernels.rows_of(&l->workspace->layers[i], 0, n, rows.from, rows.to);
    }
    for (uint32_t end = l->workspace->model->layer_count, from; end > l->lowest; end = from) {
        from = end - 1;
        if (!l->heard[from])
            continue;
        bool centred = br_standardises(l, from);
        if (centred || layers[from].kind == BT_LAYER_DENSE)
            gate(l, from, mine);
        if (centred)
            br_centre(l, from, member, n);
        if (layers[from].kind == BT_LAYER_DENSE) {
            clear_below(l, from, mine);
            dense_back(l, from, member, n);
            if (l->asks[from])
                br_unjoin(l->workspace, from, mine.from, mine.to);
            continue;
        }
        while (from > l->lowest && l->heard[from - 1] && layers[from - 1].kind != BT_LAYER_DENSE &&
               !br_standardises(l, from - 1))
            from--;
        maps_back(l, (br_part){from, end}, member, n, centred);
    }
}

static void step_part(br_learner *l, uint32_t member, uint32_t n)
{
    const br_model *model = l->workspace->model;
    uint32_t members = l->members;
    for (uint32_t i = l->lowest; i < model->layer_count; i++) {
        const br_layer_code *code = &model->layers[i];
        const br_layer_state *s = &l->workspace->layers[i];
        br_part part = blocks_of(code, members, member);
        if (!l->corrected[i] || !l->heard[i])
            continue;
        if (code->layout.by_neurons)
            dense_step_of(l, i)(s, 0, code->layout.rows, part.from, part.to);
        if (code->kernels.apply) {
            br_part mine = br_part_of(code->layout.pitch / code->layout.lanes, 1, members, member);
            if (moments_of(l, i))
                moments_of(l, i)(s, mine.from, mine.to, 0, 0);
            code->kernels.apply(s, mine.from, mine.to, 0, 0);
            part = mine;
        }
        br_masks_hold(l->masks, i, code, s, part);
        if (code->kernels.threshold)
            code->kernels.threshold(s, 0, n, part.from, part.to);
    }
}

void br_learn_part(br_learner *l, uint32_t member, uint32_t n)
{
    forward_part(l, member, n);
    br_learn_barrier(l);
    feedback_part(l, member, n);
    br_learn_barrier(l);
    step_part(l, member, n);
}

static void copy_in(const br_workspace *workspace, const float *in, uint32_t n)
{
    const br_model *model = workspace->model;
    uint64_t values = bt_values(model->shape);
    for (uint64_t i = 0; i < n; i++)
        memcpy(workspace->in + i * model->layers[0].shape.in.sample_stride, in + i * values, values * sizeof *in);
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
                   br_moments *moments, br_error *error)
{
    br_phase sized = *phase;
    sized.batch = n;
    br_learner learner;
    br_team *team;
    if (br_team_new(1, &team, error) != 0)
        return -1;
    int status = br_learner_begin(&learner, network, team, &sized, 0, error);
    if (status == 0 && phase->weigh_classes)
        status = br_learner_weigh(&learner, labels, n, error);
    if (status == 0 && moments) {
        br_moments_free(learner.moments);
        learner.moments = moments;
        br_moments_connect(moments, learner.workspace);
    }
    if (status == 0) {
        br_learner_rates(&learner, &sized, 1);
        br_learner_anneal(&learner, &sized, 0);
        copy_in(learner.workspace, in, n);
        memcpy(learner.workspace->labels, labels, n * sizeof *labels);
        br_team_run(team, batch_work, &(batch_job){&learner, n});
    }
    if (moments) {
        moments->batches++;
        learner.moments = NULL; /* they belong to the caller */
    }
    br_learner_end(&learner);
    br_team_free(team);
    return status;
}

int br_forward_batch(br_network *network, const float *in, uint32_t n, float *levels, br_error *error)
{
    br_workspace_pool works;
    if (br_workspace_pool_new(network, 1, n, &works, error) != 0)
        return -1;
    const br_workspace *workspace = works.each[0];
    copy_in(workspace, in, n);
    br_forward_answers(workspace, 0, br_path_layers(network->model), 0, n);
    uint32_t top = br_last_layer(network->model);
    const br_layer_code *last = &network->model->layers[top];
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < last->shape.neurons; k++)
            levels[(uint64_t)i * last->shape.neurons + k] =
                workspace->layers[top].out[(uint64_t)i * last->shape.out.sample_stride + k] /
                last->parameters.range_out;
    br_workspace_pool_free(&works);
    return 0;
}
