/* Samples for batches: their order, what moves, mirrors and cuts them, and the mapping of raw values to the input's
 * range. */
#ifndef BR_BATCH_H
#define BR_BATCH_H

#include "bouton/runtime.h"

typedef struct br_gather {
    const br_samples *samples;
    float range;      /* s */
    float table[256]; /* s * (byte - low)/(high - low), clamped to [0, s]; tied levels: byte - N */
} br_gather;

br_gather br_gather_new(const br_samples *samples, float range);

/* Writes sample `index` as activations in [0, s], or as tied levels. The sample is moved `down` and `right` by so many pixels, with zeros
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

/* How far the borders of a layer's cells move for a sample in one epoch: up to `jitter` places up and to the left, or
 * down and to the right where negative. */
void br_draw_jitter(uint64_t seed, uint32_t epoch, uint32_t layer, uint32_t sample, uint32_t jitter, int32_t by[2]);

/* A place of a map. */
typedef struct br_spot {
    uint32_t y, x;
} br_spot;

/* The centre of what is cut out of a sample in one epoch: any place of the map, all of them equally likely. */
br_spot br_draw_cutout(uint64_t seed, uint32_t epoch, uint64_t sample, bt_shape shape);

/* Sets the activations of a gathered sample to 0 in a square of side x side places, as far as it lies in the map. It
 * reaches from side/2 places before the centre, rounded down, so an even one reaches a place less far behind it. */
void br_cut_out(bt_shape shape, br_spot centre, uint32_t side, float *out);

#endif
