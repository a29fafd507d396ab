/* The trace of one sample: drives and activations of every layer. */
#ifndef BC_TRACE_H
#define BC_TRACE_H

#include "bouton/compiler.h"
#include "emit/emit.h"

/* A trace is one array of floats without padding. Row 0 of its table describes the input, row l + 1 layer l. struct
 * bouton_layer in the C header has the same fields. */
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
    uint32_t layer_count; /* including the input */
    uint64_t floats;
    bc_trace_layer *layers;
} bc_trace;

static inline uint32_t bc_trace_row(uint32_t source)
{
    return source == BT_INPUT ? 0 : source + 1;
}

int bc_trace_new(const bl_program *program, bc_trace *out, br_error *error);
void bc_trace_free(bc_trace *trace);
/* Copies a map to float number `at` of the trace. */
void bc_emit_trace_copy(bc_emit *e, bc_value trace, uint32_t at, bc_value from, const br_map *map);
bc_value bc_emit_trace_table(bc_emit *e, const bc_trace *trace, const bl_program *program); /* NULL: out of memory */

#endif
