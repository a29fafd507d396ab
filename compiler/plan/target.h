/* Compilation targets: processor, features, vector width, and LLVM's target machine. */
#ifndef BC_TARGET_H
#define BC_TARGET_H

#include <llvm-c/TargetMachine.h>

#include "bouton/compiler.h"

typedef struct bc_target {
    char *triple, *cpu, *features; /* allocated by LLVM; bc_target_free */
    uint32_t lanes;                /* floats in the widest vector */
    bool bare;                     /* a machine without an operating system: */
    bool fpu;                      /* it has a floating-point unit */
    uint32_t simd;                 /* values of 32 bits in its vectors; 1: it has none */
    bool quads;                    /* it has Arm's instructions for four bytes in a register (DSP) */
    bool avr;                      /* constants have addresses of their own, in flash; registers hold bytes */
    bool dot;                      /* has a dot product of four bytes for each lane: AVX-512 VNNI or AVX-VNNI */
} bc_target;

/* Looks up a machine and a processor in the tables of target.c, as bc_options names them. NULL: this machine; native.
 * BR_ERROR_USAGE: an unknown name. On failure *out is empty. */
int bc_target_find(const char *machine, const char *cpu, bc_target *out, br_error *error);
void bc_target_free(bc_target *target);

/* Initialises LLVM's code generator for this machine. Further calls do nothing. */
void bc_target_start(void);

/* Makes LLVM's target machine, which the caller disposes of. `level`: optimisation, 0 .. 3. BR_ERROR_FAULT: LLVM
 * fails. */
int bc_target_machine(const bc_target *target, int level, LLVMTargetMachineRef *out, br_error *error);

/* Whether the target is of this machine's kind, so that the system's linker can link its code. */
bool bc_target_is_here(const bc_target *target);

/* 1 .. 4 for x86-64 .. x86-64-v4; 0: the processor is not an x86-64. */
uint32_t bc_target_level(const bc_target *target);

#endif
