/* Settings of a correcting phase that layers may have for themselves. `anneal keep`: layers begin with more winners than
 * their `depress` keeps (docs/model.md, section 7, equation 31). `prune to`: the connections that contribute least are
 * silenced (section 19). */
#include <math.h>
#include <string.h>

#include "check/phase.h"

/* Remembers the item of a layer, or of all others. `twice` says that there was one before. */
static void give(bl_phase_check *check, bl_code twice, const bl_node *item, const bl_node **given)
{
    const bl_node *on = bl_node_find(item, BL_NODE_ON);
    const char *const layer[8] = {on == NULL ? "every layer" : on->text};
    if (*given != NULL)
        bl_remark_on(bl_diagnose_with(check->checker->context, twice, item->place, layer), (*given)->place,
                     "first given here");
    *given = item;
}

/* ---- anneal keep ---- */

/* A clause over all filters of a place from number `from` on; NULL: none. */
static const bl_depress *clause_from(const bl_layer *layer, uint32_t from)
{
    for (uint32_t i = from; i < layer->depress_count; i++)
        if (!layer->depress[i].over_places && layer->depress[i].within == 0)
            return &layer->depress[i];
    return NULL;
}

static uint32_t lowest_corrected(const bl_phase_check *check)
{
    uint32_t lowest = 0;
    while (lowest < check->network->layer_count && check->corrected[lowest] == NULL)
        lowest++;
    return lowest;
}

/* Layers or names may be missing, so none is called superfluous. */
static bool is_guess(const bl_phase_check *check)
{
    return check->network->incomplete || bl_node_find(check->block, BL_NODE_BROKEN) != NULL;
}

/* The trained network is the one at rest, so an anneal ends at its `keep`. */
static void check_end(bl_phase_check *check, const bl_node *item, const bl_layer *layer, double share)
{
    bl_arena *arena = check->checker->arena;
    for (const bl_depress *clause = clause_from(layer, 0); clause != NULL;
         clause = clause_from(layer, (uint32_t)(clause - layer->depress) + 1)) {
        double kept = fmax(1, round(share * layer->neurons));
        if (layer->neurons == 0 || clause->keep == 0 || kept == clause->keep)
            continue;
        bl_remark_on(bl_diagnose(check->checker->context, ANNEAL_END, bl_node_find(item, BL_NODE_TO)->place,
                                 bl_number_text(arena, kept), bl_number_text(arena, layer->neurons), layer->name,
                                 bl_number_text(arena, clause->keep)),
                     clause->place, "what it keeps at rest");
    }
}

/* False: a number is wrong, and reported. */
static bool take_shares(bl_phase_check *check, const bl_node *item, bl_anneal *out)
{
    const bl_constants *constants = &check->checker->constants;
    const bl_node *to = bl_node_find(item, BL_NODE_TO), *over = bl_node_find(item, BL_NODE_OVER);
    bool known = bl_take(constants, item->first, BL_QUANTITY_ANNEAL, &out->from);
    known = bl_take(constants, to->first, BL_QUANTITY_ANNEAL, &out->to) && known;
    known = bl_take(constants, over->first, BL_QUANTITY_ANNEAL_OVER, &out->over) && known;
    if (known && out->to > out->from) {
        bl_diagnose(check->checker->context, ANNEAL_RISES, item->place,
                    bl_number_text(check->checker->arena, out->from), bl_number_text(check->checker->arena, out->to));
        known = false;
    }
    return known;
}

/* The layer of `on NAME`, or -1 with a diagnostic. */
static int64_t named_layer(bl_phase_check *check, const bl_node *on)
{
    const bl_network *network = check->network;
    bl_context *context = check->checker->context;
    int64_t layer = bl_find_layer(network, on->text);
    if (layer < 0)
        bl_report_unknown_layer(check->checker, network, on->place, on->text);
    else if (clause_from(&network->layers[layer], 0) == NULL)
        bl_diagnose(context, ANNEAL_ALONE, on->place, on->text);
    else if (layer < lowest_corrected(check) && !is_guess(check))
        bl_diagnose(context, ANNEAL_BELOW, on->place, on->text);
    else
        return layer;
    return -1;
}

/* `given` holds the item of each layer, and behind them the one for all others. */
static void take_item(bl_phase_check *check, const bl_node *item, const bl_node **given, bl_anneal *each)
{
    const bl_node *on = bl_node_find(item, BL_NODE_ON);
    int64_t index = on == NULL ? check->network->layer_count : named_layer(check, on);
    bl_anneal taken;
    bool known = take_shares(check, item, &taken);
    if (index < 0)
        return;
    give(check, BL_ANNEAL_TWICE, item, &given[index]);
    each[index] = known ? taken : (bl_anneal){0};
}

