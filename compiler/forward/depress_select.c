/* The winners among all filters of a place, for any `keep`.                                                     (19)
 *
 * A lane is a filter. A search finds a drive t with exactly k filters at or above it, or the drive at which several
 * filters tie. Three things keep it short:
 *
 * - Neighbouring places have similar drives but for a factor. The place before gives a bound, in units of the sum of the
 *   positive drives, and only the filters that reach it are looked at. If fewer than k or more than 2k reach it, the
 *   bound is found anew: the k-th largest of the maxima of disjoint groups of filters is at most x(k), and about 2k
 *   maxima are soon searched.
 * - A guess supposes that drives between two bounds are spread evenly.
 * - Later steps halve the bits of the drives, which are ordered as the drives are: no drives take more than 32 of them.
 */
#include "forward/depress.h"

#define MORE 0.4 /* a bound should be reached by so many more than k, as a share of k */

enum { MEANS = 16, STEPS_MOST = MEANS + 34 };

typedef struct selection {
    const bc_depress *u;
    bc_value drives, maxima, chosen; /* scratch */
    bc_value low, high;              /* slots */
    bc_value count, fewer;           /* slots: how many drives are >= low, at least k, and >= high, fewer than k */
    bc_value guess;                  /* slot: a bound for the next row, in units of its size */
    bc_value floats;                 /* slot: how many floats of `chosen` are used */
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

static bc_value float_from(bc_emit *e, bc_value integer)
{
    return LLVMBuildSIToFP(e->builder, integer, e->f32, "");
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

/* A drive between low and high. If drives were spread evenly, `target` of them would lie at or above the first guess;
 * every other step halves, and later steps halve the bits. */
static bc_value between(bc_emit *e, const selection *s, bc_value step, bc_value target)
{
    bc_value low = bc_get(e, e->f32, s->low), high = bc_get(e, e->f32, s->high);
    bc_value many = float_from(e, bc_get(e, e->i32, s->count));
    bc_value few = float_from(e, bc_get(e, e->i32, s->fewer));
    bc_value share = bc_div(e, bc_sub(e, many, target), bc_sub(e, many, few));
    bc_value odd = bc_iequal(e, LLVMBuildAnd(e->builder, step, bc_i32(e, 3), ""), bc_i32(e, 3));
    share = bc_select(e, odd, bc_f32(e, 0.5), share);
    bc_value guess = bc_add(e, low, bc_mul(e, bc_sub(e, high, low), share));
    bc_value from = key_of(e, low),
             half = LLVMBuildLShr(e->builder, bc_isub(e, key_of(e, high), from), bc_i32(e, 1), "");
    bc_value middle = float_of(e, LLVMBuildAdd(e->builder, from, half, ""));
    bc_value inside = bc_and(e, bc_greater(e, guess, low), bc_less(e, guess, high));
    return bc_select(e, bc_and(e, inside, bc_iless(e, step, bc_i32(e, MEANS))), guess, middle);
}

/* Moves `low` and `high` towards each other until at most `enough` drives are >= low or nothing lies between. */
static void search(bc_emit *e, const selection *s, bc_value base, bc_value floats, bc_value enough)
{
    bc_value steps = bc_slot(e, e->i32, bc_i32(e, 0), "step"), keep = bc_depress_keep(e, s->u);
    bc_value target = bc_mul(e, float_from(e, bc_iadd(e, keep, enough)), bc_f32(e, 0.5));
    bc_set(e, s->fewer, bc_i32(e, 0));
    bc_while walk = bc_while_begin(e, "search");
    bc_value low = bc_get(e, e->f32, s->low), high = bc_get(e, e->f32, s->high), step = bc_get(e, e->i32, steps);
    bc_value many = bc_iless(e, enough, bc_get(e, e->i32, s->count));
    bc_value apart = bc_iless(e, bc_i32(e, 1), bc_isub(e, key_of(e, high), key_of(e, low)));
    bc_while_holds(e, &walk, bc_and(e, bc_and(e, many, apart), bc_iless(e, step, bc_i32(e, STEPS_MOST))));
    bc_value middle = between(e, s, step, target);
    bc_value count = count_from(e, base, floats, middle), fewer = bc_iless(e, count, keep);
    bc_set(e, s->low, bc_select(e, fewer, low, middle));
    bc_set(e, s->high, bc_select(e, fewer, middle, high));
    bc_set(e, s->count, bc_select(e, fewer, bc_get(e, e->i32, s->count), count));
    bc_set(e, s->fewer, bc_select(e, fewer, count, bc_get(e, e->i32, s->fewer)));
    bc_set(e, steps, bc_iadd(e, step, bc_i32(e, 1)));
    bc_while_end(e, &walk);
}

/* Vectors of maxima: about 2k floats; 0: k is so large that maxima would not help, or not known to the compiler. */
static uint32_t vectors_of_maxima(const bc_kernel *k, const selection *s)
{
    uint32_t lanes = k->plan->lanes, vectors = (2 * s->u->clause->keep + lanes - 1) / lanes;
    return !s->u->keep && vectors * lanes * 2 <= k->layer->neurons ? vectors : 0;
}

/* Adds the drives >= low of a vector to `chosen`: packed, or the whole vector if it has any. */
static void choose_some(bc_emit *e, const selection *s, bc_value x, bc_value low)
{
    bc_value above = bc_at_least(e, x, low), here = bc_get(e, e->i32, s->floats), some = NULL;
    if (bc_can_pack(e)) {
        bc_store_unaligned(e, s->chosen, here, bc_pack(e, x, above));
        some = bc_count_lanes(e, above);
    } else {
        bc_store_unaligned(e, s->chosen, here, x);
        some = bc_select(e, bc_any(e, above), bc_i32(e, e->lanes), bc_i32(e, 0));
    }
    bc_set(e, s->floats, bc_iadd(e, here, some));
}

typedef struct row_facts {
    bc_value largest; /* x(1) */
    bc_value size;    /* the sum of the positive drives */
} row_facts;

/* Writes the drives of a row, and those below all others behind the last one. */
static row_facts lay_drives(bc_emit *e, const bc_kernel *k, const selection *s, bc_value row)
{
    uint32_t n = k->layer->neurons;
    bc_value zero = bc_splat_f32(e, 0), none = bc_splat_f32(e, BC_DRIVE_NONE);
    bc_value most = bc_slot(e, e->vector, none, "most"), sum = bc_slot(e, e->vector, zero, "sum");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "drives");
    bc_value first = bc_imul(e, blocks.i, e->lanes), x = bc_depress_drive(e, k, s->u, row, first);
    if (n < k->plan->pitch)
        x = bc_select(e, bc_lanes_below(e, blocks.i, n), x, none);
    bc_store_vector(e, s->drives, first, x);
    bc_set(e, most, bc_max(e, x, bc_get(e, e->vector, most)));
    bc_set(e, sum, bc_add(e, bc_get(e, e->vector, sum), bc_max(e, x, zero)));
    bc_loop_end(e, &blocks);
    return (row_facts){bc_reduce_max(e, bc_get(e, e->vector, most)), bc_reduce_add(e, bc_get(e, e->vector, sum))};
}

/* Sets `low`, copies the drives >= low to `chosen`, and counts them. */
static void choose(bc_emit *e, const bc_kernel *k, const selection *s, bc_value low)
{
    bc_value all = bc_splat(e, low);
    bc_set(e, s->floats, bc_i32(e, 0));
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "choose");
    choose_some(e, s, bc_load_vector(e, s->drives, bc_imul(e, blocks.i, e->lanes)), all);
    bc_loop_end(e, &blocks);
    bc_value floats = bc_get(e, e->i32, s->floats);
    bc_store_unaligned(e, s->chosen, floats, bc_splat_f32(e, BC_DRIVE_NONE)); /* the rest of the last vector */
    bc_set(e, s->low, low);
    bc_set(e, s->count, bc_can_pack(e) ? floats : count_from(e, s->chosen, floats, low));
}

