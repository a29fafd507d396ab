/* From raw values to activations: what runtime/batch.c and runtime/encode.c do, as code. Every operation is theirs, in
 * their order, so an encoded byte is the same byte; nothing is fused, since C on the processors' common ground is not.
 */
#include <math.h>

#include "artefact.h"

/* ---- doubles, and places in memory ---- */

static LLVMTypeRef f64(bc_emit *e)
{
    return LLVMDoubleTypeInContext(e->llvm);
}

static bc_value real(bc_emit *e, double value)
{
    return LLVMConstReal(f64(e), value);
}

static bc_value widened(bc_emit *e, bc_value value)
{
    return LLVMBuildFPExt(e->builder, value, f64(e), "");
}

static bc_value narrowed(bc_emit *e, bc_value value)
{
    return LLVMBuildFPTrunc(e->builder, value, e->f32, "");
}

static bc_value number(bc_emit *e, bc_value integer)
{
    return LLVMBuildUIToFP(e->builder, integer, f64(e), "");
}

static bc_value square_root(bc_emit *e, bc_value value)
{
    return bc_sqrt(e, value);
}

static bc_value at_byte(bc_emit *e, bc_value base, uint64_t offset)
{
    bc_value bytes = LLVMConstInt(e->i64, offset, 0);
    return LLVMBuildInBoundsGEP2(e->builder, LLVMInt8TypeInContext(e->llvm), base, &bytes, 1, "");
}

static bc_value load_f64(bc_emit *e, bc_value base, bc_value index)
{
    return LLVMBuildLoad2(e->builder, f64(e), bc_row(e, f64(e), base, index, 1), "");
}

static void store_f64(bc_emit *e, bc_value base, bc_value index, bc_value value)
{
    LLVMBuildStore(e->builder, value, bc_row(e, f64(e), base, index, 1));
}

/* One image in work. */
typedef struct image {
    const bl_input *input;
    const bc_input_user *user;
    uint32_t pixels;
    bc_value planes, next, sums, bordered; /* as in runtime/encode.h */
} image;

static bc_value plane_of(bc_emit *e, const image *m, bc_value planes, bc_value channel)
{
    return bc_row(e, e->f32, planes, channel, m->pixels);
}

static bc_loop count_to(bc_emit *e, uint32_t n, const char *name)
{
    return bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, n), 1, name);
}

/* ---- without encodings: o = s clamp((raw - low)/(high - low), 0, 1) ---- */

/* A double in the shape of `like`, a double or a vector of them. */
static bc_value real_like(bc_emit *e, bc_value like, double value)
{
    bool vector = LLVMGetTypeKind(LLVMTypeOf(like)) == LLVMVectorTypeKind;
    return vector ? bc_splat(e, real(e, value)) : real(e, value);
}

/* `raw` is a float or a vector of floats. */
static bc_value scaled(bc_emit *e, const bc_input_user *u, bc_value raw)
{
    bool vector = LLVMGetTypeKind(LLVMTypeOf(raw)) == LLVMVectorTypeKind;
    bc_value value = LLVMBuildFPExt(e->builder, raw, vector ? LLVMVectorType(f64(e), e->lanes) : f64(e), "");
    bc_value zero = real_like(e, value, 0), one = real_like(e, value, 1);
    value = bc_div(e, bc_sub(e, value, real_like(e, value, u->low)), real_like(e, value, u->high - u->low));
    value = bc_select(e, bc_less(e, value, zero), zero, bc_select(e, bc_greater(e, value, one), one, value));
    value = bc_mul(e, real_like(e, value, (float)u->plan->program->input.range), value);
    return LLVMBuildFPTrunc(e->builder, value, LLVMTypeOf(raw), "");
}

/* Where a whole vector lies at the lower end, as dark borders do, nothing is divided. */
static void scale_values(bc_emit *e, const bc_input_user *u, bc_value raw, bc_value to, uint32_t values)
{
    bc_value end = bc_i32(e, values);
    bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), end, e->lanes, "scale");
    bc_value in = bc_load_unaligned(e, raw, vectors.i);
    bc_value out = bc_slot(e, e->vector, bc_splat_f32(e, 0), "out");
    bool exact = (double)(float)u->low == u->low; /* else no float lies right at the end */
    bc_value dark = bc_equal(e, in, bc_splat_f32(e, exact ? u->low : (double)NAN));
    bc_branch some = bc_if(e, bc_any(e, LLVMBuildNot(e->builder, dark, "")), "some");
    bc_set(e, out, scaled(e, u, in));
    bc_endif(e, &some);
    bc_store_vector(e, to, vectors.i, bc_get(e, e->vector, out));
    bc_loop_end(e, &vectors);
    bc_loop rest = bc_loop_begin(e, vectors.rest, end, 1, "rest");
    bc_store_f32(e, to, rest.i, scaled(e, u, bc_load_f32(e, raw, rest.i)));
    bc_loop_end(e, &rest);
}

