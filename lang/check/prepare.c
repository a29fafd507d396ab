/* How raw values become activations, how pictures are prepared, and the names of the classes. */
#include <string.h>

#include "check/data_parts.h"

/* ---- values ---- */

static void check_range(bl_checker *checker, const bl_node *interval, bl_data *data)
{
    double low, high;
    bool fine = bl_take(&checker->constants, interval->first, BL_QUANTITY_VALUE, &low);
    if (!bl_take(&checker->constants, interval->first->next, BL_QUANTITY_VALUE, &high) || !fine)
        return;
    if (low >= high)
        bl_diagnose(checker->context, BOUNDS_EMPTY, interval->place, "");
    data->scaling = BT_SCALING_RANGE;
    data->values_given = true;
    data->low = low;
    data->high = high;
}

/* Bytes of pictures have a known range. Columns of tables and channels of series each have their own. */
static void check_values(bl_checker *checker, const bl_network *network, const bl_node *values, bl_data *data)
{
    bool image = network->input.image;
    bl_kind kind = values == NULL ? BL_NODE_BROKEN : values->first->kind;
    data->scaling = kind == BL_NODE_STANDARDISED        ? BT_SCALING_STANDARD
                    : kind == BL_NODE_COLUMNS || !image ? BT_SCALING_COLUMNS
                                                        : BT_SCALING_RANGE;
    data->scaling_given = values != NULL;
    data->low = 0;
    data->high = data->scaling == BT_SCALING_RANGE ? 255 : 1;
    if (kind == BL_NODE_IN)
        check_range(checker, values->first->first, data);
}

/* ---- classes ---- */

static void check_name(bl_checker *checker, const bl_node *node)
{
    bl_take_name(checker, node, "the name of a class");
    for (const char *at = node->text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f) {
            bl_diagnose(checker->context, CLASS_CONTROL, node->place, "");
            break;
        }
}

/* A name for each neuron of the last layer. */
static void check_count(bl_checker *checker, const bl_network *network, const bl_node *classes, uint32_t count)
{
    if (network->layer_count == 0 || network->incomplete)
        return;
    const bl_layer *last = &network->layers[network->layer_count - 1];
    if (last->kind != BT_LAYER_DENSE || last->neurons == 0 || last->neurons == count)
        return;
    bl_remark_on(bl_diagnose(checker->context, CLASSES_COUNT, classes->place, bl_number_text(checker->arena, count),
                             last->name, bl_number_text(checker->arena, last->neurons)),
                 last->place, "it is declared here");
}

static void check_class_names(bl_checker *checker, const bl_network *network, const bl_node *classes, bl_data *data)
{
    uint32_t count = bl_node_count(classes);
    const char **names = BL_ARRAY(checker->arena, const char *, count);
    bl_nodes named = {0};
    bool known = true;
    for (const bl_node *node = classes->first; node != NULL; node = node->next) {
        if (node->kind != BL_NODE_STRING) {
            known = false;
            continue;
        }
        check_name(checker, node);
        for (uint32_t i = 0; i < named.count; i++)
            if (strcmp(named.list[i]->text, node->text) == 0) {
                bl_remark_on(bl_diagnose(checker->context, NAME_TAKEN, node->place, "class", node->text),
                             named.list[i]->place, "first named here");
                break;
            }
        if (named.count < BL_MAX_STATEMENTS)
            names[named.count] = node->text;
        bl_nodes_add(checker, &named, node, "classes");
    }
    if (known)
        check_count(checker, network, classes, count);
    data->class_names = names;
    data->class_count = named.count;
}

/* ---- pictures ---- */

static void check_background(bl_checker *checker, const bl_node *background, bl_pictures *out)
{
    const bl_node *colour = background->first;
    uint32_t part[3] = {255, 255, 255}, count = 0;
    out->background_given = true;
    if (colour->kind == BL_NODE_NAME)
        part[0] = part[1] = part[2] = strcmp(colour->text, "black") == 0  ? 0
                                      : strcmp(colour->text, "grey") == 0 ? 128
                                                                          : 255;
    else
        for (const bl_node *value = colour->first; value != NULL && count < 3; value = value->next)
            bl_take_count(&checker->constants, value, BL_QUANTITY_COLOUR, &part[count++]);
    for (uint32_t i = 0; i < 3; i++)
        out->background[i] = (uint8_t)part[i];
}

static void check_turn(bl_checker *checker, const bl_node *turn, bl_pictures *out)
{
    double degrees;
    if (!bl_take_number(&checker->constants, turn->first, &degrees))
        return;
    if (degrees == 90 || degrees == 180 || degrees == 270)
        out->turns = (uint32_t)degrees / 90;
    else
        bl_diagnose(checker->context, TURN_WRONG, turn->place, bl_number_text(checker->arena, degrees));
}

static void check_pictures(bl_checker *checker, const bl_network *network, const bl_node *block, bl_pictures *out)
{
    const bl_input *input = &network->input;
    *out = (bl_pictures){.background = {255, 255, 255}};
    for (const bl_node *node = block->first; node != NULL; node = node->next) {
        if (node->kind == BL_NODE_BACKGROUND)
            check_background(checker, node, out);
        else if (node->kind == BL_NODE_INVERT)
            out->invert = true;
        else if (node->kind == BL_NODE_TRANSPOSE)
            out->transpose = true;
        else if (node->kind == BL_NODE_TURN)
            check_turn(checker, node, out);
        else
            continue;
        if (network->shape_known && !input->image)
            bl_remark_on(bl_diagnose(checker->context, PREPARE_IMAGE, node->place, bl_node_once(node->kind),
                                     input->series ? "series" : "vector"),
                         input->place, "the input is declared here");
    }
}

void bl_check_prepare(bl_checker *checker, const bl_network *network, const bl_node *block, bl_data *data)
{
    const bl_node *classes = bl_node_find(block, BL_NODE_CLASSES);
    check_values(checker, network, bl_node_find(block, BL_NODE_VALUES), data);
    if (classes != NULL)
        check_class_names(checker, network, classes, data);
    check_pictures(checker, network, block, &data->pictures);
}

void bl_check_shares(bl_checker *checker, const bl_node *second, const bl_data *data)
{
    double sum = data->hold_out + data->hold_out_test;
    if (sum >= 1)
        bl_diagnose(checker->context, HOLD_OUT_ALL, second->place, bl_number_text(checker->arena, sum * 100));
}
