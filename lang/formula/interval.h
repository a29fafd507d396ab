/* Bounds of the values of a formula's steps, computed in floats as compiled code does. */
#ifndef BL_INTERVAL_H
#define BL_INTERVAL_H

#include "bouton/lang.h"

typedef struct bl_interval {
    double low, high; /* infinite where a float may overflow */
} bl_interval;

typedef enum bl_interval_fault {
    BL_INTERVAL_FINE,
    BL_INTERVAL_DIVISOR,  /* the divisor may be 0 */
    BL_INTERVAL_ROOT,     /* the argument may be negative */
    BL_INTERVAL_UNDEFINED /* NaN: infinity - infinity, infinity * 0 or infinity / infinity */
} bl_interval_fault;

/* An upper bound of every drive: a gain of 10^6 times the square root of 2^24 inputs. */
#define BL_DRIVE_MOST 1e10

/* Rounds the ends outwards to floats. Every float between `low` and `high` lies within. */
bl_interval bl_interval_of(double low, double high);

/* Bounds the result of one step on its operands. The step is neither DRIVE nor ALPHA. */
bl_interval_fault bl_interval_apply(const bl_step *step, const bl_interval *operands, bl_interval *out);

#endif
