/* Compiles kernels on several threads. Modules are independent of each other, and the code of a kernel does not depend
 * on the other kernels of its module. */
#ifndef BC_PARTS_H
#define BC_PARTS_H

#include "codegen/object.h"

enum { BC_MOST_PARTS = 4 };

typedef struct bc_objects {
    uint32_t count;
    LLVMMemoryBufferRef parts[BC_MOST_PARTS]; /* NULL: the caller took it */
} bc_objects;

int bc_objects_make(const bc_plan *plan, const bc_selection *selection, int level, bc_objects *out, br_error *error);
void bc_objects_free(bc_objects *objects);

#endif
