/* From a raw sample to the activations of the input. */
#ifndef BC_SOURCE_INPUT_H
#define BC_SOURCE_INPUT_H

#include <stdio.h>

#include "artefact/csource/source.h"

/* Whether bytes are the raw values themselves; otherwise byte b is b/255 of the range of raw values. */
bool bc_bytes_are_raw(const bc_source *s);

/* The tables and functions of a sample of bytes and, in floats, of a sample of floats. */
void bc_put_input(const bc_source *s, FILE *to);

/* Bytes of these tables. */
uint64_t bc_input_bytes(const bc_source *s);

#endif
