/* Slopes are passed down along live connections, from the class to the input, as runtime/infer/why.c does it. Two arrays
 * of doubles lie over the trace: the slope of the class's drive in each value, and what each value added as an input. A
 * layer's function reads those of its own map and adds to those of the map that it reads. */
#include "artefact/why.h"

#include <stdio.h>

typedef struct why {
    const bc_why_context *u;
    const bl_layer *layer;
    const bc_trace_layer *row;
    LLVMTypeRef f64;
    bc_value trace, work;
    bc_value thresholds; /* slot */
} why;

/* ---- doubles ---- */

static bc_value number(const why *w, double value)
{
    return LLVMConstReal(w->f64, value);
}

static bc_value wide(bc_emit *e, const why *w, bc_value single)
{
    return LLVMBuildFPExt(e->builder, single, w->f64, "");
}

/* Float `index` of the map that begins at float `base` of the trace. */
static bc_value traced(bc_emit *e, const why *w, uint32_t base, bc_value index)
{
    return wide(e, w, bc_load_f32(e, bc_offset(e, w->trace, (uint64_t)base * sizeof(float)), index));
}

/* Where the slope in such a value lies, and what it added. */
static bc_value slope_at(bc_emit *e, const why *w, uint32_t base, bc_value index)
{
    return bc_row(e, w->f64, bc_offset(e, w->work, (uint64_t)base * sizeof(double)), index, 1);
}

static bc_value added_at(bc_emit *e, const why *w, uint32_t base, bc_value index)
{
    uint64_t first = w->u->trace->floats + base;
    return bc_row(e, w->f64, bc_offset(e, w->work, first * sizeof(double)), index, 1);
}

static bc_value load(bc_emit *e, const why *w, bc_value at)
{
    return LLVMBuildLoad2(e->builder, w->f64, at, "");
}

static void add_to(bc_emit *e, const why *w, bc_value at, bc_value value)
{
    LLVMBuildStore(e->builder, bc_add(e, load(e, w, at), value), at);
}

static bc_value differs(bc_emit *e, bc_value a, bc_value b)
{
    return LLVMBuildFCmp(e->builder, LLVMRealUNE, a, b, "");
}

static bc_value either(bc_emit *e, const why *w, bc_value a, bc_value b)
{
    return bc_or(e, differs(e, a, number(w, 0)), differs(e, b, number(w, 0)));
}

static uint32_t values_of(const bc_trace_layer *row)
{
    return row->height * row->width * row->channels;
}

/* A value read gets a slope; the value itself has added slope * o. */
static void pass(bc_emit *e, const why *w, bc_value at, bc_value slope, bc_value added)
{
    add_to(e, w, slope_at(e, w, w->row->reads, at), slope);
    add_to(e, w, added_at(e, w, w->row->reads, at), added);
}

/* ---- layers with connections ---- */

/* An activation as a line of the sum of the contributions: o = rise * sum + constant. */
typedef struct line {
    bc_value rise, constant;
} line;

static line line_of_ramp(bc_emit *e, const why *w, bc_value o, bc_value drive, bc_value theta)
{
    bc_value zero = number(w, 0), excess = w->layer->homeostasis ? drive : bc_sub(e, drive, theta);
    bc_value sloped = bc_and(e, differs(e, o, zero), differs(e, excess, zero));
    bc_value rise = bc_select(e, sloped, bc_div(e, o, bc_select(e, sloped, excess, number(w, 1))), zero);
    return (line){rise, bc_select(e, sloped, bc_neg(e, bc_mul(e, rise, theta)), o)};
}

/* From the activation without a live connection to the one that there is. */
static line line_of_other(bc_emit *e, const why *w, bc_value o, bc_value drive, bc_value silent)
{
    bc_value zero = number(w, 0), least = number(w, 1e-6); /* a drive too small to divide by */
    bc_value negative = bc_less(e, drive, zero), size = bc_select(e, negative, bc_neg(e, drive), drive);
    bc_value still = bc_less(e, size, least);
    bc_value rise = bc_div(e, bc_sub(e, o, silent), bc_select(e, still, number(w, 1), drive));
    return (line){bc_select(e, still, zero, rise), bc_select(e, still, o, silent)};
}

