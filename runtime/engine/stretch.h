/* Stretches: a convolution and the pool behind it, computed a few lines at a time. */
#ifndef BR_STRETCH_H
#define BR_STRETCH_H

#include "engine/workspace.h"

/* Computes layer `layer`, whose layout.stretch is not 0, and the pool behind it for sample n, whose inputs are prepared.
 * The same bits as layer by layer. With `slot`, drives and activations of the convolution are not kept: its lines pass
 * through the map of sample *slot, one group after the other. NULL: they are kept. A method that does not divide the
 * sums by lines computes the whole map at once. */
void br_stretch_forward(const br_workspace *workspace, uint32_t layer, bt_method method, uint32_t n,
                        const uint32_t *slot);

#endif
