/* The share of a layer's connections that are live. */
#ifndef BR_LIVE_H
#define BR_LIVE_H

#include "bouton/model.h"

/* Of sample n of the batch that was just answered, in [0, 1]; a convolution has each connection at every place, a pool
 * one for every value it reads. `dense`: the layer answered without lists. */
double br_live_share(const br_layer_code *code, const br_layer_state *s, bool dense, uint32_t n);

#endif
