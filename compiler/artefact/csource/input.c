/* The operations of runtime/data/scaling.c and runtime/encode, in their order, for each of the 256
 * bytes while the source is made: the same bits. Compiled without fused multiply-adds, as they are. */
#include "artefact/csource/input.h"

#include <math.h>

#include "artefact/csource/maps.h"
#include "artefact/csource/table.h"
#include "plan/numbers.h"

/* What one value is encoded as: `levels` activations, and as many complements, or one for what is below 0. */
typedef struct ways {
    uint32_t levels, all;
    bool split, complement, encoded;
} ways;

static ways ways_of(const bl_input *input)
{
    ways w = {.levels = 1, .encoded = input->encoding_count > 0};
    for (uint32_t i = 0; i < input->encoding_count; i++) {
        const bl_encoding *e = &input->encodings[i];
        w.levels = e->kind == BT_ENCODE_LEVELS ? e->levels : w.levels;
        w.split |= e->kind == BT_ENCODE_SPLIT;
        w.complement |= e->kind == BT_ENCODE_COMPLEMENT;
    }
    w.all = w.complement ? 2 * w.levels : w.levels + w.split;
    return w;
}

bool bc_bytes_are_raw(const bc_source *s)
{
    return !s->columns && s->low == 0 && s->high == 255;
}

/* The raw value of a byte, between the ends that are mapped onto 0 and s. */
static double raw_of(const bc_source *s, int byte, double *low, double *high)
{
    *low = s->columns ? 0 : s->low;
    *high = s->columns ? 1 : s->high;
    if (bc_bytes_are_raw(s))
        return byte;
    double unit = byte / 255.0;
    if (s->columns)
        return (float)(s->schema->centred ? 2 * unit - 1 : unit);
    return (float)(s->low + unit * (s->high - s->low));
}

static uint32_t to_byte(float value)
{
    float below = value < 1 ? value : 1, rounded = below * 255 + 0.5f;
    return value > 0 ? (uint32_t)rounded : 0;
}

static float activation_of(const bc_source *s, const ways *w, int byte, uint32_t way)
{
    double low, high, raw = raw_of(s, byte, &low, &high), range = (float)s->program->input.range;
    if (!w->encoded)
        return bc_activation_of(raw, low, high, (float)range);
    float value = (float)((raw - low) * (1 / (high - low)));
    uint32_t level = way % w->levels, code;
    if (w->split && way == w->levels)
        code = to_byte(-value);
    else
        code = to_byte(value * (float)w->levels - (float)level);
    if (w->complement && way >= w->levels)
        code = 255 - code;
    return (float)(range * (code / 255.0));
}

uint64_t bc_input_bytes(const bc_source *s)
{
    ways w = ways_of(&s->program->input);
    uint64_t ranges = !s->whole && s->columns ? 2ull * sizeof(float) * s->schema->range_count : 0;
    return 256ull * w.all * (s->whole ? 1 : sizeof(float)) + ranges;
}

static void put_byte_table(const bc_source *s, const ways *w, FILE *to)
{
    fputs("\n/* ---- the input ---- */\n\n/* The activation of each byte", to);
    if (w->all > 1)
        fprintf(to, ", in each of the %u ways in which a value is encoded", w->all);
    fputs(". */\n", to);
    float top = s->whole ? bc_top_above(s, BT_INPUT, NULL) : 0, per_quantum = top > 0 ? 255 / top : 0;
    bc_table t = bc_table_begin(to, s->whole ? "uint8_t" : "float", "input", "bytes", 256ull * w->all);
    for (uint32_t way = 0; way < w->all; way++)
        for (int b = 0; b < 256; b++) {
            float o = activation_of(s, w, b, way);
            if (s->whole)
                bc_table_int(&t, br_quantum_of(o, per_quantum));
            else
                bc_table_float(&t, o);
        }
    bc_table_end(&t);
}

/* Where value `w` of channel c lies among the encoded ones of its place. */
static void put_position(const bl_input *input, const ways *w, FILE *to)
{
    uint32_t values = input->channels * w->levels;
    if (w->split || w->complement)
        fprintf(to, "w < %u ? c * %u + w : %u + c * %u + (w - %u)", w->levels, w->levels, values,
                w->complement ? w->levels : 1, w->levels);
    else
        fprintf(to, "c * %u + w", w->levels);
}

