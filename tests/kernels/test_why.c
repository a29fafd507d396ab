/* What each input added (docs/model.md, section 16): compiled random graphs against the reference, which computes it
 * from the input up instead of from the class down; sums; and inputs that are removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../agree/agree.h"
#include "../reference/why.h"
#include "fewer.h"
#include "model/network.h"
#include "text_network.h"

enum { ROUNDS = 3, NUDGES = 4, VALUES_MOST = 128 };
static const double within = 1e-5; /* of the sum of the sizes of all parts */
static const double nudge = 1e-6;  /* relative change of inputs that shows a decision near its edge */

typedef struct tally {
    uint32_t explained, leaned;
} tally;

static uint64_t seed_of(void)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20241130;
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    return seed;
}

static double size_of(const double *parts, uint64_t count)
{
    double size = 1e-6;
    for (uint64_t i = 0; i < count; i++)
        size += fabs(parts[i]);
    return size;
}

static double apart(const double *a, const double *b, uint64_t count)
{
    double most = 0;
    for (uint64_t i = 0; i < count; i++)
        most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

/* Whether a decision is so near its edge that a few roundings change the parts as much as they differ. */
static bool on_edge(agree_subject *s, const float *in, uint32_t label, const double *wanted, double difference)
{
    double *other = calloc(s->values + 1, sizeof *other);
    bool edge = false;
    assert_non_null(other);
    for (int i = 0; i < NUDGES && !edge; i++) {
        random_nudge(&s->nudges, in, s->nudged, s->values, nudge, (float)s->range);
        ref_map_why(&s->maps.graph, s->nudged, label, other);
        edge = 10 * apart(other, wanted, s->values + 1) > difference;
    }
    free(other);
    return edge;
}

static void check_parts(agree_subject *s, const float *in, const br_why *why, tally *t)
{
    double *wanted = calloc(s->values + 1, sizeof *wanted), *got = calloc(s->values + 1, sizeof *got), sum = 0;
    assert_true(wanted && got);
    double drive = ref_map_why(&s->maps.graph, in, why->label, wanted);
    memcpy(got, why->adds, s->values * sizeof *got);
    got[s->values] = why->thresholds;
    for (uint64_t i = 0; i <= s->values; i++)
        sum += got[i];
    double size = size_of(got, s->values + 1), difference = apart(got, wanted, s->values + 1);
    if (fabs(sum - why->drive) > within * (1 + size))
        fail_msg("the parts add up to %.9g, the drive is %.9g\n%s", sum, why->drive, s->text);
    t->explained++;
    if (difference > within * (1 + size) || fabs(drive - why->drive) > within * (1 + size)) {
        t->leaned++;
        if (!on_edge(s, in, why->label, wanted, difference))
            fail_msg("parts differ by %.9g of %.9g, drive %.9g, not %.9g\n%s", difference, size, why->drive, drive,
                     s->text);
    }
    free(wanted);
    free(got);
}

/* Drawing a state also runs the reference, which learns from it. */
static void set_state_back(agree_subject *s)
{
    for (uint32_t l = 0; l < s->layer_count; l++)
        if (s->alpha[l])
            ref_layer_set(&s->maps.graph.settings, s->weights[l], s->alpha[l], s->sign[l], s->theta[l]);
}

static void explain_one(agree_subject *s, const agree_code *c, ref_random *random, tally *t)
{
    br_error error;
    br_why why;
    uint32_t classes = s->weights[s->answer]->neurons;
    for (uint32_t n = 0; n < s->batch && n < 2; n++) {
        const float *in = s->in + n * s->values;
        br_samples samples = {.count = 1, .shape = br_network_model(c->network)->shape, .floats = in, .high = s->range};
        uint32_t label = n == 0 ? BR_WHY_ANSWER : ref_below(random, classes);
        if (br_why_new(c->network, NULL, &samples, 0, label, &why, &error) != 0)
            fail_msg("%s\n%s", error.message, s->text);
        assert_true(label == BR_WHY_ANSWER ? why.label == why.answer : why.label == label);
        check_parts(s, in, &why, t);
        br_why_free(&why);
    }
}

static void try_graphs(uint32_t networks, bool depressed, uint64_t seed)
{
    tally t = {0};
    for (uint32_t i = 0; i < networks; i++) {
        ref_random random = {seed * 1000003u + i};
        static agree_subject s;
        agree_code code;
        assert_int_equal(depressed ? agree_new_depressed(&s, &random, i % 2 ? RANDOM_TIED : RANDOM_ALWAYS)
                                   : agree_new(&s, &random, REF_REPAIRED, true),
                         0);
        assert_int_equal(agree_compile_answers(&s, "native", 0, &code), 0);
        for (int round = 0; round < ROUNDS; round++) {
            agree_draw(&s, &random);
            set_state_back(&s);
            assert_int_equal(agree_give_state(&s, &code), 0);
            explain_one(&s, &code, &random, &t);
        }
        agree_code_free(&code);
        agree_free(&s);
    }
    print_message("%u classes explained, %u of them near an edge\n", t.explained, t.leaned);
    assert_true(t.explained >= networks * ROUNDS && t.leaned <= .05 * t.explained);
}

static void graphs_agree(void **state)
{
    (void)state;
    try_graphs(fewer(100), false, seed_of());
}

static void depressed_graphs_agree(void **state)
{
    (void)state;
    try_graphs(fewer(40), true, seed_of() + 1);
}

/* Chains under the rule as printed, whose bounds are stored in another way. */
static void printed_chains_add_up(void **state)
{
    (void)state;
    uint64_t seed = seed_of();
    uint32_t networks = fewer(60), finite = 0;
    for (uint32_t i = 0; i < networks; i++) {
        ref_random random = {seed * 1000003u + i};
        static agree_subject s;
        agree_code code;
        br_error error;
        br_why why;
        assert_int_equal(agree_new(&s, &random, REF_PRINTED, false), 0);
        assert_int_equal(agree_compile_answers(&s, "native", 0, &code), 0);
        agree_draw(&s, &random);
        assert_int_equal(agree_give_state(&s, &code), 0);
        br_samples samples = {
            .count = 1, .shape = br_network_model(code.network)->shape, .floats = s.in, .high = s.range};
        if (br_why_new(code.network, NULL, &samples, 0, BR_WHY_ANSWER, &why, &error) != 0)
            fail_msg("%s\n%s", error.message, s.text);
        double sum = why.thresholds, size = fabs(why.thresholds);
        for (uint64_t v = 0; v < s.values; v++) {
            sum += why.adds[v];
            size += fabs(why.adds[v]);
        }
        if (fabs(sum - why.drive) > within * (1 + size))
            fail_msg("the parts add up to %.9g, the drive is %.9g\n%s", sum, why.drive, s.text);
        finite += isfinite(sum) && size > 0;
        br_why_free(&why);
        agree_code_free(&code);
        agree_free(&s);
    }
    assert_true(finite > networks / 2);
}

/* ---- inputs that are removed ---- */

/* Small networks, in which an input can be removed without a change of what else is live. */
#define EASY "signs mixed(0.9); alpha in [0, 0.8] = uniform(0, 0.3); range [0, 0.8]; "
#define SUM  "sum scaled(1.2); "
#define LAST "signs mixed(0.5); alpha in [0, 0.8] = uniform(0, 0.1); "
static const char *const small[] = {
    "network dense { input vector(8) in [0, 0.8]; layer a = dense(4) { " EASY SUM "}"
    " layer b = dense(3) from a, input { " EASY SUM "} layer c = dense(3) { " LAST "} }",
    "network maps { input image(6x5) in [0, 0.8]; layer a = conv(3x3, 2) padding same { " EASY SUM "}"
    " layer p = pool(max) 2x2 stride 2; layer c = dense(3) from p { " LAST "} }",
    "network sums { input image(4x4) in [0, 0.8]; layer a = conv(2x2, 6) { " EASY SUM
    "depress over filters keep 3; fire ramp; }"
    " layer p = pool(sum) grid 2x2; layer q = pool(mean) grid 1x2 from a;"
    " layer d = dense(4) from p, q { " EASY SUM "} layer c = dense(3) { " LAST "} }",
    "network spread { input image(5x4) in [0, 0.8]; layer a = conv(2x2, 3) { " EASY "homeostasis(8, -2);}"
    " layer c = dense(3) from a { " LAST "} }",
};

/* What is live for one sample, but for the connections that read inputs in `out`; and whether every neuron that fires
 * is on the line of its ramp. */
typedef struct seen {
    const bool *out;
    uint64_t state;
    uint32_t layer;
    bool lines;
    double drive;
} seen;

static void see_connection(void *user, const br_live *live)
{
    seen *s = user;
    if (live->source == BT_INPUT && s->out[live->from])
        return;
    uint64_t number = ((uint64_t)s->layer << 40) + ((uint64_t)live->source << 50) + (live->from << 20) + live->to;
    s->state = (s->state ^ number) * 1099511628211u;
}

static seen see(const text_network *n, const float *in, const bool *out, uint32_t label)
{
    br_error error;
    br_trace *trace;
    float values[VALUES_MOST];
    const br_model *model = br_network_model(n->network);
    br_samples samples = {.count = 1, .shape = model->shape, .floats = in, .high = (double)model->input_range};
    seen s = {.out = out, .lines = true};
    if (br_trace_new(n->network, NULL, &samples, 0, &trace, &error) != 0)
        fail_msg("%s", error.message);
    for (; s.layer < n->program->layer_count; s.layer++) {
        uint64_t count = bt_values(br_trace_shape(trace, s.layer));
        assert_true(count <= VALUES_MOST);
        br_trace_live(trace, s.layer, see_connection, &s);
        br_trace_activations(trace, s.layer, values);
        for (uint64_t i = 0; s.layer + 1 < n->program->layer_count && i < count; i++)
            s.lines = s.lines && (double)values[i] < n->program->layers[s.layer].range_out;
    }
    br_trace_drives(trace, s.layer - 1, values);
    s.drive = (double)values[label];
    br_trace_free(trace);
    return s;
}

/* Removes inputs. While all else stays as it is, the drive falls by what they added. */
static uint32_t remove_inputs(const text_network *n, const float *in, const br_why *why, const bool *out)
{
    float left[VALUES_MOST];
    double fall = 0, size = fabs(why->thresholds);
    for (uint64_t i = 0; i < bt_values(why->shape); i++) {
        left[i] = out[i] ? 0 : in[i];
        fall += out[i] ? why->adds[i] : 0;
        size += fabs(why->adds[i]);
    }
    seen before = see(n, in, out, why->label), after = see(n, left, out, why->label);
    if (before.state != after.state || !before.lines || !after.lines)
        return 0;
    if (fabs(before.drive - after.drive - fall) > within * (1 + size))
        fail_msg("network %s: without inputs that added %.9g the drive falls from %.9g to %.9g", n->program->name, fall,
                 before.drive, after.drive);
    return fall != 0;
}

/* Removes each input alone, and each with the next. */
static void remove_each(const text_network *n, const float *in, uint32_t *alone, uint32_t *together)
{
    bool out[VALUES_MOST] = {false};
    br_error error;
    br_why why;
    const br_model *model = br_network_model(n->network);
    br_samples samples = {.count = 1, .shape = model->shape, .floats = in, .high = (double)model->input_range};
    if (br_why_new(n->network, NULL, &samples, 0, BR_WHY_ANSWER, &why, &error) != 0)
        fail_msg("%s", error.message);
    for (uint64_t i = 0; i < bt_values(why.shape); i++) {
        out[i] = true;
        *alone += remove_inputs(n, in, &why, out);
        out[(i + 1) % bt_values(why.shape)] = true;
        *together += remove_inputs(n, in, &why, out);
        out[i] = out[(i + 1) % bt_values(why.shape)] = false;
    }
    br_why_free(&why);
}

static void inputs_removed(void **state)
{
    (void)state;
    enum { SAMPLES = 200 };
    uint64_t seed = seed_of();
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        ref_random random = {seed + i};
        float in[VALUES_MOST];
        uint32_t alone = 0, together = 0;
        text_network n;
        br_error error;
        text_network_compile(&n, small[i], NULL);
        text_network_start(&n);
        for (uint32_t sample = 0; sample < SAMPLES; sample++) {
            assert_int_equal(br_network_start(n.network, n.schedule.starts, seed + sample, &error), 0);
            for (uint32_t l = 0; l < n.program->layer_count; l++)
                n.network->layers[l].calibration = .2f; /* so that no pool(sum) is full */
            for (uint64_t v = 0; v < VALUES_MOST; v++)
                in[v] = ref_chance(&random, .3) ? 0 : (float)(.8 * ref_unit(&random));
            remove_each(&n, in, &alone, &together);
        }
        print_message("network %s: %u inputs removed alone, %u times two\n", n.program->name, alone, together);
        assert_true(alone >= SAMPLES / 4 && together >= SAMPLES / 20);
        text_network_end(&n);
    }
}

