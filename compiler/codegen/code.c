/* Compiles a program into memory:
 *
 *     program -> bc_plan_new -> bc_objects_make -> bc_jit_add -> br_model
 *
 * Kernels that may never run are compiled late or not at all. Kernels of tiles are compiled when the runtime chooses
 * the method for a layer, kernels of training only if the caller trains. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codegen/jit.h"
#include "codegen/llvm_version.h"
#include "codegen/module.h"
#include "codegen/pages.h"
#include "codegen/parts.h"
#include "kernels/kernel.h"

struct bc_code {
    bc_plan *plan;
    int level;
    bc_jit *jit;
    br_layer_code *layers;
    br_kernel **errors;
    br_model model;
    double seconds;
};

static float largest_gap(const bl_layer *layer)
{
    double gap = 0;
    for (uint32_t i = 0; i < layer->depress_count; i++)
        if (layer->depress[i].gap > gap)
            gap = layer->depress[i].gap;
    return (float)gap;
}

/* Each clause over all filters of a place keeps so many at most; 0: there is none. */
static uint32_t most_winners(const bl_layer *layer)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < layer->depress_count; i++) {
        const bl_depress *clause = &layer->depress[i];
        if (!clause->over_places && clause->within == 0 && (most == 0 || clause->keep < most))
            most = clause->keep;
    }
    return most;
}

