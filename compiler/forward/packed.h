/* Packed bounds: where the numbers of a stretch lie. */
#ifndef BC_PACKED_H
#define BC_PACKED_H

#include "forward/forward.h"

/* Floats of a run of `rows` rows of one vector block. */
uint64_t bc_packed_run_floats(const bc_kernel *k, uint32_t rows);

/* The addresses of a stretch of a run, which starts with its sum of w alpha; and of alpha of one of its inputs, which
 * the vector w follows. */
bc_value bc_stretch_at(bc_emit *e, const bc_kernel *k, bc_value run, bc_value number);
bc_value bc_pair_at(bc_emit *e, bc_value stretch, bc_value input);

#endif
