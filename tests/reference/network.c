/* State, memory and the forward pass (eqs. 1-4) of both rules. */
#include <math.h>
#include <stdlib.h>

#include "gradient.h"

static void *take(uint64_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

void ref_layer_take(ref_layer *layer)
{
    uint64_t connections = (uint64_t)layer->neurons * layer->inputs;
    layer->bound = take(connections, sizeof *layer->bound);
    layer->sign = take(connections, sizeof *layer->sign);
    layer->theta = take(layer->neurons, sizeof *layer->theta);
    layer->means = take(1, sizeof *layer->means);
    layer->means->m = take(connections, sizeof(double));
    layer->means->r = take(connections, sizeof(double));
}

void ref_layer_release(ref_layer *layer)
{
    free(layer->bound);
    free(layer->sign);
    free(layer->theta);
    if (layer->means) {
        free(layer->means->m);
        free(layer->means->r);
    }
    free(layer->means);
}

double ref_v_of_alpha(double alpha, int sign, double alpha_max)
{
    return sign * (1 / (1 - alpha_max) - 1 / (1 - alpha));
}

double ref_v(const ref_layer *layer, uint32_t neuron, uint32_t input)
{
    uint64_t ik = (uint64_t)neuron * layer->inputs + input;
    return layer->sign[ik] * (double)layer->bound[ik];
}

void ref_layer_set(const ref_network *network, ref_layer *layer, const float *alpha, const int8_t *sign,
                   const float *theta)
{
    for (uint64_t ik = 0; ik < (uint64_t)layer->neurons * layer->inputs; ik++) {
        double v = ref_v_of_alpha(alpha[ik], 1, layer->alpha_max);
        layer->bound[ik] = network->rule == REF_PRINTED ? alpha[ik] : (float)fmax(0, v);
        layer->sign[ik] = sign[ik];
        layer->means->m[ik] = layer->means->r[ik] = 0;
    }
    layer->means->batches = 0;
    for (uint32_t k = 0; k < layer->neurons; k++)
        layer->theta[k] = theta[k];
}

void ref_network_release(ref_network *network)
{
    for (uint32_t l = 0; l < network->layer_count; l++)
        ref_layer_release(&network->layers[l]);
    free(network->layers);
    network->layers = NULL;
    network->layer_count = 0;
}

ref_pass *ref_passes_new(const ref_network *network)
{
    ref_pass *passes = take(network->layer_count, sizeof *passes);
    const double *in = take(network->layers[0].inputs, sizeof *in);
    for (uint32_t l = 0; l < network->layer_count; l++) {
        uint32_t neurons = network->layers[l].neurons;
        passes[l].in = in;
        passes[l].x = take(neurons, sizeof(double));
        passes[l].y = take(neurons, sizeof(double));
        passes[l].e = take(neurons, sizeof(double));
        passes[l].dy = take(neurons, sizeof(double));
        in = passes[l].o = take(neurons, sizeof(double));
    }
    return passes;
}

void ref_passes_release(const ref_network *network, ref_pass *passes)
{
    free((void *)passes[0].in); /* only the first pass owns its input; the others read the outputs below */
    for (uint32_t l = 0; l < network->layer_count; l++) {
        free(passes[l].x);
        free(passes[l].y);
        free(passes[l].o);
        free(passes[l].e);
        free(passes[l].dy);
    }
    free(passes);
}

/* ---- equations ---- */

/* (1)-(2): q|v| - q t = q|v| - q a_max + 1. */
double ref_contribution(double o, double bound, int sign, double alpha_max)
{
    double q = 1 - o, a_max = 1 / (1 - alpha_max);
    double t = a_max - 1 / q;
    return sign * fmax(0, q * bound - q * t);
}

/* (1), both clamps. At alpha = 1 the value is not finite and counts as 0. */
double ref_printed_gain(double o, double alpha)
{
    double g = (o - alpha) / (1 - alpha);
    if (isnan(g))
        return 0;
    return fmin(1, fmax(0, g));
}

/* (3) */
double ref_level(double x, double theta)
{
    double y = (x - theta) / (1 - theta);
    if (isnan(y))
        return 0;
    return fmin(1, fmax(0, y));
}

/* gamma of (4) */
static double gamma_of(const ref_network *network, const ref_layer *layer, double input_sum)
{
    if (network->rule == REF_PRINTED || layer->sum == REF_RAW)
        return 1;
    if (layer->sum == REF_SCALED)
        return layer->gain / sqrt(layer->inputs);
    return input_sum > 0 ? layer->gain / input_sum : 0;
}

static void forward_layer(const ref_network *network, const ref_layer *layer, ref_pass *pass)
{
    pass->input_sum = 0;
    for (uint32_t i = 0; i < layer->inputs; i++)
        pass->input_sum += pass->in[i];
    pass->gamma = gamma_of(network, layer, pass->input_sum);
    for (uint32_t k = 0; k < layer->neurons; k++) {
        double sum = 0;
        for (uint32_t i = 0; i < layer->inputs; i++) {
            uint64_t ik = (uint64_t)k * layer->inputs + i;
            double o = pass->in[i];
            if (o == 0)
                continue;
            if (network->rule == REF_PRINTED)
                sum += layer->sign[ik] * ref_printed_gain(o, layer->bound[ik]);
            else
                sum += ref_contribution(o, layer->bound[ik], layer->sign[ik], layer->alpha_max);
        }
        pass->x[k] = pass->gamma * sum;
        pass->y[k] = ref_neuron_level(&layer->neuron, pass->x[k], layer->theta[k]);
        pass->o[k] = layer->range_out * pass->y[k];
    }
}

void ref_forward(const ref_network *network, const float *in, ref_pass *passes)
{
    double *first = (double *)passes[0].in;
    for (uint32_t i = 0; i < network->layers[0].inputs; i++)
        first[i] = in[i];
    for (uint32_t l = 0; l < network->layer_count; l++)
        forward_layer(network, &network->layers[l], &passes[l]);
}

void ref_learn(ref_network *network, const float *in, const uint32_t *labels, uint32_t count, const double *eta,
               double xi, const bool *corrected)
{
    if (network->rule == REF_REPAIRED) {
        ref_learn_repaired(network, in, labels, count, eta, xi, corrected);
        return;
    }
    if (network->rule == REF_GRADIENT) {
        ref_learn_gradient(network, in, labels, count, eta, xi, corrected);
        return;
    }
    for (uint32_t n = 0; n < count; n++)
        ref_learn_printed(network, in + (uint64_t)n * network->layers[0].inputs, labels[n], eta, xi, corrected);
}
