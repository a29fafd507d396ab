/* Emission helpers: names short enough that a kernel reads like its equation.
 *
 * One bc_emit stands for one module being written. Vectors are `lanes` floats wide; bc_splat turns a scalar into a
 * vector. With one lane, vectors are scalars. Mutable values live in stack slots (bc_slot), which the first pass
 * promotes to registers. */
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
    LLVMTypeRef vector, vector_i32; /* `lanes` values of f32, of i32 */
    LLVMTypeRef i8, vector_i8;      /* a byte; a vector of bytes, four to a lane */
    uint32_t lanes;
    uint32_t flash;        /* the address space of firmware's constants; 0: that of all memory */
    bool dot;              /* the target has an instruction for the dot product of four bytes in each lane */
    bool out_of_memory;    /* an allocation failed: the module must not be used */
    bool check;            /* emit assertions that values lie in their ranges */
    bool no_contraction;   /* multiply-adds are not fused, so that all machines compute the same bits */
    LLVMValueRef function; /* the function being written */
    LLVMBasicBlockRef entry;
    struct bc_lines *lines; /* NULL: no line information */
    bc_value fault;         /* with `check`: where the current function records a fault */
    bc_value minus_one;     /* vector of -1 in the current function; NULL: not created yet */
} bc_emit;

void bc_emit_begin(bc_emit *e, LLVMContextRef llvm, const char *module_name, uint32_t lanes);
void bc_emit_lanes(bc_emit *e, uint32_t lanes); /* applies to the functions that follow */
void bc_emit_end(bc_emit *e);                   /* frees the builder; the module stays */

/* A kernel function of type br_kernel. The vector width goes into its attributes. */
typedef struct bc_kernel_args {
    bc_value state, first, end, part_first, part_end;
} bc_kernel_args;
/* Begins e->function, which the caller has set: its entry block and its source line. */
void bc_begin(bc_emit *e, const char *name);
bc_kernel_args bc_function(bc_emit *e, const char *name);
void bc_return(bc_emit *e);
void bc_attribute(bc_emit *e, const char *key, const char *value); /* value NULL: an attribute of LLVM */

/* Constants. */
bc_value bc_f32(bc_emit *e, double value);
bc_value bc_f32_like(bc_emit *e, bc_value like, double value); /* in every lane if `like` is a vector */
bc_value bc_i32(bc_emit *e, uint32_t value);
bc_value bc_splat_f32(bc_emit *e, double value);
bc_value bc_splat(bc_emit *e, bc_value scalar);

/* With e->check: records `fault` (br_fault) if the value, or one lane of it, is NaN or outside [low, high]. */
void bc_assert_within(bc_emit *e, bc_value value, double low, double high, uint32_t fault);

bc_value bc_offset(bc_emit *e, bc_value base, uint64_t bytes);

/* Fields of br_layer_state, by their offsets. */
bc_value bc_field(bc_emit *e, bc_value state, size_t offset, LLVMTypeRef type, const char *name);
#define BC_FIELD_PTR(e, state, field) bc_field((e), (state), offsetof(br_layer_state, field), (e)->ptr, #field)
#define BC_FIELD_F32(e, state, field) bc_field((e), (state), offsetof(br_layer_state, field), (e)->f32, #field)
#define BC_FIELD_I32(e, state, field) bc_field((e), (state), offsetof(br_layer_state, field), (e)->i32, #field)

/* Memory. Indices are i32 and are widened before they address. bc_row adds index * stride elements. */
bc_value bc_row(bc_emit *e, LLVMTypeRef element, bc_value base, bc_value index, uint64_t stride);
bc_value bc_block(bc_emit *e, bc_value base, bc_value block); /* address of vector block number `block` */
bc_value bc_row_by(bc_emit *e, LLVMTypeRef element, bc_value base, bc_value index, bc_value stride);
bc_value bc_load_f32(bc_emit *e, bc_value base, bc_value index);
bc_value bc_load_i32(bc_emit *e, bc_value base, bc_value index);
/* bc_splat of bc_load_f32, without the multiplication pipes. */
bc_value bc_load_splat(bc_emit *e, bc_value base, bc_value index);
void bc_store_f32(bc_emit *e, bc_value base, bc_value index, bc_value value);
void bc_store_i32(bc_emit *e, bc_value base, bc_value index, bc_value value);
bc_value bc_load_vector(bc_emit *e, bc_value base, bc_value index);
void bc_prefetch(bc_emit *e, bc_value base, uint32_t floats, uint32_t vectors); /* prefetches vectors into the cache */
void bc_store_vector(bc_emit *e, bc_value base, bc_value index, bc_value value);
void bc_zero_f32(bc_emit *e, bc_value base, bc_value index, bc_value count); /* `count` floats */
bc_value bc_load_unaligned(bc_emit *e, bc_value base, bc_value index);       /* a vector at any multiple of 4 bytes */
bc_value bc_load_indices(bc_emit *e, bc_value base, bc_value index);         /* the same of i32 */
bc_value bc_gather(bc_emit *e, bc_value base, bc_value indices);             /* base[indices], a float for each lane */
void bc_store_unaligned(bc_emit *e, bc_value base, bc_value index, bc_value value);

