#include "artefact/constants.h"

#include <stdlib.h>
#include <string.h>

enum { WIDEST_VECTOR = 64 }; /* bytes */

bc_value bc_constant(bc_emit *e, bc_value data, const char *name, LLVMLinkage linkage)
{
    bc_value global = LLVMAddGlobal(e->module, LLVMTypeOf(data), name);
    LLVMSetInitializer(global, data);
    LLVMSetGlobalConstant(global, 1);
    LLVMSetLinkage(global, linkage);
    return global;
}

/* Stands for a constant that did not fit into memory. The module is discarded later. */
static bc_value no_constant(bc_emit *e)
{
    e->out_of_memory = true;
    return LLVMConstNull(e->ptr);
}

/* Arrays are aligned for the vectors of every processor. Nothing depends on their addresses, so LLVM may merge equal
 * ones. */
static bc_value array(bc_emit *e, bc_value data, const char *name)
{
    bc_value global = bc_constant(e, data, name, LLVMInternalLinkage);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    LLVMSetAlignment(global, WIDEST_VECTOR);
    return global;
}

bc_value bc_constant_f64(bc_emit *e, const double *values, uint64_t count, const char *name)
{
    LLVMTypeRef type = LLVMDoubleTypeInContext(e->llvm);
    bc_value *all = values ? malloc((count ? count : 1) * sizeof(bc_value)) : NULL;
    if (!all)
        return no_constant(e);
    for (uint64_t i = 0; i < count; i++)
        all[i] = LLVMConstReal(type, values[i]);
    bc_value global = array(e, LLVMConstArray(type, all, (unsigned)count), name);
    free(all);
    return global;
}

bc_value bc_constant_f32(bc_emit *e, const float *values, uint64_t count, const char *name)
{
    bc_value *all = malloc((count ? count : 1) * sizeof(bc_value));
    if (!all)
        return no_constant(e);
    for (uint64_t i = 0; i < count; i++)
        all[i] = LLVMConstReal(e->f32, (double)values[i]);
    bc_value global = array(e, LLVMConstArray(e->f32, all, (unsigned)count), name);
    free(all);
    return global;
}

bc_value bc_constant_i32(bc_emit *e, const uint32_t *values, uint64_t count, const char *name)
{
    bc_value *all = malloc((count ? count : 1) * sizeof(bc_value));
    if (!all)
        return no_constant(e);
    for (uint64_t i = 0; i < count; i++)
        all[i] = bc_i32(e, values[i]);
    bc_value global = array(e, LLVMConstArray(e->i32, all, (unsigned)count), name);
    free(all);
    return global;
}

bc_value bc_constant_bytes(bc_emit *e, const uint8_t *values, uint64_t count, const char *name)
{
    return array(e, LLVMConstStringInContext(e->llvm, (const char *)values, (unsigned)count, 1), name);
}

bc_value bc_constant_text(bc_emit *e, const char *text, const char *name)
{
    bc_value data = LLVMConstStringInContext(e->llvm, text, (unsigned)strlen(text), 0);
    return bc_constant(e, data, name, LLVMPrivateLinkage);
}