/* What a live connection adds, and what a change of its input would change that by, before gamma. */
static void carried_by(bc_emit *e, const why *w, const bc_lookup *l, const bc_stored *s, bc_value o, line *out)
{
    bc_value sized = wide(e, w, bc_abs(e, s->w)), one = number(w, 1), a;
    if (l->layer->bound_encoding == BR_BOUND_TIED) {
        out->rise = wide(e, w, s->w);
        out->constant = bc_mul(e, out->rise, o);
        return;
    }
    if (l->layer->bound_encoding == BR_BOUND_ALPHA)
        a = bc_div(e, one, bc_sub(e, one, sized));
    else
        a = bc_sub(e, number(w, (double)l->kernel.a_max), sized);
    bc_value adds = bc_sub(e, bc_mul(e, a, o), bc_sub(e, a, one));
    bc_value sign = LLVMBuildFPExt(e->builder, bc_copysign(e, bc_f32(e, 1), s->w), w->f64, "");
    out->rise = bc_mul(e, sign, a);
    out->constant = bc_mul(e, sign, adds);
}

/* Hands the slope in the neuron's sum, `each`, to what its live connections read. */
static void follow_field(bc_emit *e, const why *w, const bc_lookup *l, bc_value each)
{
    bc_value unused;
    line carried;
    bc_lookup_walk walk = bc_lookup_begin(e, l);
    bc_stored s = bc_lookup_find(e, l, walk.row);
    bc_branch live = bc_if(e, bc_lookup_live(e, l, &s, walk.o, &unused), "live");
    carried_by(e, w, l, &s, wide(e, w, walk.o), &carried);
    pass(e, w, walk.at, bc_mul(e, each, carried.rise), bc_mul(e, each, carried.constant));
    bc_endif(e, &live);
    bc_lookup_end(e, &walk);
}

static void follow_neuron(bc_emit *e, const why *w, bc_lookup *l, bc_value i, bc_value silents)
{
    bc_value slope = load(e, w, slope_at(e, w, w->row->activations, i));
    bc_value through = load(e, w, slope_at(e, w, w->row->drives, i));
    bc_branch there = bc_if(e, either(e, w, slope, through), "followed");
    bc_lookup_place(e, l, i);
    bc_value o = traced(e, w, w->row->activations, i), drive = traced(e, w, w->row->drives, i);
    bc_value theta = wide(e, w, bc_load_f32(e, l->thetas, l->channel)), gamma = wide(e, w, bc_lookup_gamma(e, l));
    line of = silents ? line_of_other(e, w, o, drive, wide(e, w, bc_load_f32(e, silents, l->channel)))
                      : line_of_ramp(e, w, o, drive, theta);
    bc_value took = bc_mul(e, slope, of.constant);
    if (w->layer->homeostasis)
        took = bc_sub(e, took, bc_mul(e, through, theta));
    add_to(e, w, w->thresholds, took);
    follow_field(e, w, l, bc_mul(e, gamma, bc_add(e, bc_mul(e, slope, of.rise), through)));
    bc_endif(e, &there);
}

static void follow_neurons(bc_emit *e, const why *w, const bc_lookup *layer, bc_value silents)
{
    bc_lookup l = *layer;
    l.trace = w->trace;
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, values_of(w->row)), 1, "neuron");
    follow_neuron(e, w, &l, neurons.i, silents);
    bc_loop_end(e, &neurons);
}

/* ---- pools ---- */

/* Rows or columns that a cell reads. */
typedef struct span {
    bc_value from, to;
} span;

static span span_of(bc_emit *e, const why *w, bc_value cell, uint32_t in, uint32_t out, uint32_t field)
{
    if (w->row->hop > 0) {
        bc_value from = bc_imul(e, cell, w->row->hop);
        return (span){from, bc_iadd(e, from, bc_i32(e, field))};
    }
    bc_value next = bc_iadd(e, cell, bc_i32(e, 1)), cells = bc_i32(e, out);
    return (span){LLVMBuildUDiv(e->builder, bc_imul(e, cell, in), cells, ""),
                  LLVMBuildUDiv(e->builder, bc_imul(e, next, in), cells, "")};
}

typedef struct window {
    span rows, columns;
    bc_value channel;
    bc_loop y, x;
    bc_value at; /* of the walk */
} window;

static void window_begin(bc_emit *e, const why *w, window *v)
{
    v->y = bc_loop_begin(e, v->rows.from, v->rows.to, 1, "y");
    v->x = bc_loop_begin(e, v->columns.from, v->columns.to, 1, "x");
    bc_value place = bc_iadd(e, bc_imul(e, v->y.i, w->row->in_width), v->x.i);
    v->at = bc_iadd(e, bc_imul(e, place, w->row->in_channels), v->channel);
}

static void window_end(bc_emit *e, window *v)
{
    bc_loop_end(e, &v->x);
    bc_loop_end(e, &v->y);
}

