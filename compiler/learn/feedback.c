/* Feedback to the layer below: equations (16)-(18), inverted on the linear range. A silent neuron has no live
 * connections, so it gets no feedback. */
#include "kernels/kernel.h"

typedef struct feedback_context {
    bc_value row;       /* of bounds */
    bc_value event_row; /* events of this row */
    bc_value event_count;
    bc_value error;      /* [batch][sample_stride] */
    bc_value correction; /* [batch][in.sample_stride]: corrections of the layer below, added to */
    bc_value input;      /* number of the row */
} feedback_context;

/* do_i += sum over k live of sign_ik (1 - alpha_ik) e_k
 * 1 - alpha = 1/a is computed once for all samples. Live means |v| > t here: a connection without signal passes no
 * error back. */
static void blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    const feedback_context *u = user;
    bc_value size[16], slope[16], bounds = bc_block(e, u->row, block);
    for (uint32_t v = 0; v < count; v++) {
        bc_value w = bc_load_vector(e, bounds, bc_i32(e, v * e->lanes));
        size[v] = bc_abs(e, w);
        slope[v] = bc_slope(e, k, w);
    }
    bc_loop events = bc_loop_begin(e, bc_i32(e, 0), u->event_count, 1, "event");
    bc_event event = bc_event_load(e, u->event_row, events.i);
    bc_value errors = bc_block(e, bc_row(e, e->f32, u->error, event.sample, k->plan->pitch), block);
    bc_value t = bc_splat(e, event.threshold), sum = bc_splat_f32(e, 0);
    for (uint32_t v = 0; v < count; v++) {
        bc_value wanted = bc_load_vector(e, errors, bc_i32(e, v * e->lanes));
        bc_value live = bc_select(e, bc_greater(e, size[v], t), slope[v], bc_splat_f32(e, 0));
        sum = bc_muladd(e, live, wanted, sum);
    }
    bc_value below = bc_row(e, e->f32, u->correction, event.sample, k->plan->in.sample_stride);
    bc_store_f32(e, below, u->input, bc_add(e, bc_load_f32(e, below, u->input), bc_reduce_add(e, sum)));
    bc_loop_end(e, &events);
}

void bc_emit_feedback(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value bounds = BC_FIELD_PTR(e, a.state, bounds), row_count = BC_FIELD_PTR(e, a.state, rows.count);
    bc_value rows = BC_FIELD_PTR(e, a.state, rows.events), batch = BC_FIELD_I32(e, a.state, batch);
    feedback_context u = {.error = BC_FIELD_PTR(e, a.state, error),
                          .correction = BC_FIELD_PTR(e, a.state, input_correction)};

    bc_loop inputs = bc_loop_begin(e, a.part_first, a.part_end, 1, "row");
    u.input = inputs.i;
    u.event_count = bc_load_i32(e, row_count, inputs.i);
    bc_branch used = bc_if(e, bc_iless(e, bc_i32(e, 0), u.event_count), "used");
    u.row = bc_row(e, e->f32, bounds, inputs.i, k->plan->pitch);
    u.event_row = bc_event_row(e, rows, inputs.i, batch);
    bc_tiles(e, k, bc_i32(e, 0), bc_i32(e, k->blocks), k->blocks < 4 ? k->blocks : 4, blocks, &u);
    bc_endif(e, &used);
    bc_loop_end(e, &inputs);
    bc_return(e);
}
