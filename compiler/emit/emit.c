/* Emission helpers: the module being written, constants, memory and slots. */
#include "emit/emit.h"

#include <string.h>

#include <llvm-c/DebugInfo.h>

void bc_emit_begin(bc_emit *e, LLVMContextRef llvm, const char *module_name, uint32_t lanes)
{
    memset(e, 0, sizeof *e);
    e->llvm = llvm;
    e->module = LLVMModuleCreateWithNameInContext(module_name, llvm);
    e->builder = LLVMCreateBuilderInContext(llvm);
    e->i1 = LLVMInt1TypeInContext(llvm);
    e->i8 = LLVMInt8TypeInContext(llvm);
    e->i32 = LLVMInt32TypeInContext(llvm);
    e->i64 = LLVMInt64TypeInContext(llvm);
    e->f32 = LLVMFloatTypeInContext(llvm);
    e->ptr = LLVMPointerTypeInContext(llvm, 0);
    e->none = LLVMVoidTypeInContext(llvm);
    bc_emit_lanes(e, lanes);
}

void bc_emit_lanes(bc_emit *e, uint32_t lanes)
{
    e->lanes = lanes;
    e->vector = lanes == 1 ? e->f32 : LLVMVectorType(e->f32, lanes);
    e->vector_i32 = lanes == 1 ? e->i32 : LLVMVectorType(e->i32, lanes);
    e->vector_i8 = LLVMVectorType(e->i8, 4 * lanes);
}

void bc_emit_end(bc_emit *e)
{
    LLVMDisposeBuilder(e->builder);
    e->builder = NULL;
}

/* ---- constants and memory ---- */

bc_value bc_f32(bc_emit *e, double value)
{
    return LLVMConstReal(e->f32, value);
}

bc_value bc_i32(bc_emit *e, uint32_t value)
{
    return LLVMConstInt(e->i32, value, 0);
}

bc_value bc_splat(bc_emit *e, bc_value scalar)
{
    if (e->lanes == 1)
        return scalar;
    LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(scalar), e->lanes);
    bc_value one = LLVMBuildInsertElement(e->builder, LLVMGetPoison(type), scalar, bc_i32(e, 0), "");
    bc_value zeros = LLVMConstNull(e->vector_i32);
    return LLVMBuildShuffleVector(e->builder, one, LLVMGetPoison(type), zeros, "");
}

bc_value bc_splat_f32(bc_emit *e, double value)
{
    return bc_splat(e, bc_f32(e, value));
}

bc_value bc_f32_like(bc_emit *e, bc_value like, double value)
{
    return LLVMTypeOf(like) == e->f32 ? bc_f32(e, value) : bc_splat_f32(e, value);
}

bc_value bc_offset(bc_emit *e, bc_value base, uint64_t bytes)
{
    bc_value at = LLVMConstInt(e->i64, bytes, 0);
    return LLVMBuildInBoundsGEP2(e->builder, LLVMInt8TypeInContext(e->llvm), base, &at, 1, "");
}

bc_value bc_field(bc_emit *e, bc_value state, size_t offset, LLVMTypeRef type, const char *name)
{
    return LLVMBuildLoad2(e->builder, type, bc_offset(e, state, offset), name);
}

static bc_value element(bc_emit *e, LLVMTypeRef type, bc_value base, bc_value index)
{
    bc_value wide = LLVMBuildZExt(e->builder, index, e->i64, "");
    return LLVMBuildInBoundsGEP2(e->builder, type, base, &wide, 1, "");
}

bc_value bc_row(bc_emit *e, LLVMTypeRef type, bc_value base, bc_value index, uint64_t stride)
{
    bc_value wide = LLVMBuildZExt(e->builder, index, e->i64, "");
    bc_value offset = LLVMBuildMul(e->builder, wide, LLVMConstInt(e->i64, stride, 0), "");
    return LLVMBuildInBoundsGEP2(e->builder, type, base, &offset, 1, "");
}

bc_value bc_block(bc_emit *e, bc_value base, bc_value block)
{
    return bc_row(e, e->f32, base, block, e->lanes);
}

