/* How sums in 8 bits become bytes without floats, and exactly as floats make them. */
#ifndef BC_FIRE_H
#define BC_FIRE_H

#include "artefact/csource/source.h"

/* From a sum to the byte of the layer that reads it, by the operations of the 8-bit kernels in their order
 * (docs/design/quantised.md): x = sum * worth; the ramp; o = s y; o in quanta of the reader. */
typedef struct bc_float_firing {
    float worth;         /* gamma, times the value of 1 in a sum */
    bool homeostasis;    /* x = x * gain - theta, y = x; otherwise y = (x - theta)/(1 - theta) */
    bool binary;         /* o = s where y > 0 */
    bool level;          /* the byte is 255 y, rounded: of the layer that answers */
    float theta, gain;   /* of the neuron */
    float range, quanta; /* s; quanta of 1: 255/top of the reader */
} bc_float_firing;

uint8_t bc_fire_byte(const bc_float_firing *f, int32_t sum);

/* The ramps of a layer, each proved equal to bc_fire_byte for every sum from low[k] to high[k] of its neuron. `f` is
 * that of each neuron; with `alike` all are equal and so is the one ramp. Fails with BR_ERROR_FAULT. */
typedef struct bc_fire_task {
    const bc_float_firing *f;  /* [neurons] */
    const int32_t *low, *high; /* [neurons]: the least and the largest sum */
    uint32_t neurons;
    bool alike;
} bc_fire_task;
int bc_firing_new(const bc_fire_task *task, bc_firing *out, br_error *error);
void bc_firing_free(bc_firing *firing);

/* The byte of a sum by its ramp, as the C source computes it. */
uint8_t bc_ramp_byte(const bc_firing *firing, const bc_ramp *ramp, int32_t sum);

#endif
