/* Learning from one batch in a graph of maps, by the repaired rule or by the gradient. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gradient.h"
#include "homeostasis.h"

/* ---- backward ---- */

/* (16)-(18): adds the changes that the errors of one place ask of the activations in its field. */
static void field_back(const ref_map_layer *layer, ref_map_pass *pass, uint32_t y, uint32_t x)
{
    const ref_layer *weights = &layer->weights;
    const double *e = pass->e + ((uint64_t)y * layer->out.width + x) * layer->out.channels;
    double a_max = 1 / (1 - weights->alpha_max);
    for (uint32_t i = 0; i < weights->inputs; i++) {
        int64_t at = ref_field_at(layer, y, x, i);
        if (at < 0 || pass->in[at] == 0)
            continue;
        double threshold = a_max - 1 / (1 - pass->in[at]);
        for (uint32_t k = 0; k < weights->neurons; k++) {
            uint64_t ik = (uint64_t)k * weights->inputs + i;
            if (weights->bound[ik] > threshold)
                pass->in_asked[at] += weights->sign[ik] / (a_max - weights->bound[ik]) * e[k];
        }
    }
}

static void pool_back(const ref_map_layer *layer, ref_map_pass *pass, uint32_t y, uint32_t x, uint32_t channel)
{
    ref_window w = ref_pool_window(layer, y, x);
    uint64_t from = ((uint64_t)y * layer->out.width + x) * layer->out.channels + channel;
    double asked = pass->asked[from];
    if (layer->clause_count > 0 && pass->o[from] == 0) /* depressed */
        return;
    bool full = pass->x[from] * layer->factor >= layer->weights.range_out;
    if (layer->pooling == REF_MAX) {
        pass->in_asked[pass->chosen[from]] += asked;
        return;
    }
    if (layer->pooling == REF_MEAN)
        asked /= (double)(w.y1 - w.y0) * (w.x1 - w.x0);
    else
        asked = full && asked > 0 ? 0 : asked * layer->factor;
    for (uint32_t row = w.y0; row < w.y1; row++)
        for (uint32_t column = w.x0; column < w.x1; column++)
            pass->in_asked[((uint64_t)row * layer->in.width + column) * layer->in.channels + channel] += asked;
}

/* (9), place by place; a depressed neuron has no error. */
static void gate(const ref_map_layer *layer, ref_map_pass *pass)
{
    for (uint64_t i = 0; i < ref_values(layer->out); i++) {
        pass->e[i] = ref_neuron_gate(&layer->weights.neuron, layer->weights.theta[i % layer->out.channels], pass->x[i],
                                     pass->asked[i]);
        if (layer->clause_count > 0 && pass->o[i] == 0)
            pass->e[i] = 0;
    }
}

/* Adds the wanted changes of a layer's joined inputs to each source. */
void ref_unjoin(const ref_graph *graph, uint32_t l, ref_map_pass *passes)
{
    const ref_map_layer *layer = &graph->layers[l];
    bool flat = layer->kind == REF_DENSE;
    uint64_t at = 0;
    for (uint32_t s = 0; s < layer->source_count; s++) {
        uint32_t source = layer->sources[s];
        ref_shape shape = source == REF_INPUT ? graph->input : graph->layers[source].out;
        for (uint64_t i = 0; source != REF_INPUT && i < ref_values(shape); i++) {
            uint64_t from = at + (flat ? i : i / shape.channels * layer->in.channels + i % shape.channels);
            passes[source].asked[i] += passes[l].in_asked[from];
        }
        at += flat ? ref_values(shape) : shape.channels;
    }
}

void ref_layer_back(const ref_map_layer *layer, ref_map_pass *pass, ref_field_back *field)
{
    for (uint32_t y = 0; y < layer->out.height; y++)
        for (uint32_t x = 0; x < layer->out.width; x++) {
            if (layer->kind != REF_POOL)
                field(layer, pass, y, x);
            for (uint32_t c = 0; layer->kind == REF_POOL && c < layer->out.channels; c++)
                pool_back(layer, pass, y, x, c);
        }
}

/* Whether a layer has errors of its own: the layer that answers, and readouts. */
static bool answers(const ref_graph *graph, uint32_t l)
{
    bool last = l + 1 == graph->layer_count;
    return graph->layers[l].kind == REF_DENSE && (last ? !graph->alone : l >= graph->layer_count);
}

/* The errors of a layer that has its own. False: the sample has none there. */
static bool own_errors(const ref_graph *graph, uint32_t l, uint32_t label, double weight, ref_map_pass *pass)
{
    const ref_layer *output = &graph->layers[l].weights;
    bool any = false;
    (graph->settings.rule == REF_GRADIENT ? ref_loss_descent : ref_output_error)(&graph->settings, pass->x,
                                                                                 output->neurons, label, pass->e);
    for (uint32_t k = 0; k < output->neurons; k++) {
        any |= pass->e[k] != 0;
        pass->e[k] *= weight;
        pass->asked[k] = pass->e[k] / (1 - output->theta[k]);
    }
    return any;
}

