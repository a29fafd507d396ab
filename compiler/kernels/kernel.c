/* Shared by the emitters of one layer's kernels. */
#include "kernels/kernel.h"

#include "plan/numbers.h"

bc_kernel bc_kernel_new(const bc_layer_plan *plan)
{
    const bl_layer *layer = plan->layer;
    bc_kernel k = {.plan = plan, .layer = layer};
    k.blocks = plan->pitch / plan->lanes;
    k.conv = layer->kind == BT_LAYER_CONV;
    k.live_stride = plan->in.sample_stride + plan->lanes;
    k.a_max = bc_a_max(layer);
    k.v_max = plan->bound_encoding != BR_BOUND_ALPHA ? k.a_max - 1.0f / (1.0f - (float)layer->alpha_min)
                                                     : (float)layer->alpha_max;
    if (plan->bound_encoding == BR_BOUND_TIED)
        k.v_max = BR_TIED_TOP * (k.v_max / (k.a_max - 1.0f));
    if (plan->whole)
        k.v_max = __builtin_floorf(k.v_max);
    return k;
}

/* c = q soft(v, t), soft(v, t) = v - clamp(v, -t, t), if alpha_max >= s, since then t >= 0 (identity 2 of section 2).
 * Otherwise a connection at alpha_max still carries signal, and its sign is read from the sign bit. */
bc_value bc_contribution(bc_emit *e, const bc_kernel *k, bc_value w, bc_value q, bc_value t)
{
    if (k->plan->soft)
        return bc_mul(e, q, bc_soft(e, w, t, 0));
    bc_value over = bc_max(e, bc_sub(e, bc_abs(e, w), t), bc_splat_f32(e, 0));
    return bc_copysign(e, bc_mul(e, q, over), w);
}

/* c = +-clamp((o - alpha)/(1 - alpha), 0, 1); a NaN counts as 0.   (1), (2) as printed */
bc_value bc_contribution_printed(bc_emit *e, bc_value w, bc_value o)
{
    bc_value alpha = bc_abs(e, w);
    bc_value g = bc_div(e, bc_sub(e, o, alpha), bc_sub(e, bc_splat_f32(e, 1), alpha));
    g = bc_max(e, g, bc_splat_f32(e, 0)); /* NaN becomes 0 */
    return bc_copysign(e, bc_min(e, g, bc_splat_f32(e, 1)), w);
}

void bc_tiles(bc_emit *e, const bc_kernel *k, bc_value from, bc_value to, uint32_t tile, bc_tile_body *body, void *user)
{
    if (tile > 1) {
        bc_loop tiles = bc_loop_begin(e, from, to, tile, "tile");
        body(e, k, tiles.i, tile, user);
        bc_loop_end(e, &tiles);
        from = tiles.rest;
    }
    bc_loop blocks = bc_loop_begin(e, from, to, 1, "block");
    body(e, k, blocks.i, 1, user);
    bc_loop_end(e, &blocks);
}

static LLVMTypeRef event_type(bc_emit *e)
{
    return LLVMArrayType(e->i32, sizeof(br_event) / 4);
}

bc_value bc_event_row(bc_emit *e, bc_value rows, bc_value row, bc_value batch)
{
    return bc_row_by(e, event_type(e), rows, row, batch);
}

bc_event bc_event_load(bc_emit *e, bc_value row, bc_value index)
{
    bc_value at = bc_row(e, event_type(e), row, index, 1);
    bc_event event = {
        .sample = bc_load_i32(e, at, bc_i32(e, 0)),
        .threshold = bc_load_f32(e, at, bc_i32(e, 1)),
        .share = bc_load_f32(e, at, bc_i32(e, 2)),
    };
    return event;
}

void bc_event_store(bc_emit *e, bc_value row, bc_value index, bc_event event)
{
    bc_value at = bc_row(e, event_type(e), row, index, 1);
    bc_store_i32(e, at, bc_i32(e, 0), event.sample);
    bc_store_f32(e, at, bc_i32(e, 1), event.threshold);
    bc_store_f32(e, at, bc_i32(e, 2), event.share);
}
