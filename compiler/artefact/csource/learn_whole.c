#include "artefact/csource/learn_whole.h"

#include <math.h>

#include "artefact/csource/fits.h"
#include "artefact/csource/table.h"
#include "plan/numbers.h"

#define IN_FLOATS "or build it in floats, without --quantize"

enum {
    BYTES = 256,
    MOST_BITS = 24,   /* of a fraction */
    ERROR_BITS = 16,  /* of errors and of rates */
    SHARE_BITS = 24,  /* of what an input takes of an error */
    FACTOR_BITS = 32, /* of what all inputs share */
    SHIFT_LIMIT = 62
};

/* ---- numbers ---- */

static double top_of(const bc_source *s)
{
    return s->layers[s->program->layer_count - 1].top;
}

static double a_max_of(const bc_source *s)
{
    return (double)bc_a_max(bl_last_layer(s->program));
}

/* The most bits of a fraction with which the number stays below 2^31. */
static unsigned bits_for(double number, unsigned most)
{
    unsigned bits = most;
    while (bits > 0 && ldexp(number, (int)bits) >= 0x1p31)
        bits--;
    return bits;
}

static double rest_of(const bc_source *s, int byte)
{
    return 1 - top_of(s) * byte / (BYTES - 1);
}

bc_fixed bc_fixed_of(const bc_source *s)
{
    double steepest = 1 / rest_of(s, BYTES - 1), most = a_max_of(s) > steepest ? a_max_of(s) : steepest;
    unsigned bound = bits_for(2 * most, MOST_BITS); /* v and t are apart by no more than that */
    return (bc_fixed){.bound = bound,
                      .sum = bits_for(2.0 * bl_last_layer(s->program)->inputs, bound), /* a contribution is below 1 */
                      .ratio = bits_for((BYTES - 1) * steepest, ERROR_BITS)};
}

int32_t bc_fixed_bound(const bc_source *s, float w)
{
    int32_t v = (int32_t)lround(ldexp(w, (int)bc_fixed_of(s).bound)), most = bc_fixed_most(s);
    if (v == 0)
        return signbit(w) ? -1 : 1;
    return v < -most ? -most : v > most ? most : v;
}

uint32_t bc_fixed_rate(const bc_source *s)
{
    double rate = ldexp(s->learning.rate, ERROR_BITS);
    return rate < UINT32_MAX ? (uint32_t)(rate + 0.5) : UINT32_MAX;
}

int32_t bc_fixed_most(const bc_source *s)
{
    double least = 1 / (1 - (double)(float)bl_last_layer(s->program)->alpha_min);
    return (int32_t)lround(ldexp(a_max_of(s) - least, (int)bc_fixed_of(s).bound));
}

int bc_fixed_fits(const bc_source *s, br_error *error)
{
    const bl_layer *layer = bl_last_layer(s->program);
    uint32_t last = s->program->layer_count - 1;
    if (s->program->rule == BT_RULE_GRADIENT)
        return bc_refuse(s, last, "it can't learn in whole numbers by `rule gradient`",
                         "use `rule repaired`, " IN_FLOATS, error);
    if (s->learning.thetas)
        return bc_refuse(s, last, "its thresholds can't learn in whole numbers",
                         "leave `learned` out of `neuron alpha`, " IN_FLOATS, error);
    if (layer->neurons > UINT16_MAX)
        return bc_refuse(s, last, "it can't learn in whole numbers, because it has more than 65,535 neurons",
                         "use fewer, " IN_FLOATS, error);
    if (1 / bc_gamma_of(layer) >= UINT16_MAX)
        return bc_refuse(s, last, "it can't learn in whole numbers, because its gain is too small",
                         "use `sum scaled` with a larger gain, " IN_FLOATS, error);
    return 0;
}

/* ---- tables ---- */

/* A number as a whole one times 2^-shift, below 2^31. */
typedef struct scaled {
    uint32_t number;
    unsigned shift;
} scaled;

static scaled scaled_of(double number)
{
    unsigned shift = 1;
    while (shift < SHIFT_LIMIT && ldexp(number, (int)shift + 1) < 0x1p31)
        shift++;
    double whole = ldexp(number, (int)shift) + 0.5;
    return (scaled){whole < 0x1p31 ? (uint32_t)whole : INT32_MAX, shift};
}

