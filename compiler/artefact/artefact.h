/* What `bouton build` makes of a trained model: one LLVM module that holds its answers alone.
 *
 *     program, state -> weights (what is stored) -> rooms (where a sample is worked on) -> module -> bytes
 *
 * Kernels are emitted as for learning, so that bits agree; what the runtime does around them (graph.c, encode.c) is
 * emitted too, and nothing is left to link but memset and memcpy. See docs/design/build.md. */
#ifndef BC_ARTEFACT_H
#define BC_ARTEFACT_H

#include "codegen/module.h"
#include "emit/emit.h"
#include "plan/target.h"

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
    uint64_t codes, live; /* in 8 bits */
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

/* What one sample leaves in a trace: floats, one array behind the other, without padding. Row 0 of the table is the
 * input, row l + 1 layer l; the header's struct bouton_layer has the same fields. */
#define BC_TRACE_KINDS(X) X(INPUT) X(DENSE) X(CONVOLUTION) X(POOL_MAX) X(POOL_MEAN) X(POOL_SUM)

typedef enum bc_trace_kind {
#define ID(id) BC_TRACE_##id,
    BC_TRACE_KINDS(ID)
#undef ID
} bc_trace_kind;

#define BC_TRACE_FIELDS(X)                                                                                             \
    X(source_count, "how many: side by side along the channels; end to end in a dense layer")                          \
    X(kind, "one of the BOUTON_ constants above")                                                                      \
    X(height, "of its own map, in which a dense layer is 1 x 1 x neurons")                                             \
    X(width, "")                                                                                                       \
    X(channels, "")                                                                                                    \
    X(in_height, "of the map that it reads; 0 of the input")                                                           \
    X(in_width, "")                                                                                                    \
    X(in_channels, "")                                                                                                 \
    X(field_height, "of what one neuron reads of that map")                                                            \
    X(field_width, "")                                                                                                 \
    X(hop, "from field to field; 0: all of the map, or cell g of n over m places: from g m/n to (g + 1) m/n")          \
    X(pad_top, "rows and columns of padding before the map")                                                           \
    X(pad_left, "")                                                                                                    \
    X(connections, "of one neuron: field rows, columns, channels last; 0 of pools, the input, layers in 8 bits")       \
    X(reads, "where in a trace the map that it reads begins: its source's, or several joined;")                        \
    X(ranks, "what a pool of the largest chooses by;")                                                                 \
    X(drives, "its own drives;")                                                                                       \
    X(activations, "and its own activations, in [0, top]")

typedef struct bc_trace_layer {
    const char *name;
    double top;
#define FIELD(member, ...) uint32_t member;
    BC_TRACE_FIELDS(FIELD)
#undef FIELD
} bc_trace_layer;

typedef struct bc_trace {
    uint32_t layer_count; /* with the input */
    uint64_t floats;
    bc_trace_layer *layers;
} bc_trace;

static inline uint32_t bc_trace_row(uint32_t source)
{
    return source == BL_INPUT ? 0 : source + 1;
}

int bc_trace_new(const bl_program *program, bc_trace *out, br_error *error);
void bc_trace_free(bc_trace *trace);
/* Copies a map to float `at` of the trace. */
void bc_emit_trace_copy(bc_emit *e, bc_value trace, uint32_t at, bc_value from, const br_map *map);
bc_value bc_emit_trace_table(bc_emit *e, const bc_trace *trace, const bl_program *program); /* NULL: out of memory */

/* uint32_t (const float *trace, uint32_t neuron, float *bounds, float *adds): one neuron's connections, how many of
 * them are live, their signed bounds and what they add to the drive. Returns the function. */
typedef struct bc_connections_user {
    const bc_layer_plan *layer;
    const bc_trace_layer *row;
    bc_value bounds;
    const bc_tables *tables;
} bc_connections_user;
bc_value bc_emit_connections(bc_emit *e, const bc_connections_user *u, const char *name);

/* Read-only data, aligned for vectors. */
bc_value bc_constant_f32(bc_emit *e, const float *values, uint64_t count, const char *name);
bc_value bc_constant_bytes(bc_emit *e, const uint8_t *values, uint64_t count, const char *name);
bc_value bc_constant_i32(bc_emit *e, const uint32_t *values, uint64_t count, const char *name);

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

/* Attributes that tie a function to a processor. */
void bc_tune(bc_emit *e, bc_value function, const bc_target *target);

/* i32 NAME(void): how far along x86-64 .. x86-64-v4 this processor lies, from 1. */
bc_value bc_emit_level(bc_emit *e, const char *name);

#endif
