/* Assembles the module of an artefact: constants, the answer for each processor, the choice among processors, and the
 * exported functions. */
#include "artefact/assemble.h"

#include <stdlib.h>
#include <string.h>

#include "artefact/answer.h"
#include "artefact/connections.h"
#include "artefact/constants.h"
#include "artefact/dispatch.h"
#include "artefact/program.h"
#include "artefact/why.h"
#include "emit/debug_lines.h"

/* ---- constants ---- */

/* The constants of all layers, shared by all processors. */
typedef struct constants {
    bc_value bounds[BL_MAX_LAYERS], thetas[BL_MAX_LAYERS], consciences[BL_MAX_LAYERS];
    bc_tables tables[BL_MAX_LAYERS];
    bc_ranges ranges;
} constants;

static bool any_of(const float *values, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (values[i] != 0)
            return true;
    return false;
}

static void table_constants(bc_emit *e, const bc_weights *w, uint64_t rows, bc_tables *out)
{
    if (w->table)
        out->packed = bc_constant_i32(e, w->table, rows, "rows");
    if (w->starts) {
        out->starts = bc_constant_i32(e, w->starts, rows + 1, "starts");
        out->targets = bc_constant_i32(e, w->targets, w->bounds_count, "targets");
    }
}

/* The conscience is needed only if neurons depress each other or if it was learned. */
static void layer_constants(bc_emit *e, const bc_artefact *a, uint32_t index, constants *c)
{
    const bc_layer_plan *layer = &a->versions[0].plan->layers[index];
    const bc_weights *w = &a->weights[index];
    if (layer->layer->kind == BT_LAYER_POOL)
        return;
    bool int8 = layer->int8.sample_stride > 0;
    c->bounds[index] = int8 ? NULL : bc_constant_f32(e, w->bounds, w->bounds_count, "bounds");
    c->thetas[index] = bc_constant_f32(e, w->theta, (layer->layer->homeostasis ? 2ull : 1ull) * layer->pitch, "theta");
    if (layer->layer->depress_count > 0 || any_of(w->conscience, layer->pitch))
        c->consciences[index] = bc_constant_f32(e, w->conscience, layer->pitch, "conscience");
    if (!int8)
        table_constants(e, w, layer->rows, &c->tables[index]);
}

/* ---- functions ---- */

typedef struct functions {
    bc_artefact *a;
    LLVMTypeRef size; /* size_t */
    LLVMTypeRef answer_type;
    bc_value answer, level;
    const constants *constants;
    bc_value made[BC_FUNCTION_COUNT];
} functions;

static void begin(bc_emit *e, functions *f, bc_function_id id, LLVMTypeRef result, LLVMTypeRef *parameters,
                  unsigned count)
{
    static const char *const names[] = {
#define NAME(id, name, ...) name,
        BC_FUNCTIONS(NAME)
#undef NAME
    };
    snprintf(f->a->names[id], sizeof f->a->names[id], "%s%s", f->a->name, names[id]);
    e->function = LLVMAddFunction(e->module, f->a->names[id], LLVMFunctionType(result, parameters, count, 0));
    bc_attribute(e, "nounwind", NULL);
    bc_begin(e, f->a->names[id]);
    f->made[id] = e->function;
}

static bc_value stack_scratch(bc_emit *e, const functions *f)
{
    LLVMTypeRef type = LLVMArrayType(LLVMInt8TypeInContext(e->llvm), (unsigned)f->a->facts.scratch_bytes);
    bc_value scratch = LLVMBuildAlloca(e->builder, type, "scratch");
    LLVMSetAlignment(scratch, 16);
    return scratch;
}

/* The arguments of the answer; those that are NULL here are NULL in the call. */
typedef struct answer_call {
    bc_value in, out, levels, scratch, trace;
} answer_call;

static bc_value call_answer(bc_emit *e, const functions *f, answer_call call)
{
    bc_value none = LLVMConstNull(e->ptr);
    bc_value arguments[5] = {call.in, call.out, call.levels ? call.levels : none, call.scratch,
                             call.trace ? call.trace : none};
    return LLVMBuildCall2(e->builder, f->answer_type, f->answer, arguments, 5, "label");
}

