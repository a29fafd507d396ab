/* The forward pass in 8 bits of a convolution whose map is mostly 0, equations (1)-(4) on integers:
 *
 *     sum_k = sum over the live quads of the field of max(0, o_i - alpha_ik) (+-a_ik)
 *
 * A quad of a place that is 0 adds nothing, and is not in the lists. A window takes one contiguous part of a list for
 * each of its lines. All places are walked with a part of a line of fields whose rows stay in the first cache. Between
 * parts the sums are kept in the drives, as integers. */
#include "forward/int8.h"

enum { PART_BYTES = 49152 }; /* most bytes of rows of a part */

typedef struct live_quads {
    bc_int8 *u;
    uint32_t width, each;         /* places in a line of the padded map; quads of a place */
    uint64_t places, stride;      /* of the padded map; elements from sample to sample */
    bc_value codes, starts, list; /* of the sample */
    bc_value drive, out;
    bc_value y; /* line of places that is being finished */
} live_quads;

static live_quads quads_of(const bc_kernel *k, bc_int8 *u)
{
    return (live_quads){.u = u,
                        .width = k->plan->padded.width,
                        .each = k->plan->in.channels / 4,
                        .places = br_map_places(k->plan->padded),
                        .stride = k->plan->int8.live_stride};
}

static void take_sample(bc_emit *e, const bc_kernel *k, live_quads *q, bc_value sample)
{
    q->codes = bc_row(e, e->i8, q->u->codes, sample, k->plan->int8.sample_stride);
    q->starts = bc_row(e, e->i32, q->u->live, sample, q->stride);
    q->list = bc_row(e, e->i32, q->starts, bc_i32(e, 1), q->places + 1);
}

/* ---- lists ---- */

/* Appends the quads first .. first + count - 1 of the map that are not 0; count is at most a vector. */
static void append(bc_emit *e, const live_quads *q, bc_value listed, bc_value first, uint32_t count)
{
    bc_value bytes = LLVMBuildLoad2(e->builder, e->vector_i32, bc_row(e, e->i8, q->codes, first, 4), "");
    LLVMSetAlignment(bytes, 1);
    bc_value some = LLVMBuildICmp(e->builder, LLVMIntNE, bytes, LLVMConstNull(e->vector_i32), "");
    if (count < e->lanes)
        some = bc_and(e, some, bc_lanes_below(e, bc_i32(e, 0), count));
    bc_value ids = bc_iadd(e, bc_lane_ids(e, bc_i32(e, 0)), bc_splat(e, first));
    if (bc_can_compress(e)) {
        bc_value at = bc_get(e, e->i32, listed), packed = bc_compress(e, ids, some);
        LLVMSetAlignment(LLVMBuildStore(e->builder, packed, bc_row(e, e->i32, q->list, at, 1)), 4);
        bc_set(e, listed, bc_iadd(e, at, bc_count_lanes(e, some)));
        return;
    }
    bc_branch any = bc_if(e, bc_any(e, some), "some");
    bc_set_lane_loop lanes = bc_for_each_set_lane(e, some);
    bc_value at = bc_get(e, e->i32, listed);
    bc_store_i32(e, q->list, at, bc_iadd(e, first, lanes.lane));
    bc_set(e, listed, bc_iadd(e, at, bc_i32(e, 1)));
    bc_for_each_set_lane_end(e, &lanes);
    bc_endif(e, &any);
}

void bc_int8_list(bc_emit *e, const bc_kernel *k, bc_value int8, bc_value sample)
{
    bc_int8 u = {.codes = bc_field(e, int8, offsetof(br_int8, quanta), e->ptr, "codes"),
                 .live = bc_field(e, int8, offsetof(br_int8, live), e->ptr, "live")};
    live_quads of_sample = quads_of(k, &u), *q = &of_sample;
    take_sample(e, k, q, sample);
    bc_value listed = bc_slot(e, e->i32, bc_i32(e, 0), "listed"), end = bc_i32(e, (uint32_t)q->places);
    uint32_t whole = q->each / e->lanes * e->lanes;
    bc_loop places = bc_loop_begin(e, bc_i32(e, 0), end, 1, "place");
    bc_store_i32(e, q->starts, places.i, bc_get(e, e->i32, listed));
    bc_value first = bc_imul(e, places.i, q->each);
    if (whole > 0) {
        bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, whole), e->lanes, "quads");
        append(e, q, listed, bc_iadd(e, first, vectors.i), e->lanes);
        bc_loop_end(e, &vectors);
    }
    if (whole < q->each)
        append(e, q, listed, bc_iadd(e, first, bc_i32(e, whole)), q->each - whole);
    bc_loop_end(e, &places);
    bc_store_i32(e, q->starts, end, bc_get(e, e->i32, listed));
}

/* ---- sums ---- */

/* The rows of a tile of vectors. */
typedef struct tile_rows {
    bc_value first;  /* rows of quad 0 of the field */
    uint32_t stride; /* bytes from quad to quad */
} tile_rows;

