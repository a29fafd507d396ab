/* The int8 forward pass: equations (1)-(4) on integers. It is exact, so every machine gets the same sums.
 *
 *     sum_k = sum over i of max(0, o_i - alpha_ik) (+-a_ik)     o, alpha in quanta (u8), +-a in quanta of its own (i8)
 *     x_k   = gamma scale sum_k
 *
 * The subtraction saturates, so a silent connection gives exactly 0. With a dot product instruction it is split up:
 *
 *     max(0, o - alpha) = max(o, alpha) - alpha
 *
 * because on some processors the saturating subtraction shares pipes with the dot product, but the maximum does not.
 * The part with alpha alone is added up once: in a convolution for each line of the field, in a dense layer for all
 * points of a tile. The sums are the same.
 *
 * A tile holds the sums of a few points for a few vectors of neurons in registers. Points are the samples of a dense
 * layer, or neighbouring places of a convolution. In both cases their quanta lie a constant number of bytes apart. */
#include "forward/int8.h"

enum { MOST_POINTS = 8, MOST_VECTORS = 2 };

/* The points of one tile. */
typedef struct int8_points {
    uint32_t count;
    bc_value first;         /* quanta of the first point's field */
    uint32_t distance;      /* bytes from point to point */
    bc_value list;          /* dense layer: the live quads of these points */
    bc_value sample, place; /* of the first point; points are samples in a dense layer, places in a convolution */
    bc_value y;             /* convolution: the line of the places */
    bc_value sum[MOST_POINTS][MOST_VECTORS];
    /* sums over alpha alone, subtracted from each sum at the end; NULL: subtraction saturates */
    bc_value late[MOST_VECTORS];
    bc_value all[MOST_POINTS]; /* sum of o over the field, if gamma needs it */
} int8_points;

/* Depends on the number of registers: 32 if vectors have 16 lanes, else 16. */
static uint32_t most_points(const bc_emit *e)
{
    return e->lanes == 16 ? MOST_POINTS : MOST_POINTS / 2;
}

/* ---- sums ---- */

/* A 1 for each input of a quad. The last quad of a line may hold fewer than four; the bytes after them belong to other
 * inputs. */
static bc_value ones_of(bc_emit *e, const bc_kernel *k, bc_value quad)
{
    uint32_t inputs = k->conv ? k->layer->field_width * k->plan->in.channels : 0; /* a dense line ends with zeros */
    bc_value whole[256], part[256], one = LLVMConstInt(e->i8, 1, 0), none = LLVMConstNull(e->i8);
    for (uint32_t i = 0; i < 4 * e->lanes; i++) {
        whole[i] = one;
        part[i] = inputs % 4 == 0 || i % 4 < inputs % 4 ? one : none;
    }
    bc_value last = bc_iequal(e, quad, bc_i32(e, k->plan->int8.quads - 1));
    return bc_select(e, last, LLVMConstVector(part, 4 * e->lanes), LLVMConstVector(whole, 4 * e->lanes));
}

/* The address of a quad's alpha for the tile's first vector of neurons; its slopes follow, and after a block of bytes
 * the next vector's. */
static bc_value rows_at(bc_emit *e, const bc_kernel *k, const bc_int8 *u, bc_value line, bc_value quad, uint64_t *block)
{
    const br_int8_shape *shape = &k->plan->int8;
    uint32_t bytes = 4 * e->lanes;
    *block = 2ull * bytes * shape->lines * shape->quads; /* the rows of a block are contiguous */
    bc_value row = bc_iadd(e, bc_imul(e, line, shape->quads), quad);
    return bc_row(e, e->i8, bc_row(e, e->i8, u->rows, u->block, *block), row, 2ull * bytes);
}

