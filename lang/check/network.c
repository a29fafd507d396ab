/* Networks: the input, the names of the layers, and checks that concern all layers. */
#include <string.h>

#include "check/check.h"

/* The channels after the size of an image: rgb, grey or a number. */
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

/* A series is a map of one row: moments side by side, each with the values of its channels. */
static void check_series(bl_checker *checker, const bl_node *shape, bl_network *network)
{
    bl_input *input = &network->input;
    const bl_node *channels = shape->first->next;
    input->series = true;
    input->height = input->channels = 1;
    bool fine = bl_take_count(&checker->constants, shape->first, BL_QUANTITY_SERIES, &input->width);
    if (channels != NULL)
        fine = bl_take_count(&checker->constants, channels, BL_QUANTITY_CHANNELS, &input->channels) && fine;
    if (fine && (uint64_t)input->width * input->channels > BL_MAX_NEURONS) {
        bl_diagnose(checker->context, SIZE_WRONG, shape->place, "this series",
                    bl_number_text(checker->arena, BL_MAX_NEURONS));
        fine = false;
    }
    network->shape_known = fine;
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
    } else if (shape->kind == BL_NODE_SERIES) {
        check_series(checker, shape, network);
    } else {
        input->height = input->channels = 1;
        network->shape_known = bl_take_count(&checker->constants, shape->first, BL_QUANTITY_VECTOR, &input->width);
    }
    if (in != NULL)
        bl_take_range(checker, in->first, &input->range);
    bl_check_encodings(checker, block, network);
}

/* Allocates the layers and sets their names. */
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
        if (strcmp(node->text, "input") == 0)
            bl_diagnose(checker->context, WORD_TAKEN, node->name_place, "`input`");
        int64_t first = bl_find_layer(network, node->text);
        if (first >= 0)
            bl_remark_on(bl_diagnose(checker->context, NAME_TAKEN, node->name_place, "layer", node->text),
                         network->nodes[first]->name_place, "first declared here");
        network->nodes[network->layer_count] = node;
        network->layers[network->layer_count++] = (bl_layer){.name = node->text, .place = node->place};
    }
}

static bt_layer_kind kind_of(const bl_node *operation)
{
    return operation->kind == BL_NODE_DENSE  ? BT_LAYER_DENSE
           : operation->kind == BL_NODE_CONV ? BT_LAYER_CONV
                                             : BT_LAYER_POOL;
}

static void check_layers(bl_checker *checker, bl_network *network)
{
    for (uint32_t i = 0; i < network->layer_count; i++) {
        if (network->nodes[i]->first->kind == BL_NODE_BROKEN) { /* only its name is known */
            network->sources_unknown = true;
            network->layers[i].range_out = network->input.range;
            continue;
        }
        network->layers[i].kind = kind_of(network->nodes[i]->first);
        bl_check_sources(checker, network, i);
        bl_check_layer(checker, network, i);
    }
    bl_check_unread(checker, network);
}

/* `rule printed` has only dense layers without lateral depression. Reports the first other layer. */
static void check_printed(bl_checker *checker, const bl_network *network)
{
    for (uint32_t i = 0; i < network->layer_count; i++) {
        const bl_layer *layer = &network->layers[i];
        bool depressed = layer->kind == BT_LAYER_DENSE && layer->depress_count > 0;
        if (layer->kind == BT_LAYER_DENSE && !depressed && layer->tied == 0)
            continue;
        const char *what = layer->kind == BT_LAYER_CONV   ? "a convolution"
                           : layer->kind == BT_LAYER_POOL ? "a pool"
                           : depressed                    ? "lateral depression"
                                                          : "a layer that reads tied levels";
        bl_diagnose(checker->context, PRINTED_DENSE,
                    depressed ? layer->depress[0].place : network->nodes[i]->first->place, what);
        return;
    }
}

void bl_check_network(bl_checker *checker, const bl_node *node, bl_network *out)
{
    const bl_node *block = node->first, *input = bl_node_find(block, BL_NODE_INPUT);
    *out = (bl_network){.node = node, .incomplete = bl_node_find(block, BL_NODE_BROKEN) != NULL};
    out->input.range =
        checker->rule == BT_RULE_PRINTED ? bl_default(BL_QUANTITY_RANGE_PRINTED) : bl_default(BL_QUANTITY_RANGE_HIGH);
    bl_check_once(checker, block);
    if (input != NULL)
        check_input(checker, input, out);
    else if (!out->incomplete)
        bl_diagnose(checker->context, INPUT_MISSING, node->name_place, node->text);
    gather_layers(checker, block, out);
    if (out->layer_count == 0 && !out->incomplete)
        bl_diagnose(checker->context, LAYER_MISSING, node->name_place, node->text);
    check_layers(checker, out);
    if (checker->rule == BT_RULE_PRINTED)
        check_printed(checker, out);
}
