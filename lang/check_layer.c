/* One layer: what it computes, and every property of its connections and neurons. */
#include <string.h>

#include "check.h"

static const double PRINTED_ALPHA_MAX = 0.99; /* model.md, section 3, "as printed" */

typedef struct layer_check {
    bl_checker *checker;
    const bl_constants *constants;
    bl_layer *layer;
    bool last;
    bool printed;
} layer_check;

static void tell(const layer_check *check, bl_place place, const char *instead)
{
    bl_printed_instead(check->checker, place, instead);
}

/* ---- operation and options -----------------------------------------------------------------------------------------
 */

static void check_operation(const layer_check *check, const bl_node *operation)
{
    bl_context *context = check->checker->context;
    uint32_t size[3], filters;
    switch (operation->kind) {
    case BL_NODE_DENSE:
        bl_take_count(check->constants, operation->first, BL_QUANTITY_NEURONS, &check->layer->neurons);
        break;
    case BL_NODE_CONV:
        bl_diagnose(context, LATER_CONV, operation->place, "");
        bl_take_size(check->constants, operation->first, size);
        bl_take_count(check->constants, operation->last, BL_QUANTITY_FILTERS, &filters);
        break;
    default:
        bl_diagnose(context, LATER_POOL, operation->place, "");
    }
}

/* An option or property that another operation has. */
static void check_belongs(const layer_check *check, const bl_node *option, bl_kind operation)
{
    static const struct {
        bl_kind option;
        bool conv, pool;
        const char *where;
    } HOMES[] = {{BL_NODE_STRIDE, true, true, "conv and pool"},
                 {BL_NODE_PADDING, true, false, "conv"},
                 {BL_NODE_GRID, false, true, "pool"},
                 {BL_NODE_WINDOW, false, true, "pool"},
                 {BL_NODE_CALIBRATE, false, true, "pool"}};
    for (size_t i = 0; i < sizeof HOMES / sizeof *HOMES; i++) {
        if (HOMES[i].option != option->kind)
            continue;
        bool home = (operation == BL_NODE_CONV && HOMES[i].conv) || (operation == BL_NODE_POOL && HOMES[i].pool);
        if (!home)
            bl_diagnose(check->checker->context, MISPLACED, option->place, bl_node_once(option->kind), HOMES[i].where);
    }
}

static void check_options(const layer_check *check, const bl_node *node)
{
    bl_kind operation = node->first->kind;
    bl_check_once(check->checker, node);
    for (const bl_node *option = node->first->next; option != NULL; option = option->next) {
        uint32_t size[3], stride;
        check_belongs(check, option, operation);
        bool sized = option->first != NULL && option->first->kind == BL_NODE_SIZE;
        if (sized)
            bl_take_size(check->constants, option->first, size);
        else if (option->kind == BL_NODE_STRIDE)
            bl_take_count(check->constants, option->first, BL_QUANTITY_STRIDE, &stride);
    }
}

static void check_connections(const layer_check *check, bl_place place)
{
    uint64_t connections = (uint64_t)check->layer->inputs * check->layer->neurons;
    if (connections > BL_MAX_CONNECTIONS)
        bl_diagnose(check->checker->context, CONNECTIONS, place,
                    bl_number_text(check->checker->arena, (double)connections),
                    bl_number_text(check->checker->arena, (double)BL_MAX_CONNECTIONS));
}

/* ---- alpha: bounds and initial distribution ------------------------------------------------------------------------
 */

static bool take_pair(const layer_check *check, const bl_node *low, bl_quantity quantity, double out[2])
{
    bool fine = bl_take(check->constants, low, quantity, &out[0]);
    return bl_take(check->constants, low->next, quantity, &out[1]) && fine;
}

