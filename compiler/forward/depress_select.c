/* The winners among all filters of a place, for any `keep`.                                                     (19)
 *
 * A lane is a filter. Bisection finds a drive t with exactly k filters at or above it, or the drive at which several
 * filters tie. Three things keep it short:
 *
 * - The k-th largest of the maxima of disjoint groups of filters is at most x(k). Bisection of the maxima, of which
 *   there are about 2k, gives a first bound with few filters more than k above it.
 * - Only the filters above this bound are looked at again.
 * - Halfway is the mean of two drives at first, and then the mean of their bits, which are ordered as the drives are:
 *   no drives take more than 32 steps of the second kind. */
#include "forward/depress.h"

enum { MEANS = 16, STEPS_MOST = MEANS + 34 };

typedef struct selection {
    const bc_depress *u;
    bc_value drives, maxima, chosen; /* scratch */
    bc_value low, high, count;       /* slots: `count` drives >= low, at least k; fewer than k >= high */
} selection;

/* A float as an integer with the same order, and back. */
static bc_value key_of(bc_emit *e, bc_value f)
{
    bc_value bits = LLVMBuildBitCast(e->builder, f, e->i32, "");
    bc_value sign = LLVMBuildAShr(e->builder, bits, bc_i32(e, 31), "");
    return LLVMBuildXor(e->builder, bits, LLVMBuildAnd(e->builder, sign, bc_i32(e, 0x7fffffff), ""), "");
}

static bc_value float_of(bc_emit *e, bc_value key)
{
    bc_value sign = LLVMBuildAShr(e->builder, key, bc_i32(e, 31), "");
    bc_value bits = LLVMBuildXor(e->builder, key, LLVMBuildAnd(e->builder, sign, bc_i32(e, 0x7fffffff), ""), "");
    return LLVMBuildBitCast(e->builder, bits, e->f32, "");
}

/* The number of drives >= t among the first `floats`, rounded up to vectors. */
static bc_value count_from(bc_emit *e, bc_value base, bc_value floats, bc_value t)
{
    bool by_bits = e->lanes >= 8; /* a move and a population count; older processors have only the move */
    bc_value all = bc_splat(e, t), none = LLVMConstNull(e->vector_i32);
    bc_value sums = by_bits ? bc_slot(e, e->i32, bc_i32(e, 0), "count") : bc_slot(e, e->vector_i32, none, "counts");
    bc_value beyond = bc_iadd(e, floats, bc_i32(e, e->lanes - 1));
    bc_loop walk = bc_loop_begin(e, bc_i32(e, 0), beyond, e->lanes, "count");
    bc_value above = bc_at_least(e, bc_load_vector(e, base, walk.i), all);
    if (by_bits)
        bc_set(e, sums, bc_iadd(e, bc_get(e, e->i32, sums), bc_count_lanes(e, above)));
    else
        bc_set(e, sums,
               bc_isub(e, bc_get(e, e->vector_i32, sums), LLVMBuildSExt(e->builder, above, e->vector_i32, "")));
    bc_loop_end(e, &walk);
    if (by_bits)
        return bc_get(e, e->i32, sums);
    bc_value sum = bc_i32(e, 0), counts = bc_get(e, e->vector_i32, sums);
    for (uint32_t i = 0; i < e->lanes; i++)
        sum = bc_iadd(e, sum, LLVMBuildExtractElement(e->builder, counts, bc_i32(e, i), ""));
    return sum;
}

static bc_value halfway(bc_emit *e, bc_value low, bc_value high, bc_value step)
{
    bc_value mean = bc_add(e, low, bc_mul(e, bc_sub(e, high, low), bc_f32(e, 0.5)));
    bc_value from = key_of(e, low),
             half = LLVMBuildLShr(e->builder, bc_isub(e, key_of(e, high), from), bc_i32(e, 1), "");
    bc_value middle = float_of(e, LLVMBuildAdd(e->builder, from, half, ""));
    bc_value between = bc_and(e, bc_greater(e, mean, low), bc_less(e, mean, high));
    return bc_select(e, bc_and(e, between, bc_iless(e, step, bc_i32(e, MEANS))), mean, middle);
}

