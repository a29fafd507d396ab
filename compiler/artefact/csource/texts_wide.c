/* The C text of `--optimise=speed`: live inputs are gathered first, several are added in one pass over the sums, and a
 * convolution makes the sums of a row of places together. In loops of known length compilers find their vectors. */
#include "artefact/csource/bounds.h"
#include "artefact/csource/texts.h"

enum {
    MOST = 3 /* inputs at once: with more, vectors do not fit into the registers of x86-64 */
};

/* ---- what live inputs add: equations (1) and (2) ---- */

static const char live_type[] = "\n/* So many live inputs are added at once. */\n"
                                "#define GROUP %u\n"
                                "/* And so many, a multiple of GROUP, are gathered before. */\n"
                                "#define GATHERED 48\n"
                                "\n/* Live inputs: where the connections of each begin, and its activation. */\n"
                                "typedef struct live {\n"
                                "    size_t at[GATHERED];\n"
                                "    activation o[GATHERED];\n"
                                "} live;\n"
                                "\n/* Takes an input as the next one, and gives the number of live ones: without a "
                                "branch, which no processor could\n"
                                " * foresee. */\n"
                                "static size_t gather(live *some, size_t count, size_t at, activation o)\n"
                                "{\n"
                                "    some->at[count] = at;\n"
                                "    some->o[count] = o;\n"
                                "    return count + (o > 0);\n"
                                "}\n";

/* The sum of what `inputs` of them carry to neuron k. */
static void put_carried(const bc_source *s, uint32_t inputs, FILE *to)
{
    for (uint32_t i = 0; i < inputs; i++) {
        fputs(i > 0 || !s->whole ? " + " : "", to);
        fprintf(to, s->whole ? "carried(o%u, alphas%u[k], slopes%u[k])" : "carried(q%u, t%u, bounds%u[k])", i, i, i);
    }
}

static void put_inputs(const bc_source *s, uint32_t inputs, FILE *to)
{
    for (uint32_t i = 0; i < inputs; i++)
        fprintf(to,
                s->whole ? "    const IN_FLASH uint8_t *alphas%u = l->alphas + at[%u];\n"
                           "    const IN_FLASH int8_t *slopes%u = l->slopes + at[%u];\n"
                           "    const activation o%u = o[%u];\n"
                         : "    const IN_FLASH float *bounds%u = l->bounds + at[%u];\n"
                           "    const float q%u = 1.0f - o[%u], t%u = l->a_max - 1.0f / q%u;\n",
                i, i, i, i, i, i);
}

static void put_next(const bc_source *s, uint32_t inputs, FILE *to)
{
    for (uint32_t i = 0; i < inputs; i++)
        fprintf(to,
                s->whole ? "        alphas%u += TOGETHER;\n        slopes%u += TOGETHER;\n"
                         : "        bounds%u += TOGETHER;\n",
                i, i);
}

/* TOGETHER sums. In 8 bits, what the inputs add fits into 16 bits. clang makes vectors of 16 bits of it only if it has a
 * loop of its own, from which gcc with AVX makes slower ones. */
static void put_block(const bc_source *s, uint32_t inputs, FILE *to)
{
    if (s->whole) {
        fputs("#if defined(__clang__)\n        int16_t added[TOGETHER];\n"
              "        for (size_t k = 0; k < TOGETHER; k++)\n            added[k] = (int16_t)(",
              to);
        put_carried(s, inputs, to);
        fputs(");\n        for (size_t k = 0; k < TOGETHER; k++)\n            sums[k] += added[k];\n#else\n", to);
    }
    fputs("        for (size_t k = 0; k < TOGETHER; k++)\n            sums[k] ", to);
    fputs(s->whole ? "+= (int16_t)(" : "= sums[k]", to);
    put_carried(s, inputs, to);
    fputs(s->whole ? ");\n#endif\n" : ";\n", to);
}

