/* The layers of firmware that learn on the device: docs/design/learning.md. */
#ifndef BC_FIRMWARE_LEARN_H
#define BC_FIRMWARE_LEARN_H

#include "firmware/sums.h"

/* Places the bounds of each layer that learns in the state, behind two numbers that tell the model and the rates, and
 * returns its bytes. 0: nothing learns. */
uint64_t bc_small_state_place(struct bc_firmware *f);

/* Emits a step of the layers that learn towards `label`, after its drives were left in scratch memory, at the place of `e`. */
void bc_emit_small_step(bc_emit *e, const struct bc_firmware *f, const bc_small_arguments *arguments, bc_value label);

/* Emits the bodies of the functions (state): fills in a state; returns, as an i32, whether it fits. */
void bc_emit_state_begin(bc_emit *e, const struct bc_firmware *f, bc_value state);
bc_value bc_emit_state_fits(bc_emit *e, const struct bc_firmware *f, bc_value state);

#endif
