/* Pairs of a filter and a place where it has an error. bouton/model.h describes their layout in memory. */
#ifndef BC_PAIRS_H
#define BC_PAIRS_H

#include "kernels/kernel.h"

typedef struct bc_pairs {
    bc_value at, error, share; /* arrays */
} bc_pairs;

typedef struct bc_pair {
    bc_value at; /* start of its field in the padded map, i32 */
    bc_value error, share;
} bc_pair;

/* The lists of the sample that `group` is processing; the list of one neuron; one of its pairs. */
bc_pairs bc_pairs_of(bc_emit *e, const bc_kernel *k, bc_value state, bc_value group);
bc_pairs bc_pairs_of_neuron(bc_emit *e, const bc_kernel *k, const bc_pairs *all, bc_value neuron);
bc_pair bc_pair_load(bc_emit *e, const bc_pairs *list, bc_value index);

#endif
