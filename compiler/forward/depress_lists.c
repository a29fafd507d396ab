/* The winners among all filters of a place, for a small `keep`.                                                (19)
 *
 * A lane is a place. Filters pass by in blocks, and each lane keeps its k + 1 largest drives in descending order. A
 * block is sorted by Batcher's odd-even network and merged into the list by the same network; a step of either is a
 * maximum and a minimum of two vectors. Steps whose results nobody reads are removed by LLVM, so the list costs 4 to 7
 * operations for each filter instead of the 2k + 1 of an insertion. */
#include "forward/depress.h"

enum { QUAD = 4, BLOCK_MOST = 16, KEEP_MOST = 40, LIST_MOST = KEEP_MOST + 1, WIRES_MOST = 128 };

typedef struct lists {
    const bc_depress *u;
    uint32_t count, block;         /* drives kept; filters in a block */
    bc_value top[LIST_MOST];       /* slots, the largest first */
    bc_value base;                 /* the row of lane 0 */
    bc_value offsets;              /* [lanes]: distance of each lane's row from `base` in rows; NULL: its number */
    bc_value least, next, largest; /* [lanes]: the results */
} lists;

/* Longer lists take longer than bisection, on every processor level (docs/design/sparse.md). A list has a fixed
 * length. */
bool bc_depress_has_lists(const bc_depress *u)
{
    return !u->keep && u->clause->keep <= KEEP_MOST;
}

static uint32_t block_of(uint32_t count)
{
    return count < 6 ? 4 : count < 14 ? 8 : BLOCK_MOST;
}

/* ---- networks: w[i] >= w[j] after a step; NULL stands for a value below all others ---- */

static void step(bc_emit *e, bc_value *w, uint32_t i, uint32_t j)
{
    bc_value upper = w[i], lower = w[j];
    if (!lower)
        return;
    w[i] = upper ? bc_max(e, upper, lower) : lower;
    w[j] = upper ? bc_min(e, upper, lower) : NULL;
}

/* Merges the sorted halves of w[from], w[from + apart], ..., `n` wires of distance 1 wide. */
static void merge(bc_emit *e, bc_value *w, uint32_t from, uint32_t n, uint32_t apart)
{
    if (2 * apart >= n) {
        step(e, w, from, from + apart);
        return;
    }
    merge(e, w, from, n, 2 * apart);
    merge(e, w, from + apart, n, 2 * apart);
    for (uint32_t i = from + apart; i + apart < from + n; i += 2 * apart)
        step(e, w, i, i + apart);
}

static void sort(bc_emit *e, bc_value *w, uint32_t from, uint32_t n)
{
    if (n < 2)
        return;
    sort(e, w, from, n / 2);
    sort(e, w, from + n / 2, n / 2);
    merge(e, w, from, n, 1);
}

/* ---- drives, four filters of every lane at a time ---- */

static bc_value shuffle(bc_emit *e, bc_value a, bc_value b, const uint32_t *from, uint32_t count)
{
    bc_value indices[64];
    for (uint32_t i = 0; i < count; i++)
        indices[i] = bc_i32(e, from[i]);
    return LLVMBuildShuffleVector(e->builder, a, b, LLVMConstVector(indices, count), "");
}

static bc_value load_quad(bc_emit *e, bc_value base, bc_value index)
{
    bc_value load = LLVMBuildLoad2(e->builder, LLVMVectorType(e->f32, QUAD), bc_row(e, e->f32, base, index, 1), "");
    LLVMSetAlignment(load, QUAD * sizeof(float));
    return load;
}

/* Joins `count` quads into one vector. */
static bc_value joined(bc_emit *e, bc_value *quads, uint32_t count)
{
    uint32_t from[64];
    for (uint32_t i = 0; i < 64; i++)
        from[i] = i;
    for (uint32_t width = QUAD; count > 1; count /= 2, width *= 2)
        for (uint32_t i = 0; i < count / 2; i++)
            quads[i] = shuffle(e, quads[2 * i], quads[2 * i + 1], from, 2 * width);
    return quads[0];
}

/* Takes `first` and first + 1 of the four lanes of a, then of b, in each quarter: a0 b0 a1 b1 if `apart`, else
 * a0 a1 b0 b1. */
static bc_value interleaved(bc_emit *e, bc_value a, bc_value b, uint32_t first, bool apart)
{
    uint32_t from[64], lanes = e->lanes;
    for (uint32_t i = 0; i < lanes; i++) {
        uint32_t other = apart ? i % 2 : i % QUAD / 2, which = apart ? i % QUAD / 2 : i % 2;
        from[i] = i / QUAD * QUAD + first + which + other * lanes;
    }
    return shuffle(e, a, b, from, lanes);
}