/* True where the bounds are known. */
static bool check_bounds(const layer_check *check, const bl_node *in)
{
    bl_layer *layer = check->layer;
    double bounds[2];
    layer->alpha_min = 0;
    layer->alpha_max = check->printed ? PRINTED_ALPHA_MAX : layer->range_in;
    if (in == NULL)
        return true;
    if (!take_pair(check, in->first->first, BL_QUANTITY_ALPHA, bounds))
        return false;
    if (bounds[0] >= bounds[1]) {
        bl_diagnose(check->checker->context, BOUNDS_EMPTY, in->first->place, "");
        return false;
    }
    if (check->printed && (bounds[0] != layer->alpha_min || bounds[1] != layer->alpha_max)) {
        tell(check, in->first->place, "alpha in [0, 0.99]");
        return true;
    }
    layer->alpha_min = bounds[0];
    layer->alpha_max = bounds[1];
    return true;
}

static void check_spread(const layer_check *check, const bl_node *start, bool bounds_known)
{
    bl_layer *layer = check->layer;
    bl_arena *arena = check->checker->arena;
    double spread[2];
    if (start->kind == BL_NODE_CONSTANT) {
        if (!bl_take(check->constants, start->first, BL_QUANTITY_ALPHA, &spread[0]))
            return;
        spread[1] = spread[0];
    } else {
        if (!take_pair(check, start->first, BL_QUANTITY_ALPHA, spread))
            return;
        if (spread[0] >= spread[1]) {
            bl_diagnose(check->checker->context, BOUNDS_EMPTY, start->place, "");
            return;
        }
    }
    layer->start_low = spread[0];
    layer->start_high = spread[1];
    if (bounds_known && (spread[0] < layer->alpha_min || spread[1] > layer->alpha_max))
        bl_diagnose(check->checker->context, START_OUTSIDE, start->place, bl_number_text(arena, layer->alpha_min),
                    bl_number_text(arena, layer->alpha_max));
}

static void check_alpha(const layer_check *check, const bl_node *alpha)
{
    bl_layer *layer = check->layer;
    bool bounds_known = check_bounds(check, alpha == NULL ? NULL : bl_node_find(alpha, BL_NODE_IN));
    layer->start = BL_START_UNIFORM;
    layer->start_low = layer->alpha_min;
    layer->start_high = layer->alpha_max;
    for (const bl_node *part = alpha == NULL ? NULL : alpha->first; part != NULL; part = part->next) {
        if (part->kind == BL_NODE_FROM_PATCHES)
            bl_diagnose(check->checker->context, LATER_PATCHES, part->place, "");
        if (part->kind == BL_NODE_FROZEN)
            bl_diagnose(check->checker->context, LATER_FROZEN, part->place, "");
        if (part->kind == BL_NODE_CONSTANT)
            layer->start = BL_START_CONSTANT;
        if (part->kind == BL_NODE_DISTINCT)
            layer->start = BL_START_DISTINCT;
        bool spread = part->kind == BL_NODE_UNIFORM || part->kind == BL_NODE_CONSTANT || part->kind == BL_NODE_DISTINCT;
        if (spread && part->first != NULL)
            check_spread(check, part, bounds_known);
    }
}

/* ---- signs ----------------------------------------------------------------------------------------------------------
 */

static void check_tau(const layer_check *check, const bl_node *tau)
{
    bl_layer *layer = check->layer;
    double value;
    if (!bl_take(check->constants, tau->first, BL_QUANTITY_TAU, &value))
        return;
    if (check->printed && value != layer->alpha_max)
        tell(check, tau->place, "eq. 13's own condition, true for every connection that is asked to weaken");
    else if (value > layer->alpha_max)
        bl_diagnose(check->checker->context, TAU_LARGE, tau->place,
                    bl_number_text(check->checker->arena, layer->alpha_max));
    else
        layer->tau = value;
}

