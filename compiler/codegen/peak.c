/* The machine's peak rate of multiply-adds, for `bouton bench`: a loop that works in registers only, compiled as
 * kernels are. */
#include "bouton/compiler.h"

#include <stdlib.h>

#include "codegen/jit.h"
#include "codegen/module.h"
#include "emit/emit.h"
#include "plan/target.h"

/* Independent sums: enough to hide the latency of a multiply-add on two pipes (4 to 5 cycles each), few enough to fit
 * into 16 registers together with the two constants. */
enum { SUMS = 12 };

struct bc_peak {
    bc_jit *jit;
    br_kernel *kernel;
    uint32_t floats;
};

/* sum = sum * m + c for every sum, end - first times. The sums converge to 1, so no denormal or infinite value slows
 * the machine down. */
static void emit(bc_emit *e, const char *name)
{
    bc_kernel_args args = bc_function(e, name);
    bc_value out = BC_FIELD_PTR(e, args.state, out), sums[SUMS];
    bc_value m = bc_splat_f32(e, 0.5), c = bc_splat_f32(e, 0.5);
    for (uint32_t i = 0; i < SUMS; i++)
        sums[i] = bc_slot(e, e->vector, bc_load_vector(e, out, bc_i32(e, i * e->lanes)), "sum");
    bc_loop rounds = bc_loop_begin(e, args.first, args.end, 1, "round");
    for (uint32_t i = 0; i < SUMS; i++)
        bc_set(e, sums[i], bc_muladd(e, bc_get(e, e->vector, sums[i]), m, c));
    bc_loop_end(e, &rounds);
    for (uint32_t i = 0; i < SUMS; i++)
        bc_store_vector(e, out, bc_i32(e, i * e->lanes), bc_get(e, e->vector, sums[i]));
    bc_return(e);
}

static int load(bc_peak *peak, LLVMTargetMachineRef machine, LLVMModuleRef module, br_error *error)
{
    LLVMMemoryBufferRef object;
    if (bc_module_optimise(module, machine, 2, error) != 0)
        return -1;
    if (bc_module_code(module, machine, LLVMObjectFile, &object, error) != 0)
        return -1;
    if (bc_jit_new(false, &peak->jit, error) != 0) {
        LLVMDisposeMemoryBuffer(object);
        return -1;
    }
    if (bc_jit_add(peak->jit, object, error) != 0)
        return -1;
    return bc_jit_find(peak->jit, "peak", &peak->kernel, error);
}

static int compile(bc_peak *peak, const bc_target *target, br_error *error)
{
    LLVMTargetMachineRef machine;
    if (bc_target_machine(target, 2, &machine, error) != 0)
        return -1;
    LLVMContextRef llvm = LLVMContextCreate();
    bc_emit e;
    bc_emit_begin(&e, llvm, "peak", target->lanes);
    LLVMSetTarget(e.module, target->triple);
    emit(&e, "peak");
    bc_emit_end(&e);
    peak->floats = SUMS * target->lanes;
    int status = load(peak, machine, e.module, error);
    LLVMDisposeModule(e.module);
    LLVMContextDispose(llvm);
    LLVMDisposeTargetMachine(machine);
    return status;
}

int bc_peak_new(const bc_options *options, bc_peak **out, br_error *error)
{
    options = options ? options : &BC_OPTIONS_DEFAULT;
    bc_target target;
    if (bc_target_find(options->target, options->cpu, &target, error) != 0)
        return -1;
    bc_peak *peak = calloc(1, sizeof *peak);
    int status = peak ? compile(peak, &target, error) : br_fail(error, BR_ERROR_FAULT, "out of memory");
    bc_target_free(&target);
    if (status != 0) {
        bc_peak_free(peak);
        return -1;
    }
    *out = peak;
    return 0;
}

void bc_peak_free(bc_peak *peak)
{
    if (!peak)
        return;
    bc_jit_free(peak->jit);
    free(peak);
}

br_kernel *bc_peak_kernel(const bc_peak *peak, uint32_t *floats)
{
    *floats = peak->floats;
    return peak->kernel;
}
