/* The functions of C source as their readers see them. They read like the equations of docs/model.md, in one of two
 * arithmetics: whole numbers, where an activation is a byte of quanta and a drive a sum of 32 bits, or floats. */
#include "artefact/csource/texts.h"

#include "artefact/csource/bounds.h"

/* ---- types ---- */

static const char whole_types[] =
    "typedef uint8_t activation; /* in quanta: 255 is the largest that the layers above it tell apart */\n"
    "typedef int32_t drive;      /* a sum of contributions, as a whole number */\n"
    "#define LEAST_DRIVE INT32_MIN\n";

static const char float_types[] = "typedef float activation;\n"
                                  "typedef float drive; /* x, and the sums that become it */\n"
                                  "#define LEAST_DRIVE (-3.0e38f)\n";

static const char ramp_type[] =
    "\n/* How a sum fires: 0 below `first`; `most` where it is `span` or more above it; between them a line in fixed\n"
    " * point, base + (above * slope + start) >> bits. */\n"
    "typedef struct ramp {\n"
    "    int32_t first;\n"
    "    uint32_t span, slope, start;\n"
    "    uint8_t base, most;\n";

static const char ramp_odd[] = "    uint16_t odd_from, odd_end; /* sums that round to the other side of the line, in "
                               "the layer's list of them */\n";

/* The members of a layer whose connections have levels, or may have. */
static void put_codes(const bc_needs *n, FILE *to)
{
    fprintf(
        to,
        "    const IN_FLASH uint8_t *codes;  /* the level of each connection, two in a byte, the first in the lower "
        "half%s */\n",
        n->bounds ? "; NULL: none" : "");
    if (n->bounds)
        fputs("    const IN_FLASH uint8_t *alphas; /* the bounds, in quanta; with codes, those of the levels */\n"
              "    const IN_FLASH int8_t *slopes;  /* 1/(1 - alpha) of each, negative where it inhibits */\n",
              to);
    else
        fputs("    const IN_FLASH uint8_t *alphas; /* the bound of each level, in quanta */\n"
              "    const IN_FLASH int8_t *slopes;  /* 1/(1 - alpha) of each level, negative where it inhibits */\n",
              to);
}

static void put_layer_type(const bc_source *s, const bc_needs *n, FILE *to)
{
    fputs("\n/* The connections of a layer. Each input has ", to);
    bool rows = n->rows || s->learning.phase != NULL;
    fputs(rows ? "a row of all neurons" : "", to);
    fputs(rows && n->lists ? ", or " : "", to);
    fputs(n->lists ? "a list of those that can carry signal, sorted by alpha" : "", to);
    fputs(". */\ntypedef struct layer {\n    size_t count; /* of neurons */\n", to);
    if (n->codes)
        put_codes(n, to);
    else if (s->whole)
        fputs("    const IN_FLASH uint8_t *alphas; /* the bounds, in quanta */\n"
              "    const IN_FLASH int8_t *slopes;  /* 1/(1 - alpha), negative where the connection inhibits */\n",
              to);
    else if (n->printed)
        fputs("    const IN_FLASH float *bounds; /* alpha, negative where the connection inhibits */\n", to);
    else
        fputs("    const IN_FLASH float *bounds; /* v = +-(1/(1 - alpha_max) - 1/(1 - alpha)), negative: inhibits */\n",
              to);
    if (n->lists)
        fputs("    const IN_FLASH neuron *neurons;  /* lists: where each connection leads */\n"
              "    const IN_FLASH uint32_t *starts; /* lists: where that of each input begins, and the end; NULL: rows "
              "*/\n",
              to);
    if (n->packed)
        fputs("    const IN_FLASH uint16_t *rows; /* the row of each input; NO_ROW: it adds nothing; NULL: each has "
              "its own */\n",
              to);
    if (s->whole) {
        fputs("    const IN_FLASH ramp *ramps;\n    size_t step; /* from one neuron's ramp to the next; 0: all have "
              "one */\n"
              "    unsigned bits;\n",
              to);
        if (n->odd)
            fputs("    const IN_FLASH uint32_t *odd_above; /* sums off the line, */\n"
                  "    const IN_FLASH uint8_t *odd_bytes;  /* and how they fire */\n",
                  to);
        fputs("} layer;\n", to);
        return;
    }
    if (!n->printed)
        fputs("    float a_max; /* 1/(1 - alpha_max) */\n", to);
    fputs("    float gamma; /* of the sum */\n", to);
    if (n->shared)
        fputs("    int shared; /* gamma is divided by the sum of the inputs */\n", to);
    fputs("    const IN_FLASH float *thetas;\n    size_t step; /* from one neuron's theta to the next; 0: all have one "
          "*/\n",
          to);
    if (n->homeostasis)
        fputs("    const IN_FLASH float *gains; /* NULL: no homeostasis */\n", to);
    if (n->logistic)
        fputs("    float steepness; /* 0: not logistic */\n", to);
    if (n->formula)
        fputs("    float (*level)(float x, float alpha); /* the formula of its neurons; NULL: none */\n", to);
    fputs("    float range; /* s of its activations */\n} layer;\n", to);
}

