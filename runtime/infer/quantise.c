/* Quantises a trained network to 8 bits; see docs/design/quantised.md.
 *
 * The activations and bounds of a layer share one scale, top/255, so that o - alpha is a subtraction of bytes. The
 * slopes +-a = +-1/(1 - alpha) have a scale of their own, steepest/127. */
#include <math.h>

#include "base/memory.h"
#include "engine/cluster.h"
#include "engine/int8.h"
#include "engine/largest.h"
#include "infer/excess.h"

/* The (alpha, sign, theta) of a layer, exported from its network. */
typedef struct state {
    float *alpha, *theta;
    int8_t *sign;
} state;

static void state_free(state *s)
{
    br_release(s->alpha);
    br_release(s->theta);
    br_release(s->sign);
}

static int state_take(const br_network *network, uint32_t layer, state *out, br_error *error)
{
    const br_layer_code *code = &network->model->layers[layer];
    uint64_t connections = (uint64_t)code->shape.inputs * code->shape.neurons;
    *out = (state){.alpha = br_new(connections, sizeof *out->alpha, error)};
    out->theta = out->alpha ? br_new(code->shape.neurons, sizeof *out->theta, error) : NULL;
    out->sign = out->theta ? br_new(connections, sizeof *out->sign, error) : NULL;
    if (!out->sign) {
        state_free(out);
        return -1;
    }
    br_network_export(network, layer, out->alpha, out->sign, out->theta);
    return 0;
}

static uint8_t code_of(float alpha, float top)
{
    double quanta =
        floor((double)alpha * BR_QUANTA_MOST / (double)top + 0.5); /* not contracted to FMA, because of the division */
    return quanta < BR_QUANTA_MOST ? (uint8_t)quanta : BR_QUANTA_MOST;
}

static double slope_of(double alpha)
{
    return 1 / (1 - alpha);
}

/* a in quanta of the slopes. */
static uint8_t steepness(double alpha, const br_quantised_layer *facts)
{
    long slope = lround(slope_of(alpha) / (double)facts->steepest * BR_SLOPE_MOST);
    return (uint8_t)(slope < BR_SLOPE_MOST ? slope : BR_SLOPE_MOST);
}

/* +-a in quanta of the slopes; 0 where no input makes the connection live. */
static int8_t slope_code(const state *s, uint64_t connection, const br_quantised_layer *facts)
{
    if (code_of(s->alpha[connection], facts->top) == BR_QUANTA_MOST)
        return 0;
    return (int8_t)(s->sign[connection] * steepness((double)s->alpha[connection], facts));
}

/* Counts the connections that are always silent and finds the steepest slope of the others. */
static void measure(const br_layer_code *code, const state *s, br_quantised_layer *facts)
{
    facts->connections = (uint64_t)code->shape.inputs * code->shape.neurons;
    double steepest = 1;
    for (uint64_t c = 0; c < facts->connections; c++)
        if (code_of(s->alpha[c], facts->top) == BR_QUANTA_MOST)
            facts->always_silent++;
        else
            steepest = fmax(steepest, slope_of((double)s->alpha[c]));
    facts->steepest = (float)steepest;
}

/* A connection as the sums read it: in eight bits, or at its level. */
typedef struct bound {
    uint8_t alpha;
    int8_t slope;
} bound;

static bound bound_of(const br_quantised *q, uint32_t layer, const state *s, uint64_t connection)
{
    const br_levels *levels = br_quantised_levels(q, layer);
    if (levels) {
        uint8_t code = q->codes[layer][connection];
        return (bound){levels->alphas[code], levels->slopes[code]};
    }
    return (bound){code_of(s->alpha[connection], q->facts[layer].top), slope_code(s, connection, &q->facts[layer])};
}

/* Where the rows of a layer lie in memory for one width of vectors. */
typedef struct rows_layout {
    uint32_t lanes, blocks, tile;
    const uint32_t *order; /* of the channels; NULL: as in the map */
} rows_layout;

static rows_layout layout_of(const br_quantised *q, uint32_t layer, uint32_t lanes, uint32_t stride)
{
    uint32_t blocks = stride / lanes;
    bool tiles = q->network->model->layers[layer].layout.int8.tile > 0;
    return (rows_layout){lanes, blocks, tiles ? br_int8_tile(blocks) : 1, q->orders[layer]};
}

