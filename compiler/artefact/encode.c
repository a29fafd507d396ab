/* The encoding steps that use a neighbourhood of each pixel. They are the operations of runtime/encode/normalise.c and
 * runtime/encode/whiten.c, one by one, as emitted code. */
#include "artefact/encode.h"

#include "artefact/constants.h"
#include "artefact/scratch.h"

static bc_value number(bc_emit *e, bc_value integer)
{
    return LLVMBuildUIToFP(e->builder, integer, f64(e), "");
}

static bc_value square_root(bc_emit *e, bc_value value)
{
    return bc_sqrt(e, value);
}

static bc_value load_f64(bc_emit *e, bc_value base, bc_value index)
{
    return LLVMBuildLoad2(e->builder, f64(e), bc_row(e, f64(e), base, index, 1), "");
}

static void store_f64(bc_emit *e, bc_value base, bc_value index, bc_value value)
{
    LLVMBuildStore(e->builder, value, bc_row(e, f64(e), base, index, 1));
}

/* ---- local normalisation (runtime/encode/normalise.c) ---- */

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

/* The range of a window of `side` centred on `at`, clipped to [0, n). */
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

/* Replaces each value of a plane by body(value, mean of the box around it). */
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

void bc_emit_normalise(bc_emit *e, const image *m, const bl_encoding *step, bool opponent)
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

/* ---- whitening (runtime/encode/whiten.c) ---- */

static bc_value mirrored(bc_emit *e, bc_value at, uint32_t before, uint32_t n)
{
    bc_value back = bc_isub(e, bc_i32(e, before), at), on = bc_isub(e, at, bc_i32(e, before));
    bc_value beyond = bc_isub(e, bc_i32(e, 2 * n - 2), on);
    bc_value there = bc_select(e, bc_iless(e, on, bc_i32(e, n)), on, beyond);
    return bc_select(e, bc_iless(e, at, bc_i32(e, before)), back, there);
}

typedef struct border {
    uint32_t pitch, plane; /* floats from row to row, from channel to channel */
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

/* One filter at a vector of neighbouring places. The values that it writes beyond the end of a row are overwritten by
 * the next row. */
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

void bc_emit_whiten(bc_emit *e, image *m, const bl_encoding *step, const float *learned)
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
