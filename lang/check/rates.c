/* The learning rates of a correcting phase: eta of each layer, and how it changes from step to step. */
#include "check/phase.h"

#include <string.h>

static double default_eta(const bl_phase_check *check, uint32_t layer)
{
    uint32_t count = check->network->layer_count;
    if (check->printed)
        return bl_default(BL_QUANTITY_ETA_PRINTED);
    if (check->phase->adapts)
        return bl_default(BL_QUANTITY_ETA_ADAPTIVE);
    return bl_default(count > 1 && layer + 1 == count ? BL_QUANTITY_ETA_LAST : BL_QUANTITY_ETA);
}

/* One `RATE on NAME`, or a rate for all layers. `given` holds the node that sets the rate of each layer. */
static void check_rate(bl_phase_check *check, const bl_node *rate, double *eta, double *common, const bl_node **given)
{
    bl_context *context = check->checker->context;
    const bl_node *on = bl_node_find(rate, BL_NODE_ON);
    double value;
    bool known = bl_take(&check->checker->constants, rate->first, BL_QUANTITY_ETA, &value);
    uint32_t index = check->network->layer_count; /* the entry of the rate for all layers */
    if (on != NULL) {
        int64_t layer = bl_find_layer(check->network, on->text);
        if (layer < 0) {
            bl_report_unknown_layer(check->checker, check->network, on->place, on->text);
            return;
        }
        index = (uint32_t)layer;
        if (check->corrected[index] == NULL && !check->network->incomplete &&
            bl_node_find(check->block, BL_NODE_BROKEN) == NULL)
            bl_diagnose(context, RATE_IDLE, on->place, on->text);
    }
    if (given[index] != NULL)
        bl_remark_on(bl_diagnose(context, RATE_TWICE, rate->place, on == NULL ? "every layer" : on->text),
                     given[index]->place, "first given here");
    given[index] = rate;
    if (known)
        *(on == NULL ? common : &eta[index]) = value;
}

static void check_layers(bl_phase_check *check, const bl_node *rates)
{
    uint32_t count = check->network->layer_count, corrected = 0;
    bl_arena *arena = check->checker->arena;
    double *eta = BL_ARRAY(arena, double, count), common = 0;
    const bl_node **given = BL_ARRAY(arena, const bl_node *, count + 1);
    for (const bl_node *rate = rates == NULL ? NULL : rates->first; rate != NULL; rate = rate->next)
        if (rate->kind == BL_NODE_RATE)
            check_rate(check, rate, eta, &common, given);
    uint32_t *layers = BL_ARRAY(arena, uint32_t, count);
    double *chosen = BL_ARRAY(arena, double, count);
    for (uint32_t i = 0; i < count; i++) {
        if (check->corrected[i] == NULL)
            continue;
        layers[corrected] = i;
        chosen[corrected++] = eta[i] > 0 ? eta[i] : common > 0 ? common : default_eta(check, i);
    }
    uint32_t last = count - 1;
    check->eta_answer = count == 0 ? 0 : eta[last] > 0 ? eta[last] : common > 0 ? common : default_eta(check, last);
    check->phase->layer_count = corrected;
    check->phase->layers = layers;
    check->phase->eta = chosen;
}

/* ---- how eta changes ---- */

static const char *course_word(const bl_node *node)
{
    bool decays = node->kind == BL_NODE_DECAY || node->kind == BL_NODE_RATE_DECAY;
    return decays ? bt_course_word(BT_COURSE_DECAY) : node->text;
}

/* A phase has one course. `before`: the one found so far, or NULL. */
static void check_course(bl_phase_check *check, const bl_node *before, const bl_node *node)
{
    if (before == NULL)
        return;
    const bl_node *first = before->place.offset < node->place.offset ? before : node,
                  *second = first == node ? before : node;
    if (strcmp(course_word(first), course_word(second)) == 0)
        bl_check_either(check->checker, first, second);
    else
        bl_remark_on(
            bl_diagnose(check->checker->context, COURSE_TWICE, second->place, course_word(first), course_word(second)),
            first->place, "first given here");
}

static void take_course(bl_phase_check *check, const bl_node *node)
{
    bl_phase *phase = check->phase;
    bt_course_of(course_word(node), &phase->course);
    if (phase->course == BT_COURSE_DECAY)
        bl_take(&check->checker->constants, node->first, BL_QUANTITY_DECAY, &phase->decay);
}

uint64_t bl_known_samples(const bl_data *data)
{
    uint64_t samples = 0;
    if (data == NULL || data->hold_out > 0 || data->hold_out_test > 0)
        return 0;
    for (uint32_t i = 0; i < data->source_count; i++) {
        if (data->sources[i].split != BT_SPLIT_TRAIN)
            continue;
        if (data->sources[i].format != BT_FORMAT_SYNTHETIC)
            return 0;
        samples += data->sources[i].samples;
    }
    return samples;
}

/* The runtime checks the same again, with the number of samples that it has loaded. */
static void check_warm_up(bl_phase_check *check, const bl_node *warm)
{
    bl_phase *phase = check->phase;
    bl_arena *arena = check->checker->arena;
    if (!bl_take_count(&check->checker->constants, warm->first, BL_QUANTITY_WARM_UP, &phase->warm_up))
        return;
    uint64_t samples = bl_known_samples(check->data);
    uint64_t steps = (samples + phase->batch - 1) / phase->batch * phase->epochs;
    if (samples > 0 && phase->warm_up > steps)
        bl_diagnose(check->checker->context, WARM_UP_LONG, warm->place, bl_number_text(arena, phase->warm_up),
                    bl_number_text(arena, (double)steps));
}

/* The course that an item of `eta` gives, alone or behind a rate; NULL: none. */
static const bl_node *course_of(const bl_node *item)
{
    if (item->kind == BL_NODE_RATE)
        return bl_node_find(item, BL_NODE_COURSE);
    return item->kind == BL_NODE_RATE_DECAY || item->kind == BL_NODE_RATE_COURSE ? item : NULL;
}

void bl_check_rates(bl_phase_check *check, const bl_node *eta)
{
    const bl_node *course = check->block == NULL ? NULL : bl_node_find(check->block, BL_NODE_DECAY), *warm = NULL;
    check_layers(check, eta);
    for (const bl_node *item = eta == NULL ? NULL : eta->first; item != NULL; item = item->next) {
        if (course_of(item) != NULL) {
            check_course(check, course, course_of(item));
            course = course_of(item);
        } else if (item->kind == BL_NODE_WARM_UP) {
            bl_check_either(check->checker, warm, item);
            warm = item;
        }
    }
    if (course != NULL)
        take_course(check, course);
    if (warm != NULL)
        check_warm_up(check, warm);
}