/* Adds one quad of the field for all points of the tile. */
static void add_quad(bc_emit *e, const bc_kernel *k, const bc_int8 *u, const int8_points *p, bc_value line,
                     bc_value quad)
{
    const br_int8_shape *shape = &k->plan->int8;
    uint64_t block;
    bc_value base = rows_at(e, k, u, line, quad, &block), alpha[MOST_VECTORS];
    bc_signed_bytes slope[MOST_VECTORS], one = {0};
    for (uint32_t v = 0; v < u->vectors; v++) {
        bc_value at = bc_row(e, e->i8, base, bc_i32(e, v), block);
        alpha[v] = bc_load_bytes(e, at);
        slope[v] = bc_signed(e, bc_load_bytes(e, bc_at_byte(e, at, bc_i32(e, 4 * e->lanes))));
        if (e->dot && !u->late)
            bc_set(e, p->late[v], bc_dot(e, bc_get(e, e->vector_i32, p->late[v]), alpha[v], &slope[v]));
    }
    if (bc_int8_shared(k))
        one = bc_signed(e, ones_of(e, k, quad));
    bc_value field = bc_at_byte(e, p->first, bc_iadd(e, bc_imul(e, line, shape->line), bc_imul(e, quad, 4)));
    for (uint32_t n = 0; n < p->count; n++) {
        bc_value o = bc_splat_quad(e, bc_load_quad(e, bc_row(e, e->i8, field, bc_i32(e, n), p->distance)));
        for (uint32_t v = 0; v < u->vectors; v++) {
            bc_value over = e->dot ? bc_larger_bytes(e, o, alpha[v]) : bc_less_saturating(e, o, alpha[v]);
            bc_set(e, p->sum[n][v], bc_dot(e, bc_get(e, e->vector_i32, p->sum[n][v]), over, &slope[v]));
        }
        if (bc_int8_shared(k))
            bc_set(e, p->all[n], bc_dot(e, bc_get(e, e->vector_i32, p->all[n]), o, &one));
    }
}

/* Bytes of one line that the fields of a tile's points read. */
static uint32_t bytes_of_line(const bc_kernel *k, const int8_points *p)
{
    return (p->count - 1) * p->distance + 4 * k->plan->int8.quads;
}

/* Whether one line of the points' fields has an input that is not 0. */
static bc_value any_in_line(bc_emit *e, const bc_kernel *k, const int8_points *p, bc_value line)
{
    bc_value read[256], from = bc_row(e, e->i8, p->first, line, k->plan->int8.line);
    for (uint32_t i = 0; i < 4 * e->lanes; i++)
        read[i] = LLVMConstInt(e->i8, i < bytes_of_line(k, p) ? UINT8_MAX : 0, 0);
    bc_value bytes = LLVMBuildLoad2(e->builder, e->vector_i8, from, "");
    LLVMSetAlignment(bytes, 1);
    bytes = LLVMBuildBitCast(e->builder, bc_and(e, bytes, LLVMConstVector(read, 4 * e->lanes)), e->vector_i32, "");
    return bc_any(e, LLVMBuildICmp(e->builder, LLVMIntNE, bytes, LLVMConstNull(e->vector_i32), ""));
}

static bc_value late_at(bc_emit *e, const bc_int8 *u, bc_value line, uint32_t vector)
{
    return bc_row(e, e->i32, bc_row(e, e->i32, u->late, line, (uint64_t)u->vectors * e->lanes), bc_i32(e, vector),
                  e->lanes);
}