/* maxima[i] = the largest of drives[i], drives[i + count], ...; returns the least of the maxima. */
static bc_value lay_maxima(bc_emit *e, const bc_kernel *k, const selection *s, uint32_t count)
{
    bc_value low = bc_splat_f32(e, BC_DRIVE_NONE);
    bc_value least = bc_slot(e, e->vector, low, "least");
    bc_loop groups = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, count), e->lanes, "group");
    bc_value best = bc_slot(e, e->vector, low, "best"), end = bc_i32(e, k->plan->pitch + count - e->lanes);
    bc_loop walk = bc_loop_begin(e, groups.i, end, count, "member");
    bc_set(e, best, bc_max(e, bc_load_vector(e, s->drives, walk.i), bc_get(e, e->vector, best)));
    bc_loop_end(e, &walk);
    bc_value largest = bc_get(e, e->vector, best);
    bc_store_vector(e, s->maxima, groups.i, largest);
    bc_set(e, least, bc_max(e, bc_neg(e, largest), bc_get(e, e->vector, least)));
    bc_loop_end(e, &groups);
    return bc_neg(e, bc_reduce_max(e, bc_get(e, e->vector, least)));
}

/* The least of all drives. */
static bc_value least_of(bc_emit *e, const bc_kernel *k, const selection *s)
{
    bc_value low = bc_splat_f32(e, BC_DRIVE_NONE), least = bc_slot(e, e->vector, low, "least");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "extent");
    bc_value x = bc_load_vector(e, s->drives, bc_imul(e, blocks.i, e->lanes));
    bc_value minus = bc_select(e, bc_lanes_below(e, blocks.i, k->layer->neurons), bc_neg(e, x), low);
    bc_set(e, least, bc_max(e, minus, bc_get(e, e->vector, least)));
    bc_loop_end(e, &blocks);
    return bc_neg(e, bc_reduce_max(e, bc_get(e, e->vector, least)));
}