/* `excitatory` and `inhibitory` alone are fixed; `mixed` switches unless it says `fixed`. */
static void check_signs(const layer_check *check, const bl_node *signs)
{
    bl_layer *layer = check->layer;
    layer->excitatory = bl_default(BL_QUANTITY_EXCITATORY);
    layer->switches = true;
    layer->tau = layer->alpha_max;
    if (signs == NULL)
        return;
    const bl_node *mixed = bl_node_find(signs, BL_NODE_MIXED), *switching = bl_node_find(signs, BL_NODE_SWITCHING);
    bool excitatory = bl_node_find(signs, BL_NODE_EXCITATORY) != NULL;
    bool inhibitory = bl_node_find(signs, BL_NODE_INHIBITORY) != NULL;
    bool fixed = bl_node_find(signs, BL_NODE_FIXED) != NULL || ((excitatory || inhibitory) && switching == NULL);
    if (mixed != NULL && mixed->first != NULL)
        bl_take(check->constants, mixed->first, BL_QUANTITY_EXCITATORY, &layer->excitatory);
    if (excitatory || inhibitory)
        layer->excitatory = excitatory;
    if (fixed && check->printed)
        tell(check, signs->place, "signs that may all switch");
    layer->switches = !fixed || check->printed;
    if (switching != NULL && switching->first != NULL)
        check_tau(check, switching->first);
    if (!layer->switches && layer->excitatory == 0 && !check->last)
        bl_diagnose(check->checker->context, LAYER_SILENT, signs->place, layer->name);
}

/* ---- neuron, sum, leak ----------------------------------------------------------------------------------------------
 */

static void check_neuron(const layer_check *check, const bl_node *block)
{
    bl_layer *layer = check->layer;
    const bl_node *neuron = bl_node_find(block, BL_NODE_NEURON_ALPHA), *learn = bl_node_find(block, BL_NODE_LEARN);
    const bl_node *up_to = neuron == NULL ? NULL : bl_node_find(neuron, BL_NODE_UP_TO);
    const bl_node *learned = neuron == NULL ? NULL : bl_node_find(neuron, BL_NODE_LEARNED);
    bl_check_either(check->checker, learned, learn);
    bool known = neuron == NULL || bl_take(check->constants, neuron->first, BL_QUANTITY_THETA, &layer->theta);
    if (layer->theta > layer->theta_max) /* a threshold above the usual bound moves the bound */
        layer->theta_max = layer->theta;
    if (up_to != NULL)
        known = bl_take(check->constants, up_to->first, BL_QUANTITY_THETA_MAX, &layer->theta_max) && known;
    if (known && layer->theta > layer->theta_max)
        bl_diagnose(check->checker->context, THETA_ABOVE, up_to->place,
                    bl_number_text(check->checker->arena, layer->theta));
    if (learned != NULL || learn != NULL)
        bl_take(check->constants, (learned != NULL ? learned : learn)->first, BL_QUANTITY_THETA_XI, &layer->theta_xi);
}

static void check_sum(const layer_check *check, const bl_node *node)
{
    bl_layer *layer = check->layer;
    layer->sum = check->printed ? BL_SUM_RAW : BL_SUM_SCALED;
    layer->gain = check->printed ? 1 : bl_default(BL_QUANTITY_GAIN_SCALED);
    if (node == NULL)
        return;
    const bl_node *sum = node->first;
    bool shared = sum->kind == BL_NODE_SHARED, raw = sum->kind == BL_NODE_RAW;
    bl_quantity quantity = shared ? BL_QUANTITY_GAIN_SHARED : BL_QUANTITY_GAIN_SCALED;
    double gain = raw ? 1 : bl_default(quantity);
    if (sum->first != NULL)
        bl_take(check->constants, sum->first, quantity, &gain);
    if (check->printed) {
        if (!raw)
            tell(check, node->place, "the raw sum (eq. 4)");
        return;
    }
    layer->sum = raw ? BL_SUM_RAW : shared ? BL_SUM_SHARED : BL_SUM_SCALED;
    layer->gain = gain;
}

static void check_leak(const layer_check *check, const bl_node *leak)
{
    if (leak == NULL || !bl_take(check->constants, leak->first, BL_QUANTITY_LEAK, &check->layer->leak))
        return;
    if (check->printed && check->layer->leak != 0) {
        tell(check, leak->place, "the full step of eq. 12 for silent connections too");
        check->layer->leak = 0;
    }
}

/* ---- what a later bouton will serve ---------------------------------------------------------------------------------
 */

