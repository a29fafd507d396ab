/* Rows whose bounds have four bits. */
#ifndef BC_FIRMWARE_CODES_H
#define BC_FIRMWARE_CODES_H

#include "firmware/sums.h"

/* Where a row holds the level of a connection: a byte of all rows, and which half of it; 0: the lower one. */
typedef struct bc_code_place {
    uint64_t byte;
    uint32_t half;
} bc_code_place;

/* The place of entry `entry`, a neuron of a row of `pitch`. Two neighbours share a byte. With `words`, for cores that
 * compute four bytes at once, the lower halves of a word hold four neurons, the upper ones the next four; what is left
 * of a row lies in bytes as without. */
bc_code_place bc_code_place_of(bool words, uint32_t pitch, uint64_t entry);

/* Adds what the connections of row `row` (i32) carry from an input of `o` quanta (i32, above 0) to the sums. */
void bc_add_codes(bc_emit *e, const bc_small_sums *c, bc_value o, bc_value row);

#endif