/* ---- first and last steps of encoding ---- */

static void bring_in(bc_emit *e, const image *m, bc_value raw)
{
    const bc_input_user *u = m->user;
    bc_loop pixels = count_to(e, m->pixels, "pixel");
    bc_loop channels = count_to(e, m->input->channels, "channel");
    bc_value at = bc_iadd(e, bc_imul(e, pixels.i, m->input->channels), channels.i);
    bc_value value = bc_sub(e, widened(e, bc_load_f32(e, raw, at)), real(e, u->low));
    value = narrowed(e, bc_mul(e, value, real(e, 1 / (u->high - u->low))));
    bc_store_f32(e, plane_of(e, m, m->planes, channels.i), pixels.i, value);
    bc_loop_end(e, &channels);
    bc_loop_end(e, &pixels);
}

static bc_value to_byte(bc_emit *e, bc_value value)
{
    bc_value below = bc_select(e, bc_less(e, value, bc_f32(e, 1)), value, bc_f32(e, 1));
    bc_value rounded = bc_add(e, bc_mul(e, below, bc_f32(e, 255)), bc_f32(e, 0.5));
    bc_value positive = bc_greater(e, value, bc_f32(e, 0));
    rounded = bc_select(e, positive, rounded, bc_f32(e, 0));
    return LLVMBuildFPToUI(e->builder, rounded, e->i32, "");
}

/* What a byte stands for in the input's range: s byte/255. */
static bc_value byte_table(bc_emit *e, const image *m)
{
    float table[256];
    for (int b = 0; b < 256; b++)
        table[b] = (float)((double)(float)m->input->range * (b / 255.0));
    return bc_constant_f32(e, table, 256, "input.bytes");
}

/* Channels last: levels of every channel, then, split, the negative side, or complements. */
static void bring_out(bc_emit *e, const image *m, bc_value to)
{
    const bl_input *input = m->input;
    uint32_t levels = 1, values, all = input->encoded.channels;
    bool split = false, complement = false;
    for (uint32_t i = 0; i < input->encoding_count; i++) {
        levels = input->encodings[i].kind == BL_ENCODE_LEVELS ? input->encodings[i].levels : levels;
        split = split || input->encodings[i].kind == BL_ENCODE_SPLIT;
        complement = complement || input->encodings[i].kind == BL_ENCODE_COMPLEMENT;
    }
    values = input->channels * levels;
    bc_value table = byte_table(e, m);
    bc_loop pixels = count_to(e, m->pixels, "pixel");
    bc_loop channels = count_to(e, input->channels, "channel");
    bc_value value = bc_load_f32(e, plane_of(e, m, m->planes, channels.i), pixels.i);
    bc_value first = bc_imul(e, pixels.i, all);
    bc_loop steps = count_to(e, levels, "level");
    bc_value passed = bc_mul(e, value, bc_f32(e, levels));
    passed = bc_sub(e, passed, LLVMBuildUIToFP(e->builder, steps.i, e->f32, ""));
    bc_value byte = to_byte(e, passed);
    bc_value at = bc_iadd(e, first, bc_iadd(e, bc_imul(e, channels.i, levels), steps.i));
    bc_store_f32(e, to, at, bc_load_f32(e, table, byte));
    if (complement)
        bc_store_f32(e, to, bc_iadd(e, at, bc_i32(e, values)), bc_load_f32(e, table, bc_isub(e, bc_i32(e, 255), byte)));
    bc_loop_end(e, &steps);
    if (split)
        bc_store_f32(e, to, bc_iadd(e, first, bc_iadd(e, channels.i, bc_i32(e, values))),
                     bc_load_f32(e, table, to_byte(e, bc_neg(e, value))));
    bc_loop_end(e, &channels);
    bc_loop_end(e, &pixels);
}

