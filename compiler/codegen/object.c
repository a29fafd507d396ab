#include "codegen/object.h"

#include <llvm-c/Core.h>
#include <string.h>

#include "emit/debug_lines.h"
#include "plan/target.h"

/* A module that is being compiled, and the LLVM objects that it needs. */
typedef struct work {
    LLVMContextRef llvm;
    LLVMModuleRef module;
    LLVMTargetMachineRef machine;
} work;

static void work_end(work *w)
{
    if (w->machine)
        LLVMDisposeTargetMachine(w->machine);
    if (w->module)
        LLVMDisposeModule(w->module);
    if (w->llvm)
        LLVMContextDispose(w->llvm);
}

/* Emits and optimises the module. On failure everything is freed. */
static int work_begin(const bc_plan *plan, const bc_selection *selection, int level, work *w, br_error *error)
{
    const bc_target target = {
        .triple = plan->triple, .cpu = (char *)plan->cpu, .features = plan->features, .lanes = plan->lanes};
    memset(w, 0, sizeof *w);
    w->llvm = LLVMContextCreate();
    if (bc_target_machine(&target, level, &w->machine, error) != 0)
        goto fail;
    w->module = bc_module_emit(plan, selection, w->llvm);
    if (!w->module) {
        br_fail(error, BR_ERROR_FAULT, "out of memory for the code of network %s", plan->program->name);
        goto fail;
    }
    if (bc_module_verify(w->module, error) != 0)
        goto fail;
    if (bc_module_optimise(w->module, w->machine, level, error) != 0)
        goto fail;
    return 0;
fail:
    work_end(w);
    return -1;
}

int bc_object_make(const bc_plan *plan, const bc_selection *selection, int level, LLVMCodeGenFileType type,
                   LLVMMemoryBufferRef *out, br_error *error)
{
    work w;
    if (work_begin(plan, selection, level, &w, error) != 0)
        return -1;
    int status = bc_module_code(w.module, w.machine, type, out, error);
    work_end(&w);
    return status;
}

/* ---- dumps of all kernels ---- */

int bc_dump_llvm(const bl_program *program, const bc_options *options, FILE *to, br_error *error)
{
    options = options ? options : &BC_OPTIONS_DEFAULT;
    work w;
    bc_plan *plan;
    if (bc_plan_new(program, options, &plan, error) != 0)
        return -1;
    int status = work_begin(plan, &(bc_selection){.uses = BC_ALL_USES}, options->level, &w, error);
    if (status == 0) {
        char *text = LLVMPrintModuleToString(w.module);
        fputs(text, to);
        LLVMDisposeMessage(text);
        work_end(&w);
    }
    bc_plan_free(plan);
    return status;
}

int bc_dump_asm(const bl_program *program, const bc_options *options, FILE *to, br_error *error)
{
    options = options ? options : &BC_OPTIONS_DEFAULT;
    LLVMMemoryBufferRef text;
    bc_plan *plan;
    if (bc_plan_new(program, options, &plan, error) != 0)
        return -1;
    int status =
        bc_object_make(plan, &(bc_selection){.uses = BC_ALL_USES}, options->level, LLVMAssemblyFile, &text, error);
    if (status == 0) {
        const char *assembly = LLVMGetBufferStart(text);
        if (plan->lines)
            bc_lines_weave(plan, assembly, LLVMGetBufferSize(text), to);
        else
            fwrite(assembly, 1, LLVMGetBufferSize(text), to);
        LLVMDisposeMemoryBuffer(text);
    }
    bc_plan_free(plan);
    return status;
}
