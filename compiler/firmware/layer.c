/* The code of one layer: sums at every place, the largest sum of each window of a pool behind it, drives, activations:
 * equations (2) to (4). Sums grow with drives, since gamma and gains are above 0: the largest sum of a window is that of
 * the largest drive. */
#include "firmware/layer.h"

#include "firmware/depress.h"
#include "forward/forward.h"

typedef struct work {
    const struct bc_firmware *f;
    const bc_small_layer *l;
    bc_small_sums sums;
    bc_value scratch, largest;
    bc_value drives;       /* address: of all places, or of the place at work, where sums become drives */
    bc_value theta, scale; /* constants; NULL: the same for all neurons */
    bc_value conscience;   /* constants; NULL: none that depression compares */
    LLVMTypeRef number;    /* of a sum: i32 or float */
} work;

/* ---- from sums to activations ---- */

/* gamma times the value of 1 in a sum; runtime/engine/forward.c and forward/int8.c, in their order of operations. (4) */
static bc_value worth(bc_emit *e, const work *w)
{
    const bc_kernel *k = &w->sums.kernel;
    bc_value zero = bc_f32(e, 0), scale = bc_f32(e, (double)w->l->scales.scale);
    bc_value all = w->sums.all ? bc_get(e, w->number, w->sums.all) : bc_f32(e, 1);
    if (!w->l->int8)
        return bc_gamma(e, k, all);
    if (!w->sums.all)
        return bc_mul(e, bc_gamma(e, k, bc_f32(e, 1)), scale);
    all = LLVMBuildSIToFP(e->builder, all, e->f32, "");
    bc_value gain = bc_mul(e, bc_f32(e, k->layer->gain), scale);
    bc_value gamma = bc_div(e, gain, bc_mul(e, all, bc_f32(e, (double)w->l->scales.quantum)));
    return bc_select(e, bc_greater(e, all, zero), gamma, zero);
}

static bc_value number_of(bc_emit *e, bc_value array, float same, bc_value n)
{
    return array ? LLVMBuildLoad2(e->builder, e->f32, bc_element(e, e->f32, array, n), "") : bc_f32(e, (double)same);
}

static bc_neurons neurons_of(bc_emit *e, const work *w, bc_value n)
{
    return (bc_neurons){.block = n,
                        .theta = number_of(e, w->theta, w->l->theta[0], n),
                        .scale = number_of(e, w->scale, w->l->scale[0], n)};
}

static bc_value before_depression(bc_emit *e, const void *user, bc_value n, bc_value at, bc_value x)
{
    const work *w = user;
    bc_neurons neurons = neurons_of(e, w, n);
    (void)at;
    return bc_activation(e, &w->sums.kernel, &neurons, x);
}

static bc_value outs_of(bc_emit *e, const work *w)
{
    return bc_offset(e, w->scratch, w->l->outs);
}

/* Of the places of a window, that with the largest drive leaves its activation; the first of equals. */
static void keep_chosen(bc_emit *e, const void *user, bc_value n, bc_value x, bc_value o)
{
    const work *w = user;
    bc_value to = bc_element(e, e->f32, w->largest, n), best = LLVMBuildLoad2(e->builder, e->f32, to, "");
    bc_branch larger = bc_if(e, bc_greater(e, x, best), "larger");
    LLVMBuildStore(e->builder, x, to);
    LLVMBuildStore(e->builder, o, bc_element(e, e->f32, outs_of(e, w), n));
    bc_endif(e, &larger);
}

static bc_small_depression depression_of(const work *w)
{
    return (bc_small_depression){.l = w->l,
                                 .scratch = w->scratch,
                                 .all = w->l->keeps && !w->l->settles,
                                 .drives = w->drives,
                                 .conscience = w->conscience,
                                 .before = before_depression,
                                 .behind = w->l->settles ? keep_chosen : NULL,
                                 .user = w};
}

/* Drives of all neurons at a place, and their activations unless these depend on other drives. */
static void finish(bc_emit *e, const work *w, const bc_small_place *at)
{
    const bc_kernel *k = &w->sums.kernel;
    const bc_small_layer *l = w->l;
    bc_value from = w->largest && !l->settles ? w->largest : w->sums.sums, each = worth(e, w);
    bool all = l->keeps && !l->settles;
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, l->layer->neurons), 1, "finish");
    bc_value sum = LLVMBuildLoad2(e->builder, w->number, bc_element(e, w->number, from, neurons.i), "");
    bc_value x = bc_mul(e, l->int8 ? LLVMBuildSIToFP(e->builder, sum, e->f32, "") : sum, each);
    bc_neurons n = neurons_of(e, w, neurons.i);
    bc_value to = bc_iadd(e, at->at, neurons.i);
    if (l->layer->homeostasis)
        x = bc_muladd(e, x, n.scale, bc_neg(e, n.theta));
    if (l->last || l->keeps || l->depressed)
        LLVMBuildStore(e->builder, x, bc_element(e, e->f32, w->drives, all ? to : neurons.i));
    if (!l->last && !l->depressed)
        bc_write(e, &l->out, w->scratch, to, bc_activation(e, k, &n, x));
    bc_loop_end(e, &neurons);
    bc_small_depression d = depression_of(w);
    if (l->depressed && !l->over_places)
        bc_emit_depression(e, &d, at);
}

/* ---- places ---- */

static void each_place(bc_emit *e, work *w)
{
    bc_small_places places = bc_small_places_begin(e, &w->l->out);
    bc_emit_sums(e, &w->sums, places.place.y, places.place.x);
    finish(e, w, &places.place);
    bc_small_places_end(e, &places);
}

