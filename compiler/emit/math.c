/* Emission helpers: arithmetic on scalars and vectors. No fast-math flags are set, so LLVM keeps every operation as
 * written. */
#include "emit/emit.h"

#include <string.h>

static bc_value intrinsic(bc_emit *e, const char *name, bc_value *arguments, unsigned count)
{
    LLVMTypeRef type = LLVMTypeOf(arguments[0]);
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    bc_value function = LLVMGetIntrinsicDeclaration(e->module, id, &type, 1);
    return LLVMBuildCall2(e->builder, LLVMIntrinsicGetType(e->llvm, id, &type, 1), function, arguments, count, "");
}

/* The integer type with the same number of lanes. */
static LLVMTypeRef integer_like(bc_emit *e, bc_value like)
{
    return LLVMGetTypeKind(LLVMTypeOf(like)) == LLVMVectorTypeKind ? e->vector_i32 : e->i32;
}

static bc_value integer_constant_like(bc_emit *e, bc_value like, uint32_t value)
{
    bool vector = LLVMGetTypeKind(LLVMTypeOf(like)) == LLVMVectorTypeKind;
    return vector ? bc_splat(e, bc_i32(e, value)) : bc_i32(e, value);
}

bc_value bc_add(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildFAdd(e->builder, a, b, "");
}

bc_value bc_sub(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildFSub(e->builder, a, b, "");
}

bc_value bc_mul(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildFMul(e->builder, a, b, "");
}

bc_value bc_div(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildFDiv(e->builder, a, b, "");
}

bc_value bc_neg(bc_emit *e, bc_value a)
{
    return LLVMBuildFNeg(e->builder, a, "");
}

bc_value bc_muladd(bc_emit *e, bc_value a, bc_value b, bc_value c)
{
    bc_value arguments[3] = {a, b, c};
    return e->no_contraction ? bc_add(e, bc_mul(e, a, b), c) : intrinsic(e, "llvm.fmuladd", arguments, 3);
}

bc_value bc_abs(bc_emit *e, bc_value a)
{
    return intrinsic(e, "llvm.fabs", &a, 1);
}

bc_value bc_sqrt(bc_emit *e, bc_value a)
{
    return intrinsic(e, "llvm.sqrt", &a, 1);
}

/* Adding 3 2^22 leaves no digits behind the point. */
bc_value bc_round_even(bc_emit *e, bc_value a)
{
    bc_value large = bc_f32_like(e, a, 12582912);
    return bc_sub(e, bc_add(e, a, large), large);
}

bc_value bc_copysign(bc_emit *e, bc_value magnitude, bc_value sign)
{
    bc_value arguments[2] = {magnitude, sign};
    return intrinsic(e, "llvm.copysign", arguments, 2);
}

bc_value bc_less(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildFCmp(e->builder, LLVMRealOLT, a, b, "");
}

bc_value bc_greater(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildFCmp(e->builder, LLVMRealOGT, a, b, "");
}

bc_value bc_at_least(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildFCmp(e->builder, LLVMRealOGE, a, b, "");
}

bc_value bc_equal(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildFCmp(e->builder, LLVMRealOEQ, a, b, "");
}

bc_value bc_finite(bc_emit *e, bc_value a)
{
    return bc_less(e, bc_abs(e, a), bc_f32_like(e, a, (double)__builtin_inff()));
}

bc_value bc_select(bc_emit *e, bc_value condition, bc_value yes, bc_value no)
{
    return LLVMBuildSelect(e->builder, condition, yes, no, "");
}

bc_value bc_and(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildAnd(e->builder, a, b, "");
}

bc_value bc_or(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildOr(e->builder, a, b, "");
}

/* A comparison and a select become one minps or maxps. llvm.minnum would need three more instructions to handle NaN. */
bc_value bc_min(bc_emit *e, bc_value a, bc_value b)
{
    return bc_select(e, bc_less(e, a, b), a, b);
}

bc_value bc_max(bc_emit *e, bc_value a, bc_value b)
{
    return bc_select(e, bc_greater(e, a, b), a, b);
}

bc_value bc_clamp(bc_emit *e, bc_value x, bc_value low, bc_value high)
{
    return bc_max(e, bc_min(e, x, high), low);
}

/* Non-negative floats have the same order as their bits. Zen 4 has four pipes for integers and broadcasts an integer
 * while loading it. Vectors of four lanes have no integer maximum in older instruction sets. */
