/* The forward pass by the events method: drive, level and activation of a block of neurons at every place, from the
 * live inputs alone: equations (2)-(4). */
#include "forward/forward.h"

#include <float.h>

enum { SUMS = 4 }; /* most sets of sums in registers: lines of places, or partial sums of a dense layer */

typedef struct forward_context {
    bc_kernel_args args;
    bc_live live;
    bc_value bounds, theta, sums, drive, out;
    /* of the current tile */
    bc_value block;
    uint32_t count;
    bc_thresholds thresholds;
    bc_value total[SUMS][16]; /* slots: sums of each line of places, or partial sums of a dense layer */
    /* slot: the sum of o over each line's field, one lane per line; not used in a dense layer */
    bc_value field_sums;
} forward_context;

/* Adds one event to one set of sums, from the row of bounds at `place`: x += c for every block of the row.     (2) */
static void add_row(bc_emit *e, const bc_kernel *k, uint32_t number, bc_live_event event, bc_value place,
                    const forward_context *u)
{
    bc_value q = event.all_q, t = event.all_t;
    for (uint32_t v = 0; v < u->count; v++) {
        bc_value w = bc_load_vector(e, place, bc_i32(e, v * e->lanes)), slot = u->total[number][v];
        bc_value sum = bc_get(e, e->vector, slot);
        if (k->plan->bound_encoding == BR_BOUND_ALPHA)
            sum = bc_add(e, sum, bc_contribution_printed(e, w, t));
        else if (k->plan->soft) /* q soft(v, t), fused with the addition */
            sum = bc_muladd(e, q, bc_soft(e, w, t, number + v), sum);
        else
            sum = bc_add(e, sum, bc_contribution(e, k, w, q, t));
        bc_set(e, slot, sum);
    }
}

static LLVMTypeRef sums_type(bc_emit *e)
{
    return LLVMVectorType(e->f32, SUMS);
}

/* Adds o to the field sums of all lines with one multiply-add: the factor is 1 for lines that read the input, else
 * 0. */
static void add_to_sums(bc_emit *e, bc_live_event event, const forward_context *u)
{
    bc_value reads[SUMS], any = LLVMGetPoison(sums_type(e)), sums = bc_get(e, sums_type(e), u->field_sums);
    for (uint32_t line = 0; line < SUMS; line++)
        reads[line] = bc_f32(e, line >= event.first && line < event.last);
    bc_value o = LLVMBuildInsertElement(e->builder, any, event.o, bc_i32(e, 0), "");
    o = LLVMBuildShuffleVector(e->builder, o, any, LLVMConstNull(LLVMVectorType(e->i32, SUMS)), "");
    bc_set(e, u->field_sums, bc_muladd(e, o, LLVMConstVector(reads, SUMS), sums));
}

static bc_value field_sum(bc_emit *e, const forward_context *u, uint32_t line)
{
    return LLVMBuildExtractElement(e->builder, bc_get(e, sums_type(e), u->field_sums), bc_i32(e, line), "");
}

static bc_value bounds_of(bc_emit *e, const bc_kernel *k, const forward_context *u, bc_value row)
{
    return bc_block(e, bc_row(e, e->f32, u->bounds, row, k->plan->pitch), u->block);
}

/* Adds an event to every line that reads it. From one line to the line above, the row of bounds is a fixed number of
 * rows further on. */
static void add_to_lines(bc_emit *e, const bc_kernel *k, bc_live_event event, const forward_context *u)
{
    bc_value place = bounds_of(e, k, u, event.row);
    add_to_sums(e, event, u);
    for (uint32_t line = event.last; line-- > event.first;) {
        add_row(e, k, line, event, place, u);
        place = bc_row(e, e->f32, place, bc_i32(e, bc_rows_between_lines(k)), k->plan->pitch);
    }
}

/* If rows that are silent for every input are not stored, a table gives the new positions of the other rows. */
static void add_event(bc_emit *e, const bc_kernel *k, uint32_t number, bc_live_event event, void *user)
{
    const forward_context *u = user;
    if (k->conv && !k->packed) {
        add_to_lines(e, k, event, u);
        return;
    }
    if (k->conv)
        add_to_sums(e, event, u);
    if (!k->packed) {
        add_row(e, k, number, event, bounds_of(e, k, u, event.row), u);
        return;
    }
    event.row = bc_load_i32(e, k->packed, event.row);
    bc_branch kept = bc_if(e, bc_iless(e, event.row, bc_i32(e, BC_ROW_DROPPED)), "kept");
    add_row(e, k, number, event, bounds_of(e, k, u, event.row), u);
    bc_endif(e, &kept);
}