static void oppose(bc_emit *e, const image *m)
{
    bc_value plane[3];
    for (uint32_t c = 0; c < 3; c++)
        plane[c] = plane_of(e, m, m->planes, bc_i32(e, c));
    bc_loop pixels = count_to(e, m->pixels, "pixel");
    bc_value r = bc_load_f32(e, plane[0], pixels.i), g = bc_load_f32(e, plane[1], pixels.i);
    bc_value b = bc_load_f32(e, plane[2], pixels.i), both = bc_add(e, r, g);
    bc_store_f32(e, plane[0], pixels.i, bc_div(e, bc_add(e, both, b), bc_f32(e, 3)));
    bc_store_f32(e, plane[1], pixels.i, bc_sub(e, r, g));
    bc_store_f32(e, plane[2], pixels.i, bc_sub(e, bc_div(e, both, bc_f32(e, 2)), b));
    bc_loop_end(e, &pixels);
}

/* ---- local normalisation (encode_normalise.c) ---- */

static void sum_up(bc_emit *e, const image *m, bc_value values, bool squares)
{
    uint32_t width = m->input->width, pitch = width + 1;
    bc_loop top = count_to(e, pitch, "top");
    store_f64(e, m->sums, top.i, real(e, 0));
    bc_loop_end(e, &top);
    bc_loop rows = count_to(e, m->input->height, "row");
    bc_value above = bc_row(e, f64(e), m->sums, rows.i, pitch);
    bc_value to = bc_row(e, f64(e), above, bc_i32(e, pitch), 1), from = bc_row(e, e->f32, values, rows.i, width);
    bc_value sum = bc_slot(e, f64(e), real(e, 0), "sum");
    store_f64(e, to, bc_i32(e, 0), real(e, 0));
    bc_loop columns = count_to(e, width, "column");
    bc_value value = widened(e, bc_load_f32(e, from, columns.i)), next = bc_iadd(e, columns.i, bc_i32(e, 1));
    bc_set(e, sum, bc_add(e, bc_get(e, f64(e), sum), squares ? bc_mul(e, value, value) : value));
    store_f64(e, to, next, bc_add(e, load_f64(e, above, next), bc_get(e, f64(e), sum)));
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
}

typedef struct span {
    bc_value from, to;
} span;

/* The part of a window of `side` centred on `at` that lies within 0..n. */
static span cut(bc_emit *e, bc_value at, uint32_t side, uint32_t n)
{
    uint32_t before = side / 2, after = side - before;
    bc_value inside = bc_iless(e, bc_i32(e, before), at);
    bc_value short_of = bc_iless(e, bc_i32(e, after), bc_isub(e, bc_i32(e, n), at));
    return (span){bc_select(e, inside, bc_isub(e, at, bc_i32(e, before)), bc_i32(e, 0)),
                  bc_select(e, short_of, LLVMBuildAdd(e->builder, at, bc_i32(e, after), ""), bc_i32(e, n))};
}

static bc_value box_mean(bc_emit *e, const image *m, span rows, span columns)
{
    uint32_t pitch = m->input->width + 1;
    bc_value top = bc_row(e, f64(e), m->sums, rows.from, pitch), bottom = bc_row(e, f64(e), m->sums, rows.to, pitch);
    bc_value sum = bc_sub(e, load_f64(e, bottom, columns.to), load_f64(e, bottom, columns.from));
    sum = bc_add(e, bc_sub(e, sum, load_f64(e, top, columns.to)), load_f64(e, top, columns.from));
    bc_value high = number(e, bc_isub(e, rows.to, rows.from)), wide = number(e, bc_isub(e, columns.to, columns.from));
    return bc_div(e, sum, bc_mul(e, high, wide));
}

/* Each value of a plane becomes what `body` makes of it and of the mean of the box around it. */
typedef bc_value box_body(bc_emit *e, bc_value value, bc_value mean, bc_value whole);

static void each_box(bc_emit *e, const image *m, const bl_encoding *step, uint32_t wider, bc_value values,
                     bc_value whole, box_body *body)
{
    const bl_input *input = m->input;
    bc_loop rows = count_to(e, input->height, "row");
    span y = cut(e, rows.i, step->height + wider, input->height);
    bc_loop columns = count_to(e, input->width, "column");
    span x = cut(e, columns.i, step->width + wider, input->width);
    bc_value at = bc_iadd(e, bc_imul(e, rows.i, input->width), columns.i);
    bc_value mean = box_mean(e, m, y, x);
    bc_store_f32(e, values, at, body(e, bc_load_f32(e, values, at), mean, whole));
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
}

static bc_value less_mean(bc_emit *e, bc_value value, bc_value mean, bc_value whole)
{
    (void)whole;
    return bc_sub(e, value, narrowed(e, mean));
}

