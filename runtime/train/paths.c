#include "train/paths.h"

#include "base/memory.h"

/* The layers with errors of their own: the readouts of the phase, and the layer that answers. */
static int take_answering(br_learner *l, const br_phase *phase, br_error *error)
{
    l->answering.layers = br_new((uint64_t)phase->readout_count + 1, sizeof *l->answering.layers, error);
    if (!l->answering.layers)
        return -1;
    for (uint32_t i = phase->layer_count - phase->readout_count; i < phase->layer_count; i++)
        l->answering.layers[l->answering.count++] = phase->layers[i];
    l->readouts = l->answering.count;
    if (!phase->readouts_alone)
        l->answering.layers[l->answering.count++] = br_last_layer(l->network->model);
    return 0;
}

static void mark_sources(const br_layer_code *code, bool *marks)
{
    for (uint32_t i = 0; i < code->source_count; i++)
        if (code->sources[i] != BT_INPUT)
            marks[code->sources[i]] = true;
}

/* From the top down, so that a layer's readers are marked before it. Layer by layer, only pools pass on the corrections
 * of others. */
static void mark_layers(br_learner *l, bool by_layer)
{
    const br_model *model = l->network->model;
    for (uint32_t i = 0; i < l->answering.count; i++)
        l->takes_part[l->answering.layers[i]] = l->heard[l->answering.layers[i]] = true;
    for (uint32_t i = model->layer_count; i-- > 0;) {
        const br_layer_code *code = &model->layers[i];
        if (l->takes_part[i])
            mark_sources(code, l->takes_part);
        if (l->takes_part[i] && l->top == 0 && i < br_path_layers(model))
            l->top = i;
        l->asks[i] =
            l->heard[i] && i > l->lowest && (!by_layer || code->kind == BT_LAYER_POOL || br_is_answering(model, i));
        if (l->asks[i])
            mark_sources(code, l->heard);
    }
    for (uint32_t i = 0; i < model->layer_count; i++)
        for (uint32_t k = 0; l->asks[i] && k < model->layers[i].source_count; k++)
            if (model->layers[i].sources[k] != BT_INPUT)
                l->asks_first[model->layers[i].sources[k]] = i;
}

static void merge(br_learner *l, uint32_t from, uint32_t into)
{
    for (uint32_t i = 0; from != into && i < l->network->model->layer_count; i++)
        if (l->stage[i] == from)
            l->stage[i] = into;
}

/* Layer by layer, a layer with connections begins a stage, to which the pools above it belong, and the answering layers
 * that read these. Otherwise all layers are one stage. Stages are numbered from below. */
static void find_stages(br_learner *l, bool by_layer)
{
    const br_model *model = l->network->model;
    uint32_t layers = model->layer_count; /* numbers from here on are not final */
    for (uint32_t i = 0; i < layers; i++) {
        const br_layer_code *code = &model->layers[i];
        bool shares = code->kind == BT_LAYER_POOL || (br_is_answering(model, i) && l->takes_part[i]);
        l->stage[i] = layers + (by_layer ? i : 0);
        for (uint32_t k = 0; shares && k < code->source_count; k++)
            if (code->sources[k] != BT_INPUT)
                merge(l, l->stage[i], l->stage[code->sources[k]]);
    }
    for (uint32_t i = 0; i < layers; i++)
        if (l->takes_part[i] && l->stage[i] >= layers)
            merge(l, l->stage[i], l->stages++);
}

static int take_active(br_learner *l, uint32_t batch, br_error *error)
{
    uint64_t samples = (uint64_t)l->stages * batch;
    l->active = br_new(samples, sizeof *l->active, error);
    l->erring = l->active ? br_new(samples, sizeof *l->erring, error) : NULL;
    if (!l->erring)
        return -1;
    for (uint32_t i = 0; i < l->network->model->layer_count; i++)
        if (l->takes_part[i])
            l->workspace->layers[i].active = l->active + (uint64_t)l->stage[i] * batch;
    return 0;
}

int br_paths_new(br_learner *l, const br_phase *phase, br_error *error)
{
    uint32_t layers = l->network->model->layer_count;
    l->takes_part = br_new(layers, sizeof *l->takes_part, error);
    l->heard = l->takes_part ? br_new(layers, sizeof *l->heard, error) : NULL;
    l->asks = l->heard ? br_new(layers, sizeof *l->asks, error) : NULL;
    l->asks_first = l->asks ? br_new(layers, sizeof *l->asks_first, error) : NULL;
    l->stage = l->asks_first ? br_new(layers, sizeof *l->stage, error) : NULL;
    if (!l->stage || take_answering(l, phase, error) != 0)
        return -1;
    mark_layers(l, phase->by_layer);
    find_stages(l, phase->by_layer);
    return take_active(l, phase->batch, error);
}

void br_paths_free(br_learner *l)
{
    br_release(l->takes_part);
    br_release(l->heard);
    br_release(l->asks);
    br_release(l->asks_first);
    br_release(l->stage);
    br_release(l->active);
    br_release(l->erring);
    br_release(l->answering.layers);
    l->takes_part = l->heard = l->asks = NULL;
    l->asks_first = l->stage = l->active = l->erring = NULL;
    l->answering = (br_answering){0};
}
