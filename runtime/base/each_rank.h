/* What every rank has one of, and all must know. All ranks call at once. */
#ifndef BR_EACH_RANK_H
#define BR_EACH_RANK_H

#include "bouton/ranks.h"

/* `all` holds an element of `bytes` bytes for each rank. Before the call the own one is filled in, afterwards all are. */
int br_each_rank(const br_ranks *ranks, void *all, uint64_t bytes, br_error *error);

/* The same for a new array, which the caller releases; `mine` is the own element. NULL: failed. */
void *br_each_rank_new(const br_ranks *ranks, const void *mine, uint64_t bytes, br_error *error);

#endif
