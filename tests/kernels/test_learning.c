/* C source that learns, against bouton's own training with a batch of one sample and against the scalar reference, on
 * random networks of dense layers by the repaired and the gradient rule: one step from equal states, and many steps on
 * end. A state that is kept and taken back goes on as if it had not been; hostile ones are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../reference/random_network.h"
#include "artefact/csource/learn.h"
#include "c_source.h"
#include "fewer.h"
#include "text_network.h"
#include "train/learn.h"

enum { NETWORKS = 12, STEPS = 30, BEFORE = 3 }; /* BEFORE: numbers of a state in front of its bounds */

#define NEAR       1e-5 /* of the largest bound */
#define LEAST_NEAR 0.97 /* share of numbers that must be near */

typedef uint32_t learn_floats(const float *in, uint32_t label, float *state, void *scratch);
typedef uint32_t predict_floats(const float *in, float *levels, const float *state, void *scratch);
typedef void begin_state(float *state);
typedef int fits_state(const float *state);

typedef struct subject {
    random_network drawn;
    text_network text;
    bc_source *source;
    void *library, *scratch;
    learn_floats *learn;
    predict_floats *predict;
    begin_state *begin;
    fits_state *fits;
    br_phase phase;
    uint32_t last, inputs, values, neurons;
    float eta, theta_xi;
    float *state, *kept, *w, *theta, *conscience; /* w, theta: of the network */
    double most;                                  /* the largest |v| */
} subject;

typedef struct tally {
    uint64_t numbers, close, equal, moved, crossed;
    uint32_t gradient, thetas, leaks, sides, valves, fixed, shared, hinges;
} tally;

/* ---- compiling ---- */

static char folder[] = "/tmp/bouton-learning-XXXXXX";

static void compile(subject *s, const char *compiler)
{
    s->library = c_source_load(s->source, folder, compiler, s->drawn.text);
    s->learn = (learn_floats *)c_source_function(s->library, "random", "_learn");
    s->predict = (predict_floats *)c_source_function(s->library, "random", "_predict");
    s->begin = (begin_state *)c_source_function(s->library, "random", "_state_begin");
    s->fits = (fits_state *)c_source_function(s->library, "random", "_state_fits");
}

/* ---- subjects ---- */

/* Networks whose last layer learns, without means of steps. `sum shared` divides roundings by sums that may be small. */
static void draw(subject *s, ref_random *random, ref_rule rule)
{
    for (;;) {
        random_network_make_by(&s->drawn, random, rule);
        const ref_network *network = &s->drawn.network;
        bool below = false;
        s->last = network->layer_count - 1;
        for (uint32_t l = 0; l < s->last; l++)
            below |= network->layers[l].sum == REF_SHARED;
        if (s->drawn.corrected[s->last] && network->momentum == 0 && !network->adapts && !below &&
            network->layers[s->last].neurons > 1)
            return;
        random_network_release(&s->drawn);
    }
}

static void give_state(subject *s)
{
    br_error error;
    for (uint32_t l = 0; l <= s->last; l++)
        if (br_network_import(s->text.network, l, s->drawn.alpha[l], s->drawn.sign[l], s->drawn.theta[l], &error) != 0)
            fail_msg("%s\n%s", error.message, s->drawn.text);
}

static void subject_new(subject *s, ref_random *random, ref_rule rule, const char *compiler)
{
    br_error error;
    const bc_options options = {.cpu = "generic", .level = 1};
    char name[16];
    const bc_artefact_options learning = {.high = 1, .model = 0x0123456789abcdef, .learn = name};
    memset(s, 0, sizeof *s);
    draw(s, random, rule);
    text_network_compile(&s->text, s->drawn.text, &options);
    text_network_start(&s->text);
    give_state(s);
    snprintf(name, sizeof name, "l%u", s->last);
    if (bc_source_new(s->text.program, s->text.network, &learning, &s->source, &error) != 0)
        fail_msg("%s\n%s", error.message, s->drawn.text);
    compile(s, compiler);
    const ref_layer *layer = &s->drawn.network.layers[s->last];
    s->inputs = layer->inputs;
    s->neurons = layer->neurons;
    s->values = s->drawn.network.layers[0].inputs;
    s->most = 1 / (1 - layer->alpha_max) - 1 / (1 - layer->alpha_min);
    uint64_t numbers = BEFORE + (uint64_t)s->inputs * s->neurons + s->neurons;
    s->state = calloc(numbers, sizeof *s->state);
    s->kept = calloc(numbers, sizeof *s->kept);
    s->w = calloc(numbers, sizeof *s->w);
    s->theta = calloc(s->neurons, sizeof *s->theta);
    s->conscience = calloc(s->neurons, sizeof *s->conscience);
    s->scratch = malloc(bc_source_facts(s->source)->scratch_bytes);
    assert_true(s->state && s->kept && s->w && s->theta && s->conscience && s->scratch);
    s->phase = s->text.schedule.phases[0];
    for (uint32_t i = 0; i < s->phase.layer_count; i++)
        if (s->phase.layers[i] == s->last) {
            s->eta = s->phase.eta[i];
            s->theta_xi = s->phase.theta_xi[i];
        }
    s->phase.layers = &s->last;
    s->phase.eta = &s->eta;
    s->phase.theta_xi = &s->theta_xi;
    s->phase.layer_count = 1;
    s->phase.batch = 1;
    s->drawn.network.weighs_classes = false; /* one sample has no rare classes */
    s->phase.weigh_classes = false;
}