/* Blocks of a tile lie side by side, single blocks behind the last tile. */
static tile_rows rows_of(bc_emit *e, const bc_kernel *k, const bc_int8 *u)
{
    const br_int8_shape *shape = &k->plan->int8;
    uint32_t bytes = 8 * e->lanes;
    uint64_t all = (uint64_t)shape->lines * shape->quads * bytes;
    return (tile_rows){bc_row(e, e->i8, u->rows, u->block, all), u->vectors * bytes};
}

/* A part of one line of a field: its columns [from, to). */
typedef struct field_part {
    bc_value dy, from, to;
} field_part;

/* The live quads of a part of the field at (y, x). */
typedef struct quad_run {
    bc_value from, to;   /* in the list */
    bc_value first, row; /* number of the line's first quad in the map; its row */
} quad_run;

static quad_run run_of(bc_emit *e, const bc_kernel *k, const live_quads *q, bc_value y, bc_value x,
                       const field_part *part)
{
    uint32_t stride = k->layer->stride;
    bc_value line = bc_iadd(e, bc_imul(e, y, stride), part->dy);
    bc_value place = bc_iadd(e, bc_imul(e, line, q->width), bc_imul(e, x, stride));
    return (quad_run){.from = bc_load_i32(e, q->starts, bc_iadd(e, place, part->from)),
                      .to = bc_load_i32(e, q->starts, bc_iadd(e, place, part->to)),
                      .first = bc_imul(e, place, q->each),
                      .row = bc_imul(e, part->dy, k->plan->int8.quads)};
}

static bc_value sums_at(bc_emit *e, bc_value drive, uint32_t v)
{
    return bc_row(e, e->f32, drive, bc_i32(e, v), e->lanes);
}

/* Adds the live quads of one part of the field of one place. */
static void add_run(bc_emit *e, const live_quads *q, const tile_rows *rows, const quad_run *run, bc_value drive)
{
    uint32_t bytes = 4 * e->lanes, vectors = q->u->vectors;
    bc_value sum[BR_INT8_TILE_MOST], base = bc_row(e, e->i8, rows->first, run->row, rows->stride);
    for (uint32_t v = 0; v < vectors; v++)
        sum[v] = bc_slot(e, e->vector_i32, LLVMBuildLoad2(e->builder, e->vector_i32, sums_at(e, drive, v), ""), "sum");
    bc_loop quads = bc_loop_begin(e, run->from, run->to, 1, "live");
    bc_value quad = bc_load_i32(e, q->list, quads.i);
    bc_value at = bc_row(e, e->i8, base, bc_isub(e, quad, run->first), rows->stride);
    bc_value o = bc_splat_quad(e, bc_load_quad(e, bc_row(e, e->i8, q->codes, quad, 4)));
    for (uint32_t v = 0; v < vectors; v++) {
        bc_value over = bc_less_saturating(e, o, bc_load_bytes(e, bc_row(e, e->i8, at, bc_i32(e, v), 2 * bytes)));
        bc_value here = bc_at_byte(e, at, bc_i32(e, (2 * v + 1) * bytes));
        bc_signed_bytes slope = bc_signed(e, bc_load_bytes(e, here));
        bc_set(e, sum[v], bc_dot(e, bc_get(e, e->vector_i32, sum[v]), over, &slope));
    }
    bc_loop_end(e, &quads);
    for (uint32_t v = 0; v < vectors; v++)
        LLVMBuildStore(e->builder, bc_get(e, e->vector_i32, sum[v]), sums_at(e, drive, v));
}

/* The sum of o over the field, in every lane. */
static bc_value sum_field(bc_emit *e, const bc_kernel *k, const live_quads *q, bc_value y, bc_value x)
{
    bc_value all = bc_slot(e, e->vector_i32, LLVMConstNull(e->vector_i32), "all"), ones[256];
    for (uint32_t i = 0; i < 4 * e->lanes; i++)
        ones[i] = LLVMConstInt(e->i8, 1, 0);
    bc_loop lines = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->layer->field_height), 1, "all");
    field_part part = {lines.i, bc_i32(e, 0), bc_i32(e, k->layer->field_width)};
    quad_run run = run_of(e, k, q, y, x, &part);
    bc_loop quads = bc_loop_begin(e, run.from, run.to, 1, "live");
    bc_value quad = bc_load_i32(e, q->list, quads.i);
    bc_value o = bc_splat_quad(e, bc_load_quad(e, bc_row(e, e->i8, q->codes, quad, 4)));
    bc_signed_bytes one = bc_signed(e, LLVMConstVector(ones, 4 * e->lanes));
    bc_set(e, all, bc_dot(e, bc_get(e, e->vector_i32, all), o, &one));
    bc_loop_end(e, &quads);
    bc_loop_end(e, &lines);
    return bc_get(e, e->vector_i32, all);
}

/* ---- places ---- */

static bc_value tile_at(bc_emit *e, const bc_kernel *k, const live_quads *q, bc_value base, bc_value place)
{
    return bc_block(e, bc_row(e, e->f32, base, place, k->plan->pitch), q->u->block);
}

