#include "firmware/quads.h"

#include <string.h>

bc_value bc_arm(bc_emit *e, const char *name, bc_value a, bc_value b, bc_value sum)
{
    bc_value arguments[3] = {a, b, sum};
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    bc_value function = LLVMGetIntrinsicDeclaration(e->module, id, NULL, 0);
    return LLVMBuildCall2(e->builder, LLVMIntrinsicGetType(e->llvm, id, NULL, 0), function, arguments,
                          b == NULL     ? 1
                          : sum == NULL ? 2
                                        : 3,
                          "");
}

bc_value bc_halves(bc_emit *e, bc_value word, bool odd, bool is_signed)
{
    bc_value eight = bc_i32(e, 8);
    if (odd)
        word = LLVMBuildOr(e->builder, LLVMBuildLShr(e->builder, word, eight, ""),
                           LLVMBuildShl(e->builder, word, bc_i32(e, 24), ""), "");
    return bc_arm(e, is_signed ? "llvm.arm.sxtb16" : "llvm.arm.uxtb16", word, NULL, NULL);
}
