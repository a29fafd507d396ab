/* Names within C text: those of networks, and those of the data, which may hold any byte. */
#ifndef BC_C_TEXT_H
#define BC_C_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Within a comment: a name must neither end the comment nor begin a line. */
void bc_put_in_comment(const char *name, FILE *to);

/* A string literal. Bytes that are not printable ASCII become three octal digits, so no byte of a name means anything
 * to a compiler; `?` could begin a trigraph. */
void bc_put_literal(const char *text, FILE *to);

/* UPPER_CLASSES, a macro: the initialiser of an array with the names of the labels. */
void bc_put_classes(const char *upper, const char *const *classes, uint32_t count, FILE *to);

/* A network's name in capitals, with which the macros of its header begin; cut to fit. */
void bc_capitals(const char *name, char *out, size_t size);

/* What C source and firmware say alike of a layer that learns: the beginning of its state, which holds the model; the
 * functions that begin and check a state; and what a step does, before its prototypes. */
void bc_put_state_begin(const char *network, const char *layers, FILE *to); /* commas between names */
void bc_put_state_floats(unsigned long long bounds, FILE *to);              /* members of a layer in floats */
/* Where several layers learn: a rate and members for each. */
void bc_put_state_rates(uint32_t count, const char *layers, FILE *to);
void bc_put_state_bounds(const char *layer, unsigned long long bounds, FILE *to);
void bc_put_rate_of_several(const char *upper, uint32_t index, const char *rate, const char *layer, FILE *to);
void bc_put_state_functions(const char *network, FILE *to);
void bc_put_step_comment(const char *upper, const char *phase, FILE *to);

#endif