/* The sums over alpha alone of each line of the field, for all tiles of these vectors of neurons. */
static void sum_late(bc_emit *e, const bc_kernel *k, const bc_int8 *u)
{
    bc_value sum[MOST_VECTORS];
    uint64_t block;
    bc_loop lines = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->plan->int8.lines), 1, "late");
    for (uint32_t v = 0; v < u->vectors; v++)
        sum[v] = bc_slot(e, e->vector_i32, LLVMConstNull(e->vector_i32), "sum");
    bc_loop quads = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->plan->int8.quads), 1, "quad");
    bc_value base = rows_at(e, k, u, lines.i, quads.i, &block);
    for (uint32_t v = 0; v < u->vectors; v++) {
        bc_value at = bc_row(e, e->i8, base, bc_i32(e, v), block);
        bc_signed_bytes slope = bc_signed(e, bc_load_bytes(e, bc_at_byte(e, at, bc_i32(e, 4 * e->lanes))));
        bc_set(e, sum[v], bc_dot(e, bc_get(e, e->vector_i32, sum[v]), bc_load_bytes(e, at), &slope));
    }
    bc_loop_end(e, &quads);
    for (uint32_t v = 0; v < u->vectors; v++)
        bc_store_vector(e, late_at(e, u, lines.i, v), bc_i32(e, 0),
                        LLVMBuildBitCast(e->builder, bc_get(e, e->vector_i32, sum[v]), e->vector, ""));
    bc_loop_end(e, &lines);
}

/* Whether a line of the places' fields lies in the map, and not in its border of zeros. */
static bc_value in_map(bc_emit *e, const bc_kernel *k, const int8_points *p, bc_value line)
{
    bc_value row = bc_iadd(e, bc_imul(e, p->y, k->layer->stride), line);
    return bc_iless(e, bc_isub(e, row, bc_i32(e, k->layer->pad_top)), bc_i32(e, k->plan->in.height));
}

/* All lines of a field. Silent lines add nothing: an image of strokes has many, and a border has no others. */
static void add_lines(bc_emit *e, const bc_kernel *k, const bc_int8 *u, const int8_points *p)
{
    bool looks = bytes_of_line(k, p) <= 4 * e->lanes, border = k->plan->padded.height > k->plan->in.height;
    bc_branch live = {0};
    bc_loop lines = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->plan->int8.lines), 1, "line");
    if (looks || border)
        live = bc_if(e, looks ? any_in_line(e, k, p, lines.i) : in_map(e, k, p, lines.i), "live");
    bc_loop quads = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->plan->int8.quads), 1, "quad");
    add_quad(e, k, u, p, lines.i, quads.i);
    bc_loop_end(e, &quads);
    for (uint32_t v = 0; u->late && v < u->vectors; v++) {
        bc_value late = bc_load_vector(e, late_at(e, u, lines.i, v), bc_i32(e, 0));
        late = LLVMBuildBitCast(e->builder, late, e->vector_i32, "");
        bc_set(e, p->late[v], bc_iadd(e, bc_get(e, e->vector_i32, p->late[v]), late));
    }
    if (looks || border)
        bc_endif(e, &live);
    bc_loop_end(e, &lines);
}

/* Computes all sums of one tile, then their drives and activations. */
static void tile(bc_emit *e, const bc_kernel *k, const bc_int8 *u, int8_points *p)
{
    bc_value none = LLVMConstNull(e->vector_i32), zero = bc_i32(e, 0);
    for (uint32_t v = 0; v < u->vectors; v++)
        p->late[v] = e->dot ? bc_slot(e, e->vector_i32, none, "late") : NULL;
    for (uint32_t n = 0; n < p->count; n++) {
        for (uint32_t v = 0; v < u->vectors; v++)
            p->sum[n][v] = bc_slot(e, e->vector_i32, none, "sum");
        p->all[n] = bc_int8_shared(k) ? bc_slot(e, e->vector_i32, none, "all") : NULL;
    }
    if (p->list) {
        bc_loop live = bc_loop_begin(e, zero, bc_load_i32(e, p->list, zero), 1, "live");
        add_quad(e, k, u, p, zero, bc_load_i32(e, p->list, bc_iadd(e, live.i, bc_i32(e, 1))));
        bc_loop_end(e, &live);
    } else {
        add_lines(e, k, u, p);
    }
    for (uint32_t n = 0; n < p->count; n++) {
        bc_value sample = k->conv ? p->sample : bc_iadd(e, p->sample, bc_i32(e, n));
        bc_value place = k->conv ? bc_iadd(e, p->place, bc_i32(e, n)) : p->place;
        bc_tile to = {.block = u->block, .thresholds = &u->thresholds};
        to.drive = bc_block(e, bc_at_place(e, k, u->drives, sample, place), u->block);
        to.out = bc_block(e, bc_at_place(e, k, u->outs, sample, place), u->block);
        bc_value all = p->all[n] ? bc_get(e, e->vector_i32, p->all[n]) : NULL;
        bc_value each = bc_int8_worth(e, k, u, all);
        for (uint32_t v = 0; v < u->vectors; v++) {
            bc_value sum = bc_get(e, e->vector_i32, p->sum[n][v]);
            if (e->dot)
                sum = bc_isub(e, sum, bc_get(e, e->vector_i32, p->late[v]));
            bc_value x = bc_mul(e, bc_from_i32(e, sum), each);
            bc_finish(e, k, &to, v, x);
        }
    }
}

