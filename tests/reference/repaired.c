/* Learning from one batch by the repaired rule (model.md section 3). */
#include <math.h>
#include <stdlib.h>

#include "reference.h"

#define LEVEL_MARGIN 0.02  /* y* of (7) stays this far below 1 */
#define MEAN_LEAST   1e-30 /* smaller means are 0 */

/* e of the output's drives by the chosen error. Errors below the floor become 0. */
void ref_output_error(const ref_network *network, const double *x, uint32_t neurons, uint32_t label, double *e)
{
    double most = -INFINITY, sum = 0;
    for (uint32_t k = 0; k < neurons; k++)
        most = fmax(most, x[k]);
    for (uint32_t k = 0; k < neurons; k++)
        sum += ref_exp(network->sharpness * (x[k] - most));
    for (uint32_t k = 0; k < neurons; k++) {
        if (network->error == REF_SOFTMAX)
            e[k] = (k == label) - (double)(float)(ref_exp(network->sharpness * (x[k] - most)) / sum);
        else if (k == label)
            e[k] = fmax(0, network->sharpness - x[k]);
        else
            e[k] = -fmax(0, x[k] + network->sharpness);
        if (fabs(e[k]) < network->floor)
            e[k] = 0;
    }
}

/* w_c = N/(K n_c), counted anew for each sample. */
double ref_class_weight(const ref_network *network, const uint32_t *labels, uint32_t count, uint32_t label)
{
    uint32_t classes = 0, same = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool seen = false;
        for (uint32_t j = 0; j < i; j++)
            seen = seen || labels[j] == labels[i];
        classes += !seen;
        same += labels[i] == label;
    }
    return network->weighs_classes ? (double)count / ((double)classes * same) : 1;
}

/* (9): only a neuron that responds is corrected. A saturated neuron is corrected only downwards. */
double ref_gate(double theta, double x, double change)
{
    bool responds = theta < x && x < 1;
    bool comes_down = x >= 1 && change < 0;
    return responds || comes_down ? (1 - theta) * change : 0;
}

static double threshold_of_input(double o, double alpha_max)
{
    return 1 / (1 - alpha_max) - 1 / (1 - o); /* t(o) = a_max - 1/q */
}

/* (16)-(18): the changes that the layer's errors ask of its inputs. */
static void feedback(const ref_layer *layer, const ref_pass *pass, ref_pass *below, const ref_layer *layer_below)
{
    double a_max = 1 / (1 - layer->alpha_max);
    for (uint32_t i = 0; i < layer->inputs; i++) {
        double o = pass->in[i], change = 0;
        for (uint32_t k = 0; k < layer->neurons; k++) {
            uint64_t ik = (uint64_t)k * layer->inputs + i;
            double a = a_max - layer->bound[ik];
            if (o > 0 && layer->bound[ik] > threshold_of_input(o, layer->alpha_max))
                change += layer->sign[ik] * (1 / a) * pass->e[k]; /* 1/a = 1 - alpha */
        }
        below->dy[i] = change;
        below->e[i] = ref_neuron_gate(&layer_below->neuron, layer_below->theta[i], below->x[i], change);
    }
}

/* (11)-(15): d of one connection for one sample. In v it is the same on both sides of zero. */
double ref_connection_step(const ref_layer *layer, double bound, double o, double input_sum, double gamma, double rate,
                           double e)
{
    if (o == 0)
        return 0;
    bool live = bound >= threshold_of_input(o, layer->alpha_max);
    if (layer->homeostasis) /* (29) */
        return (live ? 1 : layer->leak) * rate * e * o;
    return (live ? 1 : layer->leak) * rate * (e / gamma) * o / ((1 - o) * input_sum);
}

static double counted(double mean)
{
    return fabs(mean) < MEAN_LEAST ? 0 : mean;
}

double ref_mean_step(const ref_network *network, const ref_layer *layer, uint64_t ik, double d, double rate)
{
    double b1 = network->momentum, b2 = network->adaptive, n = layer->means->batches;
    double *m = &layer->means->m[ik], *r = &layer->means->r[ik];
    if (!network->adapts)
        return *m = counted(b1 * *m + d); /* (23) */
    *m = counted(b1 * *m + (1 - b1) * d);
    *r = counted(b2 * *r + (1 - b2) * d * d);
    double range = 1 / (1 - layer->alpha_max) - 1 / (1 - layer->alpha_min);
    double mean = *m / (1 - pow(b1, n)), square = *r / (1 - pow(b2, n));
    return rate * range * mean / (sqrt(square) + 1e-10); /* (24) */
}

