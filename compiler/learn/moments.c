/* Momentum and adaptive steps: running means of every connection's summed steps, over the batches of a phase. */
#include "learn/moments.h"

#define LEAST   1e-30 /* a smaller mean becomes 0: subnormal numbers, through which a mean decays, are slow */
#define EPSILON 1e-10

bc_moments bc_moments_load(bc_emit *e, bc_value state, bc_means means)
{
    bc_moments m = {.step = BC_FIELD_PTR(e, state, moments.step),
                    .keep_step = bc_splat(e, BC_FIELD_F32(e, state, moments.keep_step))};
    if (means == BC_MEANS_MOMENTUM)
        return m;
    m.square = BC_FIELD_PTR(e, state, moments.square);
    m.take_step = bc_splat(e, BC_FIELD_F32(e, state, moments.take_step));
    m.keep_square = bc_splat(e, BC_FIELD_F32(e, state, moments.keep_square));
    m.take_square = bc_splat(e, BC_FIELD_F32(e, state, moments.take_square));
    m.correct = bc_splat(e, BC_FIELD_F32(e, state, moments.correct));
    m.move = bc_splat(e, BC_FIELD_F32(e, state, moments.move));
    return m;
}

bc_moments bc_moments_from(bc_emit *e, const bc_moments *moments, bc_value index, uint64_t stride)
{
    bc_moments m = *moments;
    m.step = bc_row(e, e->f32, m.step, index, stride);
    m.square = m.square ? bc_row(e, e->f32, m.square, index, stride) : NULL;
    return m;
}

/* Stores a mean, or 0 if it is too small. */
static bc_value keep(bc_emit *e, bc_value means, bc_value at, bc_value mean)
{
    bc_value small = bc_less(e, bc_abs(e, mean), bc_splat_f32(e, LEAST));
    mean = bc_select(e, small, bc_splat_f32(e, 0), mean);
    bc_store_vector(e, means, at, mean);
    return mean;
}

/* momentum  m <- B1 m + G                                 v <- v + m
 * adaptive  m <- B1 m + (1 - B1) G
 *           r <- B2 r + (1 - B2) G^2                      v <- v + xi eta V m^/(sqrt(r^) + 1e-10)
 * with m^ = m/(1 - B1^n), r^ = r/(1 - B2^n). */
bc_value bc_moments_step(bc_emit *e, const bc_moments *u, bc_value at, bc_value sum)
{
    bc_value m = bc_load_vector(e, u->step, at);
    if (!u->square)
        return keep(e, u->step, at, bc_muladd(e, u->keep_step, m, sum));
    bc_value r = bc_load_vector(e, u->square, at), taken = bc_mul(e, u->take_step, sum);
    m = keep(e, u->step, at, bc_muladd(e, u->keep_step, m, taken));
    bc_value square = bc_mul(e, bc_mul(e, u->take_square, sum), sum);
    r = keep(e, u->square, at, bc_muladd(e, u->keep_square, r, square));
    bc_value root = bc_add(e, bc_sqrt(e, bc_mul(e, r, u->correct)), bc_splat_f32(e, EPSILON));
    return bc_div(e, bc_mul(e, u->move, m), root);
}

/* ---- shared filters ---- */

/* Replaces the changes of a group of filters, which the groups of samples have summed separately, by the step that v
 * takes: (23), (24). `apply` then adds it to v. Padding behind a row of a field has means too; they are not used. */
static void filters(bc_emit *e, const bc_kernel *k, const char *name, bc_means means)
{
    bc_kernel_args a = bc_function(e, name);
    uint64_t field = (uint64_t)k->layer->field_height * k->plan->field_row, group = k->plan->pitch * field;
    bc_value zero = bc_splat_f32(e, 0), changes = BC_FIELD_PTR(e, a.state, filters.changes);
    bc_moments all = bc_moments_load(e, a.state, means);
    bc_loop blocks = bc_loop_begin(e, a.first, a.end, 1, "block");
    bc_moments m = bc_moments_from(e, &all, blocks.i, e->lanes * field);
    bc_value first = bc_row(e, e->f32, changes, blocks.i, e->lanes * field);
    bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, (uint32_t)(e->lanes * field)), e->lanes, "vector");
    bc_value sum = zero;
    for (uint32_t g = 0; g < BR_GROUPS; g++) {
        bc_value of_group = bc_row(e, e->f32, first, bc_i32(e, g), group);
        sum = bc_add(e, sum, bc_load_vector(e, of_group, vectors.i));
        bc_store_vector(e, of_group, vectors.i, zero);
    }
    bc_store_vector(e, first, vectors.i, bc_moments_step(e, &m, vectors.i, sum));
    bc_loop_end(e, &vectors);
    bc_loop_end(e, &blocks);
    bc_return(e);
}

void bc_emit_conv_momentum(bc_emit *e, const bc_kernel *k, const char *name)
{
    filters(e, k, name, BC_MEANS_MOMENTUM);
}

void bc_emit_conv_adaptive(bc_emit *e, const bc_kernel *k, const char *name)
{
    filters(e, k, name, BC_MEANS_ADAPTIVE);
}
