/* Constants of firmware: each in a section that is named after its layer, with no more alignment than it needs. */
#ifndef BC_FIRMWARE_DATA_H
#define BC_FIRMWARE_DATA_H

#include "emit/emit.h"

/* What the constants and functions of a layer are named after. */
typedef struct bc_owner {
    const char *network, *layer; /* layer NULL: the network's own */
} bc_owner;

/* Unsigned numbers in 1, 2 or 4 bytes each. If memory runs out, e->out_of_memory is set; so in all of these. */
bc_value bc_data_numbers(bc_emit *e, bc_owner owner, const uint32_t *values, uint64_t count, uint32_t bytes);
bc_value bc_data_bytes(bc_emit *e, bc_owner owner, const void *values, uint64_t count);
bc_value bc_data_floats(bc_emit *e, bc_owner owner, const float *values, uint64_t count);

/* A function of the owner in a section of its own kind; `text` names it behind the owner. */
bc_value bc_owned_function(bc_emit *e, bc_owner owner, const char *text, LLVMTypeRef type);
/* The name of the section that holds the owner's code or constants. Linkers for AVR copy BC_READ_ONLY into RAM. */
#define BC_TEXT       ".text"
#define BC_READ_ONLY  ".rodata"
#define BC_FLASH_DATA ".progmem.data"
void bc_owned_section(bc_owner owner, const char *kind, char *out, size_t size);

/* Element number `index`, i32, of an array; a load of it; numbers are widened to i32. */
bc_value bc_element(bc_emit *e, LLVMTypeRef type, bc_value base, bc_value index);
bc_value bc_load_number(bc_emit *e, bc_value base, bc_value index, uint32_t bytes);
bc_value bc_load_signed(bc_emit *e, bc_value base, bc_value index); /* a byte */

#endif