bc_value bc_larger_of_one(bc_emit *e, bc_value base, bc_value index, bc_value than)
{
    if (e->lanes < 8)
        return bc_max(e, bc_splat(e, bc_load_f32(e, base, index)), than);
    bc_value bits = LLVMBuildBitCast(e->builder, than, e->vector_i32, "");
    bc_value one = bc_splat(e, bc_load_i32(e, base, index));
    bc_value larger = bc_select(e, LLVMBuildICmp(e->builder, LLVMIntSGT, one, bits, ""), one, bits);
    return LLVMBuildBitCast(e->builder, larger, e->vector, "");
}

/* AVX-512's range instruction picks the value of smaller magnitude and gives it the sign of the first operand: one
 * instruction instead of min and max. */
bc_value bc_within(bc_emit *e, bc_value v, bc_value t)
{
    enum { SMALLER_SIZE = 2, SIGN_OF_FIRST = 0, ROUND_AS_SET = 4 };
    if (e->lanes != 16)
        return bc_clamp(e, v, bc_neg(e, t), t);
    const char *name = "llvm.x86.avx512.mask.range.ps.512";
    LLVMTypeRef mask = LLVMIntTypeInContext(e->llvm, 16);
    bc_value arguments[6] = {
        v, t, bc_i32(e, SMALLER_SIZE | SIGN_OF_FIRST << 2), v, LLVMConstAllOnes(mask), bc_i32(e, ROUND_AS_SET)};
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    bc_value function = LLVMGetIntrinsicDeclaration(e->module, id, NULL, 0);
    return LLVMBuildCall2(e->builder, LLVMIntrinsicGetType(e->llvm, id, NULL, 0), function, arguments, 6, "");
}

/* A vector of -1 whose value LLVM does not know. With a known -1, LLVM would turn x * -1 + v back into a
 * subtraction. */
static bc_value minus_one(bc_emit *e)
{
    if (e->minus_one)
        return e->minus_one;
    bc_value minus_one = bc_splat_f32(e, -1);
    bc_spot here = bc_to_entry(e);
    e->minus_one = intrinsic(e, "llvm.arithmetic.fence", &minus_one, 1);
    bc_return_to(e, here);
    return e->minus_one;
}

/* Clamping and subtracting both use the addition pipes. Together with the multiply-add that follows, three operations
 * would occupy them for two cycles. If every other subtraction is a multiply-add by -1, this falls to one and a half
 * cycles (1.53 measured on Zen 4). With 16 registers, the register for -1 costs more than it saves. */
bc_value bc_soft(bc_emit *e, bc_value v, bc_value t, uint32_t number)
{
    bc_value within = bc_within(e, v, t);
    return e->lanes == 16 && number % 2 == 1 ? bc_muladd(e, within, minus_one(e), v) : bc_sub(e, v, within);
}

bc_value bc_flip_sign(bc_emit *e, bc_value a, bc_value by)
{
    LLVMTypeRef integers = integer_like(e, a);
    bc_value bits = LLVMBuildBitCast(e->builder, a, integers, "");
    bc_value sign = LLVMBuildAnd(e->builder, LLVMBuildBitCast(e->builder, by, integers, ""),
                                 integer_constant_like(e, a, 0x80000000u), "");
    return LLVMBuildBitCast(e->builder, LLVMBuildXor(e->builder, bits, sign, ""), LLVMTypeOf(a), "");
}

/* exp(x) = 2^n * exp(r), n = round(x / ln 2), r = x - n ln 2 in two parts. exp(r) is a polynomial of degree six with
 * Cephes' coefficients; n goes into the exponent bits of 2^n. It is our own, so that no result depends on a libm. */
bc_value bc_exp(bc_emit *e, bc_value x)
{
    static const double coefficients[] = {1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
                                          4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1};
    bc_value rounder = bc_f32_like(e, x, 12582912.0); /* 1.5 * 2^23: adding it rounds to an integer */
    x = bc_max(e, x, bc_f32_like(e, x, -87.0));
    bc_value n = bc_sub(e, bc_muladd(e, x, bc_f32_like(e, x, 1.44269504088896341), rounder), rounder);
    bc_value r = bc_muladd(e, n, bc_f32_like(e, x, -0.693359375), x);
    r = bc_muladd(e, n, bc_f32_like(e, x, 2.12194440e-4), r);
    bc_value p = bc_f32_like(e, x, coefficients[0]);
    for (size_t i = 1; i < sizeof coefficients / sizeof *coefficients; i++)
        p = bc_muladd(e, p, r, bc_f32_like(e, x, coefficients[i]));
    bc_value value = bc_add(e, bc_muladd(e, p, bc_mul(e, r, r), r), bc_f32_like(e, x, 1.0));
    bc_value exponent = LLVMBuildFPToSI(e->builder, n, integer_like(e, x), "");
    exponent = LLVMBuildAdd(e->builder, exponent, integer_constant_like(e, x, 127), "");
    exponent = LLVMBuildShl(e->builder, exponent, integer_constant_like(e, x, 23), "");
    return bc_mul(e, value, LLVMBuildBitCast(e->builder, exponent, LLVMTypeOf(x), ""));
}

