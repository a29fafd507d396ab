/* A live input carries one of sixteen numbers over each of its connections. They are computed first:
 *
 *     carried[l] = max(0, o - alpha of level l) slope of level l          for each level
 *     sum of neuron n += carried[level of the connection to n]            for each neuron
 *
 * So a connection costs a load and an addition, and no multiplication. */
#include "firmware/codes.h"

static void carry(bc_emit *e, const bc_small_sums *c, bc_value o)
{
    bc_value zero = bc_i32(e, 0);
    bc_loop levels = bc_loop_begin(e, zero, bc_i32(e, BR_LEVELS), 1, "level");
    bc_value over = bc_isub(e, o, bc_load_number(e, c->alphas, levels.i, 1));
    over = bc_select(e, LLVMBuildICmp(e->builder, LLVMIntSGT, over, zero, ""), over, zero);
    bc_value carried = LLVMBuildMul(e->builder, over, bc_load_signed(e, c->slopes, levels.i), "");
    LLVMBuildStore(e->builder, carried, bc_element(e, e->i32, c->carried, levels.i));
    bc_loop_end(e, &levels);
}

static void add_to(bc_emit *e, const bc_small_sums *c, bc_value level, bc_value neuron)
{
    bc_value to = bc_element(e, e->i32, c->sums, neuron);
    bc_value carried = LLVMBuildLoad2(e->builder, e->i32, bc_element(e, e->i32, c->carried, level), "");
    bc_value sum = LLVMBuildLoad2(e->builder, e->i32, to, "");
    LLVMBuildStore(e->builder, LLVMBuildAdd(e->builder, sum, carried, ""), to);
}

/* The two neurons of byte number `at` of a row. */
static void add_byte(bc_emit *e, const bc_small_sums *c, bc_value codes, bc_value at)
{
    bc_value both = bc_load_number(e, codes, at, 1), first = bc_imul(e, at, 2);
    add_to(e, c, LLVMBuildAnd(e->builder, both, bc_i32(e, BR_LEVELS - 1), ""), first);
    add_to(e, c, LLVMBuildLShr(e->builder, both, bc_i32(e, 4), ""), bc_iadd(e, first, bc_i32(e, 1)));
}

/* For speed, up to four bytes stand one after the other. */
void bc_add_codes(bc_emit *e, const bc_small_sums *c, bc_value o, bc_value row)
{
    enum { UNROLLED = 4 };
    uint32_t bytes = c->l->stored.pitch / 2, step = c->f->options.speed ? UNROLLED : 1;
    step = step < bytes ? step : bytes;
    bc_value codes = bc_element(e, e->i8, c->codes, bc_imul(e, row, bytes));
    carry(e, c, o);
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, bytes / step * step), step, "codes");
    for (uint32_t k = 0; k < step; k++)
        add_byte(e, c, codes, bc_iadd(e, blocks.i, bc_i32(e, k)));
    bc_loop_end(e, &blocks);
    for (uint32_t k = bytes / step * step; k < bytes; k++)
        add_byte(e, c, codes, bc_i32(e, k));
}
