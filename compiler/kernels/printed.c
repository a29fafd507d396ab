/* The rule exactly as the paper prints it, for comparison: equations (6)-(18). Where the paper is ambiguous,
 * docs/model.md says how it is read. Training is online: a batch is one sample. |w| is alpha, o = y, gamma = 1. */
#include "kernels/kernel.h"

/* dx = eta ((y + dy)(1 - theta) + theta - x)                                    (6), (9) as printed */
static bc_value wanted_drive(bc_emit *e, bc_value eta, bc_value y, bc_value dy, bc_value theta, bc_value x)
{
    bc_value one = bc_f32_like(e, y, 1);
    bc_value line = bc_add(e, bc_mul(e, bc_add(e, y, dy), bc_sub(e, one, theta)), theta);
    return bc_mul(e, eta, bc_sub(e, line, x));
}

/* dy = target - y with one-hot targets. */
void bc_emit_error_printed(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value drive = BC_FIELD_PTR(e, a.state, drive), out = BC_FIELD_PTR(e, a.state, out);
    bc_value thetas = BC_FIELD_PTR(e, a.state, theta), error = BC_FIELD_PTR(e, a.state, error);
    bc_value correction = BC_FIELD_PTR(e, a.state, correction), labels = BC_FIELD_PTR(e, a.state, labels);
    bc_value active = BC_FIELD_PTR(e, a.state, active), sizes = BC_FIELD_PTR(e, a.state, error_size);
    bc_value eta = bc_splat(e, BC_FIELD_F32(e, a.state, rates.eta)), zero = bc_splat_f32(e, 0);

    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_value label = bc_load_i32(e, labels, samples.i);
    bc_value size = bc_slot(e, e->vector, zero, "size");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value first = bc_imul(e, blocks.i, e->lanes), real = bc_lanes_below(e, blocks.i, k->layer->neurons);
    bc_value y = bc_load_vector(e, bc_row(e, e->f32, out, samples.i, k->plan->pitch), first);
    bc_value x = bc_load_vector(e, bc_row(e, e->f32, drive, samples.i, k->plan->pitch), first);
    bc_value theta = bc_load_vector(e, thetas, first);
    bc_value target = bc_select(e, bc_lane_is(e, blocks.i, label), bc_splat_f32(e, 1), zero);
    bc_value dy = bc_select(e, real, bc_sub(e, target, y), zero);
    bc_value dx = bc_select(e, real, wanted_drive(e, eta, y, dy, theta, x), zero);
    bc_store_vector(e, bc_row(e, e->f32, error, samples.i, k->plan->pitch), first, dx);
    bc_store_vector(e, bc_row(e, e->f32, correction, samples.i, k->plan->pitch), first, dy);
    bc_set(e, size, bc_add(e, bc_get(e, e->vector, size), bc_abs(e, dy)));
    bc_loop_end(e, &blocks);
    bc_store_i32(e, active, samples.i, bc_i32(e, 1));
    bc_store_f32(e, sizes, samples.i, bc_reduce_add(e, bc_get(e, e->vector, size)));
    bc_loop_end(e, &samples);
    bc_return(e);
}

typedef struct printed_context {
    bc_value row, event_row, event_count;
    bc_value error, correction;
    bc_value input, eta, xi;
} printed_context;

/* do = eta ((g + dc)(1 - alpha) + alpha - o)                                    (16)
 * (17) has an additional minus sign; both are weighted by o_i/sum o.            (18) */
static void feedback_blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    const printed_context *u = user;
    bc_value one = bc_splat_f32(e, 1), zero = bc_splat_f32(e, 0);
    bc_loop events = bc_loop_begin(e, bc_i32(e, 0), u->event_count, 1, "event");
    bc_event event = bc_event_load(e, u->event_row, events.i);
    bc_value errors = bc_row(e, e->f32, u->error, event.sample, k->plan->pitch);
    bc_value o = bc_splat(e, event.threshold), share = bc_splat(e, event.share), sum = zero;
    for (uint32_t v = 0; v < count; v++) {
        bc_value at = bc_iadd(e, block, bc_i32(e, v)), first = bc_imul(e, at, e->lanes);
        bc_value w = bc_load_vector(e, u->row, first), alpha = bc_abs(e, w);
        bc_value g = bc_abs(e, bc_contribution_printed(e, w, o));
        bc_value dc = bc_mul(e, bc_load_vector(e, errors, first), share);
        bc_value line = bc_add(e, bc_mul(e, bc_add(e, g, dc), bc_sub(e, one, alpha)), alpha);
        bc_value change = bc_flip_sign(e, bc_mul(e, u->eta, bc_sub(e, line, o)), w);
        bc_value counts = bc_and(e, bc_lanes_below(e, at, k->layer->neurons), bc_finite(e, change));
        sum = bc_add(e, sum, bc_select(e, counts, change, zero));
    }
    bc_value below = bc_row(e, e->f32, u->correction, event.sample, k->plan->in.sample_stride);
    bc_value total = bc_mul(e, bc_reduce_add(e, sum), event.share);
    bc_store_f32(e, below, u->input, bc_add(e, bc_load_f32(e, below, u->input), total));
    bc_loop_end(e, &events);
}

