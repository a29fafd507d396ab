/* Homeostasis while learning (docs/model.md, section 14): the statistics of a batch's drives, their standardisation, and
 * the centring of corrections. The runtime turns the sums of these kernels into thresholds, gains and means. */
#include "kernels/kernel.h"

/* Blocks of neurons; *first is the first neuron of each. */
static bc_loop each_block(bc_emit *e, const bc_kernel *k, bc_value *first)
{
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    *first = bc_imul(e, blocks.i, e->lanes);
    return blocks;
}

static bc_loop each_place(bc_emit *e, const bc_kernel *k)
{
    return bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->plan->out.height * k->plan->out.width), 1, "place");
}

static bc_value behind(bc_emit *e, const bc_kernel *k, bc_value first)
{
    return bc_iadd(e, first, bc_i32(e, k->plan->pitch));
}

/* Adds the sums of a and of a b over the places of a sample to those of its group. a = b = x - shift for the mean and
 * the variance of drives (26); a = e, b = x for those of errors (28). */
static void add_sums(bc_emit *e, const bc_kernel *k, const char *name, bool of_errors)
{
    bc_kernel_args args = bc_function(e, name);
    bc_value drives = BC_FIELD_PTR(e, args.state, drive), shifts = BC_FIELD_PTR(e, args.state, balance.shift);
    bc_value errors = of_errors ? BC_FIELD_PTR(e, args.state, error) : NULL;
    bc_value sums = bc_row(e, e->f32, BC_FIELD_PTR(e, args.state, balance.sums), args.part_first, 2 * k->plan->pitch);
    bc_value first;
    bc_loop blocks = each_block(e, k, &first);
    bc_value shift = bc_load_vector(e, shifts, first);
    bc_value one = bc_slot(e, e->vector, bc_load_vector(e, sums, first), "one");
    bc_value two = bc_slot(e, e->vector, bc_load_vector(e, sums, behind(e, k, first)), "two");
    bc_loop places = each_place(e, k);
    bc_value x = bc_load_vector(e, bc_at_place(e, k, drives, args.first, places.i), first);
    bc_value a =
        of_errors ? bc_load_vector(e, bc_at_place(e, k, errors, args.first, places.i), first) : bc_sub(e, x, shift);
    bc_set(e, one, bc_add(e, bc_get(e, e->vector, one), a));
    bc_set(e, two, bc_muladd(e, a, of_errors ? x : a, bc_get(e, e->vector, two)));
    bc_loop_end(e, &places);
    bc_store_vector(e, sums, first, bc_get(e, e->vector, one));
    bc_store_vector(e, sums, behind(e, k, first), bc_get(e, e->vector, two));
    bc_loop_end(e, &blocks);
    bc_return(e);
}

void bc_emit_spread(bc_emit *e, const bc_kernel *k, const char *name)
{
    add_sums(e, k, name, false);
}

void bc_emit_lean(bc_emit *e, const bc_kernel *k, const char *name)
{
    add_sums(e, k, name, true);
}

/* x = gain sum - theta, o = s clamp(x, 0, 1), with the gains and thresholds of this batch.                  (26) */
void bc_emit_standardise(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value drives = BC_FIELD_PTR(e, a.state, drive), outs = BC_FIELD_PTR(e, a.state, out);
    bc_value thetas = BC_FIELD_PTR(e, a.state, balance.theta);
    bc_value zero = bc_splat_f32(e, 0), one = bc_splat_f32(e, 1), range = bc_splat_f32(e, k->layer->range_out);
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_value first;
    bc_loop blocks = each_block(e, k, &first);
    bc_value below = bc_neg(e, bc_load_vector(e, thetas, first)), gain = bc_load_vector(e, thetas, behind(e, k, first));
    bc_loop places = each_place(e, k);
    bc_value drive = bc_at_place(e, k, drives, samples.i, places.i), out = bc_at_place(e, k, outs, samples.i, places.i);
    bc_value x = bc_muladd(e, bc_load_vector(e, drive, first), gain, below);
    bc_store_vector(e, drive, first, x);
    bc_store_vector(e, out, first, bc_mul(e, bc_clamp(e, x, zero, one), range));
    bc_loop_end(e, &places);
    bc_loop_end(e, &blocks);
    bc_loop_end(e, &samples);
    bc_return(e);
}

/* e' = e - (A + B x) where e is not 0; elsewhere the pattern of silent places: -N (A + B x) or 0.           (28) */
void bc_emit_centre(bc_emit *e, const bc_kernel *k, const char *name)
{
    uint32_t places_of_map = k->plan->out.height * k->plan->out.width;
    bc_kernel_args a = bc_function(e, name);
    bc_value drives = BC_FIELD_PTR(e, a.state, drive), errors = BC_FIELD_PTR(e, a.state, error);
    bc_value lean = BC_FIELD_PTR(e, a.state, balance.lean), patterns = BC_FIELD_PTR(e, a.state, balance.pattern);
    bc_value count = BC_FIELD_I32(e, a.state, balance.patterns), turn = BC_FIELD_I32(e, a.state, balance.turn);
    bc_value zero = bc_splat_f32(e, 0);
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_value before = bc_iadd(e, bc_imul(e, turn, 7), bc_imul(e, samples.i, places_of_map));
    bc_loop places = each_place(e, k);
    bc_value number = LLVMBuildURem(e->builder, bc_iadd(e, before, places.i), count, "pattern");
    bc_value pattern = bc_row(e, e->f32, patterns, number, k->plan->pitch);
    bc_value drive = bc_at_place(e, k, drives, samples.i, places.i);
    bc_value error = bc_at_place(e, k, errors, samples.i, places.i);
    bc_value first;
    bc_loop blocks = each_block(e, k, &first);
    bc_value level = bc_load_vector(e, lean, first), tilt = bc_load_vector(e, lean, behind(e, k, first));
    bc_value off = bc_muladd(e, tilt, bc_load_vector(e, drive, first), level), old = bc_load_vector(e, error, first);
    bc_value asks = bc_greater(e, bc_abs(e, old), zero);
    bc_value silent = bc_mul(e, bc_load_vector(e, pattern, first), off);
    bc_store_vector(e, error, first, bc_select(e, asks, bc_sub(e, old, off), silent));
    bc_loop_end(e, &blocks);
    bc_loop_end(e, &places);
    bc_loop_end(e, &samples);
    bc_return(e);
}
