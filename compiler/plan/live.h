/* How much of a map lateral depression leaves live, as far as the text of the network says. */
#ifndef BC_LIVE_H
#define BC_LIVE_H

#include "bouton/lang.h"

/* The largest share of the values of a layer's map that its depression over filters leaves live, in (0, 1]. A pool keeps
 * the share of the map below, since neighbouring places mostly have the same winners. The input: 1. */
double bc_live_at_most(const bl_program *program, uint32_t index);

#endif
