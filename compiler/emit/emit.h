/* Emission helpers: names short enough that a kernel reads like its equation.
 *
 * One bc_emit stands for one module being written. Vectors are `lanes` floats wide; scalar floats are made vectors with
 * splat. Mutable values live in stack slots (bc_slot) that the first pass turns into registers. */
#ifndef BC_EMIT_H
#define BC_EMIT_H

#include <llvm-c/Core.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef LLVMValueRef bc_value;
struct bc_lines;

typedef struct bc_emit {
    LLVMContextRef llvm;
    LLVMModuleRef module;
    LLVMBuilderRef builder;
    LLVMTypeRef i1, i32, i64, f32, ptr, none;
    LLVMTypeRef vector, vector_i32; /* lanes of f32, lanes of i32 */
    LLVMTypeRef i8, vector_i8;      /* a byte; as many as fill a vector, four to a lane */
    uint32_t lanes;
    bool dot;              /* the machine multiplies bytes and adds them up by fours in one instruction */
    bool no_memory;        /* there was none for a part of the module: it is not to be used */
    bool check;            /* values are asserted to lie in their ranges */
    bool apart;            /* multiply-adds round twice, as every machine can: the same bits on all of them */
    LLVMValueRef function; /* being written */
    LLVMBasicBlockRef entry;
    struct bc_lines *lines; /* NULL: none are given */
    bc_value fault;         /* of the function being written, with `check`: where it is noted */
    bc_value opposite;      /* -1, in registers; NULL: not yet asked for in this function */
} bc_emit;

void bc_emit_begin(bc_emit *e, LLVMContextRef llvm, const char *module_name, uint32_t lanes);
void bc_emit_lanes(bc_emit *e, uint32_t lanes); /* for the functions that follow */
void bc_emit_end(bc_emit *e);                   /* frees the builder; the module stays */

/* A kernel function of type br_kernel; `vector_bits` goes into its attributes. */
typedef struct bc_kernel_args {
    bc_value state, a0, a1, b0, b1;
} bc_kernel_args;
/* What every function begins with: its entry, and where it comes from; e->function is set. */
void bc_begin(bc_emit *e, const char *name);
bc_kernel_args bc_function(bc_emit *e, const char *name);
void bc_return(bc_emit *e);
void bc_attribute(bc_emit *e, const char *key, const char *value); /* of the function; value NULL: LLVM's own */

/* Constants. */
bc_value bc_f32(bc_emit *e, double value);
bc_value bc_f32_like(bc_emit *e, bc_value like, double value); /* in every lane, where `like` is a vector */
bc_value bc_i32(bc_emit *e, uint32_t value);
bc_value bc_splat_f32(bc_emit *e, double value);
bc_value bc_splat(bc_emit *e, bc_value scalar);

/* With e->check: notes `fault` (br_fault) where a value, or a lane of one, is outside [low, high] or none at all. */
void bc_assert_within(bc_emit *e, bc_value value, double low, double high, uint32_t fault);

bc_value bc_offset(bc_emit *e, bc_value base, uint64_t bytes);

/* Fields of br_layer_state, by offset. */
bc_value bc_field(bc_emit *e, bc_value state, size_t offset, LLVMTypeRef type, const char *name);
#define BC_FIELD_PTR(e, state, field) bc_field((e), (state), offsetof(br_layer_state, field), (e)->ptr, #field)
#define BC_FIELD_F32(e, state, field) bc_field((e), (state), offsetof(br_layer_state, field), (e)->f32, #field)
#define BC_FIELD_I32(e, state, field) bc_field((e), (state), offsetof(br_layer_state, field), (e)->i32, #field)

/* Memory. Indices are i32 values, widened before they address. `row` adds index * stride elements. */
bc_value bc_row(bc_emit *e, LLVMTypeRef element, bc_value base, bc_value index, uint64_t stride);
bc_value bc_block(bc_emit *e, bc_value base, bc_value block); /* where vector block number `block` begins */
bc_value bc_row_by(bc_emit *e, LLVMTypeRef element, bc_value base, bc_value index, bc_value stride);
bc_value bc_load_f32(bc_emit *e, bc_value base, bc_value index);
bc_value bc_load_i32(bc_emit *e, bc_value base, bc_value index);
bc_value bc_load_splat(bc_emit *e, bc_value base,
                       bc_value index); /* bc_splat of bc_load_f32, kept off the busy pipes */
