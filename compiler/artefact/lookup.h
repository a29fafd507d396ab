/* The field of one neuron of a built network, connection by connection, in a trace. The code is scalar, for any
 * processor. */
#ifndef BC_LOOKUP_H
#define BC_LOOKUP_H

#include "artefact/trace.h"
#include "codegen/module.h"
#include "kernels/kernel.h"

/* A layer with connections, and the neuron that is looked at. */
typedef struct bc_lookup {
    const bc_layer_plan *layer; /* of the first processor; rows are the same for all */
    const bc_trace_layer *row;
    bc_value bounds, thetas; /* constants of the layer */
    const bc_tables *tables;
    bc_kernel kernel; /* bc_kernel_new(layer) */
    bc_value trace;
    bc_value channel, y, x; /* of the neuron, and its place in its map */
} bc_lookup;

/* Sets channel, y and x for neuron `number` of its map. */
void bc_lookup_place(bc_emit *e, bc_lookup *l, bc_value number);

/* A walk over the field: the code between begin and end runs for each connection, also for those that read padding. */
typedef struct bc_lookup_walk {
    bc_loop rows, columns, channels;
    bc_value number, row; /* number of the connection; row of bounds */
    bc_value at;          /* number of the value in the map that is read; without meaning in the padding */
    bc_value o;           /* activation that it reads, 0 in the padding */
} bc_lookup_walk;
bc_lookup_walk bc_lookup_begin(bc_emit *e, const bc_lookup *l);
void bc_lookup_end(bc_emit *e, bc_lookup_walk *w);

/* gamma of (4), or the neuron's gain (26). If the sum is shared, the activations of the whole field are added up
 * first. */
bc_value bc_lookup_gamma(bc_emit *e, const bc_lookup *l);

/* The stored part of a connection. */
typedef struct bc_stored {
    bc_value kept; /* i1: false if it was dropped because it is silent for every input */
    bc_value w;
} bc_stored;
bc_stored bc_lookup_find(bc_emit *e, const bc_lookup *l, bc_value row);

/* i1: whether it carries signal for an activation, as the kernels decide it; *carried: its contribution, +-g of (1), (2). */
bc_value bc_lookup_live(bc_emit *e, const bc_lookup *l, const bc_stored *s, bc_value o, bc_value *carried);

/* Begins an internal function. */
bc_value bc_internal_function(bc_emit *e, const char *name, LLVMTypeRef result, LLVMTypeRef *parameters,
                              unsigned count);

#endif