/* Every neuron, also a silent one, gets a target drive by (9): the rule as printed has no gate. */
void bc_emit_gate_printed(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value drives = BC_FIELD_PTR(e, a.state, drive), outs = BC_FIELD_PTR(e, a.state, out);
    bc_value thetas = BC_FIELD_PTR(e, a.state, theta), errors = BC_FIELD_PTR(e, a.state, error);
    bc_value corrections = BC_FIELD_PTR(e, a.state, correction);
    bc_value eta = bc_splat(e, BC_FIELD_F32(e, a.state, rates.eta));
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value first = bc_imul(e, blocks.i, e->lanes);
    bc_value x = bc_load_vector(e, bc_row(e, e->f32, drives, samples.i, k->plan->pitch), first);
    bc_value y = bc_load_vector(e, bc_row(e, e->f32, outs, samples.i, k->plan->pitch), first);
    bc_value dy = bc_load_vector(e, bc_row(e, e->f32, corrections, samples.i, k->plan->pitch), first);
    bc_value dx = wanted_drive(e, eta, y, dy, bc_load_vector(e, thetas, first), x);
    dx = bc_select(e, bc_lanes_below(e, blocks.i, k->layer->neurons), dx, bc_splat_f32(e, 0));
    bc_store_vector(e, bc_row(e, e->f32, errors, samples.i, k->plan->pitch), first, dx);
    bc_loop_end(e, &blocks);
    bc_loop_end(e, &samples);
    bc_return(e);
}

void bc_emit_feedback_printed(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value bounds = BC_FIELD_PTR(e, a.state, bounds), row_count = BC_FIELD_PTR(e, a.state, rows.count);
    bc_value rows = BC_FIELD_PTR(e, a.state, rows.events), batch = BC_FIELD_I32(e, a.state, batch);
    printed_context u = {.error = BC_FIELD_PTR(e, a.state, error),
                         .correction = BC_FIELD_PTR(e, a.state, input_correction),
                         .eta = bc_splat(e, BC_FIELD_F32(e, a.state, rates.eta))};
    bc_loop inputs = bc_loop_begin(e, a.part_first, a.part_end, 1, "row");
    u.input = inputs.i;
    u.event_count = bc_load_i32(e, row_count, inputs.i);
    u.row = bc_row(e, e->f32, bounds, inputs.i, k->plan->pitch);
    u.event_row = bc_event_row(e, rows, inputs.i, batch);
    bc_tiles(e, k, bc_i32(e, 0), bc_i32(e, k->blocks), k->blocks < 4 ? k->blocks : 4, feedback_blocks, &u);
    bc_loop_end(e, &inputs);
    bc_return(e);
}

/* alpha^ = (o - (g + dg))/(1 - (g + dg)); alpha += xi (alpha^ - alpha), clamped below only            (12)-(15)
 * A connection that should weaken flips its sign if alpha + dalpha - alpha_max < tau. As printed, this is always
 * true. */