void bc_store_f32(bc_emit *e, bc_value base, bc_value index, bc_value value);
void bc_store_i32(bc_emit *e, bc_value base, bc_value index, bc_value value);
bc_value bc_load_vector(bc_emit *e, bc_value base, bc_value index);
void bc_ahead(bc_emit *e, bc_value base, uint32_t floats,
              uint32_t vectors); /* soon to be read: fetched into the cache */
void bc_store_vector(bc_emit *e, bc_value base, bc_value index, bc_value value);
void bc_zero_f32(bc_emit *e, bc_value base, bc_value index, bc_value count); /* count floats */
bc_value bc_load_unaligned(bc_emit *e, bc_value base, bc_value index);       /* a vector that may begin at any float */
void bc_store_unaligned(bc_emit *e, bc_value base, bc_value index, bc_value value);

/* To the head of the function and back, for what belongs before everything else. */
typedef struct bc_spot {
    LLVMBasicBlockRef block;
    LLVMMetadataRef line;
} bc_spot;
bc_spot bc_to_entry(bc_emit *e);
void bc_return_to(bc_emit *e, bc_spot spot);

/* Slots. */
bc_value bc_slot(bc_emit *e, LLVMTypeRef type, bc_value initial, const char *name);
bc_value bc_room(bc_emit *e, uint32_t floats, const char *name); /* memory of the function, not yet written */
bc_value bc_get(bc_emit *e, LLVMTypeRef type, bc_value slot);
void bc_set(bc_emit *e, bc_value slot, bc_value value);

/* Loops: for (i = from; i + step <= to; i += step); the end leaves the first i not done in loop.rest. */
typedef struct bc_loop {
    LLVMBasicBlockRef head, body, done;
    bc_value i, rest;
    uint32_t step;
} bc_loop;
bc_loop bc_loop_begin(bc_emit *e, bc_value from, bc_value to, uint32_t step, const char *name);
void bc_loop_end(bc_emit *e, bc_loop *loop);

/* Loops over the lanes whose mask is set, ascending; lane numbers are i32. */
typedef struct bc_set_lanes {
    LLVMBasicBlockRef head, done;
    bc_value left; /* phi: lanes not yet done, a bit each */
    bc_value lane;
} bc_set_lanes;
bc_set_lanes bc_set_lanes_begin(bc_emit *e, bc_value mask);
void bc_set_lanes_end(bc_emit *e, bc_set_lanes *loop);

/* Conditions. */
typedef struct bc_branch {
    LLVMBasicBlockRef done;
} bc_branch;
bc_branch bc_if(bc_emit *e, bc_value condition, const char *name);
void bc_endif(bc_emit *e, bc_branch *branch);

/* Arithmetic on scalars and vectors alike. Comparisons are false on NaN. */
bc_value bc_add(bc_emit *e, bc_value a, bc_value b);
bc_value bc_sub(bc_emit *e, bc_value a, bc_value b);
bc_value bc_mul(bc_emit *e, bc_value a, bc_value b);
bc_value bc_div(bc_emit *e, bc_value a, bc_value b);
bc_value bc_neg(bc_emit *e, bc_value a);
bc_value bc_muladd(bc_emit *e, bc_value a, bc_value b,
                   bc_value c); /* a * b + c, fused where that is fast, unless `apart` */
bc_value bc_abs(bc_emit *e, bc_value a);
bc_value bc_copysign(bc_emit *e, bc_value magnitude, bc_value sign);
bc_value bc_min(bc_emit *e, bc_value a, bc_value b); /* a < b ? a : b, so NaN in a gives b */
bc_value bc_max(bc_emit *e, bc_value a, bc_value b); /* a > b ? a : b, so NaN in a gives b */
bc_value bc_clamp(bc_emit *e, bc_value x, bc_value low, bc_value high);
/* max of one float in memory, in every lane, and a vector, of which none is below 0: as integers, where the pipes that
 * multiply are not asked for it. */
bc_value bc_larger_of_one(bc_emit *e, bc_value base, bc_value index, bc_value than);
bc_value bc_within(bc_emit *e, bc_value v, bc_value t); /* vectors: clamp(v, -t, t) for t >= 0 */
/* v - clamp(v, -t, t). Neighbours, told apart by `number`, take turns at the machine's pipes for adding and for
 * multiplying; the bits are the same. */
