/* Decimal numbers, read in the same way under every locale. */
#ifndef BR_NUMBER_H
#define BR_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Reads [+-]digits[.digits][e[+-]digits], the whole text. Returns false for any other text. */
bool br_number_read(const char *text, size_t length, double *out);

#endif
