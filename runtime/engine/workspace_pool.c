/* Workspaces for inference by a team, and the packed bounds they share. */
#include "engine/workspace_pool.h"

#include "engine/methods.h"

#include "base/memory.h"

static uint64_t packed_floats(const br_layer_code *code)
{
    uint64_t floats;
    return br_multiply(code->layout.pitch / code->layout.lanes, code->layout.packed_stride, &floats) ? floats
                                                                                                     : UINT64_MAX;
}

int br_pack_new(const br_network *network, uint32_t layer, float **out, br_error *error)
{
    const br_layer_code *code = &network->model->layers[layer];
    if (br_method_make(network, layer, BT_METHOD_PACKED, error) != 0)
        return -1;
    *out = br_new_aligned(packed_floats(code), sizeof **out, error);
    if (!*out)
        return -1;
    br_layer_state state = {.bounds = network->layers[layer].bounds, .tiles.packed = *out};
    code->kernels.pack(&state, 0, code->layout.pitch / code->layout.lanes, 0, 0);
    return 0;
}

static int pack_all(const br_network *network, br_workspace_pool *pool, br_error *error)
{
    pool->packed = br_new(pool->layer_count, sizeof *pool->packed, error);
    int status = pool->packed ? 0 : -1;
    for (uint32_t i = 0; status == 0 && i < pool->layer_count; i++)
        if (network->layers[i].inference == BT_METHOD_PACKED)
            status = br_pack_new(network, i, &pool->packed[i], error);
    return status;
}

int br_workspace_pool_new(const br_network *network, uint32_t count, uint32_t batch, br_workspace_pool *out,
                          br_error *error)
{
    *out = (br_workspace_pool){.count = count, .layer_count = network->model->layer_count};
    out->each = br_new(count, sizeof *out->each, error);
    int status = out->each ? pack_all(network, out, error) : -1;
    for (uint32_t i = 0; status == 0 && i < count; i++) {
        status = br_workspace_new(network, batch, false, &out->each[i], error);
        for (uint32_t l = 0; status == 0 && l < out->layer_count; l++)
            out->each[i]->layers[l].tiles.packed = out->packed[l];
    }
    if (status != 0)
        br_workspace_pool_free(out);
    return status;
}

void br_workspace_pool_free(br_workspace_pool *pool)
{
    for (uint32_t i = 0; pool->each && i < pool->count; i++)
        br_workspace_free(pool->each[i]);
    for (uint32_t i = 0; pool->packed && i < pool->layer_count; i++)
        br_release(pool->packed[i]);
    br_release(pool->each);
    br_release(pool->packed);
    *pool = (br_workspace_pool){0};
}

uint64_t br_workspace_pool_packed_bytes(const br_model *model)
{
    uint64_t floats = 0, bytes;
    for (uint32_t i = 0; i < model->layer_count; i++)
        if (br_method_served(&model->layers[i], BT_METHOD_PACKED) &&
            !br_add(floats, packed_floats(&model->layers[i]), &floats))
            return UINT64_MAX;
    return br_multiply(floats, sizeof(float), &bytes) ? bytes : UINT64_MAX;
}
