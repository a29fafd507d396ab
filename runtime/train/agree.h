/* What the ranks of a training agree on: that they train the same, when they stop, and what rank 0 did alone. */
#ifndef BR_AGREE_H
#define BR_AGREE_H

#include "train/trainer.h"

/* Refuses ranks of which one trains another text, seed, data or plan, with another version of bouton or for another
 * processor level, or stands at another position; and phases with fewer replicas than there are ranks. Every rank gets
 * the same answer. Without ranks, nothing is checked. */
int br_agree(const br_trainer *trainer, br_error *error);

/* *flag becomes true on all ranks if it is true on one. */
int br_ranks_any(const br_ranks *ranks, bool *flag, br_error *error);

/* Ends a phase that rank 0 ran alone, with `status` (other ranks: 0): all take over its state and its position. */
int br_agree_on(br_trainer *trainer, int status, br_error *error);

#endif
