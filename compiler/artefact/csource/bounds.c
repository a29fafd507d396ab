#include "artefact/csource/bounds.h"

#include <math.h>
#include <stdlib.h>

#include "artefact/csource/learners.h"
#include "artefact/csource/table.h"
#include "plan/inputs.h"
#include "plan/numbers.h"

enum { SILENT = 255 };

static uint64_t count_of(const bc_source_layer *layer)
{
    return (uint64_t)layer->layer->inputs * layer->layer->neurons;
}

static bool printed(const bc_source *s)
{
    return s->program->rule == BT_RULE_PRINTED;
}

/* What no activation up to s makes live, and what reads nothing. */
static bool is_silent(const bc_source *s, const bc_source_layer *layer, uint64_t at)
{
    if (layer->bounds.silent_inputs[at / layer->layer->neurons])
        return true;
    if (layer->bounds.alphas)
        return layer->bounds.alphas[at] == SILENT;
    return bc_never_live(layer->layer, printed(s) ? BR_BOUND_ALPHA : BR_BOUND_V, layer->bounds.w[at]);
}

static uint64_t index_bytes(const bc_source_layer *layer)
{
    return layer->layer->neurons <= 256 ? 1 : 2;
}

uint64_t bc_bounds_row(const bc_source *s, const bc_source_layer *layer)
{
    uint64_t neurons = layer->layer->neurons;
    return layer->bounds.codes ? (neurons + 1) / 2 : neurons * (s->whole ? 2 : 4);
}

/* Rows take a vector's work for every connection of a live input, lists a step for every live connection. Where alpha_max
 * is below the range, or as printed, only lists know a connection's sign at 0. In 4 bits, no list is smaller. */
static void choose_form(const bc_source *s, bc_source_layer *layer)
{
    bc_bounds *b = &layer->bounds;
    uint64_t each = s->whole ? 2 : 4, left = count_of(layer) - b->silent;
    uint64_t row = bc_bounds_row(s, layer), rows = row * layer->layer->inputs;
    uint64_t lists = left * (each + index_bytes(layer)) + (layer->layer->inputs + 1ull) * sizeof(uint32_t);
    uint64_t packed = b->kept * row + layer->layer->inputs * sizeof(uint16_t);
    bool wide = s->speed && layer->layer->kind == BT_LAYER_CONV; /* whole rows in the order of places */
    b->packed = packed < rows && layer->layer->inputs < UINT16_MAX && !wide;
    rows = b->packed ? packed : rows;
    if (bc_learns(s, (uint32_t)(layer - s->layers))) { /* in RAM, where silent connections learn, too */
        b->packed = b->listed = false;
        b->bytes = count_of(layer) * sizeof *b->w;
        return;
    }
    bool signs = !s->whole && (printed(s) || layer->layer->alpha_max < layer->layer->range_in);
    b->listed = signs || (lists < rows && !b->codes && !s->speed);
    b->packed = b->packed && !b->listed;
    b->bytes = (b->listed ? lists : rows) + (b->codes ? 2 * BR_LEVELS : 0);
}

static int by_key(const void *a, const void *b)
{
    const bc_listed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->neuron < y->neuron ? -1 : x->neuron > y->neuron;
}

static int sort(const bc_source *s, bc_source_layer *layer, br_error *error)
{
    uint32_t inputs = layer->layer->inputs, neurons = layer->layer->neurons, used = 0;
    bc_bounds *b = &layer->bounds;
    b->list = calloc(count_of(layer) - b->silent + 1, sizeof *b->list);
    b->starts = calloc(inputs + 1ull, sizeof *b->starts);
    if (!b->list || !b->starts)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the connections of layer %s", layer->layer->name);
    for (uint32_t i = 0; i < inputs; i++) {
        b->starts[i] = used;
        for (uint32_t k = 0; k < neurons; k++) {
            uint64_t at = (uint64_t)i * neurons + k;
            if (is_silent(s, layer, at))
                continue;
            float w = s->whole ? b->alphas[at] : fabsf(b->w[at]);
            bool grows = s->whole || printed(s);
            b->list[used++] = (bc_listed){k, !grows || (printed(s) && w > 1) ? -w : w}; /* alphas above 1 come first */
        }
        qsort(b->list + b->starts[i], used - b->starts[i], sizeof *b->list, by_key);
    }
    b->starts[inputs] = used;
    return 0;
}

/* The alphas and slopes of a layer in whole numbers, and in 4 bits its levels. */
static int take_quanta(const bc_source *s, uint32_t index, bc_bounds *b, uint64_t count, br_error *error)
{
    const br_levels *levels = br_quantised_levels(s->quantised, index);
    b->alphas = malloc(count);
    b->slopes = malloc(count);
    b->codes = levels ? malloc(count) : NULL;
    if (!b->alphas || !b->slopes || (levels && !b->codes))
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the bounds of layer %s", s->layers[index].layer->name);
    if (levels) {
        b->levels = *levels;
        br_quantised_codes(s->quantised, index, b->codes);
    }
    return br_quantised_bounds(s->quantised, index, b->alphas, b->slopes, error);
}

