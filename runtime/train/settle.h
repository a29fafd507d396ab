/* Settles the thresholds and gains of layers with homeostasis (docs/model.md, section 14). */
#ifndef BR_SETTLE_H
#define BR_SETTLE_H

#include "data/batch.h"
#include "train/learn.h"

/* Settles the layers that the learner standardises, if there are any: up to 1,024 samples, evenly spread and not changed
 * at random, pass through the network in batches of `batch`, at most the learner's capacity. Each batch is standardised
 * by its own statistics, whose means become the thresholds and gains of the network. */
int br_settle(br_learner *learner, const br_gather *gather, uint32_t batch, br_error *error);

/* The batch with which all layers are settled before a phase: the phase's own, or 32 if the phase has none. */
uint32_t br_settle_batch(const br_phase *phase);

/* Settles all layers with homeostasis before a phase begins, with a learner of its own. */
int br_settle_all(br_network *network, br_team *team, const br_samples *samples, uint32_t batch, br_error *error);

#endif
