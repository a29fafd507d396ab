/* Replicas of dense networks exactly as in docs/model.md, section 18: rounds and merges, in slow and simple code.
 *
 * What model.md leaves open: v and v^r are the same state only if their signs agree as well, also at 0. */
#ifndef REFERENCE_REPLICAS_H
#define REFERENCE_REPLICAS_H

#include "reference.h"

typedef struct ref_batch {
    const float *in; /* [count][inputs of layer 0] */
    const uint32_t *labels;
    uint32_t count;
} ref_batch;

/* One connection: *v and *sign before and after, each[count] and signs[count] those of the replicas, |v| at most `most`.
 * Returns n of (40). */
uint32_t ref_merge_bound(double *v, int8_t *sign, const double *each, const int8_t *signs, uint32_t count, double most);

/* One round: `batches` batches are dealt out to the replicas, which become the network again. */
void ref_learn_round(ref_network *network, uint32_t replicas, const ref_batch *batches, uint32_t batch_count,
                     const double *eta, double xi, const bool *corrected);

#endif
