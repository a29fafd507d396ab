/* All inference methods of a dense layer and of a convolution give the same results, on every processor level, for sizes near multiples of
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

#include "base/memory.h"
#include "bouton/compiler.h"
#include "cpu_levels.h"
#include "engine/live.h"
#include "engine/workspace_pool.h"
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

/* A convolution, by its window and its map: places below, at and above the sizes of tiles, lines of a field that share a
 * stretch, that are one, and that are cut into several, borders, and steps of the window. */
static const struct {
    const char *input, *layer;
} convolutions[] = {
    {"8x8", "conv(5x5, 20)"},
    {"12x12x3", "conv(5x5, 40) padding same"},
    {"9x27x2", "conv(3x4, 17)"},
    {"7x11x33", "conv(3x3, 16) padding same"},
    {"12x12x32", "conv(5x5, 64)"},
    {"15x15x5", "conv(4x4, 35) stride 2"},
    {"16x16x7", "conv(3x3, 33) stride 2 padding same"},
    {"2x4x70", "conv(1x1, 48)"},
};

static subject convolution_new(size_t number, uint64_t seed)
{
    char text[300];
    subject s = {.context = bl_context_new()};
    snprintf(text, sizeof text,
             "network n { input image(%s) in [0, 0.6]; layer c = %s { sum scaled(3); }"
             " layer top = dense(9) { sum scaled(3); } }",
             convolutions[number].input, convolutions[number].layer);
    assert_int_equal(bl_load_text(s.context, "maps.btn", text, strlen(text)), 0);
    s.program = bl_check(s.context, NULL);
    assert_non_null(s.program);
    const bt_shape *shape = &s.program->input.encoded;
    s.inputs = shape->height * shape->width * shape->channels;
    s.in = malloc((size_t)SAMPLES * s.inputs * sizeof *s.in);
    assert_non_null(s.in);
    for (uint64_t i = 0; i < (uint64_t)SAMPLES * s.inputs; i++) {
        float level = 2 * unit(seed, i) - 1;
        s.in[i] = level <= 0 ? 0 : level > 0.9f ? 0.6f : 0.6f * level;
    }
    return s;
}

/* Every activation of the convolution, by lists and packed; for both, whole and in parts of vector blocks. */
static void compare_maps(const subject *s, const char *cpu, const char *what)
{
    enum { FEW = 3 };
    br_error error = {0};
    bc_code *code = NULL;
    br_network *network = NULL;
    br_schedule schedule;
    br_workspace *workspace = NULL;
    float *packed = NULL;
    bt_method methods[2] = {BT_METHOD_PACKED, BT_METHOD_EVENTS};
    bc_options options = {.cpu = cpu, .level = 2, .methods = methods, .inference_only = true};
    if (bc_compile(s->program, &options, &code, &error) || bc_lower_schedule(s->program, &schedule, &error) ||
        br_network_new(bc_code_model(code), &network, &error) ||
        br_network_start(network, schedule.starts, 1, &error) ||
        br_workspace_new(network, FEW, false, &workspace, &error) || br_pack_new(network, 0, &packed, &error))
        fail_msg("%s", error.message);
    assert_int_equal(network->layers[0].inference, BT_METHOD_PACKED);
    const br_layer_code *layer = &bc_code_model(code)->layers[0];
    br_layer_state *state = &workspace->layers[0];
    uint32_t blocks = layer->layout.pitch / layer->layout.lanes;
    size_t count = (size_t)FEW * layer->shape.out.sample_stride;
    float *lists = malloc(count * sizeof *lists);
    assert_non_null(lists);
    for (uint32_t n = 0; n < FEW; n++)
        memcpy(workspace->in + (size_t)n * layer->shape.in.sample_stride, s->in + (size_t)n * s->inputs,
               s->inputs * sizeof *s->in);
    layer->kernels.events(state, 0, FEW, 0, 0);
    layer->kernels.forward(state, 0, FEW, 0, 0);
    memcpy(lists, state->drive, count * sizeof *lists);
    for (uint32_t n = 0; n < FEW; n++) { /* packed sums leave no lists to count */
        double share = br_live_share(layer, state, true, n);
        assert_true(share > 0 && share == br_live_share(layer, state, false, n));
    }
    state->tiles.packed = packed;
    for (uint32_t first = 0; first <= blocks; first++) {
        memset(state->drive, 0xff, count * sizeof *lists);
        if (layer->kernels.transpose)
            layer->kernels.transpose(state, 0, FEW, 0, 0);
        layer->kernels.forward_packed(state, 0, FEW, 0, first);
        layer->kernels.forward_packed(state, 0, FEW, first, blocks);
        bool live = false;
        for (size_t i = 0; i < count; i++) {
            live |= lists[i] != 0;
            if (!(fabsf(lists[i] - state->drive[i]) <= 4e-6f))
                fail_msg("%s on %s, drive %zu: %.9g by lists, %.9g packed", what, cpu, i, (double)lists[i],
                         (double)state->drive[i]);
        }
        assert_true(live);
    }
    free(lists);
    br_release(packed);
    br_workspace_free(workspace);
    br_network_free(network);
    bc_lowered_schedule_free(&schedule);
    bc_code_free(code);
}

static void forms_of_maps_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof convolutions / sizeof *convolutions; i++) {
        subject s = convolution_new(i, test_seed());
        for (uint32_t level = 0; level < CPU_LEVELS; level++)
            if (cpu_level_runs(level))
                compare_maps(&s, cpu_levels[level], convolutions[i].layer);
        subject_free(&s);
    }
}

/* Packed bounds answer for a convolution if most values of the first samples are live; it always learns by lists. */
static void data_choose_for_maps(void **state)
{
    (void)state;
    for (int most = 0; most < 2; most++) {
        subject s = convolution_new(4, 1);
        uint32_t labels[4] = {0};
        br_error error = {0};
        for (uint32_t i = 0; i < 4 * s.inputs; i++)
            s.in[i] = most || i % 10 == 0 ? 0.5f : 0;
        bc_code *code;
        br_network *network;
        br_schedule schedule;
        bc_options options = BC_OPTIONS_DEFAULT;
        br_samples samples = {
            .count = 4, .shape = s.program->input.encoded, .floats = s.in, .labels = labels, .low = 0, .high = 1};
        assert_int_equal(bc_compile(s.program, &options, &code, &error), 0);
        assert_int_equal(bc_lower_schedule(s.program, &schedule, &error), 0);
        assert_int_equal(br_network_new(bc_code_model(code), &network, &error), 0);
        assert_int_equal(br_network_start(network, schedule.starts, 1, &error), 0);
        bt_method training, inference;
        double live;
        assert_int_equal(br_methods_choose(network, &samples, &error), 0);
        assert_true(br_methods_of(network, 0, &training, &inference, &live));
        assert_int_equal(training, BT_METHOD_EVENTS);
        assert_int_equal(inference, most ? BT_METHOD_PACKED : BT_METHOD_EVENTS);
        assert_float_equal(live, most ? 1 : 0.1, 1e-3);
        br_network_free(network);
        bc_lowered_schedule_free(&schedule);
        bc_code_free(code);
        subject_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms_agree), cmocka_unit_test(data_choose),
                                       cmocka_unit_test(forms_of_maps_agree), cmocka_unit_test(data_choose_for_maps)};
    return cmocka_run_group_tests_name("compiler/methods", tests, NULL, NULL);
}
