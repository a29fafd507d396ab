#include "plan/live.h"

static double share_of(const bl_layer *layer)
{
    double share = 1;
    for (uint32_t i = 0; i < layer->depress_count; i++) {
        const bl_depress *clause = &layer->depress[i];
        double rivals = clause->within > 0 ? 2.0 * clause->within + 1 : layer->out.channels;
        if (!clause->over_places && clause->keep / rivals < share)
            share = clause->keep / rivals;
    }
    return share;
}

double bc_live_at_most(const bl_program *program, uint32_t index)
{
    double share = 1;
    for (bool below = true; below && index != BT_INPUT;) {
        const bl_layer *layer = &program->layers[index];
        double own = share_of(layer);
        share = own < share ? own : share;
        below = layer->kind == BT_LAYER_POOL && layer->source_count == 1;
        index = layer->source_count == 1 ? layer->sources[0] : BT_INPUT;
    }
    return share;
}
