/* Emission helpers: functions, memory, control flow. Arithmetic is in emit_math.c. */
#include "emit/emit.h"

#include <stdio.h>
#include <string.h>

#include <llvm-c/DebugInfo.h>

#include "emit/debug_lines.h"

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
    e->vector = LLVMVectorType(e->f32, lanes);
    e->vector_i32 = LLVMVectorType(e->i32, lanes);
    e->vector_i8 = LLVMVectorType(e->i8, 4 * lanes);
}

void bc_emit_end(bc_emit *e)
{
    LLVMDisposeBuilder(e->builder);
    e->builder = NULL;
}

void bc_attribute(bc_emit *e, const char *key, const char *value)
{
    LLVMAttributeRef attribute;
    if (value)
        attribute = LLVMCreateStringAttribute(e->llvm, key, (unsigned)strlen(key), value, (unsigned)strlen(value));
    else
        attribute = LLVMCreateEnumAttribute(e->llvm, LLVMGetEnumAttributeKindForName(key, strlen(key)), 0);
    LLVMAddAttributeAtIndex(e->function, LLVMAttributeFunctionIndex, attribute);
}

void bc_begin(bc_emit *e, const char *name)
{
    e->entry = LLVMAppendBasicBlockInContext(e->llvm, e->function, "entry");
    e->opposite = NULL;
    LLVMPositionBuilderAtEnd(e->builder, e->entry);
    bc_lines_function(e, name);
}

bc_kernel_args bc_function(bc_emit *e, const char *name)
{
    LLVMTypeRef parameters[5] = {e->ptr, e->i32, e->i32, e->i32, e->i32};
    e->function = LLVMAddFunction(e->module, name, LLVMFunctionType(e->none, parameters, 5, 0));
    bc_attribute(e, "nounwind", NULL);
    /* Without these two, code generation splits 512-bit vectors on processors it thinks prefer 256. */
    char bits[12];
    snprintf(bits, sizeof bits, "%u", e->lanes * 32);
    bc_attribute(e, "prefer-vector-width", bits);
    bc_attribute(e, "min-legal-vector-width", bits);
    bc_begin(e, name);
    static const char *const names[5] = {"state", "a0", "a1", "b0", "b1"};
    bc_value values[5];
    for (unsigned i = 0; i < 5; i++) {
        values[i] = LLVMGetParam(e->function, i);
        LLVMSetValueName2(values[i], names[i], strlen(names[i]));
    }
    e->fault = e->check ? BC_FIELD_PTR(e, values[0], fault) : NULL;
    return (bc_kernel_args){values[0], values[1], values[2], values[3], values[4]};
}

/* Ordered comparisons: what is no number lies within nothing. Several threads may note a fault: any of them will do. */
void bc_assert_within(bc_emit *e, bc_value value, double low, double high, uint32_t fault)
{
    if (!e->check)
        return;
    bool vector = LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind;
    bc_value least = vector ? bc_splat_f32(e, low) : bc_f32(e, low),
             most = vector ? bc_splat_f32(e, high) : bc_f32(e, high);
    bc_value above = LLVMBuildFCmp(e->builder, LLVMRealOGE, value, least, "");
    bc_value below = LLVMBuildFCmp(e->builder, LLVMRealOLE, value, most, "");
    bc_value outside = LLVMBuildNot(e->builder, LLVMBuildAnd(e->builder, above, below, ""), "");
    bc_branch noted = bc_if(e, vector ? bc_any(e, outside) : outside, "outside");
    bc_value note = LLVMBuildStore(e->builder, bc_i32(e, fault), e->fault);
    LLVMSetOrdering(note, LLVMAtomicOrderingMonotonic);
    LLVMSetAlignment(note, 4);
    bc_endif(e, &noted);
}

void bc_return(bc_emit *e)
{
    LLVMBuildRetVoid(e->builder);
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

/* Zen 4 spreads an integer while loading it; for a float of 512 bits it takes one of the two multiplying pipes too
 * (28 G/s against 37 in the dense form's loop). LLVM would turn the one into the other, so it is not shown. */
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

/* Every vector access is aligned: arrays start on 64 bytes and strides are whole vectors. */
bc_value bc_load_vector(bc_emit *e, bc_value base, bc_value index)
{
    bc_value load = LLVMBuildLoad2(e->builder, e->vector, element(e, e->f32, base, index), "");
    LLVMSetAlignment(load, e->lanes * 4);
    return load;
}

void bc_ahead(bc_emit *e, bc_value base, uint32_t floats, uint32_t vectors)
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
    /* In the entry block, where the promotion to registers looks for them. */
    bc_spot here = bc_to_entry(e);
    bc_value slot = LLVMBuildAlloca(e->builder, type, name);
    bc_return_to(e, here);
    bc_set(e, slot, initial);
    return slot;
}