bc_value bc_row_by(bc_emit *e, LLVMTypeRef type, bc_value base, bc_value index, bc_value stride)
{
    bc_value wide = LLVMBuildZExt(e->builder, index, e->i64, "");
    bc_value wide_stride = LLVMBuildZExt(e->builder, stride, e->i64, "");
    bc_value offset = LLVMBuildMul(e->builder, wide, wide_stride, "");
    return LLVMBuildInBoundsGEP2(e->builder, type, base, &offset, 1, "");
}

bc_value bc_load_f32(bc_emit *e, bc_value base, bc_value index)
{
    return LLVMBuildLoad2(e->builder, e->f32, element(e, e->f32, base, index), "");
}

static void call_attribute(bc_emit *e, bc_value call, const char *name, uint64_t value)
{
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(e->llvm, kind, value));
}

/* Loads an integer into all lanes and reinterprets it as a float. Zen 4 broadcasts an integer while loading it, but a
 * 512-bit broadcast of a float also occupies one of the two multiplication pipes (28 G/s instead of 37 in the loop of
 * the dense method). LLVM would turn the integer load into a float load, so it is hidden in inline assembly. */
bc_value bc_load_splat(bc_emit *e, bc_value base, bc_value index)
{
    enum { READS_ARGUMENTS = 1 }; /* memory(argmem: read) */
    static const char code[] = "vpbroadcastd $1, $0", operands[] = "=v,*m";
    if (e->lanes != 16)
        return bc_splat(e, bc_load_f32(e, base, index));
    LLVMTypeRef type = LLVMFunctionType(e->vector, &e->ptr, 1, 0);
    bc_value from = element(e, e->f32, base, index);
    bc_value spread =
        LLVMGetInlineAsm(type, code, strlen(code), operands, strlen(operands), 0, 0, LLVMInlineAsmDialectATT, 0);
    bc_value value = LLVMBuildCall2(e->builder, type, spread, &from, 1, "");
    unsigned kind = LLVMGetEnumAttributeKindForName("elementtype", strlen("elementtype"));
    LLVMAddCallSiteAttribute(value, 1, LLVMCreateTypeAttribute(e->llvm, kind, e->f32));
    call_attribute(e, value, "nounwind", 0);
    call_attribute(e, value, "willreturn", 0);
    call_attribute(e, value, "memory", READS_ARGUMENTS);
    return value;
}

bc_value bc_load_i32(bc_emit *e, bc_value base, bc_value index)
{
    return LLVMBuildLoad2(e->builder, e->i32, element(e, e->i32, base, index), "");
}

void bc_store_f32(bc_emit *e, bc_value base, bc_value index, bc_value value)
{
    LLVMBuildStore(e->builder, value, element(e, e->f32, base, index));
}

void bc_store_i32(bc_emit *e, bc_value base, bc_value index, bc_value value)
{
    LLVMBuildStore(e->builder, value, element(e, e->i32, base, index));
}

/* Every vector access is aligned: arrays start at multiples of 64 bytes and rows are padded to whole vectors. */
bc_value bc_load_vector(bc_emit *e, bc_value base, bc_value index)
{
    bc_value load = LLVMBuildLoad2(e->builder, e->vector, element(e, e->f32, base, index), "");
    LLVMSetAlignment(load, e->lanes * 4);
    return load;
}

void bc_prefetch(bc_emit *e, bc_value base, uint32_t floats, uint32_t vectors)
{
    enum { READ = 0, NEAR = 3, DATA = 1 };
    const char *name = "llvm.prefetch";
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    bc_value function = LLVMGetIntrinsicDeclaration(e->module, id, &e->ptr, 1);
    for (uint32_t i = 0; i < vectors; i++) {
        bc_value arguments[4] = {element(e, e->f32, base, bc_i32(e, floats + i * e->lanes)), bc_i32(e, READ),
                                 bc_i32(e, NEAR), bc_i32(e, DATA)};
        LLVMBuildCall2(e->builder, LLVMIntrinsicGetType(e->llvm, id, &e->ptr, 1), function, arguments, 4, "");
    }
}

void bc_store_vector(bc_emit *e, bc_value base, bc_value index, bc_value value)
{
    bc_value store = LLVMBuildStore(e->builder, value, element(e, e->f32, base, index));
    LLVMSetAlignment(store, e->lanes * 4);
}