static uint32_t thetas_of(const bc_source *s)
{
    const float *theta = s->layers[s->program->layer_count - 1].theta;
    for (uint32_t k = 1; k < bl_last_layer(s->program)->neurons; k++)
        if (theta[k] != theta[0])
            return bl_last_layer(s->program)->neurons;
    return 1;
}

/* 255 levels per unit of a sum above the threshold. */
static double slope_of(const bc_source *s, float theta)
{
    return bc_gamma_of(bl_last_layer(s->program)) * (BYTES - 1) / (1 - (double)theta) /
           ldexp(1, (int)bc_fixed_of(s).sum);
}

static unsigned slope_shift(const bc_source *s)
{
    const float *theta = s->layers[s->program->layer_count - 1].theta;
    unsigned least = SHIFT_LIMIT;
    for (uint32_t k = 0; k < thetas_of(s); k++) {
        unsigned shift = scaled_of(slope_of(s, theta[k])).shift;
        least = shift < least ? shift : least;
    }
    return least;
}

uint64_t bc_fixed_bytes(const bc_source *s)
{
    const bl_layer *layer = bl_last_layer(s->program);
    return sizeof(int32_t) * ((uint64_t)layer->inputs * layer->neurons + 3 * BYTES + 2ull * thetas_of(s));
}

static void put_bytes(const bc_source *s, FILE *to)
{
    const char *name = bl_last_layer(s->program)->name;
    bc_fixed f = bc_fixed_of(s);
    bc_table t = bc_table_begin(to, "int32_t", name, "least", BYTES);
    for (int b = 0; b < BYTES; b++)
        bc_table_int(&t, llround(ldexp(a_max_of(s) - 1 / rest_of(s, b), (int)f.bound)));
    bc_table_end(&t);
    t = bc_table_begin(to, "uint32_t", name, "rest", BYTES);
    for (int b = 0; b < BYTES; b++)
        bc_table_int(&t, llround(ldexp(rest_of(s, b), 30)));
    bc_table_end(&t);
    t = bc_table_begin(to, "uint32_t", name, "ratios", BYTES);
    for (int b = 0; b < BYTES; b++)
        bc_table_int(&t, llround(ldexp(b / rest_of(s, b), (int)f.ratio)));
    bc_table_end(&t);
}

static void put_thresholds(const bc_source *s, FILE *to)
{
    const bl_layer *layer = bl_last_layer(s->program);
    const float *theta = s->layers[s->program->layer_count - 1].theta;
    bc_table t = bc_table_begin(to, "int32_t", layer->name, "firsts", thetas_of(s));
    for (uint32_t k = 0; k < thetas_of(s); k++) {
        double first = ldexp((double)theta[k] / bc_gamma_of(layer), (int)bc_fixed_of(s).sum);
        bc_table_int(&t, first < 0x1p30 ? llround(first) : 1 << 30);
    }
    bc_table_end(&t);
    t = bc_table_begin(to, "uint32_t", layer->name, "slopes", thetas_of(s));
    for (uint32_t k = 0; k < thetas_of(s); k++)
        bc_table_int(&t, llround(ldexp(slope_of(s, theta[k]), (int)slope_shift(s))));
    bc_table_end(&t);
}

void bc_put_fixed_tables(const bc_source *s, FILE *to)
{
    const bl_layer *layer = bl_last_layer(s->program);
    const bc_bounds *b = &s->layers[s->program->layer_count - 1].bounds;
    fprintf(
        to,
        "/* v in 2^-%u, from which a state begins. Then, for each byte of an activation o: t(o) in 2^-%u, 1 - o in\n"
        " * 2^-30, and byte/(1 - o) in 2^-%u. Then the sums at which a level begins, and its slopes. */\n",
        bc_fixed_of(s).bound, bc_fixed_of(s).bound, bc_fixed_of(s).ratio);
    bc_table t = bc_table_begin(to, "int32_t", layer->name, "bounds", (uint64_t)layer->inputs * layer->neurons);
    for (uint64_t i = 0; i < (uint64_t)layer->inputs * layer->neurons; i++)
        bc_table_int(&t, bc_fixed_bound(s, b->w[i]));
    bc_table_end(&t);
    put_bytes(s, to);
    put_thresholds(s, to);
}

