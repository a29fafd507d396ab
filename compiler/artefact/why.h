/* What each input added to the drive of a class (docs/model.md, section 16), from a trace. */
#ifndef BC_WHY_H
#define BC_WHY_H

#include "artefact/lookup.h"

typedef struct bc_why_context {
    const bl_program *program;
    const bc_trace *trace;
    const bc_lookup *layers; /* [layers]: those of pools have no bounds */
    const bc_value *silents; /* [layers]: activations without a live connection; NULL: the ramp needs none */
    const char *name;        /* of the network */
} bc_why_context;

/* Doubles that the function works in: for each float of a trace a slope, and what was added there. */
static inline uint64_t bc_why_doubles(const bc_trace *trace)
{
    return 2 * trace->floats;
}

/* The body of double NAME_why(const float *trace, uint32_t label, float *adds, double *work), which has been begun.
 * It writes further functions, one for each layer, before: `layer_functions` holds them. */
void bc_emit_why_layers(bc_emit *e, const bc_why_context *u, bc_value *layer_functions);
void bc_emit_why(bc_emit *e, const bc_why_context *u, const bc_value *layer_functions);

#endif
