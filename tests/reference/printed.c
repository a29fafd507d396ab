/* Learning from one sample by the rule as printed (model.md, "As printed"). */
#include <math.h>

#include "reference.h"

/* (6): the change towards the drive whose level in (3) is y + dy, times eta. */
double ref_printed_drive_change(double theta, double x, double y, double dy, double eta)
{
    return eta * ((y + dy) * (1 - theta) + theta - x);
}

/* (7) */
double ref_printed_theta_target(double x, double y, double dy)
{
    return (x - (y + dy)) / (1 - (y + dy));
}

/* (12) */
double ref_printed_alpha_target(double o, double g, double dg)
{
    return (o - (g + dg)) / (1 - (g + dg));
}

/* (12)-(15): the sign switch and the one-sided clamp as printed. dc is the wanted change of the contribution. */
void ref_printed_move(const ref_layer *layer, float *alpha, int8_t *sign, double o, double dc, double xi, double jitter)
{
    double dg = *sign * dc;
    if (o == 0 || dg == 0)
        return;
    float wanted = (float)ref_printed_gain(o, *alpha) + (float)(dg + jitter);
    double target = ref_printed_alpha_target(o, wanted, 0);
    double moved = *alpha + xi * (target - *alpha);
    if (!isfinite(moved))
        return;
    if (layer->switches && dg < 0 && moved - layer->alpha_max < layer->tau)
        *sign = -*sign;
    *alpha = (float)fmax(0, moved);
}

/* (16)-(17) */
double ref_printed_feedback(double o, double alpha, int sign, double dc, double eta)
{
    double change = sign * eta * ((ref_printed_gain(o, alpha) + dc) * (1 - alpha) + alpha - o);
    return isfinite(change) ? change : 0;
}

/* (11): the share of input i in the wanted change of drive k. */
static double share(const ref_pass *pass, uint32_t k, uint32_t i)
{
    return pass->e[k] * pass->in[i] / pass->input_sum;
}

/* (6) for a whole layer whose dy is known; e holds the wanted changes of the drives. */
static void wanted_drives(const ref_layer *layer, ref_pass *pass, double eta, double jitter)
{
    for (uint32_t k = 0; k < layer->neurons; k++) {
        double change = ref_printed_drive_change(layer->theta[k], pass->x[k], pass->y[k], pass->dy[k] + jitter, eta);
        pass->e[k] = isfinite(change) ? change : 0;
    }
}

/* (18): the wanted changes of the layer's inputs, each weighted by the input's share. */
static void feedback(const ref_layer *layer, const ref_pass *pass, ref_pass *below, double eta)
{
    for (uint32_t i = 0; i < layer->inputs; i++) {
        double change = 0;
        for (uint32_t k = 0; k < layer->neurons && pass->input_sum > 0; k++) {
            uint64_t ik = (uint64_t)k * layer->inputs + i;
            change += ref_printed_feedback(pass->in[i], layer->bound[ik], layer->sign[ik], share(pass, k, i), eta) *
                      pass->in[i] / pass->input_sum;
        }
        below->dy[i] = change;
    }
}

static void step(ref_layer *layer, const ref_pass *pass, double xi, double jitter)
{
    for (uint32_t k = 0; k < layer->neurons; k++) {
        for (uint32_t i = 0; i < layer->inputs && pass->input_sum > 0; i++) {
            uint64_t ik = (uint64_t)k * layer->inputs + i;
            ref_printed_move(layer, &layer->bound[ik], &layer->sign[ik], pass->in[i], share(pass, k, i), xi, jitter);
        }
        float wanted = (float)pass->y[k] + (float)(pass->dy[k] + jitter);
        double target = ref_printed_theta_target(pass->x[k], wanted, 0);
        if (layer->theta_xi > 0 && isfinite(target)) {
            double theta = layer->theta[k];
            layer->theta[k] = (float)fmax(0, theta + layer->theta_xi * (fmax(0, target) - theta)); /* (8) */
        }
    }
}

void ref_learn_printed(ref_network *network, const float *in, uint32_t label, const double *eta, double xi,
                       const bool *corrected)
{
    uint32_t last = network->layer_count - 1;
    ref_pass *passes = ref_passes_new(network);
    ref_forward(network, in, passes);
    for (uint32_t k = 0; k < network->layers[last].neurons; k++)
        passes[last].dy[k] = (k == label) - passes[last].y[k];
    for (uint32_t l = network->layer_count; l-- > 0;) {
        double rate = corrected[l] ? eta[l] : 0;
        wanted_drives(&network->layers[l], &passes[l], rate, network->jitter);
        if (l > 0)
            feedback(&network->layers[l], &passes[l], &passes[l - 1], rate);
    }
    for (uint32_t l = 0; l < network->layer_count; l++) {
        if (corrected[l])
            step(&network->layers[l], &passes[l], xi, network->jitter);
    }
    ref_passes_release(network, passes);
}
