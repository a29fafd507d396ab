/* The forward pass of a dense layer whose bounds rest, in two operations for a vector of connections: equations
 * (2)-(4).
 *
 *     +-g(o, alpha) = w max(o, alpha) - w alpha,   w = +-a                                                     (1)
 *
 * What is taken off no input changes, so it is summed beforehand. Both sums go in stretches of a few inputs, each from
 * 0 on and in the same order: they stay small and lose no digits, and a stretch without a live connection adds exactly
 * nothing. A block of packed bounds is, for each stretch, what to take off and then alpha and w of every input. */
#include "forward.h"

enum { STRETCH = BC_PACKED_STRETCH, FEW = 4, AHEAD = 32 };

uint32_t bc_turned_samples(uint32_t lanes)
{
    return lanes > 8 ? lanes : 8;
}

/* Where a stretch of a block begins, and where its inputs do. */
static bc_value stretch_at(bc_emit *e, bc_value block, bc_value number)
{
    return bc_row(e, e->f32, block, number, e->lanes * (1 + 2 * STRETCH));
}

static bc_value pair_at(bc_emit *e, bc_value stretch, bc_value input)
{
    return bc_row(e, e->f32, bc_row(e, e->f32, stretch, bc_i32(e, 1), e->lanes), input, 2 * e->lanes);
}

/* Calls body(number, inputs) for every stretch; the last may be shorter. */
typedef void stretch_body(bc_emit *e, const bc_kernel *k, bc_value number, uint32_t inputs, void *user);
static void each_stretch(bc_emit *e, const bc_kernel *k, stretch_body *body, void *user)
{
    uint32_t whole = k->plan->rows / STRETCH, rest = k->plan->rows % STRETCH;
    if (whole > 0) {
        bc_loop stretches = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, whole), 1, "stretch");
        body(e, k, stretches.i, STRETCH, user);
        bc_loop_end(e, &stretches);
    }
    if (rest > 0)
        body(e, k, bc_i32(e, whole), rest, user);
}

/* ---- bounds, once ---- */

typedef struct pack_user {
    bc_value bounds, packed; /* at the block */
} pack_user;

/* alpha = 1 - 1/a and w = +-a, a = a_max - |v|; and what the stretch takes off. */
static void pack_stretch(bc_emit *e, const bc_kernel *k, bc_value number, uint32_t inputs, void *user)
{
    const pack_user *u = user;
    bc_value one = bc_splat_f32(e, 1), to = stretch_at(e, u->packed, number), first = bc_imul(e, number, STRETCH);
    bc_value off = bc_slot(e, e->vector, bc_splat_f32(e, 0), "off");
    bc_loop each = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, inputs), 1, "input");
    bc_value row = bc_row(e, e->f32, u->bounds, bc_iadd(e, first, each.i), k->plan->stride);
    bc_value v = bc_load_vector(e, row, bc_i32(e, 0)), pair = pair_at(e, to, each.i);
    bc_value a = bc_sub(e, bc_splat_f32(e, k->a_max), bc_abs(e, v)), w = bc_copysign(e, a, v);
    bc_value alpha = bc_max(e, bc_sub(e, one, bc_div(e, one, a)), bc_splat_f32(e, 0)); /* 0 is not missed by rounding */
    bc_store_vector(e, pair, bc_i32(e, 0), alpha);
    bc_store_vector(e, pair, bc_i32(e, e->lanes), w);
    bc_set(e, off, bc_muladd(e, alpha, w, bc_get(e, e->vector, off)));
    bc_loop_end(e, &each);
    bc_store_vector(e, to, bc_i32(e, 0), bc_get(e, e->vector, off));
}

void bc_emit_pack(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value bounds = BC_FIELD_PTR(e, a.state, bounds), packed = BC_FIELD_PTR(e, a.state, packed);
    bc_loop blocks = bc_loop_begin(e, a.a0, a.a1, 1, "block");
    pack_user u = {bc_block(e, bounds, blocks.i), bc_row(e, e->f32, packed, blocks.i, k->plan->packed_stride)};
    each_stretch(e, k, pack_stretch, &u);
    bc_loop_end(e, &blocks);
    bc_return(e);
}

/* ---- samples in groups: an input's activations lie side by side ---- */

/* Calls whole(group) where all samples of a group are asked for, else part(group, from, to). */
typedef struct group_bodies {
    void (*whole)(bc_emit *e, const bc_kernel *k, bc_value group, void *user);
    void (*part)(bc_emit *e, const bc_kernel *k, bc_value group, bc_value from, bc_value to, void *user);
} group_bodies;

static bc_value smaller(bc_emit *e, bc_value a, bc_value b)
{
    return bc_select(e, bc_iless(e, a, b), a, b);
}

