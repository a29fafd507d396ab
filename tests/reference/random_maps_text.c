/* A random graph of maps as a .btn text. */
#include "random_maps.h"

#define put(out, ...) random_put((out)->text, sizeof(out)->text, __VA_ARGS__)

static void put_sources(random_maps *out, const ref_map_layer *layer)
{
    for (uint32_t i = 0; i < layer->source_count; i++) {
        put(out, i == 0 ? " from " : ", ");
        if (layer->sources[i] == REF_INPUT)
            put(out, "input");
        else
            put(out, "l%u", layer->sources[i]);
    }
}

/* A window, or the cells of a grid. On the maps of a series one number is enough. */
static void put_extent(random_maps *out, uint32_t height, uint32_t width)
{
    if (out->series)
        put(out, "%u", width);
    else
        put(out, "%ux%u", height, width);
}

static void put_pool(random_maps *out, const ref_map_layer *layer)
{
    static const char *const names[] = {[REF_MAX] = "max", [REF_MEAN] = "mean", [REF_TOTAL] = "sum"};
    put(out, "pool(%s)", names[layer->pooling]);
    put(out, layer->grid ? " grid " : " ");
    if (layer->grid)
        put_extent(out, layer->out.height, layer->out.width);
    else
        put_extent(out, layer->window_height, layer->window_width);
    if (!layer->grid)
        put(out, " stride %u", layer->stride);
}

static void put_depression(random_maps *out, const ref_map_layer *layer)
{
    for (uint32_t i = 0; i < layer->clause_count; i++) {
        const ref_clause *clause = &layer->clauses[i];
        put(out, "    depress over %s", clause->over_places ? "places " : "filters");
        if (clause->over_places)
            put_extent(out, clause->height, clause->width);
        if (clause->within > 0)
            put(out, " within %u", clause->within);
        put(out, " gap %.3f keep ", clause->gap);
        put(out, clause->percent > 0 ? "%u%%;\n" : "%u;\n", clause->percent > 0 ? clause->percent : clause->keep);
    }
    static const char *const fires[] = {[REF_RAMP] = "ramp", [REF_BINARY] = "binary", [REF_GRADED] = "graded"};
    if (layer->clause_count > 0)
        put(out, "    fire %s;\n", fires[layer->fire]);
}

static void put_layer(random_maps *out, uint32_t l)
{
    const ref_map_layer *layer = &out->graph.layers[l];
    put(out, "  layer l%u = ", l);
    if (layer->kind == REF_POOL) {
        put_pool(out, layer);
        put_sources(out, layer);
        put(out, layer->clause_count > 0 ? " {\n" : ";\n");
        put_depression(out, layer);
        put(out, layer->clause_count > 0 ? "  }\n" : "");
        return;
    }
    put(out, layer->kind == REF_CONV ? "conv(" : "dense(");
    if (layer->kind == REF_CONV) {
        put_extent(out, layer->window_height, layer->window_width);
        put(out, ", ");
    }
    put(out, "%u)", layer->weights.neurons);
    if (layer->kind == REF_CONV)
        put(out, " stride %u padding %s", layer->stride, layer->same ? "same" : "valid");
    put_sources(out, layer);
    put(out, " {\n");
    random_put_properties(out->text, sizeof out->text, REF_REPAIRED, &layer->weights);
    put_depression(out, layer);
    put(out, "  }\n");
}

static void put_readouts(random_maps *out)
{
    if (out->graph.readout_layers == 0)
        return;
    put(out, " with readouts");
    if (out->readout_grid.height > 0) {
        put(out, " grid ");
        put_extent(out, out->readout_grid.height, out->readout_grid.width);
    }
    put(out, out->graph.by_layer ? " layer by layer" : " mixed");
}

static void put_names(random_maps *out, const char *before, bool rates)
{
    const char *between_names = before;
    for (uint32_t l = 0; l < out->graph.layer_count; l++) {
        if (!out->corrected[l])
            continue;
        put(out, "%s", between_names);
        if (rates)
            put(out, "%.3f on ", out->eta[l]);
        put(out, "l%u", l);
        between_names = ", ";
    }
    if (rates && out->graph.alone) /* of the readouts */
        put(out, ", %.3f", out->eta[out->graph.layer_count - 1]);
    if (!rates)
        put_readouts(out);
    put(out, ";\n");
}

static void put_anneal(random_maps *out)
{
    const char *before = "    anneal keep ";
    for (uint32_t l = 0; l < out->graph.layer_count; l++) {
        const ref_map_layer *layer = &out->graph.layers[l];
        uint32_t n = layer->out.channels;
        if (layer->annealed == 0)
            continue;
        put(out, "%s%u/%u to %u/%u over 50%% on l%u", before, layer->annealed, n, random_maps_kept(layer), n, l);
        before = ", ";
    }
    put(out, before[0] == ',' ? ";\n" : "");
}

static bool homeostatic(const random_maps *of)
{
    for (uint32_t l = 0; l < of->graph.layer_count; l++)
        if (of->graph.layers[l].weights.homeostasis)
            return true;
    return false;
}

void random_maps_put(random_maps *out)
{
    const ref_network *settings = &out->graph.settings;
    const ref_shape *input = &out->graph.input;
    if (settings->rule == REF_GRADIENT)
        put(out, "rule gradient;\n");
    for (uint32_t l = 0; l < out->graph.layer_count; l++)
        random_put_neuron(out->text, sizeof out->text, &out->graph.layers[l].weights.neuron);
    put(out, "network random {\n  input %s(", out->series ? "series" : "image");
    if (out->series)
        put(out, "%u", input->width);
    else
        put(out, "%ux%u", input->height, input->width);
    put(out, ", %u) in [0, %.3f];\n", input->channels, out->range);
    for (uint32_t l = 0; l < out->graph.layer_count; l++)
        put_layer(out, l);
    put(out, "}\nschedule {\n  phase learn {\n");
    put_names(out, "    correct ", false);
    put_names(out, "    eta ", true);
    put(out, "    error %s(%.3f) floor %.3f;\n", settings->error == REF_SOFTMAX ? "softmax" : "hinge",
        settings->sharpness, settings->floor);
    if (settings->weighs_classes)
        put(out, "    weight classes by rarity;\n");
    random_put_means(out->text, sizeof out->text, settings);
    put_anneal(out);
    if (homeostatic(out))
        put(out, settings->centred > 0 ? "    centred 1/%u;\n" : "    centred none;\n", settings->centred);
    put(out, "    xi %.3f;\n    decay 1;\n    epochs 1;\n    batch %u;\n  }\n}\n", out->xi, out->batch);
}