/* Moves `low` and `high` towards each other until at most `enough` drives are >= low or nothing lies between. */
static void bisect(bc_emit *e, const selection *s, bc_value base, bc_value floats, uint32_t enough)
{
    bc_value steps = bc_slot(e, e->i32, bc_i32(e, 0), "step"), keep = bc_i32(e, s->u->clause->keep);
    bc_while search = bc_while_begin(e, "bisect");
    bc_value low = bc_get(e, e->f32, s->low), high = bc_get(e, e->f32, s->high), step = bc_get(e, e->i32, steps);
    bc_value many = bc_iless(e, bc_i32(e, enough), bc_get(e, e->i32, s->count));
    bc_value apart = bc_iless(e, bc_i32(e, 1), bc_isub(e, key_of(e, high), key_of(e, low)));
    bc_while_holds(e, &search, bc_and(e, bc_and(e, many, apart), bc_iless(e, step, bc_i32(e, STEPS_MOST))));
    bc_value middle = halfway(e, low, high, step), count = count_from(e, base, floats, middle);
    bc_value fewer = bc_iless(e, count, keep);
    bc_set(e, s->low, bc_select(e, fewer, low, middle));
    bc_set(e, s->high, bc_select(e, fewer, middle, high));
    bc_set(e, s->count, bc_select(e, fewer, bc_get(e, e->i32, s->count), count));
    bc_set(e, steps, bc_iadd(e, step, bc_i32(e, 1)));
    bc_while_end(e, &search);
}

/* Vectors of maxima: about 2k floats; 0: k is so large that maxima would not help. */
static uint32_t vectors_of_maxima(const bc_kernel *k, const selection *s)
{
    uint32_t lanes = k->plan->lanes, vectors = (2 * s->u->clause->keep + lanes - 1) / lanes;
    return vectors * lanes * 2 <= k->layer->neurons ? vectors : 0;
}

/* Writes the drives of a row, and those below all others behind the last one. */
static void lay_drives(bc_emit *e, const bc_kernel *k, const selection *s, bc_value row)
{
    uint32_t n = k->layer->neurons;
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "drives");
    bc_value first = bc_imul(e, blocks.i, e->lanes), x = bc_depress_drive(e, k, s->u, row, first);
    if (n < k->plan->pitch)
        x = bc_select(e, bc_lanes_below(e, blocks.i, n), x, bc_splat_f32(e, BC_DRIVE_NONE));
    bc_store_vector(e, s->drives, first, x);
    bc_loop_end(e, &blocks);
}

typedef struct extent {
    bc_value least, most; /* scalars */
} extent;

/* maxima[i] = the largest of drives[i], drives[i + count], ...; returns the extent of the maxima. */
static extent lay_maxima(bc_emit *e, const bc_kernel *k, const selection *s, uint32_t count)
{
    bc_value low = bc_splat_f32(e, BC_DRIVE_NONE);
    bc_value most = bc_slot(e, e->vector, low, "most"), least = bc_slot(e, e->vector, low, "least");
    bc_loop groups = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, count), e->lanes, "group");
    bc_value best = bc_slot(e, e->vector, low, "best"), end = bc_i32(e, k->plan->pitch + count - e->lanes);
    bc_loop walk = bc_loop_begin(e, groups.i, end, count, "member");
    bc_set(e, best, bc_max(e, bc_load_vector(e, s->drives, walk.i), bc_get(e, e->vector, best)));
    bc_loop_end(e, &walk);
    bc_value largest = bc_get(e, e->vector, best);
    bc_store_vector(e, s->maxima, groups.i, largest);
    bc_set(e, most, bc_max(e, largest, bc_get(e, e->vector, most)));
    bc_set(e, least, bc_max(e, bc_neg(e, largest), bc_get(e, e->vector, least)));
    bc_loop_end(e, &groups);
    return (extent){bc_neg(e, bc_reduce_max(e, bc_get(e, e->vector, least))),
                    bc_reduce_max(e, bc_get(e, e->vector, most))};
}

/* The extent of all drives. */
static extent extent_of(bc_emit *e, const bc_kernel *k, const selection *s)
{
    bc_value low = bc_splat_f32(e, BC_DRIVE_NONE);
    bc_value most = bc_slot(e, e->vector, low, "most"), least = bc_slot(e, e->vector, low, "least");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "extent");
    bc_value x = bc_load_vector(e, s->drives, bc_imul(e, blocks.i, e->lanes));
    bc_value minus = bc_select(e, bc_lanes_below(e, blocks.i, k->layer->neurons), bc_neg(e, x), low);
    bc_set(e, most, bc_max(e, x, bc_get(e, e->vector, most)));
    bc_set(e, least, bc_max(e, minus, bc_get(e, e->vector, least)));
    bc_loop_end(e, &blocks);
    return (extent){bc_neg(e, bc_reduce_max(e, bc_get(e, e->vector, least))),
                    bc_reduce_max(e, bc_get(e, e->vector, most))};
}

