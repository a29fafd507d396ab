/* C source that learns in whole numbers, against bouton's own training in floats with a batch of one sample: random
 * layers that read bytes, so that both learn from the same activations. Every bound stays near the float, over many steps;
 * the answers are those of the bounds that were learned. What whole numbers can't learn is refused. */
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
#include "artefact/csource/learn_whole.h"
#include "c_source.h"
#include "fewer.h"
#include "text_network.h"
#include "train/learn.h"

enum { NETWORKS = 10, STEPS = 60, SAMPLES = 40, MOST_INPUTS = 60, MOST_LABELS = 12, BEFORE = 3 };

#define NEAR       5e-4 /* of the largest bound; errors are whole numbers of 2^-16 */
#define LEAST_NEAR 0.97 /* share of numbers that must be near */

typedef uint32_t learn_bytes(const uint8_t *in, uint32_t label, int32_t *state, void *scratch);
typedef uint32_t predict_bytes(const uint8_t *in, uint8_t *levels, const int32_t *state, void *scratch);
typedef void begin_state(int32_t *state);
typedef int fits_state(const int32_t *state);

typedef struct subject {
    char text[1024];
    text_network net;
    br_quantised *quantised;
    bc_source *source;
    void *library, *scratch;
    learn_bytes *learn;
    predict_bytes *predict;
    begin_state *begin;
    fits_state *fits;
    uint32_t inputs, labels;
    double most; /* the largest |v| */
    uint8_t samples[SAMPLES * MOST_INPUTS];
    int32_t state[BEFORE + MOST_INPUTS * MOST_LABELS], kept[BEFORE + MOST_INPUTS * MOST_LABELS];
    float w[MOST_INPUTS * MOST_LABELS], theta[MOST_LABELS], conscience[MOST_LABELS];
} subject;

typedef struct tally {
    uint64_t numbers, close, moved, crossed, answers;
    double farthest;
} tally;

/* ---- subjects ---- */

static char folder[] = "/tmp/bouton-learning-XXXXXX";

static void compile(subject *s, const char *compiler)
{
    s->library = c_source_load(s->source, folder, compiler, s->text);
    char command[128];
    snprintf(command, sizeof command, "! grep -wE 'float|double' %s/net.h %s/net.c", folder, folder);
    assert_int_equal(system(command), 0);
    s->learn = (learn_bytes *)c_source_function(s->library, "n", "_learn_u8");
    s->predict = (predict_bytes *)c_source_function(s->library, "n", "_predict_u8");
    s->begin = (begin_state *)c_source_function(s->library, "n", "_state_begin");
    s->fits = (fits_state *)c_source_function(s->library, "n", "_state_fits");
}

/* The turn of a network decides which settings differ from the usual ones, so that each is met. */
static void draw_text(subject *s, ref_random *random, uint32_t turn)
{
    static const char *const sums[] = {"sum scaled(4);", "sum scaled(1.5);", "sum raw;"};
    static const char *const errors[] = {"softmax(5)", "softmax(20)", "hinge(0.1)"};
    double range = ref_setting(random, 0.3, 0.8), high = turn % 4 == 1 ? range / 2 : range;
    s->inputs = 4 + ref_below(random, MOST_INPUTS - 4);
    s->labels = 2 + ref_below(random, MOST_LABELS - 2);
    snprintf(s->text, sizeof s->text,
             "network n {\n  input vector(%u) in [0, %.3f];\n  layer a = dense(%u) {\n"
             "    alpha in [%.3f, %.3f] = uniform(%.3f, %.3f);\n    %s\n    %s\n    %s\n  }\n}\n"
             "schedule { phase p { correct a; error %s; eta %.3f; epochs 1; batch 1; } }\n",
             s->inputs, range, s->labels, turn % 5 == 4 ? 0.05 : 0.0, high, turn % 5 == 4 ? 0.06 : 0.0, high,
             sums[turn % 3],
             turn % 4 == 2   ? "signs mixed(0.4) switching at tau 0.1;"
             : turn % 4 == 3 ? "signs mixed(0.7) fixed;"
                             : "",
             turn % 2 ? "leak 0.25;" : "", errors[turn / 2 % 3], ref_setting(random, 0.05, 0.5));
}

static void draw_samples(subject *s, ref_random *random)
{
    for (uint32_t i = 0; i < SAMPLES * s->inputs; i++)
        s->samples[i] = (uint8_t)(ref_chance(random, 0.4) ? 0 : ref_chance(random, 0.1) ? 255 : ref_below(random, 256));
    s->samples[0] = 255; /* the largest activation, so that a byte is itself in quanta */
}

