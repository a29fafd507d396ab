/* The connections of one neuron, one by one. */
#ifndef BC_ARTEFACT_CONNECTIONS_H
#define BC_ARTEFACT_CONNECTIONS_H

#include "artefact/trace.h"
#include "codegen/module.h"

/* uint32_t (const float *trace, uint32_t neuron, float *bounds, float *adds): one neuron's connections, how many of
 * them are live, their signed bounds and what they add to the drive. Returns the function. */
typedef struct bc_connections_user {
    const bc_layer_plan *layer;
    const bc_trace_layer *row;
    bc_value bounds;
    const bc_tables *tables;
} bc_connections_user;
bc_value bc_emit_connections(bc_emit *e, const bc_connections_user *u, const char *name);

#endif