/* Copies the drives >= low to `chosen`, in whole vectors where lanes cannot be packed. Returns how many floats. */
static bc_value choose(bc_emit *e, const bc_kernel *k, const selection *s)
{
    bc_value low = bc_splat(e, bc_get(e, e->f32, s->low)), none = bc_splat_f32(e, BC_DRIVE_NONE);
    bc_value at = bc_slot(e, e->i32, bc_i32(e, 0), "chosen");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "choose");
    bc_value x = bc_load_vector(e, s->drives, bc_imul(e, blocks.i, e->lanes)), above = bc_at_least(e, x, low);
    bc_value here = bc_get(e, e->i32, at), some = NULL;
    if (bc_can_compress(e)) {
        bc_store_unaligned(e, s->chosen, here, bc_compress(e, x, above));
        some = bc_count_lanes(e, above);
    } else {
        bc_store_unaligned(e, s->chosen, here, x);
        some = bc_select(e, bc_any(e, above), bc_i32(e, e->lanes), bc_i32(e, 0));
    }
    bc_set(e, at, bc_iadd(e, here, some));
    bc_loop_end(e, &blocks);
    bc_value floats = bc_get(e, e->i32, at);
    bc_store_unaligned(e, s->chosen, floats, none); /* the rest of the last vector */
    return floats;
}

/* The largest drive below t. */
static bc_value largest_below(bc_emit *e, const bc_kernel *k, const selection *s, bc_value t)
{
    bc_value none = bc_splat_f32(e, BC_DRIVE_NONE), all = bc_splat(e, t);
    bc_value best = bc_slot(e, e->vector, none, "below");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "below");
    bc_value x = bc_load_vector(e, s->drives, bc_imul(e, blocks.i, e->lanes));
    x = bc_select(e, bc_less(e, x, all), x, none);
    bc_set(e, best, bc_max(e, x, bc_get(e, e->vector, best)));
    bc_loop_end(e, &blocks);
    return bc_reduce_max(e, bc_get(e, e->vector, best));
}

/* Sets low so that all k winners, but no other filter, are >= low, or low = x(k) = x(k+1). Returns x(1). */
static bc_value search(bc_emit *e, const bc_kernel *k, const selection *s)
{
    uint32_t keep = s->u->clause->keep, maxima = vectors_of_maxima(k, s) * e->lanes;
    extent range = maxima > 0 ? lay_maxima(e, k, s, maxima) : extent_of(e, k, s);
    bc_value above = float_of(e, LLVMBuildAdd(e->builder, key_of(e, range.most), bc_i32(e, 1), ""));
    bc_set(e, s->low, range.least);
    bc_set(e, s->high, above);
    bc_value floats = bc_i32(e, k->plan->pitch);
    if (maxima == 0) {
        bc_set(e, s->count, bc_i32(e, k->layer->neurons));
        bisect(e, s, s->drives, floats, keep);
        return range.most;
    }
    bc_set(e, s->count, bc_i32(e, maxima));
    bisect(e, s, s->maxima, bc_i32(e, maxima), keep + (keep + 7) / 8);
    floats = choose(e, k, s);
    bc_set(e, s->high, above);
    bc_set(e, s->count, bc_can_compress(e) ? floats : count_from(e, s->chosen, floats, bc_get(e, e->f32, s->low)));
    bisect(e, s, s->chosen, floats, keep);
    return range.most;
}

void bc_depress_by_select(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value from, bc_value to)
{
    selection s = {.u = u};
    uint32_t floats = k->plan->pitch + e->lanes;
    s.drives = bc_stack_buffer(e, floats, "drives");
    s.maxima = bc_stack_buffer(e, floats, "maxima");
    s.chosen = bc_stack_buffer(e, floats, "chosen");
    s.low = bc_slot(e, e->f32, bc_f32(e, 0), "low");
    s.high = bc_slot(e, e->f32, bc_f32(e, 0), "high");
    s.count = bc_slot(e, e->i32, bc_i32(e, 0), "count");
    bc_loop rows = bc_loop_begin(e, from, to, 1, "row");
    lay_drives(e, k, &s, rows.i);
    bc_value largest = search(e, k, &s), low = bc_get(e, e->f32, s.low);
    bc_value tied = bc_iless(e, bc_i32(e, u->clause->keep), bc_get(e, e->i32, s.count));
    bc_order order = {.least = low, .largest = largest, .tied = tied};
    if (bc_depress_reads_next(k, u))
        order.next = bc_select(e, tied, low, largest_below(e, k, &s, low));
    bc_depress_row(e, k, u, rows.i, &order);
    bc_loop_end(e, &rows);
}
