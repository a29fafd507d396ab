/* The scratch memory that one sample needs. */
#ifndef BC_SCRATCH_H
#define BC_SCRATCH_H

#include "bouton/compiler.h"

/* Offsets of the arrays of one sample in the caller's scratch memory. Arrays that are not in use at the same time may
 * overlap: time 0 is that of the input, l + 1 that of layer l. */
typedef struct bc_layer_scratch {
    uint64_t joined, live_count, live_index, live_start, live_o, live_q, live_t, input_sum, drive, out, choice;
    uint64_t codes, live; /* of int8 layers */
} bc_layer_scratch;

typedef struct bc_scratch {
    uint64_t input;                        /* activations */
    uint64_t planes, next, sums, bordered; /* of the encodings */
    uint64_t bytes;                        /* total size */
    bc_layer_scratch *layers;
} bc_scratch;

#define BC_SCRATCH_ALIGN 64u

int bc_scratch_new(const bc_plan *plan, bc_scratch *out, br_error *error);
void bc_scratch_free(bc_scratch *scratch);

/* Floats per row of a plane that whitening has extended by a border. */
uint64_t bc_border_pitch(const bl_input *input, const bl_encoding *step, uint32_t lanes);

#endif
