/* Emission helpers: vectors of bytes, four bytes to a 32-bit lane. */
#include <string.h>

#include "emit/emit.h"

static bc_value call(bc_emit *e, const char *name, LLVMTypeRef type, bc_value *arguments, unsigned count)
{
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name)), types = type ? 1 : 0;
    bc_value function = LLVMGetIntrinsicDeclaration(e->module, id, &type, types);
    return LLVMBuildCall2(e->builder, LLVMIntrinsicGetType(e->llvm, id, &type, types), function, arguments, count, "");
}

bc_value bc_at_byte(bc_emit *e, bc_value base, bc_value offset)
{
    return bc_row(e, e->i8, base, offset, 1);
}

bc_value bc_load_quad(bc_emit *e, bc_value base)
{
    bc_value quad = LLVMBuildLoad2(e->builder, e->i32, base, "");
    LLVMSetAlignment(quad, 1);
    return quad;
}

bc_value bc_load_bytes(bc_emit *e, bc_value base)
{
    bc_value bytes = LLVMBuildLoad2(e->builder, e->vector_i8, base, "");
    LLVMSetAlignment(bytes, 4 * e->lanes);
    return bytes;
}

bc_value bc_splat_quad(bc_emit *e, bc_value quad)
{
    return LLVMBuildBitCast(e->builder, bc_splat(e, quad), e->vector_i8, "");
}

bc_value bc_less_saturating(bc_emit *e, bc_value a, bc_value b)
{
    bc_value arguments[2] = {a, b};
    return call(e, "llvm.usub.sat", e->vector_i8, arguments, 2);
}

bc_value bc_larger_bytes(bc_emit *e, bc_value a, bc_value b)
{
    bc_value arguments[2] = {a, b};
    return call(e, "llvm.umax", e->vector_i8, arguments, 2);
}

/* ---- dot products of four bytes ---- */

static LLVMTypeRef shorts(bc_emit *e)
{
    return LLVMVectorType(LLVMInt16TypeInContext(e->llvm), 2 * e->lanes);
}

static bc_value int8_bits(bc_emit *e)
{
    bc_value int8s[128], int8 = LLVMConstInt(LLVMInt16TypeInContext(e->llvm), 8, 0);
    for (uint32_t i = 0; i < 2 * e->lanes; i++)
        int8s[i] = int8;
    return LLVMConstVector(int8s, 2 * e->lanes);
}

bc_signed_bytes bc_signed(bc_emit *e, bc_value bytes)
{
    bc_signed_bytes b = {.whole = bytes};
    if (e->dot)
        return b;
    bc_value pairs = LLVMBuildBitCast(e->builder, b.whole, shorts(e), ""), int8 = int8_bits(e);
    b.even = LLVMBuildAShr(e->builder, LLVMBuildShl(e->builder, pairs, int8, ""), int8, "");
    b.odd = LLVMBuildAShr(e->builder, pairs, int8, "");
    return b;
}

/* a_0 b_0 + a_1 b_1 of each pair of neighbouring 16-bit lanes, in 32 bits. LLVM's code generator recognises this
 * pattern as pmaddwd. */
static bc_value neighbours(bc_emit *e, bc_value a, bc_value b)
{
    LLVMTypeRef wide = LLVMVectorType(e->i32, 2 * e->lanes);
    bc_value left = LLVMBuildSExt(e->builder, a, wide, ""), right = LLVMBuildSExt(e->builder, b, wide, "");
    bc_value product = LLVMBuildNSWMul(e->builder, left, right, ""), first[64], second[64];
    for (uint32_t i = 0; i < e->lanes; i++) {
        first[i] = bc_i32(e, 2 * i);
        second[i] = bc_i32(e, 2 * i + 1);
    }
    bc_value none = LLVMGetPoison(wide);
    bc_value even = LLVMBuildShuffleVector(e->builder, product, none, LLVMConstVector(first, e->lanes), "");
    bc_value odd = LLVMBuildShuffleVector(e->builder, product, none, LLVMConstVector(second, e->lanes), "");
    return LLVMBuildNSWAdd(e->builder, even, odd, "");
}

