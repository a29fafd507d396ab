/* The code of one layer for one sample. */
#ifndef BC_FIRMWARE_LAYER_H
#define BC_FIRMWARE_LAYER_H

#include "firmware/sums.h"

/* Emits void NAME(in, scratch), of a layer that learns NAME(in, scratch, state): reads the layer's sources and leaves its
 * map, or the drives of the last layer in `sums`. With a pool of maxima behind a convolution, it leaves the pool's map. */
bc_value bc_emit_small_layer(bc_emit *e, const struct bc_firmware *f, uint32_t layer);
bc_value bc_emit_small_pool(bc_emit *e, const struct bc_firmware *f, uint32_t layer); /* any other pool */

#endif
