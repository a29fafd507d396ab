/* The activations of the neurons that stay active, and those of a whole row whose order is known: equation (19). */
#include "forward/depress.h"
#include "forward/forward.h"

/* The activation of neurons that stay active. */
static bc_value strength(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value out, const bc_contest *c)
{
    bc_value s = bc_splat_f32(e, k->layer->range_out), zero = bc_splat_f32(e, 0);
    if (!u->sets_value || k->layer->fire == BT_FIRE_RAMP || k->layer->fire == BT_FIRE_LOGISTIC)
        return out;
    if (k->layer->fire == BT_FIRE_BINARY)
        return s;
    /* graded: s (x_i - x_(k+1))/(x_max - x_(k+1)); without a rival, s */
    bc_value span = bc_sub(e, c->largest, c->next);
    bc_value share = bc_div(e, bc_sub(e, c->x, c->next), span);
    share = bc_select(e, bc_greater(e, span, zero), share, bc_splat_f32(e, 1));
    return bc_mul(e, s, bc_min(e, share, bc_splat_f32(e, 1)));
}

bc_value bc_depress_left(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value out, bc_value stays,
                         bc_contest c)
{
    bc_value zero = bc_splat_f32(e, 0);
    return bc_select(e, bc_and(e, stays, bc_greater(e, out, zero)), strength(e, k, u, out, &c), zero);
}

void bc_depress_settle(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value to, bc_value first, bc_value stays,
                       bc_contest c)
{
    bc_value o = bc_depress_left(e, k, u, bc_load_vector(e, to, first), stays, c);
    bc_assert_within(e, o, 0, (float)k->layer->range_out, BR_FAULT_ACTIVATION);
    bc_store_vector(e, to, first, o);
}

/* ---- among all filters of a row ---- */

bool bc_depress_reads_next(const bc_kernel *k, const bc_depress *u)
{
    return u->clause->gap > 0 || (u->sets_value && k->layer->fire == BT_FIRE_GRADED);
}

bc_value bc_depress_keep(bc_emit *e, const bc_depress *u)
{
    return u->keep ? u->keep : bc_i32(e, u->clause->keep);
}

bc_value bc_depress_reduced(bc_emit *e, const bc_depress *u, bc_value drive, bc_value first)
{
    return u->conscience ? bc_sub(e, drive, bc_load_vector(e, u->conscience, first)) : drive;
}

bc_value bc_depress_drive(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value row, bc_value first)
{
    bc_value drive = bc_load_vector(e, bc_row(e, e->f32, u->drives, row, k->plan->pitch), first);
    return bc_depress_reduced(e, u, drive, first);
}

bc_value bc_depress_stays(bc_emit *e, const bc_depress *u, const bc_limits *l, bc_value x, bc_value block)
{
    if (u->clause->gap > 0) /* no filter of a tie leads */
        return bc_at_least(e, bc_sub(e, x, l->next), bc_splat_f32(e, u->clause->gap));
    if (!l->cut)
        return bc_at_least(e, x, l->least);
    bc_value early = bc_iless(e, bc_lane_ids(e, block), l->cut);
    return bc_or(e, bc_greater(e, x, l->least), bc_and(e, bc_equal(e, x, l->least), early));
}

typedef struct row_order {
    bc_value row;
    bc_limits limits;
    bc_value largest; /* in every lane */
} row_order;

static void settle_row(bc_emit *e, const bc_kernel *k, const bc_depress *u, const row_order *r)
{
    bc_value out = bc_row(e, e->f32, u->outs, r->row, k->plan->pitch);
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "settle");
    bc_value first = bc_imul(e, blocks.i, e->lanes), x = bc_depress_drive(e, k, u, r->row, first);
    bc_value stays = bc_depress_stays(e, u, &r->limits, x, blocks.i);
    bc_depress_settle(e, k, u, out, first, stays, (bc_contest){x, r->limits.next, r->largest});
    bc_loop_end(e, &blocks);
}

/* Whether the filters of a vector fire before depression. With `order` they have no activations yet. */
static bc_value fires(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value row, bc_value block)
{
    bc_value first = bc_imul(e, block, e->lanes), o;
    if (u->order) {
        bc_value x = bc_load_vector(e, bc_row(e, e->f32, u->drives, row, k->plan->pitch), first);
        bc_thresholds t = bc_thresholds_load(e, k, bc_block(e, u->thetas, block), 1);
        o = bc_activation(e, k, &(bc_neurons){block, t.theta[0], t.scale[0]}, x);
    } else {
        o = bc_load_vector(e, bc_row(e, e->f32, u->outs, row, k->plan->pitch), first);
    }
    return bc_greater(e, o, bc_splat_f32(e, 0));
}

/* Whether a filter that fires has the drive `least`: only then does a tie matter. */
static bc_value any_fires(bc_emit *e, const bc_kernel *k, const bc_depress *u, const row_order *r)
{
    bc_value any = bc_slot(e, e->i1, LLVMConstInt(e->i1, 0, 0), "fires");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "tie");
    bc_value first = bc_imul(e, blocks.i, e->lanes);
    bc_value here = bc_equal(e, bc_depress_drive(e, k, u, r->row, first), r->limits.least);
    here = bc_and(e, here, fires(e, k, u, r->row, blocks.i));
    bc_set(e, any, bc_or(e, bc_get(e, e->i1, any), bc_any(e, here)));
    bc_loop_end(e, &blocks);
    return bc_get(e, e->i1, any);
}

