/* Networks for machines without an operating system:
 *
 *     program, state -> what can be built -> connections that are stored -> scratch memory -> module -> object -> sizes
 *
 * Layers are walked one after the other, for one sample, with the sums of one place in memory. See
 * docs/design/firmware.md. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/module.h"
#include "firmware/answer.h"
#include "firmware/avr.h"
#include "firmware/learn.h"
#include "firmware/memory.h"
#include "firmware/sizes.h"
#include "firmware/soft_float.h"
#include "firmware/store.h"
#include "firmware/sums.h"
#include "plan/drives.h"

/* ---- what can be built ---- */

static int refuse(const bc_firmware *f, const char *layer, const char *what, br_error *error)
{
    return br_fail(error, BR_ERROR_CHECK,
                   "%s%s: %s is not built for %s, which has no kernels for it; train without it, or build for another "
                   "machine",
                   layer ? "layer " : "network ", layer ? layer : f->program->name, what, f->options.target);
}

static int check_layer(const bc_firmware *f, uint32_t index, br_error *error)
{
    const bl_layer *l = f->layers[index].layer;
    bool pool = l->kind == BT_LAYER_POOL, last = f->layers[index].last;
    if (l->tied > 0)
        return refuse(f, l->name, "a layer that reads tied levels", error);
    if (l->source_count > BC_MOST_SOURCES)
        return refuse(f, l->name, "a layer that reads more than 64 layers", error);
    if (last && (pool || l->out.height * l->out.width > 1))
        return refuse(f, l->name, "a last layer of several places, or a pool at the end,", error);
    if (pool && (l->out.height > UINT8_MAX || l->out.width > UINT8_MAX) && l->grid)
        return refuse(f, l->name, "a pool of more than 255 cells a side", error);
    return 0;
}

static int check(const bc_firmware *f, br_error *error)
{
    if (f->program->rule == BT_RULE_PRINTED)
        return refuse(f, NULL, "rule printed", error);
    if (f->program->input.encoding_count > 0)
        return refuse(f, NULL, "an input with encodings", error);
    for (uint32_t i = 0; i < f->program->layer_count; i++)
        if (check_layer(f, i, error) != 0)
            return -1;
    return 0;
}

/* ---- layers ---- */

/* Whether the activations of a place are known once its drives are. */
static bool is_settled_by_place(const bl_layer *layer)
{
    for (uint32_t i = 0; i < layer->depress_count; i++)
        if (layer->depress[i].over_places)
            return false;
    return true;
}

/* The pool of maxima that alone reads a convolution. Where gamma depends on the inputs, the largest sum may not be the
 * largest drive, but depressed convolutions compare drives. */
static uint32_t pool_of(const bl_program *program, uint32_t conv)
{
    bl_readers readers = bl_readers_of(program->layers, program->layer_count, conv);
    const bl_layer *layer = &program->layers[conv], *pool = &program->layers[readers.last];
    bool place =
        layer->depress_count > 0 ? is_settled_by_place(layer) && pool->depress_count == 0 : layer->sum != BT_SUM_SHARED;
    bool folds = readers.count == 1 && layer->kind == BT_LAYER_CONV && place && pool->kind == BT_LAYER_POOL &&
                 pool->pooling == BT_POOL_MAX && !pool->grid && pool->source_count == 1;
    return folds ? readers.last : BC_NO_POOL;
}

/* Whose depression a layer's code computes, and which drives it keeps. The answer is that of the drives, so depression of
 * the last layer changes nothing. */
static void describe_drives(bc_firmware *f)
{
    bc_drive_use uses[BL_MAX_LAYERS] = {0};
    for (uint32_t i = 0; i < f->program->layer_count; i++) {
        bc_small_layer *l = &f->layers[i];
        l->settles = l->pool != BC_NO_POOL && l->layer->depress_count > 0;
        l->judge = l->pool == BC_NO_POOL || l->settles ? l->layer : f->layers[l->pool].layer;
        l->depressed = l->judge->depress_count > 0 && !l->last;
        for (uint32_t k = 0; l->depressed && k < l->judge->depress_count; k++)
            l->over_places |= l->judge->depress[k].over_places;
        uses[l->pool == BC_NO_POOL ? i : l->pool].kept |= l->over_places;
    }
    bc_drives_find(f->program, uses);
    for (uint32_t i = 0; i < f->program->layer_count; i++) {
        bc_small_layer *l = &f->layers[i];
        l->keeps = (uses[l->pool == BC_NO_POOL ? i : l->pool].kept || l->learns) && !l->last;
        l->chooses = uses[i].chooses;
    }
}