static bc_value row_of(bc_emit *e, const bc_kernel *k, const lists *l, uint32_t lane)
{
    bc_value row = l->offsets ? bc_load_i32(e, l->offsets, bc_i32(e, lane)) : bc_i32(e, lane);
    return bc_row(e, e->f32, l->base, row, k->plan->pitch);
}

/* w[0 .. 3]: the drives of filters first .. first + 3, a place in each lane. Quads of the rows 0, 4, 8, ... make one
 * vector, so that only 4 x 4 lanes remain to be transposed, within each quarter. */
static void load_filters(bc_emit *e, const bc_kernel *k, const lists *l, bc_value first, bc_value *w)
{
    bc_value quads[64 / QUAD], rows[QUAD];
    for (uint32_t i = 0; l->u->conscience && i < e->lanes / QUAD; i++)
        quads[i] = load_quad(e, l->u->conscience, first);
    bc_value conscience = l->u->conscience ? joined(e, quads, e->lanes / QUAD) : NULL;
    for (uint32_t i = 0; i < QUAD; i++) {
        for (uint32_t part = 0; part < e->lanes / QUAD; part++)
            quads[part] = load_quad(e, row_of(e, k, l, part * QUAD + i), first);
        rows[i] = joined(e, quads, e->lanes / QUAD);
        if (conscience)
            rows[i] = bc_sub(e, rows[i], conscience);
    }
    bc_value low[2] = {interleaved(e, rows[0], rows[1], 0, true), interleaved(e, rows[2], rows[3], 0, true)};
    bc_value high[2] = {interleaved(e, rows[0], rows[1], 2, true), interleaved(e, rows[2], rows[3], 2, true)};
    w[0] = interleaved(e, low[0], low[1], 0, false);
    w[1] = interleaved(e, low[0], low[1], 2, false);
    w[2] = interleaved(e, high[0], high[1], 0, false);
    w[3] = interleaved(e, high[0], high[1], 2, false);
}

/* ---- lists ---- */

/* Merges the block of filters first, first + 1, ... into the lists; `filters` of them exist. */
static void take_block(bc_emit *e, const bc_kernel *k, const lists *l, bc_value first, uint32_t filters)
{
    bc_value w[WIRES_MOST] = {NULL};
    uint32_t half = l->block;
    while (half < l->count)
        half *= 2;
    for (uint32_t i = 0; i < filters; i += QUAD)
        load_filters(e, k, l, bc_iadd(e, first, bc_i32(e, i)), &w[half + i]);
    for (uint32_t i = filters; i < half; i++)
        w[half + i] = NULL;
    sort(e, w, half, l->block);
    for (uint32_t i = 0; i < l->count; i++)
        w[i] = bc_get(e, e->vector, l->top[i]);
    merge(e, w, 0, 2 * half, 1);
    for (uint32_t i = 0; i < l->count; i++)
        bc_set(e, l->top[i], w[i]);
}

static void fill_lists(bc_emit *e, const bc_kernel *k, lists *l)
{
    uint32_t n = k->layer->neurons, whole = n / l->block * l->block;
    for (uint32_t i = 0; i < l->count; i++)
        l->top[i] = bc_slot(e, e->vector, bc_splat_f32(e, BC_DRIVE_NONE), "top");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, whole), l->block, "filters");
    take_block(e, k, l, blocks.i, l->block);
    bc_loop_end(e, &blocks);
    if (whole < n)
        take_block(e, k, l, bc_i32(e, whole), n - whole);
    uint32_t keep = l->u->clause->keep;
    bc_value zero = bc_i32(e, 0);
    bc_store_vector(e, l->least, zero, bc_get(e, e->vector, l->top[keep - 1]));
    bc_store_vector(e, l->next, zero, bc_get(e, e->vector, l->top[keep]));
    bc_store_vector(e, l->largest, zero, bc_get(e, e->vector, l->top[0]));
}

/* Settles the rows [from, to); that of lane 0 is `base`. */
static void settle_rows(bc_emit *e, const bc_kernel *k, const lists *l, bc_value base, bc_value from, bc_value to)
{
    bc_loop rows = bc_loop_begin(e, from, to, 1, "row");
    bc_value lane = bc_isub(e, rows.i, base);
    bc_order order = {bc_load_f32(e, l->least, lane), bc_load_f32(e, l->next, lane), bc_load_f32(e, l->largest, lane),
                      NULL};
    order.tied = bc_equal(e, order.least, order.next);
    bc_depress_row(e, k, l->u, rows.i, &order);
    bc_loop_end(e, &rows);
}