static void subject_free(subject *s)
{
    dlclose(s->library);
    bc_source_free(s->source);
    text_network_end(&s->text);
    random_network_release(&s->drawn);
    free(s->state);
    free(s->kept);
    free(s->w);
    free(s->theta);
    free(s->conscience);
    free(s->scratch);
}

/* ---- one sample ---- */

typedef struct sample {
    float raw[512], activations[512];
    uint32_t label;
} sample;

/* The source scales raw values as the runtime does. */
static void draw_sample(const subject *s, ref_random *random, sample *out)
{
    const float range = (float)s->text.program->input.range;
    assert_true(s->values <= 512);
    random_sample(random, out->raw, s->values, 1);
    for (uint32_t i = 0; i < s->values; i++)
        out->activations[i] = range * out->raw[i];
    out->label = ref_below(random, s->neurons);
}

static void learn_at_home(subject *s, const sample *one)
{
    br_error error;
    if (br_learn_batch(s->text.network, one->activations, &one->label, 1, &s->phase, NULL, &error) != 0)
        fail_msg("%s", error.message);
    br_network_state(s->text.network, s->last, s->w, s->theta, s->conscience);
}

static void learn_by_reference(subject *s, const sample *one)
{
    double eta[RANDOM_LAYERS] = {0};
    bool corrected[RANDOM_LAYERS] = {false};
    eta[s->last] = s->drawn.eta[s->last];
    corrected[s->last] = true;
    ref_learn(&s->drawn.network, one->activations, &one->label, 1, eta, s->drawn.xi, corrected);
}

/* ---- comparisons ---- */

static void compare(double got, double wanted, double most, tally *t)
{
    t->numbers++;
    t->equal += (float)got == (float)wanted;
    t->close += fabs(got - wanted) <= NEAR * most;
}

static void compare_with_home(const subject *s, tally *t)
{
    uint64_t bounds = (uint64_t)s->inputs * s->neurons;
    for (uint64_t i = 0; i < bounds; i++)
        compare(s->state[BEFORE + i], s->w[i], s->most, t);
    for (uint32_t k = 0; s->theta_xi > 0 && k < s->neurons; k++)
        compare(s->state[BEFORE + bounds + k], s->theta[k], 1, t);
}

static void compare_with_reference(const subject *s, tally *t)
{
    const ref_layer *layer = &s->drawn.network.layers[s->last];
    uint64_t bounds = (uint64_t)s->inputs * s->neurons;
    for (uint32_t i = 0; i < s->inputs; i++)
        for (uint32_t k = 0; k < s->neurons; k++)
            compare(s->state[BEFORE + (uint64_t)i * s->neurons + k], ref_v(layer, k, i), s->most, t);
    for (uint32_t k = 0; s->theta_xi > 0 && k < s->neurons; k++)
        compare(s->state[BEFORE + bounds + k], layer->theta[k], 1, t);
}

/* Many steps of all three on end. A rounding may decide whether a connection is live, so a few numbers may be farther
 * apart; what is compared is that they are few. */
