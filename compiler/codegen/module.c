/* LLVM modules of a network's kernels: which kernels, their passes, and their machine code. */
#include "codegen/module.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdio.h>
#include <string.h>

#include "codegen/llvm_version.h"
#include "emit/debug_lines.h"
#include "kernels/kernel.h"

void bc_error_name(const bl_program *program, uint32_t phase, char *out, size_t size)
{
    snprintf(out, size, "%s_%s_error", program->name, program->phase_count ? program->phases[phase].name : "plain");
}

void bc_kernel_name(const bl_program *program, uint32_t layer, const char *kernel, char *out, size_t size)
{
    snprintf(out, size, "%s_%s_%s", program->name, program->layers[layer].name, kernel);
}

/* One error kernel per phase, because each phase has its own constants. It serves readouts as well, which have as many
 * neurons as the layer that answers. */
static void emit_errors(bc_emit *e, const bc_plan *plan)
{
    /* A network without a schedule has the language's default error. */
    static const bl_phase plain = {.error = BT_ERROR_SOFTMAX, .sharpness = 5, .floor = 0.001};
    const bl_program *program = plan->program;
    char name[256];
    for (uint32_t i = 0; i < (program->phase_count ? program->phase_count : 1); i++) {
        bc_kernel kernel = bc_kernel_new(&plan->layers[program->layer_count - 1]);
        kernel.phase = program->phase_count ? &program->phases[i] : &plain;
        bc_error_name(program, i, name, sizeof name);
        bc_lines_phase(e, i);
        (kernel.plan->bound_encoding == BR_BOUND_ALPHA ? bc_emit_error_printed : bc_emit_error)(e, &kernel, name);
    }
}

typedef void emitter(bc_emit *e, const bc_kernel *k, const char *name);

static const struct {
    const char *name;
    bc_use use;
    emitter *dense, *printed, *conv, *pool;
} kernels[] = {
#define ROW(field, use, dense, printed, conv, pool) {#field, use, dense, printed, conv, pool},
    BC_KERNELS(ROW)
#undef ROW
};

static emitter *emitter_of(const bl_program *program, uint32_t layer, bc_kernel_id id)
{
    switch (program->layers[layer].kind) {
    case BT_LAYER_DENSE:
        return program->rule == BT_RULE_PRINTED ? kernels[id].printed : kernels[id].dense;
    case BT_LAYER_CONV:
        return kernels[id].conv;
    case BT_LAYER_POOL:
        return kernels[id].pool;
    }
    return NULL;
}

/* The packed method of a layer whose bounds are whole numbers. */
static emitter *whole_emitter(bc_kernel_id id)
{
    return id == BC_KERNEL_pack        ? bc_emit_pack_whole
           : id == BC_KERNEL_transpose ? bc_emit_whole_fields
                                       : bc_emit_forward_whole;
}

/* Only a layer that reads another layer sends feedback. The lowest layers read the input alone. */
static bool reads_a_layer(const bl_layer *layer)
{
    for (uint32_t i = 0; i < layer->source_count; i++)
        if (layer->sources[i] != BT_INPUT)
            return true;
    return false;
}

/* Whether a phase corrects the layer by means of its steps: adaptive ones, or by momentum alone. */
static bool keeps_means(const bl_program *program, uint32_t layer, bool adaptive)
{
    for (uint32_t i = 0; i < program->phase_count; i++) {
        const bl_phase *phase = &program->phases[i];
        if (phase->kind != BT_PHASE_CORRECT || phase->adapts != adaptive || (!adaptive && phase->momentum == 0))
            continue;
        for (uint32_t k = 0; k < phase->layer_count; k++)
            if (phase->layers[k] == layer)
                return true;
    }
    return false;
}

/* Whether a phase anneals how many of the layer's filters stay. */
static bool anneals(const bl_program *program, uint32_t layer)
{
    for (uint32_t i = 0; i < program->phase_count; i++)
        for (uint32_t k = 0; k < program->phases[i].anneal_count; k++)
            if (program->phases[i].anneals[k].layer == layer)
                return true;
    return false;
}

static bool planned(const bc_layer_plan *plan, bt_method method)
{
    switch (method) {
    case BT_METHOD_EVENTS:
        return true;
    case BT_METHOD_DENSE:
        return plan->dense_above < 1;
    case BT_METHOD_PACKED:
        return plan->packed_above < 1;
    case BT_METHOD_INT8:
        return plan->int8.sample_stride > 0;
    }
    return false;
}