/* The input at position i of a field. */
static uint64_t input_at(const br_layer_code *code, const rows_layout *from, uint64_t i)
{
    uint64_t channels = code->shape.in.channels;
    return from->order ? i - i % channels + from->order[i % channels] : i;
}

/* The place of the alpha of the input at position i, of neuron k. Its slope lies 4 * lanes bytes later. */
static uint64_t place_of(const br_layer_code *code, const rows_layout *to, uint64_t i, uint64_t k)
{
    const br_int8_shape *shape = &code->layout.int8;
    uint64_t width = code->shape.inputs / shape->lines, row = i / width * shape->quads + i % width / 4;
    uint64_t rows = (uint64_t)shape->lines * shape->quads, block = k / to->lanes, tile = to->tile;
    uint64_t vector =
        block < to->blocks / tile * tile ? (block / tile * rows + row) * tile + block % tile : block * rows + row;
    return vector * 8 * to->lanes + k % to->lanes * 4 + i % width % 4;
}

static void fill(const br_quantised *q, uint32_t layer, const state *s, const rows_layout *to, uint8_t *rows)
{
    const br_layer_code *code = &q->network->model->layers[layer];
    uint64_t half = 4ull * to->lanes, quads = (uint64_t)code->layout.int8.lines * code->layout.int8.quads;
    for (uint64_t b = 0; b < quads * to->blocks; b++)
        for (uint64_t i = 0; i < half; i++)
            rows[b * 2 * half + i] = BR_QUANTA_MOST; /* no connection here; its slope stays 0 */
    for (uint64_t k = 0; k < code->shape.neurons; k++)
        for (uint64_t i = 0; i < code->shape.inputs; i++) {
            bound c = bound_of(q, layer, s, k * code->shape.inputs + input_at(code, to, i));
            uint64_t place = place_of(code, to, i, k);
            rows[place] = c.alpha;
            rows[place + half] = (uint8_t)c.slope;
        }
}

uint64_t br_quantised_bytes(const br_quantised *quantised, uint32_t layer, uint32_t stride)
{
    const br_int8_shape *shape = &quantised->network->model->layers[layer].layout.int8;
    uint64_t bytes;
    return br_multiply((uint64_t)shape->lines * shape->quads, 8ull * stride, &bytes) ? bytes : 0;
}

int br_quantised_rows(const br_quantised *quantised, uint32_t layer, uint32_t lanes, uint32_t stride, uint8_t *rows,
                      br_error *error)
{
    state s;
    if (state_take(quantised->network, layer, &s, error) != 0)
        return -1;
    const rows_layout to = layout_of(quantised, layer, lanes, stride);
    fill(quantised, layer, &s, &to, rows);
    state_free(&s);
    return 0;
}

int br_quantised_bounds(const br_quantised *quantised, uint32_t layer, uint8_t *alphas, int8_t *slopes, br_error *error)
{
    const br_layer_code *code = &quantised->network->model->layers[layer];
    state s;
    if (state_take(quantised->network, layer, &s, error) != 0)
        return -1;
    for (uint64_t k = 0; k < code->shape.neurons; k++)
        for (uint64_t i = 0; i < code->shape.inputs; i++) {
            uint64_t to = i * code->shape.neurons + k;
            bound c = bound_of(quantised, layer, &s, k * code->shape.inputs + i);
            alphas[to] = c.alpha;
            slopes[to] = c.slope;
        }
    state_free(&s);
    return 0;
}

const br_levels *br_quantised_levels(const br_quantised *quantised, uint32_t layer)
{
    return quantised->codes[layer] ? &quantised->levels[layer] : NULL;
}

void br_quantised_codes(const br_quantised *quantised, uint32_t layer, uint8_t *codes)
{
    const br_layer_code *code = &quantised->network->model->layers[layer];
    for (uint64_t k = 0; k < code->shape.neurons; k++)
        for (uint64_t i = 0; i < code->shape.inputs; i++)
            codes[i * code->shape.neurons + k] = quantised->codes[layer][k * code->shape.inputs + i];
}

/* ---- four bits ---- */

