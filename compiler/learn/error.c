/* The output error from the drives of the last layer: softmax or hinge (section 3), and its magnitude. */
#include "kernels/kernel.h"

typedef struct error_fields {
    bc_value drive, theta, error, correction; /* drive, error, correction: of one sample */
    bc_value label;
} error_fields;

typedef struct error_result {
    bc_value size, any; /* slots: sums of |e|; largest |e| that was kept */
} error_result;

/* Stores the error. Errors below the floor count as 0, and lanes without a neuron have none. Also stores dy = e/(1 -
 * theta) for equation (7). */
static void keep(bc_emit *e, const bc_kernel *k, const error_fields *f, const error_result *r, bc_value block,
                 bc_value value)
{
    bc_value first = bc_imul(e, block, e->lanes), zero = bc_splat_f32(e, 0);
    value = bc_select(e, bc_lanes_below(e, block, k->layer->neurons), value, zero);
    bc_value size = bc_abs(e, value);
    bc_set(e, r->size, bc_add(e, bc_get(e, e->vector, r->size), size));
    value = bc_select(e, bc_less(e, size, bc_splat_f32(e, k->phase->floor)), zero, value);
    bc_set(e, r->any, bc_max(e, bc_get(e, e->vector, r->any), bc_abs(e, value)));
    bc_store_vector(e, f->error, first, value);
    bc_value span = bc_sub(e, bc_splat_f32(e, 1), bc_load_vector(e, f->theta, first));
    bc_store_vector(e, f->correction, first, bc_div(e, value, span));
}

/* e_k = [k = label] - softmax(b x)_k */
static void softmax(bc_emit *e, const bc_kernel *k, const error_fields *f, const error_result *r)
{
    bc_value none = bc_i32(e, 0), all = bc_i32(e, k->blocks), zero = bc_splat_f32(e, 0);
    bc_value low = bc_splat_f32(e, -3.0e38), b = bc_splat_f32(e, k->phase->sharpness);
    bc_value largest = bc_slot(e, e->vector, low, "largest");
    bc_loop one = bc_loop_begin(e, none, all, 1, "largest");
    bc_value x = bc_load_vector(e, f->drive, bc_imul(e, one.i, e->lanes));
    x = bc_select(e, bc_lanes_below(e, one.i, k->layer->neurons), x, low);
    bc_set(e, largest, bc_max(e, x, bc_get(e, e->vector, largest)));
    bc_loop_end(e, &one);
    bc_value top = bc_splat(e, bc_reduce_max(e, bc_get(e, e->vector, largest)));

    bc_value sum = bc_slot(e, e->vector, zero, "sum");
    bc_loop two = bc_loop_begin(e, none, all, 1, "weight");
    bc_value first = bc_imul(e, two.i, e->lanes);
    bc_value weight = bc_exp(e, bc_mul(e, b, bc_sub(e, bc_load_vector(e, f->drive, first), top)));
    weight = bc_select(e, bc_lanes_below(e, two.i, k->layer->neurons), weight, zero);
    bc_store_vector(e, f->error, first, weight);
    bc_set(e, sum, bc_add(e, bc_get(e, e->vector, sum), weight));
    bc_loop_end(e, &two);
    bc_value total = bc_splat(e, bc_reduce_add(e, bc_get(e, e->vector, sum)));

    bc_loop three = bc_loop_begin(e, none, all, 1, "share");
    bc_value p = bc_div(e, bc_load_vector(e, f->error, bc_imul(e, three.i, e->lanes)), total);
    bc_value wanted = bc_select(e, bc_lane_is(e, three.i, f->label), bc_splat_f32(e, 1), zero);
    bc_value error = bc_sub(e, wanted, p);
    if (k->plan->gradient) /* the gradient of -log p_label */
        error = bc_mul(e, error, b);
    keep(e, k, f, r, three.i, error);
    bc_loop_end(e, &three);
}

/* e_label = max(0, m - x), e_other = -max(0, x + m) */
static void hinge(bc_emit *e, const bc_kernel *k, const error_fields *f, const error_result *r)
{
    bc_value zero = bc_splat_f32(e, 0), margin = bc_splat_f32(e, k->phase->sharpness);
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value x = bc_load_vector(e, f->drive, bc_imul(e, blocks.i, e->lanes));
    bc_value up = bc_max(e, bc_sub(e, margin, x), zero);
    bc_value down = bc_neg(e, bc_max(e, bc_add(e, x, margin), zero));
    if (k->plan->gradient) { /* the gradient of the hinge: 1 or 0 */
        up = bc_select(e, bc_greater(e, up, zero), bc_splat_f32(e, 1), zero);
        down = bc_select(e, bc_less(e, down, zero), bc_splat_f32(e, -1), zero);
    }
    keep(e, k, f, r, blocks.i, bc_select(e, bc_lane_is(e, blocks.i, f->label), up, down));
    bc_loop_end(e, &blocks);
}

void bc_emit_error(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value drive = BC_FIELD_PTR(e, a.state, drive), theta = BC_FIELD_PTR(e, a.state, theta);
    bc_value error = BC_FIELD_PTR(e, a.state, error), correction = BC_FIELD_PTR(e, a.state, correction);
    bc_value labels = BC_FIELD_PTR(e, a.state, labels), active = BC_FIELD_PTR(e, a.state, active);
    bc_value sizes = BC_FIELD_PTR(e, a.state, error_size);

    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    error_fields f = {
        .drive = bc_row(e, e->f32, drive, samples.i, k->plan->pitch),
        .theta = theta,
        .error = bc_row(e, e->f32, error, samples.i, k->plan->pitch),
        .correction = bc_row(e, e->f32, correction, samples.i, k->plan->pitch),
        .label = bc_load_i32(e, labels, samples.i),
    };
    error_result r = {bc_slot(e, e->vector, bc_splat_f32(e, 0), "size"),
                      bc_slot(e, e->vector, bc_splat_f32(e, 0), "any")};
    if (k->phase->error == BT_ERROR_SOFTMAX)
        softmax(e, k, &f, &r);
    else
        hinge(e, k, &f, &r);
    bc_value any = bc_greater(e, bc_reduce_max(e, bc_get(e, e->vector, r.any)), bc_f32(e, 0));
    bc_store_i32(e, active, samples.i, LLVMBuildZExt(e->builder, any, e->i32, ""));
    bc_store_f32(e, sizes, samples.i, bc_reduce_add(e, bc_get(e, e->vector, r.size)));
    bc_loop_end(e, &samples);
    bc_return(e);
}
