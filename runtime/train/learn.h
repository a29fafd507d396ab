/* Training on one batch by a team: forward, error, feedback, step. */
#ifndef BR_LEARN_H
#define BR_LEARN_H

#include "train/learner.h"

int br_learner_begin(br_learner *learner, br_network *network, br_team *team, const br_phase *phase,
                     uint32_t phase_index, br_error *error);
void br_learner_end(br_learner *learner);

/* After the bounds of corrected layers were changed from outside, between two batches. */
void br_learner_derive(const br_learner *learner);

/* Sets the weights of the classes by their shares of the labels: w_c = N/(K n_c) for a class of n_c of the N labels, K
 * classes being among them. Their mean over the samples is 1. */
int br_learner_weigh(br_learner *learner, const uint32_t *labels, uint64_t count, br_error *error);

/* Sets the rates of the next batch: eta times `factor`. With moments, moments->batches must be right. */
void br_learner_rates(br_learner *learner, const br_phase *phase, float factor);

/* Sets how many neurons stay in the next batch of a phase that anneals, when a share `done` of its batches is done. */
void br_learner_anneal(br_learner *learner, const br_phase *phase, double done);

/* Sets the number of the next batch, on which the silent places that are centred depend. */
void br_learner_turn(br_learner *learner, uint32_t turn);

/* Trains on the n samples in workspace->in. Every member that takes part calls it inside br_team_run. Each member must
 * have filled its own share, br_samples_of, before, and a barrier must follow before the next call. */
void br_learn_part(br_learner *learner, uint32_t member, uint32_t n);

/* The same without errors and steps. */
void br_learn_forward(br_learner *learner, uint32_t member, uint32_t n);

/* Trains the caller's thread alone on one batch; `in` is [n][inputs], without padding. The error is that of the first
 * phase. `moments` are those of the batches before, which it brings up to date; NULL: it is the first batch. A phase that
 * anneals keeps as many neurons as in its first batch. */
int br_learn_batch(br_network *network, const float *in, const uint32_t *labels, uint32_t n, const br_phase *phase,
                   br_moments *moments, br_error *error);
int br_forward_batch(br_network *network, const float *in, uint32_t n, float *levels, br_error *error);

/* Lists the errors of a group's samples in a convolution, and lets `walk` (feedback, step or learn) walk them: as many
 * samples at a time as the layer has slots. */
void br_learn_pairs(const br_layer_code *code, const br_layer_state *state, br_part samples, uint32_t group,
                    br_kernel *walk);

#endif
