/* The functions that a firmware calls. */
#ifndef BC_FIRMWARE_ANSWER_H
#define BC_FIRMWARE_ANSWER_H

#include "firmware/context.h"

/* Writes f->module: the layers, the walk through them, and the two exported functions. */
int bc_firmware_emit(struct bc_firmware *f, br_error *error);

#endif