static void steps_agree(subject *s, ref_random *random, tally *home, tally *reference)
{
    sample one;
    uint64_t bounds = (uint64_t)s->inputs * s->neurons;
    s->begin(s->state);
    assert_true(s->fits(s->state));
    assert_float_equal(s->state[2], (float)(s->drawn.eta[s->last] * s->drawn.xi), 1e-6);
    memcpy(s->kept, s->state, bc_source_facts(s->source)->state_bytes);
    for (uint32_t i = 0; i < STEPS; i++) {
        draw_sample(s, random, &one);
        memset(s->scratch, 0xff, bc_source_facts(s->source)->scratch_bytes); /* NaNs */
        uint32_t before = s->predict(one.raw, NULL, s->state, s->scratch);
        assert_int_equal(s->learn(one.raw, one.label, s->state, s->scratch), before);
        assert_true(s->fits(s->state));
        learn_at_home(s, &one);
        learn_by_reference(s, &one);
        compare_with_home(s, home);
        compare_with_reference(s, reference);
    }
    for (uint64_t i = BEFORE; i < BEFORE + bounds; i++) {
        home->moved += s->state[i] != s->kept[i];
        home->crossed += (s->state[i] < 0) != (s->kept[i] < 0);
    }
}

/* Every number of a state is checked: what is not of this model, too large or no number at all is known. */
static void states_are_known(subject *s)
{
    uint64_t bounds = (uint64_t)s->inputs * s->neurons;
    const float wrong[] = {NAN, INFINITY, -INFINITY, (float)s->most * 1.01f, (float)s->most * -1.01f};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (uint64_t at = BEFORE; at<BEFORE + bounds; at += bounds> 1 ? bounds - 1 : 1) {
            float was = s->state[at];
            s->state[at] = wrong[i];
            assert_false(s->fits(s->state));
            s->state[at] = was;
        }
    for (int at = 0; at < BEFORE; at++) {
        float was = s->state[at];
        s->state[at] = NAN;
        assert_false(s->fits(s->state));
        s->state[at] = was;
    }
    if (s->theta_xi > 0) {
        float *last = &s->state[BEFORE + bounds + s->neurons - 1], was = *last;
        *last = -0.1f;
        assert_false(s->fits(s->state));
        *last = was;
    }
    assert_true(s->fits(s->state));
}

/* A label that is none, and a rate of 0, leave the bounds as they are. */
static void nothing_is_learned(subject *s, ref_random *random)
{
    uint64_t bytes = bc_source_facts(s->source)->state_bytes;
    sample one;
    draw_sample(s, random, &one);
    memcpy(s->kept, s->state, bytes);
    s->learn(one.raw, s->neurons, s->state, s->scratch);
    s->learn(one.raw, UINT32_MAX, s->state, s->scratch);
    assert_memory_equal(s->kept, s->state, bytes);
    s->state[2] = s->kept[2] = 0;
    s->learn(one.raw, one.label, s->state, s->scratch);
    assert_memory_equal(s->kept, s->state, 4 * (BEFORE + (uint64_t)s->inputs * s->neurons));
}

static void count_settings(const subject *s, tally *t)
{
    const ref_layer *layer = &s->drawn.network.layers[s->last];
    t->gradient += s->drawn.network.rule == REF_GRADIENT;
    t->thetas += s->theta_xi > 0;
    t->leaks += layer->leak > 0;
    t->sides += layer->alpha_max < layer->range_in;
    t->valves += layer->switches && layer->tau < layer->alpha_max;
    t->fixed += !layer->switches;
    t->shared += layer->sum == REF_SHARED;
    t->hinges += s->drawn.network.error == REF_HINGE;
}

static void learns_as_bouton_does(void **state)
{
    uint64_t seed = c_source_begin(folder, 20261130);
    tally home = {0}, reference = {0};
    (void)state;
    for (uint32_t i = 0; i < fewer(NETWORKS); i++) {
        ref_random random = {seed * 1000003u + i};
        subject s;
        subject_new(&s, &random, i % 4 == 3 ? REF_GRADIENT : REF_REPAIRED, c_source_compiler(i));
        count_settings(&s, &home);
        steps_agree(&s, &random, &home, &reference);
        states_are_known(&s);
        nothing_is_learned(&s, &random);
        subject_free(&s);
    }
    c_source_remove(folder);
    print_message("%llu numbers: %.4f%% equal training's, %.4f%% are near; near the reference: %.4f%%; %llu bounds "
                  "moved, %llu crossed 0\n",
                  (unsigned long long)home.numbers, 100.0 * (double)home.equal / (double)home.numbers,
                  100.0 * (double)home.close / (double)home.numbers,
                  100.0 * (double)reference.close / (double)reference.numbers, (unsigned long long)home.moved,
                  (unsigned long long)home.crossed);
    print_message(
        "layers: %u by the gradient, %u with thresholds, %u with leak, %u with alpha below the range, %u with "
        "a valve, %u with fixed signs, %u with shared sums, %u by the hinge\n",
        home.gradient, home.thetas, home.leaks, home.sides, home.valves, home.fixed, home.shared, home.hinges);
    assert_true(home.moved > 0 && (fewer(NETWORKS) < NETWORKS || home.crossed > 0));
    assert_true((double)home.close >= LEAST_NEAR * (double)home.numbers);
    assert_true((double)reference.close >= LEAST_NEAR * (double)reference.numbers);
}

