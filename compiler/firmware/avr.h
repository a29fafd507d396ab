/* What LLVM's code generator for AVR leaves to libraries. */
#ifndef BC_FIRMWARE_AVR_H
#define BC_FIRMWARE_AVR_H

#include "firmware/data.h"

/* The address space of an AVR's flash memory: loads from it are `lpm`, which reaches the first 64 KiB. */
#define BC_AVR_FLASH      1
#define BC_AVR_MOST_FLASH 65536u
#define BC_AVR_BEFORE     1024u /* for what linkers put in front of constants: vectors of interrupts */
#define BC_AVR_RETURN     2     /* bytes of stack that a call takes beside the frame */

/* Replaces the products of 32 bits by calls of a function that it adds: the processor multiplies bytes. */
void bc_avr_multiply(bc_emit *e, bc_owner owner);

/* Takes names out of the object's table of symbols that LLVM puts into every one and no code uses: those of start-up code
 * (__do_copy_data, __do_clear_bss) and of registers. NULL: out of memory, or not such an object. The caller disposes of
 * the copy. */
LLVMMemoryBufferRef bc_avr_own_symbols(LLVMMemoryBufferRef object);

#endif
