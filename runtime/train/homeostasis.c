#include "train/homeostasis.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

bool br_standardises(const br_learner *l, uint32_t layer)
{
    return l->network->model->layers[layer].kernels.standardise && layer >= l->lowest && l->takes_part[layer];
}

bool br_has_homeostasis(const br_model *model, uint32_t lowest)
{
    for (uint32_t i = lowest; i < model->layer_count; i++)
        if (model->layers[i].kernels.standardise)
            return true;
    return false;
}

uint64_t br_homeostasis_bytes(const br_model *model, const br_phase *phase)
{
    uint64_t floats = 0;
    if (phase->kind != BT_PHASE_CORRECT)
        return 0;
    for (uint32_t i = phase->layers[0]; i < model->layer_count; i++)
        if (model->layers[i].kernels.standardise)
            floats += (uint64_t)phase->centred * model->layers[i].layout.pitch;
    return floats * sizeof(float);
}

/* Row r of the patterns has -N for every N-th neuron, from another one in each row: each silent neuron takes part in one
 * of N places.                                                                                         (28) */
static float *patterns_new(const br_layer_code *code, uint32_t count, br_error *error)
{
    float *patterns = br_new_aligned((uint64_t)count * code->layout.pitch, sizeof *patterns, error);
    for (uint32_t r = 0; patterns && r < count; r++)
        for (uint32_t k = 0; k < code->shape.neurons; k++)
            patterns[(uint64_t)r * code->layout.pitch + k] = (5 * (uint64_t)k + r) % count == 0 ? -(float)count : 0;
    return patterns;
}

int br_homeostasis_begin(br_learner *l, const br_phase *phase, br_error *error)
{
    const br_model *model = l->network->model;
    l->patterns = br_new(model->layer_count, sizeof *l->patterns, error);
    if (!l->patterns)
        return -1;
    for (uint32_t i = l->lowest; i < model->layer_count; i++) {
        const br_layer_code *code = &model->layers[i];
        br_layer_state *s = &l->workspace->layers[i];
        if (code->parameters.homeostasis) {
            for (uint32_t k = 0; k < code->layout.pitch; k++)
                s->balance.raw[code->layout.pitch + k] = 1;
            s->theta = s->balance.raw;
        }
        if (!br_standardises(l, i))
            continue;
        l->workspace->waits[i] = true;
        s->balance.patterns = phase->centred;
        if (phase->centred > 0 && !(l->patterns[i] = patterns_new(code, phase->centred, error)))
            return -1;
        s->balance.pattern = l->patterns[i];
    }
    return 0;
}

void br_homeostasis_end(br_learner *l)
{
    for (uint32_t i = 0; l->patterns && i < l->network->model->layer_count; i++)
        br_release(l->patterns[i]);
    br_release(l->patterns);
    l->patterns = NULL;
}

/* ---- statistics of a batch ---- */

static double sum_of(const br_layer_code *code, const br_layer_state *s, uint32_t kind, uint32_t neuron)
{
    double sum = 0;
    for (uint32_t g = 0; g < BR_GROUPS; g++)
        sum += (double)s->balance.sums[((uint64_t)g * 2 + kind) * code->layout.pitch + neuron];
    return sum;
}

/* mu of the neurons of the part. The squares are summed about it. */
static void set_mean(br_learner *l, uint32_t layer, br_part neurons, uint32_t n)
{
    const br_layer_code *code = &l->network->model->layers[layer];
    const br_layer_state *s = &l->workspace->layers[layer];
    double count = (double)n * (double)br_map_places(code->shape.out);
    for (uint32_t k = neurons.from; k < neurons.to && k < code->shape.neurons; k++)
        s->balance.shift[k] = (float)(sum_of(code, s, 0, k) / count);
}

