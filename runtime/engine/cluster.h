/* The order of a map's channels in which few quads are live. */
#ifndef BR_CLUSTER_H
#define BR_CLUSTER_H

#include "bouton/runtime.h"

/* Orders the channels that a layer reads: order[j] is the channel at position j of each place. Channels that are often
 * live at the same place become neighbours, so that they share a quad. The order is the same for any number of threads
 * and on every machine. Without samples, or for very many channels, the order is that of the map. */
int br_cluster_channels(const br_quantised *quantised, uint32_t layer, const br_samples *samples, uint32_t threads,
                        uint32_t *order, br_error *error);

#endif