/* A pool whose map is standardised passes its errors on as those of the places that it chose. */
static void hand_down(const ref_graph *graph, uint32_t l, ref_map_pass *passes)
{
    for (uint64_t i = 0; i < ref_values(graph->layers[l - 1].out); i++)
        passes[l - 1].e[i] = 0;
    for (uint64_t i = 0; i < ref_values(graph->layers[l].out); i++)
        passes[l - 1].e[passes[l].chosen[i]] = passes[l].e[i];
}

typedef struct batch {
    ref_graph *graph;
    ref_map_pass **samples;
    uint32_t count, lowest; /* the lowest layer corrected; those below stay as they are */
    uint32_t part[16];      /* of each layer: corrections stay within a part */
    bool *active;           /* [part][sample] */
    double *gains[16];      /* of the layers that are standardised */
} batch;

/* Layer by layer, corrections stay within a layer with connections, the pools above it and the layers that answer. */
static void find_parts(batch *b)
{
    const ref_graph *graph = b->graph;
    for (uint32_t l = 0; l < ref_all_layers(graph); l++) {
        b->part[l] = graph->by_layer ? l : 0;
        for (uint32_t s = 0; s < graph->layers[l].source_count; s++) {
            uint32_t below = graph->layers[l].sources[s], mine = b->part[l];
            if (below == REF_INPUT || !(graph->layers[l].kind == REF_POOL || answers(graph, l)))
                continue;
            for (uint32_t other = 0; other <= l; other++)
                if (b->part[other] == mine)
                    b->part[other] = b->part[below];
        }
    }
}

static bool *active_of(const batch *b, uint32_t l, uint32_t n)
{
    return &b->active[(uint64_t)b->part[l] * b->count + n];
}

static void errors_of_map(const batch *b, uint32_t l)
{
    const ref_graph *graph = b->graph;
    const ref_map_layer *layer = &graph->layers[l];
    bool gradient = graph->settings.rule == REF_GRADIENT, shown = layer->weights.homeostasis;
    if (answers(graph, l))
        return;
    for (uint32_t n = 0; n < b->count; n++) {
        if (b->gains[l])
            ref_homeostatic_gate(graph, l, &b->samples[n][l], b->gains[l], gradient);
        else if (layer->kind != REF_POOL && !shown)
            (gradient ? ref_gradient_gate : gate)(layer, &b->samples[n][l]);
    }
    if (b->gains[l])
        ref_centre(graph, l, b->samples, b->count);
}

static void backward(const batch *b)
{
    bool gradient = b->graph->settings.rule == REF_GRADIENT;
    for (uint32_t l = ref_all_layers(b->graph); l-- > 0;) {
        errors_of_map(b, l);
        for (uint32_t n = 0; n < b->count; n++) {
            if (!*active_of(b, l, n))
                continue;
            if (b->gains[l] && b->graph->layers[l].kind == REF_POOL) {
                hand_down(b->graph, l, b->samples[n]);
                continue;
            }
            ref_layer_back(&b->graph->layers[l], &b->samples[n][l], gradient ? ref_gradient_field_back : field_back);
            if (!b->graph->by_layer || b->graph->layers[l].kind == REF_POOL || answers(b->graph, l))
                ref_unjoin(b->graph, l, b->samples[n]);
        }
    }
}

/* (31): the clauses over all filters, as they are in this batch */
static ref_map_layer annealed(const ref_map_layer *layer)
{
    ref_map_layer out = *layer;
    for (uint32_t c = 0; out.annealed > 0 && c < out.clause_count; c++)
        if (!out.clauses[c].over_places && out.clauses[c].within == 0)
            out.clauses[c].keep = out.annealed;
    return out;
}

static void forward(batch *b, const float *in)
{
    for (uint32_t l = 0; l < ref_all_layers(b->graph); l++) {
        const ref_map_layer *layer = &b->graph->layers[l];
        for (uint32_t n = 0; n < b->count; n++)
            ref_map_sums(b->graph, l, in + n * ref_values(b->graph->input), b->samples[n], l >= b->lowest);
        if (l >= b->lowest && ref_standardised(b->graph, l) != REF_INPUT) {
            b->gains[l] = calloc(layer->out.channels, sizeof *b->gains[l]);
            if (!b->gains[l])
                abort();
            ref_standardise(b->graph, l, b->samples, b->count, b->gains[l]);
        }
        ref_map_layer learning = annealed(layer);
        for (uint32_t n = 0; n < b->count; n++)
            ref_map_depress(&learning, &b->samples[n][l]);
    }
}

