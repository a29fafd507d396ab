/* Training of shared filters. A step is the sum over samples and places (12)-(15); feedback goes to every place in a
 * field (16)-(18). Both walk the pairs that pairs.c collected, filter by filter. A few vectors of the filter's field
 * stay in registers during the walk over its pairs. Lanes are inputs, so no sum crosses lanes. */
#include "learn/pairs.h"

enum { TILE = 12 }; /* vectors of a field in registers; feedback needs two registers for each */

typedef struct convolve_context convolve_context;
typedef void tile_body(bc_emit *e, const bc_kernel *k, convolve_context *u, uint32_t rows, uint32_t columns);

struct convolve_context {
    bc_value counts;
    bc_pairs pairs, list;              /* of all filters; of the current filter */
    bc_value bounds, slopes, changes;  /* of the current filter inside each_filter */
    bc_value threshold, share, wanted; /* padded maps of the sample */
    tile_body *body;
    bc_value count;        /* number of its pairs */
    bc_value row, column;  /* first row and first float of the tile in the field */
    bc_value vector[TILE]; /* offsets of the tile's vectors in the filter's arrays */
    bc_value offset[TILE]; /* offsets in the maps, from the start of a field */
};

static uint32_t tile_of(const bc_emit *e)
{
    return e->lanes == 16 ? TILE : 4; /* number of registers: 32, or 16 */
}

/* One tile of rows x columns vectors: computes their offsets, then runs the body. */
static void tile(bc_emit *e, const bc_kernel *k, convolve_context *u, bc_value row, bc_value column, uint32_t rows,
                 uint32_t columns)
{
    const br_map *padded = &k->plan->padded;
    for (uint32_t r = 0; r < rows; r++) {
        bc_value line = bc_iadd(e, row, bc_i32(e, r));
        for (uint32_t c = 0; c < columns; c++) {
            bc_value at = bc_iadd(e, column, bc_i32(e, c * e->lanes));
            u->vector[r * columns + c] = bc_iadd(e, bc_imul(e, line, k->plan->field_row), at);
            u->offset[r * columns + c] = bc_iadd(e, bc_imul(e, line, padded->width * padded->pitch), at);
        }
    }
    u->body(e, k, u, rows, columns);
}

/* Divides a field into tiles: several whole rows if rows are short, parts of one row if they are long. */
static void tiles(bc_emit *e, const bc_kernel *k, convolve_context *u)
{
    uint32_t columns = k->plan->field_row / e->lanes, most = tile_of(e);
    uint32_t together = columns >= most                           ? 1
                        : most / columns < k->layer->field_height ? most / columns
                                                                  : k->layer->field_height;
    uint32_t part = columns < most ? columns : most;
    bc_value from = bc_i32(e, 0), height = bc_i32(e, k->layer->field_height), width = bc_i32(e, k->plan->field_row);
    for (uint32_t rows = together;; rows = 1) { /* the remaining rows, one by one */
        bc_loop lines = bc_loop_begin(e, from, height, rows, "rows");
        bc_loop parts = bc_loop_begin(e, bc_i32(e, 0), width, part * e->lanes, "part");
        tile(e, k, u, lines.i, parts.i, rows, part);
        bc_loop_end(e, &parts);
        if (columns % part != 0) {
            bc_loop rest = bc_loop_begin(e, parts.rest, width, e->lanes, "rest");
            tile(e, k, u, lines.i, rest.i, rows, 1);
            bc_loop_end(e, &rest);
        }
        bc_loop_end(e, &lines);
        from = lines.rest;
        if (rows == 1 || k->layer->field_height % rows == 0)
            return;
    }
}

/* Visits every filter that has pairs. */
static void each_filter(bc_emit *e, const bc_kernel *k, const convolve_context *all)
{
    uint64_t filter = (uint64_t)k->layer->field_height * k->plan->field_row;
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->layer->neurons), 1, "filter");
    convolve_context u = *all;
    u.count = bc_load_i32(e, u.counts, neurons.i);
    bc_branch wanted = bc_if(e, bc_iless(e, bc_i32(e, 0), u.count), "wanted");
    u.list = bc_pairs_of_neuron(e, k, &all->pairs, neurons.i);
    u.bounds = bc_row(e, e->f32, all->bounds, neurons.i, filter);
    u.slopes = all->slopes ? bc_row(e, e->f32, all->slopes, neurons.i, filter) : NULL;
    u.changes = all->changes ? bc_row(e, e->f32, all->changes, neurons.i, filter) : NULL;
    tiles(e, k, &u);
    bc_endif(e, &wanted);
    bc_loop_end(e, &neurons);
}

