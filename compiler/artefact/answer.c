/* The answer to one sample as one function: the forward pass of runtime/engine/forward.c, unrolled over the layers. The
 * state of each layer points into the caller's scratch memory and its kernels are called in order. The last layer's
 * drives and activations give the label, the probabilities and the levels. */
#include "artefact/answer.h"
#include "artefact/constants.h"

#include <stdio.h>
#include <string.h>

#include "artefact/dispatch.h"
#include "codegen/module.h"
#include "emit/debug_lines.h"

typedef struct walk {
    const bc_answer_context *u;
    const bc_plan *plan;
    bc_value raw, out, levels, scratch, trace; /* arguments of the function */
    bc_value state, int8;                      /* br_layer_state and br_int8, filled in for each layer in turn */
    bc_value kernels[BL_MAX_LAYERS][3];
} walk;

/* Kernels of the forward pass in the order of their calls, by method. */
static const struct forward_kernel {
    bc_kernel_id id;
    const char *name;
} forward_kernels[BT_METHODS][3] = {
#define METHOD(id, prepare, sum, arrays, inference_only)                                                               \
    [BT_METHOD_##id] = {{BC_KERNEL_##prepare, #prepare}, {BC_KERNEL_##sum, #sum}, {BC_KERNEL_depress, "depress"}},
#include "bouton/method.def"
#undef METHOD
};

static bool in_int8(const walk *w, uint32_t layer)
{
    return w->plan->layers[layer].int8.sample_stride > 0;
}

/* ---- addresses ---- */

static bc_value scratch_at(bc_emit *e, const walk *w, uint64_t offset)
{
    return bc_offset(e, w->scratch, offset);
}

static void set_field(bc_emit *e, const walk *w, size_t offset, bc_value value)
{
    LLVMBuildStore(e->builder, value, bc_offset(e, w->state, offset));
}

#define SET(field, value) set_field(e, w, offsetof(br_layer_state, field), (value))

/* ---- joining several sources ---- */

typedef struct source {
    br_map map;
    bc_value out;
} source;

static source source_of(bc_emit *e, const walk *w, uint32_t index)
{
    const bt_shape *shape = &w->plan->program->input.encoded;
    if (index == BT_INPUT)
        return (source){{shape->height, shape->width, shape->channels, shape->channels, 0},
                        scratch_at(e, w, w->u->input.scratch->input)};
    return (source){w->plan->layers[index].out, scratch_at(e, w, w->u->input.scratch->layers[index].out)};
}

static void copy_values(bc_emit *e, bc_value from, bc_value to, uint32_t count)
{
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, count), 1, "copy");
    bc_store_f32(e, to, loop.i, bc_load_f32(e, from, loop.i));
    bc_loop_end(e, &loop);
}

/* A dense layer reads the values of its sources end to end. Other layers put channels side by side. The rest of the
 * last vector is set to 0. */
static bc_value join(bc_emit *e, const walk *w, uint32_t index)
{
    const bc_layer_plan *layer = &w->plan->layers[index];
    bc_value joined = scratch_at(e, w, w->u->input.scratch->layers[index].joined);
    bool flat = layer->layer->kind == BT_LAYER_DENSE;
    uint32_t offset = 0, values = layer->in.height * layer->in.width * layer->in.channels;
    for (uint32_t i = 0; i < layer->layer->source_count; i++) {
        source s = source_of(e, w, layer->layer->sources[i]);
        uint32_t places = s.map.height * s.map.width, channels = s.map.channels;
        bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, places), 1, "place");
        bc_value to = bc_row(e, e->f32, joined, loop.i, flat ? channels : layer->in.pitch);
        copy_values(e, bc_row(e, e->f32, s.out, loop.i, s.map.pitch), bc_row(e, e->f32, to, bc_i32(e, offset), 1),
                    channels);
        bc_loop_end(e, &loop);
        offset += flat ? places * channels : channels;
    }
    bc_zero_f32(e, joined, bc_i32(e, values), bc_i32(e, layer->in.sample_stride - values));
    return joined;
}

