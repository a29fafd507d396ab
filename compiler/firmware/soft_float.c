/* Arithmetic on floats in whole numbers, as functions of the module itself, so that built code needs no library. A
 * float is sign, exponent (8 bits, 127 for 1) and 23 bits of fraction. Between its parts and the result, a number has 24
 * bits of fraction and three more: the last of them holds whether anything behind it was lost. */
#include "firmware/soft_float.h"

#include <string.h>

enum { FRACTION = 23, GUARD = 3, TOP = FRACTION + GUARD, BIAS = 127, LOST = TOP - 1 };

typedef enum operation { ADD, MULTIPLY, DIVIDE, FROM_WHOLE, TO_WHOLE, ROUND, OPERATIONS } operation;

typedef struct work {
    bc_emit *e;
    bc_owner owner;
    bc_value functions[OPERATIONS];
} work;

/* ---- whole numbers ---- */

static bc_value number(const work *w, uint32_t value)
{
    return bc_i32(w->e, value);
}

static bc_value shl(const work *w, bc_value a, uint32_t by)
{
    return LLVMBuildShl(w->e->builder, a, number(w, by), "");
}

static bc_value shr(const work *w, bc_value a, uint32_t by)
{
    return LLVMBuildLShr(w->e->builder, a, number(w, by), "");
}

static bc_value masked(const work *w, bc_value a, uint32_t mask)
{
    return LLVMBuildAnd(w->e->builder, a, number(w, mask), "");
}

static bc_value add(const work *w, bc_value a, bc_value b)
{
    return LLVMBuildAdd(w->e->builder, a, b, "");
}

static bc_value multiply(const work *w, bc_value a, bc_value b)
{
    return LLVMBuildMul(w->e->builder, a, b, "");
}

static bc_value below(const work *w, bc_value a, bc_value b)
{
    return LLVMBuildICmp(w->e->builder, LLVMIntULT, a, b, "");
}

static bc_value is_zero(const work *w, bc_value a)
{
    return LLVMBuildICmp(w->e->builder, LLVMIntEQ, a, number(w, 0), "");
}

static bc_value not_zero(const work *w, bc_value a)
{
    return LLVMBuildZExt(w->e->builder, LLVMBuildICmp(w->e->builder, LLVMIntNE, a, number(w, 0), ""), w->e->i32, "");
}

/* ---- parts of a float ---- */

static bc_value exponent_of(const work *w, bc_value bits)
{
    return masked(w, shr(w, bits, FRACTION), UINT8_MAX);
}

static bc_value fraction_of(const work *w, bc_value bits)
{
    return bc_or(w->e, masked(w, bits, (1u << FRACTION) - 1), number(w, 1u << FRACTION));
}

static bc_value sign_of(const work *w, bc_value bits)
{
    return masked(w, bits, 1u << 31);
}

static void return_if(const work *w, bc_value condition, bc_value result)
{
    LLVMBasicBlockRef then = LLVMAppendBasicBlockInContext(w->e->llvm, w->e->function, "then");
    LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(w->e->llvm, w->e->function, "after");
    LLVMBuildCondBr(w->e->builder, condition, then, after);
    LLVMPositionBuilderAtEnd(w->e->builder, then);
    LLVMBuildRet(w->e->builder, result);
    LLVMPositionBuilderAtEnd(w->e->builder, after);
}

static bc_value begin(work *w, operation id, const char *name, uint32_t count)
{
    LLVMTypeRef parameters[3] = {w->e->i32, w->e->i32, w->e->i32};
    w->functions[id] = bc_owned_function(w->e, w->owner, name, LLVMFunctionType(w->e->i32, parameters, count, 0));
    bc_attribute(w->e, "noinline", NULL);
    bc_begin(w->e, name);
    return w->functions[id];
}

