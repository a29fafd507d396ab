/* Training of shared filters. A step is the sum over samples and places (12)-(15); feedback goes to every place in a
 * field (16)-(18). Both walk the pairs that pairs.c collected, filter by filter. A few vectors of the filter's field
 * stay in registers during the walk over its pairs. Lanes are inputs, so no sum crosses lanes. */
#include "learn/pairs.h"

enum { TILE = 12 };

/* What a walk over pairs computes. */
typedef enum work { WORK_STEP = 1, WORK_FEEDBACK = 2, WORK_BOTH = WORK_STEP | WORK_FEEDBACK } work;

typedef struct convolve_context {
    work work;
    uint32_t columns;     /* vectors of a row of a field */
    bc_value samples;     /* number of the samples, which have the first slots */
    bc_value counts;      /* [slots][pitch]: numbers of pairs */
    bc_pairs pairs, list; /* of all filters; of the current filter in the first slot */
    bc_value neuron;
    bc_value bounds, slopes, changes;  /* of the current filter */
    bc_value threshold, share, wanted; /* padded maps, in each slot */
    bc_value vector[TILE];             /* offsets of the tile's vectors in the filter's arrays */
    bc_value offset[TILE];             /* offsets in the maps, from the start of a field */
} convolve_context;

/* Vectors of a field in registers. A step needs two registers for each, feedback too, and both together three. */
static uint32_t most_of(const bc_emit *e, work work)
{
    if (e->lanes == 16)
        return work == WORK_BOTH ? 10 : TILE; /* 32 registers */
    return work == WORK_BOTH ? 3 : 4;         /* 16 */
}

/* change_ik += xi (eta e_k/gamma) o_i/((1 - o_i) sum_j o_j) where |v_ik| >= t(o_i); lambda times that elsewhere. With
 * homeostasis (29) the share is o_i. */
static bc_value step(bc_emit *e, const bc_kernel *k, bc_value live, bc_value share, bc_value pair, bc_value sum)
{
    double leak = k->layer->leak;
    if (leak == 1)
        return bc_muladd(e, share, pair, sum);
    if (leak == 0 && e->lanes == 16) /* one multiply-add under a mask */
        return bc_select(e, live, bc_muladd(e, share, pair, sum), sum);
    return bc_muladd(e, share, bc_select(e, live, pair, bc_mul(e, pair, bc_splat_f32(e, leak))), sum);
}

/* do_i += sum over k live of sign_ik (1 - alpha_ik) e_k
 * Padding behind a row of the field is no connection; its slope is 0. */
static bc_value feedback(bc_emit *e, bc_value live, bc_value slope, bc_value error, bc_value sum)
{
    if (e->lanes == 16)
        return bc_select(e, live, bc_muladd(e, slope, error, sum), sum);
    return bc_muladd(e, bc_select(e, live, slope, bc_splat_f32(e, 0)), error, sum);
}

/* A tile's vectors of a filter. */
typedef struct registers {
    bc_value limit[TILE], slope[TILE], change[TILE];
} registers;

/* The walk over the pairs of a filter in one slot. Live means o >= alpha in a step, which a connection at its bound takes
 * too, and o > alpha in feedback: a connection without signal passes no error back. With homeostasis o is compared with
 * alpha, else |v| with t(o). */
