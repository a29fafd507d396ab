/* Arm's instructions for four bytes of a word. */
#ifndef BC_FIRMWARE_QUADS_H
#define BC_FIRMWARE_QUADS_H

#include "emit/emit.h"

/* The instruction of an intrinsic, of one to three operands; those behind the last are NULL. */
bc_value bc_arm(bc_emit *e, const char *name, bc_value a, bc_value b, bc_value sum);

/* Bytes 0 and 2 of a word as halves, or with `odd` bytes 1 and 3. */
bc_value bc_halves(bc_emit *e, bc_value word, bool odd, bool is_signed);

#endif