static bc_value call(const work *w, operation id, bc_value a, bc_value b, bc_value c)
{
    bc_value arguments[3] = {a, b, c};
    LLVMTypeRef type = LLVMGlobalGetValueType(w->functions[id]);
    return LLVMBuildCall2(w->e->builder, type, w->functions[id], arguments, LLVMCountParamTypes(type), "");
}

/* ---- the functions ---- */

/* (sign, exponent, fraction with guard bits, not 0) -> bits: shifts the fraction until bit TOP is its highest, and
 * rounds. The number may have one bit more. */
static void emit_round(work *w)
{
    bc_emit *e = w->e;
    bc_value f = begin(w, ROUND, "soft_round", 3);
    bc_value more = shr(w, LLVMGetParam(f, 2), TOP + 1), kept = LLVMGetParam(f, 2);
    kept = bc_or(e, LLVMBuildLShr(e->builder, kept, more, ""), LLVMBuildAnd(e->builder, kept, more, ""));
    bc_value fraction = bc_slot(e, e->i32, kept, "fraction");
    bc_value exponent = bc_slot(e, e->i32, add(w, LLVMGetParam(f, 1), more), "exponent");
    bc_while loop = bc_while_begin(e, "normalise");
    bc_while_holds(e, &loop, is_zero(w, masked(w, bc_get(e, e->i32, fraction), 1u << TOP)));
    bc_set(e, fraction, shl(w, bc_get(e, e->i32, fraction), 1));
    bc_set(e, exponent, add(w, bc_get(e, e->i32, exponent), number(w, UINT32_MAX)));
    bc_while_end(e, &loop);
    bc_value power = bc_get(e, e->i32, exponent), zero = number(w, 0), all = bc_get(e, e->i32, fraction);
    return_if(w, LLVMBuildICmp(e->builder, LLVMIntSLE, power, zero, ""), LLVMGetParam(f, 0));
    bc_value even = masked(w, shr(w, all, GUARD), 1); /* halves go to even */
    bc_value rounded = shr(w, add(w, add(w, all, number(w, (1u << (GUARD - 1)) - 1)), even), GUARD);
    bc_value bits = add(w, shl(w, power, FRACTION), add(w, rounded, number(w, 0u - (1u << FRACTION))));
    LLVMBuildRet(e->builder, bc_or(e, bits, LLVMGetParam(f, 0)));
}

static void emit_add(work *w)
{
    bc_emit *e = w->e;
    bc_value f = begin(w, ADD, "soft_add", 2), first = LLVMGetParam(f, 0), second = LLVMGetParam(f, 1);
    bc_value swap = below(w, shl(w, first, 1), shl(w, second, 1));
    bc_value a = bc_select(e, swap, second, first), b = bc_select(e, swap, first, second); /* |a| >= |b| */
    return_if(w, is_zero(w, exponent_of(w, b)), a);
    bc_value distance = bc_isub(e, exponent_of(w, a), exponent_of(w, b));
    return_if(w, below(w, number(w, LOST), distance), a);
    bc_value high = shl(w, fraction_of(w, a), GUARD), low = shl(w, fraction_of(w, b), GUARD);
    bc_value moved = LLVMBuildLShr(e->builder, low, distance, "");
    bc_value lost = bc_isub(e, low, LLVMBuildShl(e->builder, moved, distance, ""));
    low = bc_or(e, moved, not_zero(w, lost));
    bc_value differ = sign_of(w, LLVMBuildXor(e->builder, a, b, ""));
    bc_value sum = bc_select(e, is_zero(w, differ), add(w, high, low), bc_isub(e, high, low));
    return_if(w, is_zero(w, sum), number(w, 0));
    LLVMBuildRet(e->builder, call(w, ROUND, sign_of(w, a), exponent_of(w, a), sum));
}

