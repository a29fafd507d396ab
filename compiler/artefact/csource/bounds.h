/* The connections of a layer as tables: rows of all neurons, or lists of each input's connections sorted by alpha. */
#ifndef BC_BOUNDS_H
#define BC_BOUNDS_H

#include <stdio.h>

#include "artefact/csource/source.h"

/* Takes the connections of layer `index` and chooses their form: the one whose tables are smaller. Lists leave out the
 * connections that no input makes live. Fails with BR_ERROR_FAULT. */
int bc_bounds_new(bc_source *s, const br_network *network, uint32_t index, br_error *error);
void bc_bounds_free(bc_bounds *bounds);

/* The least and the largest sum of neuron k in 8 bits, over all inputs. */
void bc_bounds_range(const bc_source_layer *layer, uint32_t k, int32_t *low, int32_t *high);

/* In 8 bits: so many connections of a neuron together add no more than 16 bits hold. */
uint32_t bc_bounds_together(const bc_source *s);

/* The C tables of a layer, and their names within the initialiser of its `connections`. */
void bc_bounds_tables(const bc_source *s, uint32_t index, FILE *to);

/* Whether neurons are numbered by bytes: no layer with lists has more than 256. */
bool bc_bounds_narrow(const bc_source *s);

/* Bytes of a row of all neurons. */
uint64_t bc_bounds_row(const bc_source *s, const bc_source_layer *layer);

#endif
