/* Compilation targets: the tables of machines and processors, and LLVM's target machines. */
#include "plan/target.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <stdlib.h>
#include <string.h>

#include "bouton/lang.h"

/* Processor levels that a user may name, beside "native" and "generic", and the lanes of each: floats in a vector. */
#define BC_CPU_LEVELS(X)                                                                                               \
    X("x86-64", 4)                                                                                                     \
    X("x86-64-v2", 4)                                                                                                  \
    X("x86-64-v3", 8)                                                                                                  \
    X("x86-64-v4", 16)

/* Machines that a user may name as a target: name, LLVM's triple, processor and features. Vectors have four floats. */
#define BC_MACHINES(X)                                                                                                 \
    X("x86_64", "x86_64-unknown-linux-gnu", "x86-64", "")                                                              \
    X("aarch64", "aarch64-unknown-linux-gnu", "generic", "+neon")                                                      \
    X("armhf", "armv7-unknown-linux-gnueabihf", "generic", "+neon,+vfp4")                                              \
    X("riscv64", "riscv64-unknown-linux-gnu", "generic-rv64", "+m,+a,+f,+d,+c")                                        \
    X("ppc64le", "powerpc64le-unknown-linux-gnu", "ppc64le", "+altivec,+vsx")                                          \
    X("wasm32", "wasm32-unknown-unknown", "generic", "+simd128,+bulk-memory")

/* Machines without an operating system: name, LLVM's triple, processor and features, values of 32 bits in its vectors,
 * whether it has a floating-point unit, and instructions for four bytes. Plans have one lane: kernels for vectors are a
 * matter of firmware/. Linkers take objects of the ATmega328P for all AVRs with 16 to 128 KiB of flash. */
#define BC_BARE_MACHINES(X)                                                                                            \
    X("thumbv6m", "thumbv6m-none-eabi", "cortex-m0", "", 1, false, false)                                              \
    X("thumbv7m", "thumbv7m-none-eabi", "cortex-m3", "", 1, false, false)                                              \
    X("thumbv7em", "thumbv7em-none-eabihf", "cortex-m4", "", 1, true, true)                                            \
    X("thumbv8m.main", "thumbv8m.main-none-eabihf", "cortex-m33", "", 1, true, true)                                   \
    X("thumbv8.1m.main", "thumbv8.1m.main-none-eabihf", "cortex-m55", "", 4, true, false)                              \
    X("riscv32imc", "riscv32-unknown-none-elf", "generic-rv32", "+m,+c", 1, false, false)                              \
    X("riscv32imfc", "riscv32-unknown-none-elf", "generic-rv32", "+m,+f,+c", 1, true, false)                           \
    X("avr", "avr-unknown-none", "atmega328p", "", 1, false, false)

static const struct {
    const char *name, *triple, *cpu, *features;
    uint32_t simd; /* 0: not bare */
    bool fpu, quads;
} machines[] = {
#define MACHINE(name, triple, cpu, features)                {name, triple, cpu, features, 0, true, false},
#define BARE(name, triple, cpu, features, simd, fpu, quads) {name, triple, cpu, features, simd, fpu, quads},
    BC_MACHINES(MACHINE) BC_BARE_MACHINES(BARE)
#undef MACHINE
#undef BARE
};

enum { MACHINE_COUNT = sizeof machines / sizeof *machines };

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

/* Golden Cove, the first processor with AVX512-FP16, waits for the register that vrangeps overwrites: sums would take up
 * to four cycles for a vector instead of one and a half. LLVM clears the register first if it is told. */
static void tell_false_dependencies(bc_target *out)
{
    static const char more[] = "+false-deps-range";
    if (!out->features || out->lanes != 16)
        return;
    size_t size = strlen(out->features) + sizeof more + 1;
    char *all = malloc(size);
    if (all)
        snprintf(all, size, "%s%s%s", out->features, *out->features ? "," : "", more);
    LLVMDisposeMessage(out->features);
    out->features = all ? copied(all) : NULL; /* bc_target_find reports NULL */
    free(all);
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
        tell_false_dependencies(out);
        return 0;
    }
    const char *near = bl_nearest(cpu, names, LEVEL_COUNT + 2);
    return br_fail(error, BR_ERROR_USAGE, "unknown processor '%s'; %s%s%s", cpu, near ? "did you mean '" : "known are ",
                   near ? near : "native, generic, x86-64, x86-64-v2, x86-64-v3, x86-64-v4", near ? "'?" : "");
}

