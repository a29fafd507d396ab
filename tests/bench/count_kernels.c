/* Calls every kernel of every layer once, each between two marks for callgrind:   count_kernels FILE.btn CPU NETWORK...
 *
 * Under `valgrind --tool=callgrind --instr-atstart=no` (tests/bench/count.sh) each kernel leaves one dump, named
 * NETWORK.LAYER.KERNEL, whose total is the number of its instructions. The input is a batch of drawn digits. The
 * network learns from it once first, so that every layer has activations and errors. Prints the version of LLVM. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <valgrind/callgrind.h>

#include "bouton/compiler.h"
#include "data/batch.h"
#include "engine/int8.h"
#include "train/learn.h"

enum { BATCH = 16, LAYERS_MOST = 16 };

/* The unit of each range of a kernel (bouton/model.h). A range covers all of it, or one sample and one group. */
typedef enum range { NOTHING, SAMPLES, ROWS, BLOCKS, SUMS, ONE } range;

/* X(kernel, first range, second range) for dense layers and pools; count_layer treats convolutions where they differ.
 * The int8 kernels come first: the float kernels overwrite their outputs before other kernels read them. */
#define KERNELS(X)                                                                                                     \
    X(quantise, SAMPLES, NOTHING)                                                                                      \
    X(forward_int8, SAMPLES, BLOCKS)                                                                                   \
    X(events, SAMPLES, NOTHING)                                                                                        \
    X(forward, SAMPLES, SUMS)                                                                                          \
    X(terms, SAMPLES, NOTHING)                                                                                         \
    X(forward_dense, SAMPLES, BLOCKS)                                                                                  \
    X(pack, BLOCKS, NOTHING)                                                                                           \
    X(transpose, SAMPLES, NOTHING)                                                                                     \
    X(forward_packed, SAMPLES, BLOCKS)                                                                                 \
    X(depress, SAMPLES, NOTHING)                                                                                       \
    X(gate, SAMPLES, NOTHING)                                                                                          \
    X(rows_of, SAMPLES, ROWS)                                                                                          \
    X(pairs, ONE, ONE)                                                                                                 \
    X(feedback, SAMPLES, ROWS)                                                                                         \
    X(step, ROWS, BLOCKS)                                                                                              \
    X(learn, ONE, ONE)                                                                                                 \
    X(apply, BLOCKS, NOTHING)                                                                                          \
    X(threshold, SAMPLES, BLOCKS)

static _Noreturn void stop(const char *what)
{
    fprintf(stderr, "count_kernels: %s\n", what);
    exit(1);
}

static uint32_t end_of(const br_layer_code *code, range range)
{
    switch (range) {
    case NOTHING:
        return 0;
    case SAMPLES:
        return BATCH;
    case ROWS:
        return code->layout.rows;
    case BLOCKS:
        return code->layout.pitch / code->layout.lanes;
    case SUMS: /* all lines of a map, or all blocks of a dense layer */
        return code->kind == BT_LAYER_DENSE ? end_of(code, BLOCKS) : 0;
    case ONE:
        return 1;
    }
    return 0;
}

static void count_one(const char *name, br_kernel *kernel, const br_layer_state *state, uint32_t end, uint32_t part_end)
{
    CALLGRIND_ZERO_STATS;
    kernel(state, 0, end, 0, part_end);
    CALLGRIND_DUMP_STATS_AT(name);
}

static float *floats_new(uint64_t count)
{
    float *floats = aligned_alloc(64, count * sizeof *floats);
    if (!floats)
        stop("no memory");
    return floats;
}

