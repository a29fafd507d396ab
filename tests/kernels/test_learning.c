/* C source that learns, against bouton's own training with a batch of one sample and against the scalar reference, on
 * random networks of dense layers by the repaired and the gradient rule, of which the last one, two or more learn: one step
 * from equal states, and many steps on end. A state that is kept and taken back goes on as if it had not been; hostile
 * ones are known. */
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

enum { NETWORKS = 18, STEPS = 30, MODEL = 2 }; /* MODEL: numbers of a state in front of its rates */

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
    uint32_t first, last, values, neurons; /* neurons: of the last layer */
    uint64_t numbers;                      /* of a state */
    uint32_t layers[RANDOM_LAYERS];        /* first .. last */
    float eta[RANDOM_LAYERS], theta_xi[RANDOM_LAYERS];
    float *state, *kept, *w, *theta, *conscience; /* w, theta: of a layer of the network */
} subject;

typedef struct tally {
    uint64_t numbers, close, equal, moved, crossed;
    uint32_t several, below, gradient, thetas, leaks, sides, valves, fixed, shared, hinges;
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

/* Whether a layer before the last one can learn. */
static bool may_learn(const random_network *drawn, uint32_t l)
{
    return drawn->corrected[l] && drawn->network.layers[l].neuron.way == REF_WAY_RAMP &&
           !drawn->network.layers[l].homeostasis;
}

/* Networks whose last layers learn, without means of steps: as many as can, if `several`, and then no fewer than two. `sum
 * shared` divides roundings by sums that may be small. */
static void draw(subject *s, ref_random *random, ref_rule rule, bool several)
{
    for (;;) {
        random_network_make_by(&s->drawn, random, rule);
        const ref_network *network = &s->drawn.network;
        bool below = false;
        s->first = s->last = network->layer_count - 1;
        for (uint32_t l = 0; l < s->last; l++)
            below |= network->layers[l].sum == REF_SHARED;
        while (several && s->first > 0 && may_learn(&s->drawn, s->first - 1))
            s->first--;
        if (s->drawn.corrected[s->last] && network->momentum == 0 && !network->adapts && !below &&
            network->layers[s->last].neurons > 1 && (!several || s->first < s->last))
            return;
        random_network_release(&s->drawn);
    }
}

static double most_of(const ref_layer *layer) /* the largest |v| */
{
    return 1 / (1 - layer->alpha_max) - 1 / (1 - layer->alpha_min);
}

static uint64_t bounds_of(const ref_layer *layer)
{
    return (uint64_t)layer->inputs * layer->neurons;
}

/* Where the bounds of a layer that learns begin in a state: behind the model and the rates. */
static uint64_t bounds_at(const subject *s, uint32_t layer)
{
    uint64_t at = MODEL + s->last - s->first + 1;
    for (uint32_t l = s->first; l < layer; l++)
        at += bounds_of(&s->drawn.network.layers[l]) +
              (s->theta_xi[l - s->first] > 0 ? s->drawn.network.layers[l].neurons : 0);
    return at;
}

static void give_state(subject *s)
{
    br_error error;
    for (uint32_t l = 0; l <= s->last; l++)
        if (br_network_import(s->text.network, l, s->drawn.alpha[l], s->drawn.sign[l], s->drawn.theta[l], &error) != 0)
            fail_msg("%s\n%s", error.message, s->drawn.text);
}

/* A step of the training is one of the layers that learn, and of one sample, which has no rare classes. */
static void set_phase(subject *s)
{
    s->phase = s->text.schedule.phases[0];
    for (uint32_t i = 0; i < s->phase.layer_count; i++)
        if (s->phase.layers[i] >= s->first && s->phase.layers[i] <= s->last) {
            uint32_t at = s->phase.layers[i] - s->first;
            s->layers[at] = s->phase.layers[i];
            s->eta[at] = s->phase.eta[i];
            s->theta_xi[at] = s->phase.theta_xi[i];
        }
    s->phase.layers = s->layers;
    s->phase.eta = s->eta;
    s->phase.theta_xi = s->theta_xi;
    s->phase.layer_count = s->last - s->first + 1;
    s->phase.batch = 1;
    s->drawn.network.weighs_classes = false;
    s->phase.weigh_classes = false;
}

static void subject_new(subject *s, ref_random *random, ref_rule rule, bool several, const char *compiler)
{
    br_error error;
    const bc_options options = {.cpu = "generic", .level = 1};
    char names[64] = "";
    const bc_artefact_options learning = {.high = 1, .model = 0x0123456789abcdef, .learn = names};
    memset(s, 0, sizeof *s);
    draw(s, random, rule, several);
    text_network_compile(&s->text, s->drawn.text, &options);
    text_network_start(&s->text);
    give_state(s);
    for (uint32_t l = s->first; l <= s->last; l++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%sl%u", l > s->first ? "," : "", l);
    if (bc_source_new(s->text.program, s->text.network, &learning, &s->source, &error) != 0)
        fail_msg("%s\n%s", error.message, s->drawn.text);
    compile(s, compiler);
    s->neurons = s->drawn.network.layers[s->last].neurons;
    s->values = s->drawn.network.layers[0].inputs;
    set_phase(s);
    s->numbers = bounds_at(s, s->last + 1);
    assert_int_equal(bc_source_facts(s->source)->state_bytes, 4 * s->numbers);
    uint64_t neurons = 0;
    for (uint32_t l = s->first; l <= s->last; l++)
        neurons += s->drawn.network.layers[l].neurons;
    s->state = calloc(s->numbers, sizeof *s->state);
    s->kept = calloc(s->numbers, sizeof *s->kept);
    s->w = calloc(s->numbers, sizeof *s->w);
    s->theta = calloc(neurons, sizeof *s->theta);
    s->conscience = calloc(neurons, sizeof *s->conscience);
    s->scratch = malloc(bc_source_facts(s->source)->scratch_bytes);
    assert_true(s->state && s->kept && s->w && s->theta && s->conscience && s->scratch);
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
}

static void learn_by_reference(subject *s, const sample *one)
{
    double eta[RANDOM_LAYERS] = {0};
    bool corrected[RANDOM_LAYERS] = {false};
    for (uint32_t l = s->first; l <= s->last; l++) {
        eta[l] = s->drawn.eta[l];
        corrected[l] = true;
    }
    ref_learn(&s->drawn.network, one->activations, &one->label, 1, eta, s->drawn.xi, corrected);
}

/* ---- comparisons ---- */

static void compare(double got, double wanted, double most, tally *t)
{
    t->numbers++;
    t->equal += (float)got == (float)wanted;
    t->close += fabs(got - wanted) <= NEAR * most;
}

static void compare_with_home(const subject *s, uint32_t l, tally *t)
{
    const ref_layer *layer = &s->drawn.network.layers[l];
    const float *got = s->state + bounds_at(s, l);
    br_network_state(s->text.network, l, s->w, s->theta, s->conscience);
    for (uint64_t i = 0; i < bounds_of(layer); i++)
        compare(got[i], s->w[i], most_of(layer), t);
    for (uint32_t k = 0; s->theta_xi[l - s->first] > 0 && k < layer->neurons; k++)
        compare(got[bounds_of(layer) + k], s->theta[k], 1, t);
}

static void compare_with_reference(const subject *s, uint32_t l, tally *t)
{
    const ref_layer *layer = &s->drawn.network.layers[l];
    const float *got = s->state + bounds_at(s, l);
    for (uint32_t i = 0; i < layer->inputs; i++)
        for (uint32_t k = 0; k < layer->neurons; k++)
            compare(got[(uint64_t)i * layer->neurons + k], ref_v(layer, k, i), most_of(layer), t);
    for (uint32_t k = 0; s->theta_xi[l - s->first] > 0 && k < layer->neurons; k++)
        compare(got[bounds_of(layer) + k], layer->theta[k], 1, t);
}

static void count_moves(const subject *s, tally *t)
{
    for (uint32_t l = s->first; l <= s->last; l++)
        for (uint64_t i = bounds_at(s, l); i < bounds_at(s, l) + bounds_of(&s->drawn.network.layers[l]); i++) {
            t->moved += s->state[i] != s->kept[i];
            t->below += l < s->last && s->state[i] != s->kept[i];
            t->crossed += (s->state[i] < 0) != (s->kept[i] < 0);
        }
}

/* Many steps of all three on end. A rounding may decide whether a connection is live, so a few numbers may be farther
 * apart; what is compared is that they are few. */
static void steps_agree(subject *s, ref_random *random, tally *home, tally *reference)
{
    sample one;
    s->begin(s->state);
    assert_true(s->fits(s->state));
    for (uint32_t l = s->first; l <= s->last; l++)
        assert_float_equal(s->state[MODEL + l - s->first], (float)(s->drawn.eta[l] * s->drawn.xi), 1e-6);
    memcpy(s->kept, s->state, bc_source_facts(s->source)->state_bytes);
    for (uint32_t i = 0; i < STEPS; i++) {
        draw_sample(s, random, &one);
        memset(s->scratch, 0xff, bc_source_facts(s->source)->scratch_bytes); /* NaNs */
        uint32_t before = s->predict(one.raw, NULL, s->state, s->scratch);
        assert_int_equal(s->learn(one.raw, one.label, s->state, s->scratch), before);
        assert_true(s->fits(s->state));
        learn_at_home(s, &one);
        learn_by_reference(s, &one);
        for (uint32_t l = s->first; l <= s->last; l++) {
            compare_with_home(s, l, home);
            compare_with_reference(s, l, reference);
        }
    }
    count_moves(s, home);
}

/* Every number of a state is checked: what is not of this model, too large or no number at all is known. */
static void knows_at(subject *s, uint64_t at, float wrong)
{
    float was = s->state[at];
    s->state[at] = wrong;
    assert_false(s->fits(s->state));
    s->state[at] = was;
}

static void states_are_known(subject *s)
{
    for (uint64_t at = 0; at < bounds_at(s, s->first); at++)
        knows_at(s, at, NAN);
    for (uint32_t l = s->first; l <= s->last; l++) {
        const ref_layer *layer = &s->drawn.network.layers[l];
        const float most = (float)most_of(layer), wrong[] = {NAN, INFINITY, -INFINITY, most * 1.01f, most * -1.01f};
        uint64_t first = bounds_at(s, l), end = first + bounds_of(layer);
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            knows_at(s, first, wrong[i]);
            knows_at(s, end - 1, wrong[i]);
        }
        if (s->theta_xi[l - s->first] > 0)
            knows_at(s, end + layer->neurons - 1, -0.1f);
    }
    assert_true(s->fits(s->state));
}

/* A label that is none, and rates of 0, leave the bounds as they are. */
static void nothing_is_learned(subject *s, ref_random *random)
{
    uint64_t bytes = bc_source_facts(s->source)->state_bytes;
    sample one;
    draw_sample(s, random, &one);
    memcpy(s->kept, s->state, bytes);
    s->learn(one.raw, s->neurons, s->state, s->scratch);
    s->learn(one.raw, UINT32_MAX, s->state, s->scratch);
    assert_memory_equal(s->kept, s->state, bytes);
    for (uint32_t l = s->first; l <= s->last; l++)
        s->state[MODEL + l - s->first] = s->kept[MODEL + l - s->first] = 0;
    s->learn(one.raw, one.label, s->state, s->scratch);
    for (uint32_t l = s->first; l <= s->last; l++)
        assert_memory_equal(s->kept + bounds_at(s, l), s->state + bounds_at(s, l),
                            4 * bounds_of(&s->drawn.network.layers[l]));
}

static void count_settings(const subject *s, tally *t)
{
    t->several += s->first < s->last;
    t->gradient += s->drawn.network.rule == REF_GRADIENT;
    t->hinges += s->drawn.network.error == REF_HINGE;
    for (uint32_t l = s->first; l <= s->last; l++) {
        const ref_layer *layer = &s->drawn.network.layers[l];
        t->thetas += s->theta_xi[l - s->first] > 0;
        t->leaks += layer->leak > 0;
        t->sides += layer->alpha_max < layer->range_in;
        t->valves += layer->switches && layer->tau < layer->alpha_max;
        t->fixed += !layer->switches;
        t->shared += layer->sum == REF_SHARED;
    }
}

static void learns_as_bouton_does(void **state)
{
    uint64_t seed = c_source_begin(folder, 20261130);
    tally home = {0}, reference = {0};
    (void)state;
    for (uint32_t i = 0; i < fewer(NETWORKS); i++) {
        ref_random random = {seed * 1000003u + i};
        subject s;
        subject_new(&s, &random, i % 4 == 3 ? REF_GRADIENT : REF_REPAIRED, i % 3 > 0, c_source_compiler(i));
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
    print_message("%u networks of several layers that learn, %u of their bounds below the last moved; layers: %u by "
                  "the gradient, %u with thresholds, %u with leak, %u with alpha below the range, %u with "
                  "a valve, %u with fixed signs, %u with shared sums, %u by the hinge\n",
                  home.several, home.below, home.gradient, home.thetas, home.leaks, home.sides, home.valves, home.fixed,
                  home.shared, home.hinges);
    assert_true(home.several > 0 && home.below > 0);
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
            "n.btn:1:7: layer a: it can't learn on a device unless all layers behind it do, which hand errors down; "
            "write --learn=a,b");
    refuses(TEXT("", "correct b;"), "a,b",
            "n.btn:1:7: layer a: it can't learn on a device, because phase p, which corrects b, leaves it out; end");
    refuses("network n { input vector(4); layer a = dense(6) { fire logistic(4); } layer b = dense(3); }\n"
            "schedule { phase p { correct a, b; } }",
            "b,a", "n.btn:1:7: layer a: it can't learn on a device, where only ramps");
    refuses("network n { input vector(4); layer a = dense(6) { homeostasis; } layer b = dense(3); }\n"
            "schedule { phase p { correct a, b; } }",
            "a,b", "because `homeostasis` follows the drives of whole batches");
    refuses("network n { input image(4x4); layer a = conv(2x2, 6); layer b = dense(3); }\n"
            "schedule { phase p { correct a, b; } }",
            "a,b", "n.btn:1:7: layer a: it can't learn on a device, because only dense layers");
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
        assert_int_equal(bc_source_facts(source)->state_bytes, 4 * (MODEL + 1 + 6 * 3));
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
