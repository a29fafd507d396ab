/* Object code, loaded into this process. */
#ifndef BC_JIT_H
#define BC_JIT_H

#include <llvm-c/TargetMachine.h>

#include "bouton/compiler.h"

typedef struct bc_jit bc_jit;

/* `watched`: loaded code is registered with debuggers. */
int bc_jit_new(bool watched, bc_jit **out, br_error *error);

/* Takes ownership of the object (a memory buffer), also on failure. */
int bc_jit_add(bc_jit *jit, LLVMMemoryBufferRef object, br_error *error);
int bc_jit_find(bc_jit *jit, const char *name, br_kernel **out, br_error *error);
/* Lists every loaded function by its address, in the format of bc_code_functions. */
void bc_jit_functions(const bc_jit *jit, FILE *to);
void bc_jit_free(bc_jit *jit);

#endif
