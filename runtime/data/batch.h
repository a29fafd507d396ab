/* Samples into batches: order, shifts, and raw values onto the input's range. */
#ifndef BR_BATCH_H
#define BR_BATCH_H

#include "bouton/runtime.h"

typedef struct br_gather {
    const br_samples *samples;
    float range;      /* s */
    float table[256]; /* s * (byte - low)/(high - low), clamped to [0, s] */
} br_gather;

br_gather br_gather_new(const br_samples *samples, float range);

/* Sample `index` as activations [0, s], moved down by `down` and right by `right` pixels (zeros come in), then mirrored
 * left to right if asked. */
void br_gather_sample(const br_gather *gather, uint64_t index, int down, int right, bool mirror, float *out);

/* Asks memory for a sample that is wanted soon. */
void br_gather_prefetch(const br_gather *gather, uint64_t index);

/* Order of one epoch: a keyed shuffle of 0 .. count-1. */
void br_shuffle(uint64_t seed, uint32_t epoch, uint32_t count, uint32_t *order);

/* Translation of a sample in one epoch, each way up to `shift` pixels. */
void br_draw_shift(uint64_t seed, uint32_t epoch, uint64_t sample, uint32_t shift, int *down, int *right);

/* Whether a sample is mirrored in one epoch: a fair coin. */
bool br_draw_mirror(uint64_t seed, uint32_t epoch, uint64_t sample);

#endif