static void emit_predict(bc_emit *e, functions *f, bool stack)
{
    LLVMTypeRef parameters[3] = {e->ptr, e->ptr, e->ptr};
    begin(e, f, stack ? BC_FUNCTION_PREDICT : BC_FUNCTION_PREDICT_SCRATCH, e->i32, parameters, stack ? 2 : 3);
    bc_value function = e->function, scratch = stack ? stack_scratch(e, f) : LLVMGetParam(function, 2);
    answer_call call = {.in = LLVMGetParam(function, 0), .out = LLVMGetParam(function, 1), .scratch = scratch};
    LLVMBuildRet(e->builder, call_answer(e, f, call));
}

static void emit_levels(bc_emit *e, functions *f)
{
    LLVMTypeRef parameters[4] = {e->ptr, e->ptr, e->ptr, e->ptr};
    begin(e, f, BC_FUNCTION_LEVELS, e->i32, parameters, 4);
    bc_value function = e->function;
    answer_call call = {.in = LLVMGetParam(function, 0),
                        .out = LLVMGetParam(function, 1),
                        .levels = LLVMGetParam(function, 2),
                        .scratch = LLVMGetParam(function, 3)};
    LLVMBuildRet(e->builder, call_answer(e, f, call));
}

/* for (i = 0; i < count; i++) label = answer(in + i inputs, out + i labels, scratch), stored if the caller wants it */
static void emit_batch(bc_emit *e, functions *f, bool stack)
{
    LLVMTypeRef parameters[5] = {e->ptr, e->ptr, e->ptr, f->size, e->ptr};
    begin(e, f, stack ? BC_FUNCTION_BATCH : BC_FUNCTION_BATCH_SCRATCH, e->none, parameters, stack ? 4 : 5);
    bc_value function = e->function, labels = LLVMGetParam(function, 2), count = LLVMGetParam(function, 3);
    bc_value scratch = stack ? stack_scratch(e, f) : LLVMGetParam(function, 4), zero = LLVMConstInt(f->size, 0, 0);
    LLVMBasicBlockRef head = LLVMAppendBasicBlockInContext(e->llvm, function, "head");
    LLVMBasicBlockRef body = LLVMAppendBasicBlockInContext(e->llvm, function, "body");
    LLVMBasicBlockRef done = LLVMAppendBasicBlockInContext(e->llvm, function, "done");
    LLVMBuildBr(e->builder, head);
    LLVMPositionBuilderAtEnd(e->builder, head);
    bc_value i = LLVMBuildPhi(e->builder, f->size, "i");
    LLVMAddIncoming(i, &zero, &e->entry, 1);
    LLVMBuildCondBr(e->builder, LLVMBuildICmp(e->builder, LLVMIntULT, i, count, ""), body, done);
    LLVMPositionBuilderAtEnd(e->builder, body);
    bc_value values = LLVMConstInt(f->size, bl_sample_values(&f->a->input), 0);
    bc_value in_at = LLVMBuildMul(e->builder, i, values, "");
    bc_value out_at = LLVMBuildMul(e->builder, i, LLVMConstInt(f->size, f->a->labels, 0), "");
    bc_value in = LLVMBuildGEP2(e->builder, e->f32, LLVMGetParam(function, 0), &in_at, 1, "");
    bc_value out = LLVMBuildGEP2(e->builder, e->f32, LLVMGetParam(function, 1), &out_at, 1, "");
    bc_value label = call_answer(e, f, (answer_call){.in = in, .out = out, .scratch = scratch});
    bc_branch wanted = bc_if(e, LLVMBuildIsNotNull(e->builder, labels, ""), "wanted");
    LLVMBuildStore(e->builder, label, LLVMBuildGEP2(e->builder, e->i32, labels, &i, 1, ""));
    bc_endif(e, &wanted);
    bc_value next = LLVMBuildAdd(e->builder, i, LLVMConstInt(f->size, 1, 0), "");
    LLVMBasicBlockRef last = LLVMGetInsertBlock(e->builder);
    LLVMAddIncoming(i, &next, &last, 1);
    LLVMBuildBr(e->builder, head);
    LLVMPositionBuilderAtEnd(e->builder, done);
    LLVMBuildRetVoid(e->builder);
}

