#include "artefact/lookup.h"

/* Row or column of the input map that a row or column of the field reads. In the padding above or to the left, the
 * number wraps around to a large one. */
static bc_value along(bc_emit *e, bc_value place, uint32_t hop, bc_value in_field, uint32_t pad)
{
    return bc_isub(e, bc_iadd(e, bc_imul(e, place, hop), in_field), bc_i32(e, pad));
}

/* Sets what the walk reads now. */
static void read_activation(bc_emit *e, const bc_lookup *l, bc_lookup_walk *w)
{
    const bc_trace_layer *row = l->row;
    bc_value y = along(e, l->y, row->hop, w->rows.i, row->pad_top);
    bc_value x = along(e, l->x, row->hop, w->columns.i, row->pad_left);
    bc_value o = bc_slot(e, e->f32, bc_f32(e, 0), "o");
    bc_value inside = bc_and(e, bc_iless(e, y, bc_i32(e, row->in_height)), bc_iless(e, x, bc_i32(e, row->in_width)));
    bc_value place = bc_iadd(e, bc_imul(e, y, row->in_width), x);
    w->at = bc_iadd(e, bc_imul(e, place, row->in_channels), w->channels.i);
    bc_branch within = bc_if(e, inside, "inside");
    bc_set(e, o, bc_load_f32(e, bc_offset(e, l->trace, row->reads * sizeof(float)), w->at));
    bc_endif(e, &within);
    w->o = bc_get(e, e->f32, o);
}

void bc_lookup_place(bc_emit *e, bc_lookup *l, bc_value number)
{
    bc_value place = LLVMBuildUDiv(e->builder, number, bc_i32(e, l->row->channels), "place");
    l->channel = LLVMBuildURem(e->builder, number, bc_i32(e, l->row->channels), "channel");
    l->y = LLVMBuildUDiv(e->builder, place, bc_i32(e, l->row->width), "y");
    l->x = LLVMBuildURem(e->builder, place, bc_i32(e, l->row->width), "x");
}

bc_lookup_walk bc_lookup_begin(bc_emit *e, const bc_lookup *l)
{
    const bc_trace_layer *row = l->row;
    bc_lookup_walk w;
    w.rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, row->field_height), 1, "row");
    w.columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, row->field_width), 1, "column");
    w.channels = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, row->in_channels), 1, "channel");
    bc_value place = bc_iadd(e, bc_imul(e, w.rows.i, row->field_width), w.columns.i);
    w.number = bc_iadd(e, bc_imul(e, place, row->in_channels), w.channels.i);
    w.row = bc_iadd(e, bc_imul(e, place, l->layer->in.pitch), w.channels.i);
    read_activation(e, l, &w);
    return w;
}

void bc_lookup_end(bc_emit *e, bc_lookup_walk *w)
{
    bc_loop_end(e, &w->channels);
    bc_loop_end(e, &w->columns);
    bc_loop_end(e, &w->rows);
}

bc_value bc_lookup_gamma(bc_emit *e, const bc_lookup *l)
{
    bc_value sum = bc_slot(e, e->f32, bc_f32(e, 0), "field");
    if (l->layer->layer->homeostasis)
        return bc_load_f32(e, l->thetas, bc_iadd(e, l->channel, bc_i32(e, l->layer->pitch)));
    if (l->layer->layer->sum == BT_SUM_SHARED) {
        bc_lookup_walk w = bc_lookup_begin(e, l);
        bc_set(e, sum, bc_add(e, bc_get(e, e->f32, sum), w.o));
        bc_lookup_end(e, &w);
    }
    return bc_gamma(e, &l->kernel, bc_get(e, e->f32, sum));
}

static void keep(bc_emit *e, const bc_stored *s, bc_value values, bc_value at)
{
    bc_set(e, s->kept, LLVMConstInt(e->i1, 1, 0));
    bc_set(e, s->w, bc_load_f32(e, values, at));
}

static void find_in_list(bc_emit *e, const bc_lookup *l, bc_value row, const bc_stored *s)
{
    const bc_tables *t = l->tables;
    bc_value from = bc_load_i32(e, t->starts, row), to = bc_load_i32(e, t->starts, bc_iadd(e, row, bc_i32(e, 1)));
    bc_loop entries = bc_loop_begin(e, from, to, 1, "entry");
    bc_branch found = bc_if(e, bc_iequal(e, bc_load_i32(e, t->targets, entries.i), l->channel), "found");
    keep(e, s, l->bounds, entries.i);
    bc_endif(e, &found);
    bc_loop_end(e, &entries);
}

static void find_in_row(bc_emit *e, const bc_lookup *l, bc_value row, const bc_stored *s)
{
    const bc_tables *t = l->tables;
    if (t->packed)
        row = bc_load_i32(e, t->packed, row);
    bc_branch there = bc_if(e, bc_iless(e, row, bc_i32(e, BC_ROW_DROPPED)), "kept");
    keep(e, s, bc_row(e, e->f32, l->bounds, row, l->layer->pitch), l->channel);
    bc_endif(e, &there);
}

bc_stored bc_lookup_find(bc_emit *e, const bc_lookup *l, bc_value row)
{
    bc_stored s = {bc_slot(e, e->i1, LLVMConstInt(e->i1, 0, 0), "kept"), bc_slot(e, e->f32, bc_f32(e, 0), "w")};
    if (l->tables->starts)
        find_in_list(e, l, row, &s);
    else
        find_in_row(e, l, row, &s);
    return (bc_stored){bc_get(e, e->i1, s.kept), bc_get(e, e->f32, s.w)};
}

/* +-g of (1), (2): q max(0, |w| - t(o)); as printed, clamp((o - alpha)/(1 - alpha), 0, 1), where NaN becomes 0; of tied
 * levels w n. */
static bc_value contribution(bc_emit *e, const bc_lookup *l, bc_value w, bc_value o)
{
    if (l->layer->bound_encoding == BR_BOUND_TIED)
        return bc_mul(e, w, o);
    bc_value zero = bc_f32(e, 0), one = bc_f32(e, 1), q = bc_sub(e, one, o), size = bc_abs(e, w), g;
    if (l->layer->bound_encoding == BR_BOUND_ALPHA) {
        g = bc_div(e, bc_sub(e, o, size), bc_sub(e, one, size));
        g = bc_min(e, bc_max(e, g, zero), one);
    } else {
        bc_value t = bc_sub(e, bc_f32(e, (double)l->kernel.a_max), bc_div(e, one, q));
        g = bc_mul(e, q, bc_max(e, bc_sub(e, size, t), zero));
    }
    return bc_copysign(e, g, w);
}

/* The connection of a silent input carries nothing, whatever its bound. */
bc_value bc_lookup_live(bc_emit *e, const bc_lookup *l, const bc_stored *s, bc_value o, bc_value *carried)
{
    bc_value zero = bc_f32(e, 0);
    *carried = contribution(e, l, s->w, o);
    bc_value input = bc_greater(e, bc_abs(e, o), zero); /* levels are negative on the off side */
    return bc_and(e, s->kept, bc_and(e, input, bc_greater(e, bc_abs(e, *carried), zero)));
}

bc_value bc_internal_function(bc_emit *e, const char *name, LLVMTypeRef result, LLVMTypeRef *parameters, unsigned count)
{
    e->function = LLVMAddFunction(e->module, name, LLVMFunctionType(result, parameters, count, 0));
    LLVMSetLinkage(e->function, LLVMInternalLinkage);
    bc_attribute(e, "nounwind", NULL);
    bc_begin(e, name);
    return e->function;
}
