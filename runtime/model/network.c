/* A network's state: its initial values, and the conversion of bounds between (alpha, sign), used outside, and w, used
 * inside. */
#include "model/network.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

uint64_t br_layer_bounds_count(const br_layer_code *code)
{
    return (uint64_t)code->layout.rows * code->layout.pitch;
}

int br_network_new(const br_model *model, br_network **out, br_error *error)
{
    if (model->version != BR_INTERFACE_VERSION)
        return br_fail(error, BR_ERROR_CHECK,
                       "the compiled code has interface version %u, this runtime %u; compile it again", model->version,
                       BR_INTERFACE_VERSION);
    br_network *network = br_new(1, sizeof *network, error);
    if (!network)
        return -1;
    network->model = model;
    network->sharpness = BR_SHARPNESS_START;
    network->layers = br_new(model->layer_count, sizeof *network->layers, error);
    for (uint32_t i = 0; network->layers && i < model->layer_count; i++) {
        br_layer_bounds *layer = &network->layers[i];
        layer->bounds = br_new_aligned(br_layer_bounds_count(&model->layers[i]), sizeof(float), error);
        layer->theta = layer->bounds ? br_new_aligned(br_theta_count(&model->layers[i]), sizeof(float), error) : NULL;
        layer->conscience = layer->theta ? br_new_aligned(model->layers[i].layout.pitch, sizeof(float), error) : NULL;
        layer->calibration = 1;
        bool dense = model->layers[i].kernels.forward_dense && model->layers[i].layout.dense_above <= 0;
        bool packed = model->layers[i].kernels.forward_packed && model->layers[i].layout.packed_above <= 0;
        layer->training = dense ? BT_METHOD_DENSE : BT_METHOD_EVENTS;
        layer->inference = packed ? BT_METHOD_PACKED : layer->training;
        if (!layer->conscience)
            goto fail;
    }
    if (!network->layers)
        goto fail;
    *out = network;
    return 0;
fail:
    br_network_free(network);
    return -1;
}

void br_network_free(br_network *network)
{
    if (!network)
        return;
    for (uint32_t i = 0; network->layers && i < network->model->layer_count; i++) {
        br_release(network->layers[i].bounds);
        br_release(network->layers[i].theta);
        br_release(network->layers[i].conscience);
    }
    br_release(network->layers);
    br_release(network);
}

const br_model *br_network_model(const br_network *network)
{
    return network->model;
}

void br_network_follow(br_network *network, void (*advance)(void *user, uint64_t done, uint64_t total), void *user)
{
    network->follower = (br_follower){advance, user};
}

float br_network_sharpness(const br_network *network)
{
    return network->sharpness;
}

int br_network_copy_new(const br_network *network, br_network **out, br_error *error)
{
    if (br_network_new(network->model, out, error) != 0)
        return -1;
    br_network_copy(*out, network);
    return 0;
}

void br_network_copy(br_network *to, const br_network *from)
{
    to->sharpness = from->sharpness;
    for (uint32_t i = 0; i < from->model->layer_count; i++) {
        const br_layer_code *code = &from->model->layers[i];
        memcpy(to->layers[i].bounds, from->layers[i].bounds, br_layer_bounds_count(code) * sizeof(float));
        memcpy(to->layers[i].theta, from->layers[i].theta, br_theta_count(code) * sizeof(float));
        memcpy(to->layers[i].conscience, from->layers[i].conscience, code->layout.pitch * sizeof(float));
        to->layers[i].calibration = from->layers[i].calibration;
        to->layers[i].calibrated = from->layers[i].calibrated;
        to->layers[i].training = from->layers[i].training;
        to->layers[i].inference = from->layers[i].inference;
        to->layers[i].live_share = from->layers[i].live_share;
        to->layers[i].measured = from->layers[i].measured;
    }
}

/* ---- (alpha, sign) and w ---- */

/* How much |v| changes with |w|. */
static double v_per_w(const br_layer_code *code)
{
    bool tied = code->parameters.bound_encoding == BR_BOUND_TIED;
    return tied ? ((double)code->parameters.a_max - 1) / BR_TIED_TOP : 1;
}

/* |v| = a_max - 1/(1 - alpha). The sign bit holds the sign, also at zero. */
float br_bound_of(const br_layer_code *code, double alpha, bool excites)
{
    double size = alpha;
    if (code->parameters.bound_encoding != BR_BOUND_ALPHA)
        size = ((double)code->parameters.a_max - 1.0 / (1.0 - alpha)) / v_per_w(code);
    if (code->parameters.whole)
        size = rint(size);
    float w = (float)(size > 0 ? size : 0);
    if (w > code->parameters.v_max && code->parameters.bound_encoding != BR_BOUND_ALPHA)
        w = code->parameters.v_max;
    return excites ? w : -w;
}