/* The index behind the last filter that stays of those that tie at `least`. */
static bc_value cut_of(bc_emit *e, const bc_kernel *k, const bc_depress *u, const row_order *r)
{
    bc_value left = bc_slot(e, e->i32, bc_depress_keep(e, u), "left"), zero = bc_i32(e, 0);
    bc_loop larger = bc_loop_begin(e, zero, bc_i32(e, k->blocks), 1, "larger");
    bc_value x = bc_depress_drive(e, k, u, r->row, bc_imul(e, larger.i, e->lanes));
    bc_value above = bc_and(e, bc_greater(e, x, r->limits.least), bc_lanes_below(e, larger.i, k->layer->neurons));
    bc_set(e, left, bc_isub(e, bc_get(e, e->i32, left), bc_count_lanes(e, above)));
    bc_loop_end(e, &larger);
    bc_value cut = bc_slot(e, e->i32, zero, "cut");
    bc_loop ties = bc_loop_begin(e, zero, bc_i32(e, k->blocks), 1, "ties");
    bc_value first = bc_imul(e, ties.i, e->lanes);
    bc_set_lane_loop lanes =
        bc_for_each_set_lane(e, bc_equal(e, bc_depress_drive(e, k, u, r->row, first), r->limits.least));
    bc_value some = bc_get(e, e->i32, left), more = bc_iless(e, zero, some);
    bc_value behind = bc_iadd(e, bc_iadd(e, first, lanes.lane), bc_i32(e, 1));
    bc_set(e, cut, bc_select(e, more, behind, bc_get(e, e->i32, cut)));
    bc_set(e, left, bc_select(e, more, bc_isub(e, some, bc_i32(e, 1)), some));
    bc_for_each_set_lane_end(e, &lanes);
    bc_loop_end(e, &ties);
    return bc_get(e, e->i32, cut);
}

bc_value bc_depress_cut(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value row, bc_value least)
{
    row_order r = {.row = row, .limits.least = bc_splat(e, least)};
    bc_value cut = bc_slot(e, e->i32, bc_i32(e, BR_ORDER_WHOLE), "cut");
    bc_branch matters = bc_if(e, any_fires(e, k, u, &r), "matters");
    bc_set(e, cut, cut_of(e, k, u, &r));
    bc_endif(e, &matters);
    return bc_get(e, e->i32, cut);
}

bc_value bc_depress_order_at(bc_emit *e, const bc_kernel *k, const bc_depress *u, br_order fact, bc_value row)
{
    uint32_t places = k->plan->out.height * k->plan->out.width;
    bc_value place = bc_isub(e, row, bc_imul(e, u->first, places));
    return bc_row(e, e->f32, bc_row(e, e->f32, u->order, bc_i32(e, fact), places), place, 1);
}

/* Writes the order of a row for the pool that settles it. */
static void store_order(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value row, const bc_order *order)
{
    bc_value zero = bc_i32(e, 0), cut = bc_slot(e, e->i32, bc_i32(e, BR_ORDER_WHOLE), "cut");
    if (u->clause->gap == 0) {
        bc_branch tied = bc_if(e, order->tied, "tied");
        bc_set(e, cut, bc_depress_cut(e, k, u, row, order->least));
        bc_endif(e, &tied);
    }
    bc_store_f32(e, bc_depress_order_at(e, k, u, BR_ORDER_LEAST, row), zero, order->least);
    bc_store_i32(e, bc_depress_order_at(e, k, u, BR_ORDER_CUT, row), zero, bc_get(e, e->i32, cut));
    if (bc_depress_reads_next(k, u)) {
        bc_store_f32(e, bc_depress_order_at(e, k, u, BR_ORDER_NEXT, row), zero, order->next);
        bc_store_f32(e, bc_depress_order_at(e, k, u, BR_ORDER_LARGEST, row), zero, order->largest);
    }
}

/* Sets the activations of a row where they are. */
static void settle(bc_emit *e, const bc_kernel *k, const bc_depress *u, row_order *r, bc_value tied)
{
    if (u->clause->gap > 0) {
        settle_row(e, k, u, r);
        return;
    }
    bc_value matters = bc_slot(e, e->i1, tied, "tied");
    bc_branch maybe = bc_if(e, tied, "maybe");
    bc_set(e, matters, any_fires(e, k, u, r));
    bc_endif(e, &maybe);
    bc_branch some = bc_if(e, bc_get(e, e->i1, matters), "tied");
    r->limits.cut = bc_splat(e, cut_of(e, k, u, r));
    settle_row(e, k, u, r);
    bc_endif(e, &some);
    r->limits.cut = NULL;
    bc_branch none = bc_if(e, LLVMBuildNot(e->builder, bc_get(e, e->i1, matters), ""), "clear");
    settle_row(e, k, u, r);
    bc_endif(e, &none);
}

void bc_depress_row(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value row, const bc_order *order)
{
    row_order r = {.row = row, .limits.least = bc_splat(e, order->least)};
    if (bc_depress_reads_next(k, u)) {
        r.limits.next = bc_splat(e, order->next);
        r.largest = bc_splat(e, order->largest);
    }
    if (!u->order) {
        settle(e, k, u, &r, order->tied);
        return;
    }
    bc_value none = LLVMBuildIsNull(e->builder, u->order, "");
    bc_branch here = bc_if(e, none, "here");
    settle(e, k, u, &r, order->tied);
    bc_endif(e, &here);
    bc_branch later = bc_if(e, LLVMBuildNot(e->builder, none, ""), "later");
    store_order(e, k, u, row, order);
    bc_endif(e, &later);
}
