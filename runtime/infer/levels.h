/* Bounds in four bits: each connection of a layer in 8 bits gets one of sixteen pairs of alpha and slope
 * (docs/design/quantised.md). */
#ifndef BR_INFER_LEVELS_H
#define BR_INFER_LEVELS_H

#include "bouton/runtime.h"

enum { BR_QUANTA = 256 };

/* What the activations of an input were seen to exceed: sums[a] is that of max(0, o - a), in quanta. */
typedef struct br_excess {
    uint64_t sums[BR_QUANTA + 1];
} br_excess;

enum { BR_EXCESS_MOST = 32 }; /* bits of sums[0]: sums over a neuron's inputs stay below 2^63 */

/* A layer in 8 bits. Connections are [neurons][inputs]. */
typedef struct br_fit {
    uint32_t neurons, inputs, kinds; /* input i is of kind i % kinds */
    const uint8_t *alphas;           /* 255: silent for every input */
    const int8_t *slopes;
    const uint8_t *steep;    /* [255]: the slope of each alpha, 0 .. 127 */
    const br_excess *excess; /* [kinds] */
} br_fit;

/* Chooses the levels, and the level of each connection: the nearest one at first; then, neuron by neuron, a neighbour of
 * it where that brings the mean of the neuron's sums nearer to what it is in 8 bits. Fails with BR_ERROR_FAULT. */
int br_levels_fit(const br_fit *fit, br_levels *out, uint8_t *codes, br_error *error);

#endif