bc_value bc_exp_wide(bc_emit *e, bc_value x)
{
    return bc_exp(e, bc_min(e, x, bc_f32_like(e, x, 88.0))); /* 2^127 is the largest power that fits */
}

/* (1 - u)/(1 + u) with u = exp(-2|x|) <= 1 */
bc_value bc_tanh(bc_emit *e, bc_value x)
{
    bc_value one = bc_f32_like(e, x, 1), size = bc_abs(e, x);
    bc_value u = bc_exp(e, bc_neg(e, bc_add(e, size, size)));
    return bc_copysign(e, bc_div(e, bc_sub(e, one, u), bc_add(e, one, u)), x);
}

bc_value bc_logistic(bc_emit *e, bc_value x)
{
    bc_value one = bc_f32_like(e, x, 1), small = bc_exp(e, bc_neg(e, bc_abs(e, x)));
    bc_value share = bc_div(e, one, bc_add(e, one, small));
    return bc_select(e, bc_greater(e, x, bc_f32_like(e, x, 0)), share, bc_mul(e, small, share));
}

/* ---- integers ---- */

bc_value bc_iadd(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildNUWAdd(e->builder, a, b, "");
}

bc_value bc_isub(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildSub(e->builder, a, b, "");
}

bc_value bc_imul(bc_emit *e, bc_value a, uint32_t by)
{
    return LLVMBuildNUWMul(e->builder, a, bc_i32(e, by), "");
}

bc_value bc_iless(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildICmp(e->builder, LLVMIntULT, a, b, "");
}

bc_value bc_iequal(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildICmp(e->builder, LLVMIntEQ, a, b, "");
}

bc_value bc_trailing_zeros(bc_emit *e, bc_value a)
{
    bc_value arguments[2] = {a, LLVMConstInt(e->i1, 1, 0)};
    return intrinsic(e, "llvm.cttz", arguments, 2);
}

/* ---- across lanes ---- */

/* Combines lanes i and i + half for half = lanes/2, ..., 1. The result is in lane 0. */
static bc_value fold(bc_emit *e, bc_value vector, bc_value (*combine)(bc_emit *, bc_value, bc_value))
{
    for (uint32_t half = e->lanes / 2; half > 0; half /= 2) {
        bc_value indices[64];
        for (uint32_t i = 0; i < e->lanes; i++)
            indices[i] = bc_i32(e, i < half ? i + half : i);
        bc_value upper = LLVMBuildShuffleVector(e->builder, vector, vector, LLVMConstVector(indices, e->lanes), "");
        vector = combine(e, vector, upper);
    }
    return LLVMBuildExtractElement(e->builder, vector, bc_i32(e, 0), "");
}

bc_value bc_reduce_add(bc_emit *e, bc_value vector)
{
    return fold(e, vector, bc_add);
}

bc_value bc_reduce_max(bc_emit *e, bc_value vector)
{
    return fold(e, vector, bc_max);
}

bc_value bc_any(bc_emit *e, bc_value mask)
{
    return intrinsic(e, "llvm.vector.reduce.or", &mask, 1);
}

bc_value bc_lane_ids(bc_emit *e, bc_value block)
{
    bc_value ids[64];
    for (uint32_t i = 0; i < e->lanes; i++)
        ids[i] = bc_i32(e, i);
    return bc_iadd(e, bc_splat(e, bc_imul(e, block, e->lanes)), LLVMConstVector(ids, e->lanes));
}

bc_value bc_lanes_below(bc_emit *e, bc_value block, uint32_t count)
{
    return bc_iless(e, bc_lane_ids(e, block), bc_splat(e, bc_i32(e, count)));
}

bc_value bc_lane_is(bc_emit *e, bc_value block, bc_value id)
{
    return bc_iequal(e, bc_lane_ids(e, block), bc_splat(e, id));
}

/* Vectors of 16 floats mean AVX-512. Its compress instruction is fast with a register as target on all processors, but
 * not with memory. */
bool bc_can_compress(const bc_emit *e)
{
    return e->lanes == 16;
}

bc_value bc_compress(bc_emit *e, bc_value vector, bc_value mask)
{
    bc_value arguments[3] = {vector, LLVMConstNull(LLVMTypeOf(vector)), mask};
    return intrinsic(e, "llvm.x86.avx512.mask.compress", arguments, 3);
}

/* Vectors of 8 floats mean AVX2, which permutes lanes. */
bool bc_can_pack(const bc_emit *e)
{
    return bc_can_compress(e) || e->lanes == 8;
}

