/* Compares built code's `_trace`, `_connections` and `_layers` with the runtime's activations and the reference's
 * fields. tests/compiler/test_artefact.c calls this for every random network. */
#ifndef TRACE_CHECK_H
#define TRACE_CHECK_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../reference/random_maps.h"
#include "bouton/why.h"
#include "engine/forward.h"
#include "model/network.h"

/* A copy of the struct in the generated header of a network, for code that is loaded without its header. */
typedef struct traced_layer {
    const char *name;
    const uint32_t *sources;
    float top;
    uint32_t source_count, kind, height, width, channels, in_height, in_width, in_channels, field_height, field_width,
        hop, pad_top, pad_left, connections, reads, ranks, drives, activations;
} traced_layer;

typedef uint32_t trace_function(const float *in, float *out, float *trace, void *scratch);
typedef uint32_t connections_function(const float *trace, uint32_t layer, uint32_t neuron, float *bounds, float *adds);
typedef const traced_layer *layers_function(void);
typedef double why_function(const float *trace, uint32_t label, float *adds, double *work);

typedef struct traced {
    const char *text;
    const ref_graph *graph;
    const br_network *network;
    const br_workspace *workspace; /* workspace of the traced sample alone */
    const traced_layer *layers;
    connections_function *connections;
    const float *trace;
    uint64_t floats; /* of the trace */
    bool exact;
} traced;

static uint64_t trace_values(const traced_layer *row)
{
    return (uint64_t)row->height * row->width * row->channels;
}

static uint64_t trace_floats(const traced_layer *layers, uint32_t count)
{
    const traced_layer *last = &layers[count - 1];
    return last->activations + trace_values(last);
}

static void trace_same(const traced *t, float got, float wanted, const char *what, uint32_t layer, uint64_t at)
{
    if (t->exact ? got != wanted : fabsf(got - wanted) > 1e-4f)
        fail_msg("layer %u, %s %llu: %.9g traced, %.9g by the runtime\n%s", layer, what, (unsigned long long)at,
                 (double)got, (double)wanted, t->text);
}

static void check_activations(const traced *t, uint32_t layer)
{
    const br_map *map = &br_network_model(t->network)->layers[layer].shape.out;
    const traced_layer *row = &t->layers[layer + 1];
    assert_true(row->height == map->height && row->width == map->width && row->channels == map->channels);
    for (uint64_t i = 0; i < trace_values(row); i++) {
        uint64_t at = i / map->channels * map->pitch + i % map->channels;
        trace_same(t, t->trace[row->drives + i], t->workspace->layers[layer].drive[at], "drive", layer, i);
        trace_same(t, t->trace[row->activations + i], t->workspace->layers[layer].out[at], "activation", layer, i);
    }
}

/* The activation that connection i of the field at (y, x) reads, by the reference's order of inputs. */
static double activation_read(const traced *t, uint32_t layer, uint32_t y, uint32_t x, uint32_t i)
{
    int64_t at = ref_field_at(&t->graph->layers[layer], y, x, i);
    return at < 0 ? 0 : (double)t->trace[t->layers[layer + 1].reads + at];
}

/* Checks one neuron: its bounds are those of the network, and each connection adds what (1), (2) and (4) say. Returns
 * the number of live connections. */
static uint64_t check_neuron(const traced *t, uint32_t layer, uint32_t neuron, const float *alpha, const int8_t *sign)
{
    const br_layer_code *code = &br_network_model(t->network)->layers[layer];
    const traced_layer *row = &t->layers[layer + 1];
    uint32_t place = neuron / row->channels, live = 0;
    uint64_t first = (uint64_t)(neuron % row->channels) * code->shape.inputs;
    float *bounds = calloc(code->shape.inputs, sizeof *bounds), *adds = calloc(code->shape.inputs, sizeof *adds);
    double sum = 0, field = 0;
    assert_true(bounds && adds && row->connections == code->shape.inputs);
    uint32_t counted = t->connections(t->trace, layer + 1, neuron, bounds, adds);
    for (uint32_t i = 0; i < code->shape.inputs; i++)
        field += activation_read(t, layer, place / row->width, place % row->width, i);
    double gamma = (double)br_layer_gamma(code, (float)field), theta = 0;
    if (code->parameters.homeostasis) { /* its drive is gain sum - theta (26) */
        const float *state = t->network->layers[layer].theta + neuron % row->channels;
        theta = (double)state[0];
        gamma = (double)state[code->layout.pitch];
    }
    for (uint32_t i = 0; i < code->shape.inputs; i++) {
        double o = activation_read(t, layer, place / row->width, place % row->width, i), a = (double)alpha[first + i];
        double wanted = o > a ? sign[first + i] * gamma * (o - a) / (1 - a) : 0;
        bool left_out = bounds[i] == 1;
        if (left_out ? a < (double)code->parameters.range_in - 1e-6 && o > 0
                     : fabsf(bounds[i]) != alpha[first + i] || (signbit(bounds[i]) != 0) != (sign[first + i] < 0))
            fail_msg("layer %u, neuron %u: bound %u is %.9g, not %d %.9g", layer, neuron, i, (double)bounds[i],
                     sign[first + i], a);
        if (fabs((double)adds[i] - wanted) > 1e-5 * (1 + fabs(gamma)))
            fail_msg("layer %u, neuron %u: connection %u adds %.9g, not %.9g", layer, neuron, i, (double)adds[i],
                     wanted);
        sum += (double)adds[i];
        live += adds[i] != 0;
    }
    assert_int_equal(counted, live);
    assert_int_equal(t->connections(t->trace, layer + 1, neuron, NULL, NULL), live);
    if (fabs(sum - theta - (double)t->trace[row->drives + neuron]) > 1e-4 * (1 + fabs(sum)))
        fail_msg("layer %u, neuron %u: connections add up to %.9g, its drive is %.9g", layer, neuron, sum,
                 (double)t->trace[row->drives + neuron]);
    free(bounds);
    free(adds);
    return live;
}

