/* Numbers that kernels compute, computed while code is made: by the same operations in their order, so to the same bits.
 * numbers.c is compiled without fused multiply-adds, which these kernels do not use either. */
#ifndef BC_NUMBERS_H
#define BC_NUMBERS_H

#include "bouton/compiler.h"

/* 1/(1 - alpha_max), in float arithmetic. */
float bc_a_max(const bl_layer *layer);

/* gamma (4): the factor of a sum; of `sum shared` the factor of its quotient by the sum of the inputs. */
double bc_gamma_of(const bl_layer *layer);

/* Whether no activation up to s makes a connection live, by its bound: |w| <= t(s), as printed alpha >= s. t decreases as
 * o increases, also in float arithmetic. */
bool bc_never_live(const bl_layer *layer, br_bound_encoding encoding, float w);

/* The activation of a raw value: range clamp((raw - low)/(high - low), 0, 1), as runtime/data/batch.c computes it. */
float bc_activation_of(double raw, double low, double high, float range);

#endif