static void count_layer(const br_model *model, const br_layer_code *code, const br_layer_state *learning)
{
    char name[256];
    br_layer_state answering = *learning, *state = &answering; /* with packed bounds, if the layer supports them */
    if (code->kernels.pack) {
        state->tiles.packed = floats_new(code->layout.pitch / code->layout.lanes * code->layout.packed_stride);
        state->tiles.transposed = floats_new(
            BATCH * (uint64_t)(code->kind == BT_LAYER_CONV ? code->shape.padded : code->shape.in).sample_stride);
    }
#define X(kernel, first, second)                                                                                       \
    if (code->kernels.kernel) {                                                                                        \
        bool one = code->kind == BT_LAYER_CONV &&                                                                      \
                   (code->kernels.kernel == code->kernels.feedback || code->kernels.kernel == code->kernels.step);     \
        snprintf(name, sizeof name, "%s.%s.%s", model->name, code->name, #kernel);                                     \
        count_one(name, code->kernels.kernel, state, end_of(code, one ? ONE : first),                                  \
                  end_of(code, one ? ONE : second));                                                                   \
    }
    KERNELS(X)
#undef X
    if (code->kernels.pack) {
        free(state->tiles.packed);
        free(state->tiles.transposed);
    }
}

/* Every layer with connections is corrected. */
static br_phase phase_of(const bl_program *program, uint32_t *layers, float *eta, float *theta_xi)
{
    br_phase phase = {.batch = BATCH, .xi = 1, .layers = layers, .eta = eta, .theta_xi = theta_xi};
    for (uint32_t i = 0; i < program->layer_count; i++) {
        if (program->layers[i].kind == BT_LAYER_POOL)
            continue;
        layers[phase.layer_count] = i;
        eta[phase.layer_count] = 0.01f;
        theta_xi[phase.layer_count++] = (float)program->layers[i].theta_xi;
    }
    return phase;
}

/* One thread learns from the batch once. */
static void learn_once(void *user, uint32_t member)
{
    br_learner *learner = user;
    br_learn_part(learner, member, BATCH);
}

static void fill(br_learner *learner, const br_samples *samples)
{
    br_workspace *workspace = learner->workspace;
    br_gather gather = br_gather_new(samples, workspace->model->input_range);
    if (samples->count < BATCH)
        stop("too few samples");
    for (uint32_t i = 0; i < BATCH; i++) {
        br_gather_sample(&gather, i, 0, 0, false,
                         workspace->in + (uint64_t)i * workspace->model->layers[0].shape.in.sample_stride);
        workspace->labels[i] = samples->labels[i];
    }
}

static void count_learner(br_learner *learner)
{
    const br_workspace *workspace = learner->workspace;
    const br_model *model = workspace->model;
    char name[256];
    CALLGRIND_START_INSTRUMENTATION;
    for (uint32_t i = 0; i < model->layer_count; i++)
        count_layer(model, &model->layers[i], &workspace->layers[i]);
    snprintf(name, sizeof name, "%s.error", model->name);
    count_one(name, learner->error, &workspace->layers[br_last_layer(model)], BATCH, 0);
    CALLGRIND_STOP_INSTRUMENTATION;
}

static void count_network(bl_context *context, const char *network, const char *cpu)
{
    br_error error = {0};
    br_data_spec spec;
    br_schedule schedule;
    br_data *data;
    bc_code *code;
    br_network *net;
    br_team *team;
    br_learner learner;
    br_quantised *quantised;
    bc_options options = BC_OPTIONS_DEFAULT;
    options.cpu = cpu;
    options.quantise = true;
    const bl_program *program = bl_check(context, network);
    bl_write_diagnostics(context, stderr, false);
    if (!program || program->layer_count > LAYERS_MOST)
        stop("a network that is too deep, or a mistake in the file");
    if (bc_lower_data(program, &spec, &error) || bc_lower_schedule(program, &schedule, &error) ||
        bc_compile(program, &options, &code, &error) || br_data_load(&spec, 1, &data, &error) ||
        br_network_new(bc_code_model(code), &net, &error) ||
        br_network_start(net, schedule.starts, schedule.seed, &error) || br_team_new(1, &team, &error))
        stop(error.message);
    for (uint32_t i = 0; i < program->layer_count; i++)
        if (bc_code_model(code)->layers[i].layout.dense_above < 1 &&
            (br_method_make(net, i, BT_METHOD_DENSE, &error) || br_method_make(net, i, BT_METHOD_PACKED, &error)))
            stop(error.message);
    uint32_t layers[LAYERS_MOST];
    float eta[LAYERS_MOST], theta_xi[LAYERS_MOST];
    br_phase phase = phase_of(program, layers, eta, theta_xi);
    if (br_learner_begin(&learner, net, team, &phase, 0, &error))
        stop(error.message);
    br_learner_rates(&learner, &phase, 1);
    fill(&learner, br_data_split(data, BT_SPLIT_TRAIN));
    br_team_run(team, learn_once, &learner);
    if (br_quantise(net, &(br_samples){0}, 1, &quantised, &error) || br_work_int8(learner.workspace, quantised, &error))
        stop(error.message);
    count_learner(&learner);
    br_learner_end(&learner);
    br_quantised_free(quantised);
    br_team_free(team);
    br_network_free(net);
    bc_code_free(code);
    br_data_free(data);
    bc_lowered_data_free(&spec);
    bc_lowered_schedule_free(&schedule);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fputs("usage: count_kernels FILE.btn CPU NETWORK...\n", stderr);
        return 2;
    }
    printf("llvm %s\n", bc_llvm_version());
    for (int i = 3; i < argc; i++) {
        bl_context *context = bl_context_new();
        if (!context || bl_load(context, argv[1]) != 0)
            stop("the file cannot be read");
        count_network(context, argv[i], argv[2]);
        bl_context_free(context);
    }
    return 0;
}
