/* Merging: one state from the states of several replicas, docs/model.md, (40) to (42). */
#ifndef BR_MERGE_H
#define BR_MERGE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum br_merge_kind {
    BR_MERGE_BOUNDS,     /* v of connections: within low and high; one keeps its sign if no replica changed it */
    BR_MERGE_THRESHOLDS, /* within low and high */
    BR_MERGE_MEANS       /* running means of steps: their mean */
} br_merge_kind;

typedef struct br_merge {
    br_merge_kind kind;
    float low, high;
    uint32_t count;           /* replicas that learned since the last merge, at least 1 */
    const float *before;      /* the state that all of them began with */
    const float *const *each; /* [count]: the states of the replicas, in their order */
    const float *roots;       /* [count + 1]: br_merge_roots */
    float *after;             /* the merged state; may be `before` */
} br_merge;

/* roots[n] = √n for n up to `count`, and 1 for 0. */
void br_merge_roots(uint32_t count, float *roots);

/* Merges elements from .. to - 1 of the arrays. Any partition gives the same bits. */
void br_merge_part(const br_merge *merge, uint64_t from, uint64_t to);

#endif