static void walk_slot(bc_emit *e, const bc_kernel *k, const convolve_context *u, const registers *r, uint32_t count,
                      bc_value slot)
{
    bool steps = u->work & WORK_STEP, asks = u->work & WORK_FEEDBACK, levels = bc_pairs_by_level(k);
    uint32_t stride = k->plan->padded.sample_stride;
    bc_pairs list = bc_pairs_of_slot(e, k, &u->list, slot);
    bc_value shares = bc_row(e, e->f32, u->share, slot, stride);
    bc_value thresholds = levels ? NULL : bc_row(e, e->f32, u->threshold, slot, stride);
    bc_value wanted = asks ? bc_row(e, e->f32, u->wanted, slot, stride) : NULL;
    bc_value all = bc_load_i32(e, bc_row(e, e->i32, u->counts, slot, k->plan->pitch), u->neuron);
    bc_loop pairs = bc_loop_begin(e, bc_i32(e, 0), all, 1, "pair");
    bc_pair pair = bc_pair_load(e, &list, pairs.i);
    bc_value error = bc_splat(e, pair.error), moves = bc_splat(e, pair.share);
    for (uint32_t v = 0; v < count; v++) {
        bc_value at = bc_iadd(e, pair.at, u->offset[v]), share = bc_load_unaligned(e, shares, at);
        bc_value larger = levels ? share : r->limit[v];
        bc_value smaller = levels ? r->limit[v] : bc_load_unaligned(e, thresholds, at);
        if (steps) {
            bc_value sum = bc_get(e, e->vector, r->change[v]);
            bc_set(e, r->change[v], step(e, k, bc_at_least(e, larger, smaller), share, moves, sum));
        }
        if (asks) {
            bc_value sum = bc_load_unaligned(e, wanted, at);
            sum = feedback(e, bc_greater(e, larger, smaller), r->slope[v], error, sum);
            bc_store_unaligned(e, wanted, at, sum);
        }
    }
    bc_loop_end(e, &pairs);
}

static void walk(bc_emit *e, const bc_kernel *k, const convolve_context *u, uint32_t count)
{
    bool steps = u->work & WORK_STEP, asks = u->work & WORK_FEEDBACK;
    registers r;
    for (uint32_t v = 0; v < count; v++) {
        r.limit[v] = bc_load_vector(e, u->bounds, u->vector[v]);
        r.limit[v] = bc_pairs_by_level(k) ? r.limit[v] : bc_abs(e, r.limit[v]);
        r.slope[v] = asks ? bc_load_vector(e, u->slopes, u->vector[v]) : NULL;
        r.change[v] = steps ? bc_slot(e, e->vector, bc_load_vector(e, u->changes, u->vector[v]), "change") : NULL;
    }
    if (k->plan->slots == 1) {
        walk_slot(e, k, u, &r, count, bc_i32(e, 0));
    } else {
        bc_loop slots = bc_loop_begin(e, bc_i32(e, 0), u->samples, 1, "slot");
        walk_slot(e, k, u, &r, count, slots.i);
        bc_loop_end(e, &slots);
    }
    for (uint32_t v = 0; steps && v < count; v++)
        bc_store_vector(e, u->changes, u->vector[v], bc_get(e, e->vector, r.change[v]));
}

/* One tile of rows x columns vectors from a row and a column of the field on. */
static void tile(bc_emit *e, const bc_kernel *k, convolve_context *u, bc_value row, bc_value column, uint32_t rows,
                 uint32_t columns)
{
    for (uint32_t r = 0; r < rows; r++) {
        bc_value line = bc_iadd(e, row, bc_i32(e, r));
        for (uint32_t c = 0; c < columns; c++) {
            bc_value at = bc_iadd(e, column, bc_i32(e, c));
            uint32_t down = k->plan->padded.width * bc_pairs_place(k), v = r * columns + c;
            u->vector[v] = bc_iadd(e, bc_imul(e, line, bc_pairs_row(k)), bc_imul(e, at, e->lanes));
            u->offset[v] = bc_iadd(e, bc_imul(e, line, down), bc_imul(e, at, e->lanes));
        }
    }
    walk(e, k, u, rows * columns);
}

/* Some rows of a field: in parts of equal width, and what is left. */
static void rows_of_tiles(bc_emit *e, const bc_kernel *k, convolve_context *u, bc_value row, uint32_t rows)
{
    uint32_t most = most_of(e, u->work), parts = (u->columns + most - 1) / most;
    uint32_t part = (u->columns + parts - 1) / parts;
    bc_loop columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, u->columns), part, "part");
    tile(e, k, u, row, columns.i, rows, part);
    bc_loop_end(e, &columns);
    if (u->columns % part != 0)
        tile(e, k, u, row, columns.rest, rows, u->columns % part);
}

