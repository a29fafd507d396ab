/* Pairs of a filter and a place where it wants a change; bouton/model.h says how they lie in memory. */
#ifndef BC_PAIRS_H
#define BC_PAIRS_H

#include "kernel.h"

typedef struct bc_pair {
    bc_value at; /* where its field begins in the padded map, i32 */
    bc_value error, share;
} bc_pair;

/* The list of one neuron, of the sample that `group` has in hand. */
bc_value bc_pairs_of(bc_emit *e, const bc_kernel *k, bc_value pairs, bc_value group, bc_value neuron);
bc_pair bc_pair_load(bc_emit *e, bc_value list, bc_value index);

#endif
