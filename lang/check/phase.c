/* Checks that both kinds of phase share. */
#include "check/phase.h"

bool bl_check_learns(bl_phase_check *check, uint32_t layer, bl_place place)
{
    const bl_layer *found = &check->network->layers[layer];
    if (found->kind == BT_LAYER_POOL)
        bl_diagnose(check->checker->context, LAYER_WEIGHTLESS, place, found->name);
    else if (found->frozen)
        bl_diagnose(check->checker->context, LAYER_FROZEN, place, found->name);
    return found->kind != BT_LAYER_POOL && !found->frozen;
}

void bl_check_flips(bl_phase_check *check, const bl_node *flips)
{
    check->phase->mirror = true;
    const bl_input *input = &check->network->input;
    if (check->network->shape_known && !input->image)
        bl_diagnose(check->checker->context, FLIPS_VECTOR, flips->place, input->series ? "series" : "vector");
}