/* Tied levels are whole numbers with a sign. Both sides of a value go back to one raw value. */
static void tied_levels_add_up(void **state)
{
    (void)state;
    text_network n;
    br_train_result result;
    br_error error;
    text_network_compile(
        &n,
        "network tied {\n"
        "  input image(28x28) in [0, 0.5] { whiten 200 patches of 5x5; split on off; levels 4 by 0.5 tied; }\n"
        "  layer edges = conv(6x6, 32) { alpha = from patches frozen; depress over filters keep 4; }\n"
        "  layer cells = pool(sum) grid 4x4 { jitter 2; }\n"
        "  layer hidden = dense(20) { alpha = uniform(0, 0.3); sum scaled(1); }\n"
        "  layer class = dense(10) { alpha = uniform(0, 0.3); sum scaled(2); } }\n"
        "data d { synthetic digits(train 800, test 20); }\n"
        "schedule { seed 5; phase learn { correct hidden, class; eta 0.4 on hidden, 0.1 on class, constant; epochs 4; "
        "batch 1; } }\n",
        NULL);
    text_network_start(&n);
    text_network_load(&n);
    br_encoder *encoder;
    br_data *raw;
    assert_int_equal(br_data_load(&n.spec, n.schedule.seed, &raw, &error), 0);
    assert_int_equal(bc_lower_encoder(n.program, &encoder, &error), 0);
    assert_int_equal(br_encoder_learn(encoder, br_data_split(n.data, BT_SPLIT_TRAIN), 1, &error), 0);
    assert_int_equal(br_data_encode(n.data, encoder, 1, &error), 0);
    text_network_train(&n, &(br_train_options){.threads = 1}, &result);
    const br_samples *samples = br_data_split(n.data, BT_SPLIT_TEST);
    uint32_t *labels = malloc(samples->count * sizeof *labels), against = 0, told = 0;
    assert_non_null(labels);
    assert_int_equal(br_predict(n.network, samples, 1, &(br_outputs){.labels = labels}, &error), 0);
    for (uint64_t i = 0; i < samples->count; i++) {
        br_why why;
        assert_int_equal(
            br_why_new(n.network, encoder, br_data_split(raw, BT_SPLIT_TEST), i, BR_WHY_ANSWER, &why, &error), 0);
        double sum = why.thresholds, parts = fabs(why.thresholds);
        for (uint64_t v = 0; v < bt_values(why.shape); v++) {
            sum += why.adds[v];
            parts += fabs(why.adds[v]);
            against += why.adds[v] < 0;
        }
        assert_int_equal(why.answer, labels[i]);
        assert_true(fabs(sum - why.drive) <= 1e-5 * parts);
        told += parts > 0;
        br_why_free(&why);
    }
    assert_true(against > 0 && told >= samples->count / 2); /* a class may have no live connection */
    free(labels);
    br_encoder_free(encoder);
    br_data_free(raw);
    text_network_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(graphs_agree), cmocka_unit_test(depressed_graphs_agree),
                                       cmocka_unit_test(printed_chains_add_up), cmocka_unit_test(inputs_removed),
                                       cmocka_unit_test(tied_levels_add_up)};
    return cmocka_run_group_tests_name("kernels/why", tests, NULL, NULL);
}
