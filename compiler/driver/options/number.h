/* Reads numbers of the command line. The program stays in the C locale, so the decimal separator is a point. */
#ifndef BOUTON_DRIVER_NUMBER_H
#define BOUTON_DRIVER_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the whole text as an integer; only digits are allowed. */
bool number_read(const char *text, uint64_t *out);

#define SEEDS_MOST 10000u

/* Reads the whole text as a list of seeds and of ranges of them, such as 1..5 or 1,4,7..9, into `out` ([*count]; NULL:
 * they are only counted). False for another text, and for more than SEEDS_MOST. */
bool seeds_read(const char *text, uint64_t *out, size_t *count);

/* Reads the whole text as a number: digits and at most one point. */
bool decimal_read(const char *text, double *out);

/* Reads the whole text as a share in [0, 1], such as 0.97 or 97%. */
bool share_read(const char *text, double *out);

/* Reads the whole text as percentage points in [0, 100], such as 0.1. */
bool points_read(const char *text, double *out);

/* Reads the whole text as limits of memory, such as flash=64K,ram=16K, in bytes; K is 1024, M 1024 K. A limit that is
 * not named becomes UINT64_MAX; at least one is named, and none twice. */
bool budget_read(const char *text, uint64_t *flash, uint64_t *ram);

#endif
