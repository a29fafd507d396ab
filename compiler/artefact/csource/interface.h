/* The header of C source, and its functions. */
#ifndef BC_INTERFACE_H
#define BC_INTERFACE_H

#include <stdio.h>

#include "artefact/csource/source.h"

void bc_put_header(const bc_source *s, FILE *to);
void bc_put_functions(const bc_source *s, FILE *to);
void bc_put_about(const bc_source *s, FILE *to); /* the first comment of both files */

#endif
