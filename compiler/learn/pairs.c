/* Prepares the training of shared filters: which filter has an error at which place, and the inputs of the fields
 * there.
 *
 * Only a few places have an error (a max pool passes its error to one place of each window; if few of these fire, the
 * errors are found in the map of the pool). So steps and feedback walk
 * pairs of a filter and a place, filter by filter, and read whole rows of the field there. For that, maps are copied
 * into padded maps that contain every field. t and the share of each input are computed once for all fields that read
 * it. */
#include "learn/pairs.h"

static bc_pairs row_of_each(bc_emit *e, const bc_pairs *all, bc_value row, uint64_t stride)
{
    return (bc_pairs){bc_row(e, e->i32, all->at, row, stride), bc_row(e, e->f32, all->error, row, stride),
                      bc_row(e, e->f32, all->share, row, stride)};
}

bc_pairs bc_pairs_of(bc_emit *e, const bc_kernel *k, bc_value state, bc_value slot)
{
    bc_pairs all = {BC_FIELD_PTR(e, state, pairs.at), BC_FIELD_PTR(e, state, pairs.error),
                    BC_FIELD_PTR(e, state, pairs.share)};
    return row_of_each(e, &all, slot, (uint64_t)k->plan->pitch * k->plan->filter_stride);
}

bc_pairs bc_pairs_of_slot(bc_emit *e, const bc_kernel *k, const bc_pairs *all, bc_value slot)
{
    return row_of_each(e, all, slot, (uint64_t)k->plan->pitch * k->plan->filter_stride);
}

bc_pairs bc_pairs_of_neuron(bc_emit *e, const bc_kernel *k, const bc_pairs *all, bc_value neuron)
{
    return row_of_each(e, all, neuron, k->plan->filter_stride);
}

bc_pair bc_pair_load(bc_emit *e, const bc_pairs *list, bc_value index)
{
    return (bc_pair){bc_load_i32(e, list->at, index), bc_load_f32(e, list->error, index),
                     bc_load_f32(e, list->share, index)};
}

bool bc_pairs_by_level(const bc_kernel *k)
{
    return !bc_sums_fields(k);
}

bool bc_pairs_grouped(const bc_kernel *k)
{
    return k->plan->in.pitch % k->plan->lanes == 0;
}

uint32_t bc_pairs_groups(const bc_kernel *k)
{
    return bc_pairs_grouped(k) ? k->plan->in.pitch / k->plan->lanes : 1;
}

uint32_t bc_pairs_row(const bc_kernel *k)
{
    return k->plan->field_row / bc_pairs_groups(k);
}

uint32_t bc_pairs_field(const bc_kernel *k)
{
    return k->layer->field_height * bc_pairs_row(k);
}

uint32_t bc_pairs_place(const bc_kernel *k)
{
    return bc_pairs_grouped(k) ? k->plan->lanes : k->plan->padded.pitch;
}

uint32_t bc_pairs_plane(const bc_kernel *k)
{
    return k->plan->padded.height * k->plan->padded.width * k->plan->lanes;
}

typedef struct maps {
    bc_value in, threshold, share;
} maps;

/* t(o) = a_max - 1/q, and the input's own factor in (12): o/q; with homeostasis o, and no t; for the gradient rule q. A
 * silent input has no share. */
static void write_terms(bc_emit *e, const bc_kernel *k, const maps *m, bool vector, bc_value from, bc_value to)
{
    bc_value (*constant)(bc_emit *, double) = vector ? bc_splat_f32 : bc_f32;
    bc_value (*load)(bc_emit *, bc_value, bc_value) = vector ? bc_load_unaligned : bc_load_f32;
    void (*store)(bc_emit *, bc_value, bc_value, bc_value) = vector ? bc_store_unaligned : bc_store_f32;
    bc_value one = constant(e, 1), o = load(e, m->in, from);
    if (bc_pairs_by_level(k)) {
        store(e, m->share, to, o);
        return;
    }
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

/* One line of a map whose groups of channels lie by themselves. */
static void places(bc_emit *e, const bc_kernel *k, const maps *m, bc_value from, bc_value to)
{
    const br_map *in = &k->plan->in;
    bc_loop groups = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, bc_pairs_groups(k)), 1, "group");
    bc_value first = bc_iadd(e, from, bc_imul(e, groups.i, e->lanes));
    bc_value plane = bc_iadd(e, to, bc_imul(e, groups.i, bc_pairs_plane(k)));
    bc_loop each = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, in->width), 1, "place");
    write_terms(e, k, m, true, bc_iadd(e, first, bc_imul(e, each.i, in->pitch)),
                bc_iadd(e, plane, bc_imul(e, each.i, e->lanes)));
    bc_loop_end(e, &each);
    bc_loop_end(e, &groups);
}

