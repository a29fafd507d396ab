/* Running means of the summed steps, docs/model.md, (23) and (24). */
#ifndef BC_MOMENTS_H
#define BC_MOMENTS_H

#include "kernels/kernel.h"

typedef enum bc_means {
    BC_MEANS_NONE,
    BC_MEANS_MOMENTUM, /* (23) */
    BC_MEANS_ADAPTIVE  /* (24) */
} bc_means;

/* The means, and the numbers of the equations in every lane. */
typedef struct bc_moments {
    bc_value step, square; /* m, r; square NULL: momentum alone */
    bc_value keep_step, take_step, keep_square, take_square, correct, move;
} bc_moments;

bc_moments bc_moments_load(bc_emit *e, bc_value state, bc_means means);
/* The same from element index * stride on. */
bc_moments bc_moments_from(bc_emit *e, const bc_moments *moments, bc_value index, uint64_t stride);
/* Brings one vector of means up to date with its summed steps, and returns the step that v takes. */
bc_value bc_moments_step(bc_emit *e, const bc_moments *moments, bc_value at, bc_value sum);

#endif