static int fit(const br_quantised *q, uint32_t layer, const state *s, br_fit *f, uint8_t *codes, br_error *error)
{
    const br_quantised_layer *facts = &q->facts[layer];
    uint64_t connections = (uint64_t)f->inputs * f->neurons;
    uint8_t *alphas = br_new(connections, 1, error), steep[BR_QUANTA_MOST];
    int8_t *slopes = alphas ? br_new(connections, 1, error) : NULL;
    for (uint32_t a = 0; a < BR_QUANTA_MOST; a++)
        steep[a] = steepness(fmin((double)facts->top * a / BR_QUANTA_MOST, 1 - 1 / (double)facts->steepest), facts);
    for (uint64_t c = 0; slopes && c < connections; c++) {
        alphas[c] = code_of(s->alpha[c], facts->top);
        slopes[c] = slope_code(s, c, facts);
    }
    f->alphas = alphas;
    f->slopes = slopes;
    f->steep = steep;
    int status = slopes ? br_levels_fit(f, &q->levels[layer], codes, error) : -1;
    br_release(alphas);
    br_release(slopes);
    return status;
}

static int fit_layer(br_quantised *q, uint32_t layer, const state *s, const br_samples *samples, br_error *error)
{
    const br_layer_code *code = &q->network->model->layers[layer];
    br_fit f = {.neurons = code->shape.neurons, .inputs = code->shape.inputs};
    br_excess *excess;
    if (br_excess_of(q, layer, samples, &f.kinds, &excess, error) != 0)
        return -1;
    f.excess = excess;
    uint8_t *codes = br_new((uint64_t)f.inputs * f.neurons, 1, error);
    int status = codes ? fit(q, layer, s, &f, codes, error) : -1;
    br_release(excess);
    if (status == 0)
        q->codes[layer] = codes;
    else
        br_release(codes);
    q->facts[layer].always_silent = 0;
    for (uint64_t c = 0; status == 0 && c < q->facts[layer].connections; c++)
        q->facts[layer].always_silent += codes[c] == BR_LEVELS - 1;
    return status;
}

/* ---- layers ---- */

enum { SMALL = 16 }; /* a layer with this part of the network's connections, or less, keeps 8 bits */

/* Whether a layer gets levels. Small layers save little, and what the first ones lose, all others lose. */
static bool gets_levels(const br_model *model, uint32_t bits, uint32_t layer)
{
    uint64_t all = 0;
    for (uint32_t l = 0; l < br_path_layers(model); l++)
        if (model->layers[l].layout.int8.sample_stride > 0)
            all += (uint64_t)model->layers[l].shape.inputs * model->layers[l].shape.neurons;
    uint64_t connections = (uint64_t)model->layers[layer].shape.inputs * model->layers[layer].shape.neurons;
    return bits == 4 && connections > all / SMALL;
}

static int quantise_layer(br_quantised *q, uint32_t layer, const br_samples *samples, br_error *error)
{
    const br_layer_code *code = &q->network->model->layers[layer];
    br_quantised_layer *facts = &q->facts[layer];
    uint64_t bytes = br_quantised_bytes(q, layer, code->layout.pitch);
    state s;
    if (bytes == 0)
        return br_fail(error, BR_ERROR_CHECK, "layer %s: its bounds in 8 bits need more memory than can be addressed",
                       code->name);
    if (state_take(q->network, layer, &s, error) != 0)
        return -1;
    measure(code, &s, facts);
    int status = gets_levels(q->network->model, q->bits, layer) ? fit_layer(q, layer, &s, samples, error) : 0;
    if (status == 0)
        q->rows[layer] = br_new_aligned(bytes, 1, error);
    if (q->rows[layer]) {
        const rows_layout to = layout_of(q, layer, code->layout.lanes, code->layout.pitch);
        fill(q, layer, &s, &to, q->rows[layer]);
    }
    state_free(&s);
    facts->int8 = q->rows[layer] != NULL;
    return facts->int8 ? 0 : -1;
}

/* Finds the top of a layer's scale with all layers below it in 8 bits. The top is therefore exactly the value of the
 * largest quantum, and the same on every machine. Without samples, or if nothing reaches the layer, the top is the
 * range of its input. */
static int calibrate(br_quantised *q, uint32_t layer, const br_samples *samples, uint32_t threads, br_error *error)
{
    const float range = q->network->model->layers[layer].parameters.range_in, least = 1e-6f; /* 255/top stays finite */
    float largest = 0;
    if (samples->count > 0 && br_largest_input(q, layer, samples, threads, &largest, error) != 0)
        return -1;
    q->facts[layer].top = largest > least * range ? largest : range;
    return 0;
}