/* ---- points of a dense layer: samples ---- */

typedef void samples_body(bc_emit *e, const bc_kernel *k, const bc_int8 *u, bc_value sample, uint32_t count);

/* Samples of the range in full tiles, and the rest one by one. Sizes between would need more code and save little
 * time. */
static void each_samples(bc_emit *e, const bc_kernel *k, const bc_int8 *u, samples_body *body)
{
    uint32_t most = most_points(e);
    bc_loop together = bc_loop_begin(e, u->args.first, u->args.end, most, "samples");
    body(e, k, u, together.i, most);
    bc_loop_end(e, &together);
    bc_loop singly = bc_loop_begin(e, together.rest, u->args.end, 1, "sample");
    body(e, k, u, singly.i, 1);
    bc_loop_end(e, &singly);
}

static bc_value list_of(bc_emit *e, const bc_kernel *k, const bc_int8 *u, bc_value sample)
{
    return bc_row(e, e->i32, u->live, sample, k->plan->int8.quads + 1);
}

/* Lists the quads in which any of these samples is live. All other quads add nothing. */
static void list_live(bc_emit *e, const bc_kernel *k, const bc_int8 *u, bc_value sample, uint32_t count)
{
    const br_int8_shape *shape = &k->plan->int8;
    bc_value list = list_of(e, k, u, sample), codes = bc_row(e, e->i8, u->codes, sample, shape->sample_stride);
    bc_value listed = bc_slot(e, e->i32, bc_i32(e, 0), "listed");
    bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, shape->quads + e->lanes - 1), e->lanes, "quads");
    bc_value any = LLVMConstNull(e->vector_i8);
    for (uint32_t n = 0; n < count; n++) {
        bc_value from = bc_row(e, e->i8, codes, bc_i32(e, n), shape->sample_stride);
        any = bc_or(e, any, bc_load_bytes(e, bc_at_byte(e, from, bc_imul(e, vectors.i, 4))));
    }
    any = LLVMBuildBitCast(e->builder, any, e->vector_i32, "");
    bc_value some = LLVMBuildICmp(e->builder, LLVMIntNE, any, LLVMConstNull(e->vector_i32), "");
    bc_set_lane_loop lanes = bc_for_each_set_lane(e, some);
    bc_value next = bc_iadd(e, bc_get(e, e->i32, listed), bc_i32(e, 1));
    bc_store_i32(e, list, next, bc_iadd(e, vectors.i, lanes.lane));
    bc_set(e, listed, next);
    bc_for_each_set_lane_end(e, &lanes);
    bc_loop_end(e, &vectors);
    bc_store_i32(e, list, bc_i32(e, 0), bc_get(e, e->i32, listed));
}

static void sum_samples(bc_emit *e, const bc_kernel *k, const bc_int8 *u, bc_value sample, uint32_t count)
{
    uint32_t stride = k->plan->int8.sample_stride;
    int8_points p = {.count = count,
                     .first = bc_row(e, e->i8, u->codes, sample, stride),
                     .distance = stride,
                     .list = list_of(e, k, u, sample),
                     .sample = sample,
                     .place = bc_i32(e, 0)};
    tile(e, k, u, &p);
}

