/* `alpha frozen`: bounds, signs and thresholds keep every bit in phases that pass feedback through the layer. The
 * checker refuses phases that would correct the layer or let it compete: tests/lang/test_phases.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../reference/random_network.h"
#include "bouton/compiler.h"
#include "train/learn.h"

enum { BATCHES = 20, BATCH = 4, INPUTS = 36, CLASSES = 3, LAYERS = 3 };

/* The frozen layer `still` has a layer below and one above. Its learning thresholds and its leak must have no effect.
 * */
static const char CONVOLUTIONS[] =
    "network n {\n  input image(6x6);\n"
    "  layer below = conv(3x3, 5) { sum scaled(2); }\n"
    "  layer still = conv(2x2, 9) { alpha = uniform(0, 0.3) frozen; leak 0.5; neuron alpha 0.05 learned xi 0.1; }\n"
    "  layer above = dense(3);\n}\n";
static const char DENSE[] =
    "network n {\n  input image(6x6);\n"
    "  layer below = dense(20);\n"
    "  layer still = dense(70) { alpha = uniform(0, 0.3) frozen; leak 0.5; neuron alpha 0.05 learned xi 0.1; }\n"
    "  layer above = dense(3);\n}\n";
static const char PRINTED[] =
    "network n {\n  input image(6x6);\n"
    "  layer below = dense(20);\n"
    "  layer still = dense(70) { alpha = uniform(0, 0.3) frozen; neuron alpha 0.05 learned xi 0.1; }\n"
    "  layer above = dense(3);\n}\n";

static const struct {
    const char *rule, *network;
} CASES[] = {{"repaired", CONVOLUTIONS},
             {"repaired", DENSE},
             {"gradient", CONVOLUTIONS},
             {"gradient", DENSE},
             {"printed", PRINTED}};

/* The exported state of a layer. */
typedef struct state {
    float *alpha, *theta;
    int8_t *sign;
    uint64_t connections;
    uint32_t neurons;
} state;

static state state_of(const br_network *network, uint32_t layer)
{
    const br_layer_code *code = &network->model->layers[layer];
    state s = {.connections = (uint64_t)code->shape.inputs * code->shape.neurons, .neurons = code->shape.neurons};
    s.alpha = calloc(s.connections, sizeof *s.alpha);
    s.sign = calloc(s.connections, sizeof *s.sign);
    s.theta = calloc(s.neurons, sizeof *s.theta);
    assert_true(s.alpha && s.sign && s.theta);
    br_network_export(network, layer, s.alpha, s.sign, s.theta);
    return s;
}

static bool same(const state *a, const state *b)
{
    return memcmp(a->alpha, b->alpha, a->connections * sizeof *a->alpha) == 0 &&
           memcmp(a->sign, b->sign, a->connections * sizeof *a->sign) == 0 &&
           memcmp(a->theta, b->theta, a->neurons * sizeof *a->theta) == 0;
}

static void state_free(state *s)
{
    free(s->alpha);
    free(s->sign);
    free(s->theta);
}

static void learn(br_network *network, const br_schedule *schedule)
{
    br_error error;
    ref_random random = {7};
    float in[BATCH * INPUTS];
    uint32_t labels[BATCH];
    for (int b = 0; b < BATCHES; b++) {
        for (int n = 0; n < BATCH; n++) {
            labels[n] = ref_below(&random, CLASSES);
            random_sample(&random, in + n * INPUTS, INPUTS, .5f);
        }
        if (br_learn_batch(network, in, labels, BATCH, &schedule->phases[0], NULL, &error) != 0)
            fail_msg("%s", error.message);
    }
}

typedef struct subject {
    bl_context *context;
    bc_code *code;
    br_schedule schedule;
    br_network *network;
    char text[2048];
} subject;

static void subject_new(subject *s, const char *rule, const char *network_text)
{
    br_error error;
    const bc_options options = BC_OPTIONS_DEFAULT;
    memset(s, 0, sizeof *s);
    snprintf(s->text, sizeof s->text, "rule %s;\n%sschedule { phase p { correct below, above; eta 0.1; } }\n", rule,
             network_text);
    s->context = bl_context_new();
    assert_non_null(s->context);
    assert_int_equal(bl_load_text(s->context, "frozen.btn", s->text, strlen(s->text)), 0);
    const bl_program *program = bl_check(s->context, NULL);
    if (!program) {
        bl_write_diagnostics(s->context, stderr, false);
        fail_msg("the checker refused:\n%s", s->text);
    }
    if (bc_compile(program, &options, &s->code, &error) != 0 || bc_lower_schedule(program, &s->schedule, &error) != 0 ||
        br_network_new(bc_code_model(s->code), &s->network, &error) != 0 ||
        br_network_start(s->network, s->schedule.starts, 3, &error) != 0)
        fail_msg("%s", error.message);
}

static void subject_free(subject *s)
{
    br_network_free(s->network);
    bc_lowered_schedule_free(&s->schedule);
    bc_code_free(s->code);
    bl_context_free(s->context);
}

static void try_case(const char *rule, const char *network_text)
{
    subject s;
    state before[LAYERS], after[LAYERS];
    subject_new(&s, rule, network_text);
    for (uint32_t l = 0; l < LAYERS; l++)
        before[l] = state_of(s.network, l);
    learn(s.network, &s.schedule);
    for (uint32_t l = 0; l < LAYERS; l++)
        after[l] = state_of(s.network, l);
    if (!same(&before[1], &after[1]))
        fail_msg("the frozen layer moved:\n%s", s.text);
    if (same(&before[0], &after[0]) || same(&before[2], &after[2]))
        fail_msg("its neighbours did not learn:\n%s", s.text);
    for (uint32_t l = 0; l < LAYERS; l++) {
        state_free(&before[l]);
        state_free(&after[l]);
    }
    subject_free(&s);
}

static void frozen_layers_stay(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        try_case(CASES[i].rule, CASES[i].network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(frozen_layers_stay)};
    return cmocka_run_group_tests_name("compiler/frozen", tests, NULL, NULL);
}
