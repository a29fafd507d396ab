#include "engine/prune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/useful.h"

#define FREE 0xffffffffu /* mask of a connection that learns */
#define SIGN 0x80000000u /* of one that is pruned: +0 and -0 are silent */

static uint64_t connections_of(const br_layer_code *code)
{
    return (uint64_t)code->shape.inputs * code->shape.neurons;
}

/* ---- masks ---- */

typedef struct ranked {
    double useful;
    uint64_t at; /* place of the bound */
} ranked;

uint64_t br_prune_bytes(const br_model *model, const br_phase *phase)
{
    uint64_t bytes = 0, seen = 0;
    for (uint32_t i = 0; br_prunes(phase) && i < phase->prune_count; i++) {
        const br_layer_code *code = &model->layers[phase->prunes[i].layer];
        uint64_t rank;
        seen += br_seen_bytes(code);
        if (!br_multiply(connections_of(code), sizeof(ranked), &rank) || !br_add(bytes, rank, &bytes) ||
            !br_add(bytes, br_layer_bounds_count(code) * sizeof(uint32_t), &bytes))
            return UINT64_MAX;
    }
    return br_add(bytes, seen, &bytes) ? bytes : UINT64_MAX;
}

int br_masks_new(const br_model *model, const br_phase *phase, br_masks **out, br_error *error)
{
    *out = NULL;
    if (!br_prunes(phase))
        return 0;
    br_masks *masks = br_new(1, sizeof *masks, error);
    if (!masks)
        return -1;
    masks->layer_count = model->layer_count;
    masks->each = br_new(model->layer_count, sizeof *masks->each, error);
    bool taken = masks->each != NULL;
    for (uint32_t i = 0; taken && i < phase->prune_count; i++) {
        uint32_t layer = phase->prunes[i].layer;
        uint64_t count = br_layer_bounds_count(&model->layers[layer]);
        masks->each[layer] = br_new_aligned(count, sizeof **masks->each, error);
        taken = masks->each[layer] != NULL;
        for (uint64_t k = 0; taken && k < count; k++)
            masks->each[layer][k] = FREE;
    }
    if (!taken) {
        br_masks_free(masks);
        return -1;
    }
    *out = masks;
    return 0;
}

void br_masks_free(br_masks *masks)
{
    if (!masks)
        return;
    for (uint32_t i = 0; masks->each && i < masks->layer_count; i++)
        br_release(masks->each[i]);
    br_release(masks->each);
    br_release(masks);
}

bool br_masks_are_sound(const br_masks *masks, const br_model *model)
{
    for (uint32_t i = 0; masks && i < masks->layer_count; i++)
        for (uint64_t k = 0; masks->each[i] && k < br_layer_bounds_count(&model->layers[i]); k++)
            if (masks->each[i][k] != FREE && masks->each[i][k] != SIGN)
                return false;
    return true;
}

/* True: a bound has changed. */
static bool hold_row(float *bounds, const uint32_t *mask, uint64_t count)
{
    uint32_t lost = 0;
    for (uint64_t k = 0; k < count; k++) {
        uint32_t bits;
        memcpy(&bits, bounds + k, sizeof bits);
        lost |= bits & ~mask[k];
        bits &= mask[k];
        memcpy(bounds + k, &bits, sizeof bits);
    }
    return lost != 0;
}

/* Where nothing keeps moving bounds by itself, a row that no sample of the batch lit has not moved. */
static bool may_have_moved(const br_layer_code *code, const br_layer_state *s, uint64_t row)
{
    return code->kind != BT_LAYER_DENSE || s->moments.step || s->rows.count[row] > 0;
}

void br_masks_hold(const br_masks *masks, uint32_t layer, const br_layer_code *code, const br_layer_state *s,
                   br_part blocks)
{
    const uint32_t *mask = masks ? masks->each[layer] : NULL;
    uint64_t first = (uint64_t)blocks.from * code->layout.lanes,
             count = (uint64_t)(blocks.to - blocks.from) * code->layout.lanes;
    bool lost = false;
    for (uint64_t row = 0; mask && row < code->layout.rows; row++)
        if (may_have_moved(code, s, row))
            lost |=
                hold_row(s->bounds + row * code->layout.pitch + first, mask + row * code->layout.pitch + first, count);
    if (lost && code->kernels.apply) /* with no changes left: the copies that a convolution reads */
        code->kernels.apply(s, blocks.from, blocks.to, 0, 0);
}