/* Divides a field into tiles: several whole rows if rows are short, parts of one row if they are long. */
static void tiles(bc_emit *e, const bc_kernel *k, convolve_context *u)
{
    uint32_t most = most_of(e, u->work), height = k->layer->field_height;
    uint32_t rows = u->columns >= most ? 1 : most / u->columns < height ? most / u->columns : height;
    bc_loop lines = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, height), rows, "rows");
    rows_of_tiles(e, k, u, lines.i, rows);
    bc_loop_end(e, &lines);
    if (height % rows != 0)
        rows_of_tiles(e, k, u, lines.rest, height % rows);
}

/* Visits every filter of a group of channels; the arrays of `all` begin with the group's. A filter without pairs is
 * left out, if there is one slot. */
static void each_filter(bc_emit *e, const bc_kernel *k, const convolve_context *all)
{
    uint64_t field = bc_pairs_field(k), block = e->lanes * field * bc_pairs_groups(k);
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->layer->neurons), 1, "filter");
    convolve_context u = *all;
    bc_branch wanted = {0};
    if (k->plan->slots == 1)
        wanted = bc_if(e, bc_iless(e, bc_i32(e, 0), bc_load_i32(e, u.counts, neurons.i)), "wanted");
    bc_value number = LLVMBuildUDiv(e->builder, neurons.i, bc_i32(e, e->lanes), "block");
    bc_value lane = bc_isub(e, neurons.i, bc_imul(e, number, e->lanes));
    u.neuron = neurons.i;
    u.list = bc_pairs_of_neuron(e, k, &all->pairs, neurons.i);
    bc_value *arrays[] = {&u.bounds, &u.slopes, &u.changes};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (*arrays[i])
            *arrays[i] = bc_row(e, e->f32, bc_row(e, e->f32, *arrays[i], number, block), lane, field);
    tiles(e, k, &u);
    if (k->plan->slots == 1)
        bc_endif(e, &wanted);
    bc_loop_end(e, &neurons);
}

/* Every group of channels in turn, so that its part of the maps stays in the first cache for all filters. */
static void each_group(bc_emit *e, const bc_kernel *k, const convolve_context *all)
{
    uint32_t plane = bc_pairs_plane(k);
    uint64_t filters = e->lanes * (uint64_t)bc_pairs_field(k);
    bc_loop each = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, bc_pairs_groups(k)), 1, "channels");
    convolve_context u = *all;
    u.bounds = bc_row(e, e->f32, all->bounds, each.i, filters);
    u.slopes = all->slopes ? bc_row(e, e->f32, all->slopes, each.i, filters) : NULL;
    u.changes = all->changes ? bc_row(e, e->f32, all->changes, each.i, filters) : NULL;
    u.threshold = bc_row(e, e->f32, all->threshold, each.i, plane);
    u.share = bc_row(e, e->f32, all->share, each.i, plane);
    u.wanted = all->wanted ? bc_row(e, e->f32, all->wanted, each.i, plane) : NULL;
    each_filter(e, k, &u);
    bc_loop_end(e, &each);
}

