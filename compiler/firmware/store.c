/* Connections as firmware holds them. Of a list only those connections are walked that carry signal: those of one input
 * lie in the order of their bounds, and the walk ends at the first silent one. */
#include "firmware/store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/codes.h"
#include "plan/inputs.h"
#include "plan/numbers.h"

typedef struct connection {
    uint32_t neuron;
    uint8_t alpha; /* int8 */
    int8_t slope;  /* int8; 0: never carries signal */
    uint8_t code;  /* coded: its level */
    float bound;   /* floats */
    bool silent;
} connection;

typedef struct work {
    const struct bc_firmware *f;
    const bc_layer_plan *plan;
    uint32_t neurons;
    bool learns;
    float *w;        /* floats: [inputs][neurons] */
    uint8_t *alphas; /* int8: [inputs][neurons], in quanta */
    int8_t *slopes;  /* int8: [inputs][neurons] */
    bool *left_out;  /* trimmed: [inputs] */
    uint8_t *codes;  /* coded: [inputs][neurons] */
} work;

static connection connection_of(const work *k, uint64_t input, uint32_t neuron)
{
    connection c = {.neuron = neuron};
    uint64_t at = input * k->neurons + neuron;
    if (k->alphas) {
        c.alpha = k->alphas[at];
        c.slope = k->slopes[at];
        c.silent = c.slope == 0 || c.alpha == UINT8_MAX;
        c.code = k->codes ? k->codes[at] : 0;
        return c;
    }
    c.bound = k->w[at];
    c.silent = bc_never_live(k->plan->layer, k->plan->bound_encoding, c.bound);
    return c;
}

/* Connections that go silent last come first. */
static int by_bound(const void *a, const void *b)
{
    const connection *x = a, *y = b;
    if (x->alpha != y->alpha)
        return x->alpha < y->alpha ? -1 : 1;
    float left = fabsf(x->bound), right = fabsf(y->bound);
    if (left != right)
        return left > right ? -1 : 1;
    return x->neuron < y->neuron ? -1 : x->neuron > y->neuron;
}

/* ---- what is left out ---- */

/* Leaves out the inputs that no sample lights, and those whose connections are all silent unless gamma needs them. */
static int find_runs(work *k, bc_stored *s)
{
    bool shared = k->plan->layer->sum == BT_SUM_SHARED;
    s->rows = s->inputs;
    if (!k->f->options.lit || k->learns || k->plan->layer->kind != BT_LAYER_DENSE)
        return 0;
    s->rows = 0;
    s->runs = malloc(s->inputs * sizeof *s->runs);
    k->left_out = calloc(s->inputs, sizeof *k->left_out);
    if (!s->runs || !k->left_out)
        return -1;
    for (uint64_t i = 0; i < s->inputs; i++) {
        uint64_t silent = 0, at = i;
        for (uint32_t n = 0; n < k->neurons; n++)
            silent += connection_of(k, i, n).silent;
        k->left_out[i] =
            bc_is_unlit(k->f->program, k->plan->layer, k->f->options.lit, i) || (!shared && silent == k->neurons);
        if (k->left_out[i])
            continue;
        uint32_t source = bc_source_of_input(k->f->program, k->plan->layer, &at);
        bc_run *last = s->run_count > 0 ? &s->runs[s->run_count - 1] : NULL;
        if (last && last->source == source && last->from + last->count == at)
            last->count++;
        else
            s->runs[s->run_count++] = (bc_run){source, (uint32_t)at, 1};
        s->rows++;
    }
    s->trimmed = s->rows < s->inputs;
    return 0;
}

/* ---- rows and lists ---- */

static uint64_t list_bytes(const bc_stored *s, uint64_t entries)
{
    uint64_t entry = (s->int8 ? 2 : 4) + (s->wide_targets ? 2 : 1);
    return entries * entry + (s->rows + 1) * (entries > UINT16_MAX ? 4 : 2);
}

