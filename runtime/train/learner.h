/* What the members of a team share while they learn from batches, and how they share out the samples. */
#ifndef BR_LEARNER_H
#define BR_LEARNER_H

#include "base/part.h"
#include "base/team.h"
#include "engine/accuracy.h"
#include "engine/prune.h"
#include "train/moments.h"

typedef struct br_learner {
    br_network *network;
    br_workspace *workspace;
    br_team *team;
    uint32_t members; /* members that take part: all, or member 0 alone */
    br_kernel *error;
    uint32_t first;  /* layers below are not computed: their output is given (br_features) */
    uint32_t lowest; /* the lowest layer corrected; feedback stops there */
    bool *corrected; /* [layer_count] */
    /* train/paths.h */
    br_answering answering; /* layers with errors of their own: the readouts from below, then the layer that answers */
    uint32_t readouts;      /* the first so many are readouts */
    bool *takes_part;       /* [layer_count]: an error depends on the layer */
    uint32_t top;           /* the uppermost such layer that leads to the answer */
    bool *heard;            /* [layer_count]: corrections reach the layer */
    bool *asks;             /* [layer_count]: it passes corrections on to the layers that it reads */
    uint32_t *asks_first;   /* [layer_count]: the highest layer that passes corrections on to this one */
    uint32_t *stage;        /* [layer_count]: of the layers that take part; corrections stay within a stage */
    uint32_t stages;        /* their number */
    uint32_t *active;       /* [stages][batch]: samples with an error in an answering layer of the stage */
    uint32_t *erring;       /* the same, while it is collected */
    float **patterns;       /* [layer_count]: patterns of centring, of layers that are standardised */
    double **settled;       /* [layer_count][2 neurons]: sums of means and variances while settling; otherwise NULL */
    br_moments *moments;    /* of this phase; NULL: none */
    const br_masks *masks;  /* of this phase, not owned; NULL: it does not prune */
    float *weights;         /* [classes]: factor of the errors of a sample of each class; NULL: 1 */
} br_learner;

/* The samples of a group, of n; the groups of a member, and its samples. */
br_part br_group_of(uint32_t n, uint32_t group);
br_part br_groups_of(const br_learner *learner, uint32_t member);
br_part br_samples_of(const br_learner *learner, uint32_t n, uint32_t member);

/* The layer whose answers are the score of a phase: the layer that answers, or the uppermost readout. */
uint32_t br_judge(const br_learner *learner);

/* Waits for the members that take part. */
void br_learn_barrier(const br_learner *learner);

#endif
