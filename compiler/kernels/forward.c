/* Drive, level and activation of a block of neurons, from the live inputs alone: equations (2)-(4). */
#include "kernel.h"

typedef struct forward_user {
    bc_kernel_args args;
    bc_value bounds, theta, counts, index, q, t, sums, drive, out;
} forward_user;

/* Adds event number `event` of the sample to one set of accumulators: x += c over the row's blocks.   (2) */
static void add_event(bc_emit *e, const bc_kernel *k, const forward_user *u, bc_value sample, bc_value event,
                      bc_value block, uint32_t count, bc_value *sums)
{
    bc_value at_index = bc_row(e, e->i32, u->index, sample, k->live_stride);
    bc_value at_q = bc_row(e, e->f32, u->q, sample, k->live_stride);
    bc_value at_t = bc_row(e, e->f32, u->t, sample, k->live_stride);
    bc_value row = bc_row(e, e->f32, u->bounds, bc_load_i32(e, at_index, event), k->plan->stride);
    bc_value place = bc_block(e, row, block);
    bc_value q = bc_splat(e, bc_load_f32(e, at_q, event)), t = bc_splat(e, bc_load_f32(e, at_t, event));
    for (uint32_t v = 0; v < count; v++) {
        bc_value w = bc_load_vector(e, place, bc_i32(e, v * e->lanes)), sum = bc_get(e, e->vector, sums[v]);
        if (k->plan->form == BR_FORM_ALPHA)
            sum = bc_add(e, sum, bc_contribution_printed(e, w, t));
        else if (k->plan->soft) /* q soft(v, t), fused with the sum */
            sum = bc_muladd(e, q, bc_sub(e, w, bc_clamp(e, w, bc_neg(e, t), t)), sum);
        else
            sum = bc_add(e, sum, bc_contribution(e, k, w, q, t));
        bc_set(e, sums[v], sum);
    }
}

/* gamma                                                                        (4) */
static bc_value gain(bc_emit *e, const bc_kernel *k, bc_value input_sum)
{
    const bl_layer *layer = k->layer;
    switch (layer->sum) {
    case BL_SUM_SCALED:
        return bc_f32(e, layer->gain / __builtin_sqrt(layer->inputs));
    case BL_SUM_RAW:
        return bc_f32(e, 1);
    case BL_SUM_SHARED:
        break;
    }
    /* An input that is silent everywhere drives nothing. */
    bc_value some = bc_greater(e, input_sum, bc_f32(e, 0));
    return bc_select(e, some, bc_div(e, bc_f32(e, layer->gain), input_sum), bc_f32(e, 0));
}

/* x = gamma * sum; o = s clamp((x - theta)/(1 - theta), 0, 1)                 (3), (4) */
static void finish(bc_emit *e, const bc_kernel *k, const forward_user *u, bc_value sample, bc_value block, bc_value sum)
{
    bc_value first = bc_imul(e, block, e->lanes);
    bc_value zero = bc_splat_f32(e, 0), one = bc_splat_f32(e, 1);
    bc_value x = bc_mul(e, sum, bc_splat(e, gain(e, k, bc_load_f32(e, u->sums, sample))));
    bc_value theta = bc_load_vector(e, u->theta, first);
    bc_value y = bc_div(e, bc_sub(e, x, theta), bc_sub(e, one, theta));
    y = bc_min(e, bc_max(e, y, zero), one); /* NaN, possible as printed, becomes 0 */
    bc_value o = bc_mul(e, y, bc_splat_f32(e, k->layer->range_out));
    bc_value real = bc_lanes_below(e, block, k->layer->neurons);
    bc_store_vector(e, bc_row(e, e->f32, u->drive, sample, k->plan->stride), first, bc_select(e, real, x, zero));
    bc_store_vector(e, bc_row(e, e->f32, u->out, sample, k->plan->stride), first, bc_select(e, real, o, zero));
}

/* A few blocks of neurons for every sample of the part, so that their bounds stay in the nearest cache. Narrow layers
 * keep several partial sums to hide the latency of adding; how many is a property of the layer, never of the part. */
static void blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    const forward_user *u = user;
    uint32_t partial = k->blocks >= 4 ? 1 : 4 / k->blocks;
    bc_value sums[4][16];
    bc_loop samples = bc_loop_begin(e, u->args.a0, u->args.a1, 1, "sample");
    for (uint32_t p = 0; p < partial; p++)
        for (uint32_t v = 0; v < count; v++)
            sums[p][v] = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum");
    bc_value live = bc_load_i32(e, u->counts, samples.i);
    bc_loop events = bc_loop_begin(e, bc_i32(e, 0), live, partial, "event");
    for (uint32_t p = 0; p < partial; p++)
        add_event(e, k, u, samples.i, bc_iadd(e, events.i, bc_i32(e, p)), block, count, sums[p]);
    bc_loop_end(e, &events);
    if (partial > 1) {
        bc_loop rest = bc_loop_begin(e, events.rest, live, 1, "rest");
        add_event(e, k, u, samples.i, rest.i, block, count, sums[0]);
        bc_loop_end(e, &rest);
    }
    for (uint32_t v = 0; v < count; v++) {
        bc_value sum = bc_get(e, e->vector, sums[0][v]);
        for (uint32_t p = 1; p < partial; p++)
            sum = bc_add(e, sum, bc_get(e, e->vector, sums[p][v]));
        finish(e, k, u, samples.i, bc_iadd(e, block, bc_i32(e, v)), sum);
    }
    bc_loop_end(e, &samples);
}

void bc_emit_forward(bc_emit *e, const bc_kernel *k, const char *name)
{
    forward_user u = {.args = bc_function(e, name)};
    u.bounds = BC_FIELD_PTR(e, u.args.state, bounds);
    u.theta = BC_FIELD_PTR(e, u.args.state, theta);
    u.counts = BC_FIELD_PTR(e, u.args.state, live_count);
    u.index = BC_FIELD_PTR(e, u.args.state, live_index);
    u.q = BC_FIELD_PTR(e, u.args.state, live_q);
    u.t = BC_FIELD_PTR(e, u.args.state, live_t);
    u.sums = BC_FIELD_PTR(e, u.args.state, input_sum);
    u.drive = BC_FIELD_PTR(e, u.args.state, drive);
    u.out = BC_FIELD_PTR(e, u.args.state, out);
    bc_tiles(e, k, u.args.b0, u.args.b1, k->plan->vectors, blocks, &u);
    bc_return(e);
}
