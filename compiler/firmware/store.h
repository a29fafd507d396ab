/* Which connections of a layer are stored, and how. */
#ifndef BC_FIRMWARE_STORE_H
#define BC_FIRMWARE_STORE_H

#include "firmware/context.h"

/* Fills in the connections, thresholds and handicaps of a dense layer or a convolution. Connections get the form that
 * takes less flash memory or, with `speed`, the faster one. BR_ERROR_FAULT: out of memory. */
int bc_store_new(const struct bc_firmware *f, const br_network *network, uint32_t layer, bc_small_layer *out,
                 br_error *error);
void bc_store_free(bc_small_layer *layer);

#endif
