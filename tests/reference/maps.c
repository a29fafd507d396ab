/* Memory and the forward pass of a graph of maps. */
#include "maps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *take(uint64_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

uint64_t ref_values(ref_shape shape)
{
    return (uint64_t)shape.height * shape.width * shape.channels;
}

ref_map_pass *ref_map_passes_new(const ref_graph *graph)
{
    ref_map_pass *passes = take(ref_all_layers(graph), sizeof *passes);
    for (uint32_t l = 0; l < ref_all_layers(graph); l++) {
        const ref_map_layer *layer = &graph->layers[l];
        uint64_t in = ref_values(layer->in), out = ref_values(layer->out), places = out / layer->out.channels;
        ref_map_pass *pass = &passes[l];
        pass->in = take(in, sizeof(double));
        pass->in_drive = take(in, sizeof(double));
        pass->in_asked = take(in, sizeof(double));
        pass->field_sum = take(places, sizeof(double));
        pass->gamma = take(places, sizeof(double));
        pass->x = take(out, sizeof(double));
        pass->o = take(out, sizeof(double));
        pass->asked = take(out, sizeof(double));
        pass->e = take(out, sizeof(double));
        pass->chosen = take(out, sizeof *pass->chosen);
    }
    return passes;
}

void ref_map_passes_free(const ref_graph *graph, ref_map_pass *passes)
{
    for (uint32_t l = 0; l < ref_all_layers(graph); l++) {
        ref_map_pass *pass = &passes[l];
        free(pass->in), free(pass->in_drive), free(pass->in_asked);
        free(pass->field_sum), free(pass->gamma);
        free(pass->x), free(pass->o), free(pass->asked), free(pass->e);
        free(pass->chosen);
    }
    free(passes);
}

void ref_graph_release(ref_graph *graph)
{
    for (uint32_t l = 0; l < ref_all_layers(graph); l++)
        ref_layer_release(&graph->layers[l].weights);
    free(graph->layers);
    graph->layers = NULL;
    graph->layer_count = 0;
}

/* ---- positions ---- */

static uint32_t padding_before(uint32_t in, uint32_t out, uint32_t window, uint32_t stride)
{
    uint32_t v_max = (out - 1) * stride + window;
    return v_max > in ? (v_max - in) / 2 : 0;
}

int64_t ref_field_at(const ref_map_layer *layer, uint32_t y, uint32_t x, uint32_t i)
{
    if (layer->kind == REF_DENSE)
        return i;
    uint32_t channel = i % layer->in.channels, cell = i / layer->in.channels;
    int64_t row = (int64_t)y * layer->stride + cell / layer->window_width;
    int64_t column = (int64_t)x * layer->stride + cell % layer->window_width;
    if (layer->same) {
        row -= padding_before(layer->in.height, layer->out.height, layer->window_height, layer->stride);
        column -= padding_before(layer->in.width, layer->out.width, layer->window_width, layer->stride);
    }
    if (row < 0 || row >= layer->in.height || column < 0 || column >= layer->in.width)
        return -1;
    return (row * layer->in.width + column) * layer->in.channels + channel;
}

ref_window ref_pool_window(const ref_map_layer *layer, uint32_t y, uint32_t x)
{
    const ref_shape *in = &layer->in, *out = &layer->out;
    if (layer->grid)
        return (ref_window){y * in->height / out->height, (y + 1) * in->height / out->height,
                            x * in->width / out->width, (x + 1) * in->width / out->width};
    uint32_t top = y * layer->stride, left = x * layer->stride;
    return (ref_window){top, top + layer->window_height, left, left + layer->window_width};
}

/* ---- forward ---- */

/* Copies one source's values into the joined map. */
static void join(const ref_map_layer *layer, ref_map_pass *pass, ref_shape shape, const double *o, const double *drive,
                 uint64_t *at)
{
    bool flat = layer->kind == REF_DENSE;
    for (uint64_t i = 0; i < ref_values(shape); i++) {
        uint64_t to = *at + (flat ? i : i / shape.channels * layer->in.channels + i % shape.channels);
        pass->in[to] = o[i];
        pass->in_drive[to] = layer->source_count == 1 ? drive[i] : o[i];
    }
    *at += flat ? ref_values(shape) : shape.channels;
}

/* gamma of (4) */
static double gamma_of(const ref_layer *weights, double sum)
{
    if (weights->sum == REF_RAW)
        return 1;
    if (weights->sum == REF_SCALED)
        return weights->gain / sqrt(weights->inputs);
    return sum > 0 ? weights->gain / sum : 0;
}

void ref_map_level(const ref_layer *weights, double gain, double theta, double *x, double *o)
{
    *x = gain * *x - theta;
    *o = weights->range_out * fmin(1, fmax(0, *x));
}

