/* Finds the level of the processor at run time, by its cpuid instruction: x86-64, -v2, -v3, -v4 are the levels of the
 * System V ABI. It calls no library function, because the loader runs this code before libraries are ready. */
#include "artefact/dispatch.h"

void bc_set_target_attributes(bc_emit *e, bc_value function, const bc_target *target)
{
    e->function = function;
    bc_attribute(e, "target-cpu", target->cpu);
    if (*target->features)
        bc_attribute(e, "target-features", target->features);
}

enum { EAX, EBX, ECX, EDX };

/* Feature bits that a level requires, register by register. */
typedef struct needs {
    uint32_t leaf1_ecx, leaf7_ebx, extended_ecx, xcr0;
} needs;

static const needs levels[] = {
    {1u << 0 | 1u << 9 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 23, 0, 1u << 0, 0}, /* SSE3 .. POPCNT; LAHF */
    {1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29, 1u << 3 | 1u << 5 | 1u << 8, 1u << 5, 0x06}, /* AVX2, FMA */
    {0, 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31, 0, 0xe6},                                 /* AVX-512 */
};

static void assembly(bc_emit *e, const char *text, const char *operands, const bc_value *in, unsigned count,
                     unsigned results, bc_value *out)
{
    LLVMTypeRef types[4] = {e->i32, e->i32, e->i32, e->i32};
    LLVMTypeRef result = LLVMStructTypeInContext(e->llvm, types, results, 0);
    LLVMTypeRef function = LLVMFunctionType(result, types, count, 0);
    bc_value code = LLVMGetInlineAsm(function, (char *)text, __builtin_strlen(text), (char *)operands,
                                     __builtin_strlen(operands), 1, 0, LLVMInlineAsmDialectATT, 0);
    bc_value all = LLVMBuildCall2(e->builder, function, code, (bc_value *)in, count, "");
    for (unsigned i = 0; i < results; i++)
        out[i] = LLVMBuildExtractValue(e->builder, all, i, "");
}

static void cpuid(bc_emit *e, uint32_t leaf, bc_value out[4])
{
    const bc_value in[2] = {bc_i32(e, leaf), bc_i32(e, 0)};
    assembly(e, "cpuid", "={ax},={bx},={cx},={dx},{ax},{cx},~{dirflag},~{fpsr},~{flags}", in, 2, 4, out);
}

static bc_value has(bc_emit *e, bc_value bits, uint32_t wanted)
{
    return bc_iequal(e, LLVMBuildAnd(e->builder, bits, bc_i32(e, wanted), ""), bc_i32(e, wanted));
}

/* The vector registers that the operating system saves on a task switch (XCR0); 0 if it does not use XSAVE. */
static bc_value saved_registers(bc_emit *e, bc_value leaf1_ecx)
{
    const uint32_t osxsave = 1u << 27;
    bc_value slot = bc_slot(e, e->i32, bc_i32(e, 0), "saved"), out[2], in = bc_i32(e, 0);
    bc_branch known = bc_if(e, has(e, leaf1_ecx, osxsave), "known");
    assembly(e, "xgetbv", "={ax},={dx},{cx},~{dirflag},~{fpsr},~{flags}", &in, 1, 2, out);
    bc_set(e, slot, out[0]);
    bc_endif(e, &known);
    return bc_get(e, e->i32, slot);
}

bc_value bc_emit_level(bc_emit *e, const char *name)
{
    bc_value leaf0[4], leaf1[4], leaf7[4], extended[4];
    e->function = LLVMAddFunction(e->module, name, LLVMFunctionType(e->i32, NULL, 0, 0));
    LLVMSetLinkage(e->function, LLVMInternalLinkage);
    bc_attribute(e, "nounwind", NULL);
    bc_begin(e, name);
    cpuid(e, 0, leaf0);
    cpuid(e, 1, leaf1);
    cpuid(e, 7, leaf7); /* a processor without leaf 7 returns its last leaf */
    cpuid(e, 0x80000001u, extended);
    bc_value seven = bc_select(e, bc_iless(e, leaf0[EAX], bc_i32(e, 7)), bc_i32(e, 0), leaf7[EBX]);
    bc_value saved = saved_registers(e, leaf1[ECX]);
    bc_value level = bc_i32(e, 1), all = LLVMConstInt(e->i1, 1, 0);
    for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++) {
        all = bc_and(e, all, bc_and(e, has(e, leaf1[ECX], levels[i].leaf1_ecx), has(e, seven, levels[i].leaf7_ebx)));
        all = bc_and(e, all, bc_and(e, has(e, extended[ECX], levels[i].extended_ecx), has(e, saved, levels[i].xcr0)));
        level = bc_iadd(e, level, LLVMBuildZExt(e->builder, all, e->i32, ""));
    }
    LLVMBuildRet(e->builder, level);
    return e->function;
}