/* ---- steps ---- */

/* (11)-(15): adds d of every connection for one sample, over its places. */
static void add_steps(const ref_map_layer *layer, const ref_map_pass *pass, double rate, double *d)
{
    const ref_layer *weights = &layer->weights;
    for (uint32_t y = 0; y < layer->out.height; y++) {
        for (uint32_t x = 0; x < layer->out.width; x++) {
            uint64_t place = (uint64_t)y * layer->out.width + x;
            const double *e = pass->e + place * layer->out.channels;
            for (uint32_t i = 0; i < weights->inputs; i++) {
                int64_t at = ref_field_at(layer, y, x, i);
                for (uint32_t k = 0; at >= 0 && pass->in[at] > 0 && k < weights->neurons; k++) {
                    uint64_t ik = (uint64_t)k * weights->inputs + i;
                    if (e[k] != 0)
                        d[ik] += ref_connection_step(weights, weights->bound[ik], pass->in[at], pass->field_sum[place],
                                                     pass->gamma[place], rate, e[k]);
                }
            }
        }
    }
}

static uint64_t step_connections(const batch *b, uint32_t l, double rate)
{
    const ref_graph *graph = b->graph;
    const ref_map_layer *layer = &graph->layers[l];
    const ref_layer *weights = &layer->weights;
    bool gradient = graph->settings.rule == REF_GRADIENT;
    uint64_t connections = (uint64_t)weights->neurons * weights->inputs, moved = 0;
    double *d = calloc(connections, sizeof *d);
    if (!d)
        abort();
    for (uint32_t n = 0; n < b->count; n++)
        if (*active_of(b, l, n))
            (gradient ? ref_gradient_steps : add_steps)(layer, &b->samples[n][l], graph->settings.adapts ? 1 : rate, d);
    weights->means->batches++;
    for (uint64_t ik = 0; ik < connections; ik++) {
        d[ik] = ref_mean_step(&graph->settings, weights, ik, d[ik], rate);
        moved += d[ik] != 0;
        ref_connection_move(weights, &weights->bound[ik], &weights->sign[ik], d[ik]);
    }
    free(d);
    return moved;
}

/* (7)-(8), over samples and places */
static void step_thresholds(ref_map_layer *layer, ref_map_pass *const *samples, uint32_t l, uint32_t count)
{
    ref_layer *weights = &layer->weights;
    uint64_t values = ref_values(layer->out);
    for (uint32_t k = 0; k < weights->neurons; k++) {
        double theta = weights->theta[k], step = 0;
        for (uint32_t n = 0; n < count; n++) {
            const ref_map_pass *pass = &samples[n][l];
            for (uint64_t i = k; i < values; i += layer->out.channels)
                if (pass->x[i] < 1 && pass->asked[i] != 0)
                    step += weights->theta_xi * (ref_theta_target(pass->x[i], theta, pass->asked[i]) - theta);
        }
        if (step != 0)
            weights->theta[k] = (float)fmin(weights->theta_max, fmax(0, theta + step));
    }
}

uint64_t ref_map_learn(ref_graph *graph, const float *in, const uint32_t *labels, uint32_t count, const double *eta,
                       double xi, const bool *corrected)
{
    batch b = {.graph = graph, .count = count};
    uint64_t moved = 0;
    b.samples = calloc(count, sizeof *b.samples);
    b.active = calloc((uint64_t)ref_all_layers(graph) * count, sizeof *b.active);
    if (!b.samples || !b.active)
        abort();
    find_parts(&b);
    while (b.lowest < graph->layer_count && !corrected[b.lowest])
        b.lowest++;
    for (uint32_t n = 0; n < count; n++)
        b.samples[n] = ref_map_passes_new(graph);
    forward(&b, in);
    for (uint32_t n = 0; n < count; n++) {
        double weight = ref_class_weight(&graph->settings, labels, count, labels[n]);
        for (uint32_t l = 0; l < ref_all_layers(graph); l++)
            *active_of(&b, l, n) |= answers(graph, l) && own_errors(graph, l, labels[n], weight, &b.samples[n][l]);
    }
    backward(&b);
    for (uint32_t l = 0; l < ref_all_layers(graph); l++) {
        if (!corrected[l])
            continue;
        moved += step_connections(&b, l, xi * eta[l]);
        step_thresholds(&graph->layers[l], b.samples, l, count);
    }
    for (uint32_t n = 0; n < count; n++)
        ref_map_passes_free(graph, b.samples[n]);
    for (uint32_t l = 0; l < ref_all_layers(graph); l++)
        free(b.gains[l]);
    free(b.samples);
    free(b.active);
    return moved;
}
