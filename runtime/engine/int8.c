#include "engine/int8.h"

#include "base/memory.h"

br_int8 br_quantised_scales(const br_quantised *quantised, uint32_t layer)
{
    const br_quantised_layer *facts = &quantised->facts[layer];
    return (br_int8){.order = quantised->orders[layer],
                     .per_quantum = BR_QUANTA_MOST / facts->top,
                     .quantum = facts->top / BR_QUANTA_MOST,
                     .scale = facts->top / BR_QUANTA_MOST * facts->steepest / BR_SLOPE_MOST};
}

int br_work_int8(br_workspace *workspace, const br_quantised *quantised, br_error *error)
{
    uint32_t layers = workspace->model->layer_count;
    workspace->int8s = br_new(layers, sizeof *workspace->int8s, error);
    for (uint32_t l = 0; workspace->int8s && l < layers; l++) {
        const br_layer_code *code = &workspace->model->layers[l];
        const br_quantised_layer *facts = &quantised->facts[l];
        br_int8 *int8 = &workspace->int8s[l];
        if (!facts->int8)
            continue;
        *int8 = br_quantised_scales(quantised, l);
        int8->rows = quantised->rows[l];
        int8->quanta = br_new_aligned(workspace->batch, code->layout.int8.sample_stride, error);
        int8->live = int8->quanta
                         ? br_new(workspace->batch, (code->layout.int8.live_stride + 1) * sizeof *int8->live, error)
                         : NULL;
        if (!int8->live)
            return -1; /* br_workspace_free frees the buffers allocated so far */
        workspace->layers[l].int8 = int8;
    }
    return workspace->int8s ? 0 : -1;
}

void br_work_int8_end(br_workspace *workspace)
{
    for (uint32_t l = 0; workspace->int8s && l < workspace->model->layer_count; l++) {
        br_release(workspace->int8s[l].quanta);
        br_release(workspace->int8s[l].live);
    }
    br_release(workspace->int8s);
}

bool br_int8_is_large(const br_workspace *workspace, uint32_t layer)
{
    enum { LARGE = 1 << 20 };
    const br_layer_layout *layout = &workspace->model->layers[layer].layout;
    return workspace->layers[layer].int8 && 8ull * layout->int8.lines * layout->int8.quads * layout->pitch > LARGE;
}
