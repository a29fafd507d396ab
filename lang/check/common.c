/* Helpers of all checks: lists of statements, layers by name, and diagnostics that several checks share. */
#include "check/common.h"

#include <string.h>

void bl_nodes_add(bl_checker *checker, bl_nodes *nodes, const bl_node *node, const char *what)
{
    if (nodes->count >= BL_MAX_STATEMENTS) {
        bl_diagnose(checker->context, TOO_MANY, node->place, what, "4096");
        return;
    }
    nodes->list = bl_grow(checker->arena, nodes->list, nodes->count, sizeof *nodes->list);
    nodes->list[nodes->count++] = node;
}

void bl_check_either(bl_checker *checker, const bl_node *one, const bl_node *other)
{
    if (one == NULL || other == NULL)
        return;
    const bl_node *first = one->place.offset < other->place.offset ? one : other, *second = first == one ? other : one;
    bl_remark_on(bl_diagnose(checker->context, GIVEN_TWICE, second->place, bl_node_once(second->kind)), first->place,
                 "first given here");
}

void bl_check_once(bl_checker *checker, const bl_node *block)
{
    const bl_node *seen[BL_NODE_KINDS] = {NULL};
    for (const bl_node *node = block->first; node != NULL; node = node->next) {
        const char *what = bl_node_once(node->kind);
        if (*what == '\0')
            continue;
        if (seen[node->kind] == NULL)
            seen[node->kind] = node;
        else
            bl_remark_on(bl_diagnose(checker->context, GIVEN_TWICE, node->place, what), seen[node->kind]->place,
                         "first given here");
    }
}

void bl_printed_instead(bl_checker *checker, bl_place place, const char *instead)
{
    bl_diagnose(checker->context, PRINTED_INSTEAD, place, instead);
}

bool bl_take_range(bl_checker *checker, const bl_node *interval, double *high)
{
    bool printed = checker->rule == BT_RULE_PRINTED;
    double low, top;
    bool low_fine = bl_take(&checker->constants, interval->first, BL_QUANTITY_RANGE_LOW, &low);
    bl_quantity quantity = printed ? BL_QUANTITY_RANGE_PRINTED : BL_QUANTITY_RANGE_HIGH;
    if (!bl_take(&checker->constants, interval->first->next, quantity, &top) || !low_fine)
        return false;
    if (printed && top != 1)
        bl_printed_instead(checker, interval->place, "activations in [0, 1]");
    *high = printed ? 1 : top;
    return true;
}

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

void bl_check_answer(bl_checker *checker, const bl_network *network)
{
    if (network->incomplete || network->layer_count == 0)
        return;
    const bl_layer *last = &network->layers[network->layer_count - 1];
    bool known = network->nodes[network->layer_count - 1]->first->kind != BL_NODE_BROKEN;
    if (known && last->kind != BT_LAYER_DENSE)
        bl_diagnose(checker->context, ANSWER_DENSE, last->place, last->name);
}

void bl_check_labels(bl_checker *checker, const bl_splits *splits, bl_place place, const char *what, const char *mend)
{
    if (splits->unlabelled != NULL)
        bl_remark_on(bl_diagnose(checker->context, LABELS_NONE, place, what, mend), splits->unlabelled->place,
                     "the samples come from here");
}