static const char *neuron_type(const bc_source *s)
{
    return bc_bounds_narrow(s) ? "uint8_t" : "uint16_t";
}

void bc_put_types(const bc_source *s, const bc_needs *n, FILE *to)
{
    fputs(s->whole ? whole_types : float_types, to);
    if (n->lists)
        fprintf(to, "typedef %s neuron; /* a neuron's number in its layer */\n", neuron_type(s));
    if (s->whole) {
        fputs(ramp_type, to);
        if (n->odd)
            fputs(ramp_odd, to);
        fputs("} ramp;\n", to);
    }
    if (n->packed)
        fputs("\n#define NO_ROW 65535u\n", to);
    put_layer_type(s, n, to);
    fputs("\n/* A map that a layer reads. */\ntypedef struct source {\n    const activation *map;\n"
          "    size_t channels; /* of each place; a dense layer: all values */\n} source;\n",
          to);
}

/* ---- connections: equations (1) and (2) ---- */

static const char fill[] =
    "\n/* The value goes through a volatile, so that no compiler turns the loop into a call of memset. */\n"
    "static void fill(drive *x, size_t count, drive value)\n"
    "{\n"
    "    volatile drive held = value;\n"
    "    const drive all = held;\n"
    "    for (size_t k = 0; k < count; k++)\n"
    "        x[k] = all;\n"
    "}\n";

/* gcc at -O2 makes vectors of loops whose length it knows, and only of these. Clang makes them of all; of floats, it
 * makes worse ones where it knows the length. */
static const char together[] = "\n/* So many neurons are added in a loop of known length, which compilers turn into "
                               "vectors. Small code has one. */\n"
                               "#if defined(__OPTIMIZE_SIZE__)%s\n"
                               "#define TOGETHER 1\n"
                               "#else\n"
                               "#define TOGETHER 16\n"
                               "#endif\n";

static const char whole_carried[] =
    "\n/* c = +-max(0, o - alpha)/(1 - alpha).                                                        (1), (2) */\n"
    "static drive carried(activation o, uint8_t alpha, int8_t slope)\n"
    "{\n"
    "    const uint8_t most = o > alpha ? o : alpha;\n"
    "    const int16_t over = (uint8_t)(most - alpha);\n"
    "    return over * slope;\n"
    "}\n";

static const char row_head[] = "\n/* What an input adds to the sums of all neurons. */\n"
                               "static void add_row(const layer *l, size_t input, activation o, drive *ONLY sums)\n"
                               "{\n";

static const char whole_row_of_levels[] = "    if (l->codes != NULL) {\n"
                                          "        add_levels(l, input, o, sums);\n"
                                          "        return;\n"
                                          "    }\n";