static void describe_layers(bc_firmware *f)
{
    for (uint32_t i = 0; i < f->program->layer_count; i++) {
        bc_small_layer *l = &f->layers[i];
        l->layer = &f->program->layers[i];
        l->plan = &f->plan->layers[i];
        l->last = i + 1 == f->program->layer_count;
        l->pool = pool_of(f->program, i);
        if (l->pool != BC_NO_POOL)
            f->layers[l->pool].folded = true;
        l->learns = f->learning.phase != NULL && i >= f->learning.first;
        l->int8 = f->quantised && l->plan->int8.sample_stride > 0 && !l->learns;
        f->quantised_layers |= l->int8;
        if (l->int8)
            l->scales = br_quantised_scales(f->quantised, i);
        f->coded_layers |= l->int8 && br_quantised_levels(f->quantised, i) != NULL;
    }
    describe_drives(f);
}

static int store_layers(bc_firmware *f, const br_network *network, br_error *error)
{
    for (uint32_t i = 0; i < f->program->layer_count; i++) {
        bc_small_layer *l = &f->layers[i];
        if (l->layer->kind == BT_LAYER_POOL) {
            l->calibration = br_network_state(network, i, NULL, NULL, NULL);
            continue;
        }
        if (bc_store_new(f, network, i, l, error) != 0)
            return -1;
        l->uniform = true;
        for (uint32_t n = 1; n < l->layer->neurons; n++)
            l->uniform = l->uniform && l->theta[n] == l->theta[0] && l->scale[n] == l->scale[0];
    }
    return 0;
}

/* Samples are bytes if the data maps 0 .. 255 on the input's range, as pictures do. */
static void describe_input(bc_firmware *f)
{
    const br_schema *schema = f->options.schema;
    f->low = f->options.low;
    f->high = f->options.high;
    f->columns = schema != NULL && schema->scaling != BT_SCALING_RANGE;
    if (f->columns) {
        f->low = 0;
        f->high = 1;
    }
    f->bytes = !f->columns && f->low == 0 && f->high == UINT8_MAX;
    for (uint64_t i = 0; f->options.lit && i < bt_values(f->program->input.encoded); i++)
        f->unlit += !f->options.lit[i];
}

/* Thresholds of the last layer change no answer, so they may stay. Those before it do. */
static int check_thetas(const bc_firmware *f, br_error *error)
{
    for (uint32_t i = f->learning.first; i + 1 < f->program->layer_count; i++)
        if (f->program->layers[i].theta_xi > 0)
            return bc_refuse_layer(f->program->layers[i].name, f->options.lines ? &f->options.lines[i] : NULL,
                                   "its thresholds can't learn in an object",
                                   "leave `learned` out of `neuron alpha`, or use --emit=c", error);
    return 0;
}

static int plan(bc_firmware *f, const br_network *network, br_error *error)
{
    bc_options options = {.cpu = f->options.cpu,
                          .level = 2,
                          .inference_only = true,
                          .target = f->options.target,
                          .quantise = f->quantised != NULL};
    if (bc_target_find(f->options.target, f->options.cpu, &f->target, error) != 0 ||
        bc_plan_new(f->program, &options, &f->plan, error) != 0)
        return -1;
    if (f->options.learn != NULL &&
        (bc_learning_find(f->program, f->options.learn, f->options.lines, &f->learning, error) != 0 ||
         check_thetas(f, error) != 0))
        return -1;
    f->sharpness = br_network_sharpness(network);
    describe_input(f);
    describe_layers(f);
    if (check(f, error) != 0 || store_layers(f, network, error) != 0 || bc_memory_plan(f, error) != 0)
        return -1;
    f->facts.state_bytes = bc_small_state_place(f);
    f->facts.layer_count = f->program->layer_count + 2;
    f->shown = calloc(f->facts.layer_count, sizeof *f->shown);
    if (!f->shown)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the facts of %u layers", f->facts.layer_count);
    f->facts.layers = f->shown;
    return 0;
}

