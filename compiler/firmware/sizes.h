/* Sizes of what was built, read from the object itself. */
#ifndef BC_FIRMWARE_SIZES_H
#define BC_FIRMWARE_SIZES_H

#include "firmware/context.h"

/* The frames of functions, as LLVM reports them while it makes code. */
typedef struct bc_frames {
    uint32_t count, capacity;
    struct bc_frame {
        char name[300];
        uint64_t bytes;
    } * all;
    bool out_of_memory;
} bc_frames;

/* Collects the frames of the code that is made in this context until bc_frames_end. */
void bc_frames_begin(LLVMContextRef llvm, bc_frames *frames);
void bc_frames_end(LLVMContextRef llvm, bc_frames *frames);

/* Most bytes of stack that an exported function takes: the deepest chain of calls in the module. */
uint64_t bc_stack_bound(const struct bc_firmware *f, const bc_frames *frames);

/* Fills in the sizes of facts and layers from f->object. BR_ERROR_FAULT: the object can't be read. BR_ERROR_CHECK: it
 * needs a function that it does not hold. */
int bc_sizes_read(struct bc_firmware *f, br_error *error);

#endif
