/* Machine code of many kernels, made by several threads: modules know nothing of each other, and a kernel's code does
 * not depend on what stands beside it. */
#ifndef BC_PARTS_H
#define BC_PARTS_H

#include "codegen/object.h"

enum { BC_MOST_PARTS = 4 };

typedef struct bc_objects {
    uint32_t count;
    LLVMMemoryBufferRef parts[BC_MOST_PARTS]; /* NULL: given away */
} bc_objects;

int bc_objects_make(const bc_plan *plan, const bc_selection *selection, int level, bc_objects *out, br_error *error);
void bc_objects_free(bc_objects *objects);

#endif
