#include "show/layer_facts.h"

uint64_t layer_places(const bl_layer *layer)
{
    return bt_places(layer->out);
}

uint64_t layer_connections(const bl_layer *layer)
{
    return layer->kind == BT_LAYER_POOL ? 0 : (uint64_t)layer->inputs * layer->neurons;
}

uint64_t layer_thresholds(const bl_layer *layer)
{
    return layer->kind == BT_LAYER_POOL ? 0 : layer->neurons;
}

uint64_t layer_values_read(const bl_layer *layer)
{
    return bt_values(layer->in);
}

const char *layer_kind_name(const bl_layer *layer)
{
    return bt_layer_kind_word(layer->kind);
}

void layer_shape_cell(text_table *table, const bl_layer *layer)
{
    if (layer->kind == BT_LAYER_DENSE)
        table_cell(table, "%u -> %u", layer->inputs, layer->neurons);
    else
        table_cell(table, "%ux%ux%u -> %ux%ux%u", layer->in.height, layer->in.width, layer->in.channels,
                   layer->out.height, layer->out.width, layer->out.channels);
}