bc_thresholds bc_thresholds_load(bc_emit *e, bc_value theta, uint32_t count)
{
    bc_thresholds t;
    bc_value one = bc_splat_f32(e, 1);
    for (uint32_t v = 0; v < count; v++) {
        t.theta[v] = bc_load_vector(e, theta, bc_i32(e, v * e->lanes));
        t.scale[v] = bc_div(e, one, bc_sub(e, one, t.theta[v]));
    }
    return t;
}

/* x = gamma * sum; y = clamp((x - theta)/(1 - theta), 0, 1), or the layer's own function; o = s y   (3), (4) */
void bc_finish(bc_emit *e, const bc_kernel *k, const bc_tile *tile, uint32_t v, bc_value x)
{
    bc_value first = bc_i32(e, v * e->lanes), theta = tile->thresholds->theta[v], scale = tile->thresholds->scale[v];
    bc_value zero = bc_splat_f32(e, 0), one = bc_splat_f32(e, 1);
    bc_value over = bc_sub(e, x, theta);
    /* The rule as printed has poles in later equations, so roundings matter: it keeps the division. */
    bool exact = k->plan->bound_encoding == BR_BOUND_ALPHA;
    bc_value y = exact ? bc_div(e, over, bc_sub(e, one, theta)) : bc_mul(e, over, scale);
    if (k->layer->fire == BT_FIRE_LOGISTIC)
        y = bc_logistic(e, bc_mul(e, over, bc_splat_f32(e, k->layer->logistic_k)));
    if (k->layer->fire == BT_FIRE_FORMULA)
        y = bc_formula_level(e, k, x, theta);
    y = bc_min(e, bc_max(e, y, zero), one); /* NaN, which the rule as printed can produce, becomes 0 */
    bc_value o = bc_mul(e, y, bc_splat_f32(e, k->layer->range_out));
    if (k->layer->neurons != k->plan->pitch) { /* the last block has lanes without a neuron */
        bc_value real = bc_lanes_below(e, bc_iadd(e, tile->block, bc_i32(e, v)), k->layer->neurons);
        x = bc_select(e, real, x, zero);
        o = bc_select(e, real, o, zero);
    }
    bc_assert_within(e, x, -FLT_MAX, FLT_MAX, BR_FAULT_DRIVE);
    bc_assert_within(e, o, 0, (float)k->layer->range_out, BR_FAULT_ACTIVATION);
    bc_store_vector(e, tile->drive, first, x);
    bc_store_vector(e, tile->out, first, o);
}

/* Computes drives and activations from the sums at one place. */
static void finish_place(bc_emit *e, const bc_kernel *k, const forward_context *u, bc_value sample, bc_value place,
                         const bc_value *sums)
{
    bc_value fields = bc_row(e, e->f32, u->sums, sample, k->plan->out.height * k->plan->out.width);
    bc_value gamma = bc_splat(e, bc_gamma(e, k, bc_load_f32(e, fields, place)));
    bc_tile to = {.block = u->block, .thresholds = &u->thresholds};
    to.drive = bc_block(e, bc_at_place(e, k, u->drive, sample, place), u->block);
    to.out = bc_block(e, bc_at_place(e, k, u->out, sample, place), u->block);
    for (uint32_t v = 0; v < u->count; v++)
        bc_finish(e, k, &to, v, bc_mul(e, sums[v], gamma));
}

static void clear_sums(bc_emit *e, forward_context *u, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t v = 0; v < u->count; v++)
            u->total[i][v] = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum");
}

/* The single field of a dense layer, for a few blocks of neurons. */
static void whole_field(bc_emit *e, const bc_kernel *k, forward_context *u, bc_value sample)
{
    /* Narrow layers keep several partial sums to hide the latency of additions. Their number depends on the layer only,
     * never on the thread's share of the work. */
    uint32_t partial = k->blocks >= SUMS ? 1 : SUMS / k->blocks;
    bc_value sums[16], zero = bc_i32(e, 0);
    clear_sums(e, u, partial);
    bc_each_event(e, k, &(bc_window){&u->live, sample, zero, zero}, partial, add_event, u);
    for (uint32_t v = 0; v < u->count; v++) {
        sums[v] = bc_get(e, e->vector, u->total[0][v]);
        for (uint32_t i = 1; i < partial; i++)
            sums[v] = bc_add(e, sums[v], bc_get(e, e->vector, u->total[i][v]));
    }
    finish_place(e, k, u, sample, zero, sums);
}

/* ---- fields whose bounds fit into the L1 cache ---- */

/* How many lines of places are computed together. Their windows overlap, so a live input is loaded once for all of
 * them. */