/* Finds a bound that at least k drives reach, and chooses these. */
static void choose_anew(bc_emit *e, const bc_kernel *k, const selection *s)
{
    uint32_t keep = s->u->clause->keep, maxima = vectors_of_maxima(k, s) * e->lanes;
    bc_set(e, s->low, maxima > 0 ? lay_maxima(e, k, s, maxima) : least_of(e, k, s));
    if (maxima > 0) {
        bc_set(e, s->count, bc_i32(e, maxima));
        search(e, s, s->maxima, bc_i32(e, maxima), bc_i32(e, keep + (keep + 7) / 8));
    }
    choose(e, k, s, bc_get(e, e->f32, s->low));
}

/* The largest drive below t. */
static bc_value largest_below(bc_emit *e, bc_value drives, bc_value floats, bc_value t)
{
    bc_value none = bc_splat_f32(e, BC_DRIVE_NONE), all = bc_splat(e, t);
    bc_value best = bc_slot(e, e->vector, none, "below"), beyond = bc_iadd(e, floats, bc_i32(e, e->lanes - 1));
    bc_loop walk = bc_loop_begin(e, bc_i32(e, 0), beyond, e->lanes, "below");
    bc_value x = bc_load_vector(e, drives, walk.i);
    x = bc_select(e, bc_less(e, x, all), x, none);
    bc_set(e, best, bc_max(e, x, bc_get(e, e->vector, best)));
    bc_loop_end(e, &walk);
    return bc_reduce_max(e, bc_get(e, e->vector, best));
}

/* How many more than k should reach the next bound. At most half of those left: a bound below all drives would otherwise
 * be followed by one that lies lower still. */
