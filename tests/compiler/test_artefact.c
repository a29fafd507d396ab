/* Built code against br_predict on random graphs of maps. Drives, levels and probabilities must be equal to the bit,
 * also if many connections are always silent and built code leaves their rows out. A narrow layer whose few connections
 * are listed singly adds them in another order; its levels agree to rounding. The label is always the first class with
 * the largest probability. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <llvm-c/Core.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../reference/random_maps.h"
#include "bouton/program.h"
#include "codegen/jit.h"
#include "cpu_levels.h"
#include "fewer.h"
#include "model/network.h"
#include "trace_check.h"

enum { NETWORKS = 100 };

typedef struct subject {
    random_maps maps;
    bl_context *context;
    const bl_program *program;
    float *in;
    uint32_t *labels;
} subject;

typedef struct tally {
    uint64_t exact, close, dropped, listed, joined, live, ties, zeros;
} tally;

/* One artefact, and the network whose answers it must repeat. */
typedef struct built {
    const subject *subject;
    br_network *network;
    bc_jit *jit; /* holds the artefact's code */
    char *scratch;
    bool exact; /* sums are added in the same order as by br_predict */
} built;

static void subject_new(subject *s, ref_random *random)
{
    memset(s, 0, sizeof *s);
    random_maps_make(&s->maps, random, REF_REPAIRED);
    s->in = calloc(s->maps.batch * ref_values(s->maps.graph.input), sizeof *s->in);
    s->labels = calloc(s->maps.batch, sizeof *s->labels);
    s->context = bl_context_new();
    assert_true(s->in && s->labels && s->context);
    assert_int_equal(bl_load_text(s->context, "random.btn", s->maps.text, strlen(s->maps.text)), 0);
    s->program = bl_check(s->context, NULL);
    assert_non_null(s->program);
    random_maps_state(&s->maps, random);
    random_maps_batch(&s->maps, random, s->in, s->labels);
}

static void subject_free(subject *s)
{
    free(s->in);
    free(s->labels);
    bl_context_free(s->context);
    random_maps_release(&s->maps);
}

/* Sets the drawn state, with a share of the alphas raised to alpha_max. A small sharpness makes near-ties of
 * probabilities, a large one makes zeros. */
static void set_state(const subject *s, br_network *network, ref_random *random, double silent)
{
    static const float sharpness[] = {BR_SHARPNESS_LEAST, 0.5f, BR_SHARPNESS_START, 60, BR_SHARPNESS_MOST};
    br_error error;
    network->sharpness = sharpness[ref_below(random, 5)];
    for (uint32_t l = 0; l < s->maps.graph.layer_count; l++) {
        const br_layer_code *code = &br_network_model(network)->layers[l];
        network->layers[l].calibration = (float)s->maps.graph.layers[l].factor;
        if (!s->maps.alpha[l])
            continue;
        for (uint64_t i = 0; i < (uint64_t)code->shape.inputs * code->shape.neurons; i++)
            if (ref_chance(random, silent))
                s->maps.alpha[l][i] = code->parameters.alpha_max;
        if (br_network_import(network, l, s->maps.alpha[l], s->maps.sign[l], s->maps.theta[l], &error) != 0 ||
            (s->maps.gain[l] && br_network_set_gains(network, l, s->maps.gain[l], &error) != 0))
            fail_msg("%s\n%s", error.message, s->maps.text);
    }
}

/* Loads the artefact's object into this process. */
static bc_jit *load(bc_artefact *artefact)
{
    br_error error;
    const char *bytes;
    size_t size;
    bc_jit *jit = NULL;
    if (bc_artefact_code(artefact, BC_OBJECT, &bytes, &size, &error) != 0 || bc_jit_new(false, &jit, &error) != 0 ||
        bc_jit_add(jit, LLVMCreateMemoryBufferWithMemoryRangeCopy(bytes, size, "model"), &error) != 0)
        fail_msg("%s", error.message);
    return jit;
}

static br_kernel *function(const subject *s, bc_jit *jit, const char *ending)
{
    br_error error;
    char name[300];
    br_kernel *found;
    snprintf(name, sizeof name, "%s%s", s->program->name, ending);
    if (bc_jit_find(jit, name, &found, &error) != 0)
        fail_msg("%s", error.message);
    return found;
}

/* Does built code add sums in another order than br_predict? */
static bool reordered(const subject *s, const bc_artefact_facts *facts)
{
    for (uint32_t l = 0; l < facts->layer_count; l++)
        if (facts->layers[l].listed && s->program->layers[l].kind == BT_LAYER_DENSE)
            return true;
    return false;
}

