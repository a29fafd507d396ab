#include "plan/inputs.h"

uint32_t bc_source_of_input(const bl_program *program, const bl_layer *layer, uint64_t *input)
{
    for (uint32_t i = 0;; i++) {
        uint32_t source = layer->sources[i];
        uint64_t values = bt_values(source == BT_INPUT ? program->input.encoded : program->layers[source].out);
        if (*input < values)
            return i;
        *input -= values;
    }
}

bool bc_is_unlit(const bl_program *program, const bl_layer *layer, const uint8_t *lit, uint64_t input)
{
    if (!lit || layer->kind != BT_LAYER_DENSE)
        return false;
    uint32_t source = bc_source_of_input(program, layer, &input);
    return layer->sources[source] == BT_INPUT && !lit[input];
}