static void subject_new(subject *s, ref_random *random, uint32_t turn, const char *compiler)
{
    br_error error;
    const bc_options options = {.cpu = "generic", .level = 1, .quantise = true};
    memset(s, 0, sizeof *s);
    draw_text(s, random, turn);
    draw_samples(s, random);
    text_network_compile(&s->net, s->text, &options);
    text_network_start(&s->net);
    const br_samples samples = {
        .count = SAMPLES, .shape = br_network_model(s->net.network)->shape, .bytes = s->samples, .high = 255};
    if (br_quantise(s->net.network, &samples, 1, &s->quantised, &error) != 0)
        fail_msg("%s\n%s", error.message, s->text);
    const bc_artefact_options learning = {
        .high = 255, .model = 0x0123456789abcdef, .learn = "a", .quantised = s->quantised};
    if (bc_source_new(s->net.program, s->net.network, &learning, &s->source, &error) != 0)
        fail_msg("%s\n%s", error.message, s->text);
    compile(s, compiler);
    const bl_layer *layer = &s->net.program->layers[0];
    s->most = 1 / (1 - layer->alpha_max) - 1 / (1 - layer->alpha_min);
    assert_int_equal(bc_source_facts(s->source)->state_bytes, 4 * (BEFORE + s->inputs * s->labels));
    s->scratch = malloc(bc_source_facts(s->source)->scratch_bytes);
    assert_non_null(s->scratch);
    br_network_state(s->net.network, 0, s->w, s->theta, s->conscience);
}

static void subject_free(subject *s)
{
    dlclose(s->library);
    bc_source_free(s->source);
    br_quantised_free(s->quantised);
    text_network_end(&s->net);
    free(s->scratch);
}

/* ---- one sample ---- */

static void learn_at_home(subject *s, const uint8_t *sample, uint32_t label)
{
    br_error error;
    float in[MOST_INPUTS];
    for (uint32_t i = 0; i < s->inputs; i++)
        in[i] = (float)(s->net.program->input.range * (sample[i] / 255.0));
    if (br_learn_batch(s->net.network, in, &label, 1, &s->net.schedule.phases[0], NULL, &error) != 0)
        fail_msg("%s", error.message);
    br_network_state(s->net.network, 0, s->w, s->theta, s->conscience);
}

static void compare_bounds(const subject *s, tally *t)
{
    int bits = (int)bc_fixed_of(s->source).bound;
    for (uint32_t i = 0; i < s->inputs * s->labels; i++) {
        double apart = fabs(ldexp(s->state[BEFORE + i], -bits) - (double)s->w[i]) / s->most;
        t->numbers++;
        t->close += apart <= NEAR;
        t->farthest = apart > t->farthest ? apart : t->farthest;
    }
}

/* The drive of a label from the state, by equations (1), (2) and (4) in doubles. */
static double drive_of(const subject *s, const uint8_t *sample, uint32_t k)
{
    const bl_layer *layer = &s->net.program->layers[0];
    int bits = (int)bc_fixed_of(s->source).bound;
    double sum = 0;
    for (uint32_t i = 0; i < s->inputs; i++) {
        double q = 1 - s->net.program->input.range * sample[i] / 255.0, t = 1 / (1 - layer->alpha_max) - 1 / q;
        double v = ldexp(s->state[BEFORE + i * s->labels + k], -bits);
        if (sample[i] > 0 && fabs(v) > t)
            sum += copysign(q * (fabs(v) - t), v);
    }
    return layer->sum == BT_SUM_SCALED ? sum * layer->gain / sqrt(s->inputs) : sum;
}

static void check_answer(subject *s, const uint8_t *sample, tally *t)
{
    uint8_t levels[MOST_LABELS];
    double drives[MOST_LABELS];
    memset(s->scratch, 0xff, bc_source_facts(s->source)->scratch_bytes);
    uint32_t found = s->predict(sample, levels, s->state, s->scratch);
    assert_in_range(found, 0, s->labels - 1);
    for (uint32_t k = 0; k < s->labels; k++)
        drives[k] = drive_of(s, sample, k);
    for (uint32_t k = 0; k < s->labels; k++) {
        double y = (drives[k] - (double)s->theta[k]) / (1 - (double)s->theta[k]), level = 255 * fmin(1, fmax(0, y));
        if (drives[k] > drives[found] + 1e-4)
            fail_msg("label %u has %.9g, label %u %.9g\n%s", found, drives[found], k, drives[k], s->text);
        if (fabs(levels[k] - level) > 0.55)
            fail_msg("label %u fires %u, from its bounds %.9g\n%s", k, levels[k], level, s->text);
    }
    assert_int_equal(s->predict(sample, NULL, s->state, s->scratch), found);
    t->answers++;
}