/* ---- text: sums and levels ---- */

static const char rounded[] = "\n/* A whole number divided by 2^bits, rounded to the nearest; both signs alike. */\n"
                              "static int64_t rounded(int64_t number, unsigned bits)\n{\n"
                              "    const uint64_t size = number < 0 ? 0u - (uint64_t)number : (uint64_t)number;\n"
                              "    const int64_t whole = (int64_t)((size + ((uint64_t)1 << (bits - 1))) >> bits);\n"
                              "    return number < 0 ? -whole : whole;\n}\n";

static const char loop_inputs[] = "    for (size_t n = 0; n < %u; n++)\n"
                                  "        for (size_t i = 0; i < from[n].channels; i++, row += %u) {\n"
                                  "            const size_t o = from[n].map[i];\n"
                                  "            if (o == 0)\n"
                                  "                continue;\n"
                                  "            const int32_t t = %s_least[o];\n";

static void put_sums(const bc_source *s, FILE *to)
{
    const bl_layer *layer = bl_last_layer(s->program);
    bc_fixed f = bc_fixed_of(s);
    unsigned shift = 30 + f.bound - f.sum;
    fprintf(
        to,
        "\n/* The sums of layer %s from the bounds of a state, in 2^-%u.                                (1), (2) */\n"
        "static void sums_of_state(const %s_state *state, const source *from, drive *ONLY sums)\n{\n"
        "    const int32_t *row = state->bounds;\n    fill(sums, %u, 0);\n",
        layer->name, f.sum, s->program->name, layer->neurons);
    fprintf(to, loop_inputs, layer->source_count, layer->neurons, layer->name);
    fprintf(to,
            "            const uint64_t q = %s_rest[o];\n"
            "            for (size_t k = 0; k < %u; k++) {\n"
            "                const int32_t v = row[k], over = (v < 0 ? -v : v) - t;\n"
            "                if (over > 0) {\n"
            "                    const int32_t c = (int32_t)((q * (uint32_t)over + (uint64_t)%lluu) >> %u);\n"
            "                    sums[k] += v < 0 ? -c : c;\n"
            "                }\n            }\n        }\n}\n",
            layer->name, layer->neurons, 1ull << (shift - 1), shift);
}

static void put_levels(const bc_source *s, FILE *to)
{
    const char *name = bl_last_layer(s->program)->name, *at = thetas_of(s) > 1 ? "k" : "0";
    fprintf(
        to,
        "\n/* How strongly each label fires, in 255ths: y = clamp((x - theta)/(1 - theta), 0, 1).       (3), (4) */\n"
        "static void fire_state(const drive *x, activation *out)\n{\n"
        "    for (size_t k = 0; k < %u; k++) {\n"
        "        const int32_t over = x[k] - %s_firsts[%s];\n"
        "        const uint64_t y = over > 0 ? rounded_level((uint64_t)over * %s_slopes[%s]) : 0;\n"
        "        out[k] = (activation)(y < 255 ? y : 255);\n    }\n}\n",
        bl_last_layer(s->program)->neurons, name, at, name, at);
}

static void put_rounded_level(const bc_source *s, FILE *to)
{
    unsigned shift = slope_shift(s);
    fprintf(to, "\nstatic uint64_t rounded_level(uint64_t y)\n{\n    return (y >> %u) + ((y >> %u) & 1);\n}\n", shift,
            shift - 1);
}

/* ---- text: errors ---- */

static const char power[] = "\n/* exp(-b gamma below) in 2^-15: 2^-z, whose fraction is a polynomial. */\n"
                            "static uint32_t power(uint32_t below)\n{\n"
                            "    const uint64_t z = ((uint64_t)below * %uu) >> %u; /* in 2^-16 */\n"
                            "    const uint32_t f = (uint32_t)z & 65535u;\n"
                            "    uint32_t part = (f * 449u) >> 16;\n"
                            "    if (z >= (uint64_t)16 << 16)\n        return 0;\n"
                            "    part = (f * (3491u - part)) >> 16;\n"
                            "    part = (f * (15696u - part)) >> 16;\n"
                            "    part = (f * (45421u - part)) >> 16;\n"
                            "    return (65536u - part + (1u << (z >> 16))) >> ((z >> 16) + 1);\n}\n";

