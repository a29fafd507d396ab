/* Stretches: a convolution and the pool behind it, computed a few lines at a time. */
#ifndef BC_STRETCH_H
#define BC_STRETCH_H

#include <stdio.h>

#include "bouton/compiler.h"

#define BC_SETTLED_PLACES 9u /* most places of a window whose pool chooses among winners: they are unrolled */

/* The lists of a convolution's errors at up to `places` places: their length, and how many samples are walked together,
 * so that a filter, which is loaded for a walk, has enough of them. */
void bc_plan_pairs(bc_layer_plan *conv, uint32_t places);

/* Decides whether layer `index` and the next one form a stretch, and of how many lines. All layers must be planned. */
void bc_plan_stretch(bc_plan *plan, uint32_t index);

/* A line about the stretch that begins at layer `index`; nothing if none does. */
void bc_print_stretch(const bc_plan *plan, uint32_t index, FILE *to);
void bc_print_homeostasis(const bc_plan *plan, uint32_t index, FILE *to);

#endif
