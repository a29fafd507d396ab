/* The module of an artefact. */
#ifndef BC_ASSEMBLE_H
#define BC_ASSEMBLE_H

#include "artefact/context.h"

/* Writes a->module. `learned` holds the numbers of the encodings; `program` is as in bc_artefact_options. */
int bc_artefact_emit(bc_artefact *a, const float *learned, bool program, br_error *error);

#endif
