#include "engine/int8.h"

#include "base/memory.h"

br_eight br_quantised_scales(const br_quantised *quantised, uint32_t layer)
{
    const br_quantised_layer *facts = &quantised->facts[layer];
    return (br_eight){.per_quantum = BR_QUANTA_MOST / facts->top,
                      .quantum = facts->top / BR_QUANTA_MOST,
                      .scale = facts->top / BR_QUANTA_MOST * facts->steepest / BR_SLOPE_MOST};
}

int br_work_eight(br_work *work, const br_quantised *quantised, br_error *error)
{
    uint32_t layers = work->model->layer_count;
    work->eights = br_new(layers, sizeof *work->eights, error);
    for (uint32_t l = 0; work->eights && l < layers; l++) {
        const br_layer_code *code = &work->model->layers[l];
        const br_quantised_layer *facts = &quantised->facts[l];
        br_eight *eight = &work->eights[l];
        if (!facts->eight)
            continue;
        *eight = br_quantised_scales(quantised, l);
        eight->rows = quantised->rows[l];
        eight->codes = br_new_aligned(work->batch, code->eight.stride, error);
        eight->live =
            eight->codes ? br_new(work->batch, (code->eight.quads + 1ull) * sizeof *eight->live, error) : NULL;
        if (!eight->live)
            return -1; /* br_work_free frees the buffers allocated so far */
        work->layers[l].eight = eight;
    }
    return work->eights ? 0 : -1;
}

void br_work_eight_end(br_work *work)
{
    for (uint32_t l = 0; work->eights && l < work->model->layer_count; l++) {
        br_release(work->eights[l].codes);
        br_release(work->eights[l].live);
    }
    br_release(work->eights);
}
