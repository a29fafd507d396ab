/* Emission helpers: functions, loops and conditions. They use constants and memory (emit.c), arithmetic (math.c) and
 * line information (debug_lines.c). */
#include "emit/emit.h"

#include <stdio.h>
#include <string.h>

#include "emit/debug_lines.h"

/* ---- functions ---- */

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
    e->minus_one = NULL;
    LLVMPositionBuilderAtEnd(e->builder, e->entry);
    bc_lines_function(e, name);
}

bc_kernel_args bc_function(bc_emit *e, const char *name)
{
    LLVMTypeRef parameters[5] = {e->ptr, e->i32, e->i32, e->i32, e->i32};
    e->function = LLVMAddFunction(e->module, name, LLVMFunctionType(e->none, parameters, 5, 0));
    bc_attribute(e, "nounwind", NULL);
    /* Without these two attributes, LLVM splits 512-bit vectors on processors for which it prefers 256-bit vectors. */
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

void bc_return(bc_emit *e)
{
    LLVMBuildRetVoid(e->builder);
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

bc_while bc_while_begin(bc_emit *e, const char *name)
{
    bc_while loop = {block(e, name, "head"), block(e, name, "body"), block(e, name, "done")};
    LLVMBuildBr(e->builder, loop.head);
    LLVMPositionBuilderAtEnd(e->builder, loop.head);
    return loop;
}

void bc_while_holds(bc_emit *e, const bc_while *loop, bc_value condition)
{
    LLVMBuildCondBr(e->builder, condition, loop->body, loop->done);
    LLVMPositionBuilderAtEnd(e->builder, loop->body);
}

void bc_while_end(bc_emit *e, const bc_while *loop)
{
    LLVMBuildBr(e->builder, loop->head);
    LLVMPositionBuilderAtEnd(e->builder, loop->done);
}

/* while (left) { lane = trailing zeros of left; ...; left &= left - 1; } */
bc_set_lane_loop bc_for_each_set_lane(bc_emit *e, bc_value mask)
{
    bc_set_lane_loop loop = {.head = block(e, "lanes", "head"), .done = block(e, "lanes", "done")};
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

void bc_for_each_set_lane_end(bc_emit *e, bc_set_lane_loop *loop)
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

/* The comparisons are ordered, so NaN is outside every range. Several threads may record a fault; any one of them may
 * win. */
void bc_assert_within(bc_emit *e, bc_value value, double low, double high, uint32_t fault)
{
    if (!e->check)
        return;
    bool vector = LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind;
    bc_value least = bc_f32_like(e, value, low), most = bc_f32_like(e, value, high);
    bc_value above = LLVMBuildFCmp(e->builder, LLVMRealOGE, value, least, "");
    bc_value below = LLVMBuildFCmp(e->builder, LLVMRealOLE, value, most, "");
    bc_value outside = LLVMBuildNot(e->builder, LLVMBuildAnd(e->builder, above, below, ""), "");
    bc_branch noted = bc_if(e, vector ? bc_any(e, outside) : outside, "outside");
    bc_value note = LLVMBuildStore(e->builder, bc_i32(e, fault), e->fault);
    LLVMSetOrdering(note, LLVMAtomicOrderingMonotonic);
    LLVMSetAlignment(note, 4);
    bc_endif(e, &noted);
}
