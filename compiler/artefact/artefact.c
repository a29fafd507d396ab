/* `bouton build`: turns a trained model into one LLVM module for inference only.
 *
 *     program, state -> weights (which bounds are stored) -> scratch (memory of one sample) -> module -> bytes
 *
 * The kernels are the same as for training, so results agree to the bit. The forward pass around them and the encoding
 * of the input, which are C code in the runtime, are emitted too. The module calls nothing but memset and memcpy. See
 * docs/design/build.md. */
#include <stdlib.h>
#include <string.h>

#include "artefact/assemble.h"
#include "artefact/context.h"
#include "artefact/ranges.h"
#include "codegen/module.h"

/* ---- processors ---- */

static int by_level(const void *a, const void *b)
{
    const bc_version *x = a, *y = b;
    return x->level < y->level ? -1 : x->level > y->level;
}

static int add_version(bc_artefact *a, const char *cpu, br_error *error)
{
    bc_version *version = &a->versions[a->version_count];
    if (bc_target_find(a->target, cpu, &version->target, error) != 0)
        return -1;
    a->version_count++;
    version->level = bc_target_level(&version->target);
    snprintf(version->name, sizeof version->name, "%s", version->target.cpu);
    snprintf(version->asked, sizeof version->asked, "%s", cpu ? cpu : "");
    for (uint32_t i = 0; i + 1 < a->version_count; i++)
        if (a->versions[i].level == version->level)
            return br_fail(error, BR_ERROR_USAGE, "processors '%s' and '%s' are of one level; name it once",
                           a->versions[i].asked, version->asked);
    if (a->version_count > 1 && version->level == 0)
        return br_fail(error, BR_ERROR_USAGE, "several processors in one artefact: only of x86-64, not %s",
                       version->target.triple);
    return 0;
}

/* NAME,NAME,... */
static int find_versions(bc_artefact *a, const char *cpus, br_error *error)
{
    while (cpus && *cpus) {
        char cpu[64];
        size_t length = strcspn(cpus, ",");
        if (length == 0 || length >= sizeof cpu || a->version_count == BC_VERSIONS)
            return br_fail(error, BR_ERROR_USAGE, "processors '%s': names with commas between, at most %d", cpus,
                           BC_VERSIONS);
        memcpy(cpu, cpus, length);
        cpu[length] = '\0';
        if (add_version(a, cpu, error) != 0)
            return -1;
        cpus += length + (cpus[length] == ',');
    }
    if (a->version_count == 0)
        return add_version(a, NULL, error);
    qsort(a->versions, a->version_count, sizeof *a->versions, by_level);
    return 0;
}

/* Every layer uses the events method. Rows are padded for the widest vectors of all versions, so that all processors
 * share the constants. */
static int plan_versions(bc_artefact *a, const bl_program *program, const bc_artefact_options *asked, br_error *error)
{
    uint32_t pad = 0;
    bt_method *methods = calloc(program->layer_count, sizeof *methods);
    int status = methods ? 0 : br_fail(error, BR_ERROR_FAULT, "out of memory while planning");
    for (uint32_t i = 0; status == 0 && i < program->layer_count; i++)
        methods[i] = BT_METHOD_EVENTS;
    for (uint32_t i = 0; i < a->version_count; i++)
        pad = a->versions[i].target.lanes > pad ? a->versions[i].target.lanes : pad;
    for (uint32_t i = 0; status == 0 && i < a->version_count; i++) {
        bc_version *v = &a->versions[i];
        bc_options options = {.cpu = *v->asked ? v->asked : NULL,
                              .level = asked->level,
                              .methods = methods,
                              .inference_only = true,
                              .target = a->target,
                              .lines = asked->lines,
                              .quantise = asked->quantised != NULL,
                              .pad = pad};
        status = bc_plan_new(program, &options, &v->plan, error);
        if (status == 0)
            status = bc_scratch_new(v->plan, &v->scratch, error);
        if (status == 0 && v->scratch.bytes > a->facts.scratch_bytes)
            a->facts.scratch_bytes = v->scratch.bytes;
    }
    free(methods);
    a->facts.scratch_bytes += BC_SCRATCH_ALIGN - 1; /* the caller's memory may have any alignment */
    a->facts.on_stack = a->facts.scratch_bytes <= BC_STACK_LIMIT;
    return status;
}

/* ---- the handle ---- */

static int make_machine(bc_artefact *a, int level, br_error *error)
{
    if (a->version_count == 1)
        return bc_target_machine(&a->versions[0].target, level, &a->machine, error);
    bc_target common; /* the functions of each version name their own processor */
    if (bc_target_find(a->target, "generic", &common, error) != 0)
        return -1;
    int status = bc_target_machine(&common, level, &a->machine, error);
    bc_target_free(&common);
    return status;
}

static void describe(bc_artefact *a, const bc_artefact_options *options)
{
    const bl_program *program = a->versions[0].plan->program;
    const bl_layer *last = bl_last_layer(program);
    size_t used = 0;
    for (uint32_t i = 0; i < a->version_count; i++)
        used += (size_t)snprintf(a->cpus + used, sizeof a->cpus - used, "%s%s", i ? "," : "", a->versions[i].name);
    a->name = program->name;
    a->input = program->input;
    a->labels = last->out.channels;
    a->low = options->low;
    a->high = options->high;
    a->schema = options->schema;
    if (options->schema != NULL && options->schema->scaling != BT_SCALING_RANGE) {
        a->columns = !options->program; /* the readers of a program scale its samples at loading */
        a->low = 0;
        a->high = 1;
    }
    a->model = options->model;
    a->least_level = a->versions[0].level;
    snprintf(a->about, sizeof a->about, "%.60s: bouton %s, interface %u, model %016llx%s, for %s", a->name, BR_VERSION,
             BR_INTERFACE_VERSION, (unsigned long long)a->model, options->quantised ? " in 8 bits" : "", a->cpus);
    a->facts.cpus = a->cpus;
    a->facts.triple = a->versions[0].target.triple;
    a->facts.foreign = !bc_target_is_here(&a->versions[0].target);
}