/* The maps of one sample. Without padding they are one long line, followed by zeros in both maps. */
static void write_maps(bc_emit *e, const bc_kernel *k, const maps *m)
{
    const br_map *in = &k->plan->in, *padded = &k->plan->padded;
    uint32_t width = in->width * in->pitch;
    if (padded->width == in->width && k->layer->pad_top == 0 && !bc_pairs_grouped(k)) {
        line(e, k, m, in->sample_stride, bc_i32(e, 0), bc_i32(e, 0));
        return;
    }
    bc_loop rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, in->height), 1, "row");
    bc_value top = bc_iadd(e, rows.i, bc_i32(e, k->layer->pad_top));
    bc_value to = bc_iadd(e, bc_imul(e, top, padded->width), bc_i32(e, k->layer->pad_left));
    bc_value from = bc_imul(e, rows.i, width);
    to = bc_imul(e, to, bc_pairs_place(k));
    if (bc_pairs_grouped(k))
        places(e, k, m, from, to);
    else
        line(e, k, m, width, from, to);
    bc_loop_end(e, &rows);
}

typedef struct collect {
    bc_value error, sums, counts, rate;
    bc_value choice; /* errors of the pool behind: the place of the window that each belongs to */
    bc_pairs pairs;
} collect;

/* The common factor of errors for the field of a place, or of a vector of places. It is 0 if no input of the field is
 * live. */
static bc_value factor_of(bc_emit *e, const bc_kernel *k, bc_value rate, bc_value sum)
{
    if (bc_pairs_by_level(k)) /* (29); a silent input has no share */
        return rate;
    bc_value some = bc_greater(e, sum, bc_f32_like(e, sum, 0)); /* avoids 0 times infinity */
    return bc_select(e, some, bc_share_factor(e, k, rate, sum), bc_f32_like(e, sum, 0));
}

/* Distance in floats between the fields of two neighbouring places, and of two neighbouring lines. */
static uint32_t across(const bc_kernel *k)
{
    return k->layer->stride * bc_pairs_place(k);
}

static uint32_t down(const bc_kernel *k)
{
    return across(k) * k->plan->padded.width;
}

static void append(bc_emit *e, const bc_kernel *k, const collect *c, bc_value neuron, bc_pair pair)
{
    bc_value count = bc_load_i32(e, c->counts, neuron);
    bc_pairs list = bc_pairs_of_neuron(e, k, &c->pairs, neuron);
    bc_store_i32(e, list.at, count, pair.at);
    bc_store_f32(e, list.error, count, pair.error);
    bc_store_f32(e, list.share, count, pair.share);
    bc_store_i32(e, c->counts, neuron, bc_iadd(e, count, bc_i32(e, 1)));
}

/* Appends this place to the list of every filter that has an error there. */
static void collect_place(bc_emit *e, const bc_kernel *k, const collect *c, bc_value place)
{
    uint32_t width = k->plan->out.width;
    bc_value errors = bc_row(e, e->f32, c->error, place, k->plan->out.pitch);
    bc_value factor = factor_of(e, k, c->rate, bc_load_f32(e, c->sums, place));
    bc_value y = LLVMBuildUDiv(e->builder, place, bc_i32(e, width), "y"), x = bc_isub(e, place, bc_imul(e, y, width));
    bc_value at = bc_iadd(e, bc_imul(e, y, down(k)), bc_imul(e, x, across(k)));
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value first = bc_imul(e, blocks.i, e->lanes);
    bc_value wanted = bc_greater(e, bc_abs(e, bc_load_vector(e, errors, first)), bc_splat_f32(e, 0));
    bc_set_lane_loop lanes = bc_for_each_set_lane(e, wanted);
    bc_value neuron = bc_iadd(e, first, lanes.lane), error = bc_load_f32(e, errors, neuron);
    append(e, k, c, neuron, (bc_pair){at, error, bc_mul(e, error, factor)});
    bc_for_each_set_lane_end(e, &lanes);
    bc_loop_end(e, &blocks);
}

/* A window of the pool, with its errors and the places of the window that they belong to. */
typedef struct pool_window {
    bc_range rows, columns;
    bc_value errors, choices;
} pool_window;

