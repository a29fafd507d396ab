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

/* The lists of a slot; those of a slot further on; the list of one neuron; one of its pairs. */
bc_pairs bc_pairs_of(bc_emit *e, const bc_kernel *k, bc_value state, bc_value slot);
bc_pairs bc_pairs_of_slot(bc_emit *e, const bc_kernel *k, const bc_pairs *all, bc_value slot);
bc_pairs bc_pairs_of_neuron(bc_emit *e, const bc_kernel *k, const bc_pairs *all, bc_value neuron);
bc_pair bc_pair_load(bc_emit *e, const bc_pairs *list, bc_value index);

/* With homeostasis a connection's share of a step is o (29). Then live connections are found by o >= alpha, and one map
 * holds all that a walk reads of its inputs. */
bool bc_pairs_by_level(const bc_kernel *k);

/* How padded maps and filters lie: places that are whole vectors are divided into groups of a vector of channels. Each
 * has a map of its own, and a field of each filter. A layer with other places has one group. */
bool bc_pairs_grouped(const bc_kernel *k);
uint32_t bc_pairs_groups(const bc_kernel *k);
uint32_t bc_pairs_place(const bc_kernel *k); /* floats of a map from place to place */
uint32_t bc_pairs_plane(const bc_kernel *k); /* from group to group */
uint32_t bc_pairs_row(const bc_kernel *k);   /* floats of a filter in a group: of a row of the field, of all rows */
uint32_t bc_pairs_field(const bc_kernel *k);

#endif
