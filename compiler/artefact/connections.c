/* The connections of one neuron, for tools that explain an answer. The code is scalar, for any processor. It uses the
 * kernels' float arithmetic, so that it calls a connection live exactly if the kernels do. */
#include "artefact/connections.h"
#include "kernels/kernel.h"

typedef struct lookup {
    const bc_connections_context *u;
    bc_kernel kernel;
    bc_value trace, channel, bounds, adds; /* `bounds` and `adds` may be NULL at run time */
    bc_value y, x;                         /* position of the neuron in its map */
    bc_value gamma;
} lookup;

/* ---- one field ---- */

typedef struct field_walk {
    bc_loop rows, columns, channels;
    bc_value number, row; /* number of the connection; row of bounds */
    bc_value o;           /* activation that it reads, 0 in the padding */
} field_walk;

/* Row or column of the input map that a row or column of the field reads. In the padding above or to the left, the
 * number wraps around to a large one. */
static bc_value along(bc_emit *e, bc_value place, uint32_t hop, bc_value in_field, uint32_t pad)
{
    return bc_isub(e, bc_iadd(e, bc_imul(e, place, hop), in_field), bc_i32(e, pad));
}

static bc_value activation(bc_emit *e, const lookup *l, const field_walk *w)
{
    const bc_trace_layer *row = l->u->row;
    bc_value y = along(e, l->y, row->hop, w->rows.i, row->pad_top);
    bc_value x = along(e, l->x, row->hop, w->columns.i, row->pad_left);
    bc_value o = bc_slot(e, e->f32, bc_f32(e, 0), "o");
    bc_value inside = bc_and(e, bc_iless(e, y, bc_i32(e, row->in_height)), bc_iless(e, x, bc_i32(e, row->in_width)));
    bc_branch within = bc_if(e, inside, "inside");
    bc_value place = bc_iadd(e, bc_imul(e, y, row->in_width), x);
    bc_value at = bc_iadd(e, bc_imul(e, place, row->in_channels), w->channels.i);
    bc_set(e, o, bc_load_f32(e, bc_offset(e, l->trace, row->reads * sizeof(float)), at));
    bc_endif(e, &within);
    return bc_get(e, e->f32, o);
}

static field_walk field_begin(bc_emit *e, const lookup *l)
{
    const bc_trace_layer *row = l->u->row;
    field_walk w;
    w.rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, row->field_height), 1, "row");
    w.columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, row->field_width), 1, "column");
    w.channels = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, row->in_channels), 1, "channel");
    bc_value place = bc_iadd(e, bc_imul(e, w.rows.i, row->field_width), w.columns.i);
    w.number = bc_iadd(e, bc_imul(e, place, row->in_channels), w.channels.i);
    w.row = bc_iadd(e, bc_imul(e, place, l->u->layer->in.pitch), w.channels.i);
    w.o = activation(e, l, &w);
    return w;
}

static void field_end(bc_emit *e, field_walk *w)
{
    bc_loop_end(e, &w->channels);
    bc_loop_end(e, &w->columns);
    bc_loop_end(e, &w->rows);
}

/* gamma of (4), or the neuron's gain (26). If the sum is shared, the activations of the whole field are added up
 * first. */
static bc_value gamma_of(bc_emit *e, const lookup *l)
{
    bc_value sum = bc_slot(e, e->f32, bc_f32(e, 0), "field");
    if (l->u->layer->layer->homeostasis)
        return bc_load_f32(e, l->u->thetas, bc_iadd(e, l->channel, bc_i32(e, l->u->layer->pitch)));
    if (l->u->layer->layer->sum == BT_SUM_SHARED) {
        field_walk w = field_begin(e, l);
        bc_set(e, sum, bc_add(e, bc_get(e, e->f32, sum), w.o));
        field_end(e, &w);
    }
    return bc_gamma(e, &l->kernel, bc_get(e, e->f32, sum));
}

/* ---- one connection ---- */

/* The stored part of a connection, in slots. */
typedef struct stored {
    bc_value kept; /* i1: false if it was dropped because it is silent for every input */
    bc_value w;
} stored;

static void keep(bc_emit *e, const stored *s, bc_value values, bc_value at)
{
    bc_set(e, s->kept, LLVMConstInt(e->i1, 1, 0));
    bc_set(e, s->w, bc_load_f32(e, values, at));
}

static void find_in_list(bc_emit *e, const lookup *l, bc_value row, const stored *s)
{
    const bc_tables *t = l->u->tables;
    bc_value from = bc_load_i32(e, t->starts, row), to = bc_load_i32(e, t->starts, bc_iadd(e, row, bc_i32(e, 1)));
    bc_loop entries = bc_loop_begin(e, from, to, 1, "entry");
    bc_branch found = bc_if(e, bc_iequal(e, bc_load_i32(e, t->targets, entries.i), l->channel), "found");
    keep(e, s, l->u->bounds, entries.i);
    bc_endif(e, &found);
    bc_loop_end(e, &entries);
}

static void find_in_row(bc_emit *e, const lookup *l, bc_value row, const stored *s)
{
    const bc_tables *t = l->u->tables;
    if (t->packed)
        row = bc_load_i32(e, t->packed, row);
    bc_branch there = bc_if(e, bc_iless(e, row, bc_i32(e, BC_ROW_DROPPED)), "kept");
    keep(e, s, bc_row(e, e->f32, l->u->bounds, row, l->u->layer->pitch), l->channel);
    bc_endif(e, &there);
}

static stored find(bc_emit *e, const lookup *l, bc_value row)
{
    stored s = {bc_slot(e, e->i1, LLVMConstInt(e->i1, 0, 0), "kept"), bc_slot(e, e->f32, bc_f32(e, 0), "w")};
    if (l->u->tables->starts)
        find_in_list(e, l, row, &s);
    else
        find_in_row(e, l, row, &s);
    return (stored){bc_get(e, e->i1, s.kept), bc_get(e, e->f32, s.w)};
}

