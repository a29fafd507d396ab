/* Layers: the properties of their connections and neurons. */
#include "check/check.h"
#include "check/layer_parts.h"

static const double PRINTED_ALPHA_MAX = 0.99; /* docs/model.md, section 5 */

static void report_instead(const bl_layer_check *check, bl_place place, const char *instead)
{
    bl_printed_instead(check->checker, place, instead);
}

/* ---- alpha: bounds and initial distribution ---- */

static bool take_pair(const bl_layer_check *check, const bl_node *low, bl_quantity quantity, double out[2])
{
    bool fine = bl_take(check->constants, low, quantity, &out[0]);
    return bl_take(check->constants, low->next, quantity, &out[1]) && fine;
}

/* False, with a diagnostic: the bounds of alpha are unknown. */
static bool check_bounds(const bl_layer_check *check, const bl_node *in)
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
        report_instead(check, in->first->place, "alpha in [0, 0.99]");
        return true;
    }
    if (layer->tied > 0 && bounds[1] != layer->range_in)
        bl_diagnose(check->checker->context, TIED_BOUNDS, in->first->place,
                    bl_number_text(check->checker->arena, bounds[0]),
                    bl_number_text(check->checker->arena, layer->range_in));
    layer->alpha_min = bounds[0];
    layer->alpha_max = bounds[1];
    return true;
}

static void check_spread(const bl_layer_check *check, const bl_node *start, bool bounds_known)
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

static void check_alpha(const bl_layer_check *check, const bl_node *alpha)
{
    bl_layer *layer = check->layer;
    bool bounds_known = check_bounds(check, alpha == NULL ? NULL : bl_node_find(alpha, BL_NODE_IN));
    layer->start = BT_START_UNIFORM;
    layer->start_low = layer->alpha_min;
    layer->start_high = layer->alpha_max;
    for (const bl_node *part = alpha == NULL ? NULL : alpha->first; part != NULL; part = part->next) {
        bool spread = part->kind == BL_NODE_UNIFORM || part->kind == BL_NODE_CONSTANT || part->kind == BL_NODE_DISTINCT;
        if (part->kind == BL_NODE_FROZEN)
            layer->frozen = true;
        else if (part->kind == BL_NODE_FROM_PATCHES && check->printed)
            report_instead(check, part->place, "uniform initial alphas");
        else if (part->kind == BL_NODE_FROM_PATCHES)
            layer->start = BT_START_PATCHES;
        else if (part->kind == BL_NODE_CONSTANT)
            layer->start = BT_START_CONSTANT;
        else if (part->kind == BL_NODE_DISTINCT)
            layer->start = BT_START_DISTINCT;
        if (spread && part->first != NULL)
            check_spread(check, part, bounds_known);
    }
}

/* ---- signs ---- */

static void check_tau(const bl_layer_check *check, const bl_node *tau)
{
    bl_layer *layer = check->layer;
    double value;
    if (!bl_take(check->constants, tau->first, BL_QUANTITY_TAU, &value))
        return;
    if (check->printed && value != layer->alpha_max)
        report_instead(check, tau->place, "the condition of eq. 13, which every connection that is to weaken meets");
    else if (value > layer->alpha_max)
        bl_diagnose(check->checker->context, TAU_LARGE, tau->place,
                    bl_number_text(check->checker->arena, layer->alpha_max));
    else
        layer->tau = value;
}

/* The signs of `excitatory` and `inhibitory` layers are fixed. `mixed` lets them switch unless it says `fixed`. */
static void check_signs(const bl_layer_check *check, const bl_node *signs)
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
        report_instead(check, signs->place, "signs that may all switch");
    layer->switches = !fixed || check->printed;
    if (switching != NULL && switching->first != NULL)
        check_tau(check, switching->first);
    if (!layer->switches && layer->excitatory == 0 && !check->last)
        bl_diagnose(check->checker->context, LAYER_SILENT, signs->place, layer->name);
}

/* ---- neuron, sum, leak ---- */

static void check_neuron(const bl_layer_check *check, const bl_node *block)
{
    bl_layer *layer = check->layer;
    const bl_node *neuron = bl_node_find(block, BL_NODE_NEURON_ALPHA), *learn = bl_node_find(block, BL_NODE_LEARN);
    const bl_node *up_to = neuron == NULL ? NULL : bl_node_find(neuron, BL_NODE_UP_TO);
    const bl_node *learned = neuron == NULL ? NULL : bl_node_find(neuron, BL_NODE_LEARNED);
    bl_check_either(check->checker, learned, learn);
    bool known = neuron == NULL || bl_take(check->constants, neuron->first, BL_QUANTITY_THETA, &layer->theta);
    if (layer->theta > layer->theta_max) /* a threshold above the default bound raises the bound */
        layer->theta_max = layer->theta;
    if (up_to != NULL)
        known = bl_take(check->constants, up_to->first, BL_QUANTITY_THETA_MAX, &layer->theta_max) && known;
    if (known && up_to != NULL && layer->theta > layer->theta_max)
        bl_diagnose(check->checker->context, THETA_ABOVE, up_to->place,
                    bl_number_text(check->checker->arena, layer->theta));
    if (learned != NULL || learn != NULL)
        bl_take(check->constants, (learned != NULL ? learned : learn)->first, BL_QUANTITY_THETA_XI, &layer->theta_xi);
}

