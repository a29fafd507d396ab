/* The answer to one sample, as one function. */
#ifndef BC_ARTEFACT_ANSWER_H
#define BC_ARTEFACT_ANSWER_H

#include "artefact/input.h"
#include "artefact/trace.h"
#include "artefact/weights.h"
#include "codegen/module.h"
#include "plan/target.h"

/* uint32_t NAME(const float *in, float *out, void *scratch, float *trace): labels one sample, and leaves a trace where
 * one is wanted (not NULL). Returns the function. */
typedef struct bc_answer_user {
    bc_input_user input;
    const bc_weights *weights;
    const bc_value *bounds, *thetas, *consciences; /* [layer_count]: the constants */
    const bc_tables *tables;                       /* [layer_count] */
    const bc_trace *trace;
    const br_quantised *quantised; /* NULL: all in floats */
    const bc_value *eights;        /* [layer_count]: rows of layers in 8 bits, for this processor */
    const char *suffix;            /* of every name: which processor */
    const bc_target *tuned;        /* processor of its own; NULL: the module's */
} bc_answer_user;
bc_value bc_emit_answer(bc_emit *e, const bc_answer_user *u, const char *name);

#endif
