/* Which maps and drives the C source keeps, and where they lie in its scratch. */
#ifndef BC_MAPS_H
#define BC_MAPS_H

#include "artefact/csource/source.h"

/* The top of the layers in 8 bits that read a map, a layer's or BT_INPUT, directly or through pools: the scale of its
 * bytes. 0: nothing in 8 bits reads it. *other, unless it is NULL, gets a layer that reads it in another scale. */
float bc_top_above(const bc_source *s, uint32_t map, uint32_t *other);

/* Decides `fused`, `absorbed`, `drives`, `chooses` of every layer, places its map and its drives, and sets the sizes of
 * the arrays of the scratch. Maps that are never in use at the same time may share a place. BR_ERROR_CHECK: the scratch
 * is too large. */
int bc_maps_place(bc_source *s, br_error *error);

#endif