bool bc_has_kernel(const bc_plan *whole, uint32_t layer, bc_kernel_id id)
{
    const bl_program *program = whole->program;
    const bc_layer_plan *plan = &whole->layers[layer];
    const bl_layer *described = &program->layers[layer];
    if (!emitter_of(program, layer, id))
        return false;
    if (id == BC_KERNEL_transpose && described->kind == BT_LAYER_CONV && !br_has_border(plan->in, plan->padded) &&
        !plan->whole)
        return false;                                          /* the places are read from the map itself */
    if (kernels[id].use == BC_TRAINING && described->tied > 0) /* no phase corrects it */
        return false;
    switch (id) {
#define METHOD(id, prepare, sum, arrays, inference_only)                                                               \
    case BC_KERNEL_##prepare:                                                                                          \
    case BC_KERNEL_##sum:                                                                                              \
        return planned(plan, BT_METHOD_##id);
#include "bouton/method.def"
#undef METHOD
    case BC_KERNEL_pack:
        return plan->packed_above < 1;
    case BC_KERNEL_depress:
        return described->depress_count > 0;
    case BC_KERNEL_anneal:
        return anneals(program, layer);
    case BC_KERNEL_gate: /* one of a convolution and the pool behind it has errors */
        return layer + 1 < program->layer_count && plan->pooled == (described->kind == BT_LAYER_POOL);
    case BC_KERNEL_spread:
    case BC_KERNEL_standardise:
    case BC_KERNEL_lean:
    case BC_KERNEL_centre:
        return plan->standardised;
    case BC_KERNEL_feedback:
        return reads_a_layer(described) && !(plan->pooled && described->kind == BT_LAYER_POOL);
    case BC_KERNEL_learn:
        return reads_a_layer(described);
    case BC_KERNEL_momentum:
    case BC_KERNEL_adaptive:
        return keeps_means(program, layer, id == BC_KERNEL_adaptive);
    case BC_KERNEL_threshold:
        return described->theta_xi > 0;
    default:
        return true;
    }
}

bool bc_selected(const bc_plan *plan, const bc_selection *selection, uint32_t layer, bc_kernel_id id)
{
    bool here = !selection->one || selection->layer == layer;
    if (selection->parts > 1 && (layer + (uint32_t)id) % selection->parts != selection->part)
        return false;
    return here && (selection->uses & kernels[id].use) && bc_has_kernel(plan, layer, id);
}

bool bc_selected_errors(const bc_selection *selection)
{
    return (selection->uses & BC_TRAINING) && selection->part + 1 >= selection->parts;
}

void bc_module_kernel(bc_emit *e, const bc_plan *plan, uint32_t layer, bc_kernel_id id, const bc_tables *tables,
                      const char *name)
{
    bc_kernel kernel = bc_kernel_new(&plan->layers[layer]);
    if (layer > 0)
        kernel.before = &plan->layers[layer - 1];
    if (layer + 1 < plan->layer_count)
        kernel.behind = &plan->layers[layer + 1];
    emitter *emit = emitter_of(plan->program, layer, id);
    if (kernel.plan->whole && kernels[id].use == BC_PACKED)
        emit = whole_emitter(id);
    if (tables) {
        kernel.packed = tables->packed;
        kernel.starts = tables->starts;
        kernel.targets = tables->targets;
    }
    if (kernel.starts && id == BC_KERNEL_forward)
        emit = bc_emit_forward_entries;
    emit(e, &kernel, name);
}

LLVMModuleRef bc_module_emit(const bc_plan *plan, const bc_selection *selection, LLVMContextRef llvm)
{
    const bl_program *program = plan->program;
    bc_emit e;
    bc_emit_begin(&e, llvm, program->name, plan->lanes);
    e.dot = plan->dot;
    e.check = plan->check;
    LLVMSetTarget(e.module, plan->triple);
    bc_lines_begin(&e, plan);
    for (uint32_t layer = 0; layer < plan->layer_count; layer++) {
        for (int id = 0; id < BC_KERNEL_COUNT; id++) {
            char name[256];
            if (!bc_selected(plan, selection, layer, (bc_kernel_id)id))
                continue;
            bc_kernel_name(program, layer, kernels[id].name, name, sizeof name);
            bc_lines_layer(&e, layer);
            bc_module_kernel(&e, plan, layer, (bc_kernel_id)id, NULL, name);
        }
    }
    if (bc_selected_errors(selection))
        emit_errors(&e, plan);
    bc_lines_end(&e);
    bc_emit_end(&e);
    if (!e.out_of_memory)
        return e.module;
    LLVMDisposeModule(e.module);
    return NULL;
}

/* Emission already chooses vectors, tiles and loops. What remains is to promote slots to registers, share addresses and
 * hoist loop invariants. Larger pipelines take ten times as long and give no measurable gain. */
#define LEAN                                                                                                           \
    "function(sroa," BC_INSTCOMBINE ",simplifycfg,early-cse<memssa>,loop-mssa(licm)," BC_INSTCOMBINE ",simplifycfg)"
static const char *const pipelines[] = {"function(sroa)", LEAN, LEAN, "default<O3>"};

int bc_module_optimise(LLVMModuleRef module, LLVMTargetMachineRef machine, int level, br_error *error)
{
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef failed = LLVMRunPasses(module, pipelines[level < 0 ? 0 : level > 3 ? 3 : level], machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!failed)
        return 0;
    char *message = LLVMGetErrorMessage(failed);
    br_fail(error, BR_ERROR_FAULT, "LLVM's passes failed: %s", message);
    LLVMDisposeErrorMessage(message);
    return -1;
}

int bc_module_verify(LLVMModuleRef module, br_error *error)
{
    char *message = NULL;
    int broken = LLVMVerifyModule(module, LLVMReturnStatusAction, &message);
    if (broken)
        br_fail(error, BR_ERROR_FAULT, "the compiler made a module that LLVM refuses: %s", message);
    LLVMDisposeMessage(message);
    return broken ? -1 : 0;
}

LLVMMemoryBufferRef bc_module_written(LLVMModuleRef module, bool text)
{
    if (!text)
        return LLVMWriteBitcodeToMemoryBuffer(module);
    char *printed = LLVMPrintModuleToString(module);
    LLVMMemoryBufferRef copy = LLVMCreateMemoryBufferWithMemoryRangeCopy(printed, strlen(printed), "");
    LLVMDisposeMessage(printed);
    return copy;
}

int bc_module_code(LLVMModuleRef module, LLVMTargetMachineRef machine, LLVMCodeGenFileType type,
                   LLVMMemoryBufferRef *out, br_error *error)
{
    char *message = NULL;
    if (!LLVMTargetMachineEmitToMemoryBuffer(machine, module, type, &message, out))
        return 0;
    *out = NULL;
    br_fail(error, BR_ERROR_FAULT, "LLVM could not make machine code: %s", message);
    LLVMDisposeMessage(message);
    return -1;
}
