/* From the raw values of a sample to the activations that the first layer reads. */
#ifndef BC_INPUT_H
#define BC_INPUT_H

#include "artefact/ranges.h"
#include "artefact/scratch.h"
#include "emit/emit.h"

/* The input of one sample: raw values -> activations. */
typedef struct bc_input_context {
    const bc_plan *plan;
    const bc_scratch *scratch;
    double low, high;        /* [0, 1] where `ranges` map raw values first */
    const float *learned;    /* numbers that the encodings learned */
    const bc_ranges *ranges; /* of columns */
} bc_input_context;
void bc_emit_input(bc_emit *e, const bc_input_context *u, bc_value raw, bc_value scratch);

#endif
