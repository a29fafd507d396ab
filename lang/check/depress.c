/* How the neurons of a layer fire: the clauses of lateral depression (eq. 19), and the activation function, a built-in
 * one or a formula of the text. */
#include <math.h>
#include <string.h>

#include "check/formula_read.h"

enum { WAY_COUNT = BT_FIRE_FORMULA }; /* the built-in functions come before BT_FIRE_FORMULA */

static const char *number_text(const bl_layer_check *check, double number)
{
    return bl_number_text(check->checker->arena, number);
}

/* The size of the neighbourhood, the neuron itself included. 0, with a diagnostic: unknown or wrong. */
static uint32_t filters_around(const bl_layer_check *check, const bl_node *node, bl_depress *clause)
{
    const bl_node *within = bl_node_find(node, BL_NODE_WITHIN);
    uint32_t filters = check->layer->neurons;
    if (within == NULL)
        return filters;
    if (!bl_take_count(check->constants, within->first, BL_QUANTITY_WITHIN, &clause->within) || filters == 0)
        return 0;
    if (filters > 1 && clause->within > (filters - 1) / 2) {
        bl_diagnose(check->checker->context, WITHIN_WIDE, within->place, number_text(check, clause->within),
                    number_text(check, filters), filters < 3 ? NULL : number_text(check, (filters - 1) / 2));
        return 0;
    }
    return filters == 1 ? 1 : 2 * clause->within + 1;
}

static uint32_t places_around(const bl_layer_check *check, const bl_node *node, bl_depress *clause)
{
    const bt_shape *map = &check->layer->out;
    const bl_node *size = node->first, *within = bl_node_find(node, BL_NODE_WITHIN);
    bl_context *context = check->checker->context;
    uint32_t sides[2];
    clause->over_places = true;
    if (within != NULL)
        bl_diagnose(context, MISPLACED, within->place, bl_node_once(within->kind), "`depress over filters`");
    if (!bl_take_extent(check, size, *map, sides))
        return 0;
    const char *written = bl_size_text(check->checker->arena, sides[0], sides[1]);
    clause->height = sides[0];
    clause->width = sides[1];
    if (bl_shape_known(*map) && (sides[0] > map->height || sides[1] > map->width))
        bl_diagnose(context, NEIGHBOURHOOD_WIDE, size->place, written,
                    bl_size_text(check->checker->arena, map->height, map->width));
    else if (sides[0] % 2 == 0 || sides[1] % 2 == 0)
        bl_diagnose(context, NEIGHBOURHOOD_EVEN, size->place, written);
    else
        return sides[0] * sides[1];
    return 0;
}

/* `keep 3` is a number of neurons, `keep 6%` a share of the neighbourhood. */
static void check_keep(const bl_layer_check *check, const bl_node *keep, uint32_t around, bl_depress *clause)
{
    const bl_constants *constants = check->constants;
    double value;
    if (!bl_take(constants, keep->first, BL_QUANTITY_KEEP, &value))
        return;
    bool share = value < 1 || bl_is_percent(constants, keep->first);
    if (!bl_take(constants, keep->first, share ? BL_QUANTITY_KEEP_SHARE : BL_QUANTITY_KEEP_COUNT, &value))
        return;
    if (share && around == 0)
        return;
    double kept = share ? fmax(1, round(value * around)) : value;
    if (around > 1 && kept >= around)
        bl_diagnose(check->checker->context, KEEP_ALL, keep->place, number_text(check, around),
                    number_text(check, around - 1));
    else if (kept > BL_MAX_KEEP && (clause->over_places || clause->within > 0))
        bl_diagnose(check->checker->context, KEEP_MANY, keep->place, bl_number_text(check->checker->arena, kept),
                    bl_number_text(check->checker->arena, BL_MAX_KEEP));
    else
        clause->keep = (uint32_t)kept;
}

static bl_depress check_clause(const bl_layer_check *check, const bl_node *node)
{
    bl_depress clause = {.gap = bl_default(BL_QUANTITY_GAP), .place = node->place};
    const bl_node *keep = bl_node_find(node, BL_NODE_KEEP), *gap = bl_node_find(node, BL_NODE_GAP);
    bl_check_once(check->checker, node);
    uint32_t around =
        node->kind == BL_NODE_OVER_PLACES ? places_around(check, node, &clause) : filters_around(check, node, &clause);
    if (around == 1)
        bl_diagnose(check->checker->context, NEIGHBOURS_NONE, node->place, "");
    if (keep != NULL)
        check_keep(check, keep, around, &clause); /* a wrong one leaves 0, so that nothing else is said about it */
    else
        clause.keep = 1;
    if (gap != NULL)
        bl_take(check->constants, gap->first, BL_QUANTITY_GAP, &clause.gap);
    return clause;
}

void bl_check_neighbours(const bl_layer_check *check, const bl_node *block)
{
    bl_layer *layer = check->layer;
    bl_depress *clauses = NULL;
    for (const bl_node *node = block->first; node != NULL; node = node->next) {
        if (node->kind != BL_NODE_OVER_FILTERS && node->kind != BL_NODE_OVER_PLACES)
            continue;
        bl_depress clause = check_clause(check, node);
        clauses = bl_grow(check->checker->arena, clauses, layer->depress_count, sizeof *clauses);
        clauses[layer->depress_count++] = clause;
    }
    layer->depress = clauses;
    bl_check_fire(check, block);
}

/* ---- activation functions ---- */

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

void bl_warn_graded(const bl_layer_check *check, const bl_node *block)
{
    const bl_layer *layer = check->layer;
    if (layer->depress_count > 0 && bl_node_find(block, BL_NODE_FIRE) == NULL)
        bl_diagnose(check->checker->context, FIRE_UNSAID, layer->depress[0].place, layer->name);
}