static const char whole_row_body[] = "    const IN_FLASH uint8_t *alphas = l->alphas + input * l->count;\n"
                                     "    const IN_FLASH int8_t *slopes = l->slopes + input * l->count;\n"
                                     "    size_t left = l->count;\n"
                                     "    for (; left >= TOGETHER; left -= TOGETHER) {\n"
                                     "        for (size_t k = 0; k < TOGETHER; k++)\n"
                                     "            sums[k] += carried(o, alphas[k], slopes[k]);\n"
                                     "        alphas += TOGETHER;\n"
                                     "        slopes += TOGETHER;\n"
                                     "        sums += TOGETHER;\n"
                                     "    }\n"
                                     "    for (size_t k = 0; k < left; k++)\n"
                                     "        sums[k] += carried(o, alphas[k], slopes[k]);\n"
                                     "}\n";

static const char coded_row[] =
    "\n/* c = +-max(0, o - alpha)/(1 - alpha), once for each level, and added for all neurons.         (1), (2) */\n"
    "static void ";

static const char coded_row_body[] =
    "(const layer *l, size_t input, activation o, drive *ONLY sums)\n"
    "{\n"
    "    const size_t count = l->count;\n"
    "    const IN_FLASH uint8_t *codes = l->codes + input * ((count + 1) / 2);\n"
    "    int16_t added[16];\n"
    "    for (size_t n = 0; n < 16; n++) {\n"
    "        const int16_t over = (int16_t)(o > l->alphas[n] ? o - l->alphas[n] : 0);\n"
    "        added[n] = (int16_t)(over * l->slopes[n]);\n"
    "    }\n"
    "    for (size_t k = 0; k + 1 < count; k += 2) {\n"
    "        sums[k] += added[codes[k / 2] & 15];\n"
    "        sums[k + 1] += added[codes[k / 2] >> 4];\n"
    "    }\n"
    "    if (count % 2 != 0)\n"
    "        sums[count - 1] += added[codes[count / 2] & 15];\n"
    "}\n";

static const char whole_list[] =
    "\n/* c = +-(o - alpha)/(1 - alpha), up to the first connection that is silent.                   (1), (2) */\n"
    "static void add_list(const layer *l, size_t input, activation o, drive *ONLY sums)\n"
    "{\n"
    "    const uint32_t end = l->starts[input + 1];\n"
    "    for (uint32_t at = l->starts[input]; at < end && l->alphas[at] < o; at++)\n"
    "        sums[l->neurons[at]] += (int16_t)((o - l->alphas[at]) * l->slopes[at]);\n"
    "}\n";

static const char float_carried[] =
    "\n/* c = q soft(v, t), q = 1 - o, t = a_max - 1/q, soft(v, t) = v - clamp(v, -t, t).               (1), (2) */\n"
    "static float carried(float q, float t, float v)\n"
    "{\n"
    "    const float below = v < t ? v : t, inside = below > -t ? below : -t;\n"
    "    return q * (v - inside);\n"
    "}\n";

static const char float_row_body[] = "    const IN_FLASH float *bounds = l->bounds + input * l->count;\n"
                                     "    const float q = 1.0f - o, t = l->a_max - 1.0f / q;\n"
                                     "    size_t left = l->count;\n"
                                     "    for (; left >= TOGETHER; left -= TOGETHER) {\n"
                                     "        for (size_t k = 0; k < TOGETHER; k++)\n"
                                     "            sums[k] += carried(q, t, bounds[k]);\n"
                                     "        bounds += TOGETHER;\n"
                                     "        sums += TOGETHER;\n"
                                     "    }\n"
                                     "    for (size_t k = 0; k < left; k++)\n"
                                     "        sums[k] += carried(q, t, bounds[k]);\n"
                                     "}\n";

static const char float_list[] =
    "\n/* c = +-q (|v| - t), q = 1 - o, t = a_max - 1/q, up to the first connection that is silent.   (1), (2) */\n"
    "static void add_list(const layer *l, size_t input, activation o, drive *ONLY sums)\n"
    "{\n"
    "    const float q = 1.0f - o, t = l->a_max - 1.0f / q;\n"
    "    const uint32_t end = l->starts[input + 1];\n"
    "    for (uint32_t at = l->starts[input]; at < end; at++) {\n"
    "        const float v = l->bounds[at], size = v < 0.0f ? -v : v;\n"
    "        if (size <= t)\n"
    "            return;\n"
    "        sums[l->neurons[at]] += v < 0.0f ? -(q * (size - t)) : q * (size - t);\n"
    "    }\n"
    "}\n";