/* ---- what can't learn ---- */

static void refuses(const char *text, const char *layer, const char *words)
{
    static const bc_line lines[] = {{.file = "n.btn", .line = 1, .column = 7},
                                    {.file = "n.btn", .line = 2, .column = 7}};
    const bc_options options = {.cpu = "generic", .level = 0};
    const bc_artefact_options learning = {.high = 1, .learn = layer, .lines = lines};
    text_network t;
    bc_source *source = NULL;
    br_error error = {0};
    text_network_compile(&t, text, &options);
    text_network_start(&t);
    assert_int_equal(bc_source_new(t.program, t.network, &learning, &source, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    if (!strstr(error.message, words))
        fail_msg("%s\n%s\nwithout: %s", text, error.message, words);
    text_network_end(&t);
}

#define TEXT(layer, phase)                                                                                             \
    "network n { input vector(4); layer a = dense(6); layer b = dense(3) {" layer "} }\nschedule { phase p {" phase    \
    "} }"

static void tells_what_cannot_learn(void **state)
{
    (void)state;
    refuses(TEXT("", "correct a, b;"), "a",
            "n.btn:1:7: layer a: it can't learn on a device, where only the last layer");
    refuses(TEXT("", "correct a, b;"), "c", "network n has no layer of this name; name the last layer, b");
    refuses(TEXT("depress over filters;", "correct a, b;"), "b",
            "n.btn:2:7: layer b: it can't learn on a device, "
            "because its neurons depress each other; leave");
    refuses(TEXT("alpha frozen;", "correct a;"), "b", "because it is frozen");
    refuses(TEXT("", "correct a;"), "b", "no phase of the schedule corrects it; add a phase that does");
    refuses(TEXT("", "correct a, b; adaptive 0.99;"), "b", "`adaptive` keeps two more numbers for each connection");
    refuses("rule printed;\n" TEXT("", "correct a, b;"), "b", "by `rule printed`; use `rule repaired`");
}

/* With momentum, a step goes on for 1/(1 - B1) times its length; with several phases, the last one that corrects counts. */
static void rates_are_those_of_the_last_phase(void **state)
{
    (void)state;
    static const struct {
        const char *phases;
        double rate;
    } CASES[] = {{"phase p { correct a, b; eta 0.2 on b; xi 0.5; }", .1},
                 {"phase p { correct a, b; eta 0.2 on b; momentum 0.75; }", .8},
                 {"phase p { correct a, b; } phase q { correct b; eta 0.7 on b; }", .7},
                 {"phase p { correct a, b; eta 0.4 on b; } phase q { correct a; eta 0.7 on a; }", .4}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const bc_options options = {.cpu = "generic", .level = 0};
        const bc_artefact_options learning = {.high = 1, .learn = "b"};
        char text[256];
        text_network t;
        bc_source *source;
        br_error error = {0};
        snprintf(text, sizeof text,
                 "network n { input vector(4); layer a = dense(6); layer b = dense(3); } schedule { %s }",
                 CASES[i].phases);
        text_network_compile(&t, text, &options);
        text_network_start(&t);
        if (bc_source_new(t.program, t.network, &learning, &source, &error) != 0)
            fail_msg("%s", error.message);
        assert_float_equal(source->learning.rate, CASES[i].rate, 1e-6);
        assert_int_equal(bc_source_facts(source)->state_bytes, 4 * (BEFORE + 6 * 3));
        bc_source_free(source);
        text_network_end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(learns_as_bouton_does),
                                       cmocka_unit_test(tells_what_cannot_learn),
                                       cmocka_unit_test(rates_are_those_of_the_last_phase)};
    return cmocka_run_group_tests_name("kernels/learning", tests, NULL, NULL);
}
