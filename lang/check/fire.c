/* The activation function of a layer: a built-in one, or a formula of the text. */
#include <string.h>

#include "check/formula_read.h"

enum { WAY_COUNT = BT_FIRE_FORMULA }; /* the built-in functions come before BT_FIRE_FORMULA */

/* The formula that `fire` names. NULL, with a diagnostic: there is none. */
static bl_neuron *find_neuron(const bl_layer_check *check, const bl_node *fire)
{
    const bl_checker *checker = check->checker;
    uint32_t count = checker->neurons.count;
    const char **names = BL_ARRAY(checker->arena, const char *, count + WAY_COUNT);
    for (uint32_t way = 0; way < WAY_COUNT; way++)
        names[way] = bt_fire_word((bt_fire)way);
    for (uint32_t i = 0; i < count; i++) {
        names[WAY_COUNT + i] = checker->neurons.list[i]->text;
        if (strcmp(names[WAY_COUNT + i], fire->text) == 0)
            return &checker->formulas[i];
    }
    if (!checker->incomplete)
        bl_diagnose(checker->context, NEURON_UNKNOWN, fire->name_place, fire->text,
                    bl_nearest(fire->text, names, count + WAY_COUNT));
    return NULL;
}

/* The index of a formula in the network, which holds each formula of its layers once. */
static uint32_t add_formula(const bl_layer_check *check, const bl_formula *formula)
{
    bl_network *network = check->network;
    for (uint32_t i = 0; i < network->formula_count; i++)
        if (network->formulas[i].steps == formula->steps)
            return i;
    network->formulas =
        bl_grow(check->checker->arena, network->formulas, network->formula_count, sizeof *network->formulas);
    network->formulas[network->formula_count] = *formula;
    return network->formula_count++;
}

static void fire_formula(const bl_layer_check *check, bl_neuron *neuron, const bl_node *fire)
{
    bl_layer *layer = check->layer;
    if (!bl_judge_formula(check, neuron, fire->place))
        return;
    layer->fire = BT_FIRE_FORMULA;
    layer->formula = add_formula(check, &neuron->formula);
}

void bl_check_fire(const bl_layer_check *check, const bl_node *block)
{
    bl_layer *layer = check->layer;
    bl_context *context = check->checker->context;
    const bl_node *fire = bl_node_find(block, BL_NODE_FIRE);
    bool neighbours_known = bl_node_find(block, BL_NODE_BROKEN) == NULL;
    layer->fire = layer->depress_count > 0 ? BT_FIRE_GRADED : BT_FIRE_RAMP;
    if (fire == NULL)
        return;
    bt_fire way = BT_FIRE_FORMULA;
    bool own = !bt_fire_of(fire->text, &way) || way == BT_FIRE_FORMULA;
    bl_neuron *neuron = own ? find_neuron(check, fire) : NULL;
    if (fire->first != NULL)
        bl_take(check->constants, fire->first, BL_QUANTITY_LOGISTIC, &layer->logistic_k);
    if (own && neuron == NULL)
        return;
    if (neuron != NULL)
        neuron->fired = true;
    bool lateral = way == BT_FIRE_GRADED || way == BT_FIRE_BINARY;
    if (lateral && layer->depress_count == 0 && neighbours_known)
        bl_diagnose(context, FIRE_ALONE, fire->name_place, fire->text);
    else if (!lateral && way != BT_FIRE_RAMP && layer->depress_count > 0)
        bl_diagnose(context, FIRE_DEPRESSED, fire->name_place, fire->text);
    else if (check->printed && !lateral && way != BT_FIRE_RAMP)
        bl_printed_instead(check->checker, fire->place, "the ramp (eq. 3)");
    else if (neuron != NULL)
        fire_formula(check, neuron, fire);
    else
        layer->fire = way;
}