/* Appends the place of the window that filter `neuron` won. */
static void collect_chosen(bc_emit *e, const bc_kernel *k, const collect *c, const pool_window *window, bc_value neuron)
{
    bc_value width = bc_isub(e, window->columns.to, window->columns.from);
    bc_value choice = bc_load_i32(e, window->choices, neuron), error = bc_load_f32(e, window->errors, neuron);
    bc_value row = LLVMBuildUDiv(e->builder, choice, width, "row");
    bc_value column = bc_isub(e, choice, LLVMBuildMul(e->builder, row, width, ""));
    bc_value y = bc_iadd(e, window->rows.from, row), x = bc_iadd(e, window->columns.from, column);
    bc_value place = bc_iadd(e, bc_imul(e, y, k->plan->out.width), x);
    bc_value factor = factor_of(e, k, c->rate, bc_load_f32(e, c->sums, place));
    bc_value at = bc_iadd(e, bc_imul(e, y, down(k)), bc_imul(e, x, across(k)));
    append(e, k, c, neuron, (bc_pair){at, error, bc_mul(e, error, factor)});
}

/* The errors of the pool behind, window by window. */
static void collect_pooled(bc_emit *e, const bc_kernel *k, const collect *c)
{
    const br_map *pooled = &k->behind->out;
    bc_kernel pool = bc_kernel_new(k->behind);
    bc_places places = bc_places_begin(e, &pool);
    pool_window window = {.rows = bc_pool_range(e, &pool, places.y, true),
                          .columns = bc_pool_range(e, &pool, places.x, false),
                          .errors = bc_row(e, e->f32, c->error, places.place, pooled->pitch),
                          .choices = bc_row(e, e->i32, c->choice, places.place, pooled->pitch)};
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value first = bc_imul(e, blocks.i, e->lanes);
    bc_value wanted = bc_greater(e, bc_abs(e, bc_load_vector(e, window.errors, first)), bc_splat_f32(e, 0));
    bc_set_lane_loop lanes = bc_for_each_set_lane(e, wanted);
    collect_chosen(e, k, c, &window, bc_iadd(e, first, lanes.lane));
    bc_for_each_set_lane_end(e, &lanes);
    bc_loop_end(e, &blocks);
    bc_places_end(e, &places);
}

/* Appends the errors of one filter at a vector of places. The values stored beyond them are overwritten later or never
 * read. `factor`, NULL: `rate` at all places. */
static void pack(bc_emit *e, const bc_kernel *k, const collect *c, bc_value neuron, bc_value at, bc_value error,
                 bc_value factor)
{
    bc_value wanted = bc_greater(e, bc_abs(e, error), bc_splat_f32(e, 0));
    bc_value count = bc_load_i32(e, c->counts, neuron), kept = bc_compress(e, error, wanted);
    bc_pairs list = bc_pairs_of_neuron(e, k, &c->pairs, neuron);
    bc_store_unaligned(e, list.at, count, bc_compress(e, at, wanted));
    bc_store_unaligned(e, list.error, count, kept);
    factor = factor ? bc_compress(e, factor, wanted) : bc_splat(e, c->rate);
    bc_store_unaligned(e, list.share, count, bc_mul(e, kept, factor));
    bc_store_i32(e, c->counts, neuron, bc_iadd(e, count, bc_count_lanes(e, wanted)));
}

/* y and x of a vector of places. */
static bc_value row_of(bc_emit *e, bc_value place, uint32_t width, bc_value *x)
{
    bc_value all = bc_splat(e, bc_i32(e, width)), y = LLVMBuildUDiv(e->builder, place, all, "y");
    *x = bc_isub(e, place, LLVMBuildMul(e->builder, y, all, ""));
    return y;
}

static bc_value field_at(bc_emit *e, const bc_kernel *k, bc_value y, bc_value x, uint32_t times)
{
    return bc_iadd(e, LLVMBuildMul(e->builder, y, bc_splat(e, bc_i32(e, times * down(k))), ""),
                   LLVMBuildMul(e->builder, x, bc_splat(e, bc_i32(e, times * across(k))), ""));
}

/* A square: vectors of neurons in `lanes` rows from `first` on, transposed so that each neuron has a vector of rows. */
static void load_square(bc_emit *e, const bc_kernel *k, bc_value rows, bc_value first, bc_value neuron,
                        bc_value *square)
{
    for (uint32_t i = 0; i < e->lanes; i++)
        square[i] =
            bc_load_vector(e, bc_row(e, e->f32, rows, bc_iadd(e, first, bc_i32(e, i)), k->plan->out.pitch), neuron);
    bc_transpose(e, square);
}

