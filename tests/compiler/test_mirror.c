/* Scores of pictures that are averaged with their mirror images: against the means of what br_predict answers to the
 * pictures and to mirror images that the test makes, in floats and in int8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../reference/random_network.h"
#include "../reference/shares.h"
#include "text_network.h"

enum { COUNT = 301, HEIGHT = 6, WIDTH = 7, CHANNELS = 2, VALUES = HEIGHT * WIDTH * CHANNELS, KINDS = 4, ROW = 14 };

static const char text[] =
    "network mirror { input image(6x7, 2) in [0, 0.5]; layer seen = conv(3x3, 9) { sum scaled(4); }"
    "layer best = pool(max) 2x2; layer kind = dense(4) { sum scaled(4); } }";

typedef struct fixture {
    text_network made;
    uint8_t in[COUNT][VALUES], mirrored[COUNT][VALUES], symmetric[COUNT][VALUES];
    uint32_t labels[COUNT];
} fixture;

static br_samples samples_of(fixture *f, uint8_t (*pictures)[VALUES])
{
    return (br_samples){
        .count = COUNT, .shape = {HEIGHT, WIDTH, CHANNELS}, .bytes = pictures[0], .labels = f->labels, .high = 255};
}

static void draw_pictures(fixture *f)
{
    ref_random random = {23};
    for (uint32_t n = 0; n < COUNT; n++) {
        f->labels[n] = ref_below(&random, KINDS);
        for (uint32_t i = 0; i < VALUES; i++)
            f->in[n][i] = (uint8_t)(ref_chance(&random, .4) ? 0 : ref_below(&random, 256));
        for (uint32_t i = 0; i < VALUES; i++) {
            uint32_t x = i % ROW / CHANNELS, away = i - x * CHANNELS + (WIDTH - 1 - x) * CHANNELS;
            f->mirrored[n][i] = f->in[n][away];
            f->symmetric[n][i] = f->in[n][x < WIDTH / 2 ? i : away];
        }
    }
}

static int begin(void **state)
{
    static const br_layer_start starts[3] = {
        {.excitatory = 0.6f, .start = BT_START_UNIFORM, .low = 0, .high = 0.5f, .theta = 0.05f},
        {.excitatory = 0}, /* the pool */
        {.excitatory = 0.5f, .start = BT_START_UNIFORM, .low = 0, .high = 0.5f, .theta = 0.05f}};
    fixture *f = calloc(1, sizeof *f);
    br_error error;
    bc_options options = BC_OPTIONS_DEFAULT;
    options.quantise = true;
    assert_non_null(f);
    text_network_compile(&f->made, text, &options);
    assert_int_equal(br_network_start(f->made.network, starts, 3, &error), 0);
    draw_pictures(f);
    *state = f;
    return 0;
}

static int end(void **state)
{
    fixture *f = *state;
    text_network_end(&f->made);
    free(f);
    return 0;
}

static br_score score_mirrored(fixture *f, const br_quantised *q, uint8_t (*pictures)[VALUES], uint32_t threads)
{
    br_score score;
    br_error error = {0};
    br_samples samples = samples_of(f, pictures);
    if (br_score_mirrored(f->made.network, q, &samples, threads, &score, &error) != 0)
        fail_msg("%s", error.message);
    return score;
}

static void same_score(const br_score *a, const br_score *b)
{
    assert_true(a->samples == b->samples && a->right == b->right && a->accuracy == b->accuracy);
    assert_true(a->nll == b->nll && a->ece == b->ece && a->classes == KINDS && b->classes == KINDS);
    assert_memory_equal(a->confusion, b->confusion, KINDS * KINDS * sizeof *a->confusion);
}

/* ---- in floats ---- */

static void the_mean_of_both_decides(void **state)
{
    fixture *f = *state;
    static float each[2][COUNT][KINDS];
    uint32_t labels[2][COUNT], changed = 0;
    br_error error;
    br_score score = score_mirrored(f, NULL, f->in, 1); /* it chooses the layers' methods, which predicting then uses */
    for (int side = 0; side < 2; side++) {
        br_samples samples = samples_of(f, side ? f->mirrored : f->in);
        br_outputs out = {.labels = labels[side], .probabilities = each[side][0]};
        assert_int_equal(br_predict(f->made.network, &samples, 1, &out, &error), 0);
    }
    double loss = 0, p[COUNT];
    int right[COUNT];
    uint64_t confusion[KINDS * KINDS] = {0};
    for (uint32_t n = 0; n < COUNT; n++) {
        double mean[KINDS];
        uint32_t label = 0;
        for (uint32_t k = 0; k < KINDS; k++) {
            mean[k] = ((double)each[0][n][k] + (double)each[1][n][k]) / 2;
            label = mean[k] > mean[label] ? k : label;
        }
        p[n] = mean[label];
        right[n] = label == f->labels[n];
        loss -= log(mean[f->labels[n]]) / COUNT;
        confusion[f->labels[n] * KINDS + label]++;
        changed += label != labels[0][n];
    }
    assert_in_range(changed, 1, COUNT / 2); /* otherwise this would test nothing */
    assert_memory_equal(score.confusion, confusion, sizeof confusion);
    assert_true(fabs(score.nll - loss) < 1e-7 && fabs(score.ece - ref_calibration_error(p, right, COUNT)) < 1e-6);
    br_score_free(&score);
}