bc_value bc_load_unaligned(bc_emit *e, bc_value base, bc_value index)
{
    bc_value load = LLVMBuildLoad2(e->builder, e->vector, element(e, e->f32, base, index), "");
    LLVMSetAlignment(load, sizeof(float));
    return load;
}

bc_value bc_load_indices(bc_emit *e, bc_value base, bc_value index)
{
    bc_value load = LLVMBuildLoad2(e->builder, e->vector_i32, element(e, e->i32, base, index), "");
    LLVMSetAlignment(load, sizeof(uint32_t));
    return load;
}

bc_value bc_gather(bc_emit *e, bc_value base, bc_value indices)
{
    static const char name[] = "llvm.masked.gather";
    bc_value wide = LLVMBuildZExt(e->builder, indices, LLVMVectorType(e->i64, e->lanes), "");
    bc_value places = LLVMBuildGEP2(e->builder, e->f32, base, &wide, 1, "");
    LLVMTypeRef types[2] = {e->vector, LLVMTypeOf(places)};
    unsigned id = LLVMLookupIntrinsicID(name, sizeof name - 1);
    bc_value all = LLVMConstAllOnes(LLVMVectorType(e->i1, e->lanes));
    bc_value arguments[4] = {places, bc_i32(e, sizeof(float)), all, LLVMGetPoison(e->vector)};
    return LLVMBuildCall2(e->builder, LLVMIntrinsicGetType(e->llvm, id, types, 2),
                          LLVMGetIntrinsicDeclaration(e->module, id, types, 2), arguments, 4, "");
}

void bc_store_unaligned(bc_emit *e, bc_value base, bc_value index, bc_value value)
{
    bc_value store = LLVMBuildStore(e->builder, value, element(e, e->f32, base, index));
    LLVMSetAlignment(store, sizeof(float));
}

void bc_zero_f32(bc_emit *e, bc_value base, bc_value index, bc_value count)
{
    bc_value bytes = LLVMBuildMul(e->builder, LLVMBuildZExt(e->builder, count, e->i64, ""),
                                  LLVMConstInt(e->i64, sizeof(float), 0), "");
    bc_value zero = LLVMConstInt(LLVMInt8TypeInContext(e->llvm), 0, 0);
    LLVMBuildMemSet(e->builder, element(e, e->f32, base, index), zero, bytes, sizeof(float));
}

/* ---- slots ---- */

bc_spot bc_to_entry(bc_emit *e)
{
    bc_spot here = {LLVMGetInsertBlock(e->builder), LLVMGetCurrentDebugLocation2(e->builder)};
    LLVMPositionBuilder(e->builder, e->entry, LLVMGetFirstInstruction(e->entry));
    LLVMSetCurrentDebugLocation2(e->builder, here.line);
    return here;
}

void bc_return_to(bc_emit *e, bc_spot spot)
{
    LLVMPositionBuilderAtEnd(e->builder, spot.block);
    LLVMSetCurrentDebugLocation2(e->builder, spot.line);
}

bc_value bc_slot(bc_emit *e, LLVMTypeRef type, bc_value initial, const char *name)
{
    /* In the entry block, where the pass that promotes slots to registers looks for them. */
    bc_spot here = bc_to_entry(e);
    bc_value slot = LLVMBuildAlloca(e->builder, type, name);
    bc_return_to(e, here);
    bc_set(e, slot, initial);
    return slot;
}

bc_value bc_stack_buffer(bc_emit *e, uint32_t floats, const char *name)
{
    bc_spot here = bc_to_entry(e);
    bc_value buffer = LLVMBuildAlloca(e->builder, LLVMArrayType(e->f32, floats), name);
    LLVMSetAlignment(buffer, 64);
    bc_return_to(e, here);
    return buffer;
}

bc_value bc_get(bc_emit *e, LLVMTypeRef type, bc_value slot)
{
    return LLVMBuildLoad2(e->builder, type, slot, "");
}

void bc_set(bc_emit *e, bc_value slot, bc_value value)
{
    LLVMBuildStore(e->builder, value, slot);
}