static void step_blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    const printed_context *u = user;
    bc_value one = bc_splat_f32(e, 1), zero = bc_splat_f32(e, 0);
    bc_value edge = bc_splat_f32(e, k->layer->tau + k->layer->alpha_max);
    bc_loop events = bc_loop_begin(e, bc_i32(e, 0), u->event_count, 1, "event");
    bc_event event = bc_event_load(e, u->event_row, events.i);
    bc_value errors = bc_row(e, e->f32, u->error, event.sample, k->plan->pitch);
    bc_value o = bc_splat(e, event.threshold), share = bc_splat(e, event.share);
    for (uint32_t v = 0; v < count; v++) {
        bc_value first = bc_imul(e, bc_iadd(e, block, bc_i32(e, v)), e->lanes);
        bc_value w = bc_load_vector(e, u->row, first), alpha = bc_abs(e, w);
        bc_value g = bc_abs(e, bc_contribution_printed(e, w, o));
        bc_value dg = bc_flip_sign(e, bc_mul(e, bc_load_vector(e, errors, first), share), w);
        bc_value wanted = bc_add(e, g, dg);
        bc_value solved = bc_div(e, bc_sub(e, o, wanted), bc_sub(e, one, wanted));
        bc_value moved = bc_add(e, alpha, bc_mul(e, u->xi, bc_sub(e, solved, alpha)));
        bc_value flips = bc_and(e, bc_less(e, dg, zero), bc_less(e, moved, edge));
        bc_value sign = bc_select(e, flips, bc_neg(e, w), w);
        bc_assert_within(e, alpha, 0, (float)k->layer->alpha_max, BR_FAULT_BOUND);
        bc_value next = bc_copysign(e, bc_max(e, moved, zero), sign);
        bc_value steps = bc_and(e, bc_greater(e, bc_abs(e, dg), zero), bc_finite(e, moved));
        steps = bc_and(e, steps, bc_lanes_below(e, bc_iadd(e, block, bc_i32(e, v)), k->layer->neurons));
        bc_store_vector(e, u->row, first, bc_select(e, steps, next, w));
    }
    bc_loop_end(e, &events);
}

void bc_emit_step_printed(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value bounds = BC_FIELD_PTR(e, a.state, bounds), row_count = BC_FIELD_PTR(e, a.state, rows.count);
    bc_value rows = BC_FIELD_PTR(e, a.state, rows.events), batch = BC_FIELD_I32(e, a.state, batch);
    printed_context u = {.error = BC_FIELD_PTR(e, a.state, error),
                         .xi = bc_splat(e, BC_FIELD_F32(e, a.state, rates.xi))};
    bc_loop inputs = bc_loop_begin(e, a.first, a.end, 1, "row");
    u.event_count = bc_load_i32(e, row_count, inputs.i);
    u.row = bc_row(e, e->f32, bounds, inputs.i, k->plan->pitch);
    u.event_row = bc_event_row(e, rows, inputs.i, batch);
    bc_tiles(e, k, a.part_first, a.part_end, k->plan->vectors, step_blocks, &u);
    bc_loop_end(e, &inputs);
    bc_return(e);
}

/* theta^ = (x - (y + dy))/(1 - (y + dy)), clamped below only; theta += xi (theta^ - theta).          (7)-(8) */
void bc_emit_threshold_printed(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value thetas = BC_FIELD_PTR(e, a.state, theta), drive = BC_FIELD_PTR(e, a.state, drive);
    bc_value out = BC_FIELD_PTR(e, a.state, out), correction = BC_FIELD_PTR(e, a.state, correction);
    bc_value xi = bc_splat(e, BC_FIELD_F32(e, a.state, rates.theta));
    bc_value zero = bc_splat_f32(e, 0), one = bc_splat_f32(e, 1);
    bc_loop blocks = bc_loop_begin(e, a.part_first, a.part_end, 1, "block");
    bc_value first = bc_imul(e, blocks.i, e->lanes), real = bc_lanes_below(e, blocks.i, k->layer->neurons);
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_value theta = bc_load_vector(e, thetas, first);
    bc_value x = bc_load_vector(e, bc_row(e, e->f32, drive, samples.i, k->plan->pitch), first);
    bc_value y = bc_load_vector(e, bc_row(e, e->f32, out, samples.i, k->plan->pitch), first);
    bc_value dy = bc_load_vector(e, bc_row(e, e->f32, correction, samples.i, k->plan->pitch), first);
    bc_value target = bc_add(e, y, dy);
    bc_value solved = bc_div(e, bc_sub(e, x, target), bc_sub(e, one, target));
    bc_value steps = bc_and(e, real, bc_finite(e, solved));
    solved = bc_max(e, solved, zero);
    bc_value moved = bc_max(e, bc_add(e, theta, bc_mul(e, xi, bc_sub(e, solved, theta))), zero);
    bc_store_vector(e, thetas, first, bc_select(e, steps, moved, theta));
    bc_loop_end(e, &samples);
    bc_loop_end(e, &blocks);
    bc_return(e);
}
