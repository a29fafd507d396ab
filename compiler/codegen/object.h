/* From a plan to machine code: a module of the selected kernels, optimised, and made into an object or a text. */
#ifndef BC_OBJECT_H
#define BC_OBJECT_H

#include "codegen/module.h"

/* `out` is the caller's to dispose of. */
int bc_object_make(const bc_plan *plan, const bc_selection *selection, int level, LLVMCodeGenFileType type,
                   LLVMMemoryBufferRef *out, br_error *error);

#endif