/* ---- one layer ---- */

static void set_lists(bc_emit *e, const walk *w, uint32_t index)
{
    const bc_layer_scratch *r = &w->u->input.scratch->layers[index];
    SET(bounds, w->u->bounds[index]);
    SET(theta, w->u->thetas[index]);
    SET(live.count, scratch_at(e, w, r->live_count));
    SET(live.index, scratch_at(e, w, r->live_index));
    SET(live.start, scratch_at(e, w, r->live_start));
    SET(events.o, scratch_at(e, w, r->live_o));
    SET(events.q, scratch_at(e, w, r->live_q));
    SET(events.t, scratch_at(e, w, r->live_t));
    SET(input_sum, scratch_at(e, w, r->input_sum));
    if (w->u->consciences[index])
        SET(conscience, w->u->consciences[index]);
}

/* The kernel writes only the quanta of activations. The border and the padding bytes between them are set to 0
 * first. */
static void set_int8(bc_emit *e, const walk *w, uint32_t index)
{
    const bc_layer_scratch *r = &w->u->input.scratch->layers[index];
    const br_int8 scales = br_quantised_scales(w->u->quantised, index);
    bc_value codes = scratch_at(e, w, r->codes);
    bc_zero_f32(e, codes, bc_i32(e, 0), bc_i32(e, w->plan->layers[index].int8.sample_stride / 4));
    LLVMBuildStore(e->builder, w->u->int8s[index], bc_offset(e, w->int8, offsetof(br_int8, rows)));
    LLVMBuildStore(e->builder, codes, bc_offset(e, w->int8, offsetof(br_int8, quanta)));
    if (scales.order) {
        bc_value order = bc_constant_i32(e, scales.order, w->plan->layers[index].in.channels, "order");
        LLVMBuildStore(e->builder, order, bc_offset(e, w->int8, offsetof(br_int8, order)));
    }
    LLVMBuildStore(e->builder, scratch_at(e, w, r->live), bc_offset(e, w->int8, offsetof(br_int8, live)));
    const struct {
        size_t offset;
        float value;
    } numbers[] = {{offsetof(br_int8, per_quantum), scales.per_quantum},
                   {offsetof(br_int8, quantum), scales.quantum},
                   {offsetof(br_int8, scale), scales.scale}};
    for (int i = 0; i < 3; i++)
        LLVMBuildStore(e->builder, bc_f32(e, numbers[i].value), bc_offset(e, w->int8, numbers[i].offset));
    SET(int8, w->int8);
    SET(theta, w->u->thetas[index]);
    SET(input_sum, scratch_at(e, w, r->input_sum));
    if (w->u->consciences[index])
        SET(conscience, w->u->consciences[index]);
}

static void set_state(bc_emit *e, const walk *w, uint32_t index)
{
    const bl_layer *layer = w->plan->layers[index].layer;
    const bc_layer_scratch *r = &w->u->input.scratch->layers[index];
    bool single = layer->source_count == 1, of_layer = single && layer->sources[0] != BT_INPUT;
    bc_value in = single ? source_of(e, w, layer->sources[0]).out : join(e, w, index);
    SET(in, in);
    SET(input_drive, of_layer ? scratch_at(e, w, w->u->input.scratch->layers[layer->sources[0]].drive) : in);
    SET(drive, scratch_at(e, w, r->drive));
    SET(out, scratch_at(e, w, r->out));
    if (in_int8(w, index)) {
        set_int8(e, w, index);
        return;
    }
    if (layer->kind != BT_LAYER_POOL) {
        set_lists(e, w, index);
        return;
    }
    SET(choice, scratch_at(e, w, r->choice));
    SET(calibration, bc_f32(e, w->u->weights[index].calibration));
}

