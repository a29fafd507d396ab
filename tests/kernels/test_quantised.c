/* int8 inference of random dense networks and graphs of maps, with and without calibration, and of dense layers with
 * sizes near multiples of the vector width. Every sum must equal that of the scalar integer reference. Every drive must
 * equal the unrounded one within the bound of docs/design/quantised.md. A third of the networks have bounds of 4 bits, whose
 * drives equal the reference's sums at their levels. Every processor level, with a dot product of bytes or without, must
 * give the same bits and scales. Convolutions on depressed maps read only their live quads: every tile of vectors is
 * drawn, and any division by lines must give the same bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../agree/int8.h"
#include "../reference/random_maps.h"
#include "cpu_levels.h"
#include "engine/forward.h"
#include "fewer.h"

enum { DENSE = 60, MAPS = 45, MOST_BATCH = 21, EVERY_LEVEL = 3 };

/* The levels of all suites, and one that has wide vectors but no dot product of bytes. */
enum { LEVELS = CPU_LEVELS + 1 };

static const char *level_name(uint32_t level)
{
    return level < CPU_LEVELS ? cpu_levels[level] : "x86-64-v4";
}

static bool level_runs(uint32_t level)
{
#ifdef __x86_64__
    if (level == CPU_LEVELS)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
#endif
    return level < CPU_LEVELS && cpu_level_runs(level);
}

/* ---- one network on every level ---- */

static uint64_t check_subject(const int8_subject *s, uint32_t levels)
{
    uint64_t compared = 0;
    int8_answers first = {0};
    for (uint32_t level = 0; level < levels; level++) {
        int8_code c;
        if (!level_runs(level))
            continue;
        if (int8_compile(s, level_name(level), 2, &c) != 0 || int8_answer(s, &c) != 0 ||
            int8_check(s, &c, &compared) != 0)
            fail_msg("on %s:\n%s", level_name(level), s->text);
        int8_answers here = int8_answers_of(&c, s->batch);
        bool int8 = br_quantised_of(c.quantised, bc_code_model(c.code)->layer_count - 1)->int8;
        if (first.values && int8 && memcmp(first.values, here.values, here.count * sizeof *here.values) != 0)
            fail_msg("%s answers otherwise than native:\n%s", level_name(level), s->text);
        if (first.values)
            free(here.values);
        else
            first = here;
        int8_free(&c);
    }
    free(first.values);
    return compared;
}

static void draw_inputs(int8_subject *s, ref_random *random)
{
    s->batch = 1 + ref_below(random, MOST_BATCH);
    s->calibrate = ref_chance(random, .5);
    s->bits = ref_chance(random, .3) ? 4 : 8;
    s->in = calloc((uint64_t)s->batch * s->values, sizeof *s->in);
    assert_non_null(s->in);
    for (uint32_t n = 0; n < s->batch; n++)
        random_sample(random, s->in + (uint64_t)n * s->values, s->values, s->range);
}

static uint64_t check_drawn(int8_subject *s, ref_random *random, uint32_t number)
{
    draw_inputs(s, random);
    uint64_t compared = check_subject(s, number % EVERY_LEVEL == 0 ? LEVELS : 1);
    free(s->in);
    return compared;
}