/* Finds a machine of the table by its name. Its index goes to *found and its triple to out->triple. */
static int find_machine(const char *machine, bc_target *out, size_t *found, br_error *error)
{
    const char *names[MACHINE_COUNT];
    for (*found = 0; *found < MACHINE_COUNT; ++*found) {
        names[*found] = machines[*found].name;
        if (strcmp(machine, names[*found]) == 0)
            break;
    }
    if (*found < MACHINE_COUNT) {
        out->triple = copied(machines[*found].triple);
        return 0;
    }
    char all[256] = "";
    for (size_t i = 0, used = 0; i < MACHINE_COUNT; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", machines[i].name);
    const char *near = bl_nearest(machine, names, MACHINE_COUNT);
    return br_fail(error, BR_ERROR_USAGE, "unknown target '%s'; %s%s%s", machine,
                   near ? "did you mean '" : "known are ", near ? near : all, near ? "'?" : "");
}

/* A named target has the processor of the table. For x86_64, `cpu` may also be one of the levels. */
static int find_foreign(size_t machine, const char *cpu, bc_target *out, br_error *error)
{
    bool generic = !cpu || strcmp(cpu, "generic") == 0, x86 = strncmp(out->triple, "x86_64", 6) == 0;
    if (!generic && x86 && strcmp(cpu, "native") != 0)
        return find_level(cpu, out, error);
    if (!generic)
        return br_fail(error, BR_ERROR_USAGE, "processor '%s' is not one of target %s; use generic", cpu,
                       machines[machine].name);
    out->cpu = copied(machines[machine].cpu);
    out->features = copied(machines[machine].features);
    out->bare = machines[machine].simd > 0;
    out->fpu = machines[machine].fpu;
    out->simd = machines[machine].simd;
    out->quads = machines[machine].quads;
    out->avr = strncmp(out->triple, "avr", 3) == 0;
    out->lanes = out->bare ? 1 : 4;
    return 0;
}

static int find_here(const char *cpu, bc_target *out, br_error *error)
{
    out->triple = LLVMGetDefaultTargetTriple();
    if (!cpu || strcmp(cpu, "native") == 0) {
        out->cpu = LLVMGetHostCPUName();
        out->features = LLVMGetHostCPUFeatures();
        if (!out->features)
            return 0; /* bc_target_find reports it */
        out->lanes = lanes_of_features(out->features);
        out->dot = dot_of_features(out->features, out->lanes);
        if (strstr(out->features, "+avx512fp16"))
            tell_false_dependencies(out);
        return 0;
    }
    if (strcmp(cpu, "generic") == 0) {
        bool x86 = strncmp(out->triple, "x86_64", 6) == 0;
        out->cpu = copied(x86 ? "x86-64" : "generic");
        out->features = copied("");
        out->lanes = 4;
        return 0;
    }
    return find_level(cpu, out, error);
}

int bc_target_find(const char *machine, const char *cpu, bc_target *out, br_error *error)
{
    size_t found;
    memset(out, 0, sizeof *out);
    int status = !machine                                         ? find_here(cpu, out, error)
                 : find_machine(machine, out, &found, error) != 0 ? -1
                                                                  : find_foreign(found, cpu, out, error);
    if (status == 0 && (!out->triple || !out->cpu || !out->features))
        status = br_fail(error, BR_ERROR_FAULT, "out of memory for the name of a processor");
    if (status != 0)
        bc_target_free(out);
    return status;
}

int bc_target_check(const char *target, const char *cpu, br_error *error)
{
    bc_target found;
    if (bc_target_find(target, cpu, &found, error) != 0)
        return -1;
    bc_target_free(&found);
    return 0;
}

bool bc_target_is_bare(const char *target)
{
    for (size_t i = 0; target && i < MACHINE_COUNT; i++)
        if (strcmp(target, machines[i].name) == 0)
            return machines[i].simd > 0;
    return false;
}

bool bc_target_is_here(const bc_target *target)
{
    char *here = LLVMGetDefaultTargetTriple(); /* the vendor, its second part, may differ */
    size_t kind = strcspn(here, "-");
    bool same =
        strncmp(here, target->triple, kind + 1) == 0 && strstr(here, "linux") && strstr(target->triple, "linux");
    LLVMDisposeMessage(here);
    return same;
}

uint32_t bc_target_level(const bc_target *target)
{
    if (strncmp(target->triple, "x86_64", 6) != 0)
        return 0;
    for (uint32_t i = 0; i < LEVEL_COUNT; i++)
        if (strcmp(target->cpu, levels[i].name) == 0)
            return i + 1;
    /* A detected processor: the lowest level with all instructions that its vectors need. */
    return target->lanes == 16 ? 4 : target->lanes == 8 ? 3 : strstr(target->features, "+sse4.2") ? 2 : 1;
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

/* Initialises LLVM for all machines if the target is not this one. */
static void start_others(const bc_target *target)
{
    char *here = LLVMGetDefaultTargetTriple();
    if (strcmp(here, target->triple) != 0) {
        LLVMInitializeAllTargetInfos();
        LLVMInitializeAllTargets();
        LLVMInitializeAllTargetMCs();
        LLVMInitializeAllAsmPrinters();
    }
    LLVMDisposeMessage(here);
}

int bc_target_machine(const bc_target *target, int level, LLVMTargetMachineRef *out, br_error *error)
{
    bc_target_start();
    start_others(target);
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
                                   target->bare ? LLVMRelocStatic : LLVMRelocPIC, LLVMCodeModelDefault);
    if (!*out)
        return br_fail(error, BR_ERROR_FAULT, "LLVM can't make code for %s, %s", target->triple, target->cpu);
    return 0;
}
