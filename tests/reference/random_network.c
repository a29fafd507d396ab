#include "random_network.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_THETA .05 /* theta in the text; random_state draws others */
#define MOST_RANGE .9  /* a drive is up to 1/(1 - alpha) times as steep as its inputs, which amplifies roundings */

/* ---- random numbers: splitmix64 ---- */

static uint64_t next(ref_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

double ref_unit(ref_random *random)
{
    return (double)(next(random) >> 11) * 0x1p-53;
}

uint32_t ref_below(ref_random *random, uint32_t n)
{
    return (uint32_t)(ref_unit(random) * n);
}

bool ref_chance(ref_random *random, double share)
{
    return ref_unit(random) < share;
}

/* A number of three decimals in [low, high], rounded to float, so that an input of exactly s equals alpha_max = s. */
double ref_setting(ref_random *random, double low, double high)
{
    return (float)(round((low + (high - low) * ref_unit(random)) * 1000) / 1000);
}

/* 1, odd sizes, multiples of the vector width, and one more than a multiple. */
static uint32_t size(ref_random *random)
{
    static const uint32_t edges[] = {1, 1, 2, 8, 15, 16, 17, 32, 33, 64, 65, 130};
    if (ref_chance(random, .4))
        return edges[ref_below(random, sizeof edges / sizeof *edges)];
    return 2 + ref_below(random, 40);
}

/* ---- choosing ---- */

/* The gradient does not support sum(shared). */
static void choose_sum(ref_layer *layer, ref_random *random, ref_rule rule)
{
    layer->sum = (ref_sum)ref_below(random, rule == REF_GRADIENT ? REF_SHARED : REF_SHARED + 1);
    layer->gain = layer->sum == REF_RAW ? 1 : ref_setting(random, .5, layer->sum == REF_SCALED ? 5 : 3);
}

static void choose_bounds(ref_layer *layer, ref_random *random, ref_rule rule)
{
    layer->alpha_min = 0;
    layer->alpha_max = rule == REF_PRINTED ? .99f : layer->range_in;
    if (rule != REF_PRINTED && ref_chance(random, .5)) {
        layer->alpha_max = ref_setting(random, .1, MOST_RANGE); /* above and below the layer's input range */
        if (ref_chance(random, .5))
            layer->alpha_min = ref_setting(random, .001, .4 * layer->alpha_max);
    }
    layer->switches = rule == REF_PRINTED || !ref_chance(random, .2);
    layer->tau = layer->alpha_max;
    if (rule != REF_PRINTED && ref_chance(random, .5))
        layer->tau = ref_setting(random, .02, .9 * layer->alpha_max);
}

/* Half of the layers fire by the ramp. */
static void choose_neuron(ref_neuron *neuron, ref_random *random, ref_rule rule)
{
    if (ref_chance(random, .5))
        return;
    neuron->way = ref_chance(random, .3) ? REF_WAY_LOGISTIC : REF_WAY_FORMULA;
    neuron->k = ref_setting(random, 1, 6);
    neuron->formula = &ref_formulas[ref_below(random, REF_FORMULAS)];
    if (neuron->way == REF_WAY_FORMULA && rule == REF_REPAIRED) /* the gradient does not use it */
        neuron->steepest = ref_steepest(neuron->formula, TEXT_THETA);
}

void random_layer_choose(ref_layer *layer, ref_random *random, ref_rule rule)
{
    layer->range_out = layer->range_in;
    if (rule != REF_PRINTED && ref_chance(random, .5))
        layer->range_out = ref_setting(random, .2, MOST_RANGE);
    choose_bounds(layer, random, rule);
    layer->sum = REF_RAW;
    layer->gain = 1;
    if (rule != REF_PRINTED) {
        choose_sum(layer, random, rule);
        choose_neuron(&layer->neuron, random, rule);
    }
    layer->leak = rule != REF_PRINTED && ref_chance(random, .3) ? ref_setting(random, .05, 1) : 0;
    layer->theta_max = ref_setting(random, .5, .95);
    layer->theta_xi = ref_chance(random, .3) ? ref_setting(random, .005, .1) : 0;
}

void random_layers_reconcile(ref_layer *below, ref_layer *above)
{
    if (below->neuron.way != REF_WAY_RAMP && above->sum == REF_SHARED)
        above->sum = REF_SCALED;
    if (above->neuron.way != REF_WAY_RAMP)
        below->theta_xi = 0;
}

static void take_state(random_network *out, uint32_t l)
{
    ref_layer *layer = &out->network.layers[l];
    uint64_t connections = (uint64_t)layer->neurons * layer->inputs;
    out->alpha[l] = calloc(connections, sizeof(float));
    out->sign[l] = calloc(connections, 1);
    out->theta[l] = calloc(layer->neurons, sizeof(float));
    if (!out->alpha[l] || !out->sign[l] || !out->theta[l])
        abort();
    ref_layer_take(layer);
}

void random_layer_state(const ref_network *network, ref_layer *layer, ref_random *random, float *alpha, int8_t *sign,
                        float *theta)
{
    float low = (float)layer->alpha_min, high = fminf((float)layer->alpha_max, (float)MOST_RANGE);
    for (uint64_t ik = 0; ik < (uint64_t)layer->neurons * layer->inputs; ik++) {
        float drawn = (float)(low + ((double)high - low) * ref_unit(random));
        alpha[ik] = fminf(high, fmaxf(low, drawn));
        sign[ik] = ref_chance(random, .6) ? 1 : -1;
    }
    for (uint32_t k = 0; k < layer->neurons; k++)
        theta[k] = (float)(.3 * ref_unit(random));
    ref_layer_set(network, layer, alpha, sign, theta);
}

void random_state(random_network *of, ref_random *random)
{
    for (uint32_t l = 0; l < of->network.layer_count; l++)
        random_layer_state(&of->network, &of->network.layers[l], random, of->alpha[l], of->sign[l], of->theta[l]);
}

/* All layers, only the last, or only the first; feedback passes through the rest. The printed rule corrects all. */
static void choose_corrected(random_network *out, ref_random *random)
{
    uint32_t layers = out->network.layer_count, only = RANDOM_LAYERS;
    if (out->network.rule != REF_PRINTED && ref_chance(random, .3))
        only = ref_chance(random, .5) ? 0 : layers - 1;
    for (uint32_t l = 0; l < layers; l++) {
        out->corrected[l] = only == RANDOM_LAYERS || l == only;
        out->eta[l] = out->network.rule == REF_GRADIENT ? ref_setting(random, .002, .04) : ref_setting(random, .02, .4);
    }
}

/* ---- as a .btn text ---- */

void random_put(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    int wrote = vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
    if (wrote < 0 || (size_t)wrote >= size - length)
        abort();
}

#define put(out, ...) random_put((out)->text, sizeof(out)->text, __VA_ARGS__)

void random_put_neuron(char *text, size_t size, const ref_neuron *neuron)
{
    char head[64];
    if (neuron->way != REF_WAY_FORMULA)
        return;
    snprintf(head, sizeof head, "neuron %s(x, alpha) = ", neuron->formula->name);
    if (!strstr(text, head))
        random_put(text, size, "%s%s;\n", head, neuron->formula->text);
}

void random_put_properties(char *text, size_t size, ref_rule rule, const ref_layer *layer)
{
    static const char *const sums[] = {[REF_SCALED] = "scaled", [REF_SHARED] = "shared"};
    random_put(text, size, "    signs mixed(50%%)");
    if (!layer->switches)
        random_put(text, size, " fixed;\n");
    else if (layer->tau == layer->alpha_max)
        random_put(text, size, " switching;\n");
    else
        random_put(text, size, " switching at tau %.3f;\n", layer->tau);
    random_put(text, size, "    alpha in [%.3f, %.3f] = uniform;\n", layer->alpha_min, layer->alpha_max);
    if (layer->homeostasis) {
        random_put(text, size, "    homeostasis(%.3f, %.3f);\n    leak %.3f;\n    range [0, %.3f];\n", layer->ramp,
                   layer->ramp_from, layer->leak, layer->range_out);
        return;
    }
    random_put(text, size, "    neuron alpha %.2f up to %.3f learned xi %.3f;\n", TEXT_THETA, layer->theta_max,
               layer->theta_xi);
    if (rule == REF_PRINTED) /* all other settings are those of the paper */
        return;
    random_put(text, size, "    leak %.3f;\n    range [0, %.3f];\n", layer->leak, layer->range_out);
    if (layer->sum == REF_RAW)
        random_put(text, size, "    sum raw;\n");
    else
        random_put(text, size, "    sum %s(%.3f);\n", sums[layer->sum], layer->gain);
    if (layer->neuron.way == REF_WAY_LOGISTIC)
        random_put(text, size, "    fire logistic(%.3f);\n", layer->neuron.k);
    else if (layer->neuron.way == REF_WAY_FORMULA)
        random_put(text, size, "    fire %s;\n", layer->neuron.formula->name);
}

static void put_layer(random_network *out, uint32_t l)
{
    const ref_layer *layer = &out->network.layers[l];
    put(out, "  layer l%u = dense(%u) {\n", l, layer->neurons);
    random_put_properties(out->text, sizeof out->text, out->network.rule, layer);
    put(out, "  }\n");
}

static void put_names(random_network *out, const char *before, bool rates)
{
    const char *between = before;
    for (uint32_t l = 0; l < out->network.layer_count; l++) {
        if (!out->corrected[l])
            continue;
        put(out, "%s", between);
        if (rates)
            put(out, "%.3f on ", out->eta[l]);
        put(out, "l%u", l);
        between = ", ";
    }
    put(out, ";\n");
}

static void put_text(random_network *out)
{
    const ref_network *network = &out->network;
    out->text[0] = '\0';
    if (network->rule == REF_PRINTED)
        put(out, "rule printed;\n");
    if (network->rule == REF_GRADIENT)
        put(out, "rule gradient;\n");
    for (uint32_t l = 0; l < network->layer_count; l++)
        random_put_neuron(out->text, sizeof out->text, &network->layers[l].neuron);
    put(out, "network random {\n  input vector(%u) in [0, %.3f];\n", network->layers[0].inputs,
        network->layers[0].range_in);
    for (uint32_t l = 0; l < network->layer_count; l++)
        put_layer(out, l);
    put(out, "}\nschedule {\n  phase learn {\n");
    put_names(out, "    correct ", false);
    put_names(out, "    eta ", true);
    if (network->rule != REF_PRINTED)
        put(out, "    error %s(%.3f) floor %.3f;\n", network->error == REF_SOFTMAX ? "softmax" : "hinge",
            network->sharpness, network->floor);
    if (network->weighs_classes)
        put(out, "    weight classes by rarity;\n");
    random_put_means(out->text, sizeof out->text, network);
    put(out, "    xi %.3f;\n    decay 1;\n    epochs 1;\n    batch %u;\n  }\n}\n", out->xi, out->batch);
}

/* ---- whole networks ---- */

void random_error_choose(ref_network *network, ref_random *random)
{
    network->error = ref_chance(random, .5) ? REF_HINGE : REF_SOFTMAX;
    network->sharpness = network->error == REF_HINGE ? ref_setting(random, .02, .5) : ref_setting(random, 1, 10);
    network->floor = ref_chance(random, .5) ? .001f : ref_chance(random, .5) ? .053f : 0;
    ref_random own = {~random->state}; /* so that the rest of the network is the same with and without */
    network->weighs_classes = network->rule != REF_PRINTED && ref_chance(&own, .3);
}

void random_means_choose(ref_network *network, const ref_random *random, bool ramps)
{
    static const float kept[] = {.9f, .5f, .987f};
    ref_random own = {random->state ^ 0x6d65616e73u}; /* so that the rest of the network is the same with and without */
    if (network->rule == REF_PRINTED || !ref_chance(&own, .3))
        return;
    network->momentum = ref_chance(&own, .7) ? kept[ref_below(&own, 3)] : 0;
    network->adapts = ramps && (network->momentum == 0 || ref_chance(&own, .7));
    network->adaptive = network->adapts ? ref_chance(&own, .3) ? .9f : .99f : 0;
}

double random_eta(const ref_network *network, double eta)
{
    return network->adapts ? (float)(.001 * ceil(100 * eta)) : eta;
}

void random_put_means(char *text, size_t size, const ref_network *network)
{
    if (network->momentum > 0)
        random_put(text, size, "    momentum %.3f;\n", network->momentum);
    if (network->adapts)
        random_put(text, size, "    adaptive %.3f;\n", network->adaptive);
}

void random_network_make_by(random_network *out, ref_random *random, ref_rule rule)
{
    memset(out, 0, sizeof *out);
    ref_network *network = &out->network;
    network->rule = rule;
    random_error_choose(network, random);
    network->layer_count = 1 + ref_below(random, RANDOM_LAYERS);
    network->layers = calloc(network->layer_count, sizeof *network->layers);
    if (!network->layers)
        abort();
    uint32_t inputs = size(random);
    double range = network->rule == REF_PRINTED ? 1 : ref_setting(random, .2, MOST_RANGE);
    for (uint32_t l = 0; l < network->layer_count; l++) {
        ref_layer *layer = &network->layers[l];
        *layer = (ref_layer){.inputs = inputs, .neurons = size(random), .range_in = range};
        random_layer_choose(layer, random, network->rule);
        if (l > 0)
            random_layers_reconcile(&network->layers[l - 1], layer);
        inputs = layer->neurons;
        range = layer->range_out;
        take_state(out, l);
    }
    random_state(out, random);
    choose_corrected(out, random);
    bool ramps = true;
    for (uint32_t l = 0; l < network->layer_count; l++)
        ramps = ramps && network->layers[l].neuron.way == REF_WAY_RAMP;
    random_means_choose(network, random, ramps);
    for (uint32_t l = 0; l < network->layer_count; l++)
        out->eta[l] = random_eta(network, out->eta[l]);
    out->xi = network->rule == REF_PRINTED ? ref_setting(random, .02, .3) : ref_setting(random, .3, 1);
    out->batch = network->rule == REF_PRINTED ? 1 : 1 + ref_below(random, 9);
    put_text(out);
}

void random_network_make(random_network *out, ref_random *random)
{
    random_network_make_by(out, random, ref_chance(random, .2) ? REF_PRINTED : REF_REPAIRED);
}

void random_network_release(random_network *random_network)
{
    for (uint32_t l = 0; l < RANDOM_LAYERS; l++) {
        free(random_network->alpha[l]);
        free(random_network->sign[l]);
        free(random_network->theta[l]);
    }
    ref_network_release(&random_network->network);
}

void random_sample(ref_random *random, float *in, uint64_t count, float top)
{
    double zeros = ref_chance(random, .1) ? 1 : .7 * ref_unit(random); /* sometimes all inputs */
    for (uint64_t i = 0; i < count; i++) {
        float o = ref_chance(random, .05) ? top : (float)(top * ref_unit(random));
        in[i] = ref_chance(random, zeros) ? 0 : fminf(o, top);
    }
}

void random_batch(const random_network *of, ref_random *random, float *in, uint32_t *labels)
{
    const ref_layer *first = &of->network.layers[0], *last = &of->network.layers[of->network.layer_count - 1];
    for (uint32_t n = 0; n < of->batch; n++) {
        random_sample(random, in + (uint64_t)n * first->inputs, first->inputs, (float)first->range_in);
        labels[n] = ref_below(random, last->neurons);
    }
}

/* ---- twins ---- */

void random_nudge(ref_random *random, const float *from, float *to, uint64_t count, double by, float top)
{
    for (uint64_t i = 0; i < count; i++)
        to[i] = fminf(top, (float)(from[i] * (ref_chance(random, .5) ? 1 + by : 1 - by)));
}

void random_twin_make(const ref_network *of, ref_network *twin)
{
    *twin = *of;
    twin->layers = calloc(of->layer_count, sizeof *twin->layers);
    if (!twin->layers)
        abort();
    for (uint32_t l = 0; l < of->layer_count; l++) {
        twin->layers[l] = of->layers[l];
        ref_layer_take(&twin->layers[l]);
    }
}

void random_twin_layer(const ref_network *network, const ref_layer *from, ref_layer *to, ref_random *random, double by)
{
    uint64_t connections = (uint64_t)from->neurons * from->inputs;
    float most = INFINITY; /* the printed rule does not bound alpha */
    if (network->rule != REF_PRINTED)
        most = (float)ref_v_of_alpha(from->alpha_min, 1, from->alpha_max);
    random_nudge(random, from->bound, to->bound, connections, by, most);
    random_nudge(random, from->theta, to->theta, from->neurons, by, INFINITY);
    memcpy(to->sign, from->sign, connections);
}

void random_twin_set(const ref_network *of, ref_network *twin, ref_random *random, double by)
{
    for (uint32_t l = 0; l < of->layer_count; l++)
        random_twin_layer(of, &of->layers[l], &twin->layers[l], random, by);
}
