/* Phases that compete (docs/model.md, section 8): one layer learns from sampled fields, without labels. */
#include <string.h>

#include "check/phase.h"

static void set_defaults(bl_phase_check *check, const char *name, bl_place place)
{
    *check->phase = (bl_phase){
        .name = name,
        .place = place,
        .kind = BT_PHASE_COMPETE,
        .patches = (uint64_t)bl_default(BL_QUANTITY_SAMPLE),
        .xi = bl_default(BL_QUANTITY_XI_FROM),
        .xi_to = bl_default(BL_QUANTITY_XI_TO),
        .target = BT_TARGET_PATTERN,
        .conscience = bl_default(BL_QUANTITY_CONSCIENCE),
        .alienate = bl_default(BL_QUANTITY_ALIENATE),
    };
}

/* A layer trained earlier must not read this one: competition would change the input that it learned from. */
static void check_order(bl_phase_check *check, uint32_t layer, bl_place place)
{
    const bl_network *network = check->network;
    bool *above = BL_ARRAY(check->checker->arena, bool, network->layer_count);
    for (uint32_t i = layer + 1; i < network->layer_count; i++)
        for (uint32_t j = 0; j < network->layers[i].source_count; j++) {
            uint32_t source = network->layers[i].sources[j];
            above[i] |= source == layer || (source != BT_INPUT && above[source]);
        }
    for (uint32_t i = 0; i < check->earlier_count; i++)
        for (uint32_t j = 0; j < check->earlier[i].layer_count; j++) {
            uint32_t trained = check->earlier[i].layers[j];
            if (trained >= network->layer_count || !above[trained]) /* readouts stand beside the network */
                continue;
            bl_remark_on(bl_diagnose(check->checker->context, COMPETE_LATE, place, network->layers[layer].name,
                                     network->layers[trained].name),
                         check->earlier[i].place, "it was trained here");
            return;
        }
}

/* Finds the layer that competes. False, with a diagnostic: the layer is unknown, or cannot learn. */
static bool check_layer(bl_phase_check *check, const bl_node *compete, uint32_t *out)
{
    const bl_network *network = check->network;
    const bl_node *name = compete->first;
    int64_t found = bl_find_layer(network, name->text);
    if (name->next != NULL)
        bl_diagnose(check->checker->context, COMPETE_MANY, name->next->place, name->next->text);
    if (found < 0) {
        bl_report_unknown_layer(check->checker, network, name->place, name->text);
        return false;
    }
    const bl_layer *layer = &network->layers[found];
    *out = (uint32_t)found;
    if (!bl_check_learns(check, *out, name->place))
        return false;
    const bl_node *block = bl_node_find(network->nodes[found], BL_NODE_BLOCK);
    bool broken = network->nodes[found]->first->kind == BL_NODE_BROKEN ||
                  (block != NULL && bl_node_find(block, BL_NODE_BROKEN) != NULL);
    if (layer->depress_count == 0 && !broken)
        bl_remark_on(bl_diagnose(check->checker->context, COMPETE_ALONE, name->place, layer->name), layer->place,
                     "it is declared here");
    if (layer->homeostasis)
        bl_remark_on(bl_diagnose(check->checker->context, HOMEOSTASIS_COMPETES, name->place, layer->name), layer->place,
                     "it is declared here");
    check_order(check, *out, name->place);
    return true;
}

/* Without `to` the learning rate stays constant. */
static void check_xi(bl_phase_check *check, const bl_node *xi)
{
    const bl_constants *constants = &check->checker->constants;
    const bl_node *to = bl_node_find(xi, BL_NODE_TO);
    bl_take(constants, xi->first, BL_QUANTITY_XI_FROM, &check->phase->xi);
    check->phase->xi_to = check->phase->xi;
    if (to != NULL)
        bl_take(constants, to->first, BL_QUANTITY_XI_TO, &check->phase->xi_to);
}

static void check_item(bl_phase_check *check, const bl_node *item)
{
    const bl_constants *constants = &check->checker->constants;
    bl_phase *phase = check->phase;
    double value;
    switch (item->kind) {
    case BL_NODE_SAMPLE:
        if (bl_take(constants, item->first, BL_QUANTITY_SAMPLE, &value))
            phase->patches = (uint64_t)value;
        break;
    case BL_NODE_XI:
        check_xi(check, item);
        break;
    case BL_NODE_TARGET:
        bt_target_of(item->text, &phase->target);
        break;
    case BL_NODE_CONSCIENCE:
        bl_take(constants, item->first, BL_QUANTITY_CONSCIENCE, &phase->conscience);
        break;
    case BL_NODE_ALIENATE:
        bl_take(constants, item->first, BL_QUANTITY_ALIENATE, &phase->alienate);
        break;
    case BL_NODE_FLIPS:
        bl_check_flips(check, item);
        break;
    default: /* BL_NODE_COMPETE: bl_check_compete reads it */
        break;
    }
}

void bl_check_compete(bl_phase_check *check, const bl_node *node)
{
    bl_arena *arena = check->checker->arena;
    bl_phase *phase = check->phase;
    uint32_t *layer = BL_NEW(arena, uint32_t);
    set_defaults(check, node->text, node->place);
    for (const bl_node *item = check->block->first; item != NULL; item = item->next)
        check_item(check, item);
    if (!check_layer(check, bl_node_find(check->block, BL_NODE_COMPETE), layer))
        return;
    if (bl_node_find(check->block, BL_NODE_TARGET) == NULL && check->network->layers[*layer].tied > 0)
        phase->target = BT_TARGET_LINEAR;
    phase->compete = *layer;
    phase->layers = layer;
    phase->layer_count = 1;
    phase->eta = BL_NEW(arena, double);
}
