/* Settles the thresholds and gains of layers with homeostasis (docs/model.md, section 14). */
#ifndef BR_SETTLE_H
#define BR_SETTLE_H

#include "data/batch.h"
#include "train/learn.h"

/* Whether any layer has homeostasis. */
bool br_has_homeostasis(const br_model *model);

/* Settles the layers that the learner standardises: up to 1,024 samples, evenly spread and not changed at random, pass
 * through the network in batches of `batch`, at most the learner's capacity. Each batch is standardised by its own
 * statistics, whose means become the thresholds and gains of the network. */
int br_settle(br_learner *learner, const br_gather *gather, uint32_t batch, br_error *error);

/* The same for all layers, before a phase begins, with a learner of its own. */
int br_settle_all(br_network *network, br_team *team, const br_samples *samples, uint32_t batch, br_error *error);

#endif
