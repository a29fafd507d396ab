/* The C text of the types and functions that layers share. */
#ifndef BC_TEXTS_H
#define BC_TEXTS_H

#include <stdio.h>

#include "artefact/csource/needs.h"

void bc_put_types(const bc_source *s, const bc_needs *n, FILE *to);
void bc_put_connections(const bc_source *s, const bc_needs *n, FILE *to); /* what live inputs add to sums */
void bc_put_wide_rows(const bc_source *s, const bc_needs *n, FILE *to);   /* the same, of several inputs at once */
void bc_put_wide_layers(const bc_needs *n, FILE *to); /* convolutions by rows of places; behind bc_put_layers */
void bc_put_firing(const bc_source *s, const bc_needs *n, FILE *to); /* from sums to activations */
void bc_put_layers(const bc_needs *n, FILE *to);                     /* dense layers, convolutions */
void bc_put_pools(const bc_needs *n, FILE *to);
void bc_put_depression(const bc_needs *n, FILE *to);
void bc_put_answer(const bc_source *s, FILE *to);

#endif
