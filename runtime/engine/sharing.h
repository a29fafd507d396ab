/* Inference over many samples that is shared out among ranks: each computes some, and then all have the results of all. */
#ifndef BR_SHARING_H
#define BR_SHARING_H

#include "bouton/ranks.h"
#include "engine/blocks.h"

/* Samples [from, to). */
typedef struct br_sample_range {
    uint64_t from, to;
} br_sample_range;

/* Those of `count` samples that this rank computes; all without ranks (NULL). A rank gets whole blocks, so that samples
 * are computed side by side with the same neighbours whatever the number of ranks. */
br_sample_range br_own_samples(const br_network *network, uint64_t count, const br_ranks *ranks);

/* An array of results: `each` bytes for every stride-th sample, beginning with the first, below `end`. */
typedef struct br_results {
    void *values;
    uint64_t each, stride, end;
} br_results;

/* Before the call the results of br_own_samples, of `count` samples, are filled in, afterwards all. Without ranks, does
 * nothing. */
int br_gather_results(const br_network *network, uint64_t count, const br_ranks *ranks, const br_results *results,
                      br_error *error);

#endif
