/* Figures derived from the measurements of `bouton bench`. */
#include "show/layer_facts.h"
#include "verbs/bench.h"

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
