/* From a plan to machine code: emits the selected kernels, optimises the module, and writes an object file or
 * assembly. */
#ifndef BC_OBJECT_H
#define BC_OBJECT_H

#include "codegen/module.h"

/* The caller disposes of `out`. */
int bc_object_make(const bc_plan *plan, const bc_selection *selection, int level, LLVMCodeGenFileType type,
                   LLVMMemoryBufferRef *out, br_error *error);

#endif
