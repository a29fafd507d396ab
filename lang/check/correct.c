/* Phases that correct errors: the layers that learn from labels, their rates, and how samples are presented. */
#include "check/phase.h"

#include <math.h>
#include <string.h>

void bl_set_correct(bl_phase_check *check, const char *name, bl_place place)
{
    *check->phase = (bl_phase){
        .name = name,
        .place = place,
        .xi = bl_default(check->printed ? BL_QUANTITY_XI_PRINTED : BL_QUANTITY_XI),
        .decay = bl_default(BL_QUANTITY_DECAY),
        .error = BT_ERROR_SOFTMAX,
        .sharpness = bl_default(BL_QUANTITY_SHARPNESS),
        .floor = bl_default(BL_QUANTITY_FLOOR),
        .epochs = (uint32_t)bl_default(BL_QUANTITY_EPOCHS),
        .batch = check->printed ? 1 : (uint32_t)bl_default(BL_QUANTITY_BATCH),
        .shift = (uint32_t)bl_default(BL_QUANTITY_SHIFT),
        .replicas = (uint32_t)bl_default(BL_QUANTITY_REPLICAS),
        .prune_over = bl_default(BL_QUANTITY_PRUNE_OVER),
        .centred = (uint32_t)lround(1 / bl_default(BL_QUANTITY_CENTRED)),
    };
}

/* ---- layers ---- */

static void check_corrected(bl_phase_check *check, const bl_node *correct)
{
    for (const bl_node *name = correct->first->first; name != NULL; name = name->next) {
        int64_t layer = bl_find_layer(check->network, name->text);
        if (layer < 0) {
            bl_report_unknown_layer(check->checker, check->network, name->place, name->text);
        } else if (check->corrected[layer] != NULL) {
            bl_remark_on(bl_diagnose(check->checker->context, LAYER_NAMED_TWICE, name->place, name->text),
                         check->corrected[layer]->place, "first named here");
        } else if (bl_check_learns(check, (uint32_t)layer, name->place)) {
            if (check->network->layers[layer].tied > 0)
                bl_remark_on(bl_diagnose(check->checker->context, TIED_CORRECTED, name->place, name->text),
                             check->network->layers[layer].place, "it is declared here");
            check->corrected[layer] = name;
        }
    }
}

/* ---- the other settings of a phase ---- */

static void check_error(bl_phase_check *check, const bl_node *error)
{
    const bl_node *kind = error->first, *floor = bl_node_find(error, BL_NODE_FLOOR);
    bl_phase *phase = check->phase;
    bool hinge = kind->kind == BL_NODE_HINGE;
    bl_quantity quantity = hinge ? BL_QUANTITY_MARGIN : BL_QUANTITY_SHARPNESS;
    phase->error = hinge ? BT_ERROR_HINGE : BT_ERROR_SOFTMAX;
    phase->sharpness = bl_default(quantity);
    if (kind->first != NULL)
        bl_take(&check->checker->constants, kind->first, quantity, &phase->sharpness);
    if (floor != NULL)
        bl_take(&check->checker->constants, floor->first, BL_QUANTITY_FLOOR, &phase->floor);
    if (!check->printed)
        return;
    bl_printed_instead(check->checker, error->place, "the target less the level (eq. 6)");
    phase->error = BT_ERROR_SOFTMAX;
    phase->sharpness = bl_default(BL_QUANTITY_SHARPNESS);
    phase->floor = bl_default(BL_QUANTITY_FLOOR);
}

static void check_batch(bl_phase_check *check, const bl_node *batch)
{
    bool known = bl_take_count(&check->checker->constants, batch->first, BL_QUANTITY_BATCH, &check->phase->batch);
    if (!check->printed)
        return;
    if (known && check->phase->batch != 1)
        bl_printed_instead(check->checker, batch->place, "batch 1");
    check->phase->batch = 1;
}