static const char printed_list[] =
    "\n/* c = +-clamp((o - alpha)/(1 - alpha), 0, 1), up to the first connection that is silent. Alphas above 1 come\n"
    " * first.                                                                              (1), (2) as printed */\n"
    "static void add_list(const layer *l, size_t input, activation o, drive *ONLY sums)\n"
    "{\n"
    "    const uint32_t end = l->starts[input + 1];\n"
    "    for (uint32_t at = l->starts[input]; at < end; at++) {\n"
    "        const float bound = l->bounds[at], alpha = bound < 0.0f ? -bound : bound;\n"
    "        const float g = (o - alpha) / (1.0f - alpha);\n"
    "        if (alpha <= 1.0f && alpha >= o)\n"
    "            return;\n"
    "        if (g > 0.0f)\n"
    "            sums[l->neurons[at]] += bound < 0.0f ? -(g < 1.0f ? g : 1.0f) : g < 1.0f ? g : 1.0f;\n"
    "    }\n"
    "}\n";

static const char add_inputs[] =
    "\n/* The live inputs of a part of a field; the others add nothing and cost a comparison. */\n"
    "static void add_inputs(const layer *l, size_t first, const activation *in, size_t count, drive *sums)\n"
    "{\n"
    "    for (size_t i = 0; i < count; i++)\n"
    "        if (in[i] > 0) {\n";

/* How one live input is added, by the form of the layer's connections. */
static void put_forms(const bc_needs *n, FILE *to)
{
    const char *row = "first + i";
    if (n->lists && n->rows)
        fputs("            if (l->starts != NULL)\n                add_list(l, first + i, in[i], sums);\n"
              "            else\n    ",
              to);
    else if (n->lists)
        fputs("            add_list(l, first + i, in[i], sums);\n", to);
    if (n->packed) {
        fputs("            if (l->rows == NULL)\n    ", to);
        fprintf(to, "            %sadd_row(l, first + i, in[i], sums);\n", n->lists ? "    " : "");
        fputs("            else if (l->rows[first + i] != NO_ROW)\n    ", to);
        row = "l->rows[first + i]";
    }
    if (n->rows)
        fprintf(to, "            add_row(l, %s, in[i], sums);\n", row);
}

static void put_rows(const bc_source *s, const bc_needs *n, FILE *to)
{
    if (n->codes) {
        fputs(coded_row, to);
        fputs(n->bounds ? "add_levels" : "add_row", to);
        fputs(coded_row_body, to);
    }
    if (!n->bounds)
        return;
    fprintf(to, together, s->whole || n->wide ? "" : " || defined(__clang__)");
    fputs(s->whole ? whole_carried : float_carried, to);
    if (n->wide)
        return;
    fputs(row_head, to);
    if (s->whole)
        fputs(n->codes ? whole_row_of_levels : "", to);
    fputs(s->whole ? whole_row_body : float_row_body, to);
}

void bc_put_connections(const bc_source *s, const bc_needs *n, FILE *to)
{
    fputs(fill, to);
    if (n->rows)
        put_rows(s, n, to);
    if (n->lists)
        fputs(s->whole ? whole_list : n->printed ? printed_list : float_list, to);
    if (!n->rows && !n->lists) /* the one layer learns, and adds up the bounds of its state */
        return;
    if (n->wide) {
        bc_put_wide_rows(s, n, to);
        return;
    }
    fputs(add_inputs, to);
    put_forms(n, to);
    if (n->shared)
        fputs("            if (l->shared)\n                sums[l->count] += in[i];\n", to);
    fputs("        }\n}\n", to);
}

/* ---- firing: equations (3) and (4) ---- */