/* ---- which connections ---- */

bool br_prune_is_done(const br_phase *phase, uint32_t ended)
{
    return !br_prunes(phase) || ended >= phase->prune_over * phase->epochs - 1e-6;
}

/* Most at first, while the others can still learn to do without. */
double br_prune_share(const br_phase *phase, double keep, uint32_t ended)
{
    double left = 1 - ended / (phase->prune_over * phase->epochs);
    return br_prune_is_done(phase, ended) ? keep : keep + (1 - keep) * left * left * left;
}

static int by_usefulness(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->useful != y->useful)
        return x->useful > y->useful ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static double alpha_at(const br_layer_code *code, const br_layer_bounds *layer, uint64_t at)
{
    return fmin(code->parameters.alpha_max, br_alpha_of(code, layer->bounds[at]));
}

/* Those that are pruned are the least useful ones, so that they stay so. */
static void rank(const br_layer_code *code, const br_layer_bounds *layer, const br_seen *seen, const uint32_t *mask,
                 ranked *out)
{
    uint64_t c = 0;
    for (uint32_t k = 0; k < code->shape.neurons; k++) {
        double gain = code->parameters.homeostasis ? (double)layer->theta[code->layout.pitch + k] : 1;
        for (uint32_t i = 0; i < code->shape.inputs; i++) {
            uint64_t at = br_row_of(code, i) * code->layout.pitch + k;
            out[c++] = (ranked){mask[at] == SIGN ? -1 : br_useful(seen, code, i, alpha_at(code, layer, at), gain), at};
        }
    }
    qsort(out, c, sizeof *out, by_usefulness);
}

static int prune_layer(br_network *network, const br_seen *seen, uint64_t keep, uint32_t *mask, br_error *error)
{
    const br_layer_code *code = &network->model->layers[seen->layer];
    br_layer_bounds *layer = &network->layers[seen->layer];
    uint64_t connections = connections_of(code);
    ranked *order = br_new(connections, sizeof *order, error);
    if (!order)
        return -1;
    rank(code, layer, seen, mask, order);
    for (uint64_t c = keep; c < connections; c++) {
        mask[order[c].at] = SIGN;
        hold_row(layer->bounds + order[c].at, mask + order[c].at, 1);
    }
    br_release(order);
    return 0;
}

/* How many connections of layer number i of the phase may carry signal. */
static uint64_t stay(const br_model *model, const br_phase *phase, uint32_t i, uint32_t ended)
{
    uint64_t connections = connections_of(&model->layers[phase->prunes[i].layer]);
    return (uint64_t)fmax(1, round(br_prune_share(phase, phase->prunes[i].keep, ended) * (double)connections));
}

double br_prune_kept(const br_model *model, const br_phase *phase, uint32_t ended)
{
    uint64_t all = 0, left = 0;
    for (uint32_t i = 0; i < phase->prune_count; i++) {
        all += connections_of(&model->layers[phase->prunes[i].layer]);
        left += stay(model, phase, i, ended);
    }
    return all > 0 ? (double)left / (double)all : 1;
}

int br_prune_network(br_network *network, const br_samples *samples, const br_phase *phase, uint32_t ended,
                     uint32_t threads, br_masks *masks, br_error *error)
{
    br_seen *seen = br_new(phase->prune_count, sizeof *seen, error);
    for (uint32_t i = 0; seen && i < phase->prune_count; i++)
        seen[i].layer = phase->prunes[i].layer;
    int status = seen ? br_seen_fill(seen, phase->prune_count, network, samples, threads, error) : -1;
    for (uint32_t i = 0; status == 0 && i < phase->prune_count; i++)
        status =
            prune_layer(network, &seen[i], stay(network->model, phase, i, ended), masks->each[seen[i].layer], error);
    if (seen)
        br_seen_free(seen, phase->prune_count);
    br_release(seen);
    return status;
}