static void check_shift(bl_phase_check *check, const bl_node *shift)
{
    const bl_input *input = &check->network->input;
    bl_phase *phase = check->phase;
    if (!bl_take_count(&check->checker->constants, shift->first, BL_QUANTITY_SHIFT, &phase->shift) || phase->shift == 0)
        return;
    uint32_t least = input->height < input->width && !input->series ? input->height : input->width;
    if (!check->network->shape_known)
        return;
    if (!input->image && !input->series)
        bl_diagnose(check->checker->context, SHIFT_VECTOR, shift->place, "");
    else if (phase->shift >= least)
        bl_diagnose(check->checker->context, SHIFT_FAR, shift->place, bl_number_text(check->checker->arena, least),
                    input->series ? "length of the series" : "image's shorter side");
}

static void check_cutout(bl_phase_check *check, const bl_node *cutout)
{
    const bl_input *input = &check->network->input;
    uint32_t least = input->height < input->width ? input->height : input->width;
    bl_phase *phase = check->phase;
    if (!bl_take_count(&check->checker->constants, cutout->first, BL_QUANTITY_CUTOUT, &phase->cutout) ||
        !check->network->shape_known)
        return;
    if (!input->image)
        bl_diagnose(check->checker->context, CUTOUT_SHAPE, cutout->place, input->series ? "series" : "vector");
    else if (phase->cutout >= least)
        bl_diagnose(check->checker->context, CUTOUT_LARGE, cutout->place, bl_number_text(check->checker->arena, least));
}

/* `centred 1/8`, or `centred none`. */
static void check_centred(bl_phase_check *check, const bl_node *centred)
{
    double share;
    if (centred->first->kind == BL_NODE_NAME && strcmp(centred->first->text, "none") == 0)
        check->phase->centred = 0;
    else if (bl_take(&check->checker->constants, centred->first, BL_QUANTITY_CENTRED, &share))
        check->phase->centred = (uint32_t)lround(1 / share);
}

/* Statistics of a batch need more than one sample. */
static void check_statistics(bl_phase_check *check)
{
    const bl_network *network = check->network;
    const bl_node *batch = bl_node_find(check->block, BL_NODE_BATCH);
    const bl_layer *layer = bl_first_standardised(network->layers, network->layer_count, check->phase);
    if (layer != NULL && batch != NULL && check->phase->batch == 1)
        bl_remark_on(bl_diagnose(check->checker->context, HOMEOSTASIS_BATCH, batch->place, ""), layer->place,
                     "this layer has homeostasis");
}

static void check_keep_best(bl_phase_check *check, const bl_node *keep)
{
    check->phase->keep_best = true;
    if (!check->splits->validation && !check->splits->unknown)
        bl_diagnose(check->checker->context, SPLIT_MISSING, keep->place, "validation");
}

static void check_weights(bl_phase_check *check, const bl_node *weights)
{
    check->phase->weigh_classes = !check->printed;
    if (check->printed)
        bl_printed_instead(check->checker, weights->place, "every sample with the same weight");
}

/* The runtime checks the same again, with the number of samples that it has loaded. */
static void check_replicas(bl_phase_check *check)
{
    const bl_node *replicas = bl_node_find(check->block, BL_NODE_REPLICAS);
    const bl_constants *constants = &check->checker->constants;
    bl_phase *phase = check->phase;
    bl_arena *arena = check->checker->arena;
    if (replicas == NULL)
        return;
    bool known = bl_take_count(constants, replicas->first, BL_QUANTITY_REPLICAS, &phase->replicas);
    if (!bl_take_count(constants, replicas->first->next, BL_QUANTITY_MERGE, &phase->merge) || !known)
        return;
    uint64_t samples = bl_known_samples(check->data), batches = (samples + phase->batch - 1) / phase->batch;
    if (check->printed)
        bl_diagnose(check->checker->context, PRINTED_STEPS, replicas->place, bl_node_once(replicas->kind));
    else if (samples > 0 && phase->replicas > batches)
        bl_diagnose(check->checker->context, REPLICAS_IDLE, replicas->place, bl_number_text(arena, phase->replicas),
                    bl_number_text(arena, (double)batches));
}