bc_value bc_soft(bc_emit *e, bc_value v, bc_value t, uint32_t number);
bc_value bc_less(bc_emit *e, bc_value a, bc_value b);
bc_value bc_greater(bc_emit *e, bc_value a, bc_value b);
bc_value bc_at_least(bc_emit *e, bc_value a, bc_value b);
bc_value bc_equal(bc_emit *e, bc_value a, bc_value b);
bc_value bc_finite(bc_emit *e, bc_value a);
bc_value bc_select(bc_emit *e, bc_value condition, bc_value yes, bc_value no);
bc_value bc_and(bc_emit *e, bc_value a, bc_value b);
bc_value bc_or(bc_emit *e, bc_value a, bc_value b);
bc_value bc_flip_sign(bc_emit *e, bc_value a, bc_value by); /* -a where by is negative (or -0), else a */
bc_value bc_sqrt(bc_emit *e, bc_value a);
bc_value bc_exp(bc_emit *e, bc_value x);      /* for x <= 0; 1e-7 relative; stays at exp(-87) below */
bc_value bc_exp_wide(bc_emit *e, bc_value x); /* for every x; stays at exp(88) above */
bc_value bc_tanh(bc_emit *e, bc_value x);     /* 1e-7 absolute, without overflow */
bc_value bc_logistic(bc_emit *e, bc_value x); /* 1/(1 + exp(-x)), without overflow */

/* Integers. */
bc_value bc_iadd(bc_emit *e, bc_value a, bc_value b);
bc_value bc_isub(bc_emit *e, bc_value a, bc_value b);
bc_value bc_imul(bc_emit *e, bc_value a, uint32_t by);
bc_value bc_iless(bc_emit *e, bc_value a, bc_value b);
bc_value bc_iequal(bc_emit *e, bc_value a, bc_value b);
bc_value bc_trailing_zeros(bc_emit *e, bc_value a); /* a is not 0 */

/* Bytes, four to a 32-bit lane: unsigned ones are 0 .. 255, signed ones -127 .. 127. */
typedef struct bc_signed_bytes {
    bc_value whole;     /* where the machine has a dot product */
    bc_value even, odd; /* where it has not: every other byte as 16 bits */
} bc_signed_bytes;
bc_value bc_at_byte(bc_emit *e, bc_value base, bc_value offset); /* i32, widened */
bc_value bc_load_quad(bc_emit *e, bc_value base);                /* four bytes as i32; may begin at any byte */
bc_value bc_load_bytes(bc_emit *e, bc_value base);               /* a vector, aligned */
bc_value bc_splat_quad(bc_emit *e, bc_value quad);
bc_value bc_less_saturating(bc_emit *e, bc_value a, bc_value b); /* max(0, a - b), unsigned */
bc_value bc_larger_bytes(bc_emit *e, bc_value a, bc_value b);    /* max(a, b), unsigned */
bc_signed_bytes bc_signed(bc_emit *e, bc_value bytes);           /* made ready for products, once for many */
/* sum + the four products of each lane, exact; the same bits with and without a dot product. */
bc_value bc_dot(bc_emit *e, bc_value sum, bc_value a, const bc_signed_bytes *b);
bc_value bc_to_bytes(bc_emit *e, bc_value floats);   /* of 0 .. 255, cut to whole numbers: a byte for each */
bc_value bc_from_i32(bc_emit *e, bc_value integers); /* to floats, as many */

/* Across lanes: fixed pairwise order, so that every partition adds alike. */
bc_value bc_reduce_add(bc_emit *e, bc_value vector);
bc_value bc_reduce_max(bc_emit *e, bc_value vector);
bc_value bc_any(bc_emit *e, bc_value mask);
bc_value bc_lane_ids(bc_emit *e, bc_value block);                    /* block * lanes + 0, 1, 2, ... */
bc_value bc_lanes_below(bc_emit *e, bc_value block, uint32_t count); /* mask: lane id < count */
bc_value bc_lane_is(bc_emit *e, bc_value block, bc_value id);        /* mask: lane id == id */
/* The lanes of a vector (of floats, of i32) whose mask is set, moved to the front; only where bc_can_compress. */
bool bc_can_compress(const bc_emit *e);
bc_value bc_compress(bc_emit *e, bc_value vector, bc_value mask);
bc_value bc_count_lanes(bc_emit *e, bc_value mask); /* how many are set, i32 */
void bc_transpose(bc_emit *e, bc_value *vectors);   /* lanes vectors: lane i of j becomes lane j of i */

#endif