static const char softmax[] = "    int32_t most = x[0];\n    uint32_t all = 0;\n"
                              "    for (size_t k = 1; k < %u; k++)\n"
                              "        most = x[k] > most ? x[k] : most;\n"
                              "    for (size_t k = 0; k < %u; k++) {\n"
                              "        const uint32_t part = power((uint32_t)most - (uint32_t)x[k]);\n"
                              "        errors[k] = (int32_t)part;\n"
                              "        all += part;\n"
                              "    }\n"
                              "    for (size_t k = 0; k < %u; k++) {\n"
                              "        const uint32_t p = ((uint32_t)errors[k] << 16) / all;\n"
                              "        const int32_t e = (k == label ? 65536 : 0) - (int32_t)p;\n";

static const char hinge[] = "    for (size_t k = 0; k < %u; k++) {\n"
                            "        const int64_t drive_of_k = rounded((int64_t)x[k] * %u, %u);\n"
                            "        const int64_t up = %d - drive_of_k, down = drive_of_k + %d;\n"
                            "        const int64_t all = k == label ? (up > 0 ? up : 0) : down > 0 ? -down : 0;\n"
                            "        const int32_t e = (int32_t)(all < -%d ? -%d : all < %d ? all : %d);\n";

static void put_errors(const bc_source *s, FILE *to)
{
    const bl_phase *phase = s->learning.phase;
    const bl_layer *layer = bl_last_layer(s->program);
    enum { LIMIT = 1 << 30 };
    bool soft = phase->error == BT_ERROR_SOFTMAX;
    double to_drive = ldexp(bc_gamma_of(layer), ERROR_BITS - (int)bc_fixed_of(s).sum);
    scaled z = scaled_of(to_drive * phase->sharpness * 1.4426950408889634), x = scaled_of(to_drive);
    int margin = (int)lround(ldexp(phase->sharpness < 1000 ? phase->sharpness : 1000, ERROR_BITS));
    if (soft)
        fprintf(to, power, z.number, z.shift);
    fprintf(to,
            "\n/* %s in 2^-16; errors below the floor are 0. Whether any is left. */\n"
            "static int find_errors(const drive *x, uint32_t label, int32_t *errors)\n{\n    int any = 0;\n",
            soft ? "e = [k = label] - softmax(b x)" : "e = max(0, m - x) of the label, -max(0, x + m) of the others,");
    if (soft)
        fprintf(to, softmax, layer->neurons, layer->neurons, layer->neurons);
    else
        fprintf(to, hinge, layer->neurons, x.number, x.shift, margin, margin, LIMIT, LIMIT, LIMIT, LIMIT);
    fprintf(to,
            "        errors[k] = (e < 0 ? -e : e) < %ld ? 0 : e;\n        any |= errors[k] != 0;\n    }\n    return "
            "any;\n}\n",
            lround(ldexp(phase->floor < 1 ? phase->floor : 1, ERROR_BITS)));
}

/* ---- text: steps ---- */

/* The valve: alpha_max - alpha < tau is |v| < a_max - 1/(1 - alpha_max + tau). */
static void put_bounded(const bc_source *s, FILE *to)
{
    const bl_layer *layer = bl_last_layer(s->program);
    bool valve = bc_has_valve(layer);
    double near = a_max_of(s) - 1 / (1 - (layer->alpha_max - layer->tau));
    fprintf(to,
            "\n/* A bound that would cross zero %s; a bound of 0 keeps its side by the\n"
            " * smallest number that there is. */\n"
            "static int32_t bounded(int32_t before, int64_t moved)\n{\n",
            bc_crossing_of(layer));
    if (valve)
        fprintf(to, "    if ((before < 0) != (moved < 0) && (before >= %lld || before <= -%lld))\n        moved = 0;\n",
                llround(ldexp(near, (int)bc_fixed_of(s).bound)), llround(ldexp(near, (int)bc_fixed_of(s).bound)));
    else if (!layer->switches)
        fputs("    if ((before < 0) != (moved < 0))\n        moved = 0;\n", to);
    fprintf(to,
            "    if (moved == 0)\n        return before < 0 ? -1 : 1;\n"
            "    return (int32_t)(moved < -%d ? -%d : moved < %d ? moved : %d);\n}\n",
            bc_fixed_most(s), bc_fixed_most(s), bc_fixed_most(s), bc_fixed_most(s));
}

