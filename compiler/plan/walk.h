/* How the sums of a convolution walk over bounds and places. */
#ifndef BC_WALK_H
#define BC_WALK_H

#include "bouton/compiler.h"

enum { BC_TOGETHER = 4 }; /* most lines of places whose sums are in registers at once */

/* The walk of a layer's blocks. Needs the maps, pitch, rows, lanes and bounds_bytes of the plan. */
bc_walk bc_walk_plan(const bl_program *program, const bc_layer_plan *plan, const bc_options *options);

/* The same for a block of `vectors` vectors: the last block of a layer may be narrower than the others. */
bc_walk bc_walk_of(const bc_layer_plan *plan, uint32_t vectors);

/* The lines of `info --plan`. */
void bc_walk_print(const bc_layer_plan *plan, FILE *to);

#endif
