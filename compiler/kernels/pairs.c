/* Learning in shared filters, prepared: which filter wants a change at which place, and what the fields there show.
 *
 * Only a few places have an error (a max pool chooses one of its window), so steps and feedback walk pairs of a filter
 * and a place, filter by filter, and read whole rows of the field there. Maps are copied into padded ones for that, so
 * that every field lies inside; t and the share of each input, needed by every field that covers it, are found once. */
#include "pairs.h"

static LLVMTypeRef pair_type(bc_emit *e)
{
    return LLVMArrayType(e->i32, sizeof(br_pair) / 4);
}

bc_value bc_pairs_of(bc_emit *e, const bc_kernel *k, bc_value pairs, bc_value group, bc_value neuron)
{
    uint64_t places = (uint64_t)k->plan->out.height * k->plan->out.width;
    bc_value mine = bc_row(e, pair_type(e), pairs, group, k->layer->neurons * places);
    return bc_row(e, pair_type(e), mine, neuron, places);
}

bc_pair bc_pair_load(bc_emit *e, bc_value list, bc_value index)
{
    bc_value at = bc_row(e, pair_type(e), list, index, 1);
    return (bc_pair){
        .at = bc_load_i32(e, at, bc_i32(e, 0)),
        .error = bc_load_f32(e, at, bc_i32(e, 1)),
        .share = bc_load_f32(e, at, bc_i32(e, 2)),
    };
}

typedef struct maps {
    bc_value in, threshold, share;
} maps;

/* t(o) = a_max - 1/q, and what (12) multiplies an error by, but for what the field has in common: o/q; under the
 * gradient q. A silent input has no share. */
static void write_terms(bc_emit *e, const bc_kernel *k, const maps *m, bool vector, bc_value from, bc_value to)
{
    bc_value (*constant)(bc_emit *, double) = vector ? bc_splat_f32 : bc_f32;
    bc_value (*load)(bc_emit *, bc_value, bc_value) = vector ? bc_load_unaligned : bc_load_f32;
    void (*store)(bc_emit *, bc_value, bc_value, bc_value) = vector ? bc_store_unaligned : bc_store_f32;
    bc_value one = constant(e, 1), o = load(e, m->in, from);
    bc_value q = bc_sub(e, one, o), inverse = bc_div(e, one, q);
    bc_value share = bc_mul(e, o, inverse);
    if (k->plan->gradient)
        share = bc_select(e, bc_greater(e, o, constant(e, 0)), q, constant(e, 0));
    store(e, m->threshold, to, bc_sub(e, constant(e, k->a_max), inverse));
    store(e, m->share, to, share);
}

/* One line of the map, `count` floats. */
static void line(bc_emit *e, const bc_kernel *k, const maps *m, uint32_t count, bc_value from, bc_value to)
{
    bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, count), e->lanes, "terms");
    write_terms(e, k, m, true, bc_iadd(e, from, vectors.i), bc_iadd(e, to, vectors.i));
    bc_loop_end(e, &vectors);
    if (count % e->lanes == 0)
        return;
    bc_loop rest = bc_loop_begin(e, vectors.rest, bc_i32(e, count), 1, "rest");
    write_terms(e, k, m, false, bc_iadd(e, from, rest.i), bc_iadd(e, to, rest.i));
    bc_loop_end(e, &rest);
}

/* The maps of one sample. Without padding they are one long line, and what lies behind it is 0 in both. */
static void write_maps(bc_emit *e, const bc_kernel *k, const maps *m)
{
    const br_map *in = &k->plan->in, *padded = &k->plan->padded;
    uint32_t width = in->width * in->pitch;
    if (padded->width == in->width && k->layer->pad_top == 0) {
        line(e, k, m, in->stride, bc_i32(e, 0), bc_i32(e, 0));
        return;
    }
    bc_loop rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, in->height), 1, "row");
    bc_value top = bc_iadd(e, rows.i, bc_i32(e, k->layer->pad_top));
    bc_value to = bc_iadd(e, bc_imul(e, top, padded->width), bc_i32(e, k->layer->pad_left));
    line(e, k, m, width, bc_imul(e, rows.i, width), bc_imul(e, to, padded->pitch));
    bc_loop_end(e, &rows);
}

typedef struct collect {
    bc_value error, sums, counts, pairs, rate, group;
} collect;

/* Puts every filter with an error at this place on its list. */
static void collect_place(bc_emit *e, const bc_kernel *k, const collect *c, const bc_places *p)
{
    bc_value errors = bc_row(e, e->f32, c->error, p->place, k->plan->out.pitch);
    bc_value sum = bc_load_f32(e, c->sums, p->place);
    /* Nothing live, nothing to credit: without this, 0 times infinity. */
    bc_value some = bc_greater(e, sum, bc_f32(e, 0));
    bc_value factor = bc_select(e, some, bc_share_factor(e, k, c->rate, sum), bc_f32(e, 0));
    bc_value top = bc_imul(e, p->y, k->layer->stride * k->plan->padded.width);
    bc_value at = bc_imul(e, bc_iadd(e, top, bc_imul(e, p->x, k->layer->stride)), k->plan->padded.pitch);
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value first = bc_imul(e, blocks.i, e->lanes);
    bc_value wanted = bc_greater(e, bc_abs(e, bc_load_vector(e, errors, first)), bc_splat_f32(e, 0));
    bc_set_lanes lanes = bc_set_lanes_begin(e, wanted);
    bc_value neuron = bc_iadd(e, first, lanes.lane), error = bc_load_f32(e, errors, neuron);
    bc_value count = bc_load_i32(e, c->counts, neuron);
    bc_value pair = bc_row(e, pair_type(e), bc_pairs_of(e, k, c->pairs, c->group, neuron), count, 1);
    bc_store_i32(e, pair, bc_i32(e, 0), at);
    bc_store_f32(e, pair, bc_i32(e, 1), error);
    bc_store_f32(e, pair, bc_i32(e, 2), bc_mul(e, error, factor));
    bc_store_i32(e, c->counts, neuron, bc_iadd(e, count, bc_i32(e, 1)));
    bc_set_lanes_end(e, &lanes);
    bc_loop_end(e, &blocks);
}

void bc_emit_conv_pairs(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    const bc_layer_plan *plan = k->plan;
    maps m = {
        .in = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, in), a.a0, plan->in.stride),
        .threshold = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, field_t), a.b0, plan->padded.stride),
        .share = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, field_share), a.b0, plan->padded.stride),
    };
    write_maps(e, k, &m);
    collect c = {
        .error = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, error), a.a0, plan->out.stride),
        .sums =
            bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, input_sum), a.a0, (uint64_t)plan->out.height * plan->out.width),
        .counts = bc_row(e, e->i32, BC_FIELD_PTR(e, a.state, pair_count), a.b0, plan->stride),
        .pairs = BC_FIELD_PTR(e, a.state, pairs),
        .rate = BC_FIELD_F32(e, a.state, rate),
        .group = a.b0,
    };
    bc_zero_f32(e, c.counts, bc_i32(e, 0), bc_i32(e, plan->stride));
    bc_places places = bc_places_begin(e, k);
    collect_place(e, k, &c, &places);
    bc_places_end(e, &places);
    bc_return(e);
}
