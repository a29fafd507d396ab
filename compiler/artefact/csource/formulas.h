/* Formulas of neurons as C functions, and the functions of a mathematical library that they and logistic neurons need. */
#ifndef BC_FORMULAS_H
#define BC_FORMULAS_H

#include <stdio.h>

#include "artefact/csource/needs.h"

void bc_put_formulas(const bc_source *s, const bc_needs *n, FILE *to);

#endif
