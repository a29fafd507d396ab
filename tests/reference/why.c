#include "why.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double still = 1e-6;

/* Every value of a layer as a list of parts: one for each input, and one that belongs to none. */
typedef struct parts {
    double *drive, *activation; /* [values][inputs + 1] */
} parts;

typedef struct why {
    const ref_graph *graph;
    const float *in;
    ref_map_pass *passes;
    parts *layers;
    uint64_t inputs;
} why;

static double *take(uint64_t count)
{
    double *memory = calloc(count + 1, sizeof *memory);
    if (!memory)
        abort();
    return memory;
}

/* The source and the value at a position of a layer's joined input. */
static uint32_t source_of(const why *w, const ref_map_layer *layer, uint64_t at, uint64_t *value)
{
    uint64_t place = at / layer->in.channels, rest = at % layer->in.channels;
    for (uint32_t i = 0; i < layer->source_count; i++) {
        uint32_t source = layer->sources[i];
        ref_shape shape = source == REF_INPUT ? w->graph->input : w->graph->layers[source].out;
        uint64_t here = layer->kind == REF_DENSE ? ref_values(shape) : shape.channels;
        if (rest < here) {
            *value = layer->kind == REF_DENSE ? rest : place * shape.channels + rest;
            return source;
        }
        rest -= here;
    }
    abort();
}

/* Adds `rise` times the parts of a value that a layer reads. */
static void add_parts(const why *w, const ref_map_layer *layer, uint64_t at, double rise, double *to)
{
    uint64_t value, width = w->inputs + 1;
    uint32_t source = source_of(w, layer, at, &value);
    if (source == REF_INPUT)
        to[value] += rise * (double)w->in[value];
    for (uint64_t j = 0; source != REF_INPUT && j < width; j++)
        to[j] += rise * w->layers[source].activation[value * width + j];
}

/* ---- neurons ---- */

/* One live connection: an input takes all of it, a neuron that is read all but the bound's part. */
static void add_connection(const why *w, const ref_map_layer *layer, uint64_t at, double o, const double v[3],
                           double *to)
{
    uint64_t value;
    double gamma = v[0], a = v[1], sign = v[2];
    if (source_of(w, layer, at, &value) == REF_INPUT) {
        to[value] += gamma * sign * (a * o - (a - 1));
        return;
    }
    add_parts(w, layer, at, gamma * sign * a, to);
    to[w->inputs] -= gamma * sign * (a - 1);
}

static void sum_parts(const why *w, uint32_t l, uint32_t y, uint32_t x, uint32_t k, double *to)
{
    const ref_map_layer *layer = &w->graph->layers[l];
    const ref_layer *weights = &layer->weights;
    const ref_map_pass *pass = &w->passes[l];
    double gamma =
        weights->homeostasis ? (double)weights->neuron_gain[k] : pass->gamma[(uint64_t)y * layer->out.width + x];
    for (uint32_t i = 0; i < weights->inputs; i++) {
        int64_t at = ref_field_at(layer, y, x, i);
        uint64_t ik = (uint64_t)k * weights->inputs + i;
        if (at < 0 || pass->in[at] == 0 ||
            ref_contribution(pass->in[at], weights->bound[ik], weights->sign[ik], weights->alpha_max) == 0)
            continue;
        double a = 1 / (1 - weights->alpha_max) - (double)weights->bound[ik];
        add_connection(w, layer, (uint64_t)at, pass->in[at], (const double[]){gamma, a, weights->sign[ik]}, to);
    }
}

static void neuron_parts(const why *w, uint32_t l, uint64_t value)
{
    const ref_map_layer *layer = &w->graph->layers[l];
    const ref_layer *weights = &layer->weights;
    uint64_t place = value / layer->out.channels, width = w->inputs + 1;
    uint32_t k = (uint32_t)(value % layer->out.channels);
    double *drive = w->layers[l].drive + value * width, *activation = w->layers[l].activation + value * width;
    double x = w->passes[l].x[value], o = w->passes[l].o[value], theta = (double)weights->theta[k], rise, constant;
    sum_parts(w, l, (uint32_t)(place / layer->out.width), (uint32_t)(place % layer->out.width), k, drive);
    if (weights->neuron.way != REF_WAY_RAMP) {
        constant = weights->range_out * ref_neuron_level(&weights->neuron, 0, theta);
        rise = fabs(x) < still ? 0 : (o - constant) / x;
        constant = fabs(x) < still ? o : constant;
    } else {
        double excess = weights->homeostasis ? x : x - theta;
        rise = o == 0 || excess == 0 ? 0 : o / excess;
        constant = -rise * theta;
    }
    for (uint64_t j = 0; j < width; j++)
        activation[j] = rise * drive[j];
    activation[w->inputs] += constant;
    if (weights->homeostasis)
        drive[w->inputs] -= theta;
}

/* ---- pools ---- */

static void pool_parts(const why *w, uint32_t l, uint64_t value)
{
    const ref_map_layer *layer = &w->graph->layers[l];
    const ref_map_pass *pass = &w->passes[l];
    uint64_t place = value / layer->out.channels, channel = value % layer->out.channels, width = w->inputs + 1;
    double *drive = w->layers[l].drive + value * width, *activation = w->layers[l].activation + value * width;
    ref_window win = ref_pool_window(layer, (uint32_t)(place / layer->out.width), (uint32_t)(place % layer->out.width));
    double sum = 0, places = (double)(win.y1 - win.y0) * (win.x1 - win.x0);
    for (int round = 0; round < 2; round++)
        for (uint32_t y = win.y0; y < win.y1; y++)
            for (uint32_t x = win.x0; x < win.x1; x++) {
                uint64_t at = ((uint64_t)y * layer->in.width + x) * layer->in.channels + channel;
                if (pass->in[at] == 0 || (layer->pooling == REF_MAX && at != pass->chosen[value]))
                    continue;
                if (round == 0) {
                    sum += pass->in[at];
                    continue;
                }
                add_parts(w, layer, at, pass->o[value] / sum, activation);
                add_parts(w, layer, at, layer->pooling == REF_MEAN ? 1 / places : 1, drive);
            }
}

double ref_map_why(const ref_graph *graph, const float *in, uint32_t label, double *adds)
{
    why w = {.graph = graph, .in = in, .passes = ref_map_passes_new(graph), .inputs = ref_values(graph->input)};
    w.layers = calloc(graph->layer_count, sizeof *w.layers);
    if (!w.layers)
        abort();
    ref_map_forward(graph, in, w.passes);
    for (uint32_t l = 0; l < graph->layer_count; l++) {
        uint64_t values = ref_values(graph->layers[l].out);
        w.layers[l] = (parts){take(values * (w.inputs + 1)), take(values * (w.inputs + 1))};
        for (uint64_t i = 0; i < values; i++)
            (graph->layers[l].kind == REF_POOL ? pool_parts : neuron_parts)(&w, l, i);
    }
    uint32_t last = graph->layer_count - 1;
    double drive = w.passes[last].x[label];
    memcpy(adds, w.layers[last].drive + label * (w.inputs + 1), (w.inputs + 1) * sizeof *adds);
    for (uint32_t l = 0; l < graph->layer_count; l++) {
        free(w.layers[l].drive);
        free(w.layers[l].activation);
    }
    free(w.layers);
    ref_map_passes_free(graph, w.passes);
    return drive;
}
