/* Shared by the encoding steps: arithmetic in doubles, and the buffers of one image. */
#ifndef BC_ENCODE_H
#define BC_ENCODE_H

#include "bouton/compiler.h"
#include "emit/emit.h"

static inline LLVMTypeRef f64(bc_emit *e)
{
    return LLVMDoubleTypeInContext(e->llvm);
}

static inline bc_value real(bc_emit *e, double value)
{
    return LLVMConstReal(f64(e), value);
}

/* In every lane if `like` is a vector. */
static inline bc_value bc_real_like(bc_emit *e, bc_value like, double value)
{
    bool vector = LLVMGetTypeKind(LLVMTypeOf(like)) == LLVMVectorTypeKind;
    return vector ? bc_splat(e, real(e, value)) : real(e, value);
}

static inline bc_value widened(bc_emit *e, bc_value value)
{
    return LLVMBuildFPExt(e->builder, value, f64(e), "");
}

static inline bc_value narrowed(bc_emit *e, bc_value value)
{
    return LLVMBuildFPTrunc(e->builder, value, e->f32, "");
}

/* The buffers of the image that is being encoded. */
typedef struct image {
    const bl_input *input;
    uint32_t pixels;
    bc_value planes, next, sums, bordered; /* as in runtime/encode/encoder.h */
} image;

static inline bc_value plane_of(bc_emit *e, const image *m, bc_value planes, bc_value channel)
{
    return bc_row(e, e->f32, planes, channel, m->pixels);
}

static inline bc_loop count_to(bc_emit *e, uint32_t n, const char *name)
{
    return bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, n), 1, name);
}

/* Local normalisation in place. `opponent`: the first channel is luminance, the others are colour differences. */
void bc_emit_normalise(bc_emit *e, const image *m, const bl_encoding *step, bool opponent);

/* Whitening by learned filters from `planes` into `next`; then the two are swapped. */
void bc_emit_whiten(bc_emit *e, image *m, const bl_encoding *step, const float *learned);

#endif
