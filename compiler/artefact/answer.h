/* The answer to one sample, as one function. */
#ifndef BC_ANSWER_H
#define BC_ANSWER_H

#include "artefact/input.h"
#include "artefact/trace.h"
#include "artefact/weights.h"
#include "codegen/module.h"
#include "plan/target.h"

/* uint32_t NAME(const float *in, float *out, float *levels, void *scratch, float *trace): returns the label of one
 * sample and writes the probabilities to `out`. If `levels` or `trace` is not NULL, it writes the levels or a trace,
 * too. bc_emit_answer returns the function. */
typedef struct bc_answer_context {
    bc_input_context input;
    const bc_weights *weights;
    const bc_value *bounds, *thetas, *consciences; /* [layer_count]: constants */
    const bc_tables *tables;                       /* [layer_count] */
    float sharpness;                               /* of the probabilities */
    const bc_trace *trace;
    const br_quantised *quantised; /* NULL: all layers in floats */
    const bc_value *int8s;         /* [layer_count]: rows of int8 layers for this processor */
    const char *suffix;            /* of every function name: the processor */
    const bc_target *tuned;        /* processor of this function; NULL: the module's */
} bc_answer_context;
bc_value bc_emit_answer(bc_emit *e, const bc_answer_context *u, const char *name);

#endif
