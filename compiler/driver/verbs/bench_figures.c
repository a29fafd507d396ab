/* Figures derived from the measurements of `bouton bench`. */
#include "show/layer_facts.h"
#include "verbs/bench.h"

#include <string.h>

double bench_spread(const br_timing *timing)
{
    return timing->median > 0 ? (timing->upper - timing->lower) / timing->median : 0;
}

bool bench_noisy(const benchmark *bench)
{
    return bench->spread > BENCH_SPREAD_MOST || bench->disagreement > BENCH_DISAGREEMENT_MOST;
}

double bench_connections(const bl_layer *layer)
{
    uint64_t connections = layer_places(layer) * layer_connections(layer);
    return (double)(layer->kind == BT_LAYER_POOL ? layer_values_read(layer) : connections);
}

bool bench_lists_quads(const br_timings *all, const br_timing *timing)
{
    return all->quads > 0 && strcmp(timing->method, bt_method_word(BT_METHOD_INT8)) == 0;
}

bool bench_of_places(const br_timing *timing)
{
    return strcmp(timing->method, "places") == 0;
}

double bench_values(const bl_layer *layer, const br_timing *timing)
{
    if (bench_of_places(timing))
        return (double)(layer_places(layer) * layer->out.channels);
    return layer->kind == BT_LAYER_POOL ? (double)layer_values_read(layer) : 0;
}

/* ---- shares ---- */

static const br_timing *find(const br_timings *all, const char *work, const char *method)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (strcmp(all->works[i].work, work) == 0 && strcmp(all->works[i].method, method) == 0)
            return &all->works[i];
    return NULL;
}

static bool corrects(const br_phase *phase, uint32_t layer)
{
    for (uint32_t i = 0; i < phase->layer_count; i++)
        if (phase->layers[i] == layer)
            return true;
    return false;
}

static bool is_centring(const br_timing *timing)
{
    return strcmp(timing->work, "lean") == 0 || strcmp(timing->work, "centre") == 0;
}

/* A phase of readouts alone computes no layer above the highest map that a readout reads. */
static bool takes_part(const benchmark *bench, uint32_t layer)
{
    const br_phase *phase = bench->phase;
    const bl_program *program = bench->s->source.program;
    for (uint32_t i = phase->layer_count - phase->readout_count; phase->readouts_alone && i < phase->layer_count; i++) {
        uint32_t map = program->layers[phase->layers[i]].sources[0];
        map = map < program->layer_count ? map : program->layers[map].sources[0]; /* through its cells */
        if (layer <= map)
            return true;
    }
    return !phase->readouts_alone;
}

/* Layer by layer, only pools and the layer that answers pass corrections on to the layers that they read. */
static bool passes_on(const benchmark *bench, uint32_t layer)
{
    const bl_program *program = bench->s->source.program;
    return layer > bench->phase->layers[0] &&
           (!bench->phase->by_layer || program->layers[layer].kind == BT_LAYER_POOL ||
            layer + 1 == program->layer_count);
}

/* Feedback goes down to the lowest layer that is corrected. A convolution has one walk for feedback and step, and one for
 * each of them alone. */
static bool is_walk(const benchmark *bench, uint32_t layer, const br_timing *timing)
{
    bool steps = corrects(bench->phase, layer), asks = passes_on(bench, layer);
    bool both = steps && asks && find(&bench->layers[layer], "learn", "pairs");
    if (strcmp(timing->work, "learn") == 0)
        return both;
    return !both && (strcmp(timing->work, "step") == 0 ? steps : asks);
}

static bool is_part(const benchmark *bench, uint32_t layer, const br_timing *timing, int whole)
{
    const br_timings *all = &bench->layers[layer];
    bool learning = whole == BR_TIME_LEARN;
    if (bench->network[whole].count == 0 || (learning && !takes_part(bench, layer)))
        return false;
    if (strcmp(timing->work, "depress") == 0)
        return true;
    if (bench_of_places(timing)) /* of homeostasis, in layers whose drives are standardised by the batch */
        return learning && layer >= bench->phase->layers[0] && (bench->phase->centred > 0 || !is_centring(timing));
    if (strcmp(timing->work, "forward") == 0) {
        const br_timing *used = whole == BR_TIME_INT8 ? find(all, "forward", "8-bit") : NULL;
        return timing == (used != NULL ? used : find(all, "forward", learning ? all->training : all->inference));
    }
    return learning && is_walk(bench, layer, timing);
}

double bench_share(const benchmark *bench, uint32_t layer, const br_timing *timing, int whole)
{
    double sum = 0;
    if (!is_part(bench, layer, timing, whole))
        return 0;
    for (uint32_t i = 0; i < bench->s->source.program->layer_count; i++)
        for (uint32_t k = 0; k < bench->layers[i].count; k++)
            if (is_part(bench, i, &bench->layers[i].works[k], whole))
                sum += bench->layers[i].works[k].median / bench->layers[i].batch;
    return timing->median / bench->layers[layer].batch / sum;
}
