/* Object code, loaded into this process. */
#ifndef BC_JIT_H
#define BC_JIT_H

#include <llvm-c/TargetMachine.h>

#include "bouton/compiler.h"

typedef struct bc_jit bc_jit;

/* `watched`: debuggers are told of what is loaded. */
int bc_jit_new(bool watched, bc_jit **out, br_error *error);

/* Takes the object (a memory buffer) over, also on failure. */
int bc_jit_add(bc_jit *jit, LLVMMemoryBufferRef object, br_error *error);
int bc_jit_find(bc_jit *jit, const char *name, br_kernel **out, br_error *error);
/* Every function added, by address, as bc_code_functions says. */
void bc_jit_functions(const bc_jit *jit, FILE *to);
void bc_jit_free(bc_jit *jit);

#endif
