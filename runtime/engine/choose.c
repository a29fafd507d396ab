/* Chooses the method of each layer with connections: lists of live inputs, or tiles over all inputs. The choice depends on the
 * share of live inputs in the first samples, so the same data give the same choice on every machine of one kind. */
#include "engine/choose.h"

#include "engine/forward.h"
#include "engine/methods.h"
#include "engine/samples.h"

enum { SAMPLES = 64 };

/* The packed method needs whole groups of samples, unless it is always used. */
void br_method_settle(br_network *network, uint32_t layer)
{
    const br_layer_code *code = &network->model->layers[layer];
    br_layer_bounds *bounds = &network->layers[layer];
    float above = code->layout.packed_above;
    bool groups = above <= 0 || br_block_of(network->model) >= br_method_group(code, BT_METHOD_PACKED);
    bool packed = br_method_served(code, BT_METHOD_PACKED) && groups && bounds->live_share >= above;
    bounds->inference = packed ? BT_METHOD_PACKED : bounds->training;
}

static float live_share(const br_layer_code *code, const br_layer_state *s, uint32_t n)
{
    uint64_t live = 0;
    for (uint32_t i = 0; i < n; i++)
        live += s->live.count[i];
    return (float)((double)live / ((double)n * (double)br_map_values(code->shape.in)));
}

int br_method_choose(br_network *network, uint32_t layer, float live, br_error *error)
{
    const br_layer_code *code = &network->model->layers[layer];
    br_layer_bounds *bounds = &network->layers[layer];
    if (code->kind == BT_LAYER_POOL)
        return 0;
    bounds->live_share = live;
    bounds->measured = true;
    bool dense = br_method_served(code, BT_METHOD_DENSE) && live >= code->layout.dense_above;
    if (dense && br_method_make(network, layer, BT_METHOD_DENSE, error) != 0)
        return -1;
    bounds->training = dense ? BT_METHOD_DENSE : BT_METHOD_EVENTS;
    br_method_settle(network, layer);
    return 0;
}

/* Chooses the methods of each layer with connections in turn. */
static int choose(br_network *network, const br_workspace *workspace, uint32_t n, br_error *error)
{
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < network->model->layer_count; i++) {
        const br_layer_code *code = &network->model->layers[i];
        if (code->kind != BT_LAYER_POOL)
            status = br_method_choose(network, i, live_share(code, &workspace->layers[i], n), error);
    }
    return status;
}

int br_methods_choose(br_network *network, const br_samples *samples, br_error *error)
{
    const br_model *model = network->model;
    uint32_t n = samples->count < SAMPLES ? (uint32_t)samples->count : SAMPLES;
    br_workspace *workspace;
    if (n == 0)
        return 0;
    for (uint32_t i = 0; i < model->layer_count; i++)
        network->layers[i].training = network->layers[i].inference = BT_METHOD_EVENTS;
    if (br_workspace_new(network, n, false, &workspace, error) != 0)
        return -1;
    br_gather gather = br_gather_new(samples, model->input_range);
    br_gather_batch(&gather, 0, (br_part){0, n}, workspace);
    br_forward_alone(workspace, 0, model->layer_count, 0, n);
    int status = choose(network, workspace, n, error);
    br_workspace_free(workspace);
    return status;
}

int br_methods_choose_once(br_network *network, const br_samples *samples, br_error *error)
{
    for (uint32_t i = 0; i < network->model->layer_count; i++)
        if (network->layers[i].measured)
            return 0;
    return br_check_shape(network->model, samples, error) == 0 ? br_methods_choose(network, samples, error) : -1;
}

bool br_methods_of(const br_network *network, uint32_t layer, bt_method *training, bt_method *inference, double *live)
{
    *training = network->layers[layer].training;
    *inference = network->layers[layer].inference;
    *live = (double)network->layers[layer].live_share;
    return network->layers[layer].measured;
}