/* A vector of places: a square of errors is transposed, so that the errors of each filter are in one vector. */
static void collect_places(bc_emit *e, const bc_kernel *k, const collect *c, bc_value group)
{
    bc_value first = bc_imul(e, group, e->lanes), errors[64], x;
    bc_value y = row_of(e, bc_lane_ids(e, group), k->plan->out.width, &x), at = field_at(e, k, y, x, 1);
    bc_value factor = NULL;
    if (!bc_pairs_by_level(k))
        factor = factor_of(e, k, bc_splat(e, c->rate), bc_load_unaligned(e, c->sums, first));
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value neuron = bc_imul(e, blocks.i, e->lanes);
    load_square(e, k, c->error, first, neuron, errors);
    for (uint32_t i = 0; i < e->lanes; i++)
        pack(e, k, c, bc_iadd(e, neuron, bc_i32(e, i)), at, errors[i], factor);
    bc_loop_end(e, &blocks);
}

/* A vector of windows of the pool, and the place that each filter won in each of them. */
static void collect_windows(bc_emit *e, const bc_kernel *k, const collect *c, bc_value group)
{
    const bl_layer *pool = k->behind->layer;
    bc_value first = bc_imul(e, group, e->lanes), errors[64], choices[64], x;
    bc_value y = row_of(e, bc_lane_ids(e, group), k->behind->out.width, &x);
    bc_value window = field_at(e, k, y, x, pool->stride);
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value neuron = bc_imul(e, blocks.i, e->lanes);
    load_square(e, k, c->error, first, neuron, errors);
    load_square(e, k, c->choice, first, neuron, choices);
    for (uint32_t i = 0; i < e->lanes; i++) {
        y = row_of(e, LLVMBuildBitCast(e->builder, choices[i], e->vector_i32, ""), pool->field_width, &x);
        bc_value at = bc_iadd(e, window, field_at(e, k, y, x, 1));
        pack(e, k, c, bc_iadd(e, neuron, bc_i32(e, i)), at, errors[i], NULL);
    }
    bc_loop_end(e, &blocks);
}

/* Centred errors of a pool are many, so they are collected in squares. */
static bool in_squares(const bc_emit *e, const bc_kernel *k)
{
    uint32_t windows = k->behind->out.height * k->behind->out.width;
    return bc_can_compress(e) && bc_pairs_by_level(k) && !k->behind->layer->grid && windows % e->lanes == 0;
}

static void collect_behind(bc_emit *e, const bc_kernel *k, const collect *c)
{
    if (!in_squares(e, k)) {
        collect_pooled(e, k, c);
        return;
    }
    uint32_t windows = k->behind->out.height * k->behind->out.width;
    bc_loop many = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, windows / e->lanes), 1, "windows");
    collect_windows(e, k, c, many.i);
    bc_loop_end(e, &many);
}

static void collect_all(bc_emit *e, const bc_kernel *k, const collect *c)
{
    uint32_t places = k->plan->out.height * k->plan->out.width;
    uint32_t groups = bc_can_compress(e) ? places / e->lanes : 0;
    if (groups > 0) {
        bc_loop many = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, groups), 1, "places");
        collect_places(e, k, c, many.i);
        bc_loop_end(e, &many);
    }
    if (groups * e->lanes == places)
        return;
    bc_loop rest = bc_loop_begin(e, bc_i32(e, groups * e->lanes), bc_i32(e, places), 1, "place");
    collect_place(e, k, c, rest.i);
    bc_loop_end(e, &rest);
}

void bc_emit_conv_pairs(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    const bc_layer_plan *plan = k->plan;
    const br_map *errors = plan->pooled ? &k->behind->out : &plan->out;
    maps m = {
        .in = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, in), a.first, plan->in.sample_stride),
        .threshold = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, field.t), a.part_first, plan->padded.sample_stride),
        .share = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, field.share), a.part_first, plan->padded.sample_stride),
    };
    write_maps(e, k, &m);
    collect c = {
        .error = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, error), a.first, errors->sample_stride),
        .choice = bc_row(e, e->i32, BC_FIELD_PTR(e, a.state, choice), a.first, errors->sample_stride),
        .sums = bc_row(e, e->f32, BC_FIELD_PTR(e, a.state, input_sum), a.first, br_map_places(plan->out)),
        .counts = bc_row(e, e->i32, BC_FIELD_PTR(e, a.state, pairs.count), a.part_first, plan->pitch),
        .rate = BC_FIELD_F32(e, a.state, rates.step),
        .pairs = bc_pairs_of(e, k, a.state, a.part_first),
    };
    bc_zero_f32(e, c.counts, bc_i32(e, 0), bc_i32(e, plan->pitch));
    (plan->pooled ? collect_behind : collect_all)(e, k, &c);
    bc_return(e);
}