/* Loops over the samples. Their places follow in the order of memory. */
static bc_loop samples_begin(bc_emit *e, const bc_kernel *k, live_quads *q)
{
    bc_loop samples = bc_loop_begin(e, q->u->args.first, q->u->args.end, 1, "sample");
    take_sample(e, k, q, samples.i);
    q->drive = bc_at_place(e, k, q->u->drives, samples.i, bc_i32(e, 0));
    q->out = bc_at_place(e, k, q->u->outs, samples.i, bc_i32(e, 0));
    return samples;
}

static void clear(bc_emit *e, const bc_kernel *k, live_quads *q)
{
    uint32_t line = k->plan->out.width * k->plan->pitch;
    bc_loop samples = samples_begin(e, k, q);
    bc_value from = bc_imul(e, q->u->lines.from, line), to = bc_imul(e, q->u->lines.to, line);
    bc_loop vectors = bc_loop_begin(e, from, to, e->lanes, "clear");
    bc_store_vector(e, q->drive, vectors.i, bc_splat_f32(e, 0));
    bc_loop_end(e, &vectors);
    bc_loop_end(e, &samples);
}

/* Adds one part of the fields of all places. */
static void add_part(bc_emit *e, const bc_kernel *k, const live_quads *q, const tile_rows *rows, const field_part *part)
{
    bc_places places = bc_places_in(e, k, q->u->lines);
    quad_run run = run_of(e, k, q, places.y, places.x, part);
    add_run(e, q, rows, &run, tile_at(e, k, q, q->drive, places.place));
    bc_places_end(e, &places);
}

static void sum_tile(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t vectors, void *user)
{
    live_quads *q = user;
    q->u->block = block;
    q->u->vectors = vectors;
    uint32_t fields = k->layer->field_width, columns = PART_BYTES / (vectors * 8 * e->lanes * q->each);
    tile_rows rows = rows_of(e, k, q->u);
    columns = columns == 0 ? 1 : columns > fields ? fields : columns;
    bc_loop samples = samples_begin(e, k, q);
    bc_loop lines = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->layer->field_height), 1, "line");
    bc_loop parts = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, fields + columns - 1), columns, "part");
    bc_value end = bc_iadd(e, parts.i, bc_i32(e, columns)), last = bc_i32(e, fields);
    field_part part = {lines.i, parts.i, bc_select(e, bc_iless(e, end, last), end, last)};
    add_part(e, k, q, &rows, &part);
    bc_loop_end(e, &parts);
    bc_loop_end(e, &lines);
    bc_loop_end(e, &samples);
}

/* ---- drives and activations ---- */

static void finish_place(bc_emit *e, const bc_kernel *k, const live_quads *q, bc_value y, bc_value x)
{
    bc_value place = bc_iadd(e, bc_imul(e, y, k->plan->out.width), x);
    bc_tile to = {.block = q->u->block, .thresholds = &q->u->thresholds};
    to.drive = tile_at(e, k, q, q->drive, place);
    to.out = tile_at(e, k, q, q->out, place);
    bc_value each = bc_int8_worth(e, k, q->u, bc_int8_shared(k) ? sum_field(e, k, q, y, x) : NULL);
    for (uint32_t v = 0; v < q->u->vectors; v++) {
        bc_value sum = LLVMBuildLoad2(e->builder, e->vector_i32, sums_at(e, to.drive, v), "");
        bc_finish(e, k, &to, v, bc_mul(e, bc_from_i32(e, sum), each));
    }
}

/* A tile of one line of places, q->y. */
static void finish_line(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t vectors, void *user)
{
    live_quads *q = user;
    q->u->block = block;
    q->u->vectors = vectors;
    q->u->thresholds = bc_thresholds_load(e, k, bc_block(e, q->u->thetas, block), vectors);
    bc_loop columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->plan->out.width), 1, "x");
    finish_place(e, k, q, q->y, columns.i);
    bc_loop_end(e, &columns);
}

static void finish(bc_emit *e, const bc_kernel *k, live_quads *q)
{
    bc_value zero = bc_i32(e, 0), blocks = bc_i32(e, k->blocks);
    bc_loop samples = samples_begin(e, k, q);
    bc_loop lines = bc_loop_begin(e, q->u->lines.from, q->u->lines.to, 1, "y");
    q->y = lines.i;
    bc_tiles(e, k, zero, blocks, k->plan->int8.tile, finish_line, q);
    bc_loop_end(e, &lines);
    bc_loop_end(e, &samples);
}

/* Sums go tile by tile, so that rows are read once; the rest goes line by line, so that maps are read in order. */
void bc_int8_live(bc_emit *e, const bc_kernel *k, bc_int8 *u)
{
    live_quads q = quads_of(k, u);
    clear(e, k, &q);
    bc_tiles(e, k, bc_i32(e, 0), bc_i32(e, k->blocks), k->plan->int8.tile, sum_tile, &q);
    finish(e, k, &q);
}
