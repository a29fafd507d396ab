/* Between which values a formula's steps stay, computed in floats as compiled code does. */
#ifndef BL_INTERVAL_H
#define BL_INTERVAL_H

#include "bouton/lang.h"

typedef struct bl_interval {
    double low, high; /* an infinite end: a float may overflow there */
} bl_interval;

typedef enum bl_interval_fault {
    BL_INTERVAL_FINE,
    BL_INTERVAL_DIVISOR,  /* it contains 0 */
    BL_INTERVAL_ROOT,     /* of what can be negative */
    BL_INTERVAL_UNDEFINED /* infinity less infinity, times 0, or over infinity: not a number */
} bl_interval_fault;

/* No drive is larger: a gain of 10^6 times the root of 2^24 inputs. */
#define BL_DRIVE_MOST 1e10

/* Ends rounded outwards to floats, so that every float between two numbers lies within. */
bl_interval bl_interval_of(double low, double high);

/* What one step makes of its operands. It is neither DRIVE nor ALPHA. */
bl_interval_fault bl_interval_apply(const bl_step *step, const bl_interval *operands, bl_interval *out);

#endif