float br_alpha_of(const br_layer_code *code, float w)
{
    return (float)(1.0 - 1.0 / ((double)code->parameters.a_max - (double)fabsf(w) * v_per_w(code)));
}

/* Clamped to its range because of rounding. */
static float alpha_of(const br_layer_code *code, float w)
{
    if (code->parameters.bound_encoding == BR_BOUND_ALPHA)
        return fabsf(w);
    float alpha = br_alpha_of(code, w);
    if (alpha < code->parameters.alpha_min)
        return code->parameters.alpha_min;
    return alpha > code->parameters.alpha_max ? code->parameters.alpha_max : alpha;
}

/* Initialisation `alpha distinct`: for each input, the range is divided into as many strips as there are neurons, and
 * each neuron gets a strip of its own. No two filters ever agree (section III). A keyed shuffle assigns the strips. */
static void deal_strips(uint64_t seed, uint32_t layer, uint32_t input, uint32_t neurons, uint32_t *strips)
{
    for (uint32_t k = 0; k < neurons; k++) {
        uint32_t word[4];
        br_random4(seed, BR_STREAM_ALPHA, layer | 0x80000000u, (uint64_t)input * neurons + k, word);
        uint32_t j = br_random_below(word[0], k + 1);
        strips[k] = strips[j];
        strips[j] = k;
    }
}

/* x = (sum - mean - h deviation)/(w deviation)                                                      (26) */
void br_layer_standardise(const br_layer_code *code, br_layer_bounds *layer, uint32_t neuron, double mean,
                          double variance)
{
    double deviation = sqrt(variance > BR_VARIANCE_LEAST ? variance : BR_VARIANCE_LEAST);
    double gain = 1 / ((double)code->parameters.ramp * deviation);
    layer->theta[neuron] = (float)(gain * (mean + (double)code->parameters.ramp_from * deviation));
    layer->theta[code->layout.pitch + neuron] = (float)gain;
}

static void start_layer(br_network *network, uint32_t index, const br_layer_start *start, uint64_t seed,
                        uint32_t *strips)
{
    const br_layer_code *code = &network->model->layers[index];
    br_layer_bounds *layer = &network->layers[index];
    double low = start->low, span = (double)start->high - low;
    for (uint32_t i = 0; i < code->shape.inputs; i++) {
        if (start->start == BT_START_DISTINCT)
            deal_strips(seed, index, i, code->shape.neurons, strips);
        float *row = layer->bounds + br_row_of(code, i) * code->layout.pitch;
        for (uint32_t k = 0; k < code->shape.neurons; k++) {
            uint32_t words[4];
            br_random4(seed, BR_STREAM_ALPHA, index, (uint64_t)k * code->shape.inputs + i, words);
            double at = (double)br_random_unit(words[0]);
            if (start->start == BT_START_DISTINCT)
                at = (strips[k] + at) / code->shape.neurons;
            double alpha = start->start == BT_START_CONSTANT ? low : low + span * at;
            row[k] = br_bound_of(code, alpha, br_random_unit(words[1]) < start->excitatory);
        }
    }
    for (uint32_t k = 0; k < code->shape.neurons; k++)
        layer->theta[k] = start->theta;
    for (uint32_t k = 0; code->parameters.homeostasis && k < code->shape.neurons; k++)
        br_layer_standardise(code, layer, k, 0, 1); /* until the first statistics */
}

int br_network_start(br_network *network, const br_layer_start *starts, uint64_t seed, br_error *error)
{
    for (uint32_t i = 0; i < network->model->layer_count; i++) {
        uint32_t *strips = br_new(network->model->layers[i].shape.neurons, sizeof *strips, error);
        if (!strips)
            return -1;
        start_layer(network, i, &starts[i], seed, strips);
        br_release(strips);
    }
    return 0;
}

void br_network_export(const br_network *network, uint32_t index, float *alpha, int8_t *sign, float *theta)
{
    const br_layer_code *code = &network->model->layers[index];
    const br_layer_bounds *layer = &network->layers[index];
    for (uint32_t k = 0; k < code->shape.neurons; k++) {
        for (uint32_t i = 0; i < code->shape.inputs; i++) {
            float w = layer->bounds[br_row_of(code, i) * code->layout.pitch + k];
            alpha[(uint64_t)k * code->shape.inputs + i] = alpha_of(code, w);
            sign[(uint64_t)k * code->shape.inputs + i] = signbit(w) ? -1 : 1;
        }
        theta[k] = layer->theta[k];
    }
}