/* For each of the 256 masks the lanes that are set, one byte each. */
static bc_value pack_orders(bc_emit *e)
{
    static const char NAME[] = "pack_orders";
    bc_value found = LLVMGetNamedGlobal(e->module, NAME), orders[256];
    LLVMTypeRef word = LLVMInt64TypeInContext(e->llvm);
    if (found)
        return found;
    for (uint32_t mask = 0; mask < 256; mask++) {
        uint64_t order = 0;
        for (uint32_t lane = 0, at = 0; lane < 8; lane++)
            if (mask >> lane & 1)
                order |= (uint64_t)lane << 8 * at++;
        orders[mask] = LLVMConstInt(word, order, 0);
    }
    bc_value table = LLVMAddGlobal(e->module, LLVMArrayType(word, 256), NAME);
    LLVMSetInitializer(table, LLVMConstArray(word, orders, 256));
    LLVMSetGlobalConstant(table, 1);
    LLVMSetLinkage(table, LLVMPrivateLinkage);
    return table;
}

static bc_value permute(bc_emit *e, const char *name, bc_value *arguments, unsigned count)
{
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    bc_value function = LLVMGetIntrinsicDeclaration(e->module, id, NULL, 0);
    return LLVMBuildCall2(e->builder, LLVMIntrinsicGetType(e->llvm, id, NULL, 0), function, arguments, count, "");
}

bc_value bc_pack(bc_emit *e, bc_value vector, bc_value mask)
{
    static const char PERMUTE[] = "llvm.x86.avx2.permps";
    if (bc_can_compress(e))
        return bc_compress(e, vector, mask);
    LLVMTypeRef word = LLVMInt64TypeInContext(e->llvm), byte = LLVMInt8TypeInContext(e->llvm);
    bc_value bits = LLVMBuildZExt(e->builder, LLVMBuildBitCast(e->builder, mask, byte, ""), e->i32, "");
    bc_value order = LLVMBuildLoad2(e->builder, word, bc_row(e, word, pack_orders(e), bits, 1), "");
    bc_value lanes = LLVMBuildBitCast(e->builder, order, LLVMVectorType(byte, 8), "");
    bc_value arguments[2] = {vector, LLVMBuildZExt(e->builder, lanes, e->vector_i32, "")};
    return permute(e, PERMUTE, arguments, 2);
}

/* Processors with AVX-512 permute the lanes of two vectors. */
bool bc_can_pick(const bc_emit *e)
{
    return e->lanes == 16;
}

bc_value bc_pick(bc_emit *e, const bc_value *vectors, uint32_t count, bc_value indices)
{
    bc_value picked = NULL;
    for (uint32_t i = 0; i < count; i += 2) {
        bc_value one[2] = {vectors[i], indices}, two[3] = {vectors[i], indices, i + 1 < count ? vectors[i + 1] : NULL};
        bc_value here = two[2] ? permute(e, "llvm.x86.avx512.vpermi2var.ps.512", two, 3)
                               : permute(e, "llvm.x86.avx512.permvar.sf.512", one, 2);
        bc_value below = bc_iless(e, indices, bc_splat(e, bc_i32(e, i * e->lanes)));
        picked = picked ? bc_select(e, below, picked, here) : here;
    }
    return picked;
}

bc_value bc_count_lanes(bc_emit *e, bc_value mask)
{
    bc_value bits = LLVMBuildBitCast(e->builder, mask, LLVMIntTypeInContext(e->llvm, e->lanes), "");
    bits = LLVMBuildZExt(e->builder, bits, e->i32, "");
    return intrinsic(e, "llvm.ctpop", &bits, 1);
}

/* log2(lanes) rounds. Each round interleaves vectors i and i + lanes/2, which moves one bit of the vector number into
 * the lane number. */
void bc_transpose(bc_emit *e, bc_value *vectors)
{
    uint32_t lanes = e->lanes;
    bc_value low[64], high[64], next[64];
    for (uint32_t i = 0; i < lanes; i++) {
        low[i] = bc_i32(e, i / 2 + (i % 2) * lanes);
        high[i] = bc_i32(e, (lanes + i) / 2 + (i % 2) * lanes);
    }
    bc_value first = LLVMConstVector(low, lanes), second = LLVMConstVector(high, lanes);
    for (uint32_t round = 1; round < lanes; round *= 2) {
        for (uint32_t i = 0; i < lanes / 2; i++) {
            bc_value a = vectors[i], b = vectors[i + lanes / 2];
            next[2 * i] = LLVMBuildShuffleVector(e->builder, a, b, first, "");
            next[2 * i + 1] = LLVMBuildShuffleVector(e->builder, a, b, second, "");
        }
        memcpy(vectors, next, lanes * sizeof *vectors);
    }
}