/* The order of a convolution's places lies in the memory of its activations, which only a trace reads. */
static void set_order(bc_emit *e, const walk *w, uint32_t index)
{
    bool pool = w->plan->layers[index].layer->kind == BT_LAYER_POOL;
    uint32_t conv = pool ? index - 1 : index;
    bc_value order = scratch_at(e, w, w->u->input.scratch->layers[conv].out), none = LLVMConstNull(e->ptr);
    SET(order, bc_select(e, LLVMBuildIsNull(e->builder, w->trace, ""), order, none));
    SET(theta, w->u->thetas[conv]);
    if (w->u->consciences[conv])
        SET(conscience, w->u->consciences[conv]);
}

static void call(bc_emit *e, const walk *w, bc_value kernel, uint32_t blocks)
{
    bc_value arguments[5] = {w->state, bc_i32(e, 0), bc_i32(e, 1), bc_i32(e, 0), bc_i32(e, blocks)};
    LLVMBuildCall2(e->builder, LLVMGlobalGetValueType(kernel), kernel, arguments, 5, "");
}

/* A pool writes as many channels as its input has including padding. The remaining channels of its own padding are set
 * to 0 here. */
static void clear_padding(bc_emit *e, const walk *w, uint32_t index)
{
    const bc_layer_plan *layer = &w->plan->layers[index];
    const bc_layer_scratch *r = &w->u->input.scratch->layers[index];
    if (layer->layer->kind != BT_LAYER_POOL || layer->in.pitch >= layer->out.pitch)
        return;
    bc_zero_f32(e, scratch_at(e, w, r->drive), bc_i32(e, 0), bc_i32(e, layer->out.sample_stride));
    bc_zero_f32(e, scratch_at(e, w, r->out), bc_i32(e, 0), bc_i32(e, layer->out.sample_stride));
}

static void run_layer(bc_emit *e, const walk *w, uint32_t index)
{
    set_state(e, w, index);
    clear_padding(e, w, index);
    if (w->plan->layers[index].settled)
        set_order(e, w, index);
    bool blocks = w->plan->layers[index].layer->kind == BT_LAYER_DENSE;
    for (int i = 0; i < 3; i++) /* a sum takes blocks of neurons; 0: all lines */
        if (w->kernels[index][i])
            call(e, w, w->kernels[index][i], i == 1 && blocks ? w->plan->layers[index].pitch / e->lanes : 0);
}

/* ---- the trace ---- */

/* Copied right after the layer's kernels, since later layers may reuse the same memory. */
static void trace_layer(bc_emit *e, const walk *w, uint32_t index)
{
    const bc_layer_plan *layer = &w->plan->layers[index];
    const bc_layer_scratch *r = &w->u->input.scratch->layers[index];
    const bc_trace_layer *to = &w->u->trace->layers[index + 1];
    bc_branch wanted = bc_if(e, LLVMBuildIsNotNull(e->builder, w->trace, ""), "traced");
    if (layer->layer->source_count > 1)
        bc_emit_trace_copy(e, w->trace, to->reads, scratch_at(e, w, r->joined), &layer->in);
    bc_emit_trace_copy(e, w->trace, to->drives, scratch_at(e, w, r->drive), &layer->out);
    bc_emit_trace_copy(e, w->trace, to->activations, scratch_at(e, w, r->out), &layer->out);
    bc_endif(e, &wanted);
}

static void trace_input(bc_emit *e, const walk *w)
{
    source input = source_of(e, w, BT_INPUT);
    bc_branch wanted = bc_if(e, LLVMBuildIsNotNull(e->builder, w->trace, ""), "traced");
    bc_emit_trace_copy(e, w->trace, w->u->trace->layers[0].activations, input.out, &input.map);
    bc_endif(e, &wanted);
}

/* ---- label, probabilities and levels ---- */

/* x_k: the drive minus the conscience. */
static bc_value handicapped(bc_emit *e, const walk *w, bc_value k)
{
    uint32_t top = w->plan->layer_count - 1;
    bc_value drive = bc_load_f32(e, scratch_at(e, w, w->u->input.scratch->layers[top].drive), k);
    bc_value conscience = w->u->consciences[top];
    return conscience ? bc_sub(e, drive, bc_load_f32(e, conscience, k)) : drive;
}

