#include "graph/nodes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "picture/drawing.h"
#include "show/layer_facts.h"
#include "show/numbers.h"

/* ---- texts ---- */

static char *text_of(const command_line *cli, size_t cells, const char *format, va_list values)
{
    char *whole, *fitted = NULL;
    if (vasprintf(&whole, format, values) < 0) {
        fail_memory(cli);
        return NULL;
    }
    fitted = text_fit(cli, whole, cells);
    free(whole);
    return fitted;
}

__attribute__((format(printf, 3, 4))) static char *text(const command_line *cli, size_t cells, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    char *out = text_of(cli, cells, format, values);
    va_end(values);
    return out;
}

/* One more line of a node. A line that memory lacks for leaves a NULL, which complete() finds. */
__attribute__((format(printf, 3, 4))) static void line(const command_line *cli, net_node *node, const char *format, ...)
{
    va_list values;
    if (node->line_count == NODE_LINES)
        return;
    va_start(values, format);
    node->lines[node->line_count++] = text_of(cli, LINE_CELLS, format, values);
    va_end(values);
}

static void names(const command_line *cli, net_node *node, const char *name, const char *kind)
{
    node->name = text(cli, NAME_CELLS, "%s", name);
    node->full = text(cli, SIZE_MAX, "%s", name);
    node->kind = text(cli, LINE_CELLS, "%s", kind);
    node->live = -1;
}

static bool complete(const net_node *node)
{
    bool all = node->name != NULL && node->full != NULL && node->kind != NULL;
    for (uint32_t i = 0; i < node->line_count; i++)
        all = all && node->lines[i] != NULL;
    return all && (node->source_count == 0 || node->sources != NULL);
}

/* ---- input and encodings ---- */

static void input_node(const command_line *cli, const bl_input *input, net_node *node)
{
    names(cli, node, "input", input->image ? "image" : input->series ? "series" : "vector");
    if (input->image)
        line(cli, node, "%ux%ux%u", input->height, input->width, input->channels);
    else if (input->series)
        line(cli, node, "%u moments of %u", input->width, input->channels);
    else
        line(cli, node, "%u values", input->width);
    line(cli, node, "range [0, %g]", input->range);
}

/* The channels after an encoding that makes several values of each value. */
static uint32_t channels_after(const bl_encoding *encoding, uint32_t channels)
{
    bool twice = encoding->kind == BT_ENCODE_SPLIT || encoding->kind == BT_ENCODE_COMPLEMENT;
    return encoding->kind == BT_ENCODE_LEVELS ? channels * encoding->levels : channels * (twice ? 2 : 1);
}

static void encoding_node(const command_line *cli, const bl_input *input, uint32_t number, net_node *node)
{
    const bl_encoding *encoding = &input->encodings[number];
    uint32_t channels = input->channels;
    for (uint32_t i = 0; i <= number; i++)
        channels = channels_after(&input->encodings[i], channels);
    if (number + 1 == input->encoding_count) /* tied levels make one value of both sides */
        channels = input->encoded.channels;
    names(cli, node, bt_encoding_kind_word(encoding->kind), "encoding");
    if (encoding->kind == BT_ENCODE_NORMALISE || encoding->kind == BT_ENCODE_WHITEN)
        line(cli, node, "%s of %ux%u", encoding->kind == BT_ENCODE_WHITEN ? "patches" : "boxes", encoding->height,
             encoding->width);
    line(cli, node, "%ux%ux%u", input->height, input->width, channels);
}

/* ---- layers ---- */

static void shape_lines(const command_line *cli, const bl_layer *layer, net_node *node)
{
    number_buffer connections;
    if (layer->kind == BT_LAYER_DENSE)
        line(cli, node, "%u -> %u", layer->inputs, layer->neurons);
    else
        line(cli, node, "%ux%ux%u -> %ux%ux%u", layer->in.height, layer->in.width, layer->in.channels,
             layer->out.height, layer->out.width, layer->out.channels);
    if (layer->kind == BT_LAYER_POOL) {
        if (layer->grid)
            line(cli, node, "%s of %ux%u cells", bt_pooling_word(layer->pooling), layer->out.height, layer->out.width);
        else
            line(cli, node, "%s of windows %ux%u, stride %u", bt_pooling_word(layer->pooling), layer->field_height,
                 layer->field_width, layer->stride);
        return;
    }
    if (layer->kind == BT_LAYER_CONV)
        line(cli, node, "fields of %ux%u, stride %u%s", layer->field_height, layer->field_width, layer->stride,
             layer->pad_top + layer->pad_left > 0 ? ", padded" : "");
    line(cli, node, "%s connections", number_grouped(connections, layer_places(layer) * layer_connections(layer)));
}

static void depress_line(const command_line *cli, const bl_layer *layer, const bl_depress *clause, net_node *node)
{
    char gap[40] = "";
    if (clause->gap > 0)
        snprintf(gap, sizeof gap, ", gap %g", clause->gap);
    if (clause->over_places)
        line(cli, node, "depress places %ux%u, keep %u%s", clause->height, clause->width, clause->keep, gap);
    else if (clause->within > 0)
        line(cli, node, "depress filters within %u, keep %u%s", clause->within, clause->keep, gap);
    else
        line(cli, node, "depress filters, keep %u of %u%s", clause->keep, layer->out.channels, gap);
}