int bc_bounds_new(bc_source *s, const br_network *network, uint32_t index, br_error *error)
{
    bc_source_layer *layer = &s->layers[index];
    bc_bounds *b = &layer->bounds;
    uint64_t count = count_of(layer);
    bool whole = s->whole && !bc_learns(s, index); /* what learns is finer than bytes */
    int status = 0;
    b->w = malloc(count * sizeof *b->w);
    b->silent_inputs = calloc(layer->layer->inputs, sizeof *b->silent_inputs);
    if (!b->w || !b->silent_inputs)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the bounds of layer %s", layer->layer->name);
    layer->calibration = br_network_state(network, index, b->w, layer->theta, layer->conscience);
    if (whole) {
        free(b->w);
        b->w = NULL;
        status = take_quanta(s, index, b, count, error);
    }
    for (uint64_t i = 0; status == 0 && i < layer->layer->inputs; i++) {
        uint64_t before = b->silent;
        b->silent_inputs[i] = bc_is_unlit(s->program, layer->layer, s->lit, i);
        for (uint32_t k = 0; k < layer->layer->neurons; k++)
            b->silent += is_silent(s, layer, i * layer->layer->neurons + k);
        b->silent_inputs[i] = b->silent - before == layer->layer->neurons;
        b->kept += !b->silent_inputs[i];
    }
    choose_form(s, layer);
    return status == 0 && b->listed ? sort(s, layer, error) : status;
}

void bc_bounds_free(bc_bounds *bounds)
{
    free(bounds->alphas);
    free(bounds->slopes);
    free(bounds->codes);
    free(bounds->w);
    free(bounds->silent_inputs);
    free(bounds->list);
    free(bounds->starts);
}

void bc_bounds_range(const bc_source_layer *layer, uint32_t k, int32_t *low, int32_t *high)
{
    *low = *high = 0;
    for (uint64_t i = 0; i < layer->layer->inputs; i++) {
        uint64_t at = i * layer->layer->neurons + k;
        int32_t most = (SILENT - layer->bounds.alphas[at]) * layer->bounds.slopes[at];
        *(most < 0 ? low : high) += most;
    }
}

uint32_t bc_bounds_together(const bc_source *s)
{
    int32_t most = 1;
    for (uint32_t l = 0; l < s->program->layer_count; l++) {
        const bc_bounds *b = &s->layers[l].bounds;
        for (uint64_t i = 0; b->alphas != NULL && i < count_of(&s->layers[l]); i++) {
            int32_t added = abs((SILENT - b->alphas[i]) * b->slopes[i]);
            most = added > most ? added : most;
        }
    }
    return (uint32_t)(INT16_MAX / most);
}

bool bc_bounds_narrow(const bc_source *s)
{
    for (uint32_t i = 0; i < s->program->layer_count; i++)
        if (s->layers[i].bounds.listed && s->layers[i].layer->neurons > 256)
            return false;
    return true;
}

/* ---- tables ---- */

/* A bound that is 0 keeps its sign in C, where -0 < 0 is false, as a number too small to count. */
static float signed_bound(float w)
{
    return w != 0 ? w : signbit(w) ? -1e-30f : 1e-30f;
}

typedef enum column { ALPHAS, SLOPES, BOUNDS, NEURONS } column;

static void put_list(const bc_source_layer *layer, column what, bc_table *t)
{
    const bc_bounds *b = &layer->bounds;
    for (uint32_t i = 0; i < layer->layer->inputs; i++)
        for (uint32_t n = b->starts[i]; n < b->starts[i + 1]; n++) {
            uint32_t k = b->list[n].neuron;
            uint64_t at = (uint64_t)i * layer->layer->neurons + k;
            if (what == BOUNDS)
                bc_table_float(t, signed_bound(b->w[at]));
            else
                bc_table_int(t, what == NEURONS ? (int64_t)k : what == ALPHAS ? b->alphas[at] : b->slopes[at]);
        }
}

static void lists_tables(const bc_source *s, const bc_source_layer *layer, FILE *to)
{
    uint64_t left = count_of(layer) - layer->bounds.silent;
    const char *name = layer->layer->name;
    static const column whole[] = {ALPHAS, SLOPES, NEURONS}, floats[] = {BOUNDS, NEURONS};
    static const char *const types[] = {"uint8_t", "int8_t", "float", "neuron"};
    static const char *const endings[] = {"alphas", "slopes", "bounds", "neurons"};
    for (int i = 0; i < (s->whole ? 3 : 2); i++) {
        column what = s->whole ? whole[i] : floats[i];
        bc_table t = bc_table_begin(to, types[what], name, endings[what], left ? left : 1);
        put_list(layer, what, &t);
        bc_table_end(&t);
    }
    bc_table t = bc_table_begin(to, "uint32_t", name, "starts", layer->layer->inputs + 1ull);
    for (uint32_t i = 0; i <= layer->layer->inputs; i++)
        bc_table_int(&t, layer->bounds.starts[i]);
    bc_table_end(&t);
}