/* Moves to the head of the function, for code that must run before everything else, and back. */
typedef struct bc_spot {
    LLVMBasicBlockRef block;
    LLVMMetadataRef line;
} bc_spot;
bc_spot bc_to_entry(bc_emit *e);
void bc_return_to(bc_emit *e, bc_spot spot);

/* Slots: mutable values on the stack. bc_get loads the value of a slot, bc_set stores one. */
bc_value bc_slot(bc_emit *e, LLVMTypeRef type, bc_value initial, const char *name);
/* Uninitialised memory on the function's stack. */
bc_value bc_stack_buffer(bc_emit *e, uint32_t floats, const char *name);
bc_value bc_get(bc_emit *e, LLVMTypeRef type, bc_value slot);
void bc_set(bc_emit *e, bc_value slot, bc_value value);

/* Loops: for (i = from; i + step <= to; i += step). After the loop, loop.rest is the first i that was not processed. */
typedef struct bc_loop {
    LLVMBasicBlockRef head, body, done;
    bc_value i, rest;
    uint32_t step;
} bc_loop;
bc_loop bc_loop_begin(bc_emit *e, bc_value from, bc_value to, uint32_t step, const char *name);
void bc_loop_end(bc_emit *e, bc_loop *loop);

/* Loops while a condition holds: the code between bc_while_begin and bc_while_holds computes the condition. */
typedef struct bc_while {
    LLVMBasicBlockRef head, body, done;
} bc_while;
bc_while bc_while_begin(bc_emit *e, const char *name);
void bc_while_holds(bc_emit *e, const bc_while *loop, bc_value condition);
void bc_while_end(bc_emit *e, const bc_while *loop);

/* Loops over the lanes whose mask is set, in ascending order. Lane numbers are i32. */
typedef struct bc_set_lane_loop {
    LLVMBasicBlockRef head, done;
    bc_value left; /* phi: the lanes that remain, one bit each */
    bc_value lane;
} bc_set_lane_loop;
bc_set_lane_loop bc_for_each_set_lane(bc_emit *e, bc_value mask);
void bc_for_each_set_lane_end(bc_emit *e, bc_set_lane_loop *loop);

/* Conditions: the code between bc_if and bc_endif runs only if the i1 `condition` is true. */
typedef struct bc_branch {
    LLVMBasicBlockRef done;
} bc_branch;
bc_branch bc_if(bc_emit *e, bc_value condition, const char *name);
void bc_endif(bc_emit *e, bc_branch *branch);

/* Arithmetic on scalars and vectors. Comparisons with NaN are false. */
bc_value bc_add(bc_emit *e, bc_value a, bc_value b);
bc_value bc_sub(bc_emit *e, bc_value a, bc_value b);
bc_value bc_mul(bc_emit *e, bc_value a, bc_value b);
bc_value bc_div(bc_emit *e, bc_value a, bc_value b);
bc_value bc_neg(bc_emit *e, bc_value a);
/* a * b + c, fused if that is fast and `no_contraction` is not set. */
bc_value bc_muladd(bc_emit *e, bc_value a, bc_value b, bc_value c);
bc_value bc_abs(bc_emit *e, bc_value a);
bc_value bc_copysign(bc_emit *e, bc_value magnitude, bc_value sign);
bc_value bc_min(bc_emit *e, bc_value a, bc_value b); /* a < b ? a : b; if a is NaN, b */
bc_value bc_max(bc_emit *e, bc_value a, bc_value b); /* a > b ? a : b; if a is NaN, b */
bc_value bc_clamp(bc_emit *e, bc_value x, bc_value low, bc_value high);
/* The maximum of one float in memory and each lane of a vector without negative values. It compares them as integers,
 * which leaves the multiplication pipes free. */
bc_value bc_larger_of_one(bc_emit *e, bc_value base, bc_value index, bc_value than);
bc_value bc_within(bc_emit *e, bc_value v, bc_value t); /* vectors: clamp(v, -t, t) for t >= 0 */
/* v - clamp(v, -t, t). Calls with even and odd `number` use different instructions, so that addition and multiplication
 * pipes share the work. The result has the same bits. */