static bc_value spare(bc_emit *e, const bc_kernel *k, const selection *s)
{
    bc_value keep = float_from(e, bc_depress_keep(e, s->u));
    bc_value more = bc_mul(e, keep, bc_f32(e, MORE));
    bc_value half = bc_mul(e, bc_sub(e, bc_f32(e, k->layer->neurons), keep), bc_f32(e, 0.5));
    return bc_select(e, bc_less(e, more, half), more, half);
}

/* The bound, in units of the row's size, that k and `spare` more drives would reach if those near x(k) were spread
 * evenly; `count` of them reached `bound`. */
static void guess_next(bc_emit *e, const bc_kernel *k, const selection *s, bc_value size, bc_value bound,
                       bc_value count)
{
    bc_value low = bc_get(e, e->f32, s->low), more = bc_isub(e, count, bc_depress_keep(e, s->u)), zero = bc_f32(e, 0);
    bc_value apart = bc_div(e, bc_sub(e, low, bound), float_from(e, more));
    apart = bc_select(e, bc_iless(e, bc_i32(e, 0), more), apart, zero);
    bc_value next = bc_div(e, bc_sub(e, low, bc_mul(e, apart, spare(e, k, s))), size);
    bc_set(e, s->guess, bc_select(e, bc_greater(e, size, zero), next, bc_get(e, e->f32, s->guess)));
}

/* Sets low so that all k winners, but no other filter, are >= low, or low = x(k) = x(k+1). */
static bc_order order_of(bc_emit *e, const bc_kernel *k, const selection *s, bc_value row)
{
    bc_value keep = bc_depress_keep(e, s->u), most = bc_iadd(e, bc_imul(e, keep, 2), bc_i32(e, e->lanes));
    row_facts facts = lay_drives(e, k, s, row);
    bc_order order = {.largest = facts.largest};
    bc_value above = float_of(e, LLVMBuildAdd(e->builder, key_of(e, facts.largest), bc_i32(e, 1), ""));
    choose(e, k, s, bc_mul(e, bc_get(e, e->f32, s->guess), facts.size));
    bc_value count = bc_get(e, e->i32, s->count);
    bc_value missed = bc_or(e, bc_iless(e, count, keep), bc_iless(e, most, count));
    bc_set(e, s->high, above);
    bc_branch anew = bc_if(e, missed, "anew");
    choose_anew(e, k, s);
    bc_endif(e, &anew);
    bc_value bound = bc_get(e, e->f32, s->low), floats = bc_get(e, e->i32, s->floats);
    count = bc_get(e, e->i32, s->count);
    bc_set(e, s->high, above);
    search(e, s, s->chosen, floats, keep);
    guess_next(e, k, s, facts.size, bound, count);
    order.least = bc_get(e, e->f32, s->low);
    order.tied = bc_iless(e, keep, bc_get(e, e->i32, s->count));
    if (bc_depress_reads_next(k, s->u)) { /* more than k chosen: the next one is among them */
        bc_value among = bc_iless(e, keep, count);
        bc_value next = largest_below(e, bc_select(e, among, s->chosen, s->drives),
                                      bc_select(e, among, floats, bc_i32(e, k->plan->pitch)), order.least);
        order.next = bc_select(e, order.tied, order.least, next);
    }
    return order;
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
    s.fewer = bc_slot(e, e->i32, bc_i32(e, 0), "fewer");
    s.floats = bc_slot(e, e->i32, bc_i32(e, 0), "floats");
    s.guess = bc_slot(e, e->f32, bc_f32(e, -BC_DRIVE_NONE), "guess"); /* nothing reaches it */
    bc_loop rows = bc_loop_begin(e, from, to, 1, "row");
    bc_order order = order_of(e, k, &s, rows.i);
    bc_depress_row(e, k, u, rows.i, &order);
    bc_loop_end(e, &rows);
}
