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

bool bench_compares(const br_timing *timing)
{
    return strcmp(timing->work, "depress") == 0;
}

double bench_values(const bl_layer *layer, const br_timing *timing)
{
    if (bench_compares(timing))
        return (double)(layer_places(layer) * layer->out.channels);
    return layer->kind == BT_LAYER_POOL ? (double)layer_values_read(layer) : 0;
}
