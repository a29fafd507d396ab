#include "train/moments.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

uint64_t br_moments_count(const br_layer_code *code)
{
    if (code->kind == BT_LAYER_CONV) /* as filters.changes of one group */
        return (uint64_t)code->layout.pitch * code->shape.field_height * code->layout.field_row;
    return br_layer_bounds_count(code);
}

uint64_t br_moments_bytes(const br_model *model, const br_phase *phase)
{
    uint64_t floats = 0, bytes = 0;
    for (uint32_t i = 0; br_has_moments(phase) && i < phase->layer_count; i++)
        if (!br_add(floats, br_moments_count(&model->layers[phase->layers[i]]), &floats))
            return UINT64_MAX;
    return br_multiply(floats, (phase->adapts ? 2 : 1) * sizeof(float), &bytes) ? bytes : UINT64_MAX;
}

int br_moments_new(const br_model *model, const br_phase *phase, br_moments **out, br_error *error)
{
    *out = NULL;
    if (!br_has_moments(phase))
        return 0;
    br_moments *m = br_new(1, sizeof *m, error);
    if (!m)
        return -1;
    m->layer_count = model->layer_count;
    m->adapts = phase->adapts;
    m->step = br_new(model->layer_count, sizeof *m->step, error);
    m->square = m->step ? br_new(model->layer_count, sizeof *m->square, error) : NULL;
    bool taken = m->square != NULL;
    for (uint32_t i = 0; taken && i < phase->layer_count; i++) {
        uint32_t layer = phase->layers[i];
        uint64_t count = br_moments_count(&model->layers[layer]);
        m->step[layer] = br_new_aligned(count, sizeof(float), error);
        if (m->step[layer] && phase->adapts)
            m->square[layer] = br_new_aligned(count, sizeof(float), error);
        taken = m->step[layer] && (m->square[layer] || !phase->adapts);
    }
    if (!taken) {
        br_moments_free(m);
        return -1;
    }
    *out = m;
    return 0;
}

void br_moments_free(br_moments *m)
{
    if (!m)
        return;
    for (uint32_t i = 0; m->square && i < m->layer_count; i++) {
        br_release(m->step[i]);
        br_release(m->square[i]);
    }
    br_release(m->step);
    br_release(m->square);
    br_release(m);
}

void br_moments_connect(const br_moments *m, br_workspace *workspace)
{
    for (uint32_t i = 0; i < m->layer_count; i++) {
        workspace->layers[i].moments.step = m->step[i];
        workspace->layers[i].moments.square = m->square[i];
    }
}

void br_moments_rate(const br_moments *m, const br_phase *phase, const br_layer_code *code, float rate,
                     br_layer_state *s)
{
    double n = (double)m->batches + 1, b1 = phase->momentum, b2 = phase->adaptive;
    s->moments.keep_step = phase->momentum;
    s->moments.take_step = phase->adapts ? (float)(1 - b1) : 1;
    if (!phase->adapts)
        return;
    s->moments.keep_square = phase->adaptive;
    s->moments.take_square = (float)(1 - b2);
    s->moments.correct = (float)(1 / (1 - pow(b2, n)));
    s->moments.move = (float)((double)rate * (double)code->parameters.v_max / (1 - pow(b1, n)));
}