/* The label has the largest x; on ties, the lowest index wins. *most is its x. */
static bc_value find_label(bc_emit *e, const walk *w, uint32_t classes, bc_value *most)
{
    bc_value best = bc_slot(e, e->f32, handicapped(e, w, bc_i32(e, 0)), "best");
    bc_value label = bc_slot(e, e->i32, bc_i32(e, 0), "label");
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, classes), 1, "class");
    bc_value x = handicapped(e, w, loop.i), held = bc_get(e, e->f32, best), larger = bc_greater(e, x, held);
    bc_set(e, best, bc_select(e, larger, x, held));
    bc_set(e, label, bc_select(e, larger, loop.i, bc_get(e, e->i32, label)));
    bc_loop_end(e, &loop);
    *most = bc_get(e, e->f32, best);
    return bc_get(e, e->i32, label);
}

static bc_value next_below(bc_emit *e, bc_value value)
{
    bc_value bits = LLVMBuildBitCast(e->builder, value, e->i32, "");
    return LLVMBuildBitCast(e->builder, bc_isub(e, bits, bc_i32(e, 1)), e->f32, "");
}

/* Equation 20, with the operations of br_shares (runtime/engine/shares.c) in their order. */
static void write_shares(bc_emit *e, const walk *w, uint32_t classes, bc_value label, bc_value most)
{
    LLVMTypeRef f64 = LLVMDoubleTypeInContext(e->llvm);
    bool contracts = !e->no_contraction;
    e->no_contraction = true;
    bc_value sum = bc_slot(e, f64, LLVMConstReal(f64, 0), "sum");
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, classes), 1, "class");
    bc_value x = bc_mul(e, bc_f32(e, (double)w->u->sharpness), bc_sub(e, handicapped(e, w, loop.i), most));
    bc_value share = bc_select(e, bc_greater(e, x, bc_f32(e, -87)), bc_exp(e, x), bc_f32(e, 0));
    share = bc_select(e, bc_iequal(e, loop.i, label), bc_f32(e, 1), share);
    bc_store_f32(e, w->out, loop.i, share);
    bc_set(e, sum, bc_add(e, bc_get(e, f64, sum), LLVMBuildFPExt(e->builder, share, f64, "")));
    bc_loop_end(e, &loop);
    bc_value all = bc_get(e, f64, sum);
    bc_value largest = LLVMBuildFPTrunc(e->builder, bc_div(e, LLVMConstReal(f64, 1), all), e->f32, "");
    bc_value below = next_below(e, largest);
    loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, classes), 1, "class");
    share = LLVMBuildFPExt(e->builder, bc_load_f32(e, w->out, loop.i), f64, "");
    share = LLVMBuildFPTrunc(e->builder, bc_div(e, share, all), e->f32, "");
    bc_value limit = bc_select(e, bc_iless(e, loop.i, label), below, largest);
    bc_store_f32(e, w->out, loop.i, bc_min(e, share, limit));
    bc_loop_end(e, &loop);
    e->no_contraction = !contracts;
}

/* Levels are o/s, for a caller that wants them. */
static void write_levels(bc_emit *e, const walk *w, const bl_layer *last)
{
    bc_value outs = scratch_at(e, w, w->u->input.scratch->layers[w->plan->layer_count - 1].out);
    bc_branch wanted = bc_if(e, LLVMBuildIsNotNull(e->builder, w->levels, ""), "wanted");
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, last->neurons), 1, "class");
    bc_value level = bc_div(e, bc_load_f32(e, outs, loop.i), bc_f32(e, (float)last->range_out));
    bc_store_f32(e, w->levels, loop.i, level);
    bc_loop_end(e, &loop);
    bc_endif(e, &wanted);
}

static bc_value finish(bc_emit *e, const walk *w)
{
    const bl_layer *last = w->plan->layers[w->plan->layer_count - 1].layer;
    bc_value most, label = find_label(e, w, last->neurons, &most);
    write_shares(e, w, last->neurons, label, most);
    write_levels(e, w, last);
    return label;
}

