#include "homeostasis.h"

#include <math.h>

static uint32_t readers_of(const ref_graph *graph, uint32_t l)
{
    uint32_t readers = 0;
    for (uint32_t i = 0; i < ref_all_layers(graph); i++)
        for (uint32_t s = 0; s < graph->layers[i].source_count; s++)
            readers += graph->layers[i].sources[s] == l;
    return readers;
}

/* Whether the pool l + 1 shows the drives of layer l. */
static bool shown_by_pool(const ref_graph *graph, uint32_t l)
{
    const ref_map_layer *layer = &graph->layers[l], *pool = layer + 1;
    if (layer->kind != REF_CONV || layer->clause_count > 0 || l + 2 >= graph->layer_count || readers_of(graph, l) != 1)
        return false;
    bool apart = pool->grid || (pool->window_height <= pool->stride && pool->window_width <= pool->stride);
    return pool->kind == REF_POOL && pool->pooling == REF_MAX && pool->source_count == 1 && pool->sources[0] == l &&
           apart;
}

uint32_t ref_standardised(const ref_graph *graph, uint32_t l)
{
    const ref_map_layer *layer = &graph->layers[l];
    if (layer->kind == REF_POOL)
        return l > 0 && graph->layers[l - 1].weights.homeostasis && shown_by_pool(graph, l - 1) ? l - 1 : REF_INPUT;
    return layer->weights.homeostasis && !shown_by_pool(graph, l) ? l : REF_INPUT;
}

static double places_of(const ref_map_layer *layer, uint32_t count)
{
    return (double)count * layer->out.height * layer->out.width;
}

void ref_standardise(const ref_graph *graph, uint32_t l, ref_map_pass *const *samples, uint32_t count, double *gain)
{
    const ref_map_layer *layer = &graph->layers[l];
    const ref_layer *weights = &graph->layers[ref_standardised(graph, l)].weights;
    uint32_t channels = layer->out.channels;
    for (uint32_t k = 0; k < channels; k++) {
        double mean = 0, variance = 0, places = places_of(layer, count);
        for (uint32_t n = 0; n < count; n++)
            for (uint64_t i = k; i < ref_values(layer->out); i += channels)
                mean += samples[n][l].x[i] / places;
        for (uint32_t n = 0; n < count; n++)
            for (uint64_t i = k; i < ref_values(layer->out); i += channels)
                variance += (samples[n][l].x[i] - mean) * (samples[n][l].x[i] - mean) / places;
        double deviation = sqrt(fmax(1e-6, variance));
        double nudge = layer->nudged * (2 * fmod((k + 1) * layer->spread, 1) - 1);
        gain[k] = (1 + nudge) / (weights->ramp * deviation);
        double theta = gain[k] * (mean + weights->ramp_from * deviation);
        for (uint32_t n = 0; n < count; n++)
            for (uint64_t i = k; i < ref_values(layer->out); i += channels)
                ref_map_level(weights, gain[k], theta, &samples[n][l].x[i], &samples[n][l].o[i]);
    }
}

void ref_homeostatic_gate(const ref_graph *graph, uint32_t l, ref_map_pass *pass, const double *gain, bool gradient)
{
    const ref_map_layer *layer = &graph->layers[l];
    double s = layer->weights.range_out;
    for (uint64_t i = 0; i < ref_values(layer->out); i++) {
        double x = pass->x[i], asked = pass->asked[i], g = gain[i % layer->out.channels];
        bool inside = x > 0 && x < 1, comes_down = x >= 1 && asked < 0;
        pass->e[i] = gradient ? (inside ? s * g * asked : 0) : inside || comes_down ? g * asked : 0;
        if (layer->clause_count > 0 && pass->o[i] == 0)
            pass->e[i] = 0;
    }
}

void ref_centre(const ref_graph *graph, uint32_t l, ref_map_pass *const *samples, uint32_t count)
{
    const ref_map_layer *layer = &graph->layers[l];
    const ref_layer *weights = &graph->layers[ref_standardised(graph, l)].weights;
    uint32_t channels = layer->out.channels, every = graph->settings.centred;
    for (uint32_t k = 0; every > 0 && k < channels; k++) {
        double m = 0, c = 0, places = places_of(layer, count);
        for (uint32_t n = 0; n < count; n++)
            for (uint64_t i = k; i < ref_values(layer->out); i += channels) {
                double z = weights->ramp * samples[n][l].x[i] + weights->ramp_from;
                m += samples[n][l].e[i] / places;
                c += samples[n][l].e[i] * z / places;
            }
        for (uint32_t n = 0; n < count; n++)
            for (uint64_t i = k; i < ref_values(layer->out); i += channels) {
                double z = weights->ramp * samples[n][l].x[i] + weights->ramp_from, off = m + z * c;
                uint64_t place = n * (ref_values(layer->out) / channels) + i / channels;
                double *e = &samples[n][l].e[i];
                if (*e != 0)
                    *e -= off;
                else
                    *e = (5 * k + place) % every == 0 ? -(double)every * off : 0;
            }
    }
}
