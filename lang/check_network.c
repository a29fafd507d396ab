/* Networks and inputs: shapes, names, and who reads whom. */
#include <string.h>

#include "check.h"

int64_t bl_find_layer(const bl_network *network, const char *name)
{
    for (uint32_t i = 0; i < network->layer_count; i++)
        if (strcmp(network->layers[i].name, name) == 0)
            return i;
    return -1;
}

void bl_report_unknown_layer(bl_checker *checker, const bl_network *network, bl_place place, const char *name)
{
    if (network->incomplete)
        return;
    const char **names = BL_ARRAY(checker->arena, const char *, network->layer_count + 1);
    for (uint32_t i = 0; i < network->layer_count; i++)
        names[i] = network->layers[i].name;
    const char *all = network->layer_count == 0 || network->layer_count > 20
                          ? NULL
                          : bl_list_text(checker->arena, names, network->layer_count, "and");
    bl_diagnose(checker->context, LAYER_UNKNOWN, place, name, bl_nearest(name, names, network->layer_count), all);
}

/* channels after the size: rgb, grey or a number */
static bool take_channels(bl_checker *checker, const bl_node *node, uint32_t *out)
{
    bool word = node->kind == BL_NODE_NAME;
    if (word && strcmp(node->text, "rgb") == 0)
        *out = 3;
    else if (word && strcmp(node->text, "grey") == 0)
        *out = 1;
    else
        return bl_take_count(&checker->constants, node, BL_QUANTITY_CHANNELS, out);
    return true;
}

static void check_image(bl_checker *checker, const bl_node *shape, bl_network *network)
{
    uint32_t size[3] = {0}, channels = 1;
    unsigned count = bl_take_size(&checker->constants, shape->first, size);
    const bl_node *after = shape->first->next;
    bool fine = count > 0;
    if (count == 3)
        channels = size[2];
    if (count == 3 && after != NULL) {
        bl_diagnose(checker->context, CHANNELS_TWICE, after->place, "");
        fine = false;
    } else if (after != NULL) {
        fine &= take_channels(checker, after, &channels);
    }
    if (fine && (uint64_t)size[0] * size[1] * channels > BL_MAX_NEURONS) {
        bl_diagnose(checker->context, SIZE_WRONG, shape->place, "this image",
                    bl_number_text(checker->arena, BL_MAX_NEURONS));
        fine = false;
    }
    network->shape_known = fine;
    network->input.height = size[0];
    network->input.width = size[1];
    network->input.channels = channels;
}

static void check_encodings(bl_checker *checker, const bl_node *block)
{
    for (const bl_node *encoding = block->first; encoding != NULL; encoding = encoding->next) {
        double patches;
        uint32_t size[3];
        if (encoding->kind == BL_NODE_BROKEN)
            continue;
        bl_diagnose(checker->context, LATER_ENCODING, encoding->place, "");
        if (encoding->kind == BL_NODE_WHITEN)
            bl_take(&checker->constants, encoding->first, BL_QUANTITY_PATCHES, &patches);
        if (encoding->last != NULL)
            bl_take_size(&checker->constants, encoding->last, size);
    }
}

static void check_input(bl_checker *checker, const bl_node *node, bl_network *network)
{
    const bl_node *shape = node->first, *in = bl_node_find(node, BL_NODE_IN),
                  *block = bl_node_find(node, BL_NODE_BLOCK);
    bl_input *input = &network->input;
    input->place = node->place;
    input->image = shape->kind == BL_NODE_IMAGE;
    if (input->image) {
        check_image(checker, shape, network);
    } else {
        input->height = input->channels = 1;
        network->shape_known = bl_take_count(&checker->constants, shape->first, BL_QUANTITY_VECTOR, &input->width);
    }
    if (in != NULL)
        bl_take_range(checker, in->first, &input->range);
    if (block != NULL)
        check_encodings(checker, block);
}