/* Names that are not one for each class are left out. */
bool bc_artefact_names(const bc_artefact *a)
{
    return a->schema != NULL && a->schema->class_count == a->labels;
}

/* An int8 layer keeps all its rows, once for each vector width. */
static void describe_int8(bc_artefact *a, uint32_t index)
{
    bc_layer_facts *facts = &a->layers[index];
    facts->silent = br_quantised_of(a->quantised, index)->always_silent;
    facts->listed = false;
    facts->dropped = 0;
    facts->bytes = 0;
    for (uint32_t v = 0; v < a->version_count; v++)
        facts->bytes += br_quantised_bytes(a->quantised, index, a->versions[v].plan->layers[index].pitch);
    a->trace.layers[index + 1].connections = 0; /* the trace does not show single connections of int8 layers */
}

static int make_module(bc_artefact *a, const br_network *network, const br_encoder *encoder,
                       const bc_artefact_options *options, br_error *error)
{
    /* for the widest vectors; rows are the same for all */
    const bc_plan *plan = a->versions[a->version_count - 1].plan;
    if (bc_weights_new(plan, network, &a->weights, error) != 0)
        return -1;
    a->layers = calloc(plan->layer_count, sizeof *a->layers);
    if (!a->layers)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the facts of %u layers", plan->layer_count);
    a->quantised = options->quantised;
    a->sharpness = br_network_sharpness(network);
    for (uint32_t i = 0; i < plan->layer_count; i++) {
        a->layers[i] = a->weights[i].facts;
        if (plan->layers[i].int8.sample_stride > 0)
            describe_int8(a, i);
        a->facts.constant_bytes += a->layers[i].bytes;
    }
    a->facts.layers = a->layers;
    a->facts.layer_count = plan->layer_count;
    a->llvm = LLVMContextCreate();
    if (bc_artefact_emit(a, encoder ? br_encoder_numbers(encoder) : NULL, options->program, error) != 0)
        return -1;
    if (bc_module_verify(a->module, error) != 0)
        return -1;
    return bc_module_optimise(a->module, a->machine, options->level, error);
}

int bc_artefact_new(const bl_program *program, const br_network *network, const br_encoder *encoder,
                    const bc_artefact_options *options, bc_artefact **out, br_error *error)
{
    bc_artefact *a = calloc(1, sizeof *a);
    if (!a)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for an artefact");
    a->target = options->target;
    if (find_versions(a, options->cpus, error) != 0 || plan_versions(a, program, options, error) != 0)
        goto fail;
    if (bc_ranges_check(options->schema, &program->input, error) != 0)
        goto fail;
    describe(a, options);
    if (bc_trace_new(program, &a->trace, error) != 0)
        goto fail;
    if (make_machine(a, options->level, error) != 0 || make_module(a, network, encoder, options, error) != 0)
        goto fail;
    *out = a;
    return 0;
fail:
    bc_artefact_free(a);
    return -1;
}

void bc_artefact_free(bc_artefact *a)
{
    if (!a)
        return;
    if (a->bytes)
        LLVMDisposeMemoryBuffer(a->bytes);
    if (a->module)
        LLVMDisposeModule(a->module);
    if (a->llvm)
        LLVMContextDispose(a->llvm);
    if (a->machine)
        LLVMDisposeTargetMachine(a->machine);
    if (a->weights)
        bc_weights_free(a->versions[0].plan, a->weights);
    for (uint32_t i = 0; i < a->version_count; i++) {
        bc_scratch_free(&a->versions[i].scratch);
        bc_plan_free(a->versions[i].plan);
        bc_target_free(&a->versions[i].target);
    }
    bc_trace_free(&a->trace);
    free(a->layers);
    free(a);
}

const bc_artefact_facts *bc_artefact_facts_of(const bc_artefact *artefact)
{
    return &artefact->facts;
}

const char *const *bc_artefact_symbols(const bc_artefact *artefact)
{
    return artefact->symbols;
}

/* ---- bytes ---- */

/* Code generation changes its module, so it gets a copy. */
static int machine_code(bc_artefact *a, LLVMCodeGenFileType type, br_error *error)
{
    LLVMModuleRef copy = LLVMCloneModule(a->module);
    int status = bc_module_code(copy, a->machine, type, &a->bytes, error);
    LLVMDisposeModule(copy);
    return status;
}

int bc_artefact_code(bc_artefact *a, bc_code_format format, const char **bytes, size_t *size, br_error *error)
{
    if (a->bytes)
        LLVMDisposeMemoryBuffer(a->bytes);
    a->bytes = NULL;
    if (format == BC_LLVM || format == BC_BITCODE)
        a->bytes = bc_module_written(a->module, format == BC_LLVM);
    else if (machine_code(a, format == BC_OBJECT ? LLVMObjectFile : LLVMAssemblyFile, error) != 0)
        return -1;
    *bytes = LLVMGetBufferStart(a->bytes);
    *size = LLVMGetBufferSize(a->bytes);
    return 0;
}