static void check_sum(const bl_layer_check *check, const bl_node *node)
{
    bl_layer *layer = check->layer;
    layer->sum = check->printed ? BT_SUM_RAW : BT_SUM_SCALED;
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
            report_instead(check, node->place, "the raw sum (eq. 4)");
        return;
    }
    if (shared && layer->tied > 0)
        bl_diagnose(check->checker->context, TIED_SHARED, node->place, "");
    layer->sum = raw ? BT_SUM_RAW : shared ? BT_SUM_SHARED : BT_SUM_SCALED;
    layer->gain = gain;
}

/* Homeostasis gives each neuron its gain and threshold, so no property may set them. */
static void check_homeostasis(const bl_layer_check *check, const bl_node *block, const bl_node *homeostasis)
{
    static const bl_kind excluded[] = {BL_NODE_SUM, BL_NODE_NEURON_ALPHA, BL_NODE_LEARN};
    bl_layer *layer = check->layer;
    const bl_node *ramp = homeostasis->first, *fire = bl_node_find(block, BL_NODE_FIRE);
    layer->ramp = bl_default(BL_QUANTITY_RAMP);
    layer->ramp_from = bl_default(BL_QUANTITY_RAMP_FROM);
    if (ramp != NULL)
        bl_take(check->constants, ramp, BL_QUANTITY_RAMP, &layer->ramp);
    if (ramp != NULL && ramp->next != NULL)
        bl_take(check->constants, ramp->next, BL_QUANTITY_RAMP_FROM, &layer->ramp_from);
    if (check->printed) {
        report_instead(check, homeostasis->place, "the raw sum and a threshold (eq. 3)");
        return;
    }
    for (size_t i = 0; i < sizeof excluded / sizeof *excluded; i++) {
        const bl_node *other = bl_node_find(block, excluded[i]);
        if (other != NULL)
            bl_remark_on(
                bl_diagnose(check->checker->context, HOMEOSTASIS_SETS, other->place, bl_node_once(other->kind)),
                homeostasis->place, "homeostasis is asked for here");
    }
    if (layer->fire == BT_FIRE_LOGISTIC || layer->fire == BT_FIRE_FORMULA)
        bl_diagnose(check->checker->context, HOMEOSTASIS_RAMP, fire->place, "");
    if (check->last)
        bl_diagnose(check->checker->context, HOMEOSTASIS_LAST, homeostasis->place, layer->name);
    bl_warn_graded(check, block);
    layer->homeostasis = true;
    layer->sum = BT_SUM_RAW;
    layer->gain = 1;
    layer->theta = layer->theta_xi = 0;
}

static void check_leak(const bl_layer_check *check, const bl_node *leak)
{
    if (leak == NULL || !bl_take(check->constants, leak->first, BL_QUANTITY_LEAK, &check->layer->leak))
        return;
    if (check->printed && check->layer->leak != 0) {
        report_instead(check, leak->place, "the full step of eq. 12 for silent connections too");
        check->layer->leak = 0;
    }
}

/* ---- pools ---- */

static bool has_neighbours(const bl_node *block)
{
    return bl_node_find(block, BL_NODE_OVER_FILTERS) != NULL || bl_node_find(block, BL_NODE_OVER_PLACES) != NULL;
}

/* Cells that share borders. A maximum is that of one place, which a border may leave out. */
static bool has_borders(const bl_layer *layer)
{
    bool several = layer->out.height > 1 || layer->out.width > 1 || !bl_shape_known(layer->out);
    return layer->grid && several && layer->pooling != BT_POOL_MAX;
}

/* Whether a pool may have the property. `fire` says how winners fire, so it needs `depress`. */
static bool pool_has(const bl_layer *layer, const bl_node *block, const bl_node *property)
{
    switch (property->kind) {
    case BL_NODE_CALIBRATE:
        return layer->pooling == BT_POOL_SUM;
    case BL_NODE_JITTER:
        return has_borders(layer);
    case BL_NODE_FIRE:
        return has_neighbours(block) || bl_node_find(block, BL_NODE_BROKEN) != NULL;
    default:
        return property->kind == BL_NODE_OVER_FILTERS || property->kind == BL_NODE_OVER_PLACES ||
               property->kind == BL_NODE_BROKEN;
    }
}