/* ---- code ---- */

/* LLVM chooses smaller code for functions of these attributes. Loops are never turned into calls of memset. */
static void set_attributes(bc_firmware *f)
{
    bc_emit e = {.llvm = f->llvm};
    for (bc_value function = LLVMGetFirstFunction(f->module); function; function = LLVMGetNextFunction(function)) {
        if (LLVMIsDeclaration(function))
            continue;
        e.function = function;
        bc_attribute(&e, "no-builtins", "");
        if (!f->options.speed)
            bc_attribute(&e, "minsize", NULL);
        if (!f->options.speed)
            bc_attribute(&e, "optsize", NULL);
    }
}

/* Objects for RISC-V with and without floats in registers are not linked together; a flag of the module says which. */
static void set_abi(bc_firmware *f)
{
    if (strncmp(f->target.triple, "riscv32", 7) != 0)
        return;
    const char *abi = f->target.fpu ? "ilp32f" : "ilp32";
    LLVMMetadataRef text = LLVMMDStringInContext2(f->llvm, abi, strlen(abi));
    LLVMAddModuleFlag(f->module, LLVMModuleFlagBehaviorError, "target-abi", strlen("target-abi"), text);
}

/* Operations that the processor lacks become functions of the module. */
static int replace(bc_firmware *f, void (*change)(bc_emit *, bc_owner), br_error *error)
{
    bc_emit e;
    bc_emit_begin(&e, f->llvm, "replaced", 1);
    LLVMDisposeModule(e.module);
    e.module = f->module;
    change(&e, (bc_owner){f->program->name, NULL});
    bc_emit_end(&e);
    set_attributes(f);
    return bc_module_verify(f->module, error);
}

static int soften(bc_firmware *f, br_error *error)
{
    if (replace(f, bc_soften, error) != 0 || bc_module_optimise(f->module, f->machine, 2, error) != 0)
        return -1;
    return f->target.avr ? replace(f, bc_avr_multiply, error) : 0;
}

/* Code generation changes its module, so it gets a copy. It also reports the frames of all functions. */
static int make(bc_firmware *f, LLVMCodeGenFileType type, LLVMMemoryBufferRef *out, br_error *error)
{
    bc_frames frames;
    LLVMModuleRef copy = LLVMCloneModule(f->module);
    bc_frames_begin(f->llvm, &frames);
    int status = bc_module_code(copy, f->machine, type, out, error);
    if (status == 0 && frames.out_of_memory)
        status = br_fail(error, BR_ERROR_FAULT, "out of memory for the stack of network %s", f->program->name);
    f->facts.stack_bytes = status == 0 ? bc_stack_bound(f, &frames) : 0;
    bc_frames_end(f->llvm, &frames);
    LLVMDisposeModule(copy);
    return status;
}

static int make_object(bc_firmware *f, br_error *error)
{
    if (make(f, LLVMObjectFile, &f->object, error) != 0)
        return -1;
    if (!f->target.avr)
        return bc_sizes_read(f, error);
    LLVMMemoryBufferRef whole = f->object;
    f->object = bc_avr_own_symbols(whole);
    LLVMDisposeMemoryBuffer(whole);
    if (!f->object)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the object of network %s", f->program->name);
    return bc_sizes_read(f, error);
}

static int make_module(bc_firmware *f, br_error *error)
{
    f->llvm = LLVMContextCreate();
    if (bc_target_machine(&f->target, 2, &f->machine, error) != 0 || bc_firmware_emit(f, error) != 0)
        return -1;
    set_attributes(f);
    set_abi(f);
    if (bc_module_verify(f->module, error) != 0 || bc_module_optimise(f->module, f->machine, 2, error) != 0)
        return -1;
    if (!f->target.fpu && soften(f, error) != 0)
        return -1;
    return make_object(f, error);
}

