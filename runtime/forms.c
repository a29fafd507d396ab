/* Which form a dense layer answers in: lists of live inputs, or tiles over all of them. Chosen by how many inputs are
 * live in the first samples seen; the same data give the same choice on any machine of one kind. */
#include "network.h"

#include "batch.h"
#include "graph.h"

enum { SAMPLES = 64 };

static void gather(const br_network *network, const br_samples *samples, br_work *work)
{
    br_gather gather = br_gather_new(samples, network->model->input_range);
    for (uint32_t i = 0; i < work->batch; i++)
        br_gather_sample(&gather, i, 0, 0, false, work->in + (uint64_t)i * network->model->layers[0].in.stride);
}

static float live_share(const br_layer_code *code, const br_layer_state *s, uint32_t n)
{
    uint64_t live = 0;
    for (uint32_t i = 0; i < n; i++)
        live += s->live_count[i];
    return (float)((double)live / ((double)n * code->inputs));
}

int br_forms_choose(br_network *network, const br_samples *samples, br_error *error)
{
    const br_model *model = network->model;
    uint32_t n = samples->count < SAMPLES ? (uint32_t)samples->count : SAMPLES;
    br_work *work;
    if (n == 0)
        return 0;
    for (uint32_t i = 0; i < model->layer_count; i++)
        network->layers[i].dense = false;
    if (br_work_new(network, n, false, &work, error) != 0)
        return -1;
    gather(network, samples, work);
    br_forward_alone(work, 0, model->layer_count, 0, n);
    for (uint32_t i = 0; i < model->layer_count; i++) {
        const br_layer_code *code = &model->layers[i];
        br_layer_bounds *layer = &network->layers[i];
        if (code->kind != BR_LAYER_DENSE)
            continue;
        layer->live_share = live_share(code, &work->layers[i], n);
        layer->looked = true;
        layer->dense = code->forward_dense && layer->live_share >= code->dense_above;
    }
    br_work_free(work);
    return 0;
}

bool br_form_of(const br_network *network, uint32_t layer, bool *dense, double *live)
{
    *dense = network->layers[layer].dense;
    *live = (double)network->layers[layer].live_share;
    return network->layers[layer].looked;
}
