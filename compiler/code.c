/* The way through the compiler:
 *
 *     program -> bc_plan_new -> bc_module_emit -> bc_module_optimise -> object -> bc_jit_load -> br_model
 */
#include <llvm-c/Analysis.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jit.h"
#include "kernels/kernel.h"
#include "module.h"
#include "target.h"

struct bc_code {
    bc_plan *plan;
    bc_jit *jit;
    br_layer_code *layers;
    br_kernel **errors;
    br_model model;
    double seconds;
};

/* A module on its way to machine code, with what it hangs on. */
typedef struct work {
    bc_plan *plan;
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
    bc_plan_free(w->plan);
}

static int make_machine(work *w, const bc_options *options, br_error *error)
{
    bc_target target;
    if (bc_target_find(options->target, options->cpu, &target, error) != 0)
        return -1;
    int status = bc_target_machine(&target, options->level, &w->machine, error);
    bc_target_free(&target);
    return status;
}

static int verify(LLVMModuleRef module, br_error *error)
{
    char *message = NULL;
    int broken = LLVMVerifyModule(module, LLVMReturnStatusAction, &message);
    if (broken)
        br_fail(error, BR_ERROR_FAULT, "the compiler made a module that LLVM refuses: %s", message);
    LLVMDisposeMessage(message);
    return broken ? -1 : 0;
}

/* Plan, module and optimised module; on failure everything is freed. */
static int work_begin(const bl_program *program, const bc_options *options, work *w, br_error *error)
{
    memset(w, 0, sizeof *w);
    if (bc_plan_new(program, options, &w->plan, error) != 0)
        return -1;
    w->llvm = LLVMContextCreate();
    if (make_machine(w, options, error) != 0)
        goto fail;
    w->module = bc_module_emit(w->plan, w->llvm);
    if (verify(w->module, error) != 0)
        goto fail;
    if (bc_module_optimise(w->module, w->machine, options->level, error) != 0)
        goto fail;
    return 0;
fail:
    work_end(w);
    return -1;
}

static int machine_code(const work *w, LLVMCodeGenFileType type, LLVMMemoryBufferRef *out, br_error *error)
{
    char *message = NULL;
    if (!LLVMTargetMachineEmitToMemoryBuffer(w->machine, w->module, type, &message, out))
        return 0;
    br_fail(error, BR_ERROR_FAULT, "LLVM could not make machine code: %s", message);
    LLVMDisposeMessage(message);
    return -1;
}

static const uint32_t kinds[] = {[BL_DENSE] = BR_LAYER_DENSE, [BL_CONV] = BR_LAYER_CONV, [BL_POOL] = BR_LAYER_POOL};

static const uint32_t sums[] = {
    [BL_SUM_SCALED] = BR_SUM_SCALED, [BL_SUM_RAW] = BR_SUM_RAW, [BL_SUM_SHARED] = BR_SUM_SHARED};

static float largest_gap(const bl_layer *layer)
{
    double gap = 0;
    for (uint32_t i = 0; i < layer->depress_count; i++)
        if (layer->depress[i].gap > gap)
            gap = layer->depress[i].gap;
    return (float)gap;
}

