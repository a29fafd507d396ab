/* A range of raw values for each column, as the schema of a model has them: br_scaled of runtime/data/scaling.c as
 * emitted code, with the same operations in the same order. */
#ifndef BC_RANGES_H
#define BC_RANGES_H

#include "bouton/compiler.h"
#include "emit/emit.h"

typedef struct bc_ranges {
    uint32_t count;       /* columns; 0: one range for all values, which is not described here */
    bool channels;        /* columns are channels; otherwise the values of a sample */
    bool centred;         /* into [-1, 1], otherwise into [0, 1] */
    bc_value lows, spans; /* doubles [count], for channels [count + lanes] with the first ones repeated */
} bc_ranges;

/* BR_ERROR_CHECK: the schema has neither a range for each value of a sample nor one for each channel. A schema of one
 * range passes. */
int bc_ranges_check(const br_schema *schema, const bl_input *input, br_error *error);

/* The constants of a schema that was checked, for vectors of up to `lanes` floats. `schema` may be NULL. */
bc_ranges bc_emit_ranges(bc_emit *e, const br_schema *schema, const bl_input *input, uint32_t lanes);

/* `raw`: the float at position `index` of a sample, or the vector that begins there. */
bc_value bc_emit_in_columns(bc_emit *e, const bc_ranges *ranges, bc_value raw, bc_value index);

#endif
