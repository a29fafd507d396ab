/* The constants of each layer, and the functions that walk through the layers. */
#ifndef BC_SOURCE_WALK_H
#define BC_SOURCE_WALK_H

#include <stdio.h>

#include "artefact/csource/needs.h"

void bc_put_constants(const bc_source *s, const bc_needs *n, FILE *to);
void bc_put_walk(const bc_source *s, const bc_needs *n, FILE *to);

/* `const source from[] = ...`: the maps that a layer reads. */
void bc_put_sources(const bc_source *s, const bl_layer *layer, const char *indent, FILE *to);

#endif