/* change_ik += xi (eta e_k/gamma) o_i/((1 - o_i) sum_j o_j) where |v_ik| >= t(o_i); lambda times that elsewhere. */
static void step_tile(bc_emit *e, const bc_kernel *k, convolve_context *u, uint32_t rows, uint32_t columns)
{
    bc_value size[TILE], change[TILE];
    uint32_t count = rows * columns;
    bool all_alike = k->layer->leak == 1;
    for (uint32_t v = 0; v < count; v++) {
        change[v] = bc_slot(e, e->vector, bc_load_vector(e, u->changes, u->vector[v]), "change");
        size[v] = all_alike ? NULL : bc_abs(e, bc_load_vector(e, u->bounds, u->vector[v]));
    }
    bc_loop pairs = bc_loop_begin(e, bc_i32(e, 0), u->count, 1, "pair");
    bc_pair pair = bc_pair_load(e, &u->list, pairs.i);
    bc_value live = bc_splat(e, pair.share);
    bc_value silent = bc_splat(e, bc_mul(e, pair.share, bc_f32(e, k->layer->leak)));
    for (uint32_t v = 0; v < count; v++) {
        bc_value at = bc_iadd(e, pair.at, u->offset[v]), moves = live;
        if (!all_alike)
            moves = bc_select(e, bc_at_least(e, size[v], bc_load_unaligned(e, u->threshold, at)), live, silent);
        bc_value sum = bc_get(e, e->vector, change[v]);
        bc_set(e, change[v], bc_muladd(e, bc_load_unaligned(e, u->share, at), moves, sum));
    }
    bc_loop_end(e, &pairs);
    for (uint32_t v = 0; v < count; v++)
        bc_store_vector(e, u->changes, u->vector[v], bc_get(e, e->vector, change[v]));
}

/* do_i += sum over k live of sign_ik (1 - alpha_ik) e_k
 * Live means |v_ik| > t here: a connection without signal passes no error back. Padding behind a row of the field is no
 * connection; its slope is 0. */
static void feedback_tile(bc_emit *e, const bc_kernel *k, convolve_context *u, uint32_t rows, uint32_t columns)
{
    bc_value size[TILE], slope[TILE], zero = bc_splat_f32(e, 0);
    uint32_t count = rows * columns;
    for (uint32_t v = 0; v < count; v++) {
        size[v] = bc_abs(e, bc_load_vector(e, u->bounds, u->vector[v]));
        slope[v] = bc_load_vector(e, u->slopes, u->vector[v]);
    }
    bc_loop pairs = bc_loop_begin(e, bc_i32(e, 0), u->count, 1, "pair");
    bc_pair pair = bc_pair_load(e, &u->list, pairs.i);
    bc_value error = bc_splat(e, pair.error);
    for (uint32_t v = 0; v < count; v++) {
        bc_value at = bc_iadd(e, pair.at, u->offset[v]);
        bc_value live = bc_greater(e, size[v], bc_load_unaligned(e, u->threshold, at));
        bc_value asked = bc_load_unaligned(e, u->wanted, at);
        asked = bc_muladd(e, bc_select(e, live, slope[v], zero), error, asked);
        bc_store_unaligned(e, u->wanted, at, asked);
    }
    bc_loop_end(e, &pairs);
    (void)k;
}

static convolve_context begin(bc_emit *e, const bc_kernel *k, const bc_kernel_args *a, tile_body *body)
{
    uint32_t stride = k->plan->padded.sample_stride;
    return (convolve_context){
        .body = body,
        .counts = bc_row(e, e->i32, BC_FIELD_PTR(e, a->state, pairs.count), a->part_first, k->plan->pitch),
        .pairs = bc_pairs_of(e, k, a->state, a->part_first),
        .bounds = BC_FIELD_PTR(e, a->state, filters.bounds),
        .threshold = bc_row(e, e->f32, BC_FIELD_PTR(e, a->state, field.t), a->part_first, stride),
        .share = bc_row(e, e->f32, BC_FIELD_PTR(e, a->state, field.share), a->part_first, stride),
    };
}

void bc_emit_conv_step(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    convolve_context u = begin(e, k, &a, step_tile);
    uint64_t filters = (uint64_t)k->plan->pitch * k->layer->field_height * k->plan->field_row;
    u.changes = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, filters.changes), a.part_first, filters);
    each_filter(e, k, &u);
    bc_return(e);
}

/* Adds a line of feedback to the correction of the map below. */
static void give_line(bc_emit *e, bc_value asked, bc_value from, bc_value below, bc_value to, uint32_t count)
{
    bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, count), e->lanes, "give");
    bc_value at = bc_iadd(e, to, vectors.i), sum = bc_load_unaligned(e, below, at);
    bc_store_unaligned(e, below, at, bc_add(e, sum, bc_load_unaligned(e, asked, bc_iadd(e, from, vectors.i))));
    bc_loop_end(e, &vectors);
    bc_loop rest = bc_loop_begin(e, vectors.rest, bc_i32(e, count), 1, "rest");
    bc_value one = bc_iadd(e, to, rest.i), before = bc_load_f32(e, below, one);
    bc_store_f32(e, below, one, bc_add(e, before, bc_load_f32(e, asked, bc_iadd(e, from, rest.i))));
    bc_loop_end(e, &rest);
}

void bc_emit_conv_feedback(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    const br_map *in = &k->plan->in, *padded = &k->plan->padded;
    convolve_context u = begin(e, k, &a, feedback_tile);
    u.slopes = BC_FIELD_PTR(e, a.state, filters.slopes);
    u.wanted = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, field.asked), a.part_first, padded->sample_stride);
    bc_zero_f32(e, u.wanted, bc_i32(e, 0), bc_i32(e, padded->sample_stride));
    each_filter(e, k, &u);
    bc_value below = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, input_correction), a.first, in->sample_stride);
    bc_loop rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, in->height), 1, "row");
    bc_value top = bc_imul(e, bc_iadd(e, rows.i, bc_i32(e, k->layer->pad_top)), padded->width);
    bc_value from = bc_imul(e, bc_iadd(e, top, bc_i32(e, k->layer->pad_left)), padded->pitch);
    give_line(e, u.wanted, from, below, bc_imul(e, rows.i, in->width * in->pitch), in->width * in->pitch);
    bc_loop_end(e, &rows);
    bc_return(e);
}
