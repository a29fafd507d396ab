/* Samples for batches: their order, their shifts, and the mapping of raw values to the input's range. */
#ifndef BR_BATCH_H
#define BR_BATCH_H

#include "bouton/runtime.h"

typedef struct br_gather {
    const br_samples *samples;
    float range;      /* s */
    float table[256]; /* s * (byte - low)/(high - low), clamped to [0, s] */
} br_gather;

br_gather br_gather_new(const br_samples *samples, float range);

/* Writes sample `index` as activations in [0, s]. The sample is moved `down` and `right` by so many pixels, with zeros
 * shifted in, and then mirrored left to right if `mirror` is set. */
void br_gather_sample(const br_gather *gather, uint64_t index, int down, int right, bool mirror, float *out);

/* Prefetches a sample that is needed soon. */
void br_gather_prefetch(const br_gather *gather, uint64_t index);

/* The order of one epoch: a keyed shuffle of 0 .. count - 1. */
void br_shuffle(uint64_t seed, uint32_t epoch, uint32_t count, uint32_t *order);

/* The translation of a sample in one epoch: up to `shift` pixels in each direction. */
void br_draw_shift(uint64_t seed, uint32_t epoch, uint64_t sample, uint32_t shift, int *down, int *right);

/* Whether a sample is mirrored in one epoch: a fair coin. */
bool br_draw_mirror(uint64_t seed, uint32_t epoch, uint64_t sample);

#endif