/* Pictures and their mirror images have the same score, for any number of threads. */
static void both_ways_round_are_the_same(void **state)
{
    fixture *f = *state;
    br_score score = score_mirrored(f, NULL, f->in, 1);
    for (uint32_t threads = 1; threads <= 4; threads++) {
        br_score again = score_mirrored(f, NULL, f->in, threads),
                 mirrored = score_mirrored(f, NULL, f->mirrored, threads);
        same_score(&score, &again);
        same_score(&score, &mirrored);
        br_score_free(&again);
        br_score_free(&mirrored);
    }
    br_score_free(&score);
}

/* Live connections are those of the pictures as they lie. */
static void symmetric_pictures_score_as_alone(void **state)
{
    fixture *f = *state;
    br_error error;
    for (int side = 0; side < 2; side++) {
        uint8_t(*pictures)[VALUES] = side ? f->symmetric : f->in;
        br_samples samples = samples_of(f, pictures);
        br_score alone, score = score_mirrored(f, NULL, pictures, 2);
        assert_int_equal(br_score_samples(f->made.network, &samples, 3, &alone, &error), 0);
        assert_int_equal(score.layer_count, 3);
        assert_memory_equal(score.live, alone.live, 3 * sizeof *score.live);
        assert_memory_equal(score.live_spread, alone.live_spread, 3 * sizeof *score.live);
        if (side)
            same_score(&score, &alone);
        else
            assert_true(score.nll != alone.nll);
        br_score_free(&alone);
        br_score_free(&score);
    }
}

/* ---- in int8 ---- */

static void quantised(void **state)
{
    fixture *f = *state;
    br_error error;
    br_quantised *q;
    br_samples samples = samples_of(f, f->in), symmetric = samples_of(f, f->symmetric);
    assert_int_equal(br_quantise(f->made.network, &samples, 1, &q, &error), 0);
    assert_true(br_quantised_of(q, 0)->int8);
    br_score alone, score = score_mirrored(f, q, f->symmetric, 2), floats = score_mirrored(f, NULL, f->symmetric, 2);
    assert_int_equal(br_score_quantised(q, &symmetric, 1, &alone, &error), 0);
    same_score(&score, &alone);
    assert_true(score.layer_count == 0 && score.nll != floats.nll && fabs(score.nll - floats.nll) < 0.05);
    br_score one = score_mirrored(f, q, f->in, 1), other = score_mirrored(f, q, f->mirrored, 3);
    same_score(&one, &other);
    br_score_free(&alone);
    br_score_free(&score);
    br_score_free(&floats);
    br_score_free(&one);
    br_score_free(&other);
    br_quantised_free(q);
}

static void unusable_samples(void **state)
{
    fixture *f = *state;
    br_error error;
    br_score score;
    br_samples samples = samples_of(f, f->in);
    samples.labels = NULL;
    assert_int_equal(br_score_mirrored(f->made.network, NULL, &samples, 1, &score, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    assert_null(score.confusion);
    samples = samples_of(f, f->in);
    samples.shape.width = 6;
    assert_int_equal(br_score_mirrored(f->made.network, NULL, &samples, 1, &score, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    samples.shape.width = WIDTH;
    samples.count = 0;
    assert_int_equal(br_score_mirrored(f->made.network, NULL, &samples, 2, &score, &error), 0);
    assert_true(score.samples == 0 && score.accuracy == 0);
    br_score_free(&score);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mean_of_both_decides),
        cmocka_unit_test(both_ways_round_are_the_same),
        cmocka_unit_test(symmetric_pictures_score_as_alone),
        cmocka_unit_test(quantised),
        cmocka_unit_test(unusable_samples),
    };
    return cmocka_run_group_tests_name("compiler/mirror", tests, begin, end);
}