static void each_group(bc_emit *e, const bc_kernel *k, const bc_kernel_args *a, const group_bodies *bodies, void *user)
{
    uint32_t many = bc_turned_samples(e->lanes);
    bc_value width = bc_i32(e, many);
    bc_value first = LLVMBuildUDiv(e->builder, a->a0, width, ""), beyond = bc_iadd(e, a->a1, bc_i32(e, many - 1));
    bc_loop groups = bc_loop_begin(e, first, LLVMBuildUDiv(e->builder, beyond, width, ""), 1, "group");
    bc_value begin = bc_imul(e, groups.i, many), end = bc_iadd(e, begin, width);
    bc_value from = bc_select(e, bc_iless(e, begin, a->a0), a->a0, begin), to = smaller(e, end, a->a1);
    bc_value all = bc_iequal(e, bc_isub(e, to, from), width);
    bc_branch whole = bc_if(e, all, "whole");
    bodies->whole(e, k, groups.i, user);
    bc_endif(e, &whole);
    bc_branch part = bc_if(e, LLVMBuildNot(e->builder, all, ""), "part");
    bodies->part(e, k, groups.i, from, to, user);
    bc_endif(e, &part);
    bc_loop_end(e, &groups);
}

typedef struct turn_user {
    bc_value in, turned, sums;
} turn_user;

static bc_value group_at(bc_emit *e, const bc_kernel *k, bc_value turned, bc_value group)
{
    return bc_row(e, e->f32, turned, group, (uint64_t)k->plan->in.stride * bc_turned_samples(e->lanes));
}

/* Squares of samples and inputs, turned round in registers; sums of o, a sample in each lane. */
static void turn_group(bc_emit *e, const bc_kernel *k, bc_value group, void *user)
{
    const turn_user *u = user;
    uint32_t many = bc_turned_samples(e->lanes), stride = k->plan->in.stride;
    bc_value to = group_at(e, k, u->turned, group), from = bc_row(e, e->f32, u->in, group, (uint64_t)many * stride);
    for (uint32_t first = 0; first < many; first += e->lanes) {
        bc_value sum = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum"), square[64];
        bc_loop inputs = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, stride), e->lanes, "inputs");
        for (uint32_t s = 0; s < e->lanes; s++)
            square[s] = bc_load_vector(e, bc_row(e, e->f32, from, bc_i32(e, first + s), stride), inputs.i);
        bc_transpose(e, square);
        for (uint32_t i = 0; i < e->lanes; i++) {
            bc_value at = bc_iadd(e, bc_imul(e, bc_iadd(e, inputs.i, bc_i32(e, i)), many), bc_i32(e, first));
            bc_store_vector(e, to, at, square[i]);
            bc_set(e, sum, bc_add(e, bc_get(e, e->vector, sum), square[i]));
        }
        bc_loop_end(e, &inputs);
        bc_value sample = bc_iadd(e, bc_imul(e, group, many), bc_i32(e, first));
        bc_store_vector(e, u->sums, sample, bc_get(e, e->vector, sum));
    }
}

static void turn_some(bc_emit *e, const bc_kernel *k, bc_value group, bc_value begin, bc_value end, void *user)
{
    const turn_user *u = user;
    uint32_t many = bc_turned_samples(e->lanes), stride = k->plan->in.stride;
    bc_value to = group_at(e, k, u->turned, group);
    bc_loop samples = bc_loop_begin(e, begin, end, 1, "sample");
    bc_value from = bc_row(e, e->f32, u->in, samples.i, stride);
    bc_value lane = bc_isub(e, samples.i, bc_imul(e, group, many));
    bc_value sum = bc_slot(e, e->f32, bc_f32(e, 0), "sum");
    bc_loop inputs = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, stride), 1, "input");
    bc_value o = bc_load_f32(e, from, inputs.i);
    bc_store_f32(e, to, bc_iadd(e, bc_imul(e, inputs.i, many), lane), o);
    bc_set(e, sum, bc_add(e, bc_get(e, e->f32, sum), o));
    bc_loop_end(e, &inputs);
    bc_store_f32(e, u->sums, samples.i, bc_get(e, e->f32, sum));
    bc_loop_end(e, &samples);
}

void bc_emit_turn(bc_emit *e, const bc_kernel *k, const char *name)
{
    static const group_bodies bodies = {turn_group, turn_some};
    bc_kernel_args a = bc_function(e, name);
    turn_user u = {BC_FIELD_PTR(e, a.state, in), BC_FIELD_PTR(e, a.state, turned), BC_FIELD_PTR(e, a.state, input_sum)};
    each_group(e, k, &a, &bodies, &u);
    bc_return(e);
}

/* ---- forward ---- */

typedef struct packed_user {
    bc_value turned, sums, drive, out;
    bc_value block, packed; /* of neurons: its number, its bounds */
    bc_thresholds thresholds;
    /* of the tile: where its inputs begin, how many samples, their sums */
    bc_value inputs;
    uint32_t samples;
    bc_value total[64];
} packed_user;

