/* Reads numbers of the command line. The program stays in the C locale, so the decimal separator is a point. */
#ifndef BOUTON_DRIVER_NUMBER_H
#define BOUTON_DRIVER_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the whole text as an integer; only digits are allowed. */
bool number_read(const char *text, uint64_t *out);

/* Reads the whole text as a number: digits and at most one point. */
bool decimal_read(const char *text, double *out);

/* Reads the whole text as a share in [0, 1], such as 0.97 or 97%. */
bool share_read(const char *text, double *out);

/* Reads the whole text as percentage points in [0, 100], such as 0.1. */
bool points_read(const char *text, double *out);

#endif
