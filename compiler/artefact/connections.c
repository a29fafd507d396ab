/* The connections of one neuron, for tools that explain an answer. The code is scalar, for any processor. It uses the
 * kernels' float arithmetic, so that it calls a connection live exactly if the kernels do. */
#include "artefact/connections.h"

/* +-alpha as in the model file: alpha = 1 - 1/(a_max - |w|), clamped to its limits; 1 if the connection was dropped. */
static bc_value signed_alpha(bc_emit *e, const bc_lookup *l, const bc_stored *s)
{
    const bl_layer *layer = l->layer->layer;
    bc_value alpha = bc_abs(e, s->w);
    if (l->layer->bound_encoding != BR_BOUND_ALPHA) {
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

static void store_if_wanted(bc_emit *e, bc_value to, bc_value at, bc_value value)
{
    bc_branch wanted = bc_if(e, LLVMBuildIsNotNull(e->builder, to, ""), "wanted");
    bc_store_f32(e, to, at, value);
    bc_endif(e, &wanted);
}

/* Where the function writes, and what it counts. */
typedef struct wanted {
    bc_value bounds, adds; /* may be NULL at run time */
    bc_value count;        /* slot: live connections */
    bc_value gamma;
} wanted;

static void emit_connection(bc_emit *e, const bc_lookup *l, const bc_lookup_walk *w, const wanted *to)
{
    bc_value c;
    bc_stored s = bc_lookup_find(e, l, w->row);
    bc_value live = bc_lookup_live(e, l, &s, w->o, &c), one = LLVMBuildZExt(e->builder, live, e->i32, "");
    bc_set(e, to->count, bc_iadd(e, bc_get(e, e->i32, to->count), one));
    store_if_wanted(e, to->bounds, w->number, signed_alpha(e, l, &s));
    store_if_wanted(e, to->adds, w->number, bc_select(e, live, bc_mul(e, to->gamma, c), bc_f32(e, 0)));
}

/* ---- the function ---- */

bc_value bc_emit_connections(bc_emit *e, const bc_lookup *of, const char *name)
{
    LLVMTypeRef parameters[4] = {e->ptr, e->i32, e->ptr, e->ptr};
    bc_lookup l = *of;
    bc_value function = bc_internal_function(e, name, e->i32, parameters, 4), neuron = LLVMGetParam(function, 1);
    l.trace = LLVMGetParam(function, 0);
    wanted to = {.bounds = LLVMGetParam(function, 2),
                 .adds = LLVMGetParam(function, 3),
                 .count = bc_slot(e, e->i32, bc_i32(e, 0), "live")};
    bc_value values = bc_i32(e, l.row->height * l.row->width * l.row->channels);
    bc_branch there = bc_if(e, bc_iless(e, neuron, values), "there");
    bc_lookup_place(e, &l, neuron);
    to.gamma = bc_lookup_gamma(e, &l);
    bc_lookup_walk w = bc_lookup_begin(e, &l);
    emit_connection(e, &l, &w, &to);
    bc_lookup_end(e, &w);
    bc_endif(e, &there);
    LLVMBuildRet(e->builder, bc_get(e, e->i32, to.count));
    return function;
}
