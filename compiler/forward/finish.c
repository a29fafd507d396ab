/* From sums to drives, levels and activations, for every method: equations (3) and (4). */
#include "forward/forward.h"

#include <float.h>

bc_thresholds bc_thresholds_load(bc_emit *e, const bc_kernel *k, bc_value theta, uint32_t count)
{
    bc_thresholds t;
    bc_value one = bc_splat_f32(e, 1);
    for (uint32_t v = 0; v < count; v++) {
        t.theta[v] = bc_load_vector(e, theta, bc_i32(e, v * e->lanes));
        t.scale[v] = k->layer->homeostasis ? bc_load_vector(e, theta, bc_i32(e, k->plan->pitch + v * e->lanes))
                                           : bc_div(e, one, bc_sub(e, one, t.theta[v]));
    }
    return t;
}

/* x = gamma * sum; y = clamp((x - theta)/(1 - theta), 0, 1), or the layer's own function; o = s y   (3), (4)
 * With homeostasis x = gain * sum - theta; y = clamp(x, 0, 1).                                         (26) */
void bc_finish(bc_emit *e, const bc_kernel *k, const bc_tile *tile, uint32_t v, bc_value x)
{
    bc_value first = bc_i32(e, v * e->lanes), theta = tile->thresholds->theta[v], scale = tile->thresholds->scale[v];
    bc_value zero = bc_splat_f32(e, 0), one = bc_splat_f32(e, 1);
    if (k->layer->homeostasis)
        x = bc_muladd(e, x, scale, bc_neg(e, theta));
    bc_value over = bc_sub(e, x, theta);
    /* The rule as printed has poles in later equations, so roundings matter: it keeps the division. */
    bool exact = k->plan->bound_encoding == BR_BOUND_ALPHA;
    bc_value y = exact ? bc_div(e, over, bc_sub(e, one, theta)) : bc_mul(e, over, scale);
    if (k->layer->fire == BT_FIRE_LOGISTIC)
        y = bc_logistic(e, bc_mul(e, over, bc_splat_f32(e, k->layer->logistic_k)));
    if (k->layer->fire == BT_FIRE_FORMULA)
        y = bc_formula_level(e, k, x, theta);
    if (k->layer->homeostasis)
        y = x;
    y = bc_min(e, bc_max(e, y, zero), one); /* NaN, which the rule as printed can produce, becomes 0 */
    bc_value o = bc_mul(e, y, bc_splat_f32(e, k->layer->range_out));
    if (k->layer->neurons != k->plan->pitch) { /* the last block has lanes without a neuron */
        bc_value real = bc_lanes_below(e, bc_iadd(e, tile->block, bc_i32(e, v)), k->layer->neurons);
        x = bc_select(e, real, x, zero);
        o = bc_select(e, real, o, zero);
    }
    bc_assert_within(e, x, -FLT_MAX, FLT_MAX, BR_FAULT_DRIVE);
    bc_assert_within(e, o, 0, (float)k->layer->range_out, BR_FAULT_ACTIVATION);
    bc_store_vector(e, tile->drive, first, x);
    bc_store_vector(e, tile->out, first, o);
}