void br_network_gains(const br_network *network, uint32_t index, float *gain)
{
    const br_layer_code *code = &network->model->layers[index];
    if (code->parameters.homeostasis)
        memcpy(gain, network->layers[index].theta + code->layout.pitch, code->shape.neurons * sizeof *gain);
}

int br_network_set_gains(br_network *network, uint32_t index, const float *gain, br_error *error)
{
    const br_layer_code *code = &network->model->layers[index];
    for (uint32_t k = 0; code->parameters.homeostasis && k < code->shape.neurons; k++) {
        if (!(gain[k] > 0) || !isfinite(gain[k]))
            return br_fail(error, BR_ERROR_IO,
                           "layer %s, neuron %u: its gain is %g, not above 0 and finite; the file is damaged",
                           code->name, k, (double)gain[k]);
        network->layers[index].theta[code->layout.pitch + k] = gain[k];
    }
    return 0;
}

float br_network_state(const br_network *network, uint32_t index, float *w, float *theta, float *conscience)
{
    const br_layer_code *code = &network->model->layers[index];
    const br_layer_bounds *layer = &network->layers[index];
    for (uint64_t i = 0; i < code->shape.inputs; i++)
        memcpy(w + i * code->shape.neurons, layer->bounds + br_row_of(code, i) * code->layout.pitch,
               code->shape.neurons * sizeof *w);
    if (code->shape.inputs > 0) { /* pools have neither */
        memcpy(theta, layer->theta, code->shape.neurons * sizeof *theta);
        memcpy(conscience, layer->conscience, code->shape.neurons * sizeof *conscience);
    }
    return layer->calibration;
}

/* The rule as printed may move alpha and theta out of their ranges, so only values that are not finite are refused. */
static bool acceptable(const br_layer_code *code, float alpha)
{
    if (code->parameters.bound_encoding == BR_BOUND_ALPHA)
        return isfinite(alpha) && alpha >= 0;
    return alpha >= code->parameters.alpha_min && alpha <= code->parameters.alpha_max;
}

static int check_import(const br_layer_code *code, const float *alpha, const int8_t *sign, const float *theta,
                        br_error *error)
{
    for (uint64_t c = 0; c < (uint64_t)code->shape.neurons * code->shape.inputs; c++) {
        unsigned k = (unsigned)(c / code->shape.inputs), i = (unsigned)(c % code->shape.inputs);
        if (!acceptable(code, alpha[c]))
            return br_fail(error, BR_ERROR_IO,
                           "layer %s, neuron %u, input %u: alpha is %g, outside [%g, %g]; the file is damaged",
                           code->name, k, i, (double)alpha[c], (double)code->parameters.alpha_min,
                           (double)code->parameters.alpha_max);
        if (sign[c] != 1 && sign[c] != -1)
            return br_fail(error, BR_ERROR_IO,
                           "layer %s, neuron %u, input %u: sign is %d, neither +1 nor -1; the file is damaged",
                           code->name, k, i, sign[c]);
    }
    for (uint32_t k = 0; k < code->shape.neurons; k++) {
        bool below_1 = theta[k] < 1 || code->parameters.bound_encoding == BR_BOUND_ALPHA;
        if (!isfinite(theta[k]) || !(code->parameters.homeostasis || (theta[k] >= 0 && below_1)))
            return br_fail(error, BR_ERROR_IO, "layer %s, neuron %u: threshold is %g, %s; the file is damaged",
                           code->name, k, (double)theta[k],
                           code->parameters.homeostasis ? "which is not finite" : "outside [0, 1)");
    }
    return 0;
}

int br_network_import(br_network *network, uint32_t index, const float *alpha, const int8_t *sign, const float *theta,
                      br_error *error)
{
    const br_layer_code *code = &network->model->layers[index];
    br_layer_bounds *layer = &network->layers[index];
    if (check_import(code, alpha, sign, theta, error) != 0)
        return -1;
    for (uint32_t k = 0; k < code->shape.neurons; k++) {
        for (uint32_t i = 0; i < code->shape.inputs; i++) {
            uint64_t c = (uint64_t)k * code->shape.inputs + i;
            layer->bounds[br_row_of(code, i) * code->layout.pitch + k] =
                br_bound_of(code, (double)alpha[c], sign[c] > 0);
        }
        layer->theta[k] = theta[k];
    }
    return 0;
}

float br_layer_gamma(const br_layer_code *code, float sum)
{
    float unit = br_tied_unit(code);
    switch ((bt_sum)code->parameters.sum) {
    case BT_SUM_SCALED:
        return code->parameters.gain / sqrtf((float)code->shape.inputs) * unit;
    case BT_SUM_RAW:
        return unit;
    case BT_SUM_SHARED:
        break;
    }
    return sum > 0 ? code->parameters.gain / sum : 0;
}