/* x_k += sum over i of w max(o_i, alpha) - w alpha */
static void add_stretch(bc_emit *e, const bc_kernel *k, bc_value number, uint32_t inputs, void *user)
{
    const packed_user *u = user;
    uint32_t many = bc_turned_samples(e->lanes);
    bc_value sum[64], from = stretch_at(e, u->packed, number);
    bc_value o = bc_row(e, e->f32, u->inputs, number, (uint64_t)STRETCH * many);
    for (uint32_t s = 0; s < u->samples; s++)
        sum[s] = bc_slot(e, e->vector, bc_splat_f32(e, 0), "stretch");
    bc_loop each = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, inputs), 1, "input");
    bc_value pair = pair_at(e, from, each.i), activations = bc_row(e, e->f32, o, each.i, many);
    bc_ahead(e, pair, AHEAD * 2 * e->lanes, 2);
    bc_value alpha = bc_load_vector(e, pair, bc_i32(e, 0)), w = bc_load_vector(e, pair, bc_i32(e, e->lanes));
    for (uint32_t s = 0; s < u->samples; s++) {
        bc_value larger = bc_larger_of_one(e, activations, bc_i32(e, s), alpha);
        bc_set(e, sum[s], bc_muladd(e, larger, w, bc_get(e, e->vector, sum[s])));
    }
    bc_loop_end(e, &each);
    bc_value off = bc_load_vector(e, from, bc_i32(e, 0));
    for (uint32_t s = 0; s < u->samples; s++) {
        bc_value difference = bc_sub(e, bc_get(e, e->vector, sum[s]), off);
        bc_set(e, u->total[s], bc_add(e, bc_get(e, e->vector, u->total[s]), difference));
    }
    (void)k;
}

/* `samples` samples of a group from `first` on. */
static void tile(bc_emit *e, const bc_kernel *k, packed_user *u, bc_value group, bc_value first, uint32_t samples)
{
    bc_value lane = bc_isub(e, first, bc_imul(e, group, bc_turned_samples(e->lanes)));
    u->inputs = bc_row(e, e->f32, group_at(e, k, u->turned, group), lane, 1);
    u->samples = samples;
    for (uint32_t s = 0; s < samples; s++)
        u->total[s] = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum");
    each_stretch(e, k, add_stretch, u);
    for (uint32_t s = 0; s < samples; s++) {
        bc_value sample = bc_iadd(e, first, bc_i32(e, s));
        bc_value gamma = bc_splat(e, bc_gamma(e, k, bc_load_f32(e, u->sums, sample)));
        bc_value drive = bc_block(e, bc_row(e, e->f32, u->drive, sample, k->plan->stride), u->block);
        bc_value out = bc_block(e, bc_row(e, e->f32, u->out, sample, k->plan->stride), u->block);
        bc_finish(e, k, drive, out, u->block, 0, bc_mul(e, bc_get(e, e->vector, u->total[s]), gamma), &u->thresholds);
    }
}

static void group_of_samples(bc_emit *e, const bc_kernel *k, bc_value group, void *user)
{
    uint32_t many = bc_turned_samples(e->lanes);
    tile(e, k, user, group, bc_imul(e, group, many), many);
}

static void some_samples(bc_emit *e, const bc_kernel *k, bc_value group, bc_value begin, bc_value end, void *user)
{
    bc_loop few = bc_loop_begin(e, begin, end, FEW, "few");
    tile(e, k, user, group, few.i, FEW);
    bc_loop_end(e, &few);
    bc_loop rest = bc_loop_begin(e, few.rest, end, 1, "rest");
    tile(e, k, user, group, rest.i, 1);
    bc_loop_end(e, &rest);
}

void bc_emit_forward_packed(bc_emit *e, const bc_kernel *k, const char *name)
{
    static const group_bodies bodies = {group_of_samples, some_samples};
    bc_kernel_args a = bc_function(e, name);
    bc_value packed = BC_FIELD_PTR(e, a.state, packed), theta = BC_FIELD_PTR(e, a.state, theta);
    packed_user u = {.turned = BC_FIELD_PTR(e, a.state, turned),
                     .sums = BC_FIELD_PTR(e, a.state, input_sum),
                     .drive = BC_FIELD_PTR(e, a.state, drive),
                     .out = BC_FIELD_PTR(e, a.state, out)};
    bc_loop blocks = bc_loop_begin(e, a.b0, a.b1, 1, "block");
    u.block = blocks.i;
    u.packed = bc_row(e, e->f32, packed, blocks.i, k->plan->packed_stride);
    u.thresholds = bc_thresholds_load(e, bc_block(e, theta, blocks.i), 1);
    each_group(e, k, &a, &bodies, &u);
    bc_loop_end(e, &blocks);
    bc_return(e);
}