/* mu and sigma^2 of the neurons of the part, and from them the batch's thresholds and gains.                (26) */
static void set_statistics(br_learner *l, uint32_t layer, br_part neurons, uint32_t n)
{
    const br_layer_code *code = &l->network->model->layers[layer];
    const br_layer_state *s = &l->workspace->layers[layer];
    br_layer_bounds batch = {.theta = s->balance.theta};
    double count = (double)n * (double)br_map_places(code->shape.out);
    for (uint32_t k = neurons.from; k < neurons.to && k < code->shape.neurons; k++) {
        double shifted = sum_of(code, s, 0, k) / count;
        double variance = sum_of(code, s, 1, k) / count - shifted * shifted;
        double mean = (double)s->balance.shift[k] + shifted;
        br_layer_standardise(code, &batch, k, mean, variance);
        s->balance.shift[k] = 0;
        if (!l->settled)
            continue;
        l->settled[layer][2ull * k] += mean;
        l->settled[layer][2ull * k + 1] += variance > 0 ? variance : 0;
    }
}

/* A and B of e' = e - m - z c with z = w x + h: A = m + h c, B = w c.                                       (28) */
static void set_lean(br_learner *l, uint32_t layer, br_part neurons, uint32_t n)
{
    const br_layer_code *code = &l->network->model->layers[layer];
    const br_layer_state *s = &l->workspace->layers[layer];
    double count = (double)n * (double)br_map_places(code->shape.out);
    double w = (double)code->parameters.ramp, h = (double)code->parameters.ramp_from;
    for (uint32_t k = neurons.from; k < neurons.to && k < code->shape.neurons; k++) {
        double m = sum_of(code, s, 0, k) / count, c = h * m + w * sum_of(code, s, 1, k) / count;
        s->balance.lean[k] = (float)(m + h * c);
        s->balance.lean[code->layout.pitch + k] = (float)(w * c);
    }
}

typedef void set(br_learner *l, uint32_t layer, br_part neurons, uint32_t n);

/* Sums over the member's groups; then every member makes numbers of them for its own neurons. */
static void take_sums(br_learner *l, uint32_t layer, uint32_t member, uint32_t n, br_kernel *add, set *set)
{
    const br_layer_code *code = &l->network->model->layers[layer];
    const br_layer_state *s = &l->workspace->layers[layer];
    br_part groups = br_groups_of(l, member);
    uint32_t lanes = code->layout.lanes;
    for (uint32_t g = groups.from; g < groups.to; g++) {
        br_part samples = br_group_of(n, g);
        memset(s->balance.sums + (uint64_t)g * 2 * code->layout.pitch, 0,
               2ull * code->layout.pitch * sizeof *s->balance.sums);
        for (uint32_t i = samples.from; i < samples.to; i++)
            add(s, i, i + 1, g, g + 1);
    }
    br_learn_barrier(l);
    br_part blocks = br_part_of(code->layout.pitch / lanes, 1, l->members, member);
    set(l, layer, (br_part){blocks.from * lanes, blocks.to * lanes}, n);
    br_learn_barrier(l);
}

void br_standardise(br_learner *l, uint32_t layer, uint32_t member, uint32_t n)
{
    const br_layer_kernels *kernels = &l->network->model->layers[layer].kernels;
    const br_layer_state *s = &l->workspace->layers[layer];
    br_part mine = br_samples_of(l, n, member);
    take_sums(l, layer, member, n, kernels->spread, set_mean);
    take_sums(l, layer, member, n, kernels->spread, set_statistics);
    kernels->standardise(s, mine.from, mine.to, 0, 0);
    br_kernel *depress = br_depression(&l->network->model->layers[layer], s);
    if (depress)
        depress(s, mine.from, mine.to, 0, 0);
}

void br_centre(br_learner *l, uint32_t layer, uint32_t member, uint32_t n)
{
    const br_layer_kernels *kernels = &l->network->model->layers[layer].kernels;
    const br_layer_state *s = &l->workspace->layers[layer];
    br_part mine = br_samples_of(l, n, member);
    if (s->balance.patterns == 0)
        return;
    take_sums(l, layer, member, n, kernels->lean, set_lean);
    kernels->centre(s, mine.from, mine.to, 0, 0);
}