/* One instruction: sum + a_0 b_0 + ... + a_3 b_3 in each lane. a is unsigned, b is signed. */
static bc_value dot_instruction(bc_emit *e, bc_value sum, bc_value a, bc_value b)
{
    const char *name = e->lanes == 16 ? "llvm.x86.avx512.vpdpbusd.512" : "llvm.x86.avx512.vpdpbusd.256";
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    LLVMTypeRef types[3];
    LLVMGetParamTypes(LLVMIntrinsicGetType(e->llvm, id, NULL, 0), types); /* bytes or i32: LLVM's versions differ */
    bc_value arguments[3] = {sum, LLVMBuildBitCast(e->builder, a, types[1], ""),
                             LLVMBuildBitCast(e->builder, b, types[2], "")};
    return call(e, name, NULL, arguments, 3);
}

/* Without the instruction, bytes are widened to 16 bits. The 8-bit pmaddubsw saturates, so it would not be exact. */
bc_value bc_dot(bc_emit *e, bc_value sum, bc_value a, const bc_signed_bytes *b)
{
    if (e->dot)
        return dot_instruction(e, sum, a, b->whole);
    bc_value pairs = LLVMBuildBitCast(e->builder, a, shorts(e), ""), int8 = int8_bits(e);
    bc_value even = LLVMBuildLShr(e->builder, LLVMBuildShl(e->builder, pairs, int8, ""), int8, "");
    bc_value odd = LLVMBuildLShr(e->builder, pairs, int8, "");
    bc_value both = LLVMBuildNSWAdd(e->builder, neighbours(e, even, b->even), neighbours(e, odd, b->odd), "");
    return LLVMBuildNSWAdd(e->builder, sum, both, "");
}

/* Vectors of 8 lanes are those of AVX2, of 16 those of AVX-512. */
static bool multiplies_bytes(const bc_emit *e)
{
    return !e->dot && e->lanes >= 8;
}

bc_small_bytes bc_small(bc_emit *e, bc_value bytes)
{
    return (bc_small_bytes){multiplies_bytes(e) ? (bc_signed_bytes){.whole = bytes} : bc_signed(e, bytes)};
}

bc_value bc_dot_small(bc_emit *e, bc_value sum, bc_value a, const bc_small_bytes *b)
{
    if (!multiplies_bytes(e))
        return bc_dot(e, sum, a, &b->bytes);
    bool wide = e->lanes == 16;
    bc_value arguments[2] = {a, b->bytes.whole}, ones[64];
    for (uint32_t i = 0; i < 2 * e->lanes; i++)
        ones[i] = LLVMConstInt(LLVMInt16TypeInContext(e->llvm), 1, 0);
    bc_value products =
        call(e, wide ? "llvm.x86.avx512.pmaddubs.w.512" : "llvm.x86.avx2.pmadd.ub.sw", NULL, arguments, 2);
    bc_value both[2] = {products, LLVMConstVector(ones, 2 * e->lanes)};
    bc_value quads = call(e, wide ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd", NULL, both, 2);
    return LLVMBuildAdd(e->builder, sum, quads, "");
}

/* ---- conversions from and to floats ---- */

bc_value bc_to_bytes(bc_emit *e, bc_value floats)
{
    bool vector = LLVMGetTypeKind(LLVMTypeOf(floats)) == LLVMVectorTypeKind;
    bc_value whole = LLVMBuildFPToSI(e->builder, floats, vector ? e->vector_i32 : e->i32, "");
    return LLVMBuildTrunc(e->builder, whole, vector ? LLVMVectorType(e->i8, e->lanes) : e->i8, "");
}

bc_value bc_from_i32(bc_emit *e, bc_value integers)
{
    return LLVMBuildSIToFP(e->builder, integers, e->vector, "");
}