bc_value bc_room(bc_emit *e, uint32_t floats, const char *name)
{
    bc_spot here = bc_to_entry(e);
    bc_value room = LLVMBuildAlloca(e->builder, LLVMArrayType(e->f32, floats), name);
    LLVMSetAlignment(room, 64);
    bc_return_to(e, here);
    return room;
}

bc_value bc_get(bc_emit *e, LLVMTypeRef type, bc_value slot)
{
    return LLVMBuildLoad2(e->builder, type, slot, "");
}

void bc_set(bc_emit *e, bc_value slot, bc_value value)
{
    LLVMBuildStore(e->builder, value, slot);
}

/* ---- control flow ---- */

static LLVMBasicBlockRef block(bc_emit *e, const char *name, const char *part)
{
    char label[64];
    snprintf(label, sizeof label, "%s.%s", name, part);
    return LLVMAppendBasicBlockInContext(e->llvm, e->function, label);
}

bc_loop bc_loop_begin(bc_emit *e, bc_value from, bc_value to, uint32_t step, const char *name)
{
    bc_loop loop = {.step = step};
    LLVMBasicBlockRef before = LLVMGetInsertBlock(e->builder);
    loop.head = block(e, name, "head");
    loop.body = block(e, name, "body");
    loop.done = block(e, name, "done");
    LLVMBuildBr(e->builder, loop.head);

    LLVMPositionBuilderAtEnd(e->builder, loop.head);
    loop.i = LLVMBuildPhi(e->builder, e->i32, name);
    LLVMAddIncoming(loop.i, &from, &before, 1);
    bc_value next = bc_iadd(e, loop.i, bc_i32(e, step));
    bc_value more = LLVMBuildICmp(e->builder, LLVMIntULE, next, to, "");
    LLVMBuildCondBr(e->builder, more, loop.body, loop.done);
    loop.rest = loop.i;

    LLVMPositionBuilderAtEnd(e->builder, loop.body);
    return loop;
}

void bc_loop_end(bc_emit *e, bc_loop *loop)
{
    LLVMBasicBlockRef last = LLVMGetInsertBlock(e->builder);
    bc_value next = bc_iadd(e, loop->i, bc_i32(e, loop->step));
    LLVMBuildBr(e->builder, loop->head);
    LLVMAddIncoming(loop->i, &next, &last, 1);
    LLVMPositionBuilderAtEnd(e->builder, loop->done);
}

/* while (left) { lane = trailing zeros of left; ...; left &= left - 1; } */
bc_set_lanes bc_set_lanes_begin(bc_emit *e, bc_value mask)
{
    bc_set_lanes loop = {.head = block(e, "lanes", "head"), .done = block(e, "lanes", "done")};
    LLVMTypeRef bits = LLVMIntTypeInContext(e->llvm, e->lanes);
    bc_value all = LLVMBuildZExt(e->builder, LLVMBuildBitCast(e->builder, mask, bits, ""), e->i32, "");
    LLVMBasicBlockRef before = LLVMGetInsertBlock(e->builder), body = block(e, "lanes", "body");
    LLVMBuildBr(e->builder, loop.head);
    LLVMPositionBuilderAtEnd(e->builder, loop.head);
    loop.left = LLVMBuildPhi(e->builder, e->i32, "left");
    LLVMAddIncoming(loop.left, &all, &before, 1);
    bc_value some = LLVMBuildICmp(e->builder, LLVMIntNE, loop.left, bc_i32(e, 0), "");
    LLVMBuildCondBr(e->builder, some, body, loop.done);
    LLVMPositionBuilderAtEnd(e->builder, body);
    loop.lane = bc_trailing_zeros(e, loop.left);
    return loop;
}

void bc_set_lanes_end(bc_emit *e, bc_set_lanes *loop)
{
    bc_value rest = LLVMBuildAnd(e->builder, loop->left, bc_isub(e, loop->left, bc_i32(e, 1)), "");
    LLVMBasicBlockRef last = LLVMGetInsertBlock(e->builder);
    LLVMBuildBr(e->builder, loop->head);
    LLVMAddIncoming(loop->left, &rest, &last, 1);
    LLVMPositionBuilderAtEnd(e->builder, loop->done);
}

bc_branch bc_if(bc_emit *e, bc_value condition, const char *name)
{
    LLVMBasicBlockRef then = block(e, name, "then");
    bc_branch branch = {block(e, name, "done")};
    LLVMBuildCondBr(e->builder, condition, then, branch.done);
    LLVMPositionBuilderAtEnd(e->builder, then);
    return branch;
}

void bc_endif(bc_emit *e, bc_branch *branch)
{
    LLVMBuildBr(e->builder, branch->done);
    LLVMPositionBuilderAtEnd(e->builder, branch->done);
}
