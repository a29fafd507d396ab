/* One LLVM module for one network. */
#include "module.h"

#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdio.h>

#include "kernels/kernel.h"
#include "llvm_version.h"

void bc_error_name(const bl_program *program, uint32_t phase, char *out, size_t size)
{
    snprintf(out, size, "%s_%s_error", program->name, program->phase_count ? program->phases[phase].name : "plain");
}

void bc_kernel_name(const bl_program *program, uint32_t layer, const char *kernel, char *out, size_t size)
{
    snprintf(out, size, "%s_%s_%s", program->name, program->layers[layer].name, kernel);
}

/* One error kernel for every phase: each has its own constants. */
static void emit_errors(bc_emit *e, const bc_plan *plan)
{
    /* A network without a schedule has the language's default error. */
    static const bl_phase plain = {.error = BL_ERROR_SOFTMAX, .sharpness = 5, .floor = 0.001};
    const bl_program *program = plan->program;
    char name[256];
    for (uint32_t i = 0; i < (program->phase_count ? program->phase_count : 1); i++) {
        bc_kernel kernel = bc_kernel_new(&plan->layers[plan->layer_count - 1]);
        kernel.phase = program->phase_count ? &program->phases[i] : &plain;
        bc_error_name(program, i, name, sizeof name);
        (kernel.plan->form == BR_FORM_ALPHA ? bc_emit_error_printed : bc_emit_error)(e, &kernel, name);
    }
}

LLVMModuleRef bc_module_emit(const bc_plan *plan, LLVMContextRef llvm)
{
    const bl_program *program = plan->program;
    bc_emit e;
    bc_emit_begin(&e, llvm, program->name, plan->lanes);
    LLVMSetTarget(e.module, plan->triple);
    for (uint32_t layer = 0; layer < plan->layer_count; layer++) {
        bc_kernel kernel = bc_kernel_new(&plan->layers[layer]);
        bool printed = kernel.plan->form == BR_FORM_ALPHA;
        char name[256];
#define EMIT(field, when, repaired_emitter, printed_emitter)                                                           \
    if (when) {                                                                                                        \
        bc_kernel_name(program, layer, #field, name, sizeof name);                                                     \
        (printed ? printed_emitter : repaired_emitter)(&e, &kernel, name);                                             \
    }
        BC_KERNELS(EMIT)
#undef EMIT
    }
    emit_errors(&e, plan);
    bc_emit_end(&e);
    return e.module;
}

/* Vectors, tiles and loops are already what they should be: what is left is to put slots into registers, share
 * addresses, and hoist. The big pipelines cost ten times as much and gain nothing measurable. */
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
