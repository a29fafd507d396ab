/* Readouts: layers that are trained beside the network, one on each corrected layer. (docs/model.md, section 15) */
#include <string.h>

#include "base/text.h"
#include "check/phase.h"

static const double CALIBRATE = 0.6; /* p of the cells: the mean of those that are not 0 becomes 0.3 s */

typedef struct readout {
    bl_phase_check *check;
    const bl_node *node, *grid;
    uint32_t layer, map; /* the corrected layer, and the layer whose map is read */
} readout;

static uint32_t only_reader(const bl_network *network, uint32_t layer)
{
    bl_readers readers = bl_readers_of(network->layers, network->layer_count, layer);
    return readers.count == 1 ? readers.last : BT_INPUT;
}

/* A pool with windows stands for the layer, if only that pool reads it. */
static uint32_t map_of(const bl_network *network, uint32_t layer)
{
    uint32_t reader = only_reader(network, layer);
    bool pooled = reader != BT_INPUT && network->layers[reader].kind == BT_LAYER_POOL &&
                  !network->layers[reader].grid && network->layers[reader].source_count == 1;
    return pooled ? reader : layer;
}

/* Whether the last layer reads a layer, directly or through pools. Each layer is looked at once, from the top down. */
static bool is_answered(const bl_phase_check *check, uint32_t layer)
{
    const bl_network *network = check->network;
    uint32_t last = network->layer_count - 1;
    bool *read = BL_ARRAY(check->checker->arena, bool, network->layer_count);
    for (uint32_t i = last + 1; i-- > layer;)
        for (uint32_t k = 0; (i == last || (read[i] && network->layers[i].kind == BT_LAYER_POOL)) &&
                             k < network->layers[i].source_count;
             k++)
            if (network->layers[i].sources[k] != BT_INPUT)
                read[network->layers[i].sources[k]] = true;
    return read[layer];
}

static const char *name_of(const readout *r, const char *part)
{
    bl_text text = bl_text_new(r->check->checker->arena);
    bl_text_format(&text, "%s.%s", r->check->network->layers[r->layer].name, part);
    return text.data;
}

/* The cells of a map; false, with a diagnostic: unknown, or too many. */
static bool take_grid(const readout *r, uint32_t cells[2])
{
    const bl_network *network = r->check->network;
    const bl_layer *map = &network->layers[r->map];
    bl_checker *checker = r->check->checker;
    uint32_t most = (uint32_t)bl_default(BL_QUANTITY_READOUT_GRID);
    cells[0] = map->out.height < most ? map->out.height : most;
    cells[1] = map->out.width < most ? map->out.width : most;
    if (r->grid == NULL)
        return true;
    if (r->grid->first->kind == BL_NODE_SIZE) {
        if (!bl_take_window(&checker->constants, r->grid->first, cells))
            return false;
    } else {
        cells[0] = 1;
        if (!bl_take_count(&checker->constants, r->grid->first, BL_QUANTITY_READOUT_GRID, &cells[1]))
            return false;
    }
    if (cells[0] <= map->out.height && cells[1] <= map->out.width)
        return true;
    bl_remark_on(bl_diagnose(checker->context, READOUTS_FINE, r->grid->place,
                             bl_size_text(checker->arena, cells[0], cells[1]), network->layers[r->layer].name,
                             bl_size_text(checker->arena, map->out.height, map->out.width)),
                 map->place, "the map is made here");
    return false;
}

static bl_layer cells_of(const readout *r, const uint32_t cells[2])
{
    const bl_layer *map = &r->check->network->layers[r->map];
    return (bl_layer){.name = name_of(r, "cells"),
                      .place = r->node->place,
                      .kind = BT_LAYER_POOL,
                      .in = map->out,
                      .out = {cells[0], cells[1], map->out.channels},
                      .field_height = (map->out.height - 1) / cells[0] + 1,
                      .field_width = (map->out.width - 1) / cells[1] + 1,
                      .stride = 1,
                      .pooling = BT_POOL_SUM,
                      .grid = true,
                      .calibrate = CALIBRATE,
                      .neurons = map->out.channels,
                      .range_in = map->range_out,
                      .range_out = map->range_out};
}

/* A copy of the layer that answers, with the input that it finds here. Its bounds of alpha are in proportion to the range
 * that it reads, as long as they stay below 1. */
static bl_layer dense_of(const readout *r, bt_shape in)
{
    const bl_network *network = r->check->network;
    bl_layer dense = network->layers[network->layer_count - 1];
    double scale = network->layers[r->map].range_out / dense.range_in;
    scale = dense.alpha_max * scale < 1 ? scale : 1;
    dense.name = name_of(r, "readout");
    dense.place = r->node->place;
    dense.in = in;
    dense.field_height = in.height;
    dense.field_width = in.width;
    dense.inputs = in.height * in.width * in.channels;
    dense.range_in = network->layers[r->map].range_out;
    dense.alpha_min *= scale;
    dense.alpha_max *= scale;
    dense.start_low *= scale;
    dense.start_high *= scale;
    dense.tau *= scale;
    dense.frozen = false;
    return dense;
}

