/* A live input carries one of sixteen numbers over each of its connections. They are computed first:
 *
 *     carried[l] = max(0, o - alpha of level l) slope of level l          for each level
 *     sum of neuron n += carried[level of the connection to n]            for each neuron
 *
 * So a connection costs a load and an addition, and no multiplication. Arm's instructions for four bytes compute four
 * levels at once, and pass over four neurons whose levels carry nothing. */
#include "firmware/codes.h"

#include <string.h>

#include "firmware/quads.h"

/* ---- what levels carry ---- */

/* Where level number `level` keeps what it carries. */
static bc_value carried_at(bc_emit *e, const bc_small_sums *c, bc_value level)
{
    return bc_element(e, e->i32, c->carried, level);
}

static void carry(bc_emit *e, const bc_small_sums *c, bc_value o)
{
    bc_value zero = bc_i32(e, 0);
    bc_loop levels = bc_loop_begin(e, zero, bc_i32(e, BR_LEVELS), 1, "level");
    bc_value over = bc_isub(e, o, bc_load_number(e, c->alphas, levels.i, 1));
    over = bc_select(e, LLVMBuildICmp(e->builder, LLVMIntSGT, over, zero, ""), over, zero);
    bc_value carried = LLVMBuildMul(e->builder, over, bc_load_signed(e, c->slopes, levels.i), "");
    LLVMBuildStore(e->builder, carried, carried_at(e, c, levels.i));
    bc_loop_end(e, &levels);
}

static bc_value leading_zeros(bc_emit *e, bc_value word)
{
    bc_value arguments[2] = {word, LLVMConstNull(e->i1)};
    unsigned id = LLVMLookupIntrinsicID("llvm.ctlz", strlen("llvm.ctlz"));
    bc_value function = LLVMGetIntrinsicDeclaration(e->module, id, &e->i32, 1);
    return LLVMBuildCall2(e->builder, LLVMIntrinsicGetType(e->llvm, id, &e->i32, 1), function, arguments, 2, "");
}

/* Levels first .. first + 3 at once. Takes those that carry nothing from the slot `live`: the last ones, since levels are
 * in the order of their alphas. */
static void carry_quad(bc_emit *e, const bc_small_sums *c, bc_value four, bc_value first, bc_value live)
{
    static const char *const products[2] = {"llvm.arm.smulbb", "llvm.arm.smultt"};
    bc_value alphas = bc_load_quad(e, bc_element(e, e->i8, c->alphas, first));
    bc_value slopes = bc_load_quad(e, bc_element(e, e->i8, c->slopes, first));
    bc_value over = bc_arm(e, "llvm.arm.uqsub8", four, alphas, NULL);
    bc_value silent = LLVMBuildLShr(e->builder, leading_zeros(e, over), bc_i32(e, 3), "");
    bc_set(e, live, bc_isub(e, bc_get(e, e->i32, live), silent));
    for (uint32_t odd = 0; odd < 2; odd++) {
        bc_value o = bc_halves(e, over, odd, false), slope = bc_halves(e, slopes, odd, true);
        for (uint32_t top = 0; top < 2; top++)
            LLVMBuildStore(e->builder, bc_arm(e, products[top], o, slope, NULL),
                           carried_at(e, c, bc_iadd(e, first, bc_i32(e, 2 * top + odd))));
    }
}

/* Gives the number of levels that carry something, in each of four bytes. */
static bc_value carry_quads(bc_emit *e, const bc_small_sums *c, bc_value o)
{
    bc_value live = bc_slot(e, e->i32, bc_i32(e, BR_LEVELS), "live"), zero = bc_i32(e, 0);
    bc_value four = LLVMBuildMul(e->builder, o, bc_i32(e, 0x01010101), "");
    if (c->f->options.speed) {
        for (uint32_t first = 0; first < BR_LEVELS; first += 4)
            carry_quad(e, c, four, bc_i32(e, first), live);
    } else {
        bc_loop levels = bc_loop_begin(e, zero, bc_i32(e, BR_LEVELS), 4, "levels");
        carry_quad(e, c, four, levels.i, live);
        bc_loop_end(e, &levels);
    }
    return LLVMBuildMul(e->builder, bc_get(e, e->i32, live), bc_i32(e, 0x01010101), "");
}

/* ---- rows ---- */

static bc_value load_i32(bc_emit *e, bc_value base, bc_value index)
{
    return LLVMBuildLoad2(e->builder, e->i32, bc_element(e, e->i32, base, index), "");
}

static void add_to(bc_emit *e, const bc_small_sums *c, bc_value level, bc_value neuron)
{
    bc_value sum = LLVMBuildAdd(e->builder, load_i32(e, c->sums, neuron), load_i32(e, c->carried, level), "");
    LLVMBuildStore(e->builder, sum, bc_element(e, e->i32, c->sums, neuron));
}

