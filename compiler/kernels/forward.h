/* The end of a forward pass, the same for every form: from sums to drives and activations. */
#ifndef BC_FORWARD_H
#define BC_FORWARD_H

#include "kernel.h"

/* Thresholds of a tile of vectors, and 1/(1 - theta). */
typedef struct bc_thresholds {
    bc_value theta[16], scale[16];
} bc_thresholds;
bc_thresholds bc_thresholds_load(bc_emit *e, bc_value theta, uint32_t count);

/* Vector v of the tile that begins at `block`: x = gamma * sum, level, activation; stored in the tile's drive, out. */
void bc_finish(bc_emit *e, const bc_kernel *k, bc_value drive, bc_value out, bc_value block, uint32_t v, bc_value x,
               const bc_thresholds *thresholds);

#endif
