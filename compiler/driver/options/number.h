/* Numbers as people write them. The locale is C throughout: a point is a point. */
#ifndef BOUTON_DRIVER_NUMBER_H
#define BOUTON_DRIVER_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* The whole text as a whole number: digits only. */
bool number_read(const char *text, uint64_t *out);

/* The whole text as a number: digits, and at most one point. */
bool decimal_read(const char *text, double *out);

/* The whole text as a share in [0, 1]: 0.97 or 97%. */
bool share_read(const char *text, double *out);

/* The whole text as points of a percentage, in [0, 100]: 0.1. */
bool points_read(const char *text, double *out);

#endif