/* `momentum` and `adaptive` */
static void check_steps(bl_phase_check *check, const bl_node *steps)
{
    const bl_constants *constants = &check->checker->constants;
    bl_phase *phase = check->phase;
    if (check->printed)
        bl_diagnose(check->checker->context, PRINTED_STEPS, steps->place, bl_node_once(steps->kind));
    else if (steps->kind == BL_NODE_MOMENTUM)
        bl_take(constants, steps->first, BL_QUANTITY_MOMENTUM, &phase->momentum);
    else
        phase->adapts = bl_take(constants, steps->first, BL_QUANTITY_ADAPTIVE, &phase->adaptive);
}

static void check_item(bl_phase_check *check, const bl_node *item)
{
    const bl_constants *constants = &check->checker->constants;
    switch (item->kind) {
    case BL_NODE_ERROR:
        check_error(check, item);
        break;
    case BL_NODE_XI:
        bl_take(constants, item->first, BL_QUANTITY_XI, &check->phase->xi);
        break;
    case BL_NODE_EPOCHS:
        bl_take_count(constants, item->first, BL_QUANTITY_EPOCHS, &check->phase->epochs);
        break;
    case BL_NODE_BATCH:
        check_batch(check, item);
        break;
    case BL_NODE_SHIFT:
        check_shift(check, item);
        break;
    case BL_NODE_CENTRED:
        check_centred(check, item);
        break;
    case BL_NODE_FLIPS:
        bl_check_flips(check, item);
        break;
    case BL_NODE_CUTOUT:
        check_cutout(check, item);
        break;
    case BL_NODE_MOMENTUM:
    case BL_NODE_ADAPTIVE:
        check_steps(check, item);
        break;
    case BL_NODE_KEEP_BEST:
        check_keep_best(check, item);
        break;
    case BL_NODE_WEIGH_CLASSES:
        check_weights(check, item);
        break;
    default: /* correct, readouts, eta, decay, anneal, prune, replicas: their order matters, so bl_check_correct reads them */
        break;
    }
}

void bl_check_correct(bl_phase_check *check, const bl_node *node)
{
    const bl_node *rates = bl_node_find(check->block, BL_NODE_ETA),
                  *correct = bl_node_find(check->block, BL_NODE_CORRECT),
                  *anneal = bl_node_find(check->block, BL_NODE_ANNEAL),
                  *prune = bl_node_find(check->block, BL_NODE_PRUNE);
    check->corrected = BL_ARRAY(check->checker->arena, const bl_node *, check->network->layer_count);
    bl_set_correct(check, node->text, node->place);
    for (const bl_node *item = check->block->first; item != NULL; item = item->next)
        check_item(check, item);
    if (correct != NULL)
        check_corrected(check, correct);
    else if (bl_node_find(check->block, BL_NODE_BROKEN) == NULL)
        bl_diagnose(check->checker->context, PHASE_IDLE, node->name_place, node->text);
    bl_check_rates(check, rates);
    bl_check_readouts(check, correct == NULL ? NULL : bl_node_find(correct, BL_NODE_READOUTS),
                      bl_node_find(check->block, BL_NODE_KEEP_READOUTS));
    if (anneal != NULL)
        bl_check_anneal(check, anneal);
    if (prune != NULL)
        bl_check_prune(check, prune);
    check_statistics(check);
    check_replicas(check);
    if (check->splits->unlabelled == NULL)
        bl_check_answer(check->checker, check->network);
    else if (correct != NULL)
        bl_check_labels(check->checker, check->splits, correct->place, "correct",
                        "let a layer compete instead: `compete NAME;`");
}

bool bl_correct_all(bl_phase_check *check)
{
    const bl_network *network = check->network;
    check->corrected = BL_ARRAY(check->checker->arena, const bl_node *, network->layer_count);
    for (uint32_t i = 0; i < network->layer_count; i++)
        if (network->layers[i].kind != BT_LAYER_POOL && !network->layers[i].frozen && network->layers[i].tied == 0)
            check->corrected[i] = network->nodes[i];
    bl_check_rates(check, NULL);
    return check->phase->layer_count > 0;
}