static void check_depress(const layer_check *check, const bl_node *depress)
{
    bl_diagnose(check->checker->context, LATER_DEPRESS, depress->place, "");
    bl_check_once(check->checker, depress);
    for (const bl_node *clause = depress->first; clause != NULL; clause = clause->next) {
        double value;
        uint32_t size[3];
        if (clause->kind == BL_NODE_SIZE)
            bl_take_size(check->constants, clause, size);
        else
            bl_take(check->constants, clause->first,
                    clause->kind == BL_NODE_WITHIN ? BL_QUANTITY_WITHIN
                    : clause->kind == BL_NODE_KEEP ? BL_QUANTITY_KEEP
                                                   : BL_QUANTITY_GAP,
                    &value);
    }
}

/* `fire NAME` means a formula of the file, which is told where it is declared; the other ways to fire have words. */
static void check_fire(const layer_check *check, const bl_node *fire)
{
    static const char *const WAYS[] = {"ramp", "graded", "binary", "logistic"};
    const bl_nodes *neurons = &check->checker->neurons;
    const char **names = BL_ARRAY(check->checker->arena, const char *, neurons->count + 4);
    double steepness;
    uint32_t count = 0;
    bool known = false, way = false;
    for (; count < 4; count++) {
        names[count] = WAYS[count];
        way |= strcmp(WAYS[count], fire->text) == 0;
    }
    for (uint32_t i = 0; i < neurons->count; i++)
        names[count++] = neurons->list[i]->text;
    for (uint32_t i = 0; i < count; i++)
        known |= strcmp(names[i], fire->text) == 0;
    if (fire->first != NULL)
        bl_take(check->constants, fire->first, BL_QUANTITY_LOGISTIC, &steepness);
    if (way && strcmp(fire->text, "ramp") != 0)
        bl_diagnose(check->checker->context, LATER_FIRE, fire->name_place, fire->text);
    else if (!known && !check->checker->incomplete)
        bl_diagnose(check->checker->context, NEURON_UNKNOWN, fire->name_place, fire->text,
                    bl_nearest(fire->text, names, count));
}

/* ---- the layer ------------------------------------------------------------------------------------------------------
 */

static void check_rest(const layer_check *check, const bl_node *block, bl_kind operation)
{
    for (const bl_node *property = block->first; property != NULL; property = property->next) {
        double value;
        check_belongs(check, property, operation);
        if (property->kind == BL_NODE_OVER_FILTERS || property->kind == BL_NODE_OVER_PLACES)
            check_depress(check, property);
        else if (property->kind == BL_NODE_FIRE)
            check_fire(check, property);
        else if (property->kind == BL_NODE_CALIBRATE)
            bl_take(check->constants, property->first, BL_QUANTITY_CALIBRATE, &value);
    }
}

void bl_check_layer(bl_checker *checker, bl_network *network, uint32_t index)
{
    const bl_node *node = network->nodes[index], *block = bl_node_find(node, BL_NODE_BLOCK);
    static const bl_node EMPTY = {.kind = BL_NODE_BLOCK};
    bl_layer *layer = &network->layers[index];
    const layer_check check = {.checker = checker,
                               .constants = &checker->constants,
                               .layer = layer,
                               .last = index + 1 == network->layer_count,
                               .printed = checker->rule == BL_RULE_PRINTED};
    layer->range_out = network->input.range;
    layer->theta = bl_default(BL_QUANTITY_THETA);
    layer->theta_max = bl_default(BL_QUANTITY_THETA_MAX);
    layer->theta_xi = bl_default(BL_QUANTITY_THETA_XI);
    layer->leak = bl_default(BL_QUANTITY_LEAK);
    if (block == NULL)
        block = &EMPTY;
    bl_check_once(checker, block);
    check_operation(&check, node->first);
    check_options(&check, node);
    check_connections(&check, node->first->place);
    const bl_node *range = bl_node_find(block, BL_NODE_RANGE);
    if (range != NULL)
        bl_take_range(checker, range->first, &layer->range_out);
    check_alpha(&check, bl_node_find(block, BL_NODE_ALPHA));
    check_signs(&check, bl_node_find(block, BL_NODE_SIGNS));
    check_neuron(&check, block);
    check_sum(&check, bl_node_find(block, BL_NODE_SUM));
    check_leak(&check, bl_node_find(block, BL_NODE_LEAK));
    check_rest(&check, block, node->first->kind);
}