/* The order of the channels of a layer that reads live quads. */
static int order_channels(br_quantised *q, uint32_t layer, const br_samples *samples, uint32_t threads, br_error *error)
{
    const br_layer_code *code = &q->network->model->layers[layer];
    if (code->layout.int8.tile == 0)
        return 0;
    uint32_t *order = br_new(code->shape.in.channels, sizeof *order, error);
    if (!order || br_cluster_channels(q, layer, samples, threads, order, error) != 0) {
        br_release(order);
        return -1;
    }
    q->orders[layer] = order;
    return 0;
}

/* Passes over the samples: one for the scale of each layer, one for the order of channels, one for its levels. */
static uint32_t passes_of(const br_model *model, uint32_t bits)
{
    uint32_t passes = 0;
    for (uint32_t l = 0; l < br_path_layers(model); l++)
        if (model->layers[l].layout.int8.sample_stride > 0)
            passes += 1 + (model->layers[l].layout.int8.tile > 0) + gets_levels(model, bits, l);
    return passes;
}

/* Makes one layer, those below it in 8 bits. */
static int make_layer(br_quantised *q, uint32_t layer, const br_samples *samples, uint32_t threads, br_error *error)
{
    int status = calibrate(q, layer, samples, threads, error);
    q->pass++;
    if (status == 0)
        status = order_channels(q, layer, samples, threads, error);
    q->pass += q->network->model->layers[layer].layout.int8.tile > 0;
    if (status == 0)
        status = quantise_layer(q, layer, samples, error);
    q->pass += gets_levels(q->network->model, q->bits, layer);
    return status;
}

/* For the layers of a network; none of them is quantised yet. */
static br_quantised *take(const br_network *network, uint32_t bits, br_error *error)
{
    uint32_t layers = network->model->layer_count;
    br_quantised *q = br_new(1, sizeof *q, error);
    if (!q)
        return NULL;
    q->network = network;
    q->bits = bits;
    q->passes = passes_of(network->model, bits);
    q->facts = br_new(layers, sizeof *q->facts, error);
    q->rows = q->facts ? br_new(layers, sizeof *q->rows, error) : NULL;
    q->orders = q->rows ? br_new(layers, sizeof *q->orders, error) : NULL;
    q->levels = q->orders ? br_new(layers, sizeof *q->levels, error) : NULL;
    q->codes = q->levels ? br_new(layers, sizeof *q->codes, error) : NULL;
    if (q->codes)
        return q;
    br_quantised_free(q);
    return NULL;
}

int br_quantise(const br_network *network, const br_samples *samples, uint32_t threads, br_quantised **out,
                br_error *error)
{
    return br_quantise_to(network, 8, samples, threads, out, error);
}

int br_quantise_to(const br_network *network, uint32_t bits, const br_samples *samples, uint32_t threads,
                   br_quantised **out, br_error *error)
{
    if (bits != 8 && bits != 4)
        return br_fail(error, BR_ERROR_USAGE, "bounds of %u bits: there are those of 8 and of 4", bits);
    br_quantised *q = take(network, bits, error);
    int status = q ? 0 : -1;
    for (uint32_t l = 0; status == 0 && l < br_path_layers(network->model); l++)
        if (network->model->layers[l].layout.int8.sample_stride > 0)
            status = make_layer(q, l, samples, threads, error);
    if (q)
        q->pass = q->passes = 0;
    if (status == 0)
        *out = q;
    else
        br_quantised_free(q);
    return status;
}

void br_quantised_free(br_quantised *quantised)
{
    if (!quantised)
        return;
    for (uint32_t l = 0; quantised->rows && l < quantised->network->model->layer_count; l++)
        br_release(quantised->rows[l]);
    for (uint32_t l = 0; quantised->orders && l < quantised->network->model->layer_count; l++)
        br_release(quantised->orders[l]);
    for (uint32_t l = 0; quantised->codes && l < quantised->network->model->layer_count; l++)
        br_release(quantised->codes[l]);
    br_release(quantised->rows);
    br_release(quantised->orders);
    br_release(quantised->levels);
    br_release(quantised->codes);
    br_release(quantised->facts);
    br_release(quantised);
}

const br_quantised_layer *br_quantised_of(const br_quantised *quantised, uint32_t layer)
{
    return &quantised->facts[layer];
}