/* A function that adds this many live inputs to `left` sums. */
static void put_adder(const bc_source *s, const char *name, uint32_t inputs, FILE *to)
{
    fprintf(to,
            "\nstatic void %s(const layer *l, const size_t *at, const activation *o, size_t left, drive *ONLY sums)\n"
            "{\n",
            name);
    put_inputs(s, inputs, to);
    fputs("    for (; left >= TOGETHER; left -= TOGETHER) {\n", to);
    put_block(s, inputs, to);
    put_next(s, inputs, to);
    fputs("        sums += TOGETHER;\n    }\n    for (size_t k = 0; k < left; k++)\n", to);
    fputs(s->whole ? "        sums[k] += " : "        sums[k] = sums[k]", to);
    put_carried(s, inputs, to);
    fputs(";\n}\n", to);
}

static const char add_live[] =
    "\n/* Adds all gathered inputs to `left` sums. */\n"
    "static void add_live(const layer *l, const live *some, size_t count, size_t left, drive *ONLY sums)\n"
    "{\n"
    "    const size_t *at = some->at;\n"
    "    const activation *o = some->o;\n"
    "    for (; count >= GROUP; count -= GROUP, at += GROUP, o += GROUP)\n"
    "        add_group(l, at, o, left, sums);\n"
    "    for (; count > 0; count--, at++, o++)\n"
    "        add_one(l, at, o, left, sums);\n"
    "}\n";

static const char inputs_head[] =
    "\n/* The live inputs of a part of a field. */\n"
    "static void add_inputs(const layer *l, size_t first, const activation *in, size_t count, drive *ONLY sums)\n"
    "{\n";

static const char inputs_listed[] = "    if (l->starts != NULL) {\n"
                                    "        for (size_t i = 0; i < count; i++)\n"
                                    "            if (in[i] > 0)\n"
                                    "                add_list(l, first + i, in[i], sums);\n"
                                    "        return;\n"
                                    "    }\n";

static const char inputs_begin[] = "    live some;\n"
                                   "    size_t found = 0;\n"
                                   "    for (size_t i = 0; i < count; i++) {\n";

static const char inputs_packed[] =
    "        const size_t row = l->rows != NULL ? l->rows[first + i] : first + i;\n"
    "        found = gather(&some, found, row * l->count, l->rows != NULL && row == NO_ROW ? 0 : in[i]);\n";

static const char inputs_rows[] = "        found = gather(&some, found, (first + i) * l->count, in[i]);\n";

static const char inputs_end[] = "        if (found == GATHERED) {\n"
                                 "            add_live(l, &some, found, l->count, sums);\n"
                                 "            found = 0;\n"
                                 "        }\n"
                                 "    }\n"
                                 "    add_live(l, &some, found, l->count, sums);\n"
                                 "}\n";

void bc_put_wide_rows(const bc_source *s, const bc_needs *n, FILE *to)
{
    uint32_t group = s->whole ? bc_bounds_together(s) : MOST;
    group = group > MOST ? MOST : group;
    fprintf(to, live_type, group);
    put_adder(s, "add_one", 1, to);
    put_adder(s, "add_group", group, to);
    fputs(add_live, to);
    if (!n->dense && !n->conv && !n->pooled)
        return;
    fputs(inputs_head, to);
    fputs(n->lists ? inputs_listed : "", to);
    fputs(inputs_begin, to);
    fputs(n->packed ? inputs_packed : inputs_rows, to);
    fputs(inputs_end, to);
}

/* ---- convolutions ---- */