/* Adds d to v. v crosses zero if the valve permits it, otherwise it stops at zero; its size is clipped. */
void ref_connection_move(const ref_layer *layer, float *bound, int8_t *sign, double d)
{
    double a_max = 1 / (1 - layer->alpha_max);
    double most = a_max - 1 / (1 - layer->alpha_min);
    double alpha = 1 - 1 / (a_max - *bound);
    double along = *bound + *sign * d; /* v + d, times the sign of v */
    if (along < 0) {
        bool near = layer->alpha_max - alpha < layer->tau || layer->tau == layer->alpha_max;
        if (layer->switches && near) {
            *sign = -*sign;
            along = -along;
        } else {
            along = 0;
        }
    }
    *bound = (float)fmin(along, most);
}

/* (7) */
double ref_theta_target(double x, double theta, double change)
{
    double y = fmin(1 - LEVEL_MARGIN, fmax(0, ref_level(x, theta) + change));
    return (x - y) / (1 - y);
}

/* ---- a batch ---- */

static void errors_of_sample(const ref_network *network, uint32_t label, double weight, ref_pass *passes)
{
    uint32_t last = network->layer_count - 1;
    const ref_layer *output = &network->layers[last];
    ref_output_error(network, passes[last].x, output->neurons, label, passes[last].e);
    for (uint32_t k = 0; k < output->neurons; k++) {
        passes[last].e[k] *= weight;
        passes[last].dy[k] = passes[last].e[k] / (1 - output->theta[k]);
    }
    for (uint32_t l = last; l > 0; l--)
        feedback(&network->layers[l], &passes[l], &passes[l - 1], &network->layers[l - 1]);
}

/* d of every connection summed over the batch, then one move each. */
static void step_connections(const ref_network *network, ref_pass *const *samples, uint32_t l, uint32_t count,
                             double rate)
{
    ref_layer *layer = &network->layers[l];
    double summed_rate = network->adapts ? 1 : rate;
    layer->means->batches++;
    for (uint32_t k = 0; k < layer->neurons; k++) {
        for (uint32_t i = 0; i < layer->inputs; i++) {
            uint64_t ik = (uint64_t)k * layer->inputs + i;
            double d = 0;
            for (uint32_t n = 0; n < count; n++) {
                const ref_pass *pass = &samples[n][l];
                d += ref_connection_step(layer, layer->bound[ik], pass->in[i], pass->input_sum, pass->gamma,
                                         summed_rate, pass->e[k]);
            }
            d = ref_mean_step(network, layer, ik, d, rate);
            ref_connection_move(layer, &layer->bound[ik], &layer->sign[ik], d);
        }
    }
}

/* (8) */
static void step_thresholds(ref_layer *layer, ref_pass *const *samples, uint32_t l, uint32_t count)
{
    for (uint32_t k = 0; k < layer->neurons; k++) {
        double theta = layer->theta[k], step = 0;
        for (uint32_t n = 0; n < count; n++) {
            const ref_pass *pass = &samples[n][l];
            if (pass->x[k] < 1 && pass->dy[k] != 0)
                step += layer->theta_xi * (ref_theta_target(pass->x[k], theta, pass->dy[k]) - theta);
        }
        if (step != 0)
            layer->theta[k] = (float)fmin(layer->theta_max, fmax(0, theta + step));
    }
}

void ref_learn_repaired(ref_network *network, const float *in, const uint32_t *labels, uint32_t count,
                        const double *eta, double xi, const bool *corrected)
{
    ref_pass **samples = calloc(count, sizeof *samples);
    if (!samples)
        abort();
    for (uint32_t n = 0; n < count; n++) {
        samples[n] = ref_passes_new(network);
        ref_forward(network, in + (uint64_t)n * network->layers[0].inputs, samples[n]);
        errors_of_sample(network, labels[n], ref_class_weight(network, labels, count, labels[n]), samples[n]);
    }
    for (uint32_t l = 0; l < network->layer_count; l++) {
        if (!corrected[l])
            continue;
        step_connections(network, samples, l, count, xi * eta[l]);
        step_thresholds(&network->layers[l], samples, l, count);
    }
    for (uint32_t n = 0; n < count; n++)
        ref_passes_release(network, samples[n]);
    free(samples);
}
