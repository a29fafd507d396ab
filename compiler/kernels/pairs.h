/* Pairs of a filter and a place where it wants a change; bouton/model.h says how they lie in memory. */
#ifndef BC_PAIRS_H
#define BC_PAIRS_H

#include "kernel.h"

typedef struct bc_pairs {
    bc_value at, error, share; /* arrays */
} bc_pairs;

typedef struct bc_pair {
    bc_value at; /* where its field begins in the padded map, i32 */
    bc_value error, share;
} bc_pair;

/* All lists of the sample that `group` has in hand; that of one neuron; one of its pairs. */
bc_pairs bc_pairs_of(bc_emit *e, const bc_kernel *k, bc_value state, bc_value group);
bc_pairs bc_pairs_of_neuron(bc_emit *e, const bc_kernel *k, const bc_pairs *all, bc_value neuron);
bc_pair bc_pair_load(bc_emit *e, const bc_pairs *list, bc_value index);

#endif