static void emit_facts(bc_emit *e, functions *f)
{
    begin(e, f, BC_FUNCTION_ABOUT, e->ptr, NULL, 0);
    LLVMBuildRet(e->builder, bc_constant_text(e, f->a->about, "text"));
    begin(e, f, BC_FUNCTION_INTERFACE, e->i32, NULL, 0);
    LLVMBuildRet(e->builder, bc_i32(e, BR_INTERFACE_VERSION));
    begin(e, f, BC_FUNCTION_RUNS_HERE, e->i32, NULL, 0);
    bc_value runs = bc_i32(e, 1);
    if (f->level) {
        bc_value level = LLVMBuildCall2(e->builder, LLVMGlobalGetValueType(f->level), f->level, NULL, 0, "level");
        runs = LLVMBuildICmp(e->builder, LLVMIntUGE, level, bc_i32(e, f->a->least_level), "");
        runs = LLVMBuildZExt(e->builder, runs, e->i32, "");
    }
    LLVMBuildRet(e->builder, runs);
}

/* ---- functions that show the activity of a sample ---- */

static void emit_trace(bc_emit *e, functions *f)
{
    LLVMTypeRef parameters[4] = {e->ptr, e->ptr, e->ptr, e->ptr};
    begin(e, f, BC_FUNCTION_TRACE, e->i32, parameters, 4);
    bc_value function = e->function;
    answer_call call = {.in = LLVMGetParam(function, 0),
                        .out = LLVMGetParam(function, 1),
                        .scratch = LLVMGetParam(function, 3),
                        .trace = LLVMGetParam(function, 2)};
    LLVMBuildRet(e->builder, call_answer(e, f, call));
}

/* What the functions that look at connections know of the layers. Pools have no bounds. */
static void make_lookups(const functions *f, bc_lookup *out)
{
    const bc_artefact *a = f->a;
    for (uint32_t l = 0; l + 1 < a->trace.layer_count; l++)
        out[l] = (bc_lookup){.layer = &a->versions[0].plan->layers[l],
                             .row = &a->trace.layers[l + 1],
                             .bounds = f->constants->bounds[l],
                             .thetas = f->constants->thetas[l],
                             .tables = &f->constants->tables[l],
                             .kernel = bc_kernel_new(&a->versions[0].plan->layers[l])};
}

/* The function for the connections of one layer; NULL if the layer has none. */
static bc_value layer_connections(bc_emit *e, const functions *f, const bc_lookup *l)
{
    char name[256];
    snprintf(name, sizeof name, "%s_%s_connections", f->a->name, l->layer->layer->name);
    return l->bounds ? bc_emit_connections(e, l, name) : NULL;
}

/* switch (layer) { case l: return connections of layer l; default: return 0; } */
static void emit_connections(bc_emit *e, functions *f, const bc_lookup *layers)
{
    uint32_t count = f->a->trace.layer_count - 1;
    bc_value of_layer[BL_MAX_LAYERS];
    for (uint32_t l = 0; l < count; l++)
        of_layer[l] = layer_connections(e, f, &layers[l]);
    LLVMTypeRef parameters[5] = {e->ptr, e->i32, e->i32, e->ptr, e->ptr};
    begin(e, f, BC_FUNCTION_CONNECTIONS, e->i32, parameters, 5);
    bc_value function = e->function;
    bc_value arguments[4] = {LLVMGetParam(function, 0), LLVMGetParam(function, 2), LLVMGetParam(function, 3),
                             LLVMGetParam(function, 4)};
    LLVMBasicBlockRef none = LLVMAppendBasicBlockInContext(e->llvm, function, "none");
    bc_value choice = LLVMBuildSwitch(e->builder, LLVMGetParam(function, 1), none, count);
    for (uint32_t l = 0; l < count; l++) {
        if (!of_layer[l])
            continue;
        LLVMBasicBlockRef block = LLVMAppendBasicBlockInContext(e->llvm, function, "layer");
        LLVMAddCase(choice, bc_i32(e, l + 1), block);
        LLVMPositionBuilderAtEnd(e->builder, block);
        LLVMTypeRef type = LLVMGlobalGetValueType(of_layer[l]);
        LLVMBuildRet(e->builder, LLVMBuildCall2(e->builder, type, of_layer[l], arguments, 4, "live"));
    }
    LLVMPositionBuilderAtEnd(e->builder, none);
    LLVMBuildRet(e->builder, bc_i32(e, 0));
}

