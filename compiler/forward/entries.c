/* The forward pass of a layer with few connections left (compiler/artefact/weights.c): equations (2)-(4). Each live
 * input walks a list of its connections that can carry signal. Sums are kept in memory. */
#include "forward/forward.h"

typedef struct entries_context {
    bc_value values;    /* [entries]: w */
    bc_value drive;     /* sums at the place */
    bc_value field_sum; /* slot: sum of o over the field; NULL in a dense layer */
} entries_context;

/* Adds the connections of one input one by one: x_k += c.                               (2) */
static void add_entries(bc_emit *e, const bc_kernel *k, uint32_t number, bc_live_event event, void *user)
{
    const entries_context *u = user;
    (void)number;
    if (u->field_sum)
        bc_set(e, u->field_sum, bc_add(e, bc_get(e, e->f32, u->field_sum), event.o));
    bc_value from = bc_load_i32(e, k->starts, event.row);
    bc_value to = bc_load_i32(e, k->starts, bc_iadd(e, event.row, bc_i32(e, 1)));
    bc_value zero = bc_f32(e, 0), below = bc_neg(e, event.t);
    bc_loop entries = bc_loop_begin(e, from, to, 1, "entry");
    bc_value neuron = bc_load_i32(e, k->targets, entries.i), w = bc_load_f32(e, u->values, entries.i);
    bc_value sum = bc_load_f32(e, u->drive, neuron);
    if (k->plan->soft) {
        sum = bc_muladd(e, event.q, bc_sub(e, w, bc_clamp(e, w, below, event.t)), sum);
    } else {
        bc_value over = bc_max(e, bc_sub(e, bc_abs(e, w), event.t), zero);
        sum = bc_add(e, sum, bc_copysign(e, bc_mul(e, event.q, over), w));
    }
    bc_store_f32(e, u->drive, neuron, sum);
    bc_loop_end(e, &entries);
}

static void finish(bc_emit *e, const bc_kernel *k, bc_value theta, bc_value drive, bc_value out, bc_value gamma)
{
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_thresholds thresholds = bc_thresholds_load(e, k, bc_block(e, theta, blocks.i), 1);
    bc_tile to = {.block = blocks.i, .drive = bc_block(e, drive, blocks.i), .thresholds = &thresholds};
    bc_value sum = bc_load_vector(e, to.drive, bc_i32(e, 0));
    to.out = bc_block(e, out, blocks.i);
    bc_finish(e, k, &to, 0, bc_mul(e, sum, gamma));
    bc_loop_end(e, &blocks);
}

void bc_emit_forward_entries(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_live live = bc_live_load(e, a.state);
    bc_value theta = BC_FIELD_PTR(e, a.state, theta), sums = BC_FIELD_PTR(e, a.state, input_sum);
    bc_value drives = BC_FIELD_PTR(e, a.state, drive), outs = BC_FIELD_PTR(e, a.state, out);
    entries_context u = {.values = BC_FIELD_PTR(e, a.state, bounds)};
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_places places = bc_places_begin(e, k);
    u.drive = bc_at_place(e, k, drives, samples.i, places.place);
    u.field_sum = k->conv ? bc_slot(e, e->f32, bc_f32(e, 0), "field") : NULL;
    bc_zero_f32(e, u.drive, bc_i32(e, 0), bc_i32(e, k->plan->pitch));
    bc_window window = {&live, samples.i, places.y, places.x};
    bc_each_event(e, k, &window, 1, add_entries, &u);
    bc_value place = bc_row(e, e->f32, sums, samples.i, k->plan->out.height * k->plan->out.width);
    if (k->conv)
        bc_store_f32(e, place, places.place, bc_get(e, e->f32, u.field_sum));
    bc_value gamma = bc_splat(e, bc_gamma(e, k, bc_load_f32(e, place, places.place)));
    finish(e, k, theta, u.drive, bc_at_place(e, k, outs, samples.i, places.place), gamma);
    bc_places_end(e, &places);
    bc_loop_end(e, &samples);
    bc_return(e);
}