static const char *home_of(bl_kind property)
{
    return property == BL_NODE_CALIBRATE ? "pool(sum)"
           : property == BL_NODE_JITTER  ? "pool(sum) and pool(mean) with a grid of several cells"
           : property == BL_NODE_FIRE    ? "dense, conv, and pools with `depress`"
                                         : "dense and conv";
}

/* A border must not pass the next one: every cell keeps a place. A side with one cell has no borders. */
static void check_jitter(const bl_layer_check *check, const bl_node *jitter)
{
    bl_layer *layer = check->layer;
    const bt_shape *in = &layer->in, *out = &layer->out;
    if (!bl_take_count(check->constants, jitter->first, BL_QUANTITY_JITTER, &layer->jitter) || !bl_shape_known(*out))
        return;
    uint32_t down = out->height > 1 ? in->height / out->height : UINT32_MAX;
    uint32_t across = out->width > 1 ? in->width / out->width : UINT32_MAX, least = down < across ? down : across;
    if (layer->jitter > 0 && layer->jitter >= least)
        bl_diagnose(check->checker->context, JITTER_FAR, jitter->place, bl_number_text(check->checker->arena, least));
}

/* A pool has no connections and no thresholds. Its channels may depress each other. */
static void check_pool(const bl_layer_check *check, const bl_node *block)
{
    bl_layer *layer = check->layer;
    layer->range_out = layer->range_in;
    layer->calibrate = layer->pooling == BT_POOL_SUM ? bl_default(BL_QUANTITY_CALIBRATE) : 0;
    for (const bl_node *property = block->first; property != NULL; property = property->next) {
        if (!pool_has(layer, block, property))
            bl_diagnose(check->checker->context, MISPLACED, property->place, bl_node_once(property->kind),
                        home_of(property->kind));
        else if (property->kind == BL_NODE_CALIBRATE)
            bl_take(check->constants, property->first, BL_QUANTITY_CALIBRATE, &layer->calibrate);
        else if (property->kind == BL_NODE_JITTER)
            check_jitter(check, property);
    }
    if (!has_neighbours(block))
        return;
    bl_check_neighbours(check, block);
    uint32_t below = layer->source_count > 0 ? layer->sources[0] : BT_INPUT;
    if (below != BT_INPUT && check->network->layers[below].homeostasis)
        bl_warn_graded(check, block);
}

/* ---- the layer ---- */

static void check_weighted(const bl_layer_check *check, const bl_node *block)
{
    bl_layer *layer = check->layer;
    const bl_node *range = bl_node_find(block, BL_NODE_RANGE);
    layer->theta = bl_default(BL_QUANTITY_THETA);
    layer->theta_max = bl_default(BL_QUANTITY_THETA_MAX);
    layer->theta_xi = bl_default(BL_QUANTITY_THETA_XI);
    layer->leak = bl_default(BL_QUANTITY_LEAK);
    if (range != NULL)
        bl_take_range(check->checker, range->first, &layer->range_out);
    check_alpha(check, bl_node_find(block, BL_NODE_ALPHA));
    check_signs(check, bl_node_find(block, BL_NODE_SIGNS));
    check_neuron(check, block);
    check_sum(check, bl_node_find(block, BL_NODE_SUM));
    check_leak(check, bl_node_find(block, BL_NODE_LEAK));
    for (const bl_node *property = block->first; property != NULL; property = property->next)
        bl_check_belongs(check, property);
    bl_check_neighbours(check, block);
    if (bl_node_find(block, BL_NODE_HOMEOSTASIS) != NULL)
        check_homeostasis(check, block, bl_node_find(block, BL_NODE_HOMEOSTASIS));
}

void bl_check_layer(bl_checker *checker, bl_network *network, uint32_t index)
{
    static const bl_node EMPTY = {.kind = BL_NODE_BLOCK};
    const bl_node *node = network->nodes[index], *block = bl_node_find(node, BL_NODE_BLOCK);
    bl_layer *layer = &network->layers[index];
    const bl_layer_check check = {.checker = checker,
                                  .network = network,
                                  .constants = &checker->constants,
                                  .layer = layer,
                                  .node = node,
                                  .last = index + 1 == network->layer_count,
                                  .printed = checker->rule == BT_RULE_PRINTED};
    if (block == NULL)
        block = &EMPTY;
    layer->range_out = network->input.range;
    bl_check_once(checker, block);
    bl_check_shape(&check);
    if (layer->kind == BT_LAYER_POOL)
        check_pool(&check, block);
    else
        check_weighted(&check, block);
}
