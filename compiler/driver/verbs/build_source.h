/* The artefacts of `bouton build` that are C source. */
#ifndef BOUTON_DRIVER_BUILD_SOURCE_H
#define BOUTON_DRIVER_BUILD_SOURCE_H

#include "bouton/compiler.h"
#include "options/cli.h"
#include "system/outputs.h"

/* Whether an artefact is C source, and its word on the command line. */
bool source_asked(artefact_id emit);
const char *source_word(artefact_id emit);

/* Writes BASE.c and BASE.h, where a BASE that ends in .c stands for the same two; or a tool's folder, BASE. */
int source_write(const bc_source *source, artefact_id emit, const char *base, output_files *outputs);

#endif
