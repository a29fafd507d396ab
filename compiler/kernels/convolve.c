/* Learning in shared filters: a step is the sum over samples and places (12)-(15), feedback goes to every place a field
 * covers (16)-(18). Only places with an error are walked, and there only live inputs. */
#include "kernel.h"

typedef struct convolve_user {
    bc_kernel_args args;
    bc_live live;
    bc_value bounds, slopes, changes, error, sums, correction;
    bc_value factor; /* what the shares of the field have in common */
    bc_value sample, y, x, place;
    /* of the tile */
    bc_value block, wanted[16];
    uint32_t count;
    bc_event_body *body;
} convolve_user;

static bc_value at_row(bc_emit *e, const bc_kernel *k, const convolve_user *u, bc_value base, bc_value row)
{
    return bc_block(e, bc_row(e, e->f32, base, row, k->plan->stride), u->block);
}

/* change_ik += xi (eta e_k/gamma) o_i/((1 - o_i) sum_j o_j) where |v_ik| >= t(o_i); lambda times that elsewhere. */
static void step_event(bc_emit *e, const bc_kernel *k, uint32_t number, bc_live_event event, void *user)
{
    const convolve_user *u = user;
    bc_value bounds = at_row(e, k, u, u->bounds, event.row), changes = at_row(e, k, u, u->changes, event.row);
    bc_value share = bc_share(e, k, event.o, event.q, u->factor);
    bc_value live = bc_splat(e, share), silent = bc_splat(e, bc_mul(e, share, bc_f32(e, k->layer->leak)));
    bc_value t = bc_splat(e, event.t);
    for (uint32_t v = 0; v < u->count; v++) {
        bc_value first = bc_i32(e, v * e->lanes);
        bc_value change = bc_load_vector(e, changes, first);
        if (k->layer->leak == 1) {
            change = bc_muladd(e, live, u->wanted[v], change);
        } else {
            bc_value moves = bc_at_least(e, bc_abs(e, bc_load_vector(e, bounds, first)), t);
            change = bc_muladd(e, bc_select(e, moves, live, silent), u->wanted[v], change);
        }
        bc_store_vector(e, changes, first, change);
    }
    (void)number;
}

/* do_i += sum over k live of sign_ik (1 - alpha_ik) e_k */
static void feedback_event(bc_emit *e, const bc_kernel *k, uint32_t number, bc_live_event event, void *user)
{
    const convolve_user *u = user;
    bc_value bounds = at_row(e, k, u, u->bounds, event.row), slopes = at_row(e, k, u, u->slopes, event.row);
    bc_value t = bc_splat(e, event.t), zero = bc_splat_f32(e, 0), sum = zero;
    for (uint32_t v = 0; v < u->count; v++) {
        bc_value first = bc_i32(e, v * e->lanes);
        bc_value live = bc_greater(e, bc_abs(e, bc_load_vector(e, bounds, first)), t);
        bc_value slope = bc_select(e, live, bc_load_vector(e, slopes, first), zero);
        sum = bc_muladd(e, slope, u->wanted[v], sum);
    }
    bc_value asked = bc_load_f32(e, u->correction, event.at);
    bc_store_f32(e, u->correction, event.at, bc_add(e, asked, bc_reduce_add(e, sum)));
    (void)number;
}

/* A tile of filters at one place, if any of them wants a change. */
static void blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    convolve_user *u = user;
    bc_value errors = bc_block(e, bc_at_place(e, k, u->error, u->sample, u->place), block);
    bc_value largest = bc_splat_f32(e, 0);
    u->block = block;
    u->count = count;
    for (uint32_t v = 0; v < count; v++) {
        u->wanted[v] = bc_load_vector(e, errors, bc_i32(e, v * e->lanes));
        largest = bc_max(e, largest, bc_abs(e, u->wanted[v]));
    }
    bc_branch wanted = bc_if(e, bc_any(e, bc_greater(e, largest, bc_splat_f32(e, 0))), "wanted");
    bc_each_event(e, k, &u->live, u->sample, u->y, u->x, 1, u->body, u);
    bc_endif(e, &wanted);
}

