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

/* A block of vectors of neurons for every sample of the range, so that its bounds stay in a near cache. Bounds that come
 * from beyond the second cache are read once for all samples. */
static void block(bc_emit *e, const bc_kernel *k, bc_value first, uint32_t count, void *user)
{
    forward_context *u = user;
    bc_line_range lines = bc_line_range_of(e, &u->args, k->plan->out.height);
    bc_walk walk = k->conv ? bc_walk_of(k->plan, count) : (bc_walk){0};
    bc_sums_tile(e, k, &u->sums, first, count);
    if (k->conv && walk.order == BC_ORDER_BOUNDS) {
        bc_passing(e, k, &u->sums, &walk, (bc_line_range){u->args.first, u->args.end}, lines);
        return;
    }
    bc_loop samples = bc_loop_begin(e, u->args.first, u->args.end, 1, "sample");
    bc_sums_sample(e, k, &u->sums, samples.i);
    if (!k->conv)
        whole_field(e, k, &u->sums);
    else if (walk.order == BC_ORDER_PLACES)
        bc_fields(e, k, &u->sums, &walk, lines);
    else
        bc_passing(e, k, &u->sums, &walk, (bc_line_range){samples.i, bc_iadd(e, samples.i, bc_i32(e, 1))}, lines);
    bc_loop_end(e, &samples);
}

/* All blocks of a convolution; the last one may be narrower than the others. */
static void blocks_of_filters(bc_emit *e, const bc_kernel *k, forward_context *u)
{
    uint32_t width = k->plan->walk.vectors, rest = k->blocks % width;
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks - rest), width, "block");
    block(e, k, blocks.i, width, u);
    bc_loop_end(e, &blocks);
    if (rest > 0)
        block(e, k, bc_i32(e, k->blocks - rest), rest, u);
}

void bc_emit_forward(bc_emit *e, const bc_kernel *k, const char *name)
{
    forward_context u = {.args = bc_function(e, name)};
    u.sums = bc_sums_of(e, u.args.state);
    if (k->conv)
        blocks_of_filters(e, k, &u);
    else
        bc_tiles(e, k, u.args.part_first, u.args.part_end, k->plan->vectors, block, &u);
    bc_return(e);
}