static const char whole_fire_head[] = "\n/* A sum, through drive and level, as an activation: for every sum the byte "
                                      "that floats make of it.  (3), (4) */\n"
                                      "static activation fire_one(const layer *l, const IN_FLASH ramp *r, drive sum)\n"
                                      "{\n"
                                      "    if (sum < r->first)\n"
                                      "        return 0;\n"
                                      "    const uint32_t above = (uint32_t)sum - (uint32_t)r->first;\n"
                                      "    if (above >= r->span)\n"
                                      "        return r->most;\n";

static const char whole_fire_odd[] = "    for (uint16_t i = r->odd_from; i < r->odd_end; i++)\n"
                                     "        if (l->odd_above[i] == above)\n"
                                     "            return l->odd_bytes[i];\n";

static const char whole_fire[] =
    "    return (activation)(r->base + (uint8_t)(((uint64_t)above * r->slope + r->start) >> l->bits));\n"
    "}\n"
    "\nstatic void fire(const layer *l, const drive *x, activation *out)\n"
    "{\n"
    "    for (size_t k = 0; k < l->count; k++)\n"
    "        out[k] = fire_one(l, l->ramps + k * l->step, x[k]);\n"
    "}\n";

/* `learned`: the thresholds are those of a state, and the function has another name. */
static void put_float_fire(const bc_needs *n, bool learned, FILE *to)
{
    fputs("\n/* Sums become drives x = gamma sum, and drives activations: y = clamp((x - theta)/(1 - theta), 0, 1), o "
          "= s y;\n"
          " * with homeostasis x = gain sum - theta, y = clamp(x, 0, 1).                                   (3), (4), "
          "(26) */\n",
          to);
    fputs(learned ? "static void fire_state(const layer *l, const float *thetas, drive *x, activation *out)\n{\n"
                  : "static void fire(const layer *l, drive *x, activation *out)\n{\n",
          to);
    fputs(n->shared ? "    const float all = x[l->count];\n"
                      "    const float gamma = !l->shared ? l->gamma : all > 0.0f ? l->gamma / all : 0.0f;\n"
                    : "    const float gamma = l->gamma;\n",
          to);
    fprintf(to,
            "    for (size_t k = 0; k < l->count; k++) {\n"
            "        const float theta = %s;\n        float y;\n",
            learned ? "thetas[k]" : "l->thetas[k * l->step]");
    if (n->homeostasis)
        fputs("        if (l->gains != NULL) {\n            x[k] = x[k] * l->gains[k] - theta;\n            y = x[k];\n"
              "        } else {\n            x[k] *= gamma;\n",
              to);
    else
        fputs("        x[k] *= gamma;\n", to);
    const char *in = n->homeostasis ? "            " : "        ";
    if (n->printed)
        fprintf(to, "%sy = (x[k] - theta) / (1.0f - theta);\n", in);
    else if (n->ramp || !n->logistic || n->formula)
        fprintf(to, "%sy = (x[k] - theta) * (1.0f / (1.0f - theta));\n", in);
    if (n->logistic && (n->ramp || n->formula))
        fprintf(to, "%sif (l->steepness > 0.0f)\n%s    y = logistic((x[k] - theta) * l->steepness);\n", in, in);
    else if (n->logistic)
        fprintf(to, "%sy = logistic((x[k] - theta) * l->steepness);\n", in);
    if (n->formula)
        fprintf(to, "%sif (l->level != NULL)\n%s    y = l->level(x[k], theta);\n", in, in);
    if (n->homeostasis)
        fputs("        }\n", to);
    fputs("        y = y > 0.0f ? y : 0.0f;\n        out[k] = (y < 1.0f ? y : 1.0f) * l->range;\n    }\n}\n", to);
}

void bc_put_firing(const bc_source *s, const bc_needs *n, FILE *to)
{
    if (!s->whole) {
        if (n->fires)
            put_float_fire(n, false, to);
        if (s->learning.thetas)
            put_float_fire(n, true, to);
        return;
    }
    if (!n->fires)
        return;
    fputs(whole_fire_head, to);
    if (n->odd)
        fputs(whole_fire_odd, to);
    fputs(whole_fire, to);
}
