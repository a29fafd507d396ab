/* The stages of a phase that learns layer by layer, side by side. Corrections stay within a stage (train/paths.h), so the
 * threads need not share out the samples of a batch: while one thread learns a batch in a stage, another learns the next
 * batch in the stage below. A stage reads whole batches of the stage below, as they were when that stage answered, so
 * all bits are those of one thread. */
#ifndef BR_STAGES_H
#define BR_STAGES_H

#include "train/learner.h"

enum { BR_STAGE_SLOTS = 2 }; /* batches that may wait between two stages */

/* What a stage reads of one batch. */
typedef struct br_slot {
    float *values; /* [batch][out of `source`]; NULL: the lowest stage, whose input is gathered */
    uint32_t *labels;
} br_slot;

/* Learns by itself, so its learner has one member. The arrays of its layers are those of the phase's workspace; input,
 * labels and rates are its own. */
typedef struct br_stage {
    br_learner learner;
    br_workspace workspace;
    br_moments moments;
    uint32_t source; /* the layer below whose output it reads; BT_INPUT: the lowest stage */
    br_slot slots[BR_STAGE_SLOTS];
    uint32_t no_fault; /* of the layers of other stages */
} br_stage;

typedef struct br_stages {
    br_stage *each; /* [count], from below */
    uint32_t count;
} br_stages;

/* out->count is 0 if the layers cannot learn side by side: they are one stage, the team has one member, or they form no
 * chain in which each stage above the lowest reads one layer, of the stage below, and not the input. The learner, with
 * its moments and weights, must outlive them. */
int br_stages_new(br_learner *learner, br_stages *out, br_error *error);
void br_stages_free(br_stages *stages);

/* Makes the stage read the slot of batch number `batch`. */
void br_stage_take(br_stage *stage, uint64_t batch);

/* Copies what the stage above reads of the n samples of batch number `batch` into its slot. */
void br_stage_hand_over(const br_stage *stage, br_stage *above, uint64_t batch, uint32_t n);

/* Bytes of the slots, at most. */
uint64_t br_stages_bytes(const br_model *model, const br_phase *phase);

#endif