/* ---- points of a convolution: neighbouring places ---- */

static void sum_places(bc_emit *e, const bc_kernel *k, const bc_int8 *u)
{
    const br_map *out = &k->plan->out;
    const br_int8_shape *shape = &k->plan->int8;
    uint32_t distance = k->layer->stride * k->plan->in.channels, left = out->width;
    bc_loop samples = bc_loop_begin(e, u->args.first, u->args.end, 1, "sample");
    bc_value codes = bc_row(e, e->i8, u->codes, samples.i, shape->sample_stride);
    bc_loop rows = bc_loop_begin(e, u->lines.from, u->lines.to, 1, "y");
    bc_value line = bc_row(e, e->i8, codes, rows.i, (uint64_t)k->layer->stride * shape->line), from = bc_i32(e, 0);
    for (uint32_t count = most_points(e); count > 0; count /= 2) {
        if (left < count)
            continue;
        bc_loop columns = bc_loop_begin(e, from, bc_i32(e, out->width), count, "x");
        int8_points p = {.count = count,
                         .first = bc_row(e, e->i8, line, columns.i, distance),
                         .distance = distance,
                         .sample = samples.i,
                         .place = bc_iadd(e, bc_imul(e, rows.i, out->width), columns.i),
                         .y = rows.i};
        tile(e, k, u, &p);
        bc_loop_end(e, &columns);
        from = columns.rest;
        left %= count;
    }
    bc_loop_end(e, &rows);
    bc_loop_end(e, &samples);
}

/* ---- the kernel ---- */

/* A few blocks of neurons for every sample of the range, so that their rows stay in the cache. */
static void blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    bc_int8 *u = user;
    u->block = block;
    u->vectors = count;
    u->thresholds = bc_thresholds_load(e, k, bc_block(e, u->thetas, block), count);
    if (u->late)
        sum_late(e, k, u);
    if (k->conv)
        sum_places(e, k, u);
    else
        each_samples(e, k, u, sum_samples);
}

void bc_emit_forward_int8(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_int8 u = {.args = bc_function(e, name)};
    bc_value int8 = BC_FIELD_PTR(e, u.args.state, int8);
    u.codes = bc_field(e, int8, offsetof(br_int8, quanta), e->ptr, "codes");
    u.rows = bc_field(e, int8, offsetof(br_int8, rows), e->ptr, "rows");
    u.live = bc_field(e, int8, offsetof(br_int8, live), e->ptr, "live");
    u.quantum = bc_field(e, int8, offsetof(br_int8, quantum), e->f32, "quantum");
    u.scale = bc_field(e, int8, offsetof(br_int8, scale), e->f32, "scale");
    u.thetas = BC_FIELD_PTR(e, u.args.state, theta);
    u.drives = BC_FIELD_PTR(e, u.args.state, drive);
    u.outs = BC_FIELD_PTR(e, u.args.state, out);
    uint32_t widest = k->blocks < MOST_VECTORS ? k->blocks : MOST_VECTORS;
    if (e->dot && k->conv && k->plan->int8.tile == 0)
        u.late = bc_stack_buffer(e, k->plan->int8.lines * widest * e->lanes, "late");
    e->no_contraction = true;
    if (k->conv)
        u.lines = bc_line_range_of(e, &u.args, k->plan->out.height);
    else
        each_samples(e, k, &u, list_live);
    if (k->plan->int8.tile > 0)
        bc_int8_live(e, k, &u);
    else if (k->conv)
        bc_tiles(e, k, bc_i32(e, 0), bc_i32(e, k->blocks), widest, blocks, &u);
    else
        bc_tiles(e, k, u.args.part_first, u.args.part_end, widest, blocks, &u);
    e->no_contraction = false;
    bc_return(e);
}