/* Loops over places, channels and ways around one assignment. */
static void put_loops(const bc_source *s, const ways *w, const char *before, const char *value, FILE *to)
{
    const bl_input *input = &s->program->input;
    uint64_t places = (uint64_t)input->height * input->width;
    if (!w->encoded) {
        fprintf(to, "    for (size_t i = 0; i < %llu; i++) {\n%s        out[i] = %s;\n    }\n}\n",
                (unsigned long long)(places * input->channels), before, value);
        return;
    }
    fprintf(to,
            "    for (size_t p = 0; p < %llu; p++)\n        for (size_t c = 0; c < %u; c++) {\n"
            "            const size_t i = p * %u + c;\n%s            for (size_t w = 0; w < %u; w++) {\n"
            "                const size_t at = ",
            (unsigned long long)places, input->channels, input->channels, before, w->all);
    put_position(input, w, to);
    fprintf(to, ";\n                out[p * %u + at] = %s;\n            }\n        }\n}\n", input->encoded.channels,
            value);
}

static void put_ranges(const bc_source *s, FILE *to)
{
    bc_table lows = bc_table_begin(to, "float", "input", "lows", s->schema->range_count);
    for (uint32_t i = 0; i < s->schema->range_count; i++)
        bc_table_float(&lows, (float)s->schema->ranges[i].low);
    bc_table_end(&lows);
    bc_table spans = bc_table_begin(to, "float", "input", "spans", s->schema->range_count);
    for (uint32_t i = 0; i < s->schema->range_count; i++)
        bc_table_float(&spans, (float)(s->schema->ranges[i].high - s->schema->ranges[i].low));
    bc_table_end(&spans);
}

static const char encode[] =
    "\n/* A value in 255ths, rounded; what lies outside counts as the end. */\n"
    "static uint8_t in_255ths(float value)\n"
    "{\n"
    "    return (uint8_t)(value <= 0.0f ? 0.0f : (value < 1.0f ? value : 1.0f) * 255.0f + 0.5f);\n"
    "}\n";

/* From raw floats: u in [0, 1] of its range, then s u or the encodings of u. */
static void put_floats(const bc_source *s, const ways *w, FILE *to)
{
    char low[32], span[32], range[64], unit[512], value[512];
    bc_float_text((float)s->program->input.range, range);
    if (s->columns)
        put_ranges(s, to);
    if (w->encoded)
        fputs(encode, to);
    fputs("\nstatic void take_floats(const float *in, activation *out)\n{\n", to);
    const char *indent = w->encoded ? "            " : "        ";
    if (s->columns)
        snprintf(
            unit, sizeof unit,
            "%sfloat u = (in[i] - input_lows[i %% %u]) / input_spans[i %% %u];\n%su = u < 0.0f ? 0.0f : u < 1.0f ? "
            "u : 1.0f;\n%s%s",
            indent, s->schema->range_count, s->schema->range_count, indent, s->schema->centred ? indent : "",
            s->schema->centred ? "u = 2.0f * u - 1.0f;\n" : "");
    else
        snprintf(unit, sizeof unit, "%sconst float u = (in[i] - %s) / %s;\n", indent, bc_float_text((float)s->low, low),
                 bc_float_text((float)(s->high - s->low), span));
    if (!w->encoded)
        snprintf(value, sizeof value, "%s * (u > 0.0f ? (u < 1.0f ? u : 1.0f) : 0.0f)", range);
    else if (w->complement)
        snprintf(value, sizeof value,
                 "(float)(w < %u ? in_255ths(u * %u.0f - (float)w) : 255 - in_255ths(u * %u.0f - (float)(w - %u))) / "
                 "255.0f * %s",
                 w->levels, w->levels, w->levels, w->levels, range);
    else if (w->split)
        snprintf(value, sizeof value, "(float)in_255ths(w < %u ? u * %u.0f - (float)w : -u) / 255.0f * %s", w->levels,
                 w->levels, range);
    else
        snprintf(value, sizeof value, "(float)in_255ths(u * %u.0f - (float)w) / 255.0f * %s", w->levels, range);
    put_loops(s, w, unit, value, to);
}

void bc_put_input(const bc_source *s, FILE *to)
{
    ways w = ways_of(&s->program->input);
    put_byte_table(s, &w, to);
    fputs("\nstatic void take_bytes(const uint8_t *in, activation *out)\n{\n", to);
    put_loops(s, &w, "", w.encoded ? "input_bytes[w * 256 + in[i]]" : "input_bytes[in[i]]", to);
    if (!s->whole)
        put_floats(s, &w, to);
}