static void show(bc_firmware *f)
{
    f->facts.cpu = f->target.cpu;
    f->facts.triple = f->target.triple;
    f->facts.bytes = f->bytes;
    f->shown[0].name = "input";
    f->shown[0].ram = f->input_ram;
    for (uint32_t i = 0; i < f->program->layer_count; i++) {
        const bc_small_layer *l = &f->layers[i];
        bc_firmware_layer *to = &f->shown[i + 1];
        to->name = l->layer->name;
        to->folded = l->folded;
        to->ram = l->folded ? 0 : l->ram;
        to->connections = l->stored.connections;
        to->silent = l->stored.silent;
        to->listed = l->stored.listed;
        to->int8 = l->int8;
        to->coded = l->stored.coded;
        to->empty = l->stored.empty;
        to->rows = l->stored.inputs;
        to->left_out = l->stored.inputs - l->stored.rows;
    }
    f->shown[f->facts.layer_count - 1].name = "answer";
}

/* ---- the handle ---- */

int bc_firmware_new(const bl_program *program, const br_network *network, const bc_firmware_options *options,
                    bc_firmware **out, br_error *error)
{
    bc_firmware *f = calloc(1, sizeof *f);
    if (!f)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for firmware");
    f->program = program;
    f->options = *options;
    f->quantised = options->quantised;
    int status = plan(f, network, error);
    if (status == 0) {
        show(f);
        status = make_module(f, error);
    }
    f->quantised = NULL;
    f->options.lit = NULL;
    if (status == 0)
        *out = f;
    else
        bc_firmware_free(f);
    return status;
}

void bc_firmware_free(bc_firmware *f)
{
    if (!f)
        return;
    for (uint32_t i = 0; i < f->program->layer_count; i++)
        bc_store_free(&f->layers[i]);
    if (f->object)
        LLVMDisposeMemoryBuffer(f->object);
    if (f->made)
        LLVMDisposeMemoryBuffer(f->made);
    if (f->module)
        LLVMDisposeModule(f->module);
    if (f->llvm)
        LLVMContextDispose(f->llvm);
    if (f->machine)
        LLVMDisposeTargetMachine(f->machine);
    bc_plan_free(f->plan);
    bc_target_free(&f->target);
    free(f->shown);
    free(f);
}

const bc_firmware_facts *bc_firmware_facts_of(const bc_firmware *firmware)
{
    return &firmware->facts;
}

int bc_firmware_check(const bc_firmware *f, br_error *error)
{
    uint64_t constants = 0;
    for (uint32_t i = 0; i < f->facts.layer_count; i++)
        constants += f->shown[i].constants;
    if (!f->target.avr || constants <= BC_AVR_MOST_FLASH - BC_AVR_BEFORE)
        return 0;
    return br_fail(
        error, BR_ERROR_CHECK,
        "network %s: its constants take %llu bytes, and an AVR reads constants from the first %u bytes of its "
        "flash memory; build with --quantize, --bits=4 or --optimise=size, or train a smaller network",
        f->program->name, (unsigned long long)constants, BC_AVR_MOST_FLASH);
}

const char *const *bc_firmware_symbols(const bc_firmware *firmware)
{
    return firmware->symbols;
}

int bc_firmware_code(bc_firmware *f, bc_code_format format, const char **bytes, size_t *size, br_error *error)
{
    if (f->made)
        LLVMDisposeMemoryBuffer(f->made);
    f->made = NULL;
    if (format == BC_LLVM || format == BC_BITCODE)
        f->made = bc_module_written(f->module, format == BC_LLVM);
    else if (format == BC_ASSEMBLY && make(f, LLVMAssemblyFile, &f->made, error) != 0)
        return -1;
    LLVMMemoryBufferRef from = format == BC_OBJECT ? f->object : f->made;
    *bytes = LLVMGetBufferStart(from);
    *size = LLVMGetBufferSize(from);
    return 0;
}