static uint64_t row_bytes(const bc_stored *s)
{
    if (s->coded)
        return s->rows * s->pitch / 2 + BR_LEVELS * 2;
    return s->rows * s->pitch * (s->int8 ? 2 : 4);
}

enum { QUAD_GAIN = 3 }; /* Arm's instructions for four bytes take as long for so many connections as a list for one */

/* A list takes longer for a connection than a row, but meets live connections only. Vectors have whole rows, and so have
 * quads unless most connections are silent. So has a layer that learns. */
static bool chooses_list(const struct bc_firmware *f, const bc_stored *s, bool learns)
{
    uint64_t kept = s->connections - s->silent;
    if (learns || s->coded) /* a list of coded bounds would need three bytes for each connection */
        return false;
    if (f->options.speed && f->target.simd == 1 && s->int8 && f->target.quads)
        return QUAD_GAIN * kept < s->connections;
    if (f->options.speed)
        return f->target.simd == 1;
    return list_bytes(s, kept) < row_bytes(s);
}

static int take_arrays(bc_stored *s)
{
    uint64_t entries = s->entries + 1; /* a walk may read the bound behind the last list */
    if (s->coded) {
        s->codes = calloc(entries / 2 + 1, 1);
        return s->codes ? 0 : -1;
    }
    s->alphas = s->int8 ? malloc(entries) : NULL;
    s->slopes = s->int8 ? calloc(entries, 1) : NULL;
    s->bounds = s->int8 ? NULL : calloc(entries, sizeof *s->bounds);
    s->starts = s->listed ? calloc(s->rows + 1, sizeof *s->starts) : NULL;
    s->targets = s->listed ? calloc(entries, sizeof *s->targets) : NULL;
    if (s->alphas)
        memset(s->alphas, UINT8_MAX, entries);
    bool numbers = s->int8 ? s->alphas && s->slopes : s->bounds != NULL;
    return numbers && (!s->listed || (s->starts && s->targets)) ? 0 : -1;
}

static void put(const work *k, bc_stored *s, uint64_t at, const connection *c)
{
    if (s->coded) {
        bc_code_place to = bc_code_place_of(k->f->target.quads, s->pitch, at);
        s->codes[to.byte] |= (uint8_t)(c->code << 4 * to.half);
    } else if (s->int8) {
        s->alphas[at] = c->silent ? UINT8_MAX : c->alpha;
        s->slopes[at] = c->silent ? 0 : c->slope;
    } else {
        s->bounds[at] = c->bound;
    }
    if (s->listed)
        s->targets[at] = c->neuron;
}

static void put_row(const work *k, uint64_t input, uint64_t stored, connection *row, uint64_t *next, bc_stored *s)
{
    uint32_t kept = 0;
    for (uint32_t n = 0; n < k->neurons; n++) {
        connection c = connection_of(k, input, n);
        if (!s->listed)
            put(k, s, stored * s->pitch + n, &c);
        else if (!c.silent)
            row[kept++] = c;
    }
    if (!s->listed)
        return;
    qsort(row, kept, sizeof *row, by_bound);
    s->starts[stored] = (uint32_t)*next;
    for (uint32_t i = 0; i < kept; i++)
        put(k, s, (*next)++, &row[i]);
}

static void count_silent(const work *k, bc_stored *s)
{
    for (uint64_t i = 0; i < s->inputs; i++) {
        uint64_t silent = 0;
        for (uint32_t n = 0; n < k->neurons; n++)
            silent += connection_of(k, i, n).silent;
        s->silent += k->left_out && k->left_out[i] ? k->neurons : silent;
        s->empty += silent == k->neurons;
    }
}