static const char add_places[] =
    "\n/* The sums of row y of `places` places. The places that read an input lie side by side, and so do its\n"
    " * connections to them. Inputs of one column, from rows `top` to `bottom` of the fields, reach the same places. "
    "*/\n"
    "static void add_places(const convolution *c, const source *from, size_t y, size_t places, drive *sums)\n"
    "{\n"
    "    const size_t count = c->filters.count, back = c->field_width - 1, below = c->pad_top + c->height - y;\n"
    "    const size_t top = y < c->pad_top ? c->pad_top - y : 0;\n"
    "    const size_t bottom = below < c->field_height ? below : c->field_height;\n"
    "    const size_t row = c->width * c->channels;\n"
    "    const activation *column = from->map + (y + top - c->pad_top) * row;\n"
    "    fill(sums, places * count, 0);\n"
    "    for (size_t x = 0; x < c->width; x++, column += c->channels) {\n"
    "        const size_t last = x + c->pad_left, end = last < places ? last + 1 : places;\n"
    "        const size_t first = last > back ? last - back : 0, skip = first + back - last;\n"
    "        const activation *in = column;\n"
    "        size_t found = 0;\n"
    "        live some;\n"
    "        if (first >= end)\n"
    "            return;\n"
    "        for (size_t dy = top; dy < bottom; dy++, in += row) {\n"
    "            size_t at = (dy * c->channels * c->field_width + skip) * count;\n"
    "            for (size_t n = 0; n < c->channels; n++, at += c->field_width * count) {\n"
    "                found = gather(&some, found, at, in[n]);\n"
    "                if (found == GATHERED) {\n"
    "                    add_live(&c->filters, &some, found, (end - first) * count, sums + first * count);\n"
    "                    found = 0;\n"
    "                }\n"
    "            }\n"
    "        }\n"
    "        add_live(&c->filters, &some, found, (end - first) * count, sums + first * count);\n"
    "    }\n"
    "}\n";

static const char convolve_rows[] =
    "\n/* All places of a convolution, row by row. Its drives are kept in `kept`, unless that is NULL. */\n"
    "static void convolve_rows(const convolution *c, const source *from, drive *sums, drive *kept, activation *out)\n"
    "{\n"
    "    const size_t count = c->filters.count, width = c->out_width * count;\n"
    "    for (size_t y = 0; y < c->out_height; y++) {\n"
    "        drive *row = kept != NULL ? kept + y * width : sums;\n"
    "        add_places(c, from, y, c->out_width, row);\n"
    "        for (size_t at = 0; at < width; at += count)\n"
    "            fire(&c->filters, row + at, out + y * width + at);\n"
    "    }\n"
    "}\n";

static const char convolve_rows_pooled[] =
    "\nstatic void keep_largest(drive *ONLY largest, const drive *ONLY sums, size_t left)\n"
    "{\n"
    "    for (; left >= TOGETHER; left -= TOGETHER) {\n"
    "        for (size_t k = 0; k < TOGETHER; k++)\n"
    "            largest[k] = sums[k] > largest[k] ? sums[k] : largest[k];\n"
    "        largest += TOGETHER;\n"
    "        sums += TOGETHER;\n"
    "    }\n"
    "    for (size_t k = 0; k < left; k++)\n"
    "        largest[k] = sums[k] > largest[k] ? sums[k] : largest[k];\n"
    "}\n"
    "\n/* A convolution with the pool(max) behind it, row by row. An activation grows with its sum, so the largest sum "
    "of\n"
    " * a window gives its largest activation, and only that is made. */\n"
    "static void convolve_rows_pooled(const convolution *c, const source *from, drive *sums, drive *largest,\n"
    "                                 activation *out)\n"
    "{\n"
    "    const size_t count = c->filters.count, width = c->out_width * count;\n"
    "    const size_t places = (c->out_width - 1) * c->step + c->columns;\n"
    "    for (size_t y = 0; y < c->out_height; y++) {\n"
    "        fill(largest, width, LEAST_DRIVE);\n"
    "        for (size_t dy = 0; dy < c->rows; dy++) {\n"
    "            add_places(c, from, y * c->step + dy, places, sums);\n"
    "            for (size_t x = 0; x < c->out_width; x++)\n"
    "                for (size_t dx = 0; dx < c->columns; dx++)\n"
    "                    keep_largest(largest + x * count, sums + (x * c->step + dx) * count, count);\n"
    "        }\n"
    "        for (size_t at = 0; at < width; at += count)\n"
    "            fire(&c->filters, largest + at, out + y * width + at);\n"
    "    }\n"
    "}\n";

void bc_put_wide_layers(const bc_needs *n, FILE *to)
{
    if (n->row_conv || n->row_pooled)
        fputs(add_places, to);
    if (n->row_conv)
        fputs(convolve_rows, to);
    if (n->row_pooled)
        fputs(convolve_rows_pooled, to);
}
