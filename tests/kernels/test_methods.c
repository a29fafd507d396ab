/* All inference methods of a dense layer give the same results, on every processor level, for sizes near multiples of
 * the vector width. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/compiler.h"
#include "cpu_levels.h"
#include "train/learn.h"

static const uint32_t widths[] = {1, 2, 7, 15, 16, 17, 31, 33, 61, 64, 65, 127, 131};
enum { WIDTHS = sizeof widths / sizeof *widths, SAMPLES = 87 };

typedef struct subject {
    bl_context *context;
    const bl_program *program;
    uint32_t inputs, neurons;
    float *in;
} subject;

static float unit(uint64_t seed, uint64_t index)
{
    uint32_t words[4];
    br_random4(seed, BR_STREAM_TEST, 7, index, words);
    return br_random_unit(words[0]);
}

/* Half of the inputs silent, some at the top of the range. */
static subject subject_new(uint32_t inputs, uint32_t neurons, uint64_t seed)
{
    char text[200];
    subject s = {.context = bl_context_new(), .inputs = inputs, .neurons = neurons};
    snprintf(text, sizeof text, "network n { input vector(%u) in [0, 0.6]; layer top = dense(%u) { sum scaled(3); } }",
             inputs, neurons);
    assert_int_equal(bl_load_text(s.context, "forms.btn", text, strlen(text)), 0);
    s.program = bl_check(s.context, NULL);
    assert_non_null(s.program);
    s.in = malloc((size_t)SAMPLES * inputs * sizeof *s.in);
    assert_non_null(s.in);
    for (uint64_t i = 0; i < (uint64_t)SAMPLES * inputs; i++) {
        float level = 2 * unit(seed, i) - 1;
        s.in[i] = level <= 0 ? 0 : level > 0.9f ? 0.6f : 0.6f * level;
    }
    return s;
}

static void subject_free(subject *s)
{
    free(s->in);
    bl_context_free(s->context);
}

/* Runs inference by one method; for tiles, also with packed bounds. */
static void answer(const subject *s, const char *cpu, bt_method form, uint64_t seed, float *levels, float *packed)
{
    br_error error = {0};
    bc_code *code = NULL;
    br_network *network = NULL;
    br_schedule schedule;
    bc_options options = {.cpu = cpu, .level = 2, .methods = &form};
    if (bc_compile(s->program, &options, &code, &error) || bc_lower_schedule(s->program, &schedule, &error) ||
        br_network_new(bc_code_model(code), &network, &error) ||
        br_network_start(network, schedule.starts, seed, &error))
        fail_msg("%s", error.message);
    assert_int_equal(network->layers[0].inference, form == BT_METHOD_DENSE ? BT_METHOD_PACKED : BT_METHOD_EVENTS);
    if (packed && br_forward_batch(network, s->in, SAMPLES, packed, &error))
        fail_msg("%s", error.message);
    network->layers[0].inference = network->layers[0].training;
    if (br_forward_batch(network, s->in, SAMPLES, levels, &error))
        fail_msg("%s", error.message);
    assert_true(bc_code_model(code)->layers[0].kernels.forward_dense != NULL || form == BT_METHOD_EVENTS);
    br_network_free(network);
    bc_lowered_schedule_free(&schedule);
    bc_code_free(code);
}

/* With four vectors of neurons or more, event lists and tiles both add in the order of the inputs, so results are equal
 * to the bit. Packed bounds are added in segments. */
static void compare(const subject *s, const char *cpu, uint64_t seed)
{
    size_t count = (size_t)SAMPLES * s->neurons;
    float *lists = malloc(count * sizeof *lists), *tiles = malloc(count * sizeof *tiles);
    float *packed = malloc(count * sizeof *packed);
    assert_true(lists && tiles && packed);
    answer(s, cpu, BT_METHOD_EVENTS, seed, lists, NULL);
    answer(s, cpu, BT_METHOD_DENSE, seed, tiles, packed);
    bool fires = false;
    for (size_t i = 0; i < count; i++) {
        fires |= lists[i] > 0;
        if (fabsf(lists[i] - tiles[i]) > 2e-6f || fabsf(lists[i] - packed[i]) > 2e-6f ||
            (s->neurons > 3 * 16 && memcmp(&lists[i], &tiles[i], sizeof *lists) != 0))
            fail_msg("%u inputs, %u neurons on %s, level %zu: %.9g by lists, %.9g by tiles, %.9g packed", s->inputs,
                     s->neurons, cpu, i, (double)lists[i], (double)tiles[i], (double)packed[i]);
    }
    assert_true(fires || s->inputs * s->neurons < 200);
    free(lists);
    free(tiles);
    free(packed);
}

static uint64_t test_seed(void)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 1;
    print_message("BOUTON_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void forms_agree(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (uint32_t a = 0; a < WIDTHS; a++)
        for (uint32_t b = 0; b < WIDTHS; b++) {
            subject s = subject_new(widths[a], widths[b], seed);
            for (uint32_t level = 0; level < CPU_LEVELS; level++)
                if (cpu_level_runs(level) && (a + 2 * b + level) % 3 == 0)
                    compare(&s, cpu_levels[level], seed);
            subject_free(&s);
        }
}

/* Tiles are chosen if most inputs of the first samples are live, otherwise event lists. */
static void data_choose(void **state)
{
    (void)state;
    static float rows[4][128];
    br_error error = {0};
    uint32_t labels[4] = {0};
    for (int dense = 0; dense < 2; dense++) {
        subject s = subject_new(128, 64, 1);
        for (uint32_t i = 0; i < 4 * 128; i++)
            rows[i / 128][i % 128] = dense || i % 10 == 0 ? 1 : 0;
        bc_code *code;
        br_network *network;
        br_schedule schedule;
        bc_options options = BC_OPTIONS_DEFAULT;
        br_samples samples = {
            .count = 4, .shape = {1, 128, 1}, .floats = &rows[0][0], .labels = labels, .low = 0, .high = 1};
        assert_int_equal(bc_compile(s.program, &options, &code, &error), 0);
        assert_int_equal(bc_lower_schedule(s.program, &schedule, &error), 0);
        assert_int_equal(br_network_new(bc_code_model(code), &network, &error), 0);
        assert_int_equal(br_network_start(network, schedule.starts, 1, &error), 0);
        bt_method training, inference;
        double live;
        assert_false(br_methods_of(network, 0, &training, &inference, &live));
        assert_int_equal(br_methods_choose(network, &samples, &error), 0);
        assert_true(br_methods_of(network, 0, &training, &inference, &live));
        assert_int_equal(training, dense ? BT_METHOD_DENSE : BT_METHOD_EVENTS);
        assert_int_equal(inference, dense ? BT_METHOD_PACKED : BT_METHOD_EVENTS);
        assert_float_equal(live, dense ? 1 : 52.0 / 512, 1e-6);
        br_network_free(network);
        bc_lowered_schedule_free(&schedule);
        bc_code_free(code);
        subject_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms_agree), cmocka_unit_test(data_choose)};
    return cmocka_run_group_tests_name("compiler/methods", tests, NULL, NULL);
}
