#include "session/state.h"

#include <math.h>
#include <stdlib.h>

#include "options/console.h"

#define ROUNDING 1e-6 /* of alpha, which is computed from v */

typedef struct layer_tensors {
    float *alpha, *theta;
    int8_t *sign;
    size_t connections, neurons;
} layer_tensors;

static void tensors_free(layer_tensors *tensors)
{
    free(tensors->alpha);
    free(tensors->sign);
    free(tensors->theta);
}

static int tensors_export(const command_line *cli, const br_network *network, uint32_t layer, layer_tensors *out)
{
    const br_layer_code *code = &br_network_model(network)->layers[layer];
    *out = (layer_tensors){.connections = (size_t)code->shape.inputs * code->shape.neurons,
                           .neurons = code->shape.neurons};
    out->alpha = allocate(cli, out->connections, sizeof *out->alpha);
    out->sign = allocate(cli, out->connections, sizeof *out->sign);
    out->theta = allocate(cli, out->neurons, sizeof *out->theta);
    if (out->alpha == NULL || out->sign == NULL || out->theta == NULL) {
        tensors_free(out);
        return STATUS_FAULT;
    }
    br_network_export(network, layer, out->alpha, out->sign, out->theta);
    return STATUS_DONE;
}

int state_settle(const command_line *cli, br_network *network)
{
    for (uint32_t layer = 0; layer < br_network_model(network)->layer_count; layer++) {
        layer_tensors state;
        br_error error;
        int status = tensors_export(cli, network, layer, &state);
        if (status != STATUS_DONE)
            return status;
        if (br_network_import(network, layer, state.alpha, state.sign, state.theta, &error) != 0)
            status = fail_with(cli, &error);
        tensors_free(&state);
        if (status != STATUS_DONE)
            return status;
    }
    return STATUS_DONE;
}

int state_summary(const command_line *cli, const br_network *network, uint32_t layer, state_facts *out)
{
    layer_tensors state;
    int status = tensors_export(cli, network, layer, &state);
    if (status != STATUS_DONE)
        return status;
    *out = (state_facts){.alpha_least = INFINITY, .alpha_most = -INFINITY};
    double squares = 0, top = (double)br_network_model(network)->layers[layer].parameters.range_in;
    for (size_t i = 0; i < state.connections; i++) {
        double alpha = (double)state.alpha[i];
        out->excitatory += state.sign[i] > 0;
        out->silent += alpha > top - ROUNDING;
        out->alpha_mean += alpha;
        squares += alpha * alpha;
        out->alpha_least = fmin(out->alpha_least, alpha);
        out->alpha_most = fmax(out->alpha_most, alpha);
    }
    for (size_t i = 0; i < state.neurons; i++)
        out->theta_mean += (double)state.theta[i] / (double)state.neurons;
    out->excitatory /= (double)state.connections;
    out->silent /= (double)state.connections;
    out->alpha_mean /= (double)state.connections;
    out->alpha_deviation = sqrt(fmax(0, squares / (double)state.connections - out->alpha_mean * out->alpha_mean));
    tensors_free(&state);
    return STATUS_DONE;
}
