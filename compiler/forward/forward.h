/* The end of a forward pass, the same for every method: from sums to drives and activations. */
#ifndef BC_FORWARD_H
#define BC_FORWARD_H

#include "kernels/kernel.h"

/* theta of a tile of vectors, and 1/(1 - theta), or the gains of a layer with homeostasis. */
typedef struct bc_thresholds {
    bc_value theta[16], scale[16];
} bc_thresholds;
bc_thresholds bc_thresholds_load(bc_emit *e, const bc_kernel *k, bc_value theta, uint32_t count);

/* A vector of neurons: number `block`, theta and 1/(1 - theta). */
typedef struct bc_neurons {
    bc_value block, theta, scale;
} bc_neurons;
/* Their activations before any depression, from their drives x; lanes without a neuron: 0.                  (3), (4) */
bc_value bc_activation(bc_emit *e, const bc_kernel *k, const bc_neurons *neurons, bc_value x);

/* A tile of vectors of neurons at one place of one sample, from vector `block` on. */
typedef struct bc_tile {
    bc_value block, drive, out;
    const bc_thresholds *thresholds;
} bc_tile;

/* Computes the activations of vector v of the tile from its drives x, and stores both. */
void bc_finish(bc_emit *e, const bc_kernel *k, const bc_tile *tile, uint32_t v, bc_value x);

#endif
