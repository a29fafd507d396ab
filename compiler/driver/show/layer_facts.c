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

/* Operations of one connection: two to clamp, two for c = q * soft(v, t), one to add. Of one neuron: gain, threshold
 * and ramp (three), clamp, range. Counted as if every input were live; silent connections cost nothing. */
#define OPERATIONS_CONNECTION 5
#define OPERATIONS_NEURON     6
#define OPERATIONS_RAMP       3

/* Operations per sample, as if every input were live. A shared filter works at every position. A pool reads each
 * value once. A formula replaces threshold and ramp by its own steps. */
uint64_t layer_operations(const bl_program *program, const bl_layer *layer)
{
    uint64_t neuron = OPERATIONS_NEURON;
    if (layer->kind == BT_LAYER_POOL)
        return layer_values_read(layer);
    if (layer->fire == BT_FIRE_FORMULA)
        neuron += program->formulas[layer->formula].step_count - OPERATIONS_RAMP;
    return layer_places(layer) * (OPERATIONS_CONNECTION * layer_connections(layer) + neuron * layer->neurons);
}

uint64_t network_parameters(const bl_program *program)
{
    uint64_t sum = 0;
    for (uint32_t l = 0; l < program->layer_count; l++)
        sum += layer_connections(&program->layers[l]) + layer_thresholds(&program->layers[l]);
    return sum;
}

uint64_t network_operations(const bl_program *program)
{
    uint64_t sum = 0;
    for (uint32_t l = 0; l < program->layer_count; l++)
        sum += layer_operations(program, &program->layers[l]);
    return sum;
}

uint64_t layer_bytes(const bc_layer_plan *plan)
{
    return plan->layer->kind == BT_LAYER_POOL ? 0 : plan->bounds_bytes + (uint64_t)plan->pitch * sizeof(float);
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