static const char divided[] =
    "\n/* above/below, at most 2^32 - 1. A digit at a time: small cores would call a library to divide 64 bits. */\n"
    "static uint32_t divided(uint64_t above, uint32_t below)\n{\n"
    "    uint64_t rest = above >> 32;\n    uint32_t found = 0;\n"
    "    if (rest >= below)\n        return UINT32_MAX;\n"
    "    for (unsigned bit = 32; bit-- > 0;) {\n"
    "        rest = rest << 1 | (((uint32_t)above >> bit) & 1u);\n"
    "        found <<= 1;\n"
    "        if (rest >= below) {\n            rest -= below;\n            found |= 1u;\n        }\n"
    "    }\n    return found;\n}\n";

static void put_move(const bc_source *s, FILE *to)
{
    const bl_layer *layer = bl_last_layer(s->program);
    bc_fixed f = bc_fixed_of(s);
    unsigned step = SHARE_BITS + ERROR_BITS - f.bound;
    fprintf(to,
            "\n/* v += rate (e/gamma) o/((1 - o) sum of o) where |v| >= t%s.             (11)-(15)\n"
            " * Inputs share `factor`, rate/(gamma sum of o) in 2^-32; each takes its share of an error, in 2^-24. */\n"
            "static void move_bounds(%s_state *state, const source *from, const int32_t *errors)\n{\n"
            "    int32_t *row = state->bounds;\n    uint32_t all = 0, factor;\n"
            "    for (size_t n = 0; n < %u; n++)\n        for (size_t i = 0; i < from[n].channels; i++)\n"
            "            all += from[n].map[i];\n"
            "    if (all == 0)\n        return;\n"
            "    factor = divided((uint64_t)state->rate * %lluu, all);\n",
            layer->leak > 0 ? ", less elsewhere" : "", s->program->name, layer->source_count,
            (unsigned long long)llround(ldexp(1 / bc_gamma_of(layer), FACTOR_BITS - ERROR_BITS)));
    fprintf(to, loop_inputs, layer->source_count, layer->neurons, layer->name);
    fprintf(to,
            "            const uint64_t wide = ((uint64_t)factor * %s_ratios[o]) >> %u;\n"
            "            const int64_t share = wide < INT32_MAX ? (int32_t)wide : INT32_MAX;\n",
            layer->name, f.ratio + FACTOR_BITS - SHARE_BITS);
    if (layer->leak > 0)
        fprintf(to, "            const int64_t leaked = rounded(share * %ld, %d);\n",
                lround(ldexp(layer->leak, ERROR_BITS)), ERROR_BITS);
    fprintf(to,
            "            for (size_t k = 0; k < %u; k++) {\n"
            "                const int32_t v = row[k], size = v < 0 ? -v : v;\n",
            layer->neurons);
    if (layer->leak > 0)
        fprintf(to, "                row[k] = bounded(v, v + rounded((size >= t ? share : leaked) * errors[k], %u));\n",
                step);
    else
        fprintf(to,
                "                if (size >= t)\n"
                "                    row[k] = bounded(v, v + rounded(share * errors[k], %u));\n",
                step);
    fputs("            }\n        }\n}\n", to);
}

void bc_put_fixed_learning(const bc_source *s, FILE *to)
{
    fputs(rounded, to);
    put_sums(s, to);
    put_rounded_level(s, to);
    put_levels(s, to);
    put_errors(s, to);
    put_bounded(s, to);
    fputs(divided, to);
    put_move(s, to);
}