/* (1)-(4), or (26), for every neuron of one place. `raw`: the drives are the sums, which are standardised later. */
static void forward_field(const ref_map_layer *layer, ref_map_pass *pass, uint32_t y, uint32_t x, bool raw)
{
    const ref_layer *weights = &layer->weights;
    uint64_t place = (uint64_t)y * layer->out.width + x, first = place * layer->out.channels;
    double sum = 0;
    for (uint32_t k = 0; k < weights->neurons; k++)
        pass->x[first + k] = 0;
    for (uint32_t i = 0; i < weights->inputs; i++) {
        int64_t at = ref_field_at(layer, y, x, i);
        if (at < 0 || pass->in[at] == 0)
            continue;
        sum += pass->in[at];
        for (uint32_t k = 0; k < weights->neurons; k++) {
            uint64_t ik = (uint64_t)k * weights->inputs + i;
            pass->x[first + k] +=
                ref_contribution(pass->in[at], weights->bound[ik], weights->sign[ik], weights->alpha_max);
        }
    }
    pass->field_sum[place] = sum;
    pass->gamma[place] = gamma_of(weights, sum);
    for (uint32_t k = 0; k < weights->neurons; k++) {
        pass->x[first + k] *= pass->gamma[place];
        if (weights->homeostasis) {
            if (!raw)
                ref_map_level(weights, (double)weights->neuron_gain[k], weights->theta[k], &pass->x[first + k],
                              &pass->o[first + k]);
            continue;
        }
        pass->o[first + k] =
            weights->range_out * ref_neuron_level(&weights->neuron, pass->x[first + k], weights->theta[k]);
    }
}

static void pool_cell(const ref_map_layer *layer, ref_map_pass *pass, uint32_t y, uint32_t x, uint32_t channel)
{
    ref_window w = ref_pool_window(layer, y, x);
    uint64_t to = ((uint64_t)y * layer->out.width + x) * layer->out.channels + channel;
    double best = -INFINITY, sum = 0;
    uint32_t places = 0;
    for (uint32_t row = w.y0; row < w.y1; row++) {
        for (uint32_t column = w.x0; column < w.x1; column++, places++) {
            uint64_t at = ((uint64_t)row * layer->in.width + column) * layer->in.channels + channel;
            sum += pass->in[at];
            if (pass->in_drive[at] > best) {
                best = pass->in_drive[at];
                pass->chosen[to] = at;
            }
        }
    }
    if (layer->pooling == REF_MAX) {
        pass->x[to] = best;
        pass->o[to] = pass->in[pass->chosen[to]];
    } else if (layer->pooling == REF_MEAN) {
        pass->x[to] = pass->o[to] = sum / places;
    } else {
        pass->x[to] = sum;
        pass->o[to] = fmin(layer->weights.range_out, sum * layer->factor);
    }
}

/* (19) */
void ref_map_depress(const ref_map_layer *layer, ref_map_pass *pass)
{
    uint64_t values = ref_values(layer->out);
    if (layer->clause_count == 0)
        return;
    double *reduced = take(values, sizeof *reduced);
    for (uint64_t i = 0; i < values; i++)
        reduced[i] = pass->x[i] - (layer->conscience ? (double)layer->conscience[i % layer->out.channels] : 0);
    ref_depression by = {layer->clauses, layer->clause_count, layer->fire, layer->weights.range_out};
    ref_depress_reduced(pass->x, reduced, layer->out, &by, pass->o);
    free(reduced);
}

static void read_sources(const ref_graph *graph, uint32_t l, const float *in, ref_map_pass *passes)
{
    const ref_map_layer *layer = &graph->layers[l];
    uint64_t inputs = ref_values(graph->input), at = 0;
    double *input = take(inputs, sizeof *input);
    for (uint64_t i = 0; i < inputs; i++)
        input[i] = in[i];
    for (uint32_t i = 0; i < layer->source_count; i++) {
        uint32_t from = layer->sources[i];
        if (from == REF_INPUT)
            join(layer, &passes[l], graph->input, input, input, &at);
        else
            join(layer, &passes[l], graph->layers[from].out, passes[from].o, passes[from].x, &at);
    }
    free(input);
}

void ref_map_sums(const ref_graph *graph, uint32_t l, const float *in, ref_map_pass *passes, bool raw)
{
    const ref_map_layer *layer = &graph->layers[l];
    read_sources(graph, l, in, passes);
    for (uint32_t y = 0; y < layer->out.height; y++) {
        for (uint32_t x = 0; x < layer->out.width; x++) {
            if (layer->kind != REF_POOL)
                forward_field(layer, &passes[l], y, x, raw);
            for (uint32_t c = 0; layer->kind == REF_POOL && c < layer->out.channels; c++)
                pool_cell(layer, &passes[l], y, x, c);
        }
    }
}

void ref_map_forward(const ref_graph *graph, const float *in, ref_map_pass *passes)
{
    for (uint32_t l = 0; l < ref_all_layers(graph); l++) {
        ref_map_sums(graph, l, in, passes, false);
        ref_map_depress(&graph->layers[l], &passes[l]);
    }
}