static bool depresses(const subject *s)
{
    for (uint32_t l = 0; l < s->program->layer_count; l++)
        if (s->program->layers[l].depress_count > 0)
            return true;
    return false;
}

static void count(const subject *s, const bc_artefact_facts *facts, tally *t)
{
    for (uint32_t l = 0; l < facts->layer_count; l++) {
        t->dropped += facts->layers[l].dropped;
        t->listed += facts->layers[l].listed;
        t->joined += s->program->layers[l].source_count > 1;
    }
}

/* Traces one sample: the answer is the same as without a trace, and the trace agrees with the layers' state. */
static void check_trace(const built *b, const float *in, const float *shares, tally *t)
{
    const subject *s = b->subject;
    br_error error;
    br_workspace *workspace;
    uint32_t layers = s->maps.graph.layer_count, classes = s->program->layers[layers - 1].neurons;
    traced look = {.text = s->maps.text, .graph = &s->maps.graph, .network = b->network, .exact = b->exact};
    look.layers = ((layers_function *)(void *)function(s, b->jit, "_layers"))();
    look.connections = (connections_function *)(void *)function(s, b->jit, "_connections");
    trace_function *trace = (trace_function *)(void *)function(s, b->jit, "_trace");
    look.floats = trace_floats(look.layers, layers + 1);
    float *traced = calloc(look.floats, sizeof *traced);
    float *got = calloc(classes, sizeof *got);
    assert_true(traced && got);
    trace(in, got, traced, b->scratch);
    assert_memory_equal(got, shares, classes * sizeof *got);
    look.trace = traced;
    if (br_workspace_new(b->network, 1, false, &workspace, &error) != 0)
        fail_msg("%s", error.message);
    memcpy(workspace->in, traced, trace_values(&look.layers[0]) * sizeof *traced);
    br_forward_alone(workspace, 0, layers, 0, 1);
    look.workspace = workspace;
    for (uint32_t l = 0; l < layers; l++) {
        check_table(&look, l);
        check_activations(&look, l);
        t->live += check_connections(&look, l);
    }
    br_samples alone = {.count = 1, .floats = in, .high = s->maps.range};
    alone.shape = (bt_shape){look.layers[0].height, look.layers[0].width, look.layers[0].channels};
    for (uint32_t k = 0; k < classes; k += 1 + classes / 4)
        check_why(&look, (why_function *)(void *)function(s, b->jit, "_why"), b->network, &alone, k);
    br_workspace_free(workspace);
    free(traced);
    free(got);
}

static void compare_numbers(const built *b, const char *what, const float *got, const float *wanted, uint32_t classes,
                            float near)
{
    for (uint32_t k = 0; k < classes; k++)
        if (b->exact ? got[k] != wanted[k] : fabsf(got[k] - wanted[k]) > near)
            fail_msg("%s of class %u: %.9g, by predict %.9g\n%s", what, k, (double)got[k], (double)wanted[k],
                     b->subject->maps.text);
}

/* The probabilities add up to 1, and looking for the largest gives the label. */
static void check_shares(const built *b, const float *shares, uint32_t classes, uint32_t label, tally *t)
{
    uint32_t best = 0;
    double sum = 0;
    for (uint32_t k = 0; k < classes; k++) {
        if (shares[k] > shares[best])
            best = k;
        t->zeros += shares[k] == 0;
        t->ties += k != label && shares[k] == shares[label];
        sum += (double)shares[k];
    }
    if (best != label || fabs(sum - 1) > 1e-5)
        fail_msg("label %u, largest probability %u, sum %.9g\n%s", label, best, sum, b->subject->maps.text);
}

static void compare(const subject *s, br_network *network, bc_artefact *artefact, const br_samples *samples, tally *t)
{
    static const unsigned char garbage[] = {0x3f, 0xff}; /* floats of 0.747, and NaNs */
    br_error error;
    const bc_artefact_facts *facts = bc_artefact_facts_of(artefact);
    uint32_t classes = bl_last_layer(s->program)->neurons, wanted[64];
    uint64_t values = ref_values(s->maps.graph.input), answers = samples->count * classes;
    br_outputs out = {wanted, calloc(answers, sizeof(float)), calloc(answers, sizeof(float))};
    float *got = calloc(classes, sizeof *got), *levels = calloc(classes, sizeof *levels);
    built b = {s, network, load(artefact), malloc(facts->scratch_bytes), !reordered(s, facts)};
    assert_true(out.levels && out.probabilities && got && levels && b.scratch && samples->count <= 64);
    assert_int_equal(br_predict(network, samples, 1, &out, &error), 0);
    br_answer_function *answer = (br_answer_function *)(void *)function(s, b.jit, "_predict_levels");
    for (uint32_t n = 0; n < samples->count; n++) {
        memset(b.scratch, garbage[n % 2], facts->scratch_bytes);
        uint32_t label = answer(s->in + n * values, got, levels, b.scratch);
        compare_numbers(&b, "level", levels, out.levels + n * classes, classes, 1e-4f);
        compare_numbers(&b, "probability", got, out.probabilities + n * classes, classes, 1); /* as sharp as drawn */
        check_shares(&b, got, classes, label, t);
        check_shares(&b, out.probabilities + n * classes, classes, wanted[n], t);
        if (n == 0)
            check_trace(&b, s->in, got, t);
        if (b.exact && label != wanted[n])
            fail_msg("sample %u: label %u, by predict %u\n%s", n, label, wanted[n], s->maps.text);
    }
    *(b.exact ? &t->exact : &t->close) += 1;
    count(s, facts, t);
    bc_jit_free(b.jit);
    free(out.levels);
    free(out.probabilities);
    free(levels);
    free(got);
    free(b.scratch);
}

