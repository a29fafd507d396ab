/* Arithmetic on floats for cores without a floating-point unit. */
#ifndef BC_FIRMWARE_SOFT_FLOAT_H
#define BC_FIRMWARE_SOFT_FLOAT_H

#include "firmware/data.h"

/* Replaces every operation on floats of the module by whole numbers and calls of functions that it adds. They round as
 * a floating-point unit does, to the nearest, halves to even; numbers below 2^-126 become 0. They know neither NaN nor
 * infinity: operands must be finite. Vectors of floats are not served. */
void bc_soften(bc_emit *e, bc_owner owner);

#endif
