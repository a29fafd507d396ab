#include "random_maps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE_MOST = 9,
    LENGTH_MOST = 40, /* of a series */
    CHANNELS_MOST = 40,
    VALUES_MOST = 1200,       /* of any map */
    CONNECTIONS_MOST = 20000, /* per sample and layer: places times bounds */
    KEEP_MOST = 8,
    KEEP_LOCAL = 64, /* of rings and windows */
    WIDE_MOST = 160  /* neurons of a dense layer that is wider than others */
};

static const double tied_top = .75; /* s, and the largest alpha, of graphs with ties */

static uint32_t between(ref_random *random, uint32_t low, uint32_t high)
{
    return low + ref_below(random, high - low + 1);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* 1, a number near a multiple of the vector width, or any number up to `most`. */
static uint32_t channels(ref_random *random, uint32_t most)
{
    static const uint32_t edges[] = {1, 1, 2, 3, 7, 8, 9, 15, 16, 17, 32, 33, 40};
    uint32_t n = ref_chance(random, .6) ? edges[ref_below(random, sizeof edges / sizeof *edges)]
                                        : between(random, 1, CHANNELS_MOST);
    return n < most ? n : most < 1 ? 1 : most;
}

/* ---- sources ---- */

static ref_shape shape_of(const ref_graph *graph, uint32_t source)
{
    return source == REF_INPUT ? graph->input : graph->layers[source].out;
}

static double range_of(const random_maps *of, uint32_t source)
{
    return source == REF_INPUT ? of->range : of->graph.layers[source].weights.range_out;
}

static bool reads(const ref_map_layer *layer, uint32_t source)
{
    for (uint32_t i = 0; i < layer->source_count; i++)
        if (layer->sources[i] == source)
            return true;
    return false;
}

/* The first source is the preceding layer or the input. Further sources must have the same places, except in a dense
 * layer. The last layer reads every layer that no other layer reads. */
static void choose_sources(const random_maps *of, uint32_t l, ref_random *random)
{
    const ref_graph *graph = &of->graph;
    ref_map_layer *layer = &graph->layers[l];
    bool last = l + 1 == graph->layer_count, read[MAPS_LAYERS] = {false};
    layer->sources[layer->source_count++] = l == 0 ? REF_INPUT : ref_chance(random, .85) ? l - 1 : ref_below(random, l);
    for (uint32_t i = 0; i < l; i++)
        for (uint32_t j = 0; j < l; j++)
            read[i] = read[i] || reads(&graph->layers[j], i);
    ref_shape first = shape_of(graph, layer->sources[0]);
    for (uint32_t i = 0; i <= l; i++) {
        uint32_t source = i == l ? REF_INPUT : i;
        ref_shape shape = shape_of(graph, source);
        bool fits = layer->kind == REF_DENSE || (shape.height == first.height && shape.width == first.width);
        bool wanted = (last && i < l && !read[i]) || ref_chance(random, .15);
        if (fits && wanted && !reads(layer, source))
            layer->sources[layer->source_count++] = source;
    }
}

static void join_sources(const random_maps *of, ref_map_layer *layer)
{
    uint32_t values = 0, depth = 0;
    for (uint32_t i = 0; i < layer->source_count; i++) {
        ref_shape shape = shape_of(&of->graph, layer->sources[i]);
        values += (uint32_t)ref_values(shape);
        depth += shape.channels;
        layer->weights.range_in = fmax(layer->weights.range_in, range_of(of, layer->sources[i]));
    }
    layer->in = shape_of(&of->graph, layer->sources[0]);
    layer->in.channels = depth;
    if (layer->kind == REF_DENSE)
        layer->in = (ref_shape){1, 1, values};
}

/* ---- shapes ---- */

static uint32_t places_along(uint32_t in, uint32_t window, uint32_t stride, bool same)
{
    return same ? (in + stride - 1) / stride : (in - window) / stride + 1;
}

/* The largest stride of a map is its shorter side, or the only one of a map of one row or column. */
static uint32_t stride_most(ref_shape in)
{
    bool line = in.height == 1 || in.width == 1;
    return (in.height < in.width) != line ? in.height : in.width;
}

static void choose_windows(ref_map_layer *layer, ref_random *random, uint32_t most)
{
    layer->window_height = between(random, 1, smaller(most, layer->in.height));
    layer->window_width = between(random, 1, smaller(most, layer->in.width));
    layer->stride = between(random, 1, smaller(3, stride_most(layer->in)));
    layer->out.height = places_along(layer->in.height, layer->window_height, layer->stride, layer->same);
    layer->out.width = places_along(layer->in.width, layer->window_width, layer->stride, layer->same);
}

static void shape_conv(ref_map_layer *layer, ref_random *random)
{
    layer->same = ref_chance(random, .5);
    choose_windows(layer, random, 5);
    layer->weights.inputs = layer->window_height * layer->window_width * layer->in.channels;
    uint32_t places = layer->out.height * layer->out.width;
    uint32_t most = smaller(VALUES_MOST / places, CONNECTIONS_MOST / (places * layer->weights.inputs));
    layer->weights.neurons = layer->out.channels = channels(random, most);
}

static void shape_pool(ref_map_layer *layer, ref_random *random)
{
    layer->pooling = (ref_pooling)ref_below(random, 3);
    layer->grid = ref_chance(random, .4);
    layer->factor = 1;
    if (layer->grid)
        layer->out = (ref_shape){between(random, 1, layer->in.height), between(random, 1, layer->in.width), 0};
    else
        choose_windows(layer, random, 4);
    layer->out.channels = layer->in.channels;
    layer->weights.range_out = layer->weights.range_in;
}

static void shape_dense(ref_map_layer *layer, ref_random *random, bool wide)
{
    uint32_t most = CONNECTIONS_MOST / layer->in.channels;
    layer->weights.inputs = layer->in.channels;
    layer->weights.neurons = wide ? smaller(between(random, 42, WIDE_MOST), most) : channels(random, most);
    layer->out = (ref_shape){1, 1, layer->weights.neurons};
}

/* ---- depression ---- */

/* How many stay: up to all but one, and written as a count or a share. Lists of 9 to 40 drives compile slowly, so they
 * are rare. */
static void choose_any_keep(ref_random *random, uint32_t around, bool local, ref_clause *clause)
{
    enum { FEW = 8, LISTED = 40 };
    static const uint32_t percents[] = {2, 12, 30, 60};
    uint32_t most = local ? smaller(KEEP_LOCAL, around - 1) : around - 1, percent = percents[ref_below(random, 4)];
    uint32_t kept = (percent * around + 50) / 100, kind = ref_below(random, 10);
    clause->keep = kind < 3 ? 1 : between(random, 1, kind == 9 ? most : smaller(FEW, most));
    if (kind > 6 && most > LISTED)
        clause->keep = between(random, LISTED + 1, most);
    bool rare = kept > FEW && kept <= LISTED && kind != 9, half = percent * around % 100 == 50; /* rounded either way */
    if (rare || half || kept > most || ref_chance(random, .5))
        return;
    clause->percent = percent;
    clause->keep = kept < 1 ? 1 : kept;
}

/* False if the layer has no such neighbours. */
static bool choose_clause(const ref_map_layer *layer, ref_random *random, bool over_places,
                          random_depression depression, ref_clause *clause)
{
    static const double gaps[] = {.125, .25};
    const ref_shape *out = &layer->out;
    uint32_t around = out->channels;
    *clause = (ref_clause){.over_places = over_places, .keep = 1};
    if (over_places) {
        clause->height = 1 + 2 * ref_below(random, smaller(2, (out->height - 1) / 2) + 1);
        clause->width = 1 + 2 * ref_below(random, smaller(2, (out->width - 1) / 2) + 1);
        around = clause->height * clause->width;
    } else if (out->channels > 2 && ref_chance(random, depression == RANDOM_SOMETIMES ? .6 : .3)) {
        clause->within = between(random, 1, (out->channels - 1) / 2);
        around = 2 * clause->within + 1;
    }
    if (around < 2)
        return false;
    if (depression != RANDOM_SOMETIMES)
        choose_any_keep(random, around, over_places || clause->within > 0, clause);
    else if (ref_chance(random, .5))
        clause->keep = between(random, 1, smaller(KEEP_MOST, around - 1));
    if (ref_chance(random, depression == RANDOM_TIED ? .2 : .5))
        clause->gap = depression == RANDOM_TIED ? gaps[ref_below(random, 2)] : ref_setting(random, .001, .1);
    if (depression == RANDOM_TIED && layer->kind == REF_POOL && layer->pooling == REF_MEAN)
        clause->gap = 0; /* means are rounded: equal ones alike, but not their differences */
    return true;
}

static void add_clause(ref_map_layer *layer, ref_random *random, bool over_places, random_depression depression)
{
    if (choose_clause(layer, random, over_places, depression, &layer->clauses[layer->clause_count]))
        layer->clause_count++;
}

static void choose_depression(ref_map_layer *layer, ref_random *random, random_depression depression)
{
    bool places_first = ref_chance(random, .4), both = ref_chance(random, .3);
    if (depression == RANDOM_SOMETIMES && ref_chance(random, .5))
        return;
    add_clause(layer, random, places_first, depression);
    if (both || (depression != RANDOM_SOMETIMES && layer->clause_count == 0))
        add_clause(layer, random, !places_first, depression);
    if (layer->clause_count > 0) /* depressed levels are leads */
        layer->weights.neuron = (ref_neuron){.way = REF_WAY_RAMP};
    bool binary = ref_chance(random, depression == RANDOM_TIED ? .8 : .5);
    ref_random own = {~random->state * 7919}; /* so that the other draws stay as they are */
    bool ramp = depression != RANDOM_TIED && ref_chance(&own, .25);
    layer->fire = layer->clause_count == 0 || ramp ? REF_RAMP : binary ? REF_BINARY : REF_GRADED;
}

/* The levels of a layer are 0, s/1.5 and s only. */
static bool has_exact_levels(const random_maps *of, uint32_t source)
{
    if (source == REF_INPUT)
        return true;
    const ref_map_layer *layer = &of->graph.layers[source];
    bool winners = layer->fire == REF_BINARY || layer->clauses[0].keep == 1;
    if (!random_maps_exact(of, source))
        return false;
    return layer->clause_count > 0 ? winners : layer->kind == REF_POOL && layer->pooling == REF_MAX;
}

bool random_maps_exact(const random_maps *of, uint32_t layer)
{
    const ref_map_layer *l = &of->graph.layers[layer];
    for (uint32_t i = 0; i < l->source_count; i++)
        if (!has_exact_levels(of, l->sources[i]))
            return false;
    return of->depression == RANDOM_TIED;
}

/* Settings with which a layer's drives are exact: 1/(1 - alpha) is 1, 2 or 4, and gamma is a power of two. */
static void choose_tied(ref_layer *weights, ref_random *random)
{
    weights->range_out = weights->alpha_max = tied_top;
    weights->alpha_min = 0;
    weights->tau = weights->tau < tied_top ? weights->tau : tied_top;
    weights->neuron = (ref_neuron){.way = REF_WAY_RAMP};
    double root = sqrt(weights->inputs);
    weights->sum = exp2(round(log2(root))) == root ? REF_SCALED : REF_RAW;
    weights->gain = weights->sum == REF_RAW ? 1 : 1u << ref_below(random, 3);
}

/* ---- layers ---- */

static void *take(uint64_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

static void choose_layer(random_maps *out, uint32_t l, ref_random *random)
{
    static const ref_kind kinds[] = {REF_CONV, REF_CONV, REF_CONV, REF_POOL, REF_POOL, REF_DENSE};
    ref_map_layer *layer = &out->graph.layers[l];
    bool last = l + 1 == out->graph.layer_count;
    layer->kind = last ? REF_DENSE : kinds[ref_below(random, l == 0 ? 4 : 6)];
    choose_sources(out, l, random);
    join_sources(out, layer);
    if (layer->kind == REF_POOL) {
        shape_pool(layer, random);
        choose_depression(layer, random, out->depression);
        return;
    }
    if (layer->kind == REF_CONV)
        shape_conv(layer, random);
    else
        shape_dense(layer, random, !last && out->depression != RANDOM_SOMETIMES && ref_chance(random, .5));
    ref_layer *weights = &layer->weights;
    random_layer_choose(weights, random, out->graph.settings.rule);
    if (out->depression == RANDOM_TIED)
        choose_tied(weights, random);
    if (!last)
        choose_depression(layer, random, out->depression);
    if (out->depression != RANDOM_SOMETIMES && layer->clause_count > 0 && ref_chance(random, .4))
        layer->conscience = out->conscience[l] = take(weights->neurons, sizeof(float));
    for (uint32_t below = 0; below < l; below++) /* all layers below, read or not, because pools may lie between */
        random_layers_reconcile(&out->graph.layers[below].weights, weights);
    uint64_t connections = (uint64_t)weights->neurons * weights->inputs;
    out->alpha[l] = take(connections, sizeof(float));
    out->sign[l] = take(connections, 1);
    out->theta[l] = take(weights->neurons, sizeof(float));
    ref_layer_take(weights);
}

/* Some layers get homeostasis, drawn by a generator of its own, so that graphs without it stay as they are. */
static void choose_homeostasis(random_maps *out, uint64_t seed)
{
    static const uint32_t shares[] = {1, 2, 8, 0};
    ref_random own = {~seed * 7919};
    bool any = false, wanted = out->depression == RANDOM_SOMETIMES && ref_chance(&own, .4);
    for (uint32_t l = 0; wanted && l + 1 < out->graph.layer_count; l++) {
        ref_layer *weights = &out->graph.layers[l].weights;
        if (out->graph.layers[l].kind == REF_POOL || weights->neuron.way != REF_WAY_RAMP || ref_chance(&own, .3))
            continue;
        any = weights->homeostasis = true;
        weights->sum = REF_RAW;
        weights->gain = 1;
        weights->theta_xi = 0;
        weights->ramp = ref_setting(&own, 1, 4);
        weights->ramp_from = ref_setting(&own, 0, 1) - .5;
        weights->neuron_gain = out->gain[l] = take(weights->neurons, sizeof(float));
    }
    out->graph.settings.centred = shares[ref_below(&own, 4)];
    if (any)
        out->batch = between(&own, 5, 8); /* of fewer samples, centring may leave nothing but roundings */
}

/* All layers, or each with a chance of its own, but always the last. Feedback passes through the rest. */
static void choose_corrected(random_maps *out, ref_random *random)
{
    uint32_t last = out->graph.layer_count - 1;
    bool all = ref_chance(random, .6);
    for (uint32_t l = 0; l <= last; l++) {
        bool chosen = all || l == last || ref_chance(random, .5);
        out->corrected[l] = chosen && out->graph.layers[l].kind != REF_POOL;
        uint32_t places = out->graph.layers[l].out.height * out->graph.layers[l].out.width;
        double most = out->graph.settings.rule == REF_GRADIENT ? .04 : .4;
        out->eta[l] = ref_setting(random, most / 20, most / sqrt(places)); /* steps of places are summed */
    }
}

/* How many filters its clause over all filters keeps; 0: it has none. */
uint32_t random_maps_kept(const ref_map_layer *layer)
{
    for (uint32_t c = 0; c < layer->clause_count; c++)
        if (!layer->clauses[c].over_places && layer->clauses[c].within == 0)
            return layer->clauses[c].keep;
    return 0;
}

/* Some layers at or above the lowest one corrected learn with more winners. Where all values are to be exact, only those
 * whose winners fire at s. */
static void choose_anneal(random_maps *out, uint64_t seed)
{
    ref_random own = {~seed * 15485863};
    bool reached = false;
    for (uint32_t l = 0; l < out->graph.layer_count; l++) {
        ref_map_layer *layer = &out->graph.layers[l];
        uint32_t kept = random_maps_kept(layer), most = layer->out.channels;
        reached = reached || out->corrected[l];
        if (!reached || kept == 0 || (out->depression == RANDOM_TIED && layer->fire != REF_BINARY) ||
            ref_chance(&own, .4))
            continue;
        layer->annealed = ref_chance(&own, .3) ? most : between(&own, kept, most);
    }
}

static void choose_means(random_maps *out, const ref_random *random)
{
    bool ramps = true;
    for (uint32_t l = 0; l < out->graph.layer_count; l++)
        ramps = ramps && out->graph.layers[l].weights.neuron.way == REF_WAY_RAMP;
    random_means_choose(&out->graph.settings, random, ramps);
    for (uint32_t l = 0; l < out->graph.layer_count; l++)
        out->eta[l] = random_eta(&out->graph.settings, out->eta[l]);
}

/* ---- readouts ---- */

static uint32_t only_reader(const ref_graph *graph, uint32_t l)
{
    uint32_t reader = REF_INPUT, readers = 0;
    for (uint32_t i = l + 1; i < graph->layer_count; i++)
        if (reads(&graph->layers[i], l)) {
            reader = i;
            readers++;
        }
    return readers == 1 ? reader : REF_INPUT;
}

static uint32_t map_of(const ref_graph *graph, uint32_t l)
{
    uint32_t reader = only_reader(graph, l);
    const ref_map_layer *pool = reader == REF_INPUT ? NULL : &graph->layers[reader];
    return pool && pool->kind == REF_POOL && !pool->grid && pool->source_count == 1 ? reader : l;
}

static bool reads_through_pools(const ref_graph *graph, uint32_t reader, uint32_t l)
{
    const ref_map_layer *layer = &graph->layers[reader];
    for (uint32_t i = 0; i < layer->source_count; i++) {
        uint32_t source = layer->sources[i];
        if (source == l ||
            (source != REF_INPUT && graph->layers[source].kind == REF_POOL && reads_through_pools(graph, source, l)))
            return true;
    }
    return false;
}

static bool wants_readout(const random_maps *of, uint32_t l)
{
    uint32_t last = of->graph.layer_count - 1;
    return of->corrected[l] && l != last && (of->graph.alone || !reads_through_pools(&of->graph, last, l));
}

static void add_cells(random_maps *out, uint32_t map)
{
    ref_graph *graph = &out->graph;
    ref_map_layer *cells = &graph->layers[ref_all_layers(graph)];
    ref_shape in = graph->layers[map].out, grid = out->readout_grid;
    *cells = (ref_map_layer){
        .kind = REF_POOL, .source_count = 1, .sources = {map}, .in = in, .grid = true, .pooling = REF_TOTAL};
    cells->out = (ref_shape){grid.height ? grid.height : smaller(4, in.height),
                             grid.height ? grid.width : smaller(4, in.width), in.channels};
    cells->weights.range_in = cells->weights.range_out = graph->layers[map].weights.range_out;
    graph->readout_layers++;
}

/* The bounds of alpha are those of the layer that answers, in proportion to the range that is read, if they stay below
 * 1. */
static void add_dense(random_maps *out, uint32_t source, double range)
{
    ref_graph *graph = &out->graph;
    uint32_t l = ref_all_layers(graph), last = graph->layer_count - 1;
    ref_map_layer *dense = &graph->layers[l];
    ref_layer *weights = &dense->weights;
    *dense = graph->layers[last];
    double scale = range / weights->range_in;
    scale = weights->alpha_max * scale < 1 ? scale : 1;
    dense->source_count = 1;
    dense->sources[0] = source;
    dense->in = (ref_shape){1, 1, (uint32_t)ref_values(graph->layers[source].out)};
    weights->inputs = dense->in.channels;
    weights->range_in = range;
    weights->alpha_min = (float)(weights->alpha_min * scale);
    weights->alpha_max = (float)(weights->alpha_max * scale);
    weights->tau *= scale;
    uint64_t connections = (uint64_t)weights->neurons * weights->inputs;
    out->alpha[l] = take(connections, sizeof(float));
    out->sign[l] = take(connections, 1);
    out->theta[l] = take(weights->neurons, sizeof(float));
    ref_layer_take(weights);
    out->corrected[l] = true;
    out->eta[l] = out->eta[last];
    graph->readout_layers++;
}

/* Some graphs get readouts, drawn by a generator of its own, so that graphs without them stay as they are. */
static void choose_readouts(random_maps *out, uint64_t seed)
{
    ref_random own = {~seed * 104723};
    ref_graph *graph = &out->graph;
    uint32_t last = graph->layer_count - 1, most = SIDE_MOST;
    if (out->depression != RANDOM_SOMETIMES || !ref_chance(&own, .4))
        return;
    bool others = false, wanted = false;
    for (uint32_t l = 0; l < last; l++)
        others = others || out->corrected[l];
    graph->alone = others && ref_chance(&own, .3);
    graph->by_layer = ref_chance(&own, .5);
    out->corrected[last] = !graph->alone;
    for (uint32_t l = 0; l < last; l++) {
        ref_shape map = graph->layers[map_of(graph, l)].out;
        wanted = wanted || wants_readout(out, l);
        if (wants_readout(out, l) && map.height * map.width > 1)
            most = smaller(most, out->series ? map.width : smaller(map.height, map.width));
    }
    if (!wanted)
        graph->by_layer = false;
    uint32_t side = between(&own, 1, smaller(3, most));
    if (ref_chance(&own, .6))
        out->readout_grid = (ref_shape){out->series ? 1 : side, side, 0};
    for (uint32_t l = 0; l < last; l++) {
        uint32_t map = map_of(graph, l);
        if (!wants_readout(out, l))
            continue;
        double range = graph->layers[map].weights.range_out;
        if (graph->layers[map].out.height * graph->layers[map].out.width > 1) {
            add_cells(out, map);
            map = ref_all_layers(graph) - 1;
        }
        add_dense(out, map, range);
    }
}

/* ---- whole graphs ---- */

static void make(random_maps *out, ref_random *random, ref_rule rule, random_depression depression)
{
    memset(out, 0, sizeof *out);
    out->depression = depression;
    ref_graph *graph = &out->graph;
    graph->settings.rule = rule;
    random_error_choose(&graph->settings, random);
    out->range = depression == RANDOM_TIED ? tied_top : ref_setting(random, .2, .9);
    out->series = ref_chance(random, .2);
    graph->input.height = out->series || ref_chance(random, .1) ? 1 : between(random, 2, SIDE_MOST);
    graph->input.width = ref_chance(random, .1) ? 1 : between(random, 2, out->series ? LENGTH_MOST : SIDE_MOST);
    graph->input.channels = channels(random, VALUES_MOST / (graph->input.height * graph->input.width));
    graph->layer_count = between(random, 2, depression == RANDOM_SOMETIMES ? MAPS_LAYERS : 3);
    graph->layers = take(MAPS_ALL, sizeof *graph->layers);
    for (uint32_t l = 0; l < graph->layer_count; l++)
        choose_layer(out, l, random);
    choose_corrected(out, random);
    choose_means(out, random);
    out->xi = ref_setting(random, .3, 1);
    out->batch = between(random, 1, 5);
    choose_homeostasis(out, random->state);
    choose_anneal(out, random->state);
    choose_readouts(out, random->state);
    random_maps_state(out, random);
    random_maps_put(out);
}

void random_maps_make(random_maps *out, ref_random *random, ref_rule rule)
{
    make(out, random, rule, RANDOM_SOMETIMES);
}

void random_maps_make_depressed(random_maps *out, ref_random *random, random_depression depression)
{
    make(out, random, REF_REPAIRED, depression);
}

void random_maps_release(random_maps *maps)
{
    for (uint32_t l = 0; l < MAPS_ALL; l++) {
        free(maps->alpha[l]);
        free(maps->sign[l]);
        free(maps->theta[l]);
        free(maps->conscience[l]);
        free(maps->gain[l]);
    }
    ref_graph_release(&maps->graph);
}

/* Few values, and neurons that copy another one. Every sum over them is exact. */
static void tie_state(random_maps *of, uint32_t l, ref_random *random)
{
    static const float alphas[] = {0, 0, .5f, .75f}, thetas[] = {0, .25f, .5f};
    ref_layer *weights = &of->graph.layers[l].weights;
    uint32_t inputs = weights->inputs;
    for (uint64_t ik = 0; ik < (uint64_t)weights->neurons * inputs; ik++)
        of->alpha[l][ik] = alphas[ref_below(random, 4)];
    for (uint32_t k = 0; k < weights->neurons; k++) {
        uint32_t other = ref_below(random, k + 1);
        of->theta[l][k] = thetas[ref_below(random, 3)];
        if (ref_chance(random, .5))
            continue;
        memmove(of->alpha[l] + (size_t)k * inputs, of->alpha[l] + (size_t)other * inputs, inputs * sizeof(float));
        memmove(of->sign[l] + (size_t)k * inputs, of->sign[l] + (size_t)other * inputs, inputs);
        of->theta[l][k] = of->theta[l][other];
    }
    ref_layer_set(&of->graph.settings, weights, of->alpha[l], of->sign[l], of->theta[l]);
}

/* Gains and thresholds of a settled layer. */
static void settled_state(random_maps *of, uint32_t l, uint64_t seed)
{
    ref_layer *weights = &of->graph.layers[l].weights;
    ref_random own = {~seed * 104729 + l};
    for (uint32_t k = 0; k < weights->neurons; k++) {
        of->gain[l][k] = (float)(.3 + 2 * ref_unit(&own));
        of->theta[l][k] = weights->theta[k] = (float)(ref_unit(&own) - .6);
    }
}

static void draw_conscience(random_maps *of, uint32_t l, ref_random *random)
{
    for (uint32_t k = 0; of->conscience[l] && k < of->graph.layers[l].weights.neurons; k++)
        of->conscience[l][k] =
            (float)(of->depression == RANDOM_TIED ? ref_below(random, 3) / 8.0 : ref_setting(random, 0, .1));
}

void random_maps_state(random_maps *of, ref_random *random)
{
    static const double factors[] = {.125, .25, .5};
    bool tied = of->depression == RANDOM_TIED;
    for (uint32_t l = 0; l < ref_all_layers(&of->graph); l++) {
        ref_map_layer *layer = &of->graph.layers[l];
        draw_conscience(of, l, random);
        if (layer->kind != REF_POOL)
            random_layer_state(&of->graph.settings, &layer->weights, random, of->alpha[l], of->sign[l], of->theta[l]);
        else if (layer->pooling == REF_TOTAL)
            layer->factor = tied ? factors[ref_below(random, 3)] : ref_setting(random, .1, 1);
        if (layer->kind != REF_POOL && tied)
            tie_state(of, l, random);
        if (layer->weights.homeostasis)
            settled_state(of, l, random->state);
    }
}

/* Equal stretches of few values. */
static void tied_sample(ref_random *random, float *in, uint64_t count)
{
    static const float values[] = {0, 0, .5f, .75f};
    for (uint64_t i = 0; i < count; i++)
        in[i] = i > 0 && ref_chance(random, .5) ? in[i - 1] : values[ref_below(random, 4)];
}

void random_maps_batch(const random_maps *of, ref_random *random, float *in, uint32_t *labels)
{
    uint64_t values = ref_values(of->graph.input);
    for (uint32_t n = 0; n < of->batch; n++) {
        if (of->depression == RANDOM_TIED)
            tied_sample(random, in + n * values, values);
        else
            random_sample(random, in + n * values, values, (float)of->range);
        labels[n] = ref_below(random, of->graph.layers[of->graph.layer_count - 1].weights.neurons);
    }
}

void random_maps_twin(const ref_graph *from, ref_graph *twin, ref_random *random, double by)
{
    *twin = *from;
    twin->layers = take(ref_all_layers(from), sizeof *twin->layers);
    for (uint32_t l = 0; l < ref_all_layers(from); l++) {
        twin->layers[l] = from->layers[l];
        twin->layers[l].nudged = by; /* standardising makes drives equal that differ, so nudged bounds do not suffice */
        twin->layers[l].spread = ref_unit(random);
        if (from->layers[l].kind == REF_POOL)
            continue;
        ref_layer_take(&twin->layers[l].weights);
        random_twin_layer(&from->settings, &from->layers[l].weights, &twin->layers[l].weights, random, by);
    }
}
