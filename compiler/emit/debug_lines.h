/* Line information for debuggers, profilers and readers of assembly: from which line of the network's text a function
 * was compiled. */
#ifndef BC_DEBUG_LINES_H
#define BC_DEBUG_LINES_H

#include "bouton/compiler.h"
#include "emit/emit.h"

typedef struct bc_lines bc_lines;

/* Sets e->lines. If the plan has no lines, e->lines stays NULL and the functions below do nothing. */
void bc_lines_begin(bc_emit *e, const bc_plan *plan);
void bc_lines_end(bc_emit *e); /* call it before the module is used */

/* Sets the source of the functions that follow: a layer, or a phase of the schedule. */
void bc_lines_layer(bc_emit *e, uint32_t layer);
void bc_lines_phase(bc_emit *e, uint32_t phase);

/* Attaches the source line to e->function, which has just begun. */
void bc_lines_function(bc_emit *e, const char *name);

/* Writes LLVM's assembly with the network's lines as comments before the instructions compiled from them. Debug
 * information is left out. */
void bc_lines_weave(const bc_plan *plan, const char *assembly, size_t size, FILE *to);

#endif
