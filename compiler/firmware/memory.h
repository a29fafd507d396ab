/* Scratch memory of one sample. */
#ifndef BC_FIRMWARE_MEMORY_H
#define BC_FIRMWARE_MEMORY_H

#include "firmware/context.h"

/* Chooses the form and the place of every map, and the places of sums. BR_ERROR_CHECK: more than 2 GiB. */
int bc_memory_plan(struct bc_firmware *f, br_error *error);

#endif
