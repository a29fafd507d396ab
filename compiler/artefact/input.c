/* From raw values to activations: the operations of runtime/data/scaling.c, runtime/data/batch.c and runtime/encode in
 * the same order, as emitted code, so that encoded bytes agree. Multiply-adds are not fused, because C code for a
 * baseline processor does not fuse them. */
#include "artefact/input.h"

#include <math.h>

#include "artefact/constants.h"
#include "artefact/encode.h"

/* ---- without encodings: o = s clamp((raw - low)/(high - low), 0, 1) ---- */

/* `raw` is a float or a vector of floats. */
static bc_value scaled(bc_emit *e, const bc_input_context *u, bc_value raw)
{
    bool vector = LLVMGetTypeKind(LLVMTypeOf(raw)) == LLVMVectorTypeKind;
    bc_value value = LLVMBuildFPExt(e->builder, raw, vector ? LLVMVectorType(f64(e), e->lanes) : f64(e), "");
    bc_value zero = bc_real_like(e, value, 0), one = bc_real_like(e, value, 1);
    value = bc_div(e, bc_sub(e, value, bc_real_like(e, value, u->low)), bc_real_like(e, value, u->high - u->low));
    value = bc_select(e, bc_less(e, value, zero), zero, bc_select(e, bc_greater(e, value, one), one, value));
    value = bc_mul(e, bc_real_like(e, value, (float)u->plan->program->input.range), value);
    return LLVMBuildFPTrunc(e->builder, value, LLVMTypeOf(raw), "");
}

/* As scaled, of the raw values at `index`: first by the ranges of their columns, if there are any. */
static bc_value activation(bc_emit *e, const bc_input_context *u, bc_value raw, bc_value index)
{
    return scaled(e, u, u->ranges->count > 0 ? bc_emit_in_columns(e, u->ranges, raw, index) : raw);
}

/* Often all values of a vector lie at the lower end, as in a dark border. Then the division is skipped. */
static bc_value activations(bc_emit *e, const bc_input_context *u, bc_value in, bc_value index)
{
    if (u->ranges->count > 0)
        return activation(e, u, in, index);
    bc_value out = bc_slot(e, e->vector, bc_splat_f32(e, 0), "out");
    bool exact = (double)(float)u->low == u->low; /* otherwise no float equals the lower end */
    bc_value dark = bc_equal(e, in, bc_splat_f32(e, exact ? u->low : (double)NAN));
    bc_branch some = bc_if(e, bc_any(e, LLVMBuildNot(e->builder, dark, "")), "some");
    bc_set(e, out, scaled(e, u, in));
    bc_endif(e, &some);
    return bc_get(e, e->vector, out);
}

static void scale_values(bc_emit *e, const bc_input_context *u, bc_value raw, bc_value to, uint32_t values)
{
    bc_value end = bc_i32(e, values);
    bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), end, e->lanes, "scale");
    bc_store_vector(e, to, vectors.i, activations(e, u, bc_load_unaligned(e, raw, vectors.i), vectors.i));
    bc_loop_end(e, &vectors);
    bc_loop rest = bc_loop_begin(e, vectors.rest, end, 1, "rest");
    bc_store_f32(e, to, rest.i, activation(e, u, bc_load_f32(e, raw, rest.i), rest.i));
    bc_loop_end(e, &rest);
}

/* ---- first and last steps of encoding ---- */