static bc_value over_deviation(bc_emit *e, bc_value value, bc_value mean, bc_value whole)
{
    bc_value zero = real(e, 0), square = bc_select(e, bc_greater(e, mean, zero), mean, zero);
    bc_value deviation = bc_add(e, square_root(e, square), bc_mul(e, real(e, BR_NORMALISE_GLOBAL), whole));
    deviation = bc_add(e, deviation, real(e, BR_NORMALISE_FLOOR));
    return narrowed(e, bc_div(e, bc_mul(e, real(e, BR_NORMALISE_GAIN), widened(e, value)), deviation));
}

static void normalise(bc_emit *e, const image *m, const bl_encoding *step, bool opponent)
{
    uint32_t last = (m->input->height + 1) * (m->input->width + 1) - 1;
    for (uint32_t c = 0; c < m->input->channels; c++) {
        bc_value values = plane_of(e, m, m->planes, bc_i32(e, c));
        if (c > 0 && opponent) {
            bc_loop pixels = count_to(e, m->pixels, "chroma");
            bc_value value = bc_load_f32(e, values, pixels.i);
            bc_store_f32(e, values, pixels.i, bc_mul(e, value, bc_f32(e, BR_NORMALISE_CHROMA)));
            bc_loop_end(e, &pixels);
            continue;
        }
        sum_up(e, m, values, false);
        each_box(e, m, step, 0, values, NULL, less_mean);
        sum_up(e, m, values, true);
        bc_value whole = bc_div(e, load_f64(e, m->sums, bc_i32(e, last)), real(e, m->pixels));
        each_box(e, m, step, 2, values, square_root(e, whole), over_deviation);
    }
}

/* ---- whitening (encode_whiten.c) ---- */

static bc_value mirrored(bc_emit *e, bc_value at, uint32_t before, uint32_t n)
{
    bc_value back = bc_isub(e, bc_i32(e, before), at), on = bc_isub(e, at, bc_i32(e, before));
    bc_value beyond = bc_isub(e, bc_i32(e, 2 * n - 2), on);
    bc_value there = bc_select(e, bc_iless(e, on, bc_i32(e, n)), on, beyond);
    return bc_select(e, bc_iless(e, at, bc_i32(e, before)), back, there);
}

typedef struct border {
    uint32_t pitch, plane; /* floats from row to row and from channel to channel */
} border;

static border border_of(bc_emit *e, const image *m, const bl_encoding *step)
{
    uint32_t pitch = (uint32_t)bc_border_pitch(m->input, step, e->lanes);
    return (border){pitch, pitch * (m->input->height + step->height - 1)};
}

static void add_border(bc_emit *e, const image *m, const bl_encoding *step)
{
    const bl_input *input = m->input;
    border b = border_of(e, m, step);
    bc_loop channels = count_to(e, input->channels, "channel");
    bc_value plane = plane_of(e, m, m->planes, channels.i);
    bc_value bordered = bc_row(e, e->f32, m->bordered, channels.i, b.plane);
    bc_loop rows = count_to(e, input->height + step->height - 1, "row");
    bc_value from = bc_row(e, e->f32, plane, mirrored(e, rows.i, step->height / 2, input->height), input->width);
    bc_value to = bc_row(e, e->f32, bordered, rows.i, b.pitch);
    bc_loop columns = count_to(e, input->width + step->width - 1, "column");
    bc_value x = mirrored(e, columns.i, step->width / 2, input->width);
    bc_store_f32(e, to, columns.i, bc_load_f32(e, from, x));
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
    bc_loop_end(e, &channels);
}

/* One filter at a vector of places side by side. What it writes beyond a row's end the next row overwrites. */
static void convolve(bc_emit *e, const image *m, const bl_encoding *step, bc_value filter, bc_value row, bc_value to)
{
    border b = border_of(e, m, step);
    uint32_t channels = m->input->channels, whole = b.pitch - (step->width - 1);
    bc_loop places = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, whole), e->lanes, "place");
    bc_value sum = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum");
    bc_loop down = count_to(e, step->height, "down");
    bc_loop right = count_to(e, step->width, "right");
    bc_loop walk = count_to(e, channels, "channel");
    bc_value from =
        bc_row(e, e->f32, bc_row(e, e->f32, m->bordered, walk.i, b.plane), bc_iadd(e, row, down.i), b.pitch);
    bc_value at = bc_iadd(e, bc_imul(e, down.i, step->width * channels), bc_imul(e, right.i, channels));
    bc_value weight = bc_splat(e, bc_load_f32(e, filter, bc_iadd(e, at, walk.i)));
    bc_value values = bc_load_unaligned(e, from, bc_iadd(e, places.i, right.i));
    bc_set(e, sum, bc_add(e, bc_get(e, e->vector, sum), bc_mul(e, weight, values)));
    bc_loop_end(e, &walk);
    bc_loop_end(e, &right);
    bc_loop_end(e, &down);
    bc_store_unaligned(e, to, places.i, bc_get(e, e->vector, sum));
    bc_loop_end(e, &places);
}

