/* The end of a forward pass, the same for every form: from sums to drives and activations. */
#ifndef BC_FORWARD_H
#define BC_FORWARD_H

#include "kernel.h"

/* Thresholds of a tile of vectors, and 1/(1 - theta). */
typedef struct bc_thresholds {
    bc_value theta[16], scale[16];
} bc_thresholds;
bc_thresholds bc_thresholds_load(bc_emit *e, bc_value theta, uint32_t count);

/* Vectors of neurons at one place of one sample, from number `block` on. */
typedef struct bc_tile {
    bc_value block, drive, out;
    const bc_thresholds *thresholds;
} bc_tile;

/* The activations of vector v of the tile from its drives x; both are stored. */
void bc_finish(bc_emit *e, const bc_kernel *k, const bc_tile *tile, uint32_t v, bc_value x);

#endif