/* Writes the orders of as many rows as there are lanes, from row `base` on. */
static void store_orders(bc_emit *e, const bc_kernel *k, const lists *l, bc_value base)
{
    const bc_depress *u = l->u;
    bc_value zero = bc_i32(e, 0), least = bc_get(e, e->vector, l->top[u->clause->keep - 1]);
    bc_value next = bc_get(e, e->vector, l->top[u->clause->keep]), whole = bc_splat(e, bc_i32(e, BR_ORDER_WHOLE));
    bc_store_unaligned(e, bc_depress_order_at(e, k, u, BR_ORDER_LEAST, base), zero, least);
    bc_store_unaligned(e, bc_depress_order_at(e, k, u, BR_ORDER_CUT, base), zero,
                       LLVMBuildBitCast(e->builder, whole, e->vector, ""));
    if (bc_depress_reads_next(k, u)) {
        bc_store_unaligned(e, bc_depress_order_at(e, k, u, BR_ORDER_NEXT, base), zero, next);
        bc_store_unaligned(e, bc_depress_order_at(e, k, u, BR_ORDER_LARGEST, base), zero,
                           bc_get(e, e->vector, l->top[0]));
    }
    if (u->clause->gap > 0)
        return;
    bc_set_lane_loop tied = bc_for_each_set_lane(e, bc_equal(e, least, next));
    bc_value row = bc_iadd(e, base, tied.lane), cut = bc_depress_cut(e, k, u, row, bc_load_f32(e, l->least, tied.lane));
    bc_store_i32(e, bc_depress_order_at(e, k, u, BR_ORDER_CUT, row), zero, cut);
    bc_for_each_set_lane_end(e, &tied);
}

/* Settles the group of rows [from, to): one by one, or their orders at once if the group is whole. */
static void settle_group(bc_emit *e, const bc_kernel *k, const lists *l, bc_value base, bc_value from, bc_value to)
{
    if (!l->u->order) {
        settle_rows(e, k, l, base, from, to);
        return;
    }
    bc_value whole = bc_iequal(e, bc_isub(e, to, from), bc_i32(e, e->lanes));
    whole = bc_and(e, whole, LLVMBuildIsNotNull(e->builder, l->u->order, ""));
    bc_branch at_once = bc_if(e, whole, "whole");
    store_orders(e, k, l, base);
    bc_endif(e, &at_once);
    bc_branch singly = bc_if(e, LLVMBuildNot(e->builder, whole, ""), "singly");
    settle_rows(e, k, l, base, from, to);
    bc_endif(e, &singly);
}

static bc_value lesser(bc_emit *e, bc_value a, bc_value b)
{
    return bc_select(e, bc_iless(e, a, b), a, b);
}

/* Lanes behind the last row: if a sample has as many rows as there are lanes, the last group of rows starts earlier.
 * Else they read the last row. */
void bc_depress_by_lists(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value from, bc_value to)
{
    lists l = {.u = u, .count = u->clause->keep + 1, .block = block_of(u->clause->keep + 1)};
    bool wide = k->plan->out.height * k->plan->out.width >= e->lanes;
    bc_value lanes = bc_i32(e, e->lanes);
    bc_value offsets = wide ? NULL : bc_stack_buffer(e, e->lanes, "offsets");
    l.least = bc_stack_buffer(e, e->lanes, "least");
    l.next = bc_stack_buffer(e, e->lanes, "next");
    l.largest = bc_stack_buffer(e, e->lanes, "largest");
    bc_loop groups = bc_loop_begin(e, from, bc_iadd(e, to, bc_i32(e, e->lanes - 1)), e->lanes, "rows");
    bc_value base = groups.i;
    if (wide) {
        base = lesser(e, groups.i, bc_isub(e, to, lanes));
    } else {
        bc_value last = bc_splat(e, bc_isub(e, bc_isub(e, to, base), bc_i32(e, 1)));
        bc_value ids = bc_lane_ids(e, bc_i32(e, 0));
        bc_value rows = LLVMBuildBitCast(e->builder, lesser(e, ids, last), e->vector, "");
        bc_store_vector(e, offsets, bc_i32(e, 0), rows);
        l.offsets = offsets;
    }
    l.base = bc_row(e, e->f32, u->drives, base, k->plan->pitch);
    fill_lists(e, k, &l);
    settle_group(e, k, &l, base, groups.i, lesser(e, bc_iadd(e, groups.i, lanes), to));
    bc_loop_end(e, &groups);
}