/* Sets the addresses of the selected kernels of a layer. */
static int link_kernels(bc_code *code, const bc_selection *selection, uint32_t layer, br_error *error)
{
    br_layer_code *out = &code->layers[layer];
    char name[256];
#define LINK(field, ...)                                                                                               \
    if (bc_selected(code->plan, selection, layer, BC_KERNEL_##field)) {                                                \
        bc_kernel_name(code->plan->program, layer, #field, name, sizeof name);                                         \
        if (bc_jit_find(code->jit, name, &out->kernels.field, error) != 0)                                             \
            return -1;                                                                                                 \
    }
    BC_KERNELS(LINK)
#undef LINK
    return 0;
}

/* Numbers of docs/model.md. `neurons`: the layer whose drives are standardised here, if any are. */
static br_layer_parameters parameters_of(const bc_layer_plan *plan, const bl_layer *neurons, const bc_kernel *kernel)
{
    const bl_layer *described = plan->layer;
    return (br_layer_parameters){
        .bound_encoding = plan->bound_encoding,
        .tied = described->tied,
        .winners = most_winners(described),
        .whole = plan->whole,
        .calibrates = described->kind == BT_LAYER_POOL && described->pooling == BT_POOL_SUM,
        .calibrate = (float)described->calibrate,
        .jitter = plan->jitter,
        .sum = described->sum,
        .gain = (float)described->gain,
        .gap = largest_gap(described),
        .range_in = (float)described->range_in,
        .range_out = (float)described->range_out,
        .alpha_min = (float)described->alpha_min,
        .alpha_max = (float)described->alpha_max,
        .a_max = kernel->a_max,
        .v_max = kernel->v_max,
        .theta_max = (float)described->theta_max,
        .homeostasis = described->homeostasis,
        .ramp = (float)neurons->ramp,
        .ramp_from = (float)neurons->ramp_from,
        .fire = described->fire,
        .pooling = described->pooling,
        .grid = described->kind == BT_LAYER_POOL && described->grid,
    };
}

/* Fills in the description of a layer in the model, except its kernels. */
static void describe_layer(bc_code *code, uint32_t layer)
{
    const bc_layer_plan *plan = &code->plan->layers[layer];
    const bl_layer *described = plan->layer, *neurons = described;
    bc_kernel kernel = bc_kernel_new(plan);
    if (plan->standardised && described->kind == BT_LAYER_POOL)
        neurons = code->plan->layers[layer - 1].layer; /* the convolution that it pools */
    br_layer_code *out = &code->layers[layer];
    *out = (br_layer_code){
        .name = described->name,
        .kind = described->kind,
        .source_count = described->source_count,
        .sources = described->sources,
        .shape.in = plan->in,
        .shape.out = plan->out,
        .shape.field_height = described->field_height,
        .shape.field_width = described->field_width,
        .shape.stride = described->stride,
        .shape.pad_top = described->pad_top,
        .shape.pad_left = described->pad_left,
        .shape.inputs = described->kind == BT_LAYER_POOL ? 0 : described->inputs,
        .shape.padded = plan->padded,
        .layout.field_row = plan->field_row,
        .layout.rows = plan->rows,
        .shape.neurons = described->out.channels,
        .layout.pitch = plan->pitch,
        .layout.live_stride = kernel.live_stride,
        .layout.lanes = plan->lanes,
        .layout.filter_stride = plan->filter_stride,
        .layout.slots = plan->slots,
        .layout.tile = plan->vectors,
        .layout.by_neurons = plan->by_neurons,
        .layout.overwrites = plan->overwrites,
        .layout.stretch = plan->stretch,
        .layout.together = described->kind == BT_LAYER_CONV && plan->walk.order == BC_ORDER_BOUNDS,
        .layout.unread = plan->unread,
        .layout.pooled = plan->pooled,
        .layout.settled = described->kind == BT_LAYER_CONV && plan->settled,
        .layout.dense_above = (float)plan->dense_above,
        .layout.packed_above = (float)plan->packed_above,
        .layout.packed_stride = plan->packed.stride,
        .layout.fields = plan->fields,
        .layout.transposed_samples = described->kind == BT_LAYER_DENSE ? bc_transposed_samples(plan->lanes) : 1,
        .layout.int8 = plan->int8,
        .parameters = parameters_of(plan, neurons, &kernel),
    };
}

static int link_errors(bc_code *code, br_error *error)
{
    for (uint32_t i = 0; i < code->model.error_count; i++) {
        char name[256];
        bc_error_name(code->plan->program, i, name, sizeof name);
        if (bc_jit_find(code->jit, name, &code->errors[i], error) != 0)
            return -1;
    }
    return 0;
}

/* Compiles, loads and links the selected kernels. */
static int add_kernels(bc_code *code, const bc_selection *selection, br_error *error)
{
    bc_objects objects;
    if (bc_objects_make(code->plan, selection, code->level, &objects, error) != 0)
        return -1;
    int status = 0;
    for (uint32_t i = 0; i < objects.count && status == 0; i++) {
        status = bc_jit_add(code->jit, objects.parts[i], error);
        objects.parts[i] = NULL;
    }
    bc_objects_free(&objects);
    for (uint32_t i = 0; i < code->plan->layer_count && status == 0; i++)
        status = link_kernels(code, selection, i, error);
    if (status == 0 && bc_selected_errors(selection))
        status = link_errors(code, error);
    bc_pages_return();
    return status;
}

/* br_model.make_method: compiles the kernels of the dense or the packed method, unless they exist. */
static int make_method(void *maker, uint32_t layer, bt_method method, br_error *error)
{
    bc_code *code = maker;
    bool packed = method == BT_METHOD_PACKED;
    if (packed ? code->layers[layer].kernels.forward_packed : code->layers[layer].kernels.forward_dense)
        return 0;
    bc_selection selection = {.uses = packed ? BC_PACKED : BC_DENSE, .one = true, .layer = layer};
    return add_kernels(code, &selection, error);
}

static int describe_model(bc_code *code, br_error *error)
{
    const bl_program *program = code->plan->program;
    uint32_t error_count = program->phase_count ? program->phase_count : 1;
    code->layers = calloc(code->plan->layer_count, sizeof *code->layers);
    code->errors = calloc(error_count, sizeof *code->errors);
    if (!code->layers || !code->errors)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for %u layers", code->plan->layer_count);
    for (uint32_t i = 0; i < code->plan->layer_count; i++)
        describe_layer(code, i);
    code->model = (br_model){
        .version = BR_INTERFACE_VERSION,
        .layer_count = code->plan->layer_count,
        .answer = program->layer_count - 1,
        .keeps_readouts = program->keep_readouts,
        .name = program->name,
        .cpu = code->plan->cpu,
        .shape = program->input.encoded,
        .input_range = (float)program->input.range,
        .layers = code->layers,
        .checks = code->plan->check,
        .error_count = error_count,
        .errors = code->errors,
        .make_method = make_method,
        .maker = code,
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
    options = options ? options : &BC_OPTIONS_DEFAULT;
    double begin = now();
    if (options->target)
        return br_fail(error, BR_ERROR_USAGE, "target %s: only code of this machine can be run in place",
                       options->target);
    bc_code *code = calloc(1, sizeof *code);
    if (!code)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the compiled code");
    bc_selection selection = {.uses = options->inference_only ? BC_INFERENCE : BC_INFERENCE | BC_TRAINING};
    if (options->quantise)
        selection.uses |= BC_INT8;
    code->level = options->level;
    int status = bc_plan_new(program, options, &code->plan, error);
    if (status == 0)
        status = describe_model(code, error);
    if (status == 0)
        status = bc_jit_new(options->lines != NULL, &code->jit, error);
    if (status == 0)
        status = add_kernels(code, &selection, error);
    for (uint32_t i = 0; status == 0 && i < code->plan->layer_count; i++)
        if (code->plan->layers[i].dense_above <= 0 &&
            (!options->inference_only || code->plan->layers[i].packed_above >= 1))
            status = make_method(code, i, BT_METHOD_DENSE, error);
    for (uint32_t i = 0; status == 0 && i < code->plan->layer_count; i++)
        if (code->plan->layers[i].packed_above <= 0)
            status = make_method(code, i, BT_METHOD_PACKED, error);
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

void bc_code_functions(const bc_code *code, FILE *to)
{
    bc_jit_functions(code->jit, to);
}

double bc_code_seconds(const bc_code *code)
{
    return code->seconds;
}

const char *bc_llvm_version(void)
{
    return BC_LLVM_VERSION;
}