static void try_network(const subject *s, ref_random *random, const char *cpu, double silent, tally *t)
{
    br_error error;
    bc_code *code;
    br_network *network = NULL;
    bc_artefact *artefact;
    bc_options options = {.cpu = cpu, .level = 2, .inference_only = true};
    bc_artefact_options built = {.cpus = cpu, .level = 2, .high = s->maps.range};
    if (bc_compile(s->program, &options, &code, &error) != 0 ||
        br_network_new(bc_code_model(code), &network, &error) != 0)
        fail_msg("%s\n%s", error.message, s->maps.text);
    set_state(s, network, random, silent);
    if (bc_artefact_new(s->program, network, NULL, &built, &artefact, &error) != 0)
        fail_msg("%s\n%s", error.message, s->maps.text);
    const bl_input *input = &s->program->input;
    br_samples samples = {.count = s->maps.batch,
                          .shape = {input->height, input->width, input->channels},
                          .floats = s->in,
                          .high = s->maps.range};
    if (!reordered(s, bc_artefact_facts_of(artefact)) || !depresses(s)) /* a rounding may decide which neuron stays */
        compare(s, network, artefact, &samples, t);
    bc_artefact_free(artefact);
    br_network_free(network);
    bc_code_free(code);
}

static void built_code_answers_as_predict_does(void **state)
{
    static const double silent[] = {0, .5, .9, .98};
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20250117;
    tally t = {0};
    (void)state;
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    for (uint32_t i = 0; i < fewer(NETWORKS); i++) {
        ref_random random = {seed * 1000003u + i};
        subject s;
        subject_new(&s, &random);
        for (uint32_t c = 0; c < CPU_LEVELS; c++)
            if (cpu_level_runs(c) && (c == 0 || i % 4 == c % 4))
                try_network(&s, &random, cpu_levels[c], silent[i / 4 % 4], &t);
        subject_free(&s);
    }
    print_message(
        "%llu alike to the bit, %llu to rounding; %llu rows left out, %llu layers listed, %llu joined; %llu live "
        "connections looked at; %llu ties of probabilities, %llu of them 0\n",
        (unsigned long long)t.exact, (unsigned long long)t.close, (unsigned long long)t.dropped,
        (unsigned long long)t.listed, (unsigned long long)t.joined, (unsigned long long)t.live,
        (unsigned long long)t.ties, (unsigned long long)t.zeros);
    uint32_t drawn = fewer(NETWORKS);
    assert_true(t.exact + t.close >= drawn / 2 && t.exact > t.close && t.live > drawn);
    if (drawn == NETWORKS) /* few networks need not have some of each */
        assert_true(t.dropped > 100 && t.listed > 10 && t.joined > 10 && t.live > 10000 && t.ties > 10 && t.zeros > 10);
}

/* More bounds than code can hold are refused before memory is allocated. */
static void too_many_bounds_are_refused(void **state)
{
    static const char text[] = "network wide { input vector(20_000); layer a = dense(8_000); }";
    bl_context *context = bl_context_new();
    br_error error;
    bc_artefact *artefact;
    bc_artefact_options options = {.cpus = "generic", .high = 1};
    (void)state;
    assert_int_equal(bl_load_text(context, "wide.btn", text, strlen(text)), 0);
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    assert_int_equal(bc_artefact_new(program, NULL, NULL, &options, &artefact, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    assert_non_null(strstr(error.message, "too much to be built into code"));
    bl_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(built_code_answers_as_predict_does),
                                       cmocka_unit_test(too_many_bounds_are_refused)};
    return cmocka_run_group_tests_name("compiler/artefact", tests, NULL, NULL);
}