static void rule_lines(const command_line *cli, const bl_program *program, const bl_layer *layer, net_node *node)
{
    char sum[48] = "", fire[160] = "";
    for (uint32_t i = 0; i < layer->depress_count; i++)
        depress_line(cli, layer, &layer->depress[i], node);
    if (layer->homeostasis)
        line(cli, node, "homeostasis(%g, %g)", layer->ramp, layer->ramp_from);
    if (layer->kind != BT_LAYER_POOL && layer->sum == BT_SUM_RAW)
        snprintf(sum, sizeof sum, ", sum raw");
    else if (layer->kind != BT_LAYER_POOL)
        snprintf(sum, sizeof sum, ", sum %s(%g)", bt_sum_word(layer->sum), layer->gain);
    if (layer->fire == BT_FIRE_FORMULA)
        snprintf(fire, sizeof fire, ", fire %.40s", program->formulas[layer->formula].name);
    else if (layer->fire == BT_FIRE_LOGISTIC)
        snprintf(fire, sizeof fire, ", fire logistic(%g)", layer->logistic_k);
    else if (layer->fire != BT_FIRE_RAMP)
        snprintf(fire, sizeof fire, ", fire %s", bt_fire_word(layer->fire));
    line(cli, node, "range [0, %g]%s%s", layer->range_out, sum, fire);
}

static void layer_node(const net_graph *graph, const bl_program *program, uint32_t number, const br_score *score,
                       net_node *node)
{
    const command_line *cli = graph->cli;
    const bl_layer *layer = &program->layers[number];
    names(cli, node, layer->name, layer_kind_name(layer));
    shape_lines(cli, layer, node);
    rule_lines(cli, program, layer, node);
    node->readout = number >= program->layer_count;
    if (score != NULL && number < score->layer_count) {
        node->live = score->live[number];
        line(cli, node, "%.1f%% +- %.1f%% live", 100 * score->live[number], 100 * score->live_spread[number]);
    }
    node->source_count = layer->source_count;
    node->sources = allocate(cli, layer->source_count, sizeof *node->sources);
    for (uint32_t i = 0; node->sources != NULL && i < layer->source_count; i++)
        node->sources[i] =
            layer->sources[i] == BT_INPUT ? graph->first_layer - 1 : graph->first_layer + layer->sources[i];
}

/* ---- phases ---- */

static bool phase_of(const net_graph *graph, const bl_phase *phase, net_phase *out)
{
    number_buffer number;
    bool competes = phase->kind == BT_PHASE_COMPETE;
    uint32_t count = competes ? 1 : phase->layer_count;
    out->name = text(graph->cli, NAME_CELLS, "%s", phase->name);
    out->detail =
        competes ? text(graph->cli, LINE_CELLS, "compete, %s fields", number_grouped(number, phase->patches))
                 : text(graph->cli, LINE_CELLS, "correct, %u epoch%s", phase->epochs, phase->epochs == 1 ? "" : "s");
    out->nodes = allocate(graph->cli, count, sizeof *out->nodes);
    for (uint32_t i = 0; out->nodes != NULL && i < count; i++) {
        uint32_t layer = competes ? phase->compete : phase->layers[i];
        if (graph->first_layer + layer < graph->count) /* a model without its readouts does not show them */
            out->nodes[out->node_count++] = graph->first_layer + layer;
    }
    return out->name != NULL && out->detail != NULL && out->nodes != NULL;
}

/* ---- all ---- */

static bool fill(const session *s, const br_score *score, net_graph *graph)
{
    const bl_program *program = s->source.program;
    bool all = graph->title != NULL;
    for (uint32_t i = 0; i < graph->count && all; i++) {
        net_node *node = &graph->nodes[i];
        if (i == 0)
            input_node(s->cli, &program->input, node);
        else if (i < graph->first_layer)
            encoding_node(s->cli, &program->input, i - 1, node);
        else
            layer_node(graph, program, i - graph->first_layer, score, node);
        if (i > 0 && i < graph->first_layer) {
            node->source_count = 1;
            node->sources = allocate(s->cli, 1, sizeof *node->sources);
            if (node->sources != NULL)
                node->sources[0] = i - 1;
        }
        all = complete(node);
    }
    for (uint32_t i = 0; i < graph->phase_count && all; i++)
        all = phase_of(graph, &program->phases[i], &graph->phases[i]);
    return all;
}

int net_graph_make(const session *s, const br_score *score, net_graph *out)
{
    const bl_program *program = s->source.program;
    uint32_t layers =
        s->source.file != NULL ? bl_model_layers(program) : program->layer_count + program->readout_layers;
    *out = (net_graph){.cli = s->cli, .first_layer = 1 + program->input.encoding_count, .live = score != NULL};
    out->count = out->first_layer + layers;
    out->phase_count = program->phase_count;
    out->title = text(s->cli, 60, "network %s, rule %s", program->name, bt_rule_word(program->rule));
    out->nodes = allocate(s->cli, out->count, sizeof *out->nodes);
    out->phases = out->nodes != NULL ? allocate(s->cli, out->phase_count + 1, sizeof *out->phases) : NULL;
    if (out->phases != NULL && fill(s, score, out))
        return STATUS_DONE;
    net_graph_free(out);
    return STATUS_FAULT;
}

void net_graph_free(net_graph *graph)
{
    for (uint32_t i = 0; graph->nodes != NULL && i < graph->count; i++) {
        net_node *node = &graph->nodes[i];
        free(node->name);
        free(node->full);
        free(node->kind);
        free(node->sources);
        for (uint32_t l = 0; l < NODE_LINES; l++)
            free(node->lines[l]);
    }
    for (uint32_t i = 0; graph->phases != NULL && i < graph->phase_count; i++) {
        free(graph->phases[i].name);
        free(graph->phases[i].detail);
        free(graph->phases[i].nodes);
    }
    free(graph->nodes);
    free(graph->phases);
    free(graph->title);
    *graph = (net_graph){0};
}
