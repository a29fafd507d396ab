#include "plan/drives.h"

static bool reads_one_layer(const bl_layer *layer)
{
    return layer->source_count == 1 && layer->sources[0] != BT_INPUT;
}

static bool takes_largest(const bl_layer *layer)
{
    return layer->kind == BT_LAYER_POOL && layer->pooling == BT_POOL_MAX && reads_one_layer(layer);
}

/* Whether a larger drive may have a smaller activation: of depressed layers, of formulas, and of pools that choose among
 * them. */
static bool is_uneven(const bl_program *program, uint32_t index)
{
    const bl_layer *layer = &program->layers[index];
    return layer->depress_count > 0 || (layer->kind != BT_LAYER_POOL && layer->fire == BT_FIRE_FORMULA) ||
           (takes_largest(layer) && is_uneven(program, layer->sources[0]));
}

/* From the top down, since a pool that keeps its drives needs those below. */
void bc_drives_find(const bl_program *program, bc_drive_use *uses)
{
    for (uint32_t i = program->layer_count; i-- > 0;) {
        const bl_layer *layer = &program->layers[i];
        uses[i].chooses =
            takes_largest(layer) && (uses[i].kept || layer->depress_count > 0 || is_uneven(program, layer->sources[0]));
        if (uses[i].chooses)
            uses[layer->sources[0]].kept = true;
    }
}
