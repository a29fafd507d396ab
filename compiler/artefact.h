/* What `bouton build` makes of a trained model: one LLVM module that holds its answers alone.
 *
 *     program, state -> weights (what is stored) -> rooms (where a sample is worked on) -> module -> bytes
 *
 * Kernels are emitted as for learning, so that bits agree; what the runtime does around them (graph.c, encode.c) is
 * emitted too, and nothing is left to link but memset and memcpy. See docs/design/build.md. */
#ifndef BC_ARTEFACT_H
#define BC_ARTEFACT_H

#include "emit.h"
#include "module.h"
#include "target.h"

/* A layer's numbers, as read-only data will hold them. */
typedef struct bc_weights {
    float *bounds; /* [kept][stride], or [entries] */
    uint64_t bounds_count;
    uint32_t *table;   /* [rows]: where each row lies in `bounds`, or BC_ROW_DROPPED; NULL: in its own place */
    uint32_t *starts;  /* [rows + 1]: of a layer with few connections left, where the entries of each row begin; */
    uint32_t *targets; /* [entries]: and their neurons. NULL: rows are kept whole */
    float *theta;      /* [stride] */
    float *conscience;
    float calibration;
    bool *never; /* [out.channels]: fires for no input */
    bc_layer_facts facts;
} bc_weights;

int bc_weights_new(const bc_plan *plan, const br_network *network, bc_weights **out, br_error *error);
void bc_weights_free(const bc_plan *plan, bc_weights *weights);

/* Where the arrays of one sample lie in the caller's scratch memory, as offsets. Arrays share places where their times
 * do not overlap: time 0 is the input's, l + 1 that of layer l. */
typedef struct bc_layer_rooms {
    uint64_t joined, live_count, live_index, live_start, live_o, live_q, live_t, input_sum, drive, out, choice;
} bc_layer_rooms;

typedef struct bc_rooms {
    uint64_t input;                        /* activations */
    uint64_t planes, next, sums, bordered; /* of encodings */
    uint64_t bytes;                        /* all in all */
    bc_layer_rooms *layers;
} bc_rooms;

#define BC_ROOM_ALIGN 64u

int bc_rooms_new(const bc_plan *plan, bc_rooms *out, br_error *error);
void bc_rooms_free(bc_rooms *rooms);

/* Floats of the border that whitening adds to each of its planes, and from row to row. */
uint64_t bc_border_pitch(const bl_input *input, const bl_encoding *step, uint32_t lanes);

/* Raw values of one sample -> activations. */
typedef struct bc_input_user {
    const bc_plan *plan;
    const bc_rooms *rooms;
    double low, high;
    const float *learned; /* numbers of the encodings */
} bc_input_user;
void bc_emit_input(bc_emit *e, const bc_input_user *u, bc_value raw, bc_value scratch);

/* Read-only data, aligned for vectors. */
bc_value bc_constant_f32(bc_emit *e, const float *values, uint64_t count, const char *name);
bc_value bc_constant_i32(bc_emit *e, const uint32_t *values, uint64_t count, const char *name);

/* uint32_t NAME(const float *in, float *out, void *scratch): labels one sample. Returns the function. */
typedef struct bc_answer_user {
    bc_input_user input;
    const bc_weights *weights;
    const bc_value *bounds, *thetas, *consciences; /* [layer_count]: the constants */
    const bc_tables *tables;                       /* [layer_count] */
    const char *suffix;                            /* of every name: which processor */
    const bc_target *tuned;                        /* processor of its own; NULL: the module's */
} bc_answer_user;
bc_value bc_emit_answer(bc_emit *e, const bc_answer_user *u, const char *name);

/* Attributes that tie a function to a processor. */
void bc_tune(bc_emit *e, bc_value function, const bc_target *target);

/* i32 NAME(void): how far along x86-64 .. x86-64-v4 this processor lies, from 1. */
bc_value bc_emit_level(bc_emit *e, const char *name);

#endif
