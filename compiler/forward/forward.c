/* The forward pass by the events method: drive, level and activation of a block of neurons at every place, from the
 * live inputs alone: equations (2)-(4). */
#include "forward/sums.h"

typedef struct forward_context {
    bc_kernel_args args;
    bc_sums sums;
} forward_context;

/* The single field of a dense layer, for a few blocks of neurons. */
static void whole_field(bc_emit *e, const bc_kernel *k, bc_sums *u)
{
    /* Narrow layers keep several partial sums to hide the latency of additions. Their number depends on the layer only,
     * never on the thread's share of the work. */
    uint32_t partial = k->blocks >= BC_SUMS ? 1 : BC_SUMS / k->blocks;
    bc_value sums[16], zero = bc_i32(e, 0);
    bc_sums_clear(e, u, partial);
    bc_each_event(e, k, &(bc_window){&u->live, u->sample, zero, zero}, partial, bc_add_event, u);
    for (uint32_t v = 0; v < u->count; v++) {
        sums[v] = bc_get(e, e->vector, u->total[0][v]);
        for (uint32_t i = 1; i < partial; i++)
            sums[v] = bc_add(e, sums[v], bc_get(e, e->vector, u->total[i][v]));
    }
    bc_sums_finish(e, k, u, zero, sums);
}

/* A few blocks of neurons for every sample of the range, so that their bounds stay in a near cache. */
static void blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    forward_context *u = user;
    bc_sums_tile(e, &u->sums, block, count);
    bc_loop samples = bc_loop_begin(e, u->args.first, u->args.end, 1, "sample");
    bc_sums_sample(e, k, &u->sums, samples.i);
    if (!k->conv) {
        whole_field(e, k, &u->sums);
    } else {
        bc_line_range lines = bc_line_range_of(e, &u->args, k->plan->out.height);
        (bc_fields_fit(e, k, count) ? bc_fields : bc_passing)(e, k, &u->sums, lines.from, lines.to);
    }
    bc_loop_end(e, &samples);
}

void bc_emit_forward(bc_emit *e, const bc_kernel *k, const char *name)
{
    forward_context u = {.args = bc_function(e, name)};
    u.sums = bc_sums_of(e, u.args.state);
    bc_value from = k->conv ? bc_i32(e, 0) : u.args.part_first;
    bc_value to = k->conv ? bc_i32(e, k->blocks) : u.args.part_end;
    bc_tiles(e, k, from, to, k->plan->vectors, blocks, &u);
    bc_return(e);
}