static void each_place(bc_emit *e, const bc_kernel *k, convolve_user *u)
{
    bc_value active = BC_FIELD_PTR(e, u->args.state, active), rate = BC_FIELD_F32(e, u->args.state, rate);
    bc_value corrections = u->correction;
    bc_loop samples = bc_loop_begin(e, u->args.a0, u->args.a1, 1, "sample");
    bc_value idle = bc_iequal(e, bc_load_i32(e, active, samples.i), bc_i32(e, 0));
    bc_branch if_active = bc_if(e, LLVMBuildNot(e->builder, idle, ""), "active");
    u->sample = samples.i;
    if (corrections)
        u->correction = bc_row(e, e->f32, corrections, samples.i, k->plan->in.stride);
    bc_value sums = bc_row(e, e->f32, u->sums, samples.i, k->plan->out.height * k->plan->out.width);
    bc_places places = bc_places_begin(e, k);
    u->y = places.y;
    u->x = places.x;
    u->place = places.place;
    u->factor = bc_share_factor(e, k, rate, bc_load_f32(e, sums, places.place));
    bc_tiles(e, k, bc_i32(e, 0), bc_i32(e, k->blocks), k->plan->vectors, blocks, u);
    bc_places_end(e, &places);
    bc_endif(e, &if_active);
    bc_loop_end(e, &samples);
}

static convolve_user begin(bc_emit *e, const char *name)
{
    convolve_user u = {.args = bc_function(e, name)};
    u.live = bc_live_load(e, u.args.state);
    u.bounds = BC_FIELD_PTR(e, u.args.state, bounds);
    u.error = BC_FIELD_PTR(e, u.args.state, error);
    u.sums = BC_FIELD_PTR(e, u.args.state, input_sum);
    return u;
}

void bc_emit_conv_step(bc_emit *e, const bc_kernel *k, const char *name)
{
    convolve_user u = begin(e, name);
    bc_value changes = BC_FIELD_PTR(e, u.args.state, changes);
    u.changes = bc_row(e, e->f32, changes, u.args.b0, (uint64_t)k->plan->rows * k->plan->stride);
    u.body = step_event;
    each_place(e, k, &u);
    bc_return(e);
}

void bc_emit_conv_feedback(bc_emit *e, const bc_kernel *k, const char *name)
{
    convolve_user u = begin(e, name);
    u.slopes = BC_FIELD_PTR(e, u.args.state, slopes);
    u.correction = BC_FIELD_PTR(e, u.args.state, input_correction);
    u.body = feedback_event;
    each_place(e, k, &u);
    bc_return(e);
}

/* Adds the groups' changes in order, moves and bounds, and leaves the changes empty and the slopes sign/a up to date.
 */
void bc_emit_conv_apply(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value bounds = BC_FIELD_PTR(e, a.state, bounds), changes = BC_FIELD_PTR(e, a.state, changes);
    bc_value slopes = BC_FIELD_PTR(e, a.state, slopes);
    bc_value zero = bc_splat_f32(e, 0);
    uint64_t group = (uint64_t)k->plan->rows * k->plan->stride;
    bc_loop rows = bc_loop_begin(e, a.a0, a.a1, 1, "row");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value first = bc_imul(e, blocks.i, e->lanes), change = zero;
    for (uint32_t g = 0; g < BR_GROUPS; g++) {
        bc_value row = bc_row(e, e->f32, bc_row(e, e->f32, changes, bc_i32(e, g), group), rows.i, k->plan->stride);
        change = bc_add(e, change, bc_load_vector(e, row, first));
        bc_store_vector(e, row, first, zero);
    }
    bc_value row = bc_row(e, e->f32, bounds, rows.i, k->plan->stride), before = bc_load_vector(e, row, first);
    bc_value v = bc_bounded(e, k, before, bc_add(e, before, change));
    bc_store_vector(e, row, first, v);
    bc_store_vector(e, bc_row(e, e->f32, slopes, rows.i, k->plan->stride), first, bc_slope(e, k, v));
    bc_loop_end(e, &blocks);
    bc_loop_end(e, &rows);
    bc_return(e);
}
