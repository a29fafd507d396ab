#include "lsp/facts.h"

#include "show/layer_facts.h"
#include "show/numbers.h"

const bl_layer *lsp_layer_at(const lsp_analysis *a, bl_place name)
{
    bl_known_layers layers = bl_list_layers(a->context);
    for (uint32_t i = 0; i < layers.count; i++)
        if (layers.list[i].name.file == name.file && layers.list[i].name.offset == name.offset)
            return layers.list[i].layer;
    return NULL;
}

static bool is_known(bt_shape shape)
{
    return shape.height > 0 && shape.width > 0 && shape.channels > 0;
}

static void write_map(FILE *to, bt_shape shape)
{
    if (shape.height == 1 && shape.width == 1)
        fprintf(to, "%u", shape.channels);
    else
        fprintf(to, "%ux%ux%u", shape.height, shape.width, shape.channels);
}

bool lsp_write_shape(FILE *to, const bl_layer *layer)
{
    number_buffer connections;
    if (layer == NULL || !is_known(layer->in) || !is_known(layer->out))
        return false;
    write_map(to, layer->in);
    fputs(" → ", to);
    write_map(to, layer->out);
    if (layer->kind != BT_LAYER_POOL)
        fprintf(to, ", %s connections", number_grouped(connections, layer_places(layer) * layer_connections(layer)));
    return true;
}

void lsp_write_costs(FILE *to, lsp_analysis *a, const bl_layer *layer)
{
    const bc_plan *plan = lsp_plan(a);
    number_buffer bytes, operations;
    for (uint32_t i = 0; plan != NULL && i < plan->layer_count && i < a->program->layer_count; i++) {
        const bl_layer *planned = &a->program->layers[i];
        if (planned->place.file != layer->place.file || planned->place.offset != layer->place.offset)
            continue;
        if (layer->kind != BT_LAYER_POOL)
            fprintf(to, ", %s", number_bytes(bytes, layer_bytes(&plan->layers[i])));
        fprintf(to, ", %s operations", number_grouped(operations, layer_operations(a->program, planned)));
    }
}
