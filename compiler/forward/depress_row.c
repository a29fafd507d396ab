/* The activations of the neurons that stay active, and those of a whole row whose order is known: equation (19). */
#include "forward/depress.h"

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

void bc_depress_settle(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value to, bc_value first, bc_value stays,
                       bc_contest c)
{
    bc_value out = bc_load_vector(e, to, first), zero = bc_splat_f32(e, 0);
    stays = bc_and(e, stays, bc_greater(e, out, zero));
    bc_value o = bc_select(e, stays, strength(e, k, u, out, &c), zero);
    bc_assert_within(e, o, 0, (float)k->layer->range_out, BR_FAULT_ACTIVATION);
    bc_store_vector(e, to, first, o);
}

/* ---- among all filters of a row ---- */

bool bc_depress_reads_next(const bc_kernel *k, const bc_depress *u)
{
    return u->clause->gap > 0 || (u->sets_value && k->layer->fire == BT_FIRE_GRADED);
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

typedef struct row_order {
    bc_value row;
    bc_value least, next, largest; /* in every lane */
    bc_value cut;                  /* of filters that tie at `least`, those below this index stay; NULL: all */
} row_order;

static void settle_row(bc_emit *e, const bc_kernel *k, const bc_depress *u, const row_order *r)
{
    bc_value out = bc_row(e, e->f32, u->outs, r->row, k->plan->pitch);
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "settle");
    bc_value first = bc_imul(e, blocks.i, e->lanes), x = bc_depress_drive(e, k, u, r->row, first), stays;
    if (u->clause->gap > 0) {
        stays = bc_at_least(e, bc_sub(e, x, r->next), bc_splat_f32(e, u->clause->gap));
    } else if (r->cut) {
        bc_value early = bc_iless(e, bc_lane_ids(e, blocks.i), bc_splat(e, r->cut));
        stays = bc_or(e, bc_greater(e, x, r->least), bc_and(e, bc_equal(e, x, r->least), early));
    } else {
        stays = bc_at_least(e, x, r->least);
    }
    bc_depress_settle(e, k, u, out, first, stays, (bc_contest){x, r->next, r->largest});
    bc_loop_end(e, &blocks);
}

/* Whether a filter that fires has the drive `least`: only then does a tie matter. */
static bc_value any_fires(bc_emit *e, const bc_kernel *k, const bc_depress *u, const row_order *r)
{
    bc_value out = bc_row(e, e->f32, u->outs, r->row, k->plan->pitch);
    bc_value any = bc_slot(e, e->i1, LLVMConstInt(e->i1, 0, 0), "fires");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "tie");
    bc_value first = bc_imul(e, blocks.i, e->lanes);
    bc_value here = bc_equal(e, bc_depress_drive(e, k, u, r->row, first), r->least);
    here = bc_and(e, here, bc_greater(e, bc_load_vector(e, out, first), bc_splat_f32(e, 0)));
    bc_set(e, any, bc_or(e, bc_get(e, e->i1, any), bc_any(e, here)));
    bc_loop_end(e, &blocks);
    return bc_get(e, e->i1, any);
}

/* The index behind the last filter that stays of those that tie at `least`. */
static bc_value cut_of(bc_emit *e, const bc_kernel *k, const bc_depress *u, const row_order *r)
{
    bc_value left = bc_slot(e, e->i32, bc_i32(e, u->clause->keep), "left"), zero = bc_i32(e, 0);
    bc_loop larger = bc_loop_begin(e, zero, bc_i32(e, k->blocks), 1, "larger");
    bc_value x = bc_depress_drive(e, k, u, r->row, bc_imul(e, larger.i, e->lanes));
    bc_value above = bc_and(e, bc_greater(e, x, r->least), bc_lanes_below(e, larger.i, k->layer->neurons));
    bc_set(e, left, bc_isub(e, bc_get(e, e->i32, left), bc_count_lanes(e, above)));
    bc_loop_end(e, &larger);
    bc_value cut = bc_slot(e, e->i32, zero, "cut");
    bc_loop ties = bc_loop_begin(e, zero, bc_i32(e, k->blocks), 1, "ties");
    bc_value first = bc_imul(e, ties.i, e->lanes);
    bc_set_lane_loop lanes = bc_for_each_set_lane(e, bc_equal(e, bc_depress_drive(e, k, u, r->row, first), r->least));
    bc_value some = bc_get(e, e->i32, left), more = bc_iless(e, zero, some);
    bc_value behind = bc_iadd(e, bc_iadd(e, first, lanes.lane), bc_i32(e, 1));
    bc_set(e, cut, bc_select(e, more, behind, bc_get(e, e->i32, cut)));
    bc_set(e, left, bc_select(e, more, bc_isub(e, some, bc_i32(e, 1)), some));
    bc_for_each_set_lane_end(e, &lanes);
    bc_loop_end(e, &ties);
    return bc_get(e, e->i32, cut);
}

void bc_depress_row(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value row, const bc_order *order)
{
    row_order r = {.row = row, .least = bc_splat(e, order->least)};
    if (bc_depress_reads_next(k, u)) {
        r.next = bc_splat(e, order->next);
        r.largest = bc_splat(e, order->largest);
    }
    if (u->clause->gap > 0) { /* no filter of a tie leads */
        settle_row(e, k, u, &r);
        return;
    }
    bc_value tied = bc_slot(e, e->i1, order->tied, "tied");
    bc_branch maybe = bc_if(e, order->tied, "maybe");
    bc_set(e, tied, any_fires(e, k, u, &r));
    bc_endif(e, &maybe);
    bc_branch some = bc_if(e, bc_get(e, e->i1, tied), "tied");
    r.cut = cut_of(e, k, u, &r);
    settle_row(e, k, u, &r);
    bc_endif(e, &some);
    r.cut = NULL;
    bc_branch none = bc_if(e, LLVMBuildNot(e->builder, bc_get(e, e->i1, tied), ""), "clear");
    settle_row(e, k, u, &r);
    bc_endif(e, &none);
}