/* The value with the largest drive, the first of equals. */
static bc_value choice_of(bc_emit *e, const why *w, window *v)
{
    bc_value first = bc_iadd(e, bc_imul(e, v->rows.from, w->row->in_width), v->columns.from);
    bc_value best = bc_slot(e, e->i32, bc_iadd(e, bc_imul(e, first, w->row->in_channels), v->channel), "best");
    window_begin(e, w, v);
    bc_value here = traced(e, w, w->row->ranks, v->at), most = traced(e, w, w->row->ranks, bc_get(e, e->i32, best));
    bc_branch larger = bc_if(e, bc_greater(e, here, most), "larger");
    bc_set(e, best, v->at);
    bc_endif(e, &larger);
    window_end(e, v);
    return bc_get(e, e->i32, best);
}

/* A value above 0 takes its share of the pool's activation; all of them take the slope in the pool's drive. */
static void follow_value(bc_emit *e, const why *w, bc_value at, bc_value share, bc_value each)
{
    bc_value o = traced(e, w, w->row->reads, at), zero = number(w, 0);
    bc_value slope = bc_add(e, bc_select(e, bc_greater(e, o, zero), share, zero), each);
    pass(e, w, at, slope, bc_mul(e, slope, o));
}

static void follow_choice(bc_emit *e, const why *w, window *v, bc_value slope, bc_value through)
{
    bool alone = w->layer->source_count == 1 && w->layer->sources[0] != BT_INPUT; /* then drives have slopes, too */
    bc_value at = choice_of(e, w, v), zero = number(w, 0), one = number(w, 1), out = slope;
    bc_value o = traced(e, w, w->row->reads, at), lit = bc_greater(e, o, zero);
    out = bc_div(e, out, bc_select(e, lit, o, one));
    if (alone)
        add_to(e, w, slope_at(e, w, w->row->ranks, at), through);
    follow_value(e, w, at, out, alone ? zero : through);
}

static void follow_window(bc_emit *e, const why *w, window *v, bc_value slope, bc_value through)
{
    bc_value zero = number(w, 0), sum = bc_slot(e, w->f64, zero, "sum"), each = through;
    bc_value places = LLVMBuildMul(e->builder, bc_isub(e, v->rows.to, v->rows.from),
                                   bc_isub(e, v->columns.to, v->columns.from), "places");
    window_begin(e, w, v);
    add_to(e, w, sum, traced(e, w, w->row->reads, v->at));
    window_end(e, v);
    if (w->layer->pooling == BT_POOL_MEAN)
        each = bc_div(e, each, LLVMBuildUIToFP(e->builder, places, w->f64, ""));
    bc_value all = load(e, w, sum), some = bc_greater(e, all, zero);
    bc_value share = bc_div(e, slope, bc_select(e, some, all, number(w, 1)));
    window_begin(e, w, v);
    follow_value(e, w, v->at, share, each);
    window_end(e, v);
}

static void follow_pool(bc_emit *e, const why *w)
{
    const bc_trace_layer *row = w->row;
    bc_loop values = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, values_of(row)), 1, "value");
    bc_value slope = load(e, w, slope_at(e, w, row->activations, values.i));
    bc_value through = load(e, w, slope_at(e, w, row->drives, values.i));
    bc_branch there = bc_if(e, either(e, w, slope, through), "followed");
    bc_value place = LLVMBuildUDiv(e->builder, values.i, bc_i32(e, row->channels), "place");
    bc_value y = LLVMBuildUDiv(e->builder, place, bc_i32(e, row->width), "y");
    bc_value x = LLVMBuildURem(e->builder, place, bc_i32(e, row->width), "x");
    window v = {.rows = span_of(e, w, y, row->in_height, row->height, row->field_height),
                .columns = span_of(e, w, x, row->in_width, row->width, row->field_width),
                .channel = LLVMBuildURem(e->builder, values.i, bc_i32(e, row->channels), "channel")};
    bc_value out = bc_mul(e, slope, traced(e, w, row->activations, values.i));
    if (w->layer->pooling == BT_POOL_MAX)
        follow_choice(e, w, &v, out, through);
    else
        follow_window(e, w, &v, out, through);
    bc_endif(e, &there);
    bc_loop_end(e, &values);
}

/* ---- one layer ---- */

/* The bounds of layers that read this one take their part: a o - c = a - 1. */
static void take_bounds(bc_emit *e, const why *w)
{
    bc_loop values = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, values_of(w->row)), 1, "value");
    bc_value slope = load(e, w, slope_at(e, w, w->row->activations, values.i));
    bc_value added = load(e, w, added_at(e, w, w->row->activations, values.i));
    bc_value carried = bc_mul(e, slope, traced(e, w, w->row->activations, values.i));
    add_to(e, w, w->thresholds, bc_sub(e, added, carried));
    bc_loop_end(e, &values);
}