void bl_check_anneal(bl_phase_check *check, const bl_node *anneal)
{
    const bl_network *network = check->network;
    bl_arena *arena = check->checker->arena;
    uint32_t layers = network->layer_count, count = 0;
    const bl_node **given = BL_ARRAY(arena, const bl_node *, layers + 1);
    bl_anneal *each = BL_ARRAY(arena, bl_anneal, layers + 1), *taken = BL_ARRAY(arena, bl_anneal, layers);
    bool any = false;
    for (const bl_node *item = anneal->first; item != NULL; item = item->next)
        take_item(check, item, given, each);
    for (uint32_t i = lowest_corrected(check); i < layers; i++) {
        uint32_t by = given[i] != NULL ? i : layers;
        if (clause_from(&network->layers[i], 0) == NULL)
            continue;
        any = true;
        if (given[by] == NULL || each[by].over <= 0)
            continue;
        check_end(check, given[by], &network->layers[i], each[by].to);
        taken[count] = each[by];
        taken[count++].layer = i;
    }
    if (given[layers] != NULL && !any && !is_guess(check))
        bl_diagnose(check->checker->context, ANNEAL_NONE, given[layers]->place, "");
    check->phase->anneals = taken;
    check->phase->anneal_count = count;
}

/* ---- prune to ---- */

/* The layer of `on NAME`, or -1 with a diagnostic. */
static int64_t pruned_layer(bl_phase_check *check, const bl_node *on)
{
    const bl_network *network = check->network;
    int64_t layer = bl_find_layer(network, on->text);
    if (layer < 0)
        bl_report_unknown_layer(check->checker, network, on->place, on->text);
    else if (check->corrected[layer] == NULL && bl_node_find(check->block, BL_NODE_BROKEN) == NULL)
        bl_diagnose(check->checker->context, PRUNE_UNCORRECTED, on->place, on->text);
    else
        return layer;
    return -1;
}

/* `given` holds the item of each layer, and behind them the one for all others; `keep` its share, 0 if it is unknown. */
static void take_share(bl_phase_check *check, const bl_node *item, const bl_node **given, double *keep)
{
    const bl_node *on = bl_node_find(item, BL_NODE_ON);
    int64_t index = on == NULL ? check->network->layer_count : pruned_layer(check, on);
    double share;
    bool known = bl_take(&check->checker->constants, item->first, BL_QUANTITY_PRUNE, &share);
    if (index < 0)
        return;
    give(check, BL_PRUNE_TWICE, item, &given[index]);
    keep[index] = known ? share : 0;
}

/* A connection at the upper bound of alpha has to be silent. */
static void check_alpha(bl_phase_check *check, const bl_node *item, const bl_layer *layer)
{
    bl_arena *arena = check->checker->arena;
    if (layer->alpha_max < layer->range_in && layer->range_in > 0)
        bl_remark_on(bl_diagnose(check->checker->context, PRUNE_ALPHA, item->place, layer->name,
                                 bl_number_text(arena, layer->alpha_max), bl_number_text(arena, layer->range_in)),
                     layer->place, "this layer");
}

void bl_check_prune(bl_phase_check *check, const bl_node *prune)
{
    const bl_network *network = check->network;
    const bl_node *over = bl_node_find(prune, BL_NODE_OVER);
    bl_arena *arena = check->checker->arena;
    uint32_t layers = network->layer_count, count = 0;
    const bl_node **given = BL_ARRAY(arena, const bl_node *, layers + 1);
    double *keep = BL_ARRAY(arena, double, layers + 1);
    bl_prune *taken = BL_ARRAY(arena, bl_prune, layers);
    if (check->printed) {
        bl_diagnose(check->checker->context, PRINTED_STEPS, prune->place, bl_node_once(prune->kind));
        return;
    }
    if (over != NULL)
        bl_take(&check->checker->constants, over->first, BL_QUANTITY_PRUNE_OVER, &check->phase->prune_over);
    for (const bl_node *item = prune->first->first; item != NULL; item = item->next)
        take_share(check, item, given, keep);
    for (uint32_t i = 0; i < layers; i++) {
        uint32_t by = given[i] != NULL ? i : layers;
        if (check->corrected[i] == NULL || given[by] == NULL || keep[by] <= 0 || keep[by] >= 1)
            continue;
        check_alpha(check, given[by], &network->layers[i]);
        taken[count++] = (bl_prune){i, keep[by]};
    }
    check->phase->prunes = taken;
    check->phase->prune_count = count;
}
