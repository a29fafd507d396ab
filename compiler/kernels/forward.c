/* Drive, level and activation of a block of neurons at every place, from the live inputs alone: equations (2)-(4). */
#include "forward.h"

typedef struct forward_user {
    bc_kernel_args args;
    bc_live live;
    bc_value bounds, theta, sums, drive, out;
    /* of the tile being written */
    bc_value block;
    uint32_t count;
    bc_value total[4][16]; /* slots: partial sums */
    bc_value field_sum;    /* slot: sum of o of the field; NULL in a dense layer, where it is known */
} forward_user;

/* Adds one event to one set of sums: x += c over the row's blocks.                     (2) */
static void add_row(bc_emit *e, const bc_kernel *k, uint32_t number, bc_live_event event, const forward_user *u)
{
    bc_value place = bc_block(e, bc_row(e, e->f32, u->bounds, event.row, k->plan->stride), u->block);
    bc_value q = bc_splat(e, event.q), t = bc_splat(e, event.t);
    for (uint32_t v = 0; v < u->count; v++) {
        bc_value w = bc_load_vector(e, place, bc_i32(e, v * e->lanes)), slot = u->total[number][v];
        bc_value sum = bc_get(e, e->vector, slot);
        if (k->plan->form == BR_FORM_ALPHA)
            sum = bc_add(e, sum, bc_contribution_printed(e, w, t));
        else if (k->plan->soft) /* q soft(v, t), fused with the sum */
            sum = bc_muladd(e, q, bc_sub(e, w, bc_within(e, w, t)), sum);
        else
            sum = bc_add(e, sum, bc_contribution(e, k, w, q, t));
        bc_set(e, slot, sum);
    }
}

/* Rows that are silent for every input are not stored: then a table says where the others have moved to. */
static void add_event(bc_emit *e, const bc_kernel *k, uint32_t number, bc_live_event event, void *user)
{
    const forward_user *u = user;
    if (u->field_sum)
        bc_set(e, u->field_sum, bc_add(e, bc_get(e, e->f32, u->field_sum), event.o));
    if (!k->packed) {
        add_row(e, k, number, event, u);
        return;
    }
    event.row = bc_load_i32(e, k->packed, event.row);
    bc_branch kept = bc_if(e, bc_iless(e, event.row, bc_i32(e, BC_ROW_DROPPED)), "kept");
    add_row(e, k, number, event, u);
    bc_endif(e, &kept);
}

bc_thresholds bc_thresholds_load(bc_emit *e, bc_value theta, uint32_t count)
{
    bc_thresholds t;
    bc_value one = bc_splat_f32(e, 1);
    for (uint32_t v = 0; v < count; v++) {
        t.theta[v] = bc_load_vector(e, theta, bc_i32(e, v * e->lanes));
        t.scale[v] = bc_div(e, one, bc_sub(e, one, t.theta[v]));
    }
    return t;
}

/* x = gamma * sum; y = clamp((x - theta)/(1 - theta), 0, 1), or the layer's own way; o = s y   (3), (4) */
void bc_finish(bc_emit *e, const bc_kernel *k, bc_value drive, bc_value out, bc_value block, uint32_t v, bc_value x,
               const bc_thresholds *thresholds)
{
    bc_value first = bc_i32(e, v * e->lanes), theta = thresholds->theta[v], scale = thresholds->scale[v];
    bc_value zero = bc_splat_f32(e, 0), one = bc_splat_f32(e, 1);
    bc_value over = bc_sub(e, x, theta);
    /* As printed, the poles that follow make a rounding matter: there the division is kept. */
    bool exact = k->plan->form == BR_FORM_ALPHA;
    bc_value y = exact ? bc_div(e, over, bc_sub(e, one, theta)) : bc_mul(e, over, scale);
    if (k->layer->fire == BL_FIRE_LOGISTIC)
        y = bc_logistic(e, bc_mul(e, over, bc_splat_f32(e, k->layer->logistic_k)));
    if (k->layer->fire == BL_FIRE_FORMULA)
        y = bc_formula_level(e, k, x, theta);
    y = bc_min(e, bc_max(e, y, zero), one); /* NaN, possible as printed, becomes 0 */
    bc_value o = bc_mul(e, y, bc_splat_f32(e, k->layer->range_out));
    if (k->layer->neurons != k->plan->stride) { /* the last blocks have lanes without a neuron */
        bc_value real = bc_lanes_below(e, bc_iadd(e, block, bc_i32(e, v)), k->layer->neurons);
        x = bc_select(e, real, x, zero);
        o = bc_select(e, real, o, zero);
    }
    bc_store_vector(e, drive, first, x);
    bc_store_vector(e, out, first, o);
}