/* The two neurons of byte number `at` of a row. */
static void add_byte(bc_emit *e, const bc_small_sums *c, bc_value codes, bc_value at)
{
    bc_value both = bc_load_number(e, codes, at, 1), first = bc_imul(e, at, 2);
    add_to(e, c, LLVMBuildAnd(e->builder, both, bc_i32(e, BR_LEVELS - 1), ""), first);
    add_to(e, c, LLVMBuildLShr(e->builder, both, bc_i32(e, 4), ""), bc_iadd(e, first, bc_i32(e, 1)));
}

/* Four neurons from number `first` on, whose levels are the bytes of `four`, unless all of them are silent. */
static void add_four(bc_emit *e, const bc_small_sums *c, bc_value live, bc_value four, bc_value first)
{
    bc_value sums[4], over = bc_arm(e, "llvm.arm.uqsub8", live, four, NULL);
    bc_branch any = bc_if(e, LLVMBuildICmp(e->builder, LLVMIntNE, over, bc_i32(e, 0), ""), "live");
    for (uint32_t k = 0; k < 4; k++) {
        bc_value level =
            LLVMBuildAnd(e->builder, LLVMBuildLShr(e->builder, four, bc_i32(e, 8 * k), ""), bc_i32(e, UINT8_MAX), "");
        bc_value sum = load_i32(e, c->sums, bc_iadd(e, first, bc_i32(e, k)));
        sums[k] = LLVMBuildAdd(e->builder, sum, load_i32(e, c->carried, level), "");
    }
    for (uint32_t k = 0; k < 4; k++)
        LLVMBuildStore(e->builder, sums[k], bc_element(e, e->i32, c->sums, bc_iadd(e, first, bc_i32(e, k))));
    bc_endif(e, &any);
}

/* The eight neurons of word number `at` of a row. */
static void add_word(bc_emit *e, const bc_small_sums *c, bc_value live, bc_value codes, bc_value at)
{
    bc_value word = bc_load_quad(e, bc_element(e, e->i8, codes, bc_imul(e, at, 4))), mask = bc_i32(e, 0x0f0f0f0f);
    bc_value first = bc_imul(e, at, 8), high = LLVMBuildLShr(e->builder, word, bc_i32(e, 4), "");
    add_four(e, c, live, LLVMBuildAnd(e->builder, word, mask, ""), first);
    add_four(e, c, live, LLVMBuildAnd(e->builder, high, mask, ""), bc_iadd(e, first, bc_i32(e, 4)));
}

/* For speed, up to four bytes stand one after the other, or up to four words. */
enum { UNROLLED = 4 };

static void add_bytes(bc_emit *e, const bc_small_sums *c, bc_value codes, uint32_t from)
{
    uint32_t end = c->l->stored.pitch / 2, step = c->f->options.speed ? UNROLLED : 1;
    if (from == end)
        return;
    step = step < end - from ? step : end - from;
    uint32_t whole = from + (end - from) / step * step;
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, from), bc_i32(e, whole), step, "codes");
    for (uint32_t k = 0; k < step; k++)
        add_byte(e, c, codes, bc_iadd(e, blocks.i, bc_i32(e, k)));
    bc_loop_end(e, &blocks);
    for (uint32_t k = whole; k < end; k++)
        add_byte(e, c, codes, bc_i32(e, k));
}

static void add_words(bc_emit *e, const bc_small_sums *c, bc_value live, bc_value codes)
{
    uint32_t words = c->l->stored.pitch / 8, step = c->f->options.speed ? UNROLLED : 1;
    step = step < words ? step : words;
    if (words == 0)
        return;
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, words / step * step), step, "codes");
    for (uint32_t k = 0; k < step; k++)
        add_word(e, c, live, codes, bc_iadd(e, blocks.i, bc_i32(e, k)));
    bc_loop_end(e, &blocks);
    for (uint32_t k = words / step * step; k < words; k++)
        add_word(e, c, live, codes, bc_i32(e, k));
}

void bc_add_codes(bc_emit *e, const bc_small_sums *c, bc_value o, bc_value row)
{
    const bc_stored *s = &c->l->stored;
    bc_value codes = bc_element(e, e->i8, c->codes, bc_imul(e, row, s->pitch / 2));
    if (c->f->target.quads)
        add_words(e, c, carry_quads(e, c, o), codes);
    else
        carry(e, c, o);
    add_bytes(e, c, codes, c->f->target.quads ? s->pitch / 8 * 4 : 0);
}

bc_code_place bc_code_place_of(bool words, uint32_t pitch, uint64_t entry)
{
    uint32_t neuron = (uint32_t)(entry % pitch), first = neuron / 8 * 8;
    uint64_t row = (entry - neuron) / 2;
    if (words && first + 8 <= pitch)
        return (bc_code_place){row + first / 2 + neuron % 4, neuron % 8 / 4};
    return (bc_code_place){row + neuron / 2, neuron % 2};
}
