/* Chooses the inference method of each dense layer: lists of live inputs, or tiles over all inputs. The choice depends
 * on the share of live inputs in the first samples, so the same data give the same choice on every machine of one kind.
 */
#include "engine/forms.h"

#include "engine/forward.h"
#include "engine/samples.h"

enum { SAMPLES = 64 };

static float live_share(const br_layer_code *code, const br_layer_state *s, uint32_t n)
{
    uint64_t live = 0;
    for (uint32_t i = 0; i < n; i++)
        live += s->live_count[i];
    return (float)((double)live / ((double)n * code->inputs));
}

static int make_tiles(const br_model *model, uint32_t layer, br_tiles tiles, float above, br_error *error)
{
    if (above >= 1 || !model->make_tiles)
        return br_fail(error, BR_ERROR_CHECK, "layer %s: has no dense form", model->layers[layer].name);
    return model->make_tiles(model->maker, layer, tiles, error);
}

int br_form_make_dense(const br_network *network, uint32_t layer, br_error *error)
{
    const br_layer_code *code = &network->model->layers[layer];
    if (code->forward_dense)
        return 0;
    return make_tiles(network->model, layer, BR_TILES_DENSE, code->dense_above, error);
}

int br_form_make_packed(const br_network *network, uint32_t layer, br_error *error)
{
    const br_layer_code *code = &network->model->layers[layer];
    if (code->forward_packed)
        return 0;
    return make_tiles(network->model, layer, BR_TILES_PACKED, code->packed_above, error);
}

/* The packed method needs whole groups of samples, unless it is always wanted. */
void br_form_settle(br_network *network, uint32_t layer)
{
    const br_layer_code *code = &network->model->layers[layer];
    float above = code->packed_above;
    bool groups = above <= 0 || br_block_of(network->model) >= code->turned_samples;
    network->layers[layer].packed = above < 1 && groups && network->layers[layer].live_share >= above;
}

/* Chooses a method for each dense layer in turn. */
static int choose(br_network *network, const br_work *work, uint32_t n, br_error *error)
{
    for (uint32_t i = 0; i < network->model->layer_count; i++) {
        const br_layer_code *code = &network->model->layers[i];
        br_layer_bounds *layer = &network->layers[i];
        if (code->kind != BT_LAYER_DENSE)
            continue;
        layer->live_share = live_share(code, &work->layers[i], n);
        layer->looked = true;
        bool dense = code->dense_above < 1 && layer->live_share >= code->dense_above;
        if (dense && br_form_make_dense(network, i, error) != 0)
            return -1;
        layer->dense = dense;
        br_form_settle(network, i);
    }
    return 0;
}

int br_forms_choose(br_network *network, const br_samples *samples, br_error *error)
{
    const br_model *model = network->model;
    uint32_t n = samples->count < SAMPLES ? (uint32_t)samples->count : SAMPLES;
    br_work *work;
    if (n == 0)
        return 0;
    for (uint32_t i = 0; i < model->layer_count; i++)
        network->layers[i].dense = network->layers[i].packed = false;
    if (br_work_new(network, n, false, &work, error) != 0)
        return -1;
    br_gather gather = br_gather_new(samples, model->input_range);
    br_gather_batch(&gather, 0, (br_part){0, n}, work);
    br_forward_alone(work, 0, model->layer_count, 0, n);
    int status = choose(network, work, n, error);
    br_work_free(work);
    return status;
}

bool br_form_of(const br_network *network, uint32_t layer, bool *dense, bool *packed, double *live)
{
    *dense = network->layers[layer].dense;
    *packed = network->layers[layer].packed;
    *live = (double)network->layers[layer].live_share;
    return network->layers[layer].looked;
}
