/* Chooses the bounds that an artefact stores. A connection is silent for every input if |w| <= t(s), the lowest
 * threshold of any input, or if the neuron that it reads never fires. Rows with no other connections are not stored.
 * Silent connections add exactly 0, so results do not change. */
#include "artefact/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernel.h"
#include "plan/numbers.h"

/* The layer that is being stored. */
typedef struct work {
    const bc_plan *plan;
    const bc_layer_plan *layer;
    const bc_weights *all; /* weights of all layers; the layers below are done */
    uint32_t neurons;
    uint64_t inputs;
    float *w; /* [inputs][neurons] */
} work;

/* Whether value `channel` of a source is 0 for every input. */
static bool source_never(const work *k, uint32_t source, uint64_t channel)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the layers below are done */
    return source != BT_INPUT && k->all[source].never_fires[channel];
}

static uint32_t source_channels(const work *k, uint32_t source)
{
    return source == BT_INPUT ? k->plan->program->input.encoded.channels : k->plan->layers[source].out.channels;
}

static uint64_t source_places(const work *k, uint32_t source)
{
    const bt_shape *input = &k->plan->program->input.encoded;
    const br_map *map = source == BT_INPUT ? NULL : &k->plan->layers[source].out;
    return map ? br_map_places(*map) : (uint64_t)input->height * input->width;
}

/* The sources of a dense layer lie end to end. Those of other layers lie side by side along the channels. */
static bool reads_nothing(const work *k, uint64_t input)
{
    const bl_layer *layer = k->layer->layer;
    bool flat = layer->kind == BT_LAYER_DENSE;
    uint64_t at = flat ? input : input % k->layer->in.channels;
    for (uint32_t i = 0; i < layer->source_count; i++) {
        uint64_t channels = source_channels(k, layer->sources[i]);
        uint64_t values = flat ? channels * source_places(k, layer->sources[i]) : channels;
        if (at < values)
            return source_never(k, layer->sources[i], at % channels);
        at -= values;
    }
    return false;
}

static bool is_silent(const work *k, float w)
{
    return bc_never_live(k->layer->layer, k->layer->bound_encoding, w);
}

static uint64_t row_of(const work *k, uint64_t input)
{
    return input / k->layer->in.channels * k->layer->in.pitch + input % k->layer->in.channels;
}

/* Counts silent connections and finds the rows that hold others. A neuron without a live excitatory connection never
 * fires. */
static void judge(const work *k, bool *kept, bc_weights *out)
{
    const bl_layer *layer = k->layer->layer;
    bool ramp = layer->fire == BT_FIRE_RAMP && layer->depress_count == 0 && k->layer->bound_encoding == BR_BOUND_V;
    memset(out->never_fires, ramp, k->neurons * sizeof *out->never_fires);
    for (uint64_t i = 0; i < k->inputs; i++) {
        bool nothing = reads_nothing(k, i);
        for (uint32_t n = 0; n < k->neurons; n++) {
            float *w = &k->w[i * k->neurons + n];
            if (nothing || is_silent(k, *w)) {
                out->facts.silent++;
                continue;
            }
            kept[row_of(k, i)] = true;
            if (!signbit(*w)) /* alpha_max is stored as 0 with the sign; below s it is live */
                out->never_fires[n] = false;
        }
    }
    for (uint32_t n = 0; layer->homeostasis && n < k->neurons; n++)
        out->never_fires[n] &= out->theta[n] >= 0; /* its drive is gain sum - theta */
    for (uint32_t n = 0; n < k->neurons; n++)
        out->facts.never_fires += out->never_fires[n];
}

/* Whether so few connections are left that a list of them is faster than whole rows. A list processes connections one
 * by one, a row by vectors. The limits were measured (docs/design/build.md). */