/* Checks all neurons at some places. Returns the number of live connections. */
static uint64_t check_connections(const traced *t, uint32_t layer)
{
    const br_layer_code *code = &br_network_model(t->network)->layers[layer];
    const traced_layer *row = &t->layers[layer + 1];
    uint64_t count = (uint64_t)code->shape.inputs * code->shape.neurons, live = 0, values = trace_values(row);
    float *alpha = calloc(count + 1, sizeof *alpha), *theta = calloc(code->shape.neurons + 1, sizeof *theta);
    int8_t *sign = calloc(count + 1, sizeof *sign);
    assert_true(alpha && theta && sign);
    if (code->shape.inputs > 0)
        br_network_export(t->network, layer, alpha, sign, theta);
    for (uint64_t k = 0; code->shape.inputs > 0 && k < values; k += 1 + values / 60)
        live += check_neuron(t, layer, (uint32_t)k, alpha, sign);
    assert_int_equal(t->connections(t->trace, layer + 1, (uint32_t)values, NULL, NULL), 0);
    free(alpha);
    free(theta);
    free(sign);
    return live;
}

/* Whether every part is the product of slopes. Where a neuron fires binary or by a formula, its part is a quotient of two
 * differences: if drives were added up in another order, roundings can be all that they hold, and the parts are not
 * compared one by one. From the same drives they are the same but for the last digits that such a quotient loses. */
static bool is_smooth(const traced *t)
{
    const br_model *model = br_network_model(t->network);
    for (uint32_t l = 0; l < model->layer_count; l++)
        if (model->layers[l].kind != BT_LAYER_POOL && model->layers[l].parameters.fire != BT_FIRE_RAMP)
            return false;
    return true;
}

/* Checks what each input added to the drive of a class against the runtime. `samples` is the traced sample alone. */
static void check_why(const traced *t, why_function *why, br_network *network, const br_samples *samples,
                      uint32_t label)
{
    br_why wanted;
    br_error error;
    uint64_t values = trace_values(&t->layers[0]), floats = t->floats;
    bool smooth = is_smooth(t), compared = smooth || t->exact;
    double near = t->exact && smooth ? 1e-5 : 1e-3;
    float *adds = calloc(values, sizeof *adds);
    double *work = malloc(2 * floats * sizeof *work), sum, size = 1;
    assert_true(adds && work);
    memset(work, 0xff, 2 * floats * sizeof *work);
    if (br_why_new(network, NULL, samples, 0, label, &wanted, &error) != 0)
        fail_msg("%s", error.message);
    sum = why(t->trace, label, adds, work);
    for (uint64_t i = 0; i < values; i++)
        size = fmax(size, fmax(fabs(wanted.adds[i]), fabs((double)adds[i])));
    if (compared && fabs(sum - wanted.thresholds) > near * size * (double)values)
        fail_msg("class %u: thresholds %.9g, by the runtime %.9g\n%s", label, sum, wanted.thresholds, t->text);
    for (uint64_t i = 0; i < values; i++) {
        if (compared && fabs((double)adds[i] - wanted.adds[i]) > near * size)
            fail_msg("class %u: input %llu added %.9g, by the runtime %.9g\n%s", label, (unsigned long long)i,
                     (double)adds[i], wanted.adds[i], t->text);
        sum += (double)adds[i];
    }
    if (fabs(sum - wanted.drive) > 1e-5 * size * (double)values)
        fail_msg("class %u: the parts come to %.9g, its drive is %.9g\n%s", label, sum, wanted.drive, t->text);
    br_why_free(&wanted);
    free(adds);
    free(work);
}

/* Checks a layer's sources and the offset of its input: in its only source, or in a map of its own. */
static void check_table(const traced *t, uint32_t layer)
{
    const ref_map_layer *wanted = &t->graph->layers[layer];
    const traced_layer *row = &t->layers[layer + 1];
    assert_int_equal(row->source_count, wanted->source_count);
    for (uint32_t i = 0; i < row->source_count; i++)
        assert_int_equal(row->sources[i], wanted->sources[i] == REF_INPUT ? 0 : wanted->sources[i] + 1);
    if (row->source_count == 1)
        assert_int_equal(row->reads, t->layers[row->sources[0]].activations);
    assert_int_equal((uint64_t)row->in_height * row->in_width * row->in_channels, ref_values(wanted->in));
    if (wanted->kind != REF_DENSE) /* the reference counts a dense layer's inputs one after the other */
        assert_true(row->in_height == wanted->in.height && row->in_width == wanted->in.width);
}

#endif
