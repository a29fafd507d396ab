/* Numbers written in decimal, read the same under every locale. */
#ifndef BR_NUMBER_H
#define BR_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Reads [+-]digits[.digits][e[+-]digits], all of the text; false where it is anything else. */
bool br_number_read(const char *text, size_t length, double *out);

#endif
