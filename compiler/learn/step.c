/* The step of a dense layer: every connection moves towards the bound that would have delivered its share: equations
 * (12)-(15), solved exactly in a. All samples of a batch read the same state. Their steps are summed, then applied and
 * limited once. */
#include "learn/moments.h"

#include <float.h>
#include <math.h>

typedef struct step_context {
    bc_value row, event_row, event_count, error;
    const bc_moments *moments; /* of the row; NULL: the sum is the step */
} step_context;

/* Limits a bound to [0, v_max] on its own side; the sign is kept also at 0. */
static bc_value stay(bc_emit *e, const bc_kernel *k, bc_value before, bc_value moved)
{
    bc_value size = bc_flip_sign(e, moved, before);
    size = bc_clamp(e, size, bc_splat_f32(e, 0), bc_splat_f32(e, k->v_max));
    return bc_flip_sign(e, size, before);
}

/* The limits of a bound and the valve. alpha_max - alpha < tau becomes |v| < a_max - 1/(1 - alpha_max + tau). */
bc_value bc_bounded(bc_emit *e, const bc_kernel *k, bc_value before, bc_value moved)
{
    const bl_layer *layer = k->layer;
    bc_assert_within(e, before, -k->v_max, k->v_max, BR_FAULT_BOUND);
    bc_assert_within(e, moved, -FLT_MAX, FLT_MAX, BR_FAULT_BOUND);
    if (!layer->switches)
        return stay(e, k, before, moved);
    bc_value v_max = bc_splat_f32(e, k->v_max);
    bc_value crossed = bc_clamp(e, moved, bc_neg(e, v_max), v_max);
    /* A sum that ends at zero is always +0. It has not crossed zero, so the sign is kept. */
    bc_value open = bc_greater(e, bc_abs(e, moved), bc_splat_f32(e, 0));
    if (layer->tau < layer->alpha_max) { /* the valve; otherwise every crossing is allowed */
        float near = k->a_max - 1.0f / (1.0f - ((float)layer->alpha_max - (float)layer->tau));
        open = bc_and(e, open, bc_less(e, bc_abs(e, before), bc_splat_f32(e, near)));
    }
    return bc_select(e, open, crossed, stay(e, k, before, moved));
}

/* v_ik += xi (eta_k e_k/gamma) o_i/((1 - o_i) sum_j o_j) where |v_ik| >= t(o_i); lambda times that elsewhere. */
static void blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    const step_context *u = user;
    bc_value before[16], size[16], change[16], bounds = bc_block(e, u->row, block);
    for (uint32_t v = 0; v < count; v++) {
        before[v] = bc_load_vector(e, bounds, bc_i32(e, v * e->lanes));
        size[v] = bc_abs(e, before[v]);
        change[v] = bc_slot(e, e->vector, bc_splat_f32(e, 0), "change");
    }
    bc_loop events = bc_loop_begin(e, bc_i32(e, 0), u->event_count, 1, "event");
    bc_event event = bc_event_load(e, u->event_row, events.i);
    bc_value errors = bc_block(e, bc_row(e, e->f32, u->error, event.sample, k->plan->pitch), block);
    bc_value t = bc_splat(e, event.threshold), share = bc_splat(e, event.share);
    bc_value leaked = bc_splat(e, bc_mul(e, event.share, bc_f32(e, k->layer->leak)));
    for (uint32_t v = 0; v < count; v++) {
        bc_value wanted = bc_load_vector(e, errors, bc_i32(e, v * e->lanes)), sum = bc_get(e, e->vector, change[v]);
        bc_value live = bc_at_least(e, size[v], t);
        if (k->layer->leak > 0)
            sum = bc_muladd(e, bc_select(e, live, share, leaked), wanted, sum);
        else
            sum = bc_select(e, live, bc_muladd(e, share, wanted, sum), sum);
        bc_set(e, change[v], sum);
    }
    bc_loop_end(e, &events);
    bc_moments moments = {0};
    if (u->moments)
        moments = bc_moments_from(e, u->moments, block, e->lanes);
    for (uint32_t v = 0; v < count; v++) {
        bc_value step = bc_get(e, e->vector, change[v]);
        if (u->moments)
            step = bc_moments_step(e, &moments, bc_i32(e, v * e->lanes), step);
        bc_value moved = bc_add(e, before[v], step);
        bc_store_vector(e, bounds, bc_i32(e, v * e->lanes), bc_bounded(e, k, before[v], moved));
    }
}

/* With `moments` every row is walked, because the means of a row without events decay too. */
static void step_kernel(bc_emit *e, const bc_kernel *k, const char *name, bc_means means)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value bounds = BC_FIELD_PTR(e, a.state, bounds), row_count = BC_FIELD_PTR(e, a.state, rows.count);
    bc_value rows = BC_FIELD_PTR(e, a.state, rows.events), batch = BC_FIELD_I32(e, a.state, batch);
    step_context u = {.error = BC_FIELD_PTR(e, a.state, error)};
    bc_moments all = {0}, of_row = {0};
    bc_branch used = {0};
    if (means != BC_MEANS_NONE)
        all = bc_moments_load(e, a.state, means);

    bc_loop inputs = bc_loop_begin(e, a.first, a.end, 1, "row");
    u.event_count = bc_load_i32(e, row_count, inputs.i);
    if (means == BC_MEANS_NONE) {
        used = bc_if(e, bc_iless(e, bc_i32(e, 0), u.event_count), "used");
    } else {
        of_row = bc_moments_from(e, &all, inputs.i, k->plan->pitch);
        u.moments = &of_row;
    }
    u.row = bc_row(e, e->f32, bounds, inputs.i, k->plan->pitch);
    u.event_row = bc_event_row(e, rows, inputs.i, batch);
    bc_tiles(e, k, a.part_first, a.part_end, k->plan->vectors, blocks, &u);
    if (means == BC_MEANS_NONE)
        bc_endif(e, &used);
    bc_loop_end(e, &inputs);
    bc_return(e);
}

void bc_emit_step(bc_emit *e, const bc_kernel *k, const char *name)
{
    step_kernel(e, k, name, BC_MEANS_NONE);
}

void bc_emit_step_momentum(bc_emit *e, const bc_kernel *k, const char *name)
{
    step_kernel(e, k, name, BC_MEANS_MOMENTUM);
}

void bc_emit_step_adaptive(bc_emit *e, const bc_kernel *k, const char *name)
{
    step_kernel(e, k, name, BC_MEANS_ADAPTIVE);
}