static void steps_agree(subject *s, ref_random *random, tally *t)
{
    s->begin(s->state);
    memcpy(s->kept, s->state, sizeof s->kept);
    compare_bounds(s, t);
    for (uint32_t n = 0; n < STEPS; n++) {
        const uint8_t *sample = s->samples + n % SAMPLES * s->inputs;
        uint32_t label = ref_below(random, s->labels);
        check_answer(s, sample, t);
        uint32_t before = s->predict(sample, NULL, s->state, s->scratch);
        assert_int_equal(s->learn(sample, label, s->state, s->scratch), before);
        assert_true(s->fits(s->state));
        learn_at_home(s, sample, label);
        compare_bounds(s, t);
    }
    for (uint32_t i = BEFORE; i < BEFORE + s->inputs * s->labels; i++) {
        t->moved += s->state[i] != s->kept[i];
        t->crossed += (s->state[i] < 0) != (s->kept[i] < 0);
    }
}

/* A label that is none and a rate of 0 teach nothing; the largest rate leaves a state within its bounds; bounds past
 * their end are known. */
static void ends_hold(subject *s)
{
    memcpy(s->kept, s->state, sizeof s->kept);
    s->learn(s->samples, s->labels, s->state, s->scratch);
    s->state[2] = s->kept[2] = 0;
    s->learn(s->samples, 0, s->state, s->scratch);
    assert_memory_equal(s->kept, s->state, sizeof s->kept);
    s->state[2] = -1; /* as a rate, the largest number */
    for (uint32_t n = 0; n < SAMPLES; n++)
        s->learn(s->samples + n * s->inputs, n % s->labels, s->state, s->scratch);
    assert_true(s->fits(s->state));
    for (int32_t past = bc_fixed_most(s->source) + 1, turn = 0; turn < 2; past = -past, turn++) {
        s->state[BEFORE + s->inputs * s->labels - 1] = past;
        assert_false(s->fits(s->state));
    }
}

static void learns_in_whole_numbers(void **state)
{
    uint64_t seed = c_source_begin(folder, 20261130);
    tally t = {0};
    (void)state;
    for (uint32_t i = 0; i < fewer(NETWORKS); i++) {
        ref_random random = {seed * 1000003u + i};
        subject s;
        subject_new(&s, &random, i, c_source_compiler(i));
        steps_agree(&s, &random, &t);
        ends_hold(&s);
        subject_free(&s);
    }
    c_source_remove(folder);
    print_message(
        "%llu numbers: %.4f%% are near training's in floats, the farthest %.2g of the largest bound away; %llu "
        "bounds moved, %llu crossed 0; %llu answers\n",
        (unsigned long long)t.numbers, 100.0 * (double)t.close / (double)t.numbers, t.farthest,
        (unsigned long long)t.moved, (unsigned long long)t.crossed, (unsigned long long)t.answers);
    assert_true(t.moved > 0 && (fewer(NETWORKS) < NETWORKS || t.crossed > 0));
    assert_true((double)t.close >= LEAST_NEAR * (double)t.numbers);
}

/* ---- what can't learn ---- */

static void refuses(const char *text, const char *words)
{
    static const bc_line lines[] = {{.file = "n.btn", .line = 1, .column = 31}};
    const bc_options options = {.cpu = "generic", .level = 0, .quantise = true};
    uint8_t bytes[8] = {255, 0, 1, 2, 3, 4, 5, 255};
    text_network t;
    br_quantised *quantised;
    bc_source *source = NULL;
    br_error error = {0};
    text_network_compile(&t, text, &options);
    text_network_start(&t);
    const br_samples samples = {.count = 2, .shape = br_network_model(t.network)->shape, .bytes = bytes, .high = 255};
    assert_int_equal(br_quantise(t.network, &samples, 1, &quantised, &error), 0);
    const bc_artefact_options learning = {.high = 255, .learn = "a", .lines = lines, .quantised = quantised};
    assert_int_equal(bc_source_new(t.program, t.network, &learning, &source, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    if (!strstr(error.message, words) || !strstr(error.message, "without --quantize"))
        fail_msg("%s\n%s\nwithout: %s", text, error.message, words);
    br_quantised_free(quantised);
    text_network_end(&t);
}

#define TEXT(layer) "network n { input vector(4); layer a = dense(3) {" layer "} } schedule { phase p { correct a; } }"

static void tells_what_whole_numbers_cannot_learn(void **state)
{
    (void)state;
    refuses(TEXT("neuron alpha 0.05 learned xi 0.01;"),
            "n.btn:1:31: layer a: its thresholds can't learn in whole numbers");
    refuses("rule gradient;\n" TEXT(""), "by `rule gradient`; use `rule repaired`");
    refuses(TEXT("sum scaled(0.00001);"), "its gain is too small");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(learns_in_whole_numbers),
                                       cmocka_unit_test(tells_what_whole_numbers_cannot_learn)};
    return cmocka_run_group_tests_name("kernels/learning_whole", tests, NULL, NULL);
}