/* 24 by 24 bits in four products of 12: 48 bits as `top` times 2^24 plus `rest`. */
static void emit_multiply(work *w)
{
    enum { HALF = 12, WHOLE = 2 * HALF, MASK = (1 << HALF) - 1 };
    bc_emit *e = w->e;
    bc_value f = begin(w, MULTIPLY, "soft_multiply", 2), a = LLVMGetParam(f, 0), b = LLVMGetParam(f, 1);
    bc_value sign = sign_of(w, LLVMBuildXor(e->builder, a, b, ""));
    bc_value none = LLVMBuildOr(e->builder, is_zero(w, exponent_of(w, a)), is_zero(w, exponent_of(w, b)), "");
    return_if(w, none, sign);
    bc_value left = fraction_of(w, a), right = fraction_of(w, b);
    bc_value a1 = shr(w, left, HALF), a0 = masked(w, left, MASK), b1 = shr(w, right, HALF), b0 = masked(w, right, MASK);
    bc_value middle = add(w, multiply(w, a1, b0), multiply(w, a0, b1));
    bc_value low = add(w, multiply(w, a0, b0), shl(w, masked(w, middle, MASK), HALF));
    bc_value top = add(w, add(w, multiply(w, a1, b1), shr(w, middle, HALF)), shr(w, low, WHOLE));
    bc_value rest = masked(w, low, (1u << WHOLE) - 1);
    /* the product is 1 where bit 46 is its highest: bit TOP of the sum of GUARD + 1 more bits of `top` */
    bc_value fraction = bc_or(e, shl(w, top, GUARD + 1), shr(w, rest, WHOLE - GUARD - 1));
    fraction = bc_or(e, fraction, not_zero(w, masked(w, rest, (1u << (WHOLE - GUARD - 1)) - 1)));
    bc_value exponent = add(w, add(w, exponent_of(w, a), exponent_of(w, b)), number(w, 0u - BIAS));
    LLVMBuildRet(e->builder, call(w, ROUND, sign, exponent, fraction));
}

/* One bit of the quotient at a time. b must not be 0. */
static void emit_divide(work *w)
{
    bc_emit *e = w->e;
    bc_value f = begin(w, DIVIDE, "soft_divide", 2), a = LLVMGetParam(f, 0), b = LLVMGetParam(f, 1);
    bc_value sign = sign_of(w, LLVMBuildXor(e->builder, a, b, ""));
    return_if(w, is_zero(w, exponent_of(w, a)), sign);
    bc_value rest = bc_slot(e, e->i32, fraction_of(w, a), "rest"), by = fraction_of(w, b);
    bc_value quotient = bc_slot(e, e->i32, number(w, 0), "quotient");
    bc_loop bits = bc_loop_begin(e, number(w, 0), number(w, TOP + 1), 1, "bit");
    bc_value here = bc_get(e, e->i32, rest), fits = LLVMBuildNot(e->builder, below(w, here, by), "");
    bc_value so_far = shl(w, bc_get(e, e->i32, quotient), 1);
    bc_set(e, quotient, add(w, so_far, LLVMBuildZExt(e->builder, fits, e->i32, "")));
    bc_set(e, rest, shl(w, bc_select(e, fits, bc_isub(e, here, by), here), 1));
    bc_loop_end(e, &bits);
    bc_value fraction = bc_or(e, bc_get(e, e->i32, quotient), not_zero(w, bc_get(e, e->i32, rest)));
    bc_value exponent = add(w, bc_isub(e, exponent_of(w, a), exponent_of(w, b)), number(w, BIAS));
    LLVMBuildRet(e->builder, call(w, ROUND, sign, exponent, fraction));
}

