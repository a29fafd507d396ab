/* Homeostasis of a learner (docs/model.md, section 14): drives are standardised by the statistics of the batch, and
 * corrections are centred. Both need the sums of all samples, so barriers lie between the steps. The sums of a group are
 * added in the order of its samples, and groups in their order, so that any number of members gives the same bits. */
#ifndef BR_HOMEOSTASIS_H
#define BR_HOMEOSTASIS_H

#include "train/learner.h"

/* Whether the drives of a layer's map are standardised by the learner: it has homeostasis, or pools a layer that has,
 * and is not below the lowest layer corrected. */
bool br_standardises(const br_learner *learner, uint32_t layer);

/* Whether a learner standardises any layer if the lowest layer corrected is `lowest`. */
bool br_has_homeostasis(const br_model *model, uint32_t lowest);

/* Memory of the patterns of centring in a phase. */
uint64_t br_homeostasis_bytes(const br_model *model, const br_phase *phase);

/* Prepares the layers from `lowest` on: their sums reach the standardisation as they are. */
int br_homeostasis_begin(br_learner *learner, const br_phase *phase, br_error *error);
void br_homeostasis_end(br_learner *learner);

/* Every member calls these inside br_team_run, for a layer that is standardised. */
void br_standardise(br_learner *learner, uint32_t layer, uint32_t member, uint32_t n); /* sums -> drives, activations */
void br_centre(br_learner *learner, uint32_t layer, uint32_t member, uint32_t n);      /* errors -> centred errors */

#endif