/* ---- the functions ---- */

static bc_value begin(bc_emit *e, const char *name, const bc_target *tuned)
{
    LLVMTypeRef parameters[5] = {e->ptr, e->ptr, e->ptr, e->ptr, e->ptr};
    e->function = LLVMAddFunction(e->module, name, LLVMFunctionType(e->i32, parameters, 5, 0));
    LLVMSetLinkage(e->function, LLVMInternalLinkage);
    bc_attribute(e, "nounwind", NULL);
    if (tuned)
        bc_set_target_attributes(e, e->function, tuned);
    bc_begin(e, name);
    return e->function;
}

static void emit_kernels(bc_emit *e, walk *w)
{
    char name[512];
    for (uint32_t l = 0; l < w->plan->layer_count; l++)
        for (int i = 0; i < 3; i++) {
            const struct forward_kernel *kernel =
                &forward_kernels[in_int8(w, l) ? BT_METHOD_INT8 : BT_METHOD_EVENTS][i];
            if (!bc_has_kernel(w->plan, l, kernel->id))
                continue;
            int length = snprintf(name, sizeof name, "%s_%s_%s%s", w->plan->program->name,
                                  w->plan->program->layers[l].name, kernel->name, w->u->suffix);
            if (length >= (int)sizeof name) /* numbers replace names that are too long */
                snprintf(name, sizeof name, "layer%u_%s%s", l, kernel->name, w->u->suffix);
            bc_lines_layer(e, l);
            bc_module_kernel(e, w->plan, l, kernel->id, &w->u->tables[l], name);
            LLVMSetLinkage(e->function, LLVMInternalLinkage);
            if (w->u->tuned)
                bc_set_target_attributes(e, e->function, w->u->tuned);
            w->kernels[l][i] = e->function;
        }
}

/* The state has the size of the runtime's struct on every target, because kernels use the runtime's offsets. */
static bc_value struct_slot(bc_emit *e, unsigned bytes, const char *name)
{
    bc_value slot = LLVMBuildAlloca(e->builder, LLVMArrayType(LLVMInt8TypeInContext(e->llvm), bytes), name);
    LLVMSetAlignment(slot, _Alignof(br_layer_state));
    return slot;
}

/* The caller's scratch memory may have any alignment. This is the first aligned address in it. */
static bc_value aligned(bc_emit *e, bc_value scratch)
{
    bc_value address = LLVMBuildPtrToInt(e->builder, scratch, e->i64, "");
    bc_value up = LLVMBuildNeg(e->builder, address, "");
    up = LLVMBuildAnd(e->builder, up, LLVMConstInt(e->i64, BC_SCRATCH_ALIGN - 1, 0), "");
    return LLVMBuildInBoundsGEP2(e->builder, LLVMInt8TypeInContext(e->llvm), scratch, &up, 1, "scratch");
}

bc_value bc_emit_answer(bc_emit *e, const bc_answer_context *u, const char *name)
{
    walk w = {.u = u, .plan = u->input.plan};
    emit_kernels(e, &w);
    bc_value function = begin(e, name, u->tuned);
    w.state = struct_slot(e, sizeof(br_layer_state), "state");
    w.int8 = u->quantised ? struct_slot(e, sizeof(br_int8), "eight") : NULL;
    w.raw = LLVMGetParam(function, 0);
    w.out = LLVMGetParam(function, 1);
    w.levels = LLVMGetParam(function, 2);
    w.scratch = aligned(e, LLVMGetParam(function, 3));
    w.trace = LLVMGetParam(function, 4);
    bc_emit_input(e, &u->input, w.raw, w.scratch);
    trace_input(e, &w);
    for (uint32_t l = 0; l < w.plan->layer_count; l++) {
        run_layer(e, &w, l);
        trace_layer(e, &w, l);
    }
    LLVMBuildRet(e->builder, finish(e, &w));
    return function;
}
