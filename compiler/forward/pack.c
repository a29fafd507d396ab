/* Packs bounds that do not change, so that a connection costs two operations.
 *
 *     +-g(o, alpha) = w max(o, alpha) - w alpha,   w = +-a                                                     (1)
 *
 * The second term does not depend on the input, so it is summed once in advance. Both sums are split into stretches of
 * a few inputs, each starting from 0 and added in the same order. So the sums stay small and lose few digits, and a
 * stretch without live connections adds exactly 0. A block of packed bounds holds, for each stretch, the sum of the
 * second terms, then alpha and w of every input. The runs follow each other, so that every one is laid out alike. */
#include "forward/packed.h"

bc_value bc_stretch_at(bc_emit *e, const bc_kernel *k, bc_value run, bc_value number)
{
    return bc_row(e, e->f32, run, number, e->lanes * (1 + 2 * k->plan->packed.stretch));
}

bc_value bc_pair_at(bc_emit *e, bc_value stretch, bc_value input)
{
    return bc_row(e, e->f32, bc_row(e, e->f32, stretch, bc_i32(e, 1), e->lanes), input, 2 * e->lanes);
}

uint64_t bc_packed_run_floats(const bc_kernel *k, uint32_t rows)
{
    uint32_t stretch = k->plan->packed.stretch;
    return (uint64_t)k->plan->lanes * (2 * rows + (rows + stretch - 1) / stretch);
}

typedef struct pack_context {
    bc_value bounds, packed; /* at the current block and run */
} pack_context;

/* alpha = 1 - 1/a and w = +-a, a = a_max - |v|; and the sum of w alpha over the stretch. */
static void pack_stretch(bc_emit *e, const bc_kernel *k, const pack_context *u, bc_value number, uint32_t inputs)
{
    bc_value one = bc_splat_f32(e, 1), to = bc_stretch_at(e, k, u->packed, number);
    bc_value first = bc_imul(e, number, k->plan->packed.stretch);
    bc_value off = bc_slot(e, e->vector, bc_splat_f32(e, 0), "off");
    bc_loop each = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, inputs), 1, "input");
    bc_value row = bc_row(e, e->f32, u->bounds, bc_iadd(e, first, each.i), k->plan->pitch);
    bc_value v = bc_load_vector(e, row, bc_i32(e, 0)), pair = bc_pair_at(e, to, each.i);
    bc_value a = bc_sub(e, bc_splat_f32(e, k->a_max), bc_abs(e, v)), w = bc_copysign(e, a, v);
    /* rounding must not give less than 0 */
    bc_value alpha = bc_max(e, bc_sub(e, one, bc_div(e, one, a)), bc_splat_f32(e, 0));
    bc_store_vector(e, pair, bc_i32(e, 0), alpha);
    bc_store_vector(e, pair, bc_i32(e, e->lanes), w);
    bc_set(e, off, bc_muladd(e, alpha, w, bc_get(e, e->vector, off)));
    bc_loop_end(e, &each);
    bc_store_vector(e, to, bc_i32(e, 0), bc_get(e, e->vector, off));
}

static void pack_run(bc_emit *e, const bc_kernel *k, const pack_context *u, uint32_t rows)
{
    uint32_t whole = rows / k->plan->packed.stretch, rest = rows % k->plan->packed.stretch;
    bc_loop stretches = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, whole), 1, "stretch");
    pack_stretch(e, k, u, stretches.i, k->plan->packed.stretch);
    bc_loop_end(e, &stretches);
    if (rest > 0)
        pack_stretch(e, k, u, bc_i32(e, whole), rest);
}

static pack_context run_at(bc_emit *e, const bc_kernel *k, const pack_context *block, bc_value run)
{
    const bc_packed_plan *plan = &k->plan->packed;
    return (pack_context){bc_row(e, e->f32, block->bounds, run, (uint64_t)plan->run * k->plan->pitch),
                          bc_row(e, e->f32, block->packed, run, bc_packed_run_floats(k, plan->run))};
}

void bc_emit_pack(bc_emit *e, const bc_kernel *k, const char *name)
{
    const bc_packed_plan *plan = &k->plan->packed;
    bc_kernel_args a = bc_function(e, name);
    bc_value bounds = BC_FIELD_PTR(e, a.state, bounds), packed = BC_FIELD_PTR(e, a.state, tiles.packed);
    bc_loop blocks = bc_loop_begin(e, a.first, a.end, 1, "block");
    pack_context block = {bc_block(e, bounds, blocks.i), bc_row(e, e->f32, packed, blocks.i, plan->stride)};
    bc_loop runs = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, plan->runs), 1, "run");
    pack_context run = run_at(e, k, &block, runs.i);
    pack_run(e, k, &run, plan->run);
    bc_loop_end(e, &runs);
    if (plan->tail > 0) {
        run = run_at(e, k, &block, bc_i32(e, plan->runs));
        pack_run(e, k, &run, plan->tail);
    }
    bc_loop_end(e, &blocks);
    bc_return(e);
}