static uint32_t add_layer(const readout *r, bl_layer layer, uint32_t source)
{
    bl_readouts *all = r->check->readouts;
    uint32_t *sources = BL_NEW(r->check->checker->arena, uint32_t);
    *sources = source;
    layer.sources = sources;
    layer.source_count = 1;
    all->layers = bl_grow(r->check->checker->arena, all->layers, all->count, sizeof *all->layers);
    all->layers[all->count++] = layer;
    return r->check->network->layer_count + all->count - 1;
}

/* The readout that an earlier phase has put on the layer; BT_INPUT: none. */
static uint32_t earlier_readout(const readout *r)
{
    const bl_readouts *all = r->check->readouts;
    const char *name = name_of(r, "readout");
    for (uint32_t i = 0; i < all->count; i++)
        if (strcmp(all->layers[i].name, name) == 0)
            return r->check->network->layer_count + i;
    return BT_INPUT;
}

/* The dense layer of the readout; BT_INPUT, with a diagnostic: there can't be one. */
static uint32_t readout_on(const readout *r)
{
    const bl_network *network = r->check->network;
    bl_checker *checker = r->check->checker;
    bt_shape in = network->layers[r->map].out;
    uint32_t cells[2], source = r->map, earlier = earlier_readout(r);
    bool places = bt_places(in) > 1;
    if (places && !take_grid(r, cells))
        return BT_INPUT;
    if (places)
        in = (bt_shape){cells[0], cells[1], in.channels};
    if (earlier != BT_INPUT) {
        bt_shape before = r->check->readouts->layers[earlier - network->layer_count].in;
        if (before.height != in.height || before.width != in.width)
            bl_diagnose(checker->context, READOUTS_DIFFER, r->node->place, network->layers[r->layer].name,
                        bl_size_text(checker->arena, before.height, before.width),
                        bl_size_text(checker->arena, in.height, in.width));
        return earlier;
    }
    uint64_t connections = bt_values(in) * network->layers[network->layer_count - 1].neurons;
    if (connections > BL_MAX_CONNECTIONS) {
        bl_diagnose(checker->context, CONNECTIONS, r->node->place, bl_number_text(checker->arena, (double)connections),
                    bl_number_text(checker->arena, (double)BL_MAX_CONNECTIONS));
        return BT_INPUT;
    }
    if (places)
        source = add_layer(r, cells_of(r, cells), source);
    return add_layer(r, dense_of(r, in), source);
}

/* Whether a readout stands on the layer: it is corrected, its shape is known, and the layer that answers, if it is
 * corrected as well, does not read it itself. */
static bool wants(const bl_phase_check *check, uint32_t layer)
{
    const bl_network *network = check->network;
    uint32_t last = network->layer_count - 1;
    bt_shape shape = network->layers[map_of(network, layer)].out;
    return check->corrected[layer] != NULL && layer != last && bt_values(shape) > 0 &&
           (check->phase->readouts_alone || !is_answered(check, layer));
}

static void add_readouts(bl_phase_check *check, const bl_node *readouts)
{
    const bl_network *network = check->network;
    bl_phase *phase = check->phase;
    uint32_t named = phase->layer_count;
    uint32_t *layers = BL_ARRAY(check->checker->arena, uint32_t, 2 * named);
    double *eta = BL_ARRAY(check->checker->arena, double, 2 * named);
    memcpy(layers, phase->layers, named * sizeof *layers);
    memcpy(eta, phase->eta, named * sizeof *eta);
    phase->readouts_alone = check->corrected[network->layer_count - 1] == NULL;
    bool wanted = false;
    for (uint32_t i = 0; i < named; i++) {
        readout r = {check, readouts, bl_node_find(readouts, BL_NODE_GRID), phase->layers[i], 0};
        if (!wants(check, r.layer))
            continue;
        wanted = true;
        r.map = map_of(network, r.layer);
        uint32_t found = readout_on(&r);
        if (found == BT_INPUT)
            return;
        layers[named + phase->readout_count] = found;
        eta[named + phase->readout_count++] = check->eta_answer;
    }
    if (!wanted && !network->incomplete && !network->sources_unknown && network->shape_known)
        bl_diagnose(check->checker->context, READOUTS_NONE, readouts->place, "");
    phase->layers = layers;
    phase->eta = eta;
    phase->layer_count += phase->readout_count;
}

void bl_check_readouts(bl_phase_check *check, const bl_node *readouts, const bl_node *keep)
{
    const bl_network *network = check->network;
    if (readouts == NULL) {
        if (keep != NULL && bl_node_find(check->block, BL_NODE_BROKEN) == NULL)
            bl_diagnose(check->checker->context, READOUTS_UNKEPT, keep->place, "");
        return;
    }
    bl_check_once(check->checker, readouts);
    bl_check_either(check->checker, bl_node_find(readouts, BL_NODE_MIXED_ERRORS),
                    bl_node_find(readouts, BL_NODE_BY_LAYER));
    if (check->printed) {
        bl_diagnose(check->checker->context, PRINTED_STEPS, readouts->place, "`with readouts`");
        return;
    }
    check->phase->by_layer = bl_node_find(readouts, BL_NODE_BY_LAYER) != NULL;
    check->readouts->kept = check->readouts->kept || keep != NULL;
    if (network->layer_count > 0 && network->layers[network->layer_count - 1].kind == BT_LAYER_DENSE &&
        network->layers[network->layer_count - 1].range_in > 0)
        add_readouts(check, readouts);
}