static void bring_in(bc_emit *e, const bc_input_context *u, const image *m, bc_value raw)
{
    bc_loop pixels = count_to(e, m->pixels, "pixel");
    bc_loop channels = count_to(e, m->input->channels, "channel");
    bc_value at = bc_iadd(e, bc_imul(e, pixels.i, m->input->channels), channels.i);
    bc_value value = bc_load_f32(e, raw, at);
    if (u->ranges->count > 0)
        value = bc_emit_in_columns(e, u->ranges, value, at);
    value = bc_sub(e, widened(e, value), real(e, u->low));
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

/* The activation of each byte: s byte/255. */
static bc_value byte_table(bc_emit *e, const image *m)
{
    float table[256];
    for (int b = 0; b < 256; b++)
        table[b] = (float)((double)(float)m->input->range * (b / 255.0));
    return bc_constant_f32(e, table, 256, "input.bytes");
}

/* n = clamp(round(z/D), -N, N); halves are rounded to even. */
static void bring_out_tied(bc_emit *e, const image *m, double by, bc_value to)
{
    const bl_input *input = m->input;
    bc_value most = bc_f32(e, input->tied), least = bc_f32(e, -(double)input->tied);
    bc_value step = bc_f32(e, by * BR_WHITEN_GAIN / BR_WHITEN_SHARE);
    bc_loop pixels = count_to(e, m->pixels, "pixel");
    bc_loop channels = count_to(e, input->channels, "channel");
    bc_value level = bc_div(e, bc_load_f32(e, plane_of(e, m, m->planes, channels.i), pixels.i), step);
    bc_value above = bc_select(e, bc_greater(e, level, least), level, least);
    level = bc_round_even(e, bc_select(e, bc_greater(e, level, most), most, above));
    bc_store_f32(e, to, bc_iadd(e, bc_imul(e, pixels.i, input->channels), channels.i), level);
    bc_loop_end(e, &channels);
    bc_loop_end(e, &pixels);
}

/* Channels are last. For each pixel: the levels of every channel, then the negative parts (split) or the
 * complements. */
static void bring_out(bc_emit *e, const image *m, bc_value to)
{
    const bl_input *input = m->input;
    uint32_t levels = 1, values, all = input->encoded.channels;
    bool split = false, complement = false;
    for (uint32_t i = 0; i < input->encoding_count; i++) {
        if (input->encodings[i].tied) {
            bring_out_tied(e, m, input->encodings[i].by, to);
            return;
        }
        levels = input->encodings[i].kind == BT_ENCODE_LEVELS ? input->encodings[i].levels : levels;
        split = split || input->encodings[i].kind == BT_ENCODE_SPLIT;
        complement = complement || input->encodings[i].kind == BT_ENCODE_COMPLEMENT;
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

/* ---- the whole input ---- */

static void encode(bc_emit *e, const bc_input_context *u, image *m, bc_value raw)
{
    const float *learned = u->learned;
    bool opponent = false;
    bring_in(e, u, m, raw);
    for (uint32_t i = 0; i < m->input->encoding_count; i++) {
        const bl_encoding *step = &m->input->encodings[i];
        if (step->kind == BT_ENCODE_OPPONENT)
            oppose(e, m);
        if (step->kind == BT_ENCODE_NORMALISE)
            bc_emit_normalise(e, m, step, opponent);
        if (step->kind == BT_ENCODE_WHITEN) {
            bc_emit_whiten(e, m, step, learned);
            learned += (uint64_t)step->height * step->width * m->input->channels * m->input->channels;
        }
        opponent = step->kind == BT_ENCODE_OPPONENT || (opponent && step->kind != BT_ENCODE_WHITEN);
    }
}

void bc_emit_input(bc_emit *e, const bc_input_context *u, bc_value raw, bc_value scratch)
{
    const bl_input *input = &u->plan->program->input;
    uint32_t values = (uint32_t)bt_values(input->encoded);
    bc_value to = bc_offset(e, scratch, u->scratch->input);
    if (input->encoding_count == 0) {
        scale_values(e, u, raw, to, values);
    } else {
        image m = {.input = input, .pixels = input->height * input->width};
        m.planes = bc_offset(e, scratch, u->scratch->planes);
        m.next = bc_offset(e, scratch, u->scratch->next);
        m.sums = bc_offset(e, scratch, u->scratch->sums);
        m.bordered = bc_offset(e, scratch, u->scratch->bordered);
        encode(e, u, &m, raw);
        bring_out(e, &m, to);
    }
    bc_zero_f32(e, to, bc_i32(e, values), bc_i32(e, BC_SCRATCH_ALIGN)); /* the rest of the last vector */
}