static convolve_context begin(bc_emit *e, const bc_kernel *k, const bc_kernel_args *a, work work)
{
    const bc_layer_plan *plan = k->plan;
    uint32_t stride = plan->padded.sample_stride;
    uint64_t filters = (uint64_t)plan->pitch * k->layer->field_height * plan->field_row;
    bc_value slot = bc_imul(e, a->part_first, plan->slots);
    convolve_context u = {
        .work = work,
        .columns = bc_pairs_row(k) / e->lanes,
        .samples = bc_isub(e, a->end, a->first),
        .counts = bc_row(e, e->i32, BC_FIELD_PTR(e, a->state, pairs.count), slot, plan->pitch),
        .pairs = bc_pairs_of(e, k, a->state, slot),
        .bounds = BC_FIELD_PTR(e, a->state, filters.bounds),
        .threshold = bc_row(e, e->f32, BC_FIELD_PTR(e, a->state, field.t), slot, stride),
        .share = bc_row(e, e->f32, BC_FIELD_PTR(e, a->state, field.share), slot, stride),
    };
    if (work & WORK_STEP)
        u.changes = bc_row(e, e->f32, BC_FIELD_PTR(e, a->state, filters.changes), a->part_first, filters);
    if (work & WORK_FEEDBACK) {
        u.slopes = BC_FIELD_PTR(e, a->state, filters.slopes);
        u.wanted = bc_row(e, e->f32, BC_FIELD_PTR(e, a->state, field.asked), slot, stride);
        bc_zero_f32(e, u.wanted, bc_i32(e, 0), LLVMBuildMul(e->builder, u.samples, bc_i32(e, stride), ""));
    }
    return u;
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

/* The same where each group of channels lies by itself. */
static void give_places(bc_emit *e, const bc_kernel *k, bc_value asked, bc_value from, bc_value below, bc_value to)
{
    const br_map *in = &k->plan->in;
    bc_loop places = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, in->width), 1, "place");
    bc_value first = bc_iadd(e, from, bc_imul(e, places.i, e->lanes));
    bc_value place = bc_iadd(e, to, bc_imul(e, places.i, in->pitch));
    for (uint32_t g = 0; g < in->pitch / e->lanes; g++) {
        bc_value at = bc_iadd(e, place, bc_i32(e, g * e->lanes)), sum = bc_load_unaligned(e, below, at);
        bc_value more = bc_load_unaligned(e, asked, bc_iadd(e, first, bc_i32(e, g * bc_pairs_plane(k))));
        bc_store_unaligned(e, below, at, bc_add(e, sum, more));
    }
    bc_loop_end(e, &places);
}

/* Adds what feedback asked for to the correction of the map below. */
static void give(bc_emit *e, const bc_kernel *k, const bc_kernel_args *a, bc_value all)
{
    const br_map *in = &k->plan->in, *padded = &k->plan->padded;
    bc_loop samples = bc_loop_begin(e, a->first, a->end, 1, "sample");
    bc_value asked = bc_row(e, e->f32, all, bc_isub(e, samples.i, a->first), padded->sample_stride);
    bc_value below = bc_row(e, e->f32, BC_FIELD_PTR(e, a->state, input_correction), samples.i, in->sample_stride);
    bc_loop rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, in->height), 1, "row");
    bc_value top = bc_imul(e, bc_iadd(e, rows.i, bc_i32(e, k->layer->pad_top)), padded->width);
    bc_value from = bc_imul(e, bc_iadd(e, top, bc_i32(e, k->layer->pad_left)), bc_pairs_place(k));
    bc_value to = bc_imul(e, rows.i, in->width * in->pitch);
    if (bc_pairs_grouped(k))
        give_places(e, k, asked, from, below, to);
    else
        give_line(e, asked, from, below, to, in->width * in->pitch);
    bc_loop_end(e, &rows);
    bc_loop_end(e, &samples);
}

static void kernel(bc_emit *e, const bc_kernel *k, const char *name, work work)
{
    bc_kernel_args a = bc_function(e, name);
    convolve_context u = begin(e, k, &a, work);
    each_group(e, k, &u);
    if (work & WORK_FEEDBACK)
        give(e, k, &a, u.wanted);
    bc_return(e);
}

void bc_emit_conv_step(bc_emit *e, const bc_kernel *k, const char *name)
{
    kernel(e, k, name, WORK_STEP);
}

void bc_emit_conv_feedback(bc_emit *e, const bc_kernel *k, const char *name)
{
    kernel(e, k, name, WORK_FEEDBACK);
}

void bc_emit_conv_learn(bc_emit *e, const bc_kernel *k, const char *name)
{
    kernel(e, k, name, WORK_BOTH);
}