/* Room for the layers, and an entry for each under its name. */
static void gather_layers(bl_checker *checker, const bl_node *block, bl_network *network)
{
    uint32_t count = 0;
    for (const bl_node *node = block->first; node != NULL; node = node->next)
        count += node->kind == BL_NODE_LAYER && count < BL_MAX_LAYERS;
    network->layers = BL_ARRAY(checker->arena, bl_layer, count);
    network->nodes = BL_ARRAY(checker->arena, const bl_node *, count);
    for (const bl_node *node = block->first; node != NULL; node = node->next) {
        if (node->kind != BL_NODE_LAYER)
            continue;
        if (network->layer_count == count) {
            bl_diagnose(checker->context, TOO_MANY, node->place, "layers in a network", "1000");
            break;
        }
        int64_t first = bl_find_layer(network, node->text);
        if (first >= 0)
            bl_remark_on(bl_diagnose(checker->context, NAME_TAKEN, node->name_place, "layer", node->text),
                         network->nodes[first]->name_place, "first declared here");
        network->nodes[network->layer_count] = node;
        network->layers[network->layer_count++] = (bl_layer){.name = node->text, .place = node->place};
    }
}

/* The layers that layer `index` reads are marked. Returns how wide they are together, 0 where that is unknown. */
static uint32_t follow_from(bl_checker *checker, bl_network *network, uint32_t index, const bl_node *from, bool *read)
{
    uint32_t width = 0;
    for (const bl_node *name = from->first; name != NULL; name = name->next) {
        int64_t found = bl_find_layer(network, name->text);
        if (found < 0) {
            bl_report_unknown_layer(checker, network, name->place, name->text);
            network->incomplete = true; /* which layer it meant to read is unknown */
        } else if ((uint32_t)found >= index) {
            bl_remark_on(bl_diagnose(checker->context, LAYER_BELOW, name->place, name->text),
                         network->nodes[found]->name_place, "it is declared here");
            read[found] = true;
            network->incomplete = true;
        } else {
            width = network->layers[found].neurons;
            read[found] = true;
        }
    }
    if (from->first->next == NULL)
        return width;
    bl_diagnose(checker->context, LATER_FROM, from->place, "");
    return 0;
}

static void check_layers(bl_checker *checker, bl_network *network)
{
    bool *read = BL_ARRAY(checker->arena, bool, network->layer_count);
    for (uint32_t i = 0; i < network->layer_count; i++) {
        bl_layer *layer = &network->layers[i];
        const bl_node *from = bl_node_find(network->nodes[i], BL_NODE_FROM);
        const bl_input *input = &network->input;
        layer->range_in = i == 0 ? input->range : network->layers[i - 1].range_out;
        if (from != NULL) {
            layer->inputs = follow_from(checker, network, i, from, read);
        } else if (i == 0) {
            layer->inputs = network->shape_known ? input->height * input->width * input->channels : 0;
        } else {
            layer->inputs = network->layers[i - 1].neurons;
            read[i - 1] = true;
        }
        bl_check_layer(checker, network, i);
    }
    for (uint32_t i = 0; i + 1 < network->layer_count && !network->incomplete; i++)
        if (!read[i])
            bl_diagnose(checker->context, LAYER_UNREAD, network->nodes[i]->name_place, network->layers[i].name);
}

void bl_check_network(bl_checker *checker, const bl_node *node, bl_network *out)
{
    const bl_node *block = node->first, *input = bl_node_find(block, BL_NODE_INPUT);
    *out = (bl_network){.node = node, .incomplete = bl_node_find(block, BL_NODE_BROKEN) != NULL};
    out->input.range =
        checker->rule == BL_RULE_PRINTED ? bl_default(BL_QUANTITY_RANGE_PRINTED) : bl_default(BL_QUANTITY_RANGE_HIGH);
    bl_check_once(checker, block);
    if (input != NULL)
        check_input(checker, input, out);
    else if (!out->incomplete)
        bl_diagnose(checker->context, INPUT_MISSING, node->name_place, node->text);
    gather_layers(checker, block, out);
    if (out->layer_count == 0 && !out->incomplete)
        bl_diagnose(checker->context, LAYER_MISSING, node->name_place, node->text);
    check_layers(checker, out);
}