static uint64_t test_seed(void)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 1;
    print_message("BOUTON_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void dense_networks_agree(void **state)
{
    (void)state;
    uint64_t compared = 0, seed = test_seed();
    for (uint32_t i = 0; i < fewer(DENSE); i++) {
        ref_random random = {seed * 8000009u + i};
        random_network *drawn = calloc(1, sizeof *drawn);
        assert_non_null(drawn);
        random_network_make(drawn, &random);
        const ref_layer *layers = drawn->network.layers;
        int8_subject s = {.text = drawn->text,
                          .alpha = drawn->alpha,
                          .theta = drawn->theta,
                          .sign = drawn->sign,
                          .values = layers[0].inputs,
                          .range = (float)layers[0].range_in};
        for (uint32_t l = 0; l < drawn->network.layer_count; l++)
            s.neurons[l] = &layers[l].neuron;
        compared += check_drawn(&s, &random, i);
        random_network_release(drawn);
        free(drawn);
    }
    print_message("%llu sums compared\n", (unsigned long long)compared);
    assert_true(compared > fewer(20000) / 4);
}

static void maps_agree(void **state)
{
    (void)state;
    uint64_t compared = 0, seed = test_seed();
    for (uint32_t i = 0; i < fewer(MAPS); i++) {
        ref_random random = {seed * 9000011u + i};
        random_maps *drawn = calloc(1, sizeof *drawn);
        assert_non_null(drawn);
        random_maps_make(drawn, &random, i % 5 == 0 ? REF_GRADIENT : REF_REPAIRED);
        int8_subject s = {.text = drawn->text,
                          .alpha = drawn->alpha,
                          .theta = drawn->theta,
                          .sign = drawn->sign,
                          .gain = drawn->gain,
                          .values = (uint32_t)ref_values(drawn->graph.input),
                          .range = (float)drawn->range};
        for (uint32_t l = 0; l < drawn->graph.layer_count; l++)
            s.neurons[l] = &drawn->graph.layers[l].weights.neuron, s.maps[l] = &drawn->graph.layers[l];
        compared += check_drawn(&s, &random, i);
        random_maps_release(drawn);
        free(drawn);
    }
    print_message("%llu sums compared\n", (unsigned long long)compared);
    assert_true(compared > fewer(20000) / 4);
}

/* ---- shapes ---- */

static const uint32_t widths[] = {1, 2, 3, 5, 7, 13, 15, 16, 17, 31, 33, 61, 63, 64, 65, 67, 127, 131};
enum { WIDTHS = sizeof widths / sizeof *widths };

/* Random connections and inputs. The number of samples depends on the number of neurons, so that tiles differ. */
static uint64_t check_shape(uint32_t inputs, uint32_t neurons, ref_random *random)
{
    char text[200];
    uint64_t connections = (uint64_t)inputs * neurons;
    float *alpha = calloc(connections, sizeof *alpha), *theta = calloc(neurons, sizeof *theta);
    int8_t *sign = calloc(connections, sizeof *sign);
    int8_subject s = {
        .text = text, .values = inputs, .batch = 1 + neurons % MOST_BATCH, .range = .6f, .calibrate = true};
    s.alpha = &alpha, s.theta = &theta, s.sign = &sign;
    s.in = calloc((uint64_t)s.batch * inputs, sizeof *s.in);
    assert_true(alpha && theta && sign && s.in);
    for (uint64_t c = 0; c < connections; c++) {
        alpha[c] = .6f * (float)ref_unit(random);
        sign[c] = ref_chance(random, .6) ? 1 : -1;
    }
    for (uint32_t n = 0; n < s.batch; n++)
        random_sample(random, s.in + (uint64_t)n * inputs, inputs, s.range);
    snprintf(text, sizeof text, "network n { input vector(%u) in [0, 0.6]; layer top = dense(%u) { sum %s(3); } }",
             inputs, neurons, ref_chance(random, .3) ? "shared" : "scaled");
    uint64_t compared = check_subject(&s, LEVELS);
    free(alpha);
    free(theta);
    free(sign);
    free(s.in);
    return compared;
}

static void shapes_agree(void **state)
{
    (void)state;
    ref_random random = {test_seed()};
    uint64_t compared = 0;
    for (uint32_t a = 0; a < WIDTHS; a++)
        for (uint32_t b = 0; b < WIDTHS; b++)
            if ((a + 2 * b) % 7 == 0) /* a seventh of all pairs, with every size on either side */
                compared += check_shape(widths[a], widths[b], &random);
    print_message("%llu sums compared\n", (unsigned long long)compared);
    assert_true(compared > fewer(10000) / 4);
}

/* ---- depressed maps ---- */

enum {
    DEPRESSED = 16,
    MOST_KEPT = 3,
    DEPRESSED_LAYERS = 4,
    CHECKED_LAYER = 2,
    DEPRESSED_SIDE = 9,
    DEPRESSED_BATCH = 6
};

typedef struct depressed {
    char text[600];
    uint32_t inputs[DEPRESSED_LAYERS], neurons[DEPRESSED_LAYERS]; /* fan-in; the second layer is a pool */
    float *alpha[DEPRESSED_LAYERS], *theta[DEPRESSED_LAYERS];
    int8_t *sign[DEPRESSED_LAYERS];
    ref_map_layer maps[DEPRESSED_LAYERS];
} depressed;

static ref_map_layer keeping(uint32_t keep)
{
    return (ref_map_layer){.fire = REF_GRADED, .clause_count = 1, .clauses = {{.keep = keep}}};
}

/* conv, pool, conv, dense. Ties are frequent: half of the networks have few different bounds. */
static void draw_depressed(depressed *d, ref_random *random)
{
    static const uint32_t filters[] = {24, 28, 32, 36, 44, 64}, others[] = {5, 16, 24, 33, 64, 72, 130, 160};
    uint32_t first = filters[ref_below(random, 6)], second = others[ref_below(random, 8)];
    uint32_t keep = 1 + ref_below(random, MOST_KEPT), kept = 1 + ref_below(random, 2), size = 2 + ref_below(random, 2);
    uint32_t stride = 1 + ref_below(random, 2);
    bool same = ref_chance(random, .5), coarse = ref_chance(random, .5);
    snprintf(d->text, sizeof d->text,
             "network n { input image(%ux%u) in [0, 0.6];\n"
             "layer a = conv(2x2, %u) { sum scaled(2); depress over filters keep %u; }\n"
             "layer b = pool(max) 2x2;\n"
             "layer c = conv(%ux%u, %u) stride %u padding %s { sum %s(2); depress over filters keep %u; }\n"
             "layer d = dense(4); }",
             DEPRESSED_SIDE, DEPRESSED_SIDE, first, keep, size, size, second, stride, same ? "same" : "valid",
             ref_chance(random, .3) ? "shared" : "scaled", kept);
    uint32_t side = same ? (4 + stride - 1) / stride : (4 - size) / stride + 1;
    d->inputs[0] = 4, d->neurons[0] = first;
    d->inputs[2] = size * size * first, d->neurons[2] = second;
    d->inputs[3] = side * side * second, d->neurons[3] = 4;
    d->maps[0] = keeping(keep);
    d->maps[2] = keeping(kept);
    for (uint32_t l = 0; l < DEPRESSED_LAYERS; l++) {
        uint64_t connections = (uint64_t)d->inputs[l] * d->neurons[l];
        d->alpha[l] = calloc(connections + 1, sizeof(float));
        d->theta[l] = calloc(d->neurons[l] + 1, sizeof(float));
        d->sign[l] = calloc(connections + 1, 1);
        assert_true(d->alpha[l] && d->theta[l] && d->sign[l]);
        for (uint64_t i = 0; i < connections; i++) {
            d->alpha[l][i] = coarse ? .25f * (float)ref_below(random, 2) : .5f * (float)ref_unit(random);
            d->sign[l][i] = ref_chance(random, .6) ? 1 : -1;
        }
    }
}

static void release_depressed(depressed *d)
{
    for (uint32_t l = 0; l < DEPRESSED_LAYERS; l++) {
        free(d->alpha[l]);
        free(d->theta[l]);
        free(d->sign[l]);
    }
}

/* Computes the second convolution again, its lines in two calls. */
static void check_lines(const int8_subject *s, const char *level)
{
    int8_code c;
    assert_int_equal(int8_compile(s, level, 2, &c), 0);
    assert_int_equal(int8_answer(s, &c), 0);
    const br_layer_code *code = &bc_code_model(c.code)->layers[CHECKED_LAYER];
    const br_layer_state *state = &c.workspace->layers[CHECKED_LAYER];
    uint64_t bytes = (uint64_t)s->batch * code->shape.out.sample_stride * sizeof(float);
    float *drive = malloc(bytes), *out = malloc(bytes);
    assert_true(drive && out && code->layout.int8.tile > 0);
    memcpy(drive, state->drive, bytes);
    memcpy(out, state->out, bytes);
    memset(state->drive, 0x55, bytes);
    memset(state->out, 0x55, bytes);
    uint32_t height = code->shape.out.height, half = (height + 1) / 2;
    for (uint32_t n = 0; n < s->batch; n++) {
        code->kernels.forward_int8(state, n, n + 1, 0, half);
        if (half < height)
            code->kernels.forward_int8(state, n, n + 1, half, height);
    }
    code->kernels.depress(state, 0, s->batch, 0, 0);
    assert_memory_equal(drive, state->drive, bytes);
    assert_memory_equal(out, state->out, bytes);
    free(drive);
    free(out);
    int8_free(&c);
}

/* Answers alone: the pool settles the winners of the first convolution, whose activations are never made. Every map that
 * is kept has the same bits. */
static void check_answers(const int8_subject *s, const char *level)
{
    int8_code c;
    assert_int_equal(int8_compile(s, level, 2, &c), 0);
    assert_int_equal(int8_answer(s, &c), 0);
    const br_model *model = bc_code_model(c.code);
    assert_true(model->layers[0].layout.settled);
    float *kept[2 * DEPRESSED_LAYERS] = {NULL};
    for (uint32_t l = 1; l < DEPRESSED_LAYERS; l++) {
        uint64_t bytes = (uint64_t)s->batch * model->layers[l].shape.out.sample_stride * sizeof(float);
        float *maps[2] = {c.workspace->layers[l].drive, c.workspace->layers[l].out};
        for (uint32_t i = 0; i < 2; i++) {
            kept[2 * l + i] = malloc(bytes);
            assert_non_null(kept[2 * l + i]);
            memcpy(kept[2 * l + i], maps[i], bytes);
            memset(maps[i], 0x55, bytes);
        }
    }
    br_forward_answers(c.workspace, 0, model->layer_count, 0, s->batch);
    for (uint32_t l = 1; l < DEPRESSED_LAYERS; l++) {
        uint64_t bytes = (uint64_t)s->batch * model->layers[l].shape.out.sample_stride * sizeof(float);
        assert_memory_equal(kept[2 * l], c.workspace->layers[l].drive, bytes);
        assert_memory_equal(kept[2 * l + 1], c.workspace->layers[l].out, bytes);
        free(kept[2 * l]);
        free(kept[2 * l + 1]);
    }
    int8_free(&c);
}

static void depressed_maps_agree(void **state)
{
    (void)state;
    uint64_t compared = 0, seed = test_seed();
    for (uint32_t i = 0; i < fewer(DEPRESSED); i++) {
        ref_random random = {seed * 7000003u + i};
        depressed d = {.text = ""};
        draw_depressed(&d, &random);
        int8_subject s = {.text = d.text,
                          .alpha = d.alpha,
                          .theta = d.theta,
                          .sign = d.sign,
                          .maps = {&d.maps[0], NULL, &d.maps[2]},
                          .values = DEPRESSED_SIDE * DEPRESSED_SIDE,
                          .range = .6f};
        draw_inputs(&s, &random);
        s.batch = s.batch < DEPRESSED_BATCH ? s.batch : DEPRESSED_BATCH;
        compared += check_subject(&s, LEVELS);
        check_lines(&s, level_runs(i % LEVELS) ? level_name(i % LEVELS) : "native");
        check_answers(&s, level_runs(i / 2 % LEVELS) ? level_name(i / 2 % LEVELS) : "native");
        free(s.in);
        release_depressed(&d);
    }
    print_message("%llu sums compared\n", (unsigned long long)compared);
    assert_true(compared > fewer(20000) / 4);
}

/* ---- calibration and scoring ---- */

enum { SCORED = 300, SCORED_VALUES = 9, SCORED_CLASSES = 5 };

static void start(const int8_code *c)
{
    br_error error = {0};
    const br_layer_start each = {.excitatory = .5f, .high = .5f, .theta = .05f}, starts[] = {each, each};
    assert_int_equal(br_network_start(c->network, starts, 1, &error), 0);
}

static void scales_come_from_the_samples(void **state)
{
    (void)state;
    int8_subject s = {.text = "network n { input vector(9) in [0, 0.5]; layer h = dense(33); layer c = dense(5); }"};
    static float in[SCORED * SCORED_VALUES];
    static uint32_t labels[SCORED];
    ref_random random = {1};
    br_error error = {0};
    for (uint32_t i = 0; i < SCORED * SCORED_VALUES; i++)
        in[i] = (float)(.8 * ref_unit(&random));
    in[77] = .8f; /* a raw value of 0.8 of 1 is an activation of 0.4 of 0.5 */
    for (uint32_t n = 0; n < SCORED; n++)
        labels[n] = ref_below(&random, SCORED_CLASSES);
    br_samples samples = {.count = SCORED, .shape = {1, SCORED_VALUES, 1}, .floats = in, .labels = labels, .high = 1};
    int8_code c;
    assert_int_equal(int8_compile(&s, "native", 2, &c), 0);
    start(&c);
    assert_int_equal(br_quantise(c.network, &samples, 2, &c.quantised, &error), 0);
    assert_true(fabs((double)br_quantised_of(c.quantised, 0)->top - .4) < 1e-6);
    assert_true(br_quantised_of(c.quantised, 1)->top <= .5f);
    assert_true(br_quantised_of(c.quantised, 0)->always_silent > 0); /* alpha up to 0.5, inputs up to 0.4 */
    br_score alone, together;
    assert_int_equal(br_score_quantised(c.quantised, &samples, 1, &alone, &error), 0);
    assert_int_equal(br_score_quantised(c.quantised, &samples, 3, &together, &error), 0);
    assert_memory_equal(alone.confusion, together.confusion, SCORED_CLASSES * SCORED_CLASSES * sizeof(uint64_t));
    assert_int_equal(alone.layer_count, 0);
    br_score_free(&alone);
    br_score_free(&together);
    br_quantised_free(c.quantised);
    samples.count = 0; /* without samples the scales come from the ranges */
    assert_int_equal(br_quantise(c.network, &samples, 1, &c.quantised, &error), 0);
    assert_true(br_quantised_of(c.quantised, 0)->top == .5f && br_quantised_of(c.quantised, 1)->top == .5f);
    int8_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(dense_networks_agree), cmocka_unit_test(maps_agree),
                                       cmocka_unit_test(shapes_agree), cmocka_unit_test(depressed_maps_agree),
                                       cmocka_unit_test(scales_come_from_the_samples)};
    return cmocka_run_group_tests_name("compiler/quantised", tests, NULL, NULL);
}
