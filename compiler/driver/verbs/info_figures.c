/* Figures of `bouton info`. */
#include "show/layer_facts.h"
#include "verbs/info.h"

/* Operations of one connection: two to clamp, two for c = q * soft(v, t), one to add. Of one neuron: gain, threshold
 * and ramp (three), clamp, range. Counted as if every input were live; silent connections cost nothing. */
#define OPERATIONS_CONNECTION 5
#define OPERATIONS_NEURON     6
#define OPERATIONS_RAMP       3

/* Operations per sample, as if every input were live. A shared filter works at every position. A pool reads each
 * value once. A formula replaces threshold and ramp by its own steps. */
uint64_t info_operations(const bl_program *program, const bl_layer *layer)
{
    uint64_t neuron = OPERATIONS_NEURON;
    if (layer->kind == BT_LAYER_POOL)
        return layer_values_read(layer);
    if (layer->fire == BT_FIRE_FORMULA)
        neuron += program->formulas[layer->formula].step_count - OPERATIONS_RAMP;
    return layer_places(layer) * (OPERATIONS_CONNECTION * layer_connections(layer) + neuron * layer->neurons);
}

uint64_t info_bytes(const bc_layer_plan *plan)
{
    return plan->layer->kind == BT_LAYER_POOL ? 0 : plan->bounds_bytes + (uint64_t)plan->pitch * sizeof(float);
}
