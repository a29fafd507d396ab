/* The events of each sample: which inputs are live, and the values that their connections need: o, q = 1 - o, t(o) =
 * a_max - 1/q. */
#include "kernels/kernel.h"

typedef struct live_lists {
    bc_value index, o, q, t; /* of one sample */
    bc_value before;         /* entries so far */
} live_lists;

/* Appends the live lanes of one vector to the list. The values stored beyond them are overwritten later or never
 * read. */
static void pack_vector(bc_emit *e, bc_value o, bc_value mask, bc_value group, const live_lists *live, bc_value count)
{
    bc_value at = bc_get(e, e->i32, count);
    bc_value ids = bc_iadd(e, bc_splat(e, group), bc_lane_ids(e, bc_i32(e, 0)));
    bc_store_unaligned(e, live->index, at, bc_compress(e, ids, mask));
    bc_store_unaligned(e, live->o, at, bc_compress(e, o, mask));
    bc_set(e, count, bc_iadd(e, at, bc_count_lanes(e, mask)));
}

/* Which values are live: activations above 0, tied levels on either side. */
static bc_value live_mask(bc_emit *e, const bc_kernel *k, bc_value o)
{
    bc_value zero = bc_f32_like(e, o, 0);
    return k->layer->tied > 0 ? LLVMBuildNot(e->builder, bc_equal(e, o, zero), "") : bc_greater(e, o, zero);
}

/* Stores every element but advances only past live ones, so no branch has to be predicted. */
static void pack_singly(bc_emit *e, const bc_kernel *k, bc_value in, bc_value group, const live_lists *live,
                        bc_value count)
{
    bc_loop inputs = bc_loop_begin(e, group, bc_iadd(e, group, bc_i32(e, e->lanes)), 1, "input");
    bc_value one = bc_load_f32(e, in, inputs.i), at = bc_get(e, e->i32, count);
    bc_store_i32(e, live->index, at, inputs.i);
    bc_store_f32(e, live->o, at, one);
    bc_value is_live = LLVMBuildZExt(e->builder, live_mask(e, k, one), e->i32, "");
    bc_set(e, count, bc_iadd(e, at, is_live));
    bc_loop_end(e, &inputs);
}

/* Appends the live inputs of one vector of the sample's map to the list. A vector of zeros costs one comparison. */
static void pack_group(bc_emit *e, const bc_kernel *k, bc_value in, bc_value group, const live_lists *live,
                       bc_value count)
{
    bc_value o = bc_load_vector(e, in, group), mask = live_mask(e, k, o);
    bc_branch some = bc_if(e, bc_any(e, mask), "some");
    if (bc_can_compress(e))
        pack_vector(e, o, mask, group, live, count);
    else
        pack_singly(e, k, in, group, live, count);
    bc_endif(e, &some);
}

static bc_value pack_whole(bc_emit *e, const bc_kernel *k, bc_value in, const live_lists *live)
{
    bc_value count = bc_slot(e, e->i32, bc_i32(e, 0), "count");
    bc_loop groups = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->plan->in.sample_stride), e->lanes, "group");
    pack_group(e, k, in, groups.i, live, count);
    bc_loop_end(e, &groups);
    return bc_get(e, e->i32, count);
}

/* Lines of a map whose places are whole vectors: appends them to the `before` entries of the lines above. `start`
 * (NULL: none) gets the number of entries before each place, and behind the last one. */
static bc_value pack_lines(bc_emit *e, const bc_kernel *k, bc_value in, const live_lists *live, bc_line_range lines,
                           bc_value start)
{
    const br_map *map = &k->plan->in;
    bc_value before = bc_select(e, bc_iless(e, bc_i32(e, 0), lines.from), live->before, bc_i32(e, 0));
    bc_value count = bc_slot(e, e->i32, before, "count");
    bc_value end = bc_imul(e, lines.to, map->width);
    bc_loop places = bc_loop_begin(e, bc_imul(e, lines.from, map->width), end, 1, "place");
    if (start)
        bc_store_i32(e, start, places.i, bc_get(e, e->i32, count));
    bc_value first = bc_imul(e, places.i, map->pitch);
    bc_loop groups = bc_loop_begin(e, first, bc_iadd(e, first, bc_i32(e, map->pitch)), e->lanes, "group");
    pack_group(e, k, in, groups.i, live, count);
    bc_loop_end(e, &groups);
    bc_loop_end(e, &places);
    if (start)
        bc_store_i32(e, start, end, bc_get(e, e->i32, count));
    return bc_get(e, e->i32, count);
}

/* q and t of the collected list, in whole vectors; tied levels have q = n and t = 0, as c = w n. The end of the list was
 * filled up with zeros. Returns the sum of o. */
