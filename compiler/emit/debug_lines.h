/* Line information: which line of the network's text a function was made from, for debuggers, profilers and readers. */
#ifndef BC_LINES_H
#define BC_LINES_H

#include "bouton/compiler.h"
#include "emit/emit.h"

typedef struct bc_lines bc_lines;

/* Sets e->lines, unless the plan has none: then nothing below does anything. */
void bc_lines_begin(bc_emit *e, const bc_plan *plan);
void bc_lines_end(bc_emit *e); /* before the module is used */

/* Functions that follow come from here: a layer, or a phase of the schedule. */
void bc_lines_layer(bc_emit *e, uint32_t layer);
void bc_lines_phase(bc_emit *e, uint32_t phase);

/* Gives e->function, just begun, its place. */
void bc_lines_function(bc_emit *e, const char *name);

/* LLVM's assembly with the text's lines before the instructions made from them, and without debug information. */
void bc_lines_weave(const bc_plan *plan, const char *assembly, size_t size, FILE *to);

#endif
