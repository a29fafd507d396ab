/* The br_program that the main function of a program reads. */
#ifndef BC_PROGRAM_H
#define BC_PROGRAM_H

#include "artefact/context.h"

/* `levels` and `runs_here` are the functions of those names. */
int bc_emit_program(bc_emit *e, const bc_artefact *a, bc_value levels, bc_value runs_here, br_error *error);

#endif