/* From a map that was joined from several to those of its sources, which lie side by side along the channels, or end to
 * end for a dense layer. */
static void hand_to_sources(bc_emit *e, const why *w)
{
    uint32_t first = 0;
    bool flat = w->layer->kind == BT_LAYER_DENSE;
    for (uint32_t i = 0; i < w->layer->source_count; i++) {
        const bc_trace_layer *from = &w->u->trace->layers[bc_trace_row(w->layer->sources[i])];
        uint32_t channels = flat ? values_of(from) : from->channels;
        bc_loop values = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, values_of(from)), 1, "value");
        bc_value place = LLVMBuildUDiv(e->builder, values.i, bc_i32(e, channels), "place");
        bc_value channel = LLVMBuildURem(e->builder, values.i, bc_i32(e, channels), "channel");
        bc_value at =
            bc_iadd(e, bc_imul(e, place, flat ? 0 : w->row->in_channels), bc_iadd(e, channel, bc_i32(e, first)));
        add_to(e, w, slope_at(e, w, from->activations, values.i), load(e, w, slope_at(e, w, w->row->reads, at)));
        add_to(e, w, added_at(e, w, from->activations, values.i), load(e, w, added_at(e, w, w->row->reads, at)));
        bc_loop_end(e, &values);
        first += channels;
    }
}

static bc_value emit_layer(bc_emit *e, const bc_why_context *u, uint32_t index)
{
    LLVMTypeRef parameters[2] = {e->ptr, e->ptr}, f64 = LLVMDoubleTypeInContext(e->llvm);
    char name[256];
    why w = {.u = u, .layer = &u->program->layers[index], .row = &u->trace->layers[index + 1], .f64 = f64};
    snprintf(name, sizeof name, "%s_%s_why", u->name, w.layer->name);
    bc_value function = bc_internal_function(e, name, f64, parameters, 2);
    w.trace = LLVMGetParam(function, 0);
    w.work = LLVMGetParam(function, 1);
    w.thresholds = bc_slot(e, f64, number(&w, 0), "thresholds");
    take_bounds(e, &w);
    if (w.layer->kind == BT_LAYER_POOL)
        follow_pool(e, &w);
    else
        follow_neurons(e, &w, &u->layers[index], u->silents[index]);
    if (w.layer->source_count > 1)
        hand_to_sources(e, &w);
    LLVMBuildRet(e->builder, load(e, &w, w.thresholds));
    return function;
}

/* ---- all layers ---- */

void bc_emit_why_layers(bc_emit *e, const bc_why_context *u, bc_value *layer_functions)
{
    for (uint32_t i = 0; i < u->program->layer_count; i++)
        layer_functions[i] = emit_layer(e, u, i);
}

void bc_emit_why(bc_emit *e, const bc_why_context *u, const bc_value *layer_functions)
{
    const bc_trace_layer *input = &u->trace->layers[0], *last = &u->trace->layers[u->trace->layer_count - 1];
    bc_value function = e->function, label = LLVMGetParam(function, 1), adds = LLVMGetParam(function, 2);
    why w = {.u = u, .row = last, .f64 = LLVMDoubleTypeInContext(e->llvm), .trace = LLVMGetParam(function, 0)};
    w.work = LLVMGetParam(function, 3);
    w.thresholds = bc_slot(e, w.f64, number(&w, 0), "thresholds");
    bc_loop doubles = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, (uint32_t)bc_why_doubles(u->trace)), 1, "double");
    LLVMBuildStore(e->builder, number(&w, 0), bc_row(e, w.f64, w.work, doubles.i, 1));
    bc_loop_end(e, &doubles);
    bc_branch there = bc_if(e, bc_iless(e, label, bc_i32(e, values_of(last))), "there");
    LLVMBuildStore(e->builder, number(&w, 1), slope_at(e, &w, last->drives, label));
    bc_endif(e, &there);
    bc_value arguments[2] = {w.trace, w.work};
    for (uint32_t i = u->program->layer_count; i-- > 0;) {
        LLVMTypeRef type = LLVMGlobalGetValueType(layer_functions[i]);
        add_to(e, &w, w.thresholds, LLVMBuildCall2(e->builder, type, layer_functions[i], arguments, 2, ""));
    }
    bc_loop values = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, values_of(input)), 1, "value");
    bc_value added = load(e, &w, added_at(e, &w, input->activations, values.i));
    bc_store_f32(e, adds, values.i, LLVMBuildFPTrunc(e->builder, added, e->f32, ""));
    bc_loop_end(e, &values);
    LLVMBuildRet(e->builder, load(e, &w, w.thresholds));
}