static bool lists_entries(const work *k, uint64_t left)
{
    static const struct {
        uint32_t lanes;
        double share;
    } equal[] = {{16, 0.05}, {8, 0.09}, {4, 0.2}};
    if (k->layer->bound_encoding != BR_BOUND_V)
        return false;
    for (size_t i = 0; i < sizeof equal / sizeof *equal; i++)
        if (k->layer->lanes == equal[i].lanes)
            return (double)left < equal[i].share * (double)(k->inputs * k->neurons);
    return false;
}

static int list_entries(const work *k, uint64_t left, bc_weights *out)
{
    uint64_t rows = k->layer->rows, at = 0;
    out->bounds = calloc(left ? left : 1, sizeof *out->bounds);
    out->targets = calloc(left ? left : 1, sizeof *out->targets);
    out->starts = calloc(rows + 1, sizeof *out->starts);
    if (!out->bounds || !out->targets || !out->starts)
        return -1;
    for (uint64_t i = 0, row = 0; i < k->inputs; i++) {
        for (; row <= row_of(k, i); row++) /* rows of padding have no entries */
            out->starts[row] = (uint32_t)at;
        bool nothing = reads_nothing(k, i);
        for (uint32_t n = 0; n < k->neurons; n++) {
            float w = k->w[i * k->neurons + n];
            if (nothing || is_silent(k, w))
                continue;
            out->bounds[at] = w;
            out->targets[at++] = n;
        }
    }
    for (uint64_t row = row_of(k, k->inputs - 1) + 1; row <= rows; row++)
        out->starts[row] = (uint32_t)at;
    out->bounds_count = left;
    out->facts.bytes = left * (sizeof(float) + sizeof(uint32_t)) + (rows + 1) * sizeof(uint32_t);
    return 0;
}

/* Stored rows move together if that saves more than a sixteenth of the memory. Every event then looks up its row in a
 * table. */
static int pack_rows(const work *k, const bool *kept, uint64_t left, bc_weights *out)
{
    uint64_t rows = k->layer->rows, stride = k->layer->pitch;
    bool packs = (rows - left) * stride > rows + rows * stride / 16;
    uint64_t stored = packs ? left : rows;
    out->bounds = calloc(stored > 0 ? stored : 1, stride * sizeof *out->bounds);
    out->table = packs ? malloc(rows * sizeof *out->table) : NULL;
    if (!out->bounds || (packs && !out->table))
        return -1;
    uint32_t next = 0;
    for (uint64_t r = 0; packs && r < rows; r++)
        out->table[r] = kept[r] ? next++ : BC_ROW_DROPPED;
    for (uint64_t i = 0; i < k->inputs; i++) {
        uint64_t row = row_of(k, i), to = packs ? out->table[row] : row;
        if (!packs || kept[row])
            memcpy(out->bounds + to * stride, k->w + i * k->neurons, k->neurons * sizeof *k->w);
    }
    out->bounds_count = stored * stride;
    out->facts.dropped = packs ? out->facts.dropped : 0;
    out->facts.bytes = stored * stride * sizeof(float) + (packs ? rows * sizeof *out->table : 0);
    return 0;
}

static int pack(const work *k, const bool *kept, bc_weights *out)
{
    uint64_t rows = k->layer->rows, left = 0;
    for (uint64_t r = 0; r < rows; r++)
        left += kept[r];
    out->facts.rows = k->inputs; /* without rows of padding */
    out->facts.dropped = k->inputs - left;
    out->facts.bytes_whole = rows * k->layer->pitch * sizeof(float);
    out->facts.listed = lists_entries(k, out->facts.connections - out->facts.silent);
    return out->facts.listed ? list_entries(k, out->facts.connections - out->facts.silent, out)
                             : pack_rows(k, kept, left, out);
}

