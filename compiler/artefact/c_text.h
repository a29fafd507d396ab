/* Names of the data within C text. */
#ifndef BC_C_TEXT_H
#define BC_C_TEXT_H

#include <stdio.h>

/* Within a comment: a name must neither end the comment nor begin a line. */
void bc_put_in_comment(const char *name, FILE *to);

/* A string literal. Bytes that are not printable ASCII become three octal digits, so no byte of a name means anything
 * to a compiler; `?` could begin a trigraph. */
void bc_put_literal(const char *text, FILE *to);

#endif
