/* Rows whose bounds have four bits. */
#ifndef BC_FIRMWARE_CODES_H
#define BC_FIRMWARE_CODES_H

#include "firmware/sums.h"

/* Adds what the connections of row `row` (i32) carry from an input of `o` quanta (i32, above 0) to the sums. */
void bc_add_codes(bc_emit *e, const bc_small_sums *c, bc_value o, bc_value row);

#endif