/* Fills the model's table: sizes from the plan, addresses from the loaded code. */
static int link_layer(bc_code *code, uint32_t layer, br_error *error)
{
    const bl_program *program = code->plan->program;
    const bc_layer_plan *plan = &code->plan->layers[layer];
    const bl_layer *described = plan->layer;
    bc_kernel kernel = bc_kernel_new(plan);
    br_layer_code *out = &code->layers[layer];
    *out = (br_layer_code){
        .name = described->name,
        .kind = kinds[described->kind],
        .source_count = described->source_count,
        .sources = described->sources,
        .in = plan->in,
        .out = plan->out,
        .field_height = described->field_height,
        .field_width = described->field_width,
        .hop = described->stride,
        .pad_top = described->pad_top,
        .pad_left = described->pad_left,
        .inputs = described->kind == BL_POOL ? 0 : described->inputs,
        .padded = plan->padded,
        .field_row = plan->field_row,
        .rows = plan->rows,
        .neurons = described->out.channels,
        .stride = plan->stride,
        .live_stride = kernel.live_stride,
        .lanes = plan->lanes,
        .tile = plan->vectors,
        .by_neurons = plan->by_neurons,
        .dense_above = (float)plan->dense_above,
        .form = plan->form,
        .calibrates = described->kind == BL_POOL && described->pooling == BL_POOL_SUM,
        .calibrate = (float)described->calibrate,
        .sum = sums[described->sum],
        .gain = (float)described->gain,
        .gap = largest_gap(described),
        .range_in = (float)described->range_in,
        .range_out = (float)described->range_out,
        .alpha_min = (float)described->alpha_min,
        .alpha_max = (float)described->alpha_max,
        .a_max = kernel.a_max,
        .reach = kernel.reach,
        .theta_max = (float)described->theta_max,
    };
    char name[256];
#define LINK(field, ...)                                                                                               \
    if (bc_has_kernel(code->plan, layer, BC_KERNEL_##field)) {                                                         \
        bc_kernel_name(program, layer, #field, name, sizeof name);                                                     \
        if (bc_jit_find(code->jit, name, &out->field, error) != 0)                                                     \
            return -1;                                                                                                 \
    }
    BC_KERNELS(LINK)
#undef LINK
    return 0;
}

static int link_model(bc_code *code, br_error *error)
{
    const bl_program *program = code->plan->program;
    uint32_t error_count = bc_error_count(code->plan);
    code->layers = calloc(program->layer_count, sizeof *code->layers);
    code->errors = calloc(error_count ? error_count : 1, sizeof *code->errors);
    if (!code->layers || !code->errors)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for %u layers", program->layer_count);
    for (uint32_t i = 0; i < program->layer_count; i++)
        if (link_layer(code, i, error) != 0)
            return -1;
    for (uint32_t i = 0; i < error_count; i++) {
        char name[256];
        bc_error_name(program, i, name, sizeof name);
        if (bc_jit_find(code->jit, name, &code->errors[i], error) != 0)
            return -1;
    }
    code->model = (br_model){
        .version = BR_INTERFACE_VERSION,
        .layer_count = program->layer_count,
        .name = program->name,
        .cpu = code->plan->cpu,
        .height = program->input.encoded.height,
        .width = program->input.encoded.width,
        .channels = program->input.encoded.channels,
        .input_range = (float)program->input.range,
        .layers = code->layers,
        .error_count = error_count,
        .errors = code->errors,
    };
    return 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int bc_compile(const bl_program *program, const bc_options *options, bc_code **out, br_error *error)
{
    double begin = now();
    work w;
    if (work_begin(program, options, &w, error) != 0)
        return -1;
    LLVMMemoryBufferRef object;
    bc_code *code = calloc(1, sizeof *code);
    int status = code ? 0 : br_fail(error, BR_ERROR_FAULT, "out of memory for the compiled code");
    if (status == 0)
        status = machine_code(&w, LLVMObjectFile, &object, error);
    if (status == 0)
        status = bc_jit_load(object, &code->jit, error);
    if (status == 0) {
        code->plan = w.plan;
        w.plan = NULL;
        status = link_model(code, error);
    }
    work_end(&w);
    if (status != 0) {
        bc_code_free(code);
        return -1;
    }
    code->seconds = now() - begin;
    *out = code;
    return 0;
}

void bc_code_free(bc_code *code)
{
    if (!code)
        return;
    bc_jit_free(code->jit);
    free(code->layers);
    free(code->errors);
    bc_plan_free(code->plan);
    free(code);
}

const br_model *bc_code_model(const bc_code *code)
{
    return &code->model;
}

double bc_code_seconds(const bc_code *code)
{
    return code->seconds;
}

int bc_dump_llvm(const bl_program *program, const bc_options *options, FILE *to, br_error *error)
{
    work w;
    if (work_begin(program, options, &w, error) != 0)
        return -1;
    char *text = LLVMPrintModuleToString(w.module);
    fputs(text, to);
    LLVMDisposeMessage(text);
    work_end(&w);
    return 0;
}

int bc_dump_asm(const bl_program *program, const bc_options *options, FILE *to, br_error *error)
{
    work w;
    if (work_begin(program, options, &w, error) != 0)
        return -1;
    LLVMMemoryBufferRef text;
    int status = machine_code(&w, LLVMAssemblyFile, &text, error);
    if (status == 0) {
        fwrite(LLVMGetBufferStart(text), 1, LLVMGetBufferSize(text), to);
        LLVMDisposeMemoryBuffer(text);
    }
    work_end(&w);
    return status;
}