bc_value bc_soft(bc_emit *e, bc_value v, bc_value t, uint32_t number);
bc_value bc_less(bc_emit *e, bc_value a, bc_value b);
bc_value bc_greater(bc_emit *e, bc_value a, bc_value b);
bc_value bc_at_least(bc_emit *e, bc_value a, bc_value b);
bc_value bc_equal(bc_emit *e, bc_value a, bc_value b);
bc_value bc_finite(bc_emit *e, bc_value a);
bc_value bc_select(bc_emit *e, bc_value condition, bc_value yes, bc_value no);
bc_value bc_and(bc_emit *e, bc_value a, bc_value b);
bc_value bc_or(bc_emit *e, bc_value a, bc_value b);
bc_value bc_flip_sign(bc_emit *e, bc_value a, bc_value by); /* -a if `by` is negative (or -0), else a */
bc_value bc_sqrt(bc_emit *e, bc_value a);
bc_value bc_round_even(bc_emit *e, bc_value a); /* to a whole number, halves to even, |a| below 2^22 */
bc_value bc_exp(bc_emit *e, bc_value x);        /* for x <= 0; relative error 1e-7; exp(-87) for smaller x */
bc_value bc_exp_wide(bc_emit *e, bc_value x);   /* for every x; exp(88) for larger x */
bc_value bc_tanh(bc_emit *e, bc_value x);       /* absolute error 1e-7; no overflow */
bc_value bc_logistic(bc_emit *e, bc_value x);   /* 1/(1 + exp(-x)); no overflow */

/* Integers. */
bc_value bc_iadd(bc_emit *e, bc_value a, bc_value b);
bc_value bc_isub(bc_emit *e, bc_value a, bc_value b);
bc_value bc_imul(bc_emit *e, bc_value a, uint32_t by);
bc_value bc_iless(bc_emit *e, bc_value a, bc_value b);
bc_value bc_iequal(bc_emit *e, bc_value a, bc_value b);
bc_value bc_trailing_zeros(bc_emit *e, bc_value a); /* a must not be 0 */

/* Bytes, four to a 32-bit lane. Unsigned bytes are 0 .. 255, signed bytes -127 .. 127. */
typedef struct bc_signed_bytes {
    bc_value whole;     /* if the target has a dot product */
    bc_value even, odd; /* if it has not: alternate bytes, widened to 16 bits */
} bc_signed_bytes;
bc_value bc_at_byte(bc_emit *e, bc_value base, bc_value offset); /* offset: i32 */
bc_value bc_load_quad(bc_emit *e, bc_value base);                /* four bytes as i32, at any address */
bc_value bc_load_bytes(bc_emit *e, bc_value base);               /* an aligned vector */
bc_value bc_splat_quad(bc_emit *e, bc_value quad);
bc_value bc_less_saturating(bc_emit *e, bc_value a, bc_value b); /* max(0, a - b), unsigned */
bc_value bc_larger_bytes(bc_emit *e, bc_value a, bc_value b);    /* max(a, b), unsigned */
bc_signed_bytes bc_signed(bc_emit *e, bc_value bytes);           /* prepares bytes for several dot products */
/* sum + the four products of each lane. It is exact, so the bits are the same with and without the instruction. */
bc_value bc_dot(bc_emit *e, bc_value sum, bc_value a, const bc_signed_bytes *b);
/* The same where a is at most 126, so that two products fit into 16 bits. It needs fewer instructions if the target
 * multiplies bytes but has no dot product. */
typedef struct bc_small_bytes {
    bc_signed_bytes bytes;
} bc_small_bytes;
bc_small_bytes bc_small(bc_emit *e, bc_value bytes);
bc_value bc_dot_small(bc_emit *e, bc_value sum, bc_value a, const bc_small_bytes *b);
bc_value bc_to_bytes(bc_emit *e, bc_value floats);   /* of values in 0 .. 255, truncated: one byte for each */
bc_value bc_from_i32(bc_emit *e, bc_value integers); /* one float for each */

/* Reductions across lanes. Pairs are combined in a fixed order, so that sums do not depend on how the work is
 * divided. */
bc_value bc_reduce_add(bc_emit *e, bc_value vector);
bc_value bc_reduce_max(bc_emit *e, bc_value vector);
bc_value bc_any(bc_emit *e, bc_value mask);
bc_value bc_lane_ids(bc_emit *e, bc_value block);                    /* block * lanes + 0, 1, 2, ... */
bc_value bc_lanes_below(bc_emit *e, bc_value block, uint32_t count); /* mask: lane id < count */
bc_value bc_lane_is(bc_emit *e, bc_value block, bc_value id);        /* mask: lane id == id */
/* Moves the lanes of a vector (of floats or i32) whose mask is set to the front. Only if bc_can_compress. */
bool bc_can_compress(const bc_emit *e);
bc_value bc_compress(bc_emit *e, bc_value vector, bc_value mask);
/* The same for a vector of floats, by a table of permutations where the processor permutes but does not compress. What
 * lies behind the lanes moved is undefined. */
bool bc_can_pack(const bc_emit *e);
bc_value bc_pack(bc_emit *e, bc_value vector, bc_value mask);
/* The floats number `indices` of `count` vectors in a row. Only if bc_can_pick. */
bool bc_can_pick(const bc_emit *e);
bc_value bc_pick(bc_emit *e, const bc_value *vectors, uint32_t count, bc_value indices);
bc_value bc_count_lanes(bc_emit *e, bc_value mask); /* number of set lanes, i32 */
void bc_transpose(bc_emit *e, bc_value *vectors);   /* `lanes` vectors: lane i of vector j becomes lane j of vector i */

#endif
