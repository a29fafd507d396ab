/* One batch: forward, error, feedback, step, walked through by a team. */
#ifndef BR_LEARN_H
#define BR_LEARN_H

#include "network.h"
#include "team.h"

typedef struct br_learner {
    br_network *network;
    br_work *work;
    br_team *team;
    br_kernel *error;
    uint32_t lowest; /* the lowest layer corrected: feedback stops above it */
    bool *corrected; /* [layer_count] */
} br_learner;

int br_learner_begin(br_learner *learner, br_network *network, br_team *team, const br_phase *phase,
                     uint32_t phase_index, br_error *error);
void br_learner_end(br_learner *learner);

/* Rates of an epoch: eta times `decay_factor`. */
void br_learner_rates(br_learner *learner, const br_phase *phase, float decay_factor);

/* Inside br_team_run, by every member, for the n samples in work->in. Each member must have filled its own part,
 * br_part_of(n, 1, members, member), and a barrier must follow before the next call. */
void br_learn_part(br_learner *learner, uint32_t member, uint32_t n);

/* Layer after layer for samples [n0, n1) of `work`, by one thread alone. */
void br_forward_alone(const br_work *work, uint32_t n0, uint32_t n1);

/* The class a sample's drives answer: the largest, the lowest index on ties. */
uint32_t br_answer(const float *drive, uint32_t classes);

/* The whole of one batch by the caller alone; `in` is [n][inputs], unpadded. The first
 * phase's error is meant. */
int br_learn_batch(br_network *network, const float *in, const uint32_t *labels, uint32_t n, const br_phase *phase,
                   float decay_factor, br_error *error);
int br_forward_batch(br_network *network, const float *in, uint32_t n, float *levels, br_error *error);

#endif