static bc_value terms(bc_emit *e, const bc_kernel *k, bc_value count, const live_lists *live)
{
    bc_value sum = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum");
    bc_value end = bc_iadd(e, count, bc_i32(e, e->lanes - 1)); /* rounded up to whole vectors */
    bc_value one = bc_splat_f32(e, 1);
    bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), end, e->lanes, "terms");
    bc_value o = bc_load_vector(e, live->o, vectors.i);
    bool tied = k->plan->bound_encoding == BR_BOUND_TIED;
    bc_value q = tied ? o : bc_sub(e, one, o);
    bc_value t = k->plan->bound_encoding == BR_BOUND_V ? bc_sub(e, bc_splat_f32(e, k->a_max), bc_div(e, one, q)) : o;
    t = tied ? bc_splat_f32(e, 0) : t;
    bc_store_vector(e, live->q, vectors.i, q);
    bc_store_vector(e, live->t, vectors.i, t);
    bc_set(e, sum, bc_add(e, bc_get(e, e->vector, sum), o));
    bc_loop_end(e, &vectors);
    return bc_reduce_add(e, bc_get(e, e->vector, sum));
}

/* start[p] = number of entries before place p. Entries are in the order of places, so the last entry of a place gives
 * the start of the next one. A place without entries starts where the place before it does. */
static void place_starts(bc_emit *e, const bc_kernel *k, bc_value count, bc_value index, bc_value start)
{
    const br_map *in = &k->plan->in;
    bc_value places = bc_i32(e, in->height * in->width), zero = bc_i32(e, 0), one = bc_i32(e, 1);
    bc_zero_f32(e, start, zero, bc_iadd(e, places, one));
    bc_loop events = bc_loop_begin(e, zero, count, 1, "last");
    bc_value place = LLVMBuildUDiv(e->builder, bc_load_i32(e, index, events.i), bc_i32(e, in->pitch), "place");
    bc_store_i32(e, start, bc_iadd(e, place, one), bc_iadd(e, events.i, one));
    bc_loop_end(e, &events);
    bc_value most = bc_slot(e, e->i32, zero, "most");
    bc_loop sums = bc_loop_begin(e, zero, bc_iadd(e, places, one), 1, "start");
    bc_value own = bc_load_i32(e, start, sums.i), before = bc_get(e, e->i32, most);
    bc_value total = bc_select(e, bc_iless(e, before, own), own, before);
    bc_store_i32(e, start, sums.i, total);
    bc_set(e, most, total);
    bc_loop_end(e, &sums);
}

/* Σo of a dense layer's field; a convolution's fields have sums of their own, which forward computes. */
static void finish_list(bc_emit *e, const bc_kernel *k, bc_value count, const live_lists *live, bc_value sum)
{
    bc_zero_f32(e, live->o, count, bc_i32(e, e->lanes));
    bc_value all = terms(e, k, count, live);
    if (!k->conv)
        bc_store_f32(e, sum, bc_i32(e, 0), all);
}

void bc_emit_events(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    const br_map *map = &k->plan->in;
    bc_value in = BC_FIELD_PTR(e, a.state, in), counts = BC_FIELD_PTR(e, a.state, live.count);
    bc_value index = BC_FIELD_PTR(e, a.state, live.index), o = BC_FIELD_PTR(e, a.state, events.o);
    bc_value q = BC_FIELD_PTR(e, a.state, events.q), t = BC_FIELD_PTR(e, a.state, events.t);
    bc_value sums = BC_FIELD_PTR(e, a.state, input_sum);
    bc_line_range lines = bc_line_range_of(e, &a, map->height);

    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    live_lists live = {
        .index = bc_row(e, e->i32, index, samples.i, k->live_stride),
        .o = bc_row(e, e->f32, o, samples.i, k->live_stride),
        .q = bc_row(e, e->f32, q, samples.i, k->live_stride),
        .t = bc_row(e, e->f32, t, samples.i, k->live_stride),
        .before = bc_load_i32(e, counts, samples.i),
    };
    bc_value values = bc_row(e, e->f32, in, samples.i, map->sample_stride), start = NULL, count;
    if (k->conv)
        start = bc_row(e, e->i32, BC_FIELD_PTR(e, a.state, live.start), samples.i, br_map_places(*map) + 1);
    if (bc_lists_by_lines(k)) {
        count = pack_lines(e, k, values, &live, lines, start);
    } else {
        count = pack_whole(e, k, values, &live);
        if (k->conv)
            place_starts(e, k, count, live.index, start);
    }
    bc_store_i32(e, counts, samples.i, count);
    bc_branch whole = bc_if(e, bc_iequal(e, lines.to, bc_i32(e, map->height)), "whole");
    finish_list(e, k, count, &live, bc_row(e, e->f32, sums, samples.i, 1));
    bc_endif(e, &whole);
    bc_loop_end(e, &samples);
    bc_return(e);
}
