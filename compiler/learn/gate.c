/* The gate from the correction of an activation to that of the drive: equation (9), repaired. */
#include "kernels/kernel.h"

/* clamp(y'/m, -1, 1) do/m, where m is the steepest slope of the formula. */
static bc_value formula(bc_emit *e, const bc_kernel *k, bc_value x, bc_value theta, bc_value change)
{
    const bl_layer *layer = k->layer;
    bc_value slope = bc_formula_slope(e, k, x, theta, change), one = bc_splat_f32(e, 1);
    if (k->plan->gradient)
        return bc_mul(e, bc_mul(e, slope, bc_splat_f32(e, layer->range_out)), change);
    bc_value over = bc_splat_f32(e, 1 / layer->steepest);
    bc_value share = bc_clamp(e, bc_mul(e, slope, over), bc_neg(e, one), one);
    return bc_mul(e, bc_mul(e, share, change), over);
}

/* The change of the drive for a change do of the activation:
 *   ramp      (1 - theta) do where the drive has an effect: 0 < y < 1, or y = 1 and do < 0; with homeostasis gain do
 *                                                                                                      (9), (27)
 *   logistic  do divided by the steepest slope k/4, times the relative slope here: 4 y (1 - y)
 *   formula   the same with the formula's slopes; where it decreases, the drive changes in the other direction
 *   gradient  do times the slope: s/(1 - theta) on the ramp, s gain; s k y (1 - y) for the logistic */
static bc_value responsive(bc_emit *e, const bc_kernel *k, bc_value x, bc_value y, bc_value theta, bc_value span,
                           bc_value change)
{
    const bl_layer *layer = k->layer;
    bc_value zero = bc_splat_f32(e, 0), one = bc_splat_f32(e, 1);
    if (layer->fire == BT_FIRE_LOGISTIC) {
        double factor = k->plan->gradient ? layer->range_out * layer->logistic_k : 16 / layer->logistic_k;
        return bc_mul(e, bc_mul(e, bc_mul(e, y, bc_sub(e, one, y)), bc_splat_f32(e, factor)), change);
    }
    if (layer->fire == BT_FIRE_FORMULA)
        return formula(e, k, x, theta, change);
    bc_value below = bc_less(e, x, one), range = bc_splat_f32(e, layer->range_out);
    if (k->plan->gradient) {
        bc_value slope = layer->homeostasis ? bc_mul(e, range, span) : bc_div(e, range, span);
        return bc_select(e, bc_and(e, bc_greater(e, x, theta), below), bc_mul(e, slope, change), zero);
    }
    bc_value can_move = bc_and(e, bc_greater(e, x, theta), bc_or(e, below, bc_less(e, change, zero)));
    return bc_select(e, can_move, bc_mul(e, span, change), zero);
}

/* e = (1 - theta) do if 0 < y < 1, or if y = 1 and do < 0; else 0. A depressed neuron is silent and gets no error. A
 * pool has the neurons of the convolution before it. */
void bc_emit_gate(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel neurons = k->layer->kind == BT_LAYER_POOL ? bc_kernel_new(k->before) : *k;
    bc_kernel_args a = bc_function(e, name);
    bc_value drives = BC_FIELD_PTR(e, a.state, drive), outs = BC_FIELD_PTR(e, a.state, out);
    bool standardised = neurons.layer->homeostasis;
    bc_value thetas = standardised ? BC_FIELD_PTR(e, a.state, balance.theta) : BC_FIELD_PTR(e, a.state, theta);
    bc_value errors = BC_FIELD_PTR(e, a.state, error);
    bc_value corrections = BC_FIELD_PTR(e, a.state, correction);
    bc_value zero = bc_splat_f32(e, 0);
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_places places = bc_places_begin(e, k);
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value first = bc_imul(e, blocks.i, e->lanes);
    bc_value x = bc_load_vector(e, bc_at_place(e, k, drives, samples.i, places.place), first);
    bc_value change = bc_load_vector(e, bc_at_place(e, k, corrections, samples.i, places.place), first);
    bc_value theta = standardised ? zero : bc_load_vector(e, thetas, first);
    bc_value span = standardised ? bc_load_vector(e, thetas, bc_iadd(e, first, bc_i32(e, k->plan->pitch)))
                                 : bc_sub(e, bc_splat_f32(e, 1), theta);
    bc_value y = bc_div(e, bc_load_vector(e, bc_at_place(e, k, outs, samples.i, places.place), first),
                        bc_splat_f32(e, neurons.layer->range_out));
    bc_value error = responsive(e, &neurons, x, y, theta, span, change);
    if (neurons.layer->depress_count || k->layer->depress_count) /* a depressed neuron is silent whatever its drive */
        error = bc_select(e, bc_greater(e, y, zero), error, zero);
    bc_store_vector(e, bc_at_place(e, k, errors, samples.i, places.place), first, error);
    bc_loop_end(e, &blocks);
    bc_places_end(e, &places);
    bc_loop_end(e, &samples);
    bc_return(e);
}