static void emit_why(bc_emit *e, functions *f, const bc_lookup *layers)
{
    LLVMTypeRef parameters[4] = {e->ptr, e->i32, e->ptr, e->ptr};
    bc_value layer_functions[BL_MAX_LAYERS], silents[BL_MAX_LAYERS] = {NULL};
    for (uint32_t l = 0; l + 1 < f->a->trace.layer_count; l++)
        if (f->a->weights[l].silent)
            silents[l] = bc_constant_f32(e, f->a->weights[l].silent, layers[l].layer->layer->neurons, "silent");
    bc_why_context u = {.program = f->a->versions[0].plan->program,
                        .trace = &f->a->trace,
                        .layers = layers,
                        .silents = silents,
                        .name = f->a->name};
    bc_emit_why_layers(e, &u, layer_functions);
    begin(e, f, BC_FUNCTION_WHY, LLVMDoubleTypeInContext(e->llvm), parameters, 4);
    bc_emit_why(e, &u, layer_functions);
}

static int emit_inspection(bc_emit *e, functions *f)
{
    bc_value table = bc_emit_trace_table(e, &f->a->trace, f->a->versions[0].plan->program);
    bc_lookup *layers = calloc(f->a->trace.layer_count, sizeof *layers);
    if (table && layers) {
        make_lookups(f, layers);
        emit_trace(e, f);
        emit_connections(e, f, layers);
        emit_why(e, f, layers);
        begin(e, f, BC_FUNCTION_LAYERS, e->ptr, NULL, 0);
        LLVMBuildRet(e->builder, table);
    }
    free(layers);
    return table && layers ? 0 : -1;
}

/* ---- the choice among processors ---- */

/* An indirect function: the loader calls this resolver once, and calls of `answer` then go to the function it returned.
 * No variable and no constructor is needed. */
static bc_value emit_choice(bc_emit *e, const functions *f, const bc_value *answers)
{
    const bc_artefact *a = f->a;
    char name[256];
    snprintf(name, sizeof name, "%s_choose", a->name);
    e->function = LLVMAddFunction(e->module, name, LLVMFunctionType(e->ptr, NULL, 0, 0));
    LLVMSetLinkage(e->function, LLVMInternalLinkage);
    bc_attribute(e, "nounwind", NULL);
    bc_value resolver = e->function;
    bc_begin(e, name);
    bc_value level = LLVMBuildCall2(e->builder, LLVMGlobalGetValueType(f->level), f->level, NULL, 0, "level");
    bc_value chosen = answers[0];
    for (uint32_t i = 1; i < a->version_count; i++) {
        bc_value enough = LLVMBuildICmp(e->builder, LLVMIntUGE, level, bc_i32(e, a->versions[i].level), "");
        chosen = bc_select(e, enough, answers[i], chosen);
    }
    LLVMBuildRet(e->builder, chosen);
    bc_value ifunc = LLVMAddGlobalIFunc(e->module, "answer", strlen("answer"), f->answer_type, 0, resolver);
    LLVMSetLinkage(ifunc, LLVMInternalLinkage);
    return ifunc;
}

/* The layout of int8 rows depends on the vector width, so each processor has its own. */
static int int8_constants(bc_emit *e, const bc_artefact *a, const bc_plan *plan, bc_value *int8s, br_error *error)
{
    for (uint32_t l = 0; l < plan->layer_count; l++) {
        const bc_layer_plan *layer = &plan->layers[l];
        if (layer->int8.sample_stride == 0)
            continue;
        uint64_t bytes = br_quantised_bytes(a->quantised, l, layer->pitch);
        /* The padding is not written below. With zeros in it, every build gives the same bytes. */
        uint8_t *rows = bytes > 0 && bytes <= BC_CONSTANTS_LIMIT ? calloc(bytes, 1) : NULL;
        if (!rows)
            return br_fail(error, BR_ERROR_FAULT, "out of memory for %llu bytes of layer %s", (unsigned long long)bytes,
                           layer->layer->name);
        int status = br_quantised_rows(a->quantised, l, layer->lanes, layer->pitch, rows, error);
        if (status == 0)
            int8s[l] = bc_constant_bytes(e, rows, bytes, "rows");
        free(rows);
        if (status != 0)
            return -1;
    }
    return 0;
}

