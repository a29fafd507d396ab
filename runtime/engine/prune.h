/* Pruning: after epochs, the least useful connections of a layer become silent for every input, and stay so until the
 * phase ends. docs/model.md, section 19. */
#ifndef BR_PRUNE_H
#define BR_PRUNE_H

#include "base/part.h"
#include "engine/workspace.h"

/* Which bits of each bound training may change. A pruned connection keeps its sign alone, whose bound is 0. */
typedef struct br_masks {
    uint32_t layer_count;
    uint32_t **each; /* [layer_count], of [rows][pitch]; NULL: the layer is not pruned */
} br_masks;

static inline bool br_prunes(const br_phase *phase)
{
    return phase->kind == BT_PHASE_CORRECT && phase->prune_count > 0;
}

/* The memory that pruning takes; UINT64_MAX: more than 64 bits. */
uint64_t br_prune_bytes(const br_model *model, const br_phase *phase);

/* Nothing is pruned. *out is NULL for a phase that does not prune. */
int br_masks_new(const br_model *model, const br_phase *phase, br_masks **out, br_error *error);
void br_masks_free(br_masks *masks);

/* Whether masks that were read are such masks. */
bool br_masks_are_sound(const br_masks *masks, const br_model *model);

/* After a step: pruned connections of these vector blocks become silent again. */
void br_masks_hold(const br_masks *masks, uint32_t layer, const br_layer_code *code, const br_layer_state *state,
                   br_part blocks);

/* The share of the connections that may carry signal when `ended` epochs of the phase have ended.              (43) */
double br_prune_share(const br_phase *phase, double keep, uint32_t ended);

/* Whether as few are left after `ended` epochs as the phase is to leave. */
bool br_prune_is_done(const br_phase *phase, uint32_t ended);

/* The share of connections that may carry signal after `ended` epochs, of all layers that the phase prunes. */
double br_prune_kept(const br_model *model, const br_phase *phase, uint32_t ended);

/* Silences the least useful connections, as far as (43) wants it after `ended` epochs. */
int br_prune_network(br_network *network, const br_samples *samples, const br_phase *phase, uint32_t ended,
                     uint32_t threads, br_masks *masks, br_error *error);

#endif
