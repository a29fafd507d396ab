/* The share of a layer's connections that are live. */
#ifndef BR_LIVE_H
#define BR_LIVE_H

#include "bouton/model.h"

/* The share in [0, 1] for sample n of the batch that was just computed. A convolution has each connection at every
 * place, a pool one for every value it reads. `lists`: the layer's live inputs were listed (br_has_lists). */
double br_live_share(const br_layer_code *code, const br_layer_state *s, bool lists, uint32_t n);

#endif
