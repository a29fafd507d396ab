/* The connections of one neuron, one by one. */
#ifndef BC_CONNECTIONS_H
#define BC_CONNECTIONS_H

#include "artefact/lookup.h"

/* uint32_t NAME(const float *trace, uint32_t neuron, float *bounds, float *adds): writes the signed bounds of one
 * neuron's connections and their contributions to the drive: they add up to it, with homeostasis to drive + theta. It
 * returns the number of live connections. bc_emit_connections returns the function. */
bc_value bc_emit_connections(bc_emit *e, const bc_lookup *layer, const char *name);

#endif
