#include "firmware/data.h"

#include <stdio.h>
#include <stdlib.h>

void bc_owned_section(bc_owner owner, const char *kind, char *out, size_t size)
{
    snprintf(out, size, "%s.%s%s%s", kind, owner.network, owner.layer ? "." : "", owner.layer ? owner.layer : "");
}

static bc_value constant(bc_emit *e, bc_owner owner, bc_value data, uint32_t align)
{
    char section[512];
    bc_owned_section(owner, e->flash > 0 ? BC_FLASH_DATA : BC_READ_ONLY, section, sizeof section);
    bc_value global = LLVMAddGlobalInAddressSpace(e->module, LLVMTypeOf(data), "data", e->flash);
    LLVMSetInitializer(global, data);
    LLVMSetGlobalConstant(global, 1);
    LLVMSetLinkage(global, LLVMInternalLinkage);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    LLVMSetAlignment(global, align);
    LLVMSetSection(global, section);
    return global;
}

static bc_value none(bc_emit *e)
{
    e->out_of_memory = true;
    return LLVMConstNull(e->ptr);
}

bc_value bc_data_numbers(bc_emit *e, bc_owner owner, const uint32_t *values, uint64_t count, uint32_t bytes)
{
    LLVMTypeRef type = LLVMIntTypeInContext(e->llvm, 8 * bytes);
    bc_value *all = malloc((count ? count : 1) * sizeof *all);
    if (!all)
        return none(e);
    for (uint64_t i = 0; i < count; i++)
        all[i] = LLVMConstInt(type, values[i], 0);
    bc_value global = constant(e, owner, LLVMConstArray(type, all, (unsigned)count), bytes);
    free(all);
    return global;
}

bc_value bc_data_bytes(bc_emit *e, bc_owner owner, const void *values, uint64_t count)
{
    return constant(e, owner, LLVMConstStringInContext(e->llvm, values, (unsigned)count, 1), 4);
}

bc_value bc_data_floats(bc_emit *e, bc_owner owner, const float *values, uint64_t count)
{
    bc_value *all = malloc((count ? count : 1) * sizeof *all);
    if (!all)
        return none(e);
    for (uint64_t i = 0; i < count; i++)
        all[i] = LLVMConstReal(e->f32, (double)values[i]);
    bc_value global = constant(e, owner, LLVMConstArray(e->f32, all, (unsigned)count), 4);
    free(all);
    return global;
}

bc_value bc_owned_function(bc_emit *e, bc_owner owner, const char *text, LLVMTypeRef type)
{
    char name[512], section[512];
    snprintf(name, sizeof name, "%s_%s%s%s", owner.network, owner.layer ? owner.layer : "", owner.layer ? "_" : "",
             text);
    bc_owned_section(owner, BC_TEXT, section, sizeof section);
    e->function = LLVMAddFunction(e->module, name, type);
    LLVMSetSection(e->function, section);
    LLVMSetLinkage(e->function, LLVMInternalLinkage);
    bc_attribute(e, "nounwind", NULL);
    bc_attribute(e, "warn-stack-size", "0"); /* LLVM reports the size of its frame: sizes.c */
    return e->function;
}

bc_value bc_element(bc_emit *e, LLVMTypeRef type, bc_value base, bc_value index)
{
    return LLVMBuildInBoundsGEP2(e->builder, type, base, &index, 1, "");
}

bc_value bc_load_number(bc_emit *e, bc_value base, bc_value index, uint32_t bytes)
{
    LLVMTypeRef type = LLVMIntTypeInContext(e->llvm, 8 * bytes);
    bc_value number = LLVMBuildLoad2(e->builder, type, bc_element(e, type, base, index), "");
    return bytes == 4 ? number : LLVMBuildZExt(e->builder, number, e->i32, "");
}

bc_value bc_load_signed(bc_emit *e, bc_value base, bc_value index)
{
    bc_value byte = LLVMBuildLoad2(e->builder, e->i8, bc_element(e, e->i8, base, index), "");
    return LLVMBuildSExt(e->builder, byte, e->i32, "");
}