static uint32_t lines_together(const bc_emit *e, const bc_kernel *k, uint32_t count)
{
    uint32_t registers = e->lanes == 16 ? 16 : 4, lines = registers / count < SUMS ? registers / count : SUMS;
    if (k->packed || k->layer->field_height <= k->layer->stride || lines == 0)
        return 1;
    return lines < k->plan->out.height ? lines : k->plan->out.height;
}

static bc_value place_of(bc_emit *e, const bc_kernel *k, const bc_window *window)
{
    return bc_iadd(e, bc_imul(e, window->y, k->plan->out.width), window->x);
}

/* The fields at places one below the other, for a few blocks of neurons. */
static void fields(bc_emit *e, const bc_kernel *k, forward_context *u, const bc_window *top, uint32_t lines)
{
    bc_value sums[16], first = place_of(e, k, top);
    bc_value inputs = bc_row(e, e->f32, u->sums, top->sample, k->plan->out.height * k->plan->out.width);
    clear_sums(e, u, lines);
    u->field_sums = bc_slot(e, sums_type(e), LLVMConstNull(sums_type(e)), "field");
    bc_each_event_of_lines(e, k, top, lines, add_event, u);
    for (uint32_t i = 0; i < lines; i++) {
        bc_value place = bc_iadd(e, first, bc_i32(e, i * k->plan->out.width));
        bc_store_f32(e, inputs, place, field_sum(e, u, i));
        for (uint32_t v = 0; v < u->count; v++)
            sums[v] = bc_get(e, e->vector, u->total[i][v]);
        finish_place(e, k, u, top->sample, place, sums);
    }
}

static void all_places(bc_emit *e, const bc_kernel *k, forward_context *u, bc_value sample)
{
    bc_value from = bc_i32(e, 0), height = bc_i32(e, k->plan->out.height), width = bc_i32(e, k->plan->out.width);
    for (uint32_t lines = lines_together(e, k, u->count);; lines = 1) { /* the remaining lines, one by one */
        bc_loop rows = bc_loop_begin(e, from, height, lines, "y");
        bc_loop columns = bc_loop_begin(e, bc_i32(e, 0), width, 1, "x");
        fields(e, k, u, &(bc_window){&u->live, sample, rows.i, columns.i}, lines);
        bc_loop_end(e, &columns);
        bc_loop_end(e, &rows);
        from = rows.rest;
        if (lines == 1 || k->plan->out.height % lines == 0)
            return;
    }
}

/* ---- fields whose bounds exceed the L1 cache ---- */

/* Bytes of bounds that stay in the L1 cache during the loop over places, and bytes of those places' drives. */
enum { FIRST_CACHE = 24 << 10, BYTES_OF_LINES = 16 << 10 };

static uint64_t bytes_of_row(const bc_emit *e, const bc_kernel *k, uint32_t count)
{
    return (uint64_t)k->layer->field_width * k->plan->in.pitch * count * e->lanes * sizeof(float);
}

/* Adds some columns of one row of the window at one place. The drive and the field sum hold the sums of the rows
 * before. */
static void add_columns(bc_emit *e, const bc_kernel *k, forward_context *u, const bc_window *window, bc_columns columns)
{
    bc_value place = place_of(e, k, window);
    bc_value fields = bc_row(e, e->f32, u->sums, window->sample, k->plan->out.height * k->plan->out.width);
    bc_value drive = bc_block(e, bc_at_place(e, k, u->drive, window->sample, place), u->block);
    for (uint32_t v = 0; v < u->count; v++)
        u->total[0][v] = bc_slot(e, e->vector, bc_load_vector(e, drive, bc_i32(e, v * e->lanes)), "sum");
    bc_value before = LLVMConstNull(sums_type(e));
    before = LLVMBuildInsertElement(e->builder, before, bc_load_f32(e, fields, place), bc_i32(e, 0), "");
    u->field_sums = bc_slot(e, sums_type(e), before, "field");
    bc_each_event_in_row(e, k, window, columns, add_event, u);
    for (uint32_t v = 0; v < u->count; v++)
        bc_store_vector(e, drive, bc_i32(e, v * e->lanes), bc_get(e, e->vector, u->total[0][v]));
    bc_store_f32(e, fields, place, field_sum(e, u, 0));
}

/* How many lines of places are processed for each part of the bounds. Their partial drives should stay in the cache
 * too. */
static uint32_t lines_passing(const bc_emit *e, const bc_kernel *k, uint32_t count)
{
    uint64_t bytes = (uint64_t)k->plan->out.width * count * e->lanes * sizeof(float);
    uint64_t lines = bytes < BYTES_OF_LINES ? BYTES_OF_LINES / bytes : 1;
    return lines < k->plan->out.height ? (uint32_t)lines : k->plan->out.height;
}

