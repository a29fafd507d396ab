/* Global constants of a module. */
#ifndef BC_CONSTANTS_H
#define BC_CONSTANTS_H

#include "emit/emit.h"

/* Any constant. `linkage` decides whether it is visible outside the module. */
bc_value bc_constant(bc_emit *e, bc_value data, const char *name, LLVMLinkage linkage);

bc_value bc_constant_text(bc_emit *e, const char *text, const char *name); /* zero-terminated */

/* Arrays, aligned for vectors. If memory runs out, they set e->out_of_memory; so does an array of doubles for which the
 * caller's memory ran out (NULL). */
bc_value bc_constant_f64(bc_emit *e, const double *values, uint64_t count, const char *name);
bc_value bc_constant_f32(bc_emit *e, const float *values, uint64_t count, const char *name);
bc_value bc_constant_bytes(bc_emit *e, const uint8_t *values, uint64_t count, const char *name);
bc_value bc_constant_i32(bc_emit *e, const uint32_t *values, uint64_t count, const char *name);

#endif