/* The input whose row is stored as the n-th. By rows of places, an input's connections to the places from left to right
 * follow one another, which are those of its field from right to left. */
static uint64_t row_at(const bc_source_layer *l, uint64_t n)
{
    if (!l->by_rows)
        return n;
    uint64_t width = l->layer->field_width, channels = l->layer->in.channels;
    uint64_t dx = width - 1 - n % width, channel = n / width % channels, dy = n / width / channels;
    return (dy * width + dx) * channels + channel;
}

/* One column of the rows that are kept. */
static void put_rows(const bc_source *s, const bc_source_layer *layer, column what, bc_table *t)
{
    const bc_bounds *b = &layer->bounds;
    uint32_t neurons = layer->layer->neurons;
    for (uint64_t n = 0; n < count_of(layer); n++) {
        uint64_t i = row_at(layer, n / neurons) * neurons + n % neurons;
        if (b->packed && b->silent_inputs[i / neurons])
            continue;
        if (what == BOUNDS)
            bc_table_float(t, bc_learns(s, (uint32_t)(layer - s->layers)) ? signed_bound(b->w[i]) : b->w[i]);
        else
            bc_table_int(t, what == ALPHAS ? b->alphas[i] : b->slopes[i]);
    }
}

/* Codes of the rows that are kept, two in a byte; a row ends with a whole byte. */
static void codes_tables(const bc_source *s, const bc_source_layer *layer, FILE *to)
{
    const bc_bounds *b = &layer->bounds;
    uint32_t neurons = layer->layer->neurons;
    uint64_t rows = b->packed ? b->kept : layer->layer->inputs, row = bc_bounds_row(s, layer);
    bc_table codes = bc_table_begin(to, "uint8_t", layer->layer->name, "codes", rows > 0 ? rows * row : 1);
    for (uint64_t i = 0; i < layer->layer->inputs; i++)
        for (uint32_t k = 0; k < neurons && !(b->packed && b->silent_inputs[i]); k += 2) {
            const uint8_t *two = &b->codes[i * neurons + k];
            bc_table_int(&codes, two[0] | (k + 1 < neurons ? two[1] : 0) << 4);
        }
    bc_table_end(&codes);
    bc_table alphas = bc_table_begin(to, "uint8_t", layer->layer->name, "alphas", BR_LEVELS);
    for (uint32_t l = 0; l < BR_LEVELS; l++)
        bc_table_int(&alphas, b->levels.alphas[l]);
    bc_table_end(&alphas);
    bc_table slopes = bc_table_begin(to, "int8_t", layer->layer->name, "slopes", BR_LEVELS);
    for (uint32_t l = 0; l < BR_LEVELS; l++)
        bc_table_int(&slopes, b->levels.slopes[l]);
    bc_table_end(&slopes);
}

static void rows_tables(const bc_source *s, const bc_source_layer *layer, FILE *to)
{
    static const column columns[] = {BOUNDS, ALPHAS, SLOPES};
    static const char *const types[] = {"float", "uint8_t", "int8_t"}, *const endings[] = {"bounds", "alphas",
                                                                                           "slopes"};
    const bc_bounds *b = &layer->bounds;
    uint64_t rows = b->packed ? b->kept : layer->layer->inputs;
    uint16_t row = 0;
    if (b->codes)
        codes_tables(s, layer, to);
    for (int i = s->whole ? 1 : 0; i < (s->whole ? 3 : 1) && !b->codes; i++) {
        bc_table t =
            bc_table_begin(to, types[i], layer->layer->name, endings[i], rows > 0 ? rows * layer->layer->neurons : 1);
        put_rows(s, layer, columns[i], &t);
        bc_table_end(&t);
    }
    if (!b->packed)
        return;
    bc_table t = bc_table_begin(to, "uint16_t", layer->layer->name, "rows", layer->layer->inputs);
    for (uint64_t i = 0; i < layer->layer->inputs; i++)
        bc_table_int(&t, b->silent_inputs[i] ? UINT16_MAX : row++);
    bc_table_end(&t);
}

void bc_bounds_tables(const bc_source *s, uint32_t index, FILE *to)
{
    const bc_source_layer *layer = &s->layers[index];
    if (layer->bounds.listed)
        lists_tables(s, layer, to);
    else
        rows_tables(s, layer, to);
}