/* The field at one place for a few blocks of neurons. */
static void field(bc_emit *e, const bc_kernel *k, forward_user *u, bc_value sample, const bc_places *p,
                  const bc_thresholds *thresholds)
{
    /* Narrow dense layers keep several partial sums to hide the latency of adding; how many is a property of the layer,
     * never of the part. */
    uint32_t partial = k->conv || k->blocks >= 4 ? 1 : 4 / k->blocks;
    for (uint32_t i = 0; i < partial; i++)
        for (uint32_t v = 0; v < u->count; v++)
            u->total[i][v] = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum");
    u->field_sum = k->conv ? bc_slot(e, e->f32, bc_f32(e, 0), "field") : NULL;
    bc_each_event(e, k, &u->live, sample, p->y, p->x, partial, add_event, u);
    bc_value place = bc_row(e, e->f32, u->sums, sample, k->plan->out.height * k->plan->out.width);
    if (k->conv)
        bc_store_f32(e, place, p->place, bc_get(e, e->f32, u->field_sum));
    bc_value input_sum = bc_load_f32(e, place, p->place);
    bc_value gamma = bc_splat(e, bc_gamma(e, k, input_sum));
    bc_value drive = bc_block(e, bc_at_place(e, k, u->drive, sample, p->place), u->block);
    bc_value out = bc_block(e, bc_at_place(e, k, u->out, sample, p->place), u->block);
    for (uint32_t v = 0; v < u->count; v++) {
        bc_value sum = bc_get(e, e->vector, u->total[0][v]);
        for (uint32_t i = 1; i < partial; i++)
            sum = bc_add(e, sum, bc_get(e, e->vector, u->total[i][v]));
        bc_finish(e, k, drive, out, u->block, v, bc_mul(e, sum, gamma), thresholds);
    }
}

/* A few blocks of neurons for every sample of the part, so that their bounds stay in the nearest cache. */
static void blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    forward_user *u = user;
    u->block = block;
    u->count = count;
    bc_thresholds thresholds = bc_thresholds_load(e, bc_block(e, u->theta, block), count);
    bc_loop samples = bc_loop_begin(e, u->args.a0, u->args.a1, 1, "sample");
    bc_places places = bc_places_begin(e, k);
    field(e, k, u, samples.i, &places, &thresholds);
    bc_places_end(e, &places);
    bc_loop_end(e, &samples);
}

void bc_emit_forward(bc_emit *e, const bc_kernel *k, const char *name)
{
    forward_user u = {.args = bc_function(e, name)};
    u.live = bc_live_load(e, u.args.state);
    u.bounds = BC_FIELD_PTR(e, u.args.state, bounds);
    u.theta = BC_FIELD_PTR(e, u.args.state, theta);
    u.sums = BC_FIELD_PTR(e, u.args.state, input_sum);
    u.drive = BC_FIELD_PTR(e, u.args.state, drive);
    u.out = BC_FIELD_PTR(e, u.args.state, out);
    bc_tiles(e, k, u.args.b0, u.args.b1, k->plan->vectors, blocks, &u);
    bc_return(e);
}
