/* How the neurons of a layer fire: one of the ways of the language, or a formula of the file. */
#include <string.h>

#include "check/formula_read.h"

static const char *const WAYS[] = {
    [BL_FIRE_RAMP] = "ramp", [BL_FIRE_GRADED] = "graded", [BL_FIRE_BINARY] = "binary", [BL_FIRE_LOGISTIC] = "logistic"};
enum { WAY_COUNT = sizeof WAYS / sizeof *WAYS };

static uint32_t way_of(const char *name)
{
    uint32_t way = 0;
    while (way < WAY_COUNT && strcmp(WAYS[way], name) != 0)
        way++;
    return way;
}

/* The formula of that name, or NULL, and that is told. */
static bl_neuron *find_neuron(const bl_layer_check *check, const bl_node *fire)
{
    const bl_checker *checker = check->checker;
    uint32_t count = checker->neurons.count;
    const char **names = BL_ARRAY(checker->arena, const char *, count + WAY_COUNT);
    memcpy(names, WAYS, sizeof WAYS);
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

/* The network's number of a formula: those its layers fire, each once. */
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
    layer->fire = BL_FIRE_FORMULA;
    layer->formula = add_formula(check, &neuron->formula);
}

void bl_check_fire(const bl_layer_check *check, const bl_node *block)
{
    bl_layer *layer = check->layer;
    bl_context *context = check->checker->context;
    const bl_node *fire = bl_node_find(block, BL_NODE_FIRE);
    bool neighbours_known = bl_node_find(block, BL_NODE_BROKEN) == NULL;
    layer->fire = layer->depress_count > 0 ? BL_FIRE_GRADED : BL_FIRE_RAMP;
    if (fire == NULL)
        return;
    uint32_t way = way_of(fire->text);
    bl_neuron *neuron = way == WAY_COUNT ? find_neuron(check, fire) : NULL;
    if (fire->first != NULL)
        bl_take(check->constants, fire->first, BL_QUANTITY_LOGISTIC, &layer->logistic_k);
    if (way == WAY_COUNT && neuron == NULL)
        return;
    if (neuron != NULL)
        neuron->fired = true;
    bool lateral = way == BL_FIRE_GRADED || way == BL_FIRE_BINARY;
    if (lateral && layer->depress_count == 0 && neighbours_known)
        bl_diagnose(context, FIRE_ALONE, fire->name_place, fire->text);
    else if (!lateral && layer->depress_count > 0)
        bl_diagnose(context, FIRE_DEPRESSED, fire->name_place, fire->text);
    else if (check->printed && !lateral && way != BL_FIRE_RAMP)
        bl_printed_instead(check->checker, fire->place, "the ramp (eq. 3)");
    else if (neuron != NULL)
        fire_formula(check, neuron, fire);
    else
        layer->fire = (bl_fire)way;
}