static void scale_result(bc_emit *e, bc_value values, uint32_t n)
{
    bc_value squares = bc_slot(e, f64(e), real(e, 0), "squares");
    bc_loop all = count_to(e, n, "square");
    bc_value value = widened(e, bc_load_f32(e, values, all.i));
    bc_set(e, squares, bc_add(e, bc_get(e, f64(e), squares), bc_mul(e, value, value)));
    bc_loop_end(e, &all);
    bc_value deviation = square_root(e, bc_div(e, bc_get(e, f64(e), squares), real(e, n)));
    deviation = bc_add(e, bc_mul(e, real(e, BR_WHITEN_SHARE), deviation), real(e, BR_WHITEN_FLOOR));
    bc_value factor = narrowed(e, bc_div(e, real(e, BR_WHITEN_GAIN), deviation));
    bc_loop scale = count_to(e, n, "scale");
    bc_store_f32(e, values, scale.i, bc_mul(e, bc_load_f32(e, values, scale.i), factor));
    bc_loop_end(e, &scale);
}

static void whiten(bc_emit *e, image *m, const bl_encoding *step, const float *learned)
{
    const bl_input *input = m->input;
    uint32_t dimensions = step->height * step->width * input->channels;
    bc_value filters = bc_constant_f32(e, learned, (uint64_t)dimensions * input->channels, "input.whiten");
    add_border(e, m, step);
    bc_loop channels = count_to(e, input->channels, "filter");
    bc_value filter = bc_row(e, e->f32, filters, channels.i, dimensions);
    bc_value plane = plane_of(e, m, m->next, channels.i);
    bc_loop rows = count_to(e, input->height, "row");
    convolve(e, m, step, filter, rows.i, bc_row(e, e->f32, plane, rows.i, input->width));
    bc_loop_end(e, &rows);
    bc_loop_end(e, &channels);
    bc_value result = m->next;
    m->next = m->planes;
    m->planes = result;
    scale_result(e, result, m->pixels * input->channels);
}

/* ---- all of it ---- */

static void encode(bc_emit *e, image *m, bc_value raw)
{
    const float *learned = m->user->learned;
    bool opponent = false;
    bring_in(e, m, raw);
    for (uint32_t i = 0; i < m->input->encoding_count; i++) {
        const bl_encoding *step = &m->input->encodings[i];
        if (step->kind == BL_ENCODE_OPPONENT)
            oppose(e, m);
        if (step->kind == BL_ENCODE_NORMALISE)
            normalise(e, m, step, opponent);
        if (step->kind == BL_ENCODE_WHITEN) {
            whiten(e, m, step, learned);
            learned += (uint64_t)step->height * step->width * m->input->channels * m->input->channels;
        }
        opponent = step->kind == BL_ENCODE_OPPONENT || (opponent && step->kind != BL_ENCODE_WHITEN);
    }
}

void bc_emit_input(bc_emit *e, const bc_input_user *u, bc_value raw, bc_value scratch)
{
    const bl_input *input = &u->plan->program->input;
    uint32_t values = input->encoded.height * input->encoded.width * input->encoded.channels;
    bc_value to = at_byte(e, scratch, u->rooms->input);
    if (input->encoding_count == 0) {
        scale_values(e, u, raw, to, values);
    } else {
        image m = {.input = input, .user = u, .pixels = input->height * input->width};
        m.planes = at_byte(e, scratch, u->rooms->planes);
        m.next = at_byte(e, scratch, u->rooms->next);
        m.sums = at_byte(e, scratch, u->rooms->sums);
        m.bordered = at_byte(e, scratch, u->rooms->bordered);
        encode(e, &m, raw);
        bring_out(e, &m, to);
    }
    bc_zero_f32(e, to, bc_i32(e, values), bc_i32(e, BC_ROOM_ALIGN)); /* the last vector's rest */
}