static void keep_larger(bc_emit *e, const work *w)
{
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, w->l->layer->neurons), 1, "larger");
    bc_value to = bc_element(e, w->number, w->largest, neurons.i);
    bc_value sum = LLVMBuildLoad2(e->builder, w->number, bc_element(e, w->number, w->sums.sums, neurons.i), "");
    bc_value held = LLVMBuildLoad2(e->builder, w->number, to, "");
    bc_value larger = w->l->int8 ? LLVMBuildICmp(e->builder, LLVMIntSGT, sum, held, "") : bc_greater(e, sum, held);
    LLVMBuildStore(e->builder, bc_select(e, larger, sum, held), to);
    bc_loop_end(e, &neurons);
}

/* The pool's map gets the activations of the places chosen, and its drives if they are kept. */
static void leave_chosen(bc_emit *e, const work *w, const bc_small_place *at)
{
    const bc_small_layer *l = w->l;
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, l->out.channels), 1, "chosen");
    bc_value to = bc_iadd(e, at->at, neurons.i);
    bc_value o = LLVMBuildLoad2(e->builder, e->f32, bc_element(e, e->f32, outs_of(e, w), neurons.i), "");
    bc_value x = LLVMBuildLoad2(e->builder, e->f32, bc_element(e, e->f32, w->largest, neurons.i), "");
    bc_write(e, &l->out, w->scratch, to, o);
    if (l->keeps)
        LLVMBuildStore(e->builder, x, bc_element(e, e->f32, bc_offset(e, w->scratch, l->drives), to));
    bc_loop_end(e, &neurons);
}

static void each_window(bc_emit *e, work *w)
{
    const bl_layer *pool = w->f->layers[w->l->pool].layer;
    bool whole = w->l->int8 && !w->l->settles;
    bc_value least = whole ? bc_i32(e, (uint32_t)INT32_MIN) : bc_f32(e, -3.0e38);
    bc_small_places places = bc_small_places_begin(e, &w->l->out);
    bc_loop clear = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, w->l->layer->neurons), 1, "least");
    LLVMBuildStore(e->builder, least, bc_element(e, e->i32, w->largest, clear.i));
    bc_loop_end(e, &clear);
    bc_loop down = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, pool->field_height), 1, "window.y");
    bc_loop across = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, pool->field_width), 1, "window.x");
    bc_emit_sums(e, &w->sums, bc_iadd(e, bc_imul(e, places.place.y, pool->stride), down.i),
                 bc_iadd(e, bc_imul(e, places.place.x, pool->stride), across.i));
    if (w->l->settles)
        finish(e, w, &places.place);
    else
        keep_larger(e, w);
    bc_loop_end(e, &across);
    bc_loop_end(e, &down);
    (w->l->settles ? leave_chosen : finish)(e, w, &places.place);
    bc_small_places_end(e, &places);
}

/* Clauses over places compare drives of the whole map. */
static void depress_map(bc_emit *e, const work *w)
{
    bc_small_depression d = depression_of(w);
    bc_small_places places = bc_small_places_begin(e, &w->l->out);
    bc_emit_depression(e, &d, &places.place);
    bc_small_places_end(e, &places);
}

static void constants(bc_emit *e, bc_owner owner, work *w)
{
    const bc_small_layer *l = w->l;
    uint32_t neurons = l->layer->neurons;
    if (!l->uniform) {
        w->theta = bc_data_floats(e, owner, l->theta, neurons);
        w->scale = bc_data_floats(e, owner, l->scale, neurons);
    }
    for (uint32_t n = 0; l->depressed && l->judge == l->layer && n < neurons && !w->conscience; n++)
        if (l->conscience[n] != 0)
            w->conscience = bc_data_floats(e, owner, l->conscience, neurons);
}

bc_value bc_emit_small_layer(bc_emit *e, const struct bc_firmware *f, uint32_t layer)
{
    const bc_small_layer *l = &f->layers[layer];
    bc_owner owner = {f->program->name, l->layer->name};
    LLVMTypeRef parameters[3] = {e->ptr, e->ptr, e->ptr};
    LLVMTypeRef type = LLVMFunctionType(e->none, parameters, l->learns ? 3 : 2, 0);
    bc_value function = bc_owned_function(e, owner, "layer", type);
    bc_attribute(e, "noinline", NULL);
    bc_begin(e, l->layer->name);
    const bc_small_arguments a = {LLVMGetParam(function, 0), LLVMGetParam(function, 1),
                                  l->learns ? LLVMGetParam(function, 2) : NULL};
    work w = {.f = f, .l = l, .scratch = a.scratch, .number = l->int8 ? e->i32 : e->f32};
    w.sums = bc_small_sums_new(e, f, layer, &a);
    w.largest = l->pool == BC_NO_POOL ? NULL : bc_offset(e, w.scratch, l->largest);
    w.drives = l->keeps && !l->settles    ? bc_offset(e, w.scratch, l->drives)
               : w.largest && !l->settles ? w.largest
                                          : w.sums.sums;
    constants(e, owner, &w);
    e->no_contraction = l->int8 || l->learns; /* the same bits on every machine */
    if (w.largest)
        each_window(e, &w);
    else
        each_place(e, &w);
    if (l->over_places)
        depress_map(e, &w);
    e->no_contraction = false;
    LLVMBuildRetVoid(e->builder);
    return function;
}