/* +-alpha as in the model file: alpha = 1 - 1/(a_max - |w|), clamped to its limits; 1 if the connection was dropped. */
static bc_value signed_alpha(bc_emit *e, const lookup *l, const stored *s)
{
    const bl_layer *layer = l->u->layer->layer;
    bc_value alpha = bc_abs(e, s->w);
    if (l->u->layer->bound_encoding != BR_BOUND_ALPHA) {
        LLVMTypeRef f64 = LLVMDoubleTypeInContext(e->llvm);
        double per_w = layer->tied > 0 ? ((double)l->kernel.a_max - 1) / BR_TIED_TOP : 1;
        bc_value one = LLVMConstReal(f64, 1), a_max = LLVMConstReal(f64, (double)l->kernel.a_max);
        bc_value v = bc_mul(e, LLVMBuildFPExt(e->builder, alpha, f64, ""), LLVMConstReal(f64, per_w));
        bc_value a = bc_sub(e, a_max, v);
        alpha = LLVMBuildFPTrunc(e->builder, bc_sub(e, one, bc_div(e, one, a)), e->f32, "");
        alpha = bc_clamp(e, alpha, bc_f32(e, layer->alpha_min), bc_f32(e, layer->alpha_max));
    }
    return bc_select(e, s->kept, bc_copysign(e, alpha, s->w), bc_f32(e, 1));
}

/* +-g of (1), (2): q max(0, |w| - t(o)); as printed, clamp((o - alpha)/(1 - alpha), 0, 1), where NaN becomes 0; of tied
 * levels w n. */
static bc_value contribution(bc_emit *e, const lookup *l, bc_value w, bc_value o)
{
    if (l->u->layer->bound_encoding == BR_BOUND_TIED)
        return bc_mul(e, w, o);
    bc_value zero = bc_f32(e, 0), one = bc_f32(e, 1), q = bc_sub(e, one, o), size = bc_abs(e, w), g;
    if (l->u->layer->bound_encoding == BR_BOUND_ALPHA) {
        g = bc_div(e, bc_sub(e, o, size), bc_sub(e, one, size));
        g = bc_min(e, bc_max(e, g, zero), one);
    } else {
        bc_value t = bc_sub(e, bc_f32(e, (double)l->kernel.a_max), bc_div(e, one, q));
        g = bc_mul(e, q, bc_max(e, bc_sub(e, size, t), zero));
    }
    return bc_copysign(e, g, w);
}

static void store_if_wanted(bc_emit *e, bc_value to, bc_value at, bc_value value)
{
    bc_branch wanted = bc_if(e, LLVMBuildIsNotNull(e->builder, to, ""), "wanted");
    bc_store_f32(e, to, at, value);
    bc_endif(e, &wanted);
}

/* The connection of a silent input carries nothing, whatever its bound. */
static void emit_lookup(bc_emit *e, const lookup *l, const field_walk *w, bc_value count)
{
    bc_value zero = bc_f32(e, 0);
    stored s = find(e, l, w->row);
    bc_value c = contribution(e, l, s.w, w->o);
    bc_value size = bc_abs(e, w->o); /* levels are negative on the off side */
    bc_value live = bc_and(e, s.kept, bc_and(e, bc_greater(e, size, zero), bc_greater(e, bc_abs(e, c), zero)));
    bc_set(e, count, bc_iadd(e, bc_get(e, e->i32, count), LLVMBuildZExt(e->builder, live, e->i32, "")));
    store_if_wanted(e, l->bounds, w->number, signed_alpha(e, l, &s));
    store_if_wanted(e, l->adds, w->number, bc_select(e, live, bc_mul(e, l->gamma, c), zero));
}

/* ---- the function ---- */

static bc_value begin(bc_emit *e, const char *name)
{
    LLVMTypeRef parameters[4] = {e->ptr, e->i32, e->ptr, e->ptr};
    e->function = LLVMAddFunction(e->module, name, LLVMFunctionType(e->i32, parameters, 4, 0));
    LLVMSetLinkage(e->function, LLVMInternalLinkage);
    bc_attribute(e, "nounwind", NULL);
    bc_begin(e, name);
    return e->function;
}

bc_value bc_emit_connections(bc_emit *e, const bc_connections_context *u, const char *name)
{
    const bc_trace_layer *row = u->row;
    bc_value function = begin(e, name), neuron = LLVMGetParam(function, 1);
    lookup l = {.u = u, .kernel = bc_kernel_new(u->layer), .trace = LLVMGetParam(function, 0)};
    l.bounds = LLVMGetParam(function, 2);
    l.adds = LLVMGetParam(function, 3);
    bc_value count = bc_slot(e, e->i32, bc_i32(e, 0), "live");
    bc_branch there = bc_if(e, bc_iless(e, neuron, bc_i32(e, row->height * row->width * row->channels)), "there");
    bc_value place = LLVMBuildUDiv(e->builder, neuron, bc_i32(e, row->channels), "place");
    l.channel = LLVMBuildURem(e->builder, neuron, bc_i32(e, row->channels), "channel");
    l.y = LLVMBuildUDiv(e->builder, place, bc_i32(e, row->width), "y");
    l.x = LLVMBuildURem(e->builder, place, bc_i32(e, row->width), "x");
    l.gamma = gamma_of(e, &l);
    field_walk w = field_begin(e, &l);
    emit_lookup(e, &l, &w, count);
    field_end(e, &w);
    bc_endif(e, &there);
    LLVMBuildRet(e->builder, bc_get(e, e->i32, count));
    return function;
}