static int store(work *k, bc_stored *s)
{
    s->wide_targets = k->neurons > UINT8_MAX + 1u;
    s->connections = s->inputs * k->neurons;
    if (find_runs(k, s) != 0)
        return -1;
    count_silent(k, s);
    s->listed = chooses_list(k->f, s, k->learns);
    s->entries = s->listed ? s->connections - s->silent : s->rows * s->pitch;
    s->wide_starts = s->entries > UINT16_MAX;
    s->bytes = s->listed ? list_bytes(s, s->entries) : row_bytes(s);
    connection *row = malloc(k->neurons * sizeof *row);
    int status = row ? take_arrays(s) : -1;
    uint64_t next = 0, stored = 0;
    for (uint64_t i = 0; status == 0 && i < s->inputs; i++)
        if (!k->left_out || !k->left_out[i])
            put_row(k, i, stored++, row, &next, s);
    if (status == 0 && s->listed)
        s->starts[s->rows] = (uint32_t)next;
    free(row);
    return status;
}

/* Thresholds and handicaps come with the bounds. */
static int read_state(work *k, const br_network *network, uint32_t layer, bc_small_layer *out, br_error *error)
{
    const bl_layer *l = k->plan->layer;
    k->w = calloc((uint64_t)l->inputs * l->neurons, sizeof *k->w);
    out->theta = calloc(l->neurons, sizeof *out->theta);
    out->scale = calloc(l->neurons, sizeof *out->scale);
    out->conscience = calloc(l->neurons, sizeof *out->conscience);
    if (!k->w || !out->theta || !out->scale || !out->conscience)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the bounds of layer %s", l->name);
    br_network_state(network, layer, k->w, out->theta, out->conscience);
    for (uint32_t n = 0; n < l->neurons; n++)
        out->scale[n] = 1 / (1 - out->theta[n]);
    br_network_gains(network, layer, out->scale);
    if (!out->int8)
        return 0;
    k->alphas = malloc((uint64_t)l->inputs * l->neurons);
    k->slopes = malloc((uint64_t)l->inputs * l->neurons);
    if (!k->alphas || !k->slopes)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the bounds of layer %s", l->name);
    if (out->stored.coded) {
        k->codes = malloc((uint64_t)l->inputs * l->neurons);
        if (!k->codes)
            return br_fail(error, BR_ERROR_FAULT, "out of memory for the bounds of layer %s", l->name);
        br_quantised_codes(k->f->quantised, layer, k->codes);
    }
    return br_quantised_bounds(k->f->quantised, layer, k->alphas, k->slopes, error);
}

int bc_store_new(const struct bc_firmware *f, const br_network *network, uint32_t layer, bc_small_layer *out,
                 br_error *error)
{
    work k = {.f = f, .plan = out->plan, .neurons = out->layer->neurons, .learns = out->learns};
    bc_stored *stored = &out->stored;
    uint32_t simd = out->learns ? 1 : f->target.simd; /* the rows of a state have no padding */
    *stored = (bc_stored){.int8 = out->int8, .inputs = out->layer->inputs};
    const br_levels *levels = out->int8 ? br_quantised_levels(f->quantised, layer) : NULL;
    if (levels) {
        stored->coded = true;
        stored->levels = *levels;
        simd = simd > 2 ? simd : 2;
    }
    stored->pitch = (k.neurons + simd - 1) / simd * simd;
    int status = read_state(&k, network, layer, out, error);
    if (status == 0 && store(&k, stored) != 0)
        status = br_fail(error, BR_ERROR_FAULT, "out of memory for the bounds of layer %s", out->layer->name);
    free(k.w);
    free(k.alphas);
    free(k.slopes);
    free(k.left_out);
    free(k.codes);
    return status;
}

void bc_store_free(bc_small_layer *layer)
{
    free(layer->stored.alphas);
    free(layer->stored.slopes);
    free(layer->stored.codes);
    free(layer->stored.bounds);
    free(layer->stored.starts);
    free(layer->stored.targets);
    free(layer->stored.runs);
    free(layer->theta);
    free(layer->scale);
    free(layer->conscience);
}