/* Of whole numbers with sign. */
static void emit_from_whole(work *w)
{
    bc_emit *e = w->e;
    bc_value f = begin(w, FROM_WHOLE, "soft_from_whole", 1), a = LLVMGetParam(f, 0), sign = sign_of(w, a);
    return_if(w, is_zero(w, a), a);
    bc_value size = bc_slot(e, e->i32, bc_select(e, is_zero(w, sign), a, bc_isub(e, number(w, 0), a)), "size");
    bc_value exponent = bc_slot(e, e->i32, number(w, BIAS + TOP), "exponent");
    bc_while loop = bc_while_begin(e, "fit");
    bc_value here = bc_get(e, e->i32, size);
    bc_while_holds(e, &loop, LLVMBuildNot(e->builder, is_zero(w, shr(w, here, TOP + 1)), ""));
    bc_set(e, size, bc_or(e, shr(w, here, 1), masked(w, here, 1)));
    bc_set(e, exponent, add(w, bc_get(e, e->i32, exponent), number(w, 1)));
    bc_while_end(e, &loop);
    LLVMBuildRet(e->builder, call(w, ROUND, sign, bc_get(e, e->i32, exponent), bc_get(e, e->i32, size)));
}

/* Towards 0; the result must fit. */
static void emit_to_whole(work *w)
{
    bc_emit *e = w->e;
    bc_value a = LLVMGetParam(begin(w, TO_WHOLE, "soft_to_whole", 1), 0), exponent = exponent_of(w, a);
    return_if(w, below(w, exponent, number(w, BIAS)), number(w, 0));
    bc_value fraction = shl(w, fraction_of(w, a), 31 - FRACTION);
    bc_value size = LLVMBuildLShr(e->builder, fraction, bc_isub(e, number(w, BIAS + 31), exponent), "");
    LLVMBuildRet(e->builder, bc_select(e, is_zero(w, sign_of(w, a)), size, bc_isub(e, number(w, 0), size)));
}

/* ---- replacing ---- */

static bc_value as_bits(const work *w, bc_value value)
{
    return LLVMBuildBitCast(w->e->builder, value, w->e->i32, "");
}

static bc_value as_float(const work *w, bc_value bits)
{
    return LLVMBuildBitCast(w->e->builder, bits, w->e->f32, "");
}

static bc_value negative(const work *w, bc_value bits)
{
    return LLVMBuildXor(w->e->builder, bits, number(w, 1u << 31), "");
}

/* A whole number in the order of floats; -0 equals 0. */
static bc_value in_order(const work *w, bc_value bits)
{
    bc_value sign = LLVMBuildICmp(w->e->builder, LLVMIntSLT, bits, number(w, 0), "");
    return bc_select(w->e, sign, bc_isub(w->e, number(w, 1u << 31), bits), bits);
}

static bc_value compare(const work *w, bc_value instruction, bc_value a, bc_value b)
{
    static const LLVMIntPredicate whole[] = {
        [LLVMRealOEQ] = LLVMIntEQ,  [LLVMRealUEQ] = LLVMIntEQ,  [LLVMRealONE] = LLVMIntNE,  [LLVMRealUNE] = LLVMIntNE,
        [LLVMRealOLT] = LLVMIntSLT, [LLVMRealULT] = LLVMIntSLT, [LLVMRealOLE] = LLVMIntSLE, [LLVMRealULE] = LLVMIntSLE,
        [LLVMRealOGT] = LLVMIntSGT, [LLVMRealUGT] = LLVMIntSGT, [LLVMRealOGE] = LLVMIntSGE, [LLVMRealUGE] = LLVMIntSGE};
    LLVMRealPredicate predicate = LLVMGetFCmpPredicate(instruction);
    return LLVMBuildICmp(w->e->builder, whole[predicate], in_order(w, a), in_order(w, b), "");
}

/* The intrinsics that arithmetic on floats uses. */
static bc_value intrinsic(const work *w, bc_value instruction, const bc_value *of)
{
    size_t length;
    const char *name = LLVMGetValueName2(LLVMGetCalledValue(instruction), &length);
    if (strncmp(name, "llvm.fmuladd.", 13) == 0)
        return as_float(w, call(w, ADD, call(w, MULTIPLY, of[0], of[1], NULL), of[2], NULL));
    if (strncmp(name, "llvm.fabs.", 10) == 0)
        return as_float(w, masked(w, of[0], INT32_MAX));
    if (strncmp(name, "llvm.copysign.", 14) == 0)
        return as_float(w, bc_or(w->e, masked(w, of[0], INT32_MAX), sign_of(w, of[1])));
    return NULL;
}

