/* The sources of each layer, and the map that they form when they are joined. */
#include <string.h>

#include "check/check.h"
#include "check/layer_parts.h"

static const char INPUT_WORD[] = "input";

static bt_shape shape_of(const bl_network *network, uint32_t source)
{
    return source == BT_INPUT ? network->input.encoded : network->layers[source].out;
}

/* Finds the input, or the layer called `name` before layer `index`. False, with a diagnostic: there is none. */
static bool find_source(bl_checker *checker, bl_network *network, uint32_t index, const bl_node *name, uint32_t *out)
{
    *out = BT_INPUT;
    if (strcmp(name->text, INPUT_WORD) == 0)
        return true;
    int64_t found = bl_find_layer(network, name->text);
    if (found >= 0 && (uint32_t)found < index) {
        *out = (uint32_t)found;
        return true;
    }
    if (found < 0)
        bl_report_unknown_layer(checker, network, name->place, name->text);
    else
        bl_remark_on(bl_diagnose(checker->context, LAYER_BELOW, name->place, name->text),
                     network->nodes[found]->name_place, "it is declared here");
    network->sources_unknown = true; /* the intended layer is unknown */
    return false;
}

/* Convolutions and pools join the channels of each place, so all maps must have the same height and width. */
static bool places_agree(bl_checker *checker, bt_shape first, bt_shape other, const bl_node *name)
{
    if (first.height == other.height && first.width == other.width)
        return true;
    bl_diagnose(checker->context, SOURCES_DIFFER, name->place, name->text,
                bl_size_text(checker->arena, other.height, other.width),
                bl_size_text(checker->arena, first.height, first.width));
    return false;
}

/* The shape of several joined sources: a dense layer reads all their values, other layers add up their channels. All
 * sides are 0 if it is unknown. */
static bt_shape join(bl_checker *checker, const bl_network *network, const bl_layer *layer, const bl_node *from)
{
    bt_shape first = shape_of(network, layer->sources[0]);
    uint64_t values = 0, channels = 0;
    bool known = true;
    const bl_node *name = from->first;
    for (uint32_t i = 0; i < layer->source_count; i++, name = name->next) {
        bt_shape shape = shape_of(network, layer->sources[i]);
        known = known && bl_shape_known(shape);
        if (known && layer->kind != BT_LAYER_DENSE)
            known = places_agree(checker, first, shape, name);
        values += bt_values(shape);
        channels += shape.channels;
    }
    if (known && values > BL_MAX_NEURONS) {
        bl_diagnose(checker->context, SIZE_WRONG, from->place, "the input of this layer",
                    bl_number_text(checker->arena, BL_MAX_NEURONS));
        known = false;
    }
    if (!known)
        return (bt_shape){0};
    return layer->kind == BT_LAYER_DENSE ? (bt_shape){1, 1, (uint32_t)values}
                                         : (bt_shape){first.height, first.width, (uint32_t)channels};
}

/* Finds every source of `from`, and reports repeated names. False: a name is unknown. */
static bool follow(bl_checker *checker, bl_network *network, uint32_t index, const bl_node *from, uint32_t *sources)
{
    bool fine = true;
    uint32_t count = 0;
    for (const bl_node *name = from->first; name != NULL; name = name->next, count++) {
        fine = find_source(checker, network, index, name, &sources[count]) && fine;
        for (const bl_node *other = from->first; other != name; other = other->next)
            if (strcmp(other->text, name->text) == 0) {
                bl_remark_on(bl_diagnose(checker->context, LAYER_NAMED_TWICE, name->place, name->text), other->place,
                             "first named here");
                break;
            }
    }
    return fine;
}

/* Tied levels are read by connections, and by themselves: activations beside them would have another unit. */
static void check_tied(bl_checker *checker, const bl_network *network, uint32_t index, const bl_node *from)
{
    bl_layer *layer = &network->layers[index];
    bool reads = false;
    for (uint32_t i = 0; i < layer->source_count; i++)
        reads = reads || layer->sources[i] == BT_INPUT;
    if (!reads || network->input.tied == 0)
        return;
    layer->tied = network->input.tied;
    if (layer->kind == BT_LAYER_POOL || layer->source_count > 1)
        bl_diagnose(checker->context, TIED_ALONE, (from != NULL ? from : network->nodes[index]->first)->place,
                    layer->kind == BT_LAYER_POOL ? "a pool" : "a layer that reads other layers too");
}

void bl_check_sources(bl_checker *checker, bl_network *network, uint32_t index)
{
    bl_layer *layer = &network->layers[index];
    const bl_node *from = bl_node_find(network->nodes[index], BL_NODE_FROM);
    uint32_t count = from == NULL ? 1 : bl_node_count(from);
    uint32_t *sources = BL_ARRAY(checker->arena, uint32_t, count);
    sources[0] = index == 0 ? BT_INPUT : index - 1;
    bool known = from == NULL || follow(checker, network, index, from, sources);
    layer->sources = sources;
    layer->source_count = count;
    for (uint32_t i = 0; i < count; i++) {
        double range = sources[i] == BT_INPUT ? network->input.range : network->layers[sources[i]].range_out;
        layer->range_in = range > layer->range_in ? range : layer->range_in;
    }
    if (known)
        layer->in = count == 1 ? shape_of(network, sources[0]) : join(checker, network, layer, from);
    if (!bl_shape_known(layer->in))
        layer->in = (bt_shape){0};
    check_tied(checker, network, index, from);
}

void bl_check_unread(bl_checker *checker, const bl_network *network)
{
    bool *read = BL_ARRAY(checker->arena, bool, network->layer_count);
    for (uint32_t i = 0; i < network->layer_count; i++)
        for (uint32_t j = 0; j < network->layers[i].source_count; j++)
            if (network->layers[i].sources[j] != BT_INPUT)
                read[network->layers[i].sources[j]] = true;
    for (uint32_t i = 0; i + 1 < network->layer_count && !network->incomplete && !network->sources_unknown; i++)
        if (!read[i])
            bl_diagnose(checker->context, LAYER_UNREAD, network->nodes[i]->name_place, network->layers[i].name);
}
