/* The running means that a phase keeps of every connection's steps, docs/model.md, (23) and (24). */
#ifndef BR_MOMENTS_H
#define BR_MOMENTS_H

#include "engine/workspace.h"

typedef struct br_moments {
    uint32_t layer_count;
    bool adapts;      /* there are means of squares */
    uint64_t batches; /* learned from in this phase, before the next one */
    float **step;     /* [layer_count]: m; NULL: the layer is not corrected */
    float **square;   /* [layer_count]: r; NULL: the layer is not corrected, or the steps are not adaptive */
} br_moments;

/* Whether a phase keeps means. */
static inline bool br_has_moments(const br_phase *phase)
{
    return phase->kind == BT_PHASE_CORRECT && (phase->momentum > 0 || phase->adapts);
}

uint64_t br_moments_count(const br_layer_code *code);                    /* floats of one mean of a layer */
uint64_t br_moments_bytes(const br_model *model, const br_phase *phase); /* UINT64_MAX: more than 64 bits */

/* All means 0. *out is NULL for a phase without means. */
int br_moments_new(const br_model *model, const br_phase *phase, br_moments **out, br_error *error);
void br_moments_free(br_moments *moments);

/* Connects the means to the states of a workspace. */
void br_moments_connect(const br_moments *moments, br_workspace *workspace);

/* Sets the numbers of (23) and (24) for the next batch. `rate`: xi * eta of the layer. */
void br_moments_rate(const br_moments *moments, const br_phase *phase, const br_layer_code *code, float rate,
                     br_layer_state *state);

#endif
