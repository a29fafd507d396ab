/* The machine that code is made for: processor, features, vector width, and LLVM's target machine. */
#ifndef BC_TARGET_H
#define BC_TARGET_H

#include <llvm-c/TargetMachine.h>

#include "bouton/compiler.h"

typedef struct bc_target {
    char *triple, *cpu, *features; /* LLVM's strings */
    uint32_t lanes;                /* floats in the widest vector */
    bool dot;                      /* has a dot product of four bytes: AVX-512 VNNI, AVX-VNNI */
} bc_target;

/* Looks up "native", "generic" or a processor level of the tables in target.c; `machine` NULL: this one. */
int bc_target_find(const char *machine, const char *cpu, bc_target *out, br_error *error);
void bc_target_free(bc_target *target);

/* Initialises LLVM's code generator for this machine. A second call does nothing. */
void bc_target_start(void);

int bc_target_machine(const bc_target *target, int level, LLVMTargetMachineRef *out, br_error *error);

/* Whether the target's code is of this machine's kind, so that the system's own tools can link it. */
bool bc_target_is_here(const bc_target *target);

/* The level of a processor: 1 for x86-64 to 4 for x86-64-v4; 0 for another kind of processor. */
uint32_t bc_target_level(const bc_target *target);

#endif