/* Lines [y0, y1) of places with their windows row by row. Sums are added in the same order as place by place, so the
 * bits are the same. */
static void lines_of_places(bc_emit *e, const bc_kernel *k, forward_context *u, bc_value sample, bc_value y0,
                            bc_value y1)
{
    const br_map *out = &k->plan->out;
    bc_value zero = bc_i32(e, 0), width = bc_i32(e, out->width), sums[16];
    bc_value first = bc_imul(e, y0, out->width), end = bc_imul(e, y1, out->width);
    bc_value fields = bc_row(e, e->f32, u->sums, sample, out->height * out->width);
    bc_loop clear = bc_loop_begin(e, first, end, 1, "clear");
    for (uint32_t v = 0; v < u->count; v++)
        bc_store_vector(e, bc_block(e, bc_at_place(e, k, u->drive, sample, clear.i), u->block), bc_i32(e, v * e->lanes),
                        bc_splat_f32(e, 0));
    bc_store_f32(e, fields, clear.i, bc_f32(e, 0));
    bc_loop_end(e, &clear);

    uint32_t parts = (uint32_t)((bytes_of_row(e, k, u->count) + FIRST_CACHE - 1) / FIRST_CACHE);
    uint32_t part = parts < k->layer->field_width ? (k->layer->field_width + parts - 1) / parts : 1;
    bc_loop window = bc_loop_begin(e, zero, bc_i32(e, k->layer->field_height), 1, "window");
    for (uint32_t from = 0; from < k->layer->field_width; from += part) {
        uint32_t to = from + part < k->layer->field_width ? from + part : k->layer->field_width;
        bc_loop rows = bc_loop_begin(e, y0, y1, 1, "y");
        bc_loop places = bc_loop_begin(e, zero, width, 1, "x");
        bc_window at = {&u->live, sample, rows.i, places.i};
        add_columns(e, k, u, &at, (bc_columns){window.i, from, to});
        bc_loop_end(e, &places);
        bc_loop_end(e, &rows);
    }
    bc_loop_end(e, &window);

    bc_loop finish = bc_loop_begin(e, first, end, 1, "finish");
    for (uint32_t v = 0; v < u->count; v++)
        sums[v] = bc_load_vector(e, bc_block(e, bc_at_place(e, k, u->drive, sample, finish.i), u->block),
                                 bc_i32(e, v * e->lanes));
    finish_place(e, k, u, sample, finish.i, sums);
    bc_loop_end(e, &finish);
}

/* All lines, in groups that are processed together. */
static void passing_places(bc_emit *e, const bc_kernel *k, forward_context *u, bc_value sample)
{
    uint32_t height = k->plan->out.height, lines = lines_passing(e, k, u->count);
    bc_loop groups = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, (height + lines - 1) / lines), 1, "lines");
    bc_value y0 = bc_imul(e, groups.i, lines), y1 = bc_iadd(e, y0, bc_i32(e, lines));
    y1 = bc_select(e, bc_iless(e, y1, bc_i32(e, height)), y1, bc_i32(e, height));
    lines_of_places(e, k, u, sample, y0, y1);
    bc_loop_end(e, &groups);
}

/* A few blocks of neurons for every sample of the range, so that their bounds stay in the L1 cache. */
static void blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    forward_context *u = user;
    u->block = block;
    u->count = count;
    u->thresholds = bc_thresholds_load(e, bc_block(e, u->theta, block), count);
    bc_loop samples = bc_loop_begin(e, u->args.first, u->args.end, 1, "sample");
    if (!k->conv) {
        whole_field(e, k, u, samples.i);
    } else if (k->layer->field_height * bytes_of_row(e, k, count) <= FIRST_CACHE) {
        all_places(e, k, u, samples.i);
    } else {
        passing_places(e, k, u, samples.i);
    }
    bc_loop_end(e, &samples);
}

void bc_emit_forward(bc_emit *e, const bc_kernel *k, const char *name)
{
    forward_context u = {.args = bc_function(e, name)};
    u.live = bc_live_load(e, u.args.state);
    u.bounds = BC_FIELD_PTR(e, u.args.state, bounds);
    u.theta = BC_FIELD_PTR(e, u.args.state, theta);
    u.sums = BC_FIELD_PTR(e, u.args.state, input_sum);
    u.drive = BC_FIELD_PTR(e, u.args.state, drive);
    u.out = BC_FIELD_PTR(e, u.args.state, out);
    bc_tiles(e, k, u.args.part_first, u.args.part_end, k->plan->vectors, blocks, &u);
    bc_return(e);
}
