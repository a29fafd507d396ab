#include "gradient.h"

#include <math.h>
#include <stdlib.h>

/* ---- the loss ---- */

static double most_of(const double *x, uint32_t count)
{
    double most = -INFINITY;
    for (uint32_t k = 0; k < count; k++)
        most = fmax(most, x[k]);
    return most;
}

double ref_loss(const ref_network *settings, const double *x, uint32_t neurons, uint32_t label)
{
    double b = settings->sharpness, most = most_of(x, neurons), sum = 0;
    for (uint32_t k = 0; k < neurons; k++) {
        if (settings->error == REF_SOFTMAX)
            sum += exp(b * (x[k] - most));
        else
            sum += k == label ? fmax(0, b - x[k]) : fmax(0, x[k] + b);
    }
    return settings->error == REF_SOFTMAX ? log(sum) - b * (x[label] - most) : sum;
}

void ref_loss_descent(const ref_network *settings, const double *x, uint32_t neurons, uint32_t label, double *e)
{
    double b = settings->sharpness, most = most_of(x, neurons), sum = 0;
    for (uint32_t k = 0; k < neurons; k++)
        sum += exp(b * (x[k] - most));
    for (uint32_t k = 0; k < neurons; k++) {
        if (settings->error == REF_SOFTMAX)
            e[k] = b * ((k == label) - exp(b * (x[k] - most)) / sum);
        else if (k == label)
            e[k] = x[k] < b;
        else
            e[k] = x[k] > -b ? -1 : 0;
        if (fabs(e[k]) < settings->floor)
            e[k] = 0;
    }
}

/* ---- backward ---- */

/* do/dx */
static double slope(const ref_layer *weights, double theta, double x)
{
    const ref_neuron *neuron = &weights->neuron;
    double y = ref_neuron_level(neuron, x, theta);
    if (neuron->way == REF_WAY_LOGISTIC)
        return weights->range_out * neuron->k * y * (1 - y);
    if (neuron->way == REF_WAY_FORMULA)
        return weights->range_out * ref_formula_slope(neuron->formula, x, theta, false);
    return theta < x && x < 1 ? weights->range_out / (1 - theta) : 0;
}

/* |v| - t. It is above 0 exactly if 1 - a q is, so that the connection carries signal. */
static double over(const ref_layer *weights, double bound, double o)
{
    return bound - (1 / (1 - weights->alpha_max) - 1 / (1 - o));
}

/* Adds -dL/do of every input of the field at one place: dx/do = sign gamma a where o > alpha. */
void ref_gradient_field_back(const ref_map_layer *layer, ref_map_pass *pass, uint32_t y, uint32_t x)
{
    const ref_layer *weights = &layer->weights;
    uint64_t place = (uint64_t)y * layer->out.width + x;
    const double *e = pass->e + place * layer->out.channels;
    double a_max = 1 / (1 - weights->alpha_max);
    for (uint32_t i = 0; i < weights->inputs; i++) {
        int64_t at = ref_field_at(layer, y, x, i);
        for (uint32_t k = 0; at >= 0 && pass->in[at] > 0 && k < weights->neurons; k++) {
            uint64_t ik = (uint64_t)k * weights->inputs + i;
            double a = a_max - weights->bound[ik];
            if (over(weights, weights->bound[ik], pass->in[at]) > 0)
                pass->in_asked[at] += weights->sign[ik] * pass->gamma[place] * a * e[k];
        }
    }
}

void ref_gradient_gate(const ref_map_layer *layer, ref_map_pass *pass)
{
    for (uint64_t i = 0; i < ref_values(layer->out); i++) {
        bool depressed = layer->clause_count > 0 && pass->o[i] == 0;
        double theta = layer->weights.theta[i % layer->out.channels];
        pass->e[i] = depressed ? 0 : slope(&layer->weights, theta, pass->x[i]) * pass->asked[i];
    }
}

/* ---- steps ---- */

/* dx/dv = gamma q where o >= alpha; elsewhere the leak times this. */
void ref_gradient_steps(const ref_map_layer *layer, const ref_map_pass *pass, double rate, double *d)
{
    const ref_layer *weights = &layer->weights;
    for (uint64_t place = 0; place < (uint64_t)layer->out.height * layer->out.width; place++) {
        const double *e = pass->e + place * layer->out.channels;
        for (uint32_t i = 0; i < weights->inputs; i++) {
            int64_t at =
                ref_field_at(layer, (uint32_t)(place / layer->out.width), (uint32_t)(place % layer->out.width), i);
            for (uint32_t k = 0; at >= 0 && pass->in[at] > 0 && k < weights->neurons; k++) {
                uint64_t ik = (uint64_t)k * weights->inputs + i;
                double o = pass->in[at], share = over(weights, weights->bound[ik], o) >= 0 ? 1 : weights->leak;
                d[ik] += rate * e[k] * share * pass->gamma[place] * (1 - o);
            }
        }
    }
}

/* ---- dense networks ---- */

/* The graph borrows the layers' state. */
void ref_learn_gradient(ref_network *network, const float *in, const uint32_t *labels, uint32_t count,
                        const double *eta, double xi, const bool *corrected)
{
    ref_graph graph = {.settings = *network, .input = {1, 1, network->layers[0].inputs}};
    graph.layer_count = network->layer_count;
    graph.layers = calloc(network->layer_count, sizeof *graph.layers);
    if (!graph.layers)
        abort();
    for (uint32_t l = 0; l < network->layer_count; l++)
        graph.layers[l] = (ref_map_layer){.kind = REF_DENSE,
                                          .source_count = 1,
                                          .sources = {l == 0 ? REF_INPUT : l - 1},
                                          .in = {1, 1, network->layers[l].inputs},
                                          .out = {1, 1, network->layers[l].neurons},
                                          .weights = network->layers[l]};
    ref_map_learn(&graph, in, labels, count, eta, xi, corrected);
    free(graph.layers);
}
