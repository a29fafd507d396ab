/* Which layers of a network take part in a phase, and which of them pass corrections on. */
#ifndef BR_PATHS_H
#define BR_PATHS_H

#include "train/learner.h"

/* Sets `answering`, `takes_part`, `heard`, `asks` and `asks_first` of a learner whose `lowest` and `corrected` are
 * set. */
int br_paths_new(br_learner *learner, const br_phase *phase, br_error *error);
void br_paths_free(br_learner *learner);

#endif