/* What stands for an operation on floats; NULL: it stays. */
static bc_value softened(const work *w, bc_value instruction)
{
    bc_value of[3] = {NULL};
    for (int i = 0; i < LLVMGetNumOperands(instruction) && i < 3; i++) {
        bc_value operand = LLVMGetOperand(instruction, (unsigned)i);
        of[i] = LLVMTypeOf(operand) == w->e->f32 ? as_bits(w, operand) : operand;
    }
    switch (LLVMGetInstructionOpcode(instruction)) {
    case LLVMFAdd:
        return as_float(w, call(w, ADD, of[0], of[1], NULL));
    case LLVMFSub:
        return as_float(w, call(w, ADD, of[0], negative(w, of[1]), NULL));
    case LLVMFMul:
        return as_float(w, call(w, MULTIPLY, of[0], of[1], NULL));
    case LLVMFDiv:
        return as_float(w, call(w, DIVIDE, of[0], of[1], NULL));
    case LLVMFNeg:
        return as_float(w, negative(w, of[0]));
    case LLVMFCmp:
        return compare(w, instruction, of[0], of[1]);
    case LLVMSIToFP:
        return as_float(w,
                        call(w, FROM_WHOLE, LLVMBuildSExtOrBitCast(w->e->builder, of[0], w->e->i32, ""), NULL, NULL));
    case LLVMUIToFP: /* of numbers below 2^31 */
        return as_float(w,
                        call(w, FROM_WHOLE, LLVMBuildZExtOrBitCast(w->e->builder, of[0], w->e->i32, ""), NULL, NULL));
    case LLVMFPToSI:
    case LLVMFPToUI:
        return LLVMBuildTruncOrBitCast(w->e->builder, call(w, TO_WHOLE, of[0], NULL, NULL), LLVMTypeOf(instruction),
                                       "");
    case LLVMCall:
        return intrinsic(w, instruction, of);
    default:
        return NULL;
    }
}

static bool works_on_floats(const work *w, bc_value instruction)
{
    LLVMOpcode opcode = LLVMGetInstructionOpcode(instruction);
    if (opcode == LLVMCall)
        return LLVMTypeOf(instruction) == w->e->f32;
    return (opcode >= LLVMFAdd && opcode <= LLVMFDiv) || opcode == LLVMFNeg || opcode == LLVMFCmp ||
           opcode == LLVMSIToFP || opcode == LLVMUIToFP || opcode == LLVMFPToSI || opcode == LLVMFPToUI;
}

static void soften_block(const work *w, LLVMBasicBlockRef block)
{
    for (bc_value next, at = LLVMGetFirstInstruction(block); at; at = next) {
        next = LLVMGetNextInstruction(at);
        if (!works_on_floats(w, at))
            continue;
        LLVMPositionBuilderBefore(w->e->builder, at);
        bc_value instead = softened(w, at);
        if (!instead)
            continue;
        LLVMReplaceAllUsesWith(at, instead);
        LLVMInstructionEraseFromParent(at);
    }
}

static void drop_unused(const work *w)
{
    for (int id = 0; id < OPERATIONS; id++)
        if (!LLVMGetFirstUse(w->functions[id]))
            LLVMDeleteFunction(w->functions[id]);
}

void bc_soften(bc_emit *e, bc_owner owner)
{
    work w = {.e = e, .owner = owner};
    bc_value last = LLVMGetLastFunction(e->module);
    emit_round(&w);
    emit_add(&w);
    emit_multiply(&w);
    emit_divide(&w);
    emit_from_whole(&w);
    emit_to_whole(&w);
    for (bc_value f = LLVMGetFirstFunction(e->module); f; f = f == last ? NULL : LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(f); block; block = LLVMGetNextBasicBlock(block))
            soften_block(&w, block);
    drop_unused(&w);
}
