/* UTF-8: whether a text is well formed. */
#ifndef BR_UTF8_H
#define BR_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Overlong forms, surrogate halves and values beyond Unicode are not characters. */
bool br_utf8_is(const char *text, size_t length);

#endif