static int weigh(work *k, const br_network *network, uint32_t index, bc_weights *out)
{
    k->inputs = k->layer->layer->inputs;
    k->neurons = k->layer->layer->neurons;
    k->w = calloc(k->inputs * k->neurons, sizeof *k->w);
    bool *kept = calloc(k->layer->rows, sizeof *kept);
    out->never_fires = calloc(k->neurons, sizeof *out->never_fires);
    out->theta = calloc(2ull * k->layer->pitch, sizeof *out->theta);
    out->conscience = calloc(k->layer->pitch, sizeof *out->conscience);
    int status = k->w && kept && out->never_fires && out->theta && out->conscience ? 0 : -1;
    if (status == 0) {
        br_network_state(network, index, k->w, out->theta, out->conscience);
        br_network_gains(network, index, out->theta + k->layer->pitch);
        out->facts.connections = k->inputs * k->neurons;
        out->facts.neurons = k->neurons;
        judge(k, kept, out);
        status = pack(k, kept, out);
    }
    free(k->w);
    free(kept);
    return status;
}

/* Where a neuron stands that no connection reaches: for the functions that tell why. */
static int find_silent(const br_network *network, const bc_layer_plan *layer, uint32_t index, bc_weights *out,
                       br_error *error)
{
    bt_fire fire = layer->layer->fire;
    if (layer->layer->kind == BT_LAYER_POOL || (fire != BT_FIRE_LOGISTIC && fire != BT_FIRE_FORMULA))
        return 0;
    out->silent = calloc(layer->layer->neurons, sizeof *out->silent);
    return out->silent ? br_why_silent(network, index, out->silent, error) : -1;
}

/* A pool has no bounds. If a channel of its input is 0 for every input, its output is too. */
static int weigh_pool(const work *k, const br_network *network, uint32_t index, bc_weights *out)
{
    uint32_t channels = k->layer->out.channels;
    out->calibration = br_network_state(network, index, NULL, NULL, NULL);
    out->never_fires = calloc(channels, sizeof *out->never_fires);
    for (uint32_t c = 0; out->never_fires && c < channels; c++)
        out->never_fires[c] = reads_nothing(k, c);
    return out->never_fires ? 0 : -1;
}

/* A limit on the size of the constants: larger ones exceed the usual addressing modes, and the file would be
 * unwieldy. */
static int check_size(const bc_plan *plan, br_error *error)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < plan->layer_count; i++)
        if (plan->layers[i].bounds_bytes > BC_CONSTANTS_LIMIT ||
            (bytes += plan->layers[i].bounds_bytes) > BC_CONSTANTS_LIMIT)
            return br_fail(error, BR_ERROR_CHECK,
                           "network %s: its bounds take more than %u MiB, too much to be built into code; use `bouton "
                           "predict`",
                           plan->program->name, BC_CONSTANTS_LIMIT >> 20);
    return 0;
}

int bc_weights_new(const bc_plan *plan, const br_network *network, bc_weights **out, br_error *error)
{
    if (check_size(plan, error) != 0)
        return -1;
    bc_weights *weights = calloc(plan->layer_count, sizeof *weights);
    int status = weights ? 0 : -1;
    for (uint32_t i = 0; status == 0 && i < plan->layer_count; i++) {
        const bc_layer_plan *layer = &plan->layers[i];
        work k = {.plan = plan, .layer = layer, .all = weights};
        weights[i].facts.name = layer->layer->name;
        status = (layer->layer->kind == BT_LAYER_POOL) ? weigh_pool(&k, network, i, &weights[i])
                                                       : weigh(&k, network, i, &weights[i]);
        if (status == 0)
            status = find_silent(network, layer, i, &weights[i], error);
    }
    if (status == 0) {
        *out = weights;
        return 0;
    }
    bc_weights_free(plan, weights);
    return br_fail(error, BR_ERROR_FAULT, "out of memory for the bounds of network %s", plan->program->name);
}

void bc_weights_free(const bc_plan *plan, bc_weights *weights)
{
    for (uint32_t i = 0; weights && i < plan->layer_count; i++) {
        free(weights[i].bounds);
        free(weights[i].table);
        free(weights[i].starts);
        free(weights[i].targets);
        free(weights[i].theta);
        free(weights[i].conscience);
        free(weights[i].silent);
        free(weights[i].never_fires);
    }
    free(weights);
}