static int emit_answers(bc_emit *e, functions *f, const float *learned, br_error *error)
{
    bc_artefact *a = f->a;
    const constants *c = f->constants;
    bc_value answers[BC_VERSIONS], int8s[BL_MAX_LAYERS] = {NULL};
    char name[512];
    for (uint32_t i = 0; i < a->version_count; i++) {
        const bc_version *v = &a->versions[i];
        if (int8_constants(e, a, v->plan, int8s, error) != 0)
            return -1;
        char suffix[80] = "";
        if (a->version_count > 1)
            snprintf(suffix, sizeof suffix, ".%s", v->name);
        snprintf(name, sizeof name, "%s_answer%s", a->name, suffix);
        bc_answer_context u = {.input = {v->plan, &v->scratch, a->low, a->high, learned, &c->ranges},
                               .weights = a->weights,
                               .bounds = c->bounds,
                               .tables = c->tables,
                               .thetas = c->thetas,
                               .consciences = c->consciences,
                               .sharpness = a->sharpness,
                               .trace = &a->trace,
                               .quantised = a->quantised,
                               .int8s = int8s,
                               .suffix = suffix,
                               .tuned = a->version_count > 1 ? &v->target : NULL};
        bc_emit_lanes(e, v->plan->lanes);
        e->dot = v->plan->dot;
        answers[i] = bc_emit_answer(e, &u, name);
    }
    f->answer_type = LLVMGlobalGetValueType(answers[0]);
    snprintf(name, sizeof name, "%s_level", a->name);
    f->level = a->least_level > 0 ? bc_emit_level(e, name) : NULL;
    f->answer = a->version_count > 1 ? emit_choice(e, f, answers) : answers[0];
    return 0;
}

static void list_symbols(const functions *f)
{
    size_t count = 0;
    for (int id = 0; id < BC_FUNCTION_COUNT; id++)
        if (f->made[id])
            f->a->symbols[count++] = f->a->names[id];
}

int bc_artefact_emit(bc_artefact *a, const float *learned, bool program, br_error *error)
{
    const bc_plan *plan = a->versions[0].plan;
    constants *c = calloc(1, sizeof *c);
    functions f = {.a = a, .constants = c};
    bc_emit e;
    int status = c ? 0 : -1;
    bc_emit_begin(&e, a->llvm, a->name, plan->lanes);
    a->module = e.module;
    LLVMSetTarget(e.module, plan->triple);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(a->machine);
    LLVMSetModuleDataLayout(e.module, layout);
    bc_lines_begin(&e, plan);
    f.size = LLVMIntPtrTypeInContext(a->llvm, layout);
    LLVMDisposeTargetData(layout);
    for (uint32_t i = 0; status == 0 && i < plan->layer_count; i++)
        layer_constants(&e, a, i, c);
    if (status == 0 && a->columns)
        c->ranges = bc_emit_ranges(&e, a->schema, &a->input, a->versions[a->version_count - 1].plan->lanes);
    if (status != 0)
        br_fail(error, BR_ERROR_FAULT, "out of memory for the constants of network %s", a->name);
    if (status == 0)
        status = emit_answers(&e, &f, learned, error);
    if (status == 0) {
        for (int stack = a->facts.on_stack ? 1 : 0; stack >= 0; stack--) {
            emit_predict(&e, &f, stack);
            emit_batch(&e, &f, stack);
        }
        emit_levels(&e, &f);
        emit_facts(&e, &f);
        if (program)
            status = bc_emit_program(&e, a, f.made[BC_FUNCTION_LEVELS], f.made[BC_FUNCTION_RUNS_HERE], error);
        else if (!a->quantised && emit_inspection(&e, &f) != 0)
            status = br_fail(error, BR_ERROR_FAULT, "out of memory for the table of network %s", a->name);
        list_symbols(&f);
    }
    bc_lines_end(&e);
    bc_emit_end(&e);
    free(c);
    if (status == 0 && e.out_of_memory)
        status = br_fail(error, BR_ERROR_FAULT, "out of memory for the code of network %s", a->name);
    return status;
}
