/* The machine code is made for. */
#include "target.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <stdlib.h>
#include <string.h>

#include "bouton/lang.h"

/* Processor levels a person can ask for by name, beside "native"; lanes: floats in a vector. */
#define BC_CPU_LEVELS(X)                                                                                               \
    X("x86-64", 4)                                                                                                     \
    X("x86-64-v2", 4)                                                                                                  \
    X("x86-64-v3", 8)                                                                                                  \
    X("x86-64-v4", 16)

static const struct {
    const char *name;
    uint32_t lanes;
} levels[] = {
#define LEVEL(name, lanes) {name, lanes},
    BC_CPU_LEVELS(LEVEL)
#undef LEVEL
};

enum { LEVEL_COUNT = sizeof levels / sizeof *levels };

static uint32_t lanes_of_features(const char *features)
{
    if (strstr(features, "+avx512f") && strstr(features, "+avx512vl") && strstr(features, "+avx512dq"))
        return 16;
    return strstr(features, "+avx2") ? 8 : 4;
}

static bool dot_of_features(const char *features, uint32_t lanes)
{
    return (lanes == 16 && strstr(features, "+avx512vnni")) || (lanes == 8 && strstr(features, "+avxvnni"));
}

static char *copied(const char *text)
{
    return LLVMCreateMessage(text);
}

static int find_level(const char *cpu, bc_target *out, br_error *error)
{
    const char *names[LEVEL_COUNT + 2] = {"native", "generic"};
    for (size_t i = 0; i < LEVEL_COUNT; i++) {
        names[i + 2] = levels[i].name;
        if (strcmp(cpu, levels[i].name) != 0)
            continue;
        if (strncmp(out->triple, "x86_64", 6) != 0)
            return br_fail(error, BR_ERROR_USAGE,
                           "processor '%s' is not one of this machine (%s); use native or generic", cpu, out->triple);
        out->cpu = copied(cpu);
        out->features = copied("");
        out->lanes = levels[i].lanes;
        return 0;
    }
    const char *near = bl_nearest(cpu, names, LEVEL_COUNT + 2);
    return br_fail(error, BR_ERROR_USAGE, "unknown processor '%s'; %s%s%s", cpu, near ? "did you mean '" : "known are ",
                   near ? near : "native, generic, x86-64, x86-64-v2, x86-64-v3, x86-64-v4", near ? "'?" : "");
}

int bc_target_find(const char *cpu, bc_target *out, br_error *error)
{
    memset(out, 0, sizeof *out);
    out->triple = LLVMGetDefaultTargetTriple();
    if (!cpu || strcmp(cpu, "native") == 0) {
        out->cpu = LLVMGetHostCPUName();
        out->features = LLVMGetHostCPUFeatures();
        out->lanes = lanes_of_features(out->features);
        out->dot = dot_of_features(out->features, out->lanes);
        return 0;
    }
    if (strcmp(cpu, "generic") == 0) {
        bool x86 = strncmp(out->triple, "x86_64", 6) == 0;
        out->cpu = copied(x86 ? "x86-64" : "generic");
        out->features = copied("");
        out->lanes = 4;
        return 0;
    }
    if (find_level(cpu, out, error) == 0)
        return 0;
    bc_target_free(out);
    return -1;
}

void bc_target_free(bc_target *target)
{
    if (target->triple)
        LLVMDisposeMessage(target->triple);
    if (target->cpu)
        LLVMDisposeMessage(target->cpu);
    if (target->features)
        LLVMDisposeMessage(target->features);
    memset(target, 0, sizeof *target);
}

void bc_target_start(void)
{
    LLVMInitializeNativeTarget();
    LLVMInitializeNativeAsmPrinter();
    LLVMInitializeNativeAsmParser();
}

int bc_target_machine(const bc_target *target, int level, LLVMTargetMachineRef *out, br_error *error)
{
    bc_target_start();
    LLVMTargetRef llvm_target;
    char *reason = NULL;
    if (LLVMGetTargetFromTriple(target->triple, &llvm_target, &reason)) {
        br_fail(error, BR_ERROR_FAULT, "LLVM has no code generator for %s: %s", target->triple, reason);
        LLVMDisposeMessage(reason);
        return -1;
    }
    static const LLVMCodeGenOptLevel effort[] = {LLVMCodeGenLevelNone, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault,
                                                 LLVMCodeGenLevelAggressive};
    *out = LLVMCreateTargetMachine(llvm_target, target->triple, target->cpu, target->features,
                                   effort[level < 0   ? 0
                                          : level > 3 ? 3
                                                      : level],
                                   LLVMRelocPIC, LLVMCodeModelDefault);
    if (!*out)
        return br_fail(error, BR_ERROR_FAULT, "LLVM can't make code for %s, %s", target->triple, target->cpu);
    return 0;
}
