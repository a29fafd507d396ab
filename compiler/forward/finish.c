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

/* The lanes of a vector that have a neuron; NULL: all. */
static bc_value real_lanes(bc_emit *e, const bc_kernel *k, bc_value block)
{
    return k->layer->neurons == k->plan->pitch ? NULL : bc_lanes_below(e, block, k->layer->neurons);
}

/* y = clamp((x - theta)/(1 - theta), 0, 1), or the layer's own function; with homeostasis clamp(x, 0, 1); o = s y
 *                                                                                              (3), (4), (26) */
bc_value bc_activation(bc_emit *e, const bc_kernel *k, const bc_neurons *n, bc_value x)
{
    bc_value zero = bc_splat_f32(e, 0), one = bc_splat_f32(e, 1);
    bool contracts = !e->no_contraction;
    e->no_contraction |= k->plan->settled; /* x is a product here and a number from memory in the pool */
    bc_value over = bc_sub(e, x, n->theta);
    e->no_contraction = !contracts;
    /* The rule as printed has poles in later equations, so roundings matter: it keeps the division. */
    bool exact = k->plan->bound_encoding == BR_BOUND_ALPHA;
    bc_value y = exact ? bc_div(e, over, bc_sub(e, one, n->theta)) : bc_mul(e, over, n->scale);
    if (k->layer->fire == BT_FIRE_LOGISTIC)
        y = bc_logistic(e, bc_mul(e, over, bc_splat_f32(e, k->layer->logistic_k)));
    if (k->layer->fire == BT_FIRE_FORMULA)
        y = bc_formula_level(e, k, x, n->theta);
    if (k->layer->homeostasis)
        y = x;
    y = bc_min(e, bc_max(e, y, zero), one); /* NaN, which the rule as printed can produce, becomes 0 */
    bc_value o = bc_mul(e, y, bc_splat_f32(e, k->layer->range_out)), real = real_lanes(e, k, n->block);
    return real ? bc_select(e, real, o, zero) : o;
}

/* Whether this call wants activations; NULL: every call does. The pool that settles them makes those it needs. */
static bc_value wants_activations(bc_emit *e, const bc_kernel *k)
{
    if (!k->plan->settled || !k->conv)
        return NULL;
    bc_spot spot = bc_to_entry(e);
    bc_value none = LLVMBuildIsNull(e->builder, BC_FIELD_PTR(e, LLVMGetParam(e->function, 0), order), "");
    bc_return_to(e, spot);
    return none;
}

/* x = gamma * sum; with homeostasis gain * sum - theta; o                                              (3), (4), (26) */
void bc_finish(bc_emit *e, const bc_kernel *k, const bc_tile *tile, uint32_t v, bc_value x)
{
    bc_value first = bc_i32(e, v * e->lanes), block = bc_iadd(e, tile->block, bc_i32(e, v));
    bc_value real = real_lanes(e, k, block), wanted = wants_activations(e, k);
    bc_neurons neurons = {block, tile->thresholds->theta[v], tile->thresholds->scale[v]};
    bc_branch makes = {0};
    if (k->layer->homeostasis)
        x = bc_muladd(e, x, neurons.scale, bc_neg(e, neurons.theta));
    bc_value kept = real ? bc_select(e, real, x, bc_splat_f32(e, 0)) : x;
    bc_assert_within(e, kept, -FLT_MAX, FLT_MAX, BR_FAULT_DRIVE);
    bc_store_vector(e, tile->drive, first, kept);
    if (wanted)
        makes = bc_if(e, wanted, "makes");
    bc_value o = bc_activation(e, k, &neurons, x);
    bc_assert_within(e, o, 0, (float)k->layer->range_out, BR_FAULT_ACTIVATION);
    bc_store_vector(e, tile->out, first, o);
    if (wanted)
        bc_endif(e, &makes);
}
