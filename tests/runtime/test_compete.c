/* Competing filters: winners, rivals, conscience; filters drawn from patches; the scale of a summing pool. The expected
 * result of each step is computed here from section 8 of the model, on images so small that every field is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bouton/compiler.h"
#include "model/network.h"
#include "train/compete.h"

enum { IMAGES = 4, SIDE = 3, FIELD = SIDE * SIDE, FILTERS_MOST = 64 };
static const float range = .5f;

/* Four patterns with little overlap: a cross, a border, two halves. */
static const uint8_t images[IMAGES * FIELD] = {
    0,   255, 0,   255, 255, 255, 0,   255, 0,   /* */
    255, 102, 255, 0,   0,   0,   255, 102, 255, /* */
    255, 255, 0,   255, 204, 0,   255, 255, 0,   /* */
    0,   51,  255, 0,   0,   255, 0,   0,   255,
};
static const br_samples samples = {.count = IMAGES, .shape = {SIDE, SIDE, 1}, .bytes = images, .high = 255};

typedef struct fixture {
    bl_context *context;
    bc_code *code;
    br_network *network;
    br_schedule schedule;
} fixture;

static fixture begin(const char *layers, const char *phase)
{
    fixture f = {.context = bl_context_new()};
    br_error error = {0};
    char text[2048];
    snprintf(text, sizeof text, "network n {\n  input image(3x3) in [0, 0.5];\n  %s\n  layer class = dense(2);\n}\n%s",
             layers, phase);
    assert_int_equal(bl_load_text(f.context, "compete.btn", text, strlen(text)), 0);
    const bl_program *program = bl_check(f.context, NULL);
    if (!program)
        bl_write_diagnostics(f.context, stderr, false);
    assert_non_null(program);
    if (bc_compile(program, &BC_OPTIONS_DEFAULT, &f.code, &error) != 0 ||
        bc_lower_schedule(program, &f.schedule, &error) != 0 ||
        br_network_new(bc_code_model(f.code), &f.network, &error) != 0 ||
        br_network_start(f.network, f.schedule.starts, 7, &error) != 0)
        fail_msg("%s", error.message);
    return f;
}

static void end(fixture *f)
{
    br_network_free(f->network);
    bc_lowered_schedule_free(&f->schedule);
    bc_code_free(f->code);
    bl_context_free(f->context);
}

static float *v_of(const fixture *f, uint32_t layer, uint32_t k, uint32_t i)
{
    const br_layer_code *code = &f->network->model->layers[layer];
    return &f->network->layers[layer].bounds[br_row_of(code, i) * code->layout.pitch + k];
}

/* Counts the filters that never won. */
static uint64_t compete_on(const fixture *f, const br_samples *of, uint64_t seed)
{
    br_error error = {0};
    const br_phase *phase = &f->schedule.phases[0];
    uint64_t wins[FILTERS_MOST] = {0}, idle = 0;
    uint32_t filters = f->network->model->layers[phase->compete].shape.neurons;
    br_contest_position at = {.wins = wins};
    br_competition job = {.network = f->network, .samples = of, .phase = phase, .seed = seed, .at = &at};
    assert_true(filters <= FILTERS_MOST);
    if (br_compete(&job, &error) != 0)
        fail_msg("%s", error.message);
    for (uint32_t k = 0; k < filters; k++)
        idle += wins[k] == 0;
    return idle;
}

static uint64_t compete(const fixture *f, uint64_t seed)
{
    return compete_on(f, &samples, seed);
}

/* ---- expected values, computed independently ---- */

static double activation(uint32_t image, uint32_t i)
{
    return images[image * FIELD + i] / 255.0 * range;
}

/* T_i of a whole image. */
static double target(uint32_t image, uint32_t i, bool standard)
{
    double mean = 0, squares = 0;
    if (!standard)
        return 2 * activation(image, i) / range - 1;
    for (uint32_t j = 0; j < FIELD; j++)
        mean += activation(image, j) / FIELD;
    for (uint32_t j = 0; j < FIELD; j++)
        squares += (activation(image, j) - mean) * (activation(image, j) - mean) / FIELD;
    return fmin(1, fmax(-1, (activation(image, i) - mean) / sqrt(squares)));
}

/* Sum of sign * max(0, q|v| - q t), without gamma, which does not change the order of drives. */
static double drive(const fixture *f, uint32_t k, uint32_t image)
{
    double sum = 0, a_max = 1 / (1 - (double)range);
    for (uint32_t i = 0; i < FIELD; i++) {
        double v = *v_of(f, 0, k, i), q = 1 - activation(image, i);
        if (activation(image, i) > 0)
            sum += copysign(fmax(0, q * fabs(v) - q * (a_max - 1 / q)), v);
    }
    return sum;
}

#define ONE_STEP(properties)                                                                                           \
    "schedule { phase f { compete map; sample 1 patches; xi 0.25 to 0.25; conscience 0; " properties "} "              \
    "phase r { correct class; } }"

typedef struct moved { /* the change of each filter by one step */
    uint32_t image, winner;
    double before[8][FIELD], after[8][FIELD];
} moved;

/* Runs one step on one known image: the data set contains only this image. */
static moved one_step(fixture *f, uint32_t image, uint32_t filters)
{
    moved m = {.image = image};
    br_samples alone = samples;
    alone.count = 1;
    alone.bytes = images + image * FIELD;
    for (uint32_t k = 0; k < filters; k++) {
        if (drive(f, k, image) > drive(f, m.winner, image))
            m.winner = k;
        for (uint32_t i = 0; i < FIELD; i++)
            m.before[k][i] = *v_of(f, 0, k, i);
    }
    assert_int_equal(compete_on(f, &alone, 3), filters - 1);
    for (uint32_t k = 0; k < filters; k++)
        for (uint32_t i = 0; i < FIELD; i++)
            m.after[k][i] = *v_of(f, 0, k, i);
    return m;
}

static void expect_filter(const moved *m, uint32_t k, double rate, bool standard)
{
    for (uint32_t i = 0; i < FIELD; i++) {
        double v_max = 1 / (1 - (double)range) - 1, wanted = target(m->image, i, standard) * v_max;
        double v = m->before[k][i] + rate * (wanted - m->before[k][i]);
        v = fmin(v_max, fmax(-v_max, v));
        if (!(fabs(m->after[k][i] - v) < 1e-5))
            fail_msg("filter %u, input %u: v is %g, not %g", k, i, m->after[k][i], v);
    }
}

/* ---- the tests ---- */

static void winner_moves_to_its_field(void **state)
{
    (void)state;
    for (int standard = 0; standard < 2; standard++) {
        for (uint32_t image = 0; image < IMAGES; image++) {
            fixture f = begin("layer map = conv(3x3, 5) { depress over filters; }",
                              standard ? ONE_STEP("target standard;") : ONE_STEP("target pattern;"));
            moved m = one_step(&f, image, 5);
            for (uint32_t k = 0; k < 5; k++)
                expect_filter(&m, k, k == m.winner ? .25 : 0, standard);
            end(&f);
        }
    }
}

/* With a gap of 10 every filter is a rival, with 1e-6 none is. At most four rivals are pushed: the nearest ones. */
static void rivals_in_the_gap_are_pushed_away(void **state)
{
    (void)state;
    fixture f = begin("layer map = conv(3x3, 7) { depress over filters gap 10; }", ONE_STEP("alienate 0.5;"));
    moved m = one_step(&f, 2, 7);
    fixture copy = begin("layer map = conv(3x3, 7) { depress over filters gap 10; }", ONE_STEP("alienate 0.5;"));
    for (uint32_t k = 0; k < 7; k++) {
        uint32_t nearer = 0; /* filters between this one and the winner, in the state before the step */
        for (uint32_t j = 0; j < 7; j++)
            nearer += j != m.winner && j != k && drive(&copy, j, 2) > drive(&copy, k, 2);
        expect_filter(&m, k, k == m.winner ? .25 : nearer < 4 ? -.25 * .5 : 0, false);
    }
    end(&copy);
    end(&f);
    f = begin("layer map = conv(3x3, 7) { depress over filters gap 0.000001; }", ONE_STEP("alienate 0.5;"));
    m = one_step(&f, 2, 7);
    for (uint32_t k = 0; k < 7; k++)
        expect_filter(&m, k, k == m.winner ? .25 : 0, false);
    end(&f);
}

static const char many_fields[] =
    "schedule { phase f { compete map; sample 12_000 patches; } phase r { correct class; } }";
static const char without_conscience[] =
    "schedule { phase f { compete map; sample 12_000 patches; conscience 0; } phase r { correct class; } }";
static const char sixteen[] = "layer map = conv(3x3, 16) { depress over filters; }";

static void conscience_lets_no_filter_starve(void **state)
{
    (void)state;
    fixture f = begin(sixteen, many_fields);
    assert_int_equal(compete(&f, 1), 0);
    double sum = 0; /* one filter gains as much as the others lose */
    for (uint32_t k = 0; k < 16; k++)
        sum += f.network->layers[0].conscience[k];
    assert_true(fabs(sum) < 1e-2); /* 12,000 roundings */
    end(&f);
    f = begin(sixteen, without_conscience); /* otherwise four images cannot attract sixteen filters */
    assert_true(compete(&f, 1) >= 16 - IMAGES);
    end(&f);
}

/* After many steps on four images, every filter is near one of their targets, and each image has at least one filter.
 */
static void filters_become_what_they_win(void **state)
{
    (void)state;
    fixture f = begin(sixteen, many_fields);
    uint32_t owners[IMAGES] = {0};
    compete(&f, 1);
    for (uint32_t k = 0; k < 16; k++) {
        for (uint32_t image = 0; image < IMAGES; image++) {
            double far = 0;
            for (uint32_t i = 0; i < FIELD; i++)
                far = fmax(far, fabs((double)*v_of(&f, 0, k, i) - target(image, i, false)));
            owners[image] += far < .5;
        }
    }
    for (uint32_t image = 0; image < IMAGES; image++)
        assert_true(owners[image] > 0);
    end(&f);
}

/* With mirroring, half of the images are mirrored, so the mirror image of a half-plane gets its own filter. */
static void flips_show_both_ways(void **state)
{
    (void)state;
    static const char flips[] =
        "schedule { phase f { compete map; sample 12_000 patches; flips; } phase r { correct class; } }";
    for (int mirrored = 0; mirrored < 2; mirrored++) {
        fixture f = begin(sixteen, mirrored ? flips : many_fields);
        int found = 0;
        compete(&f, 1);
        for (uint32_t k = 0; k < 16; k++) {
            double far = 0;
            for (uint32_t i = 0; i < FIELD; i++)
                far = fmax(far,
                           fabs((double)*v_of(&f, 0, k, i) - target(2, i / SIDE * SIDE + SIDE - 1 - i % SIDE, false)));
            found += far < .5;
        }
        assert_int_equal(found > 0, mirrored);
        end(&f);
    }
}

static void lower_layers_stay(void **state)
{
    (void)state;
    static const char two[] = "layer low = conv(2x2, 5) { depress over filters within 1; }\n"
                              "layer map = conv(2x2, 6) { depress over filters; }";
    fixture f = begin(two, many_fields), untouched = begin(two, many_fields);
    const br_model *model = f.network->model;
    compete(&f, 1);
    uint64_t low = br_layer_bounds_count(&model->layers[0]), map = br_layer_bounds_count(&model->layers[1]);
    uint64_t last = br_layer_bounds_count(&model->layers[2]);
    assert_memory_equal(f.network->layers[0].bounds, untouched.network->layers[0].bounds, low * sizeof(float));
    assert_memory_not_equal(f.network->layers[1].bounds, untouched.network->layers[1].bounds, map * sizeof(float));
    assert_memory_equal(f.network->layers[2].bounds, untouched.network->layers[2].bounds, last * sizeof(float));
    end(&f);
    end(&untouched);
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Among the filters that read one input, no two are equal, and every strip of the range has one. */
static void distinct_is_strict(void **state)
{
    (void)state;
    enum { FILTERS = 200 };
    fixture f = begin("layer map = conv(3x3, 200) { alpha in [0, 0.5] = distinct(0.1, 0.4); depress over filters; }",
                      ONE_STEP(""));
    float *alpha = calloc(FILTERS * FIELD, sizeof *alpha), theta[FILTERS], column[FILTERS];
    int8_t *sign = calloc(FILTERS * FIELD, sizeof *sign);
    assert_true(alpha && sign);
    br_network_export(f.network, 0, alpha, sign, theta);
    for (uint32_t i = 0; i < FIELD; i++) {
        for (uint32_t k = 0; k < FILTERS; k++)
            column[k] = alpha[k * FIELD + i];
        qsort(column, FILTERS, sizeof *column, ascending);
        for (uint32_t k = 0; k < FILTERS; k++) {
            assert_true(k == 0 || column[k] > column[k - 1]);
            assert_true(fabs((double)column[k] - (.1 + .3 * (k + .5) / FILTERS)) <= .3 * .5 / FILTERS + 1e-6);
        }
    }
    free(alpha);
    free(sign);
    end(&f);
}

static double field_target(uint32_t image, uint32_t y, uint32_t x, uint32_t i)
{
    return target(image, (y + i / 2) * SIDE + x + i % 2, false);
}

/* Every filter equals the target of one of the sixteen 2x2 fields, times a_max - 1. No field is used twice while others
 * are left, and twenty filters use all fields that are not empty. */
static void patches_become_filters(void **state)
{
    (void)state;
    enum { FILTERS = 20, PLACES = 4 };
    br_error error = {0};
    fixture f = begin("layer map = conv(2x2, 20) { alpha = from patches; depress over filters; }", ONE_STEP(""));
    bool drawn[IMAGES * PLACES] = {false};
    assert_int_equal(br_start_from_patches(f.network, &samples, 0, false, 5, &error), 0);
    for (uint32_t k = 0; k < FILTERS; k++) {
        int fits = 0;
        for (uint32_t field = 0; field < IMAGES * PLACES; field++) {
            double far = 0;
            for (uint32_t i = 0; i < 4; i++)
                far = fmax(far, fabs((double)*v_of(&f, 0, k, i) -
                                     field_target(field / PLACES, field % PLACES / 2, field % 2, i)));
            fits += far < 1e-5;
            drawn[field] = drawn[field] || far < 1e-5;
        }
        assert_true(fits > 0);
    }
    int different = 0;
    for (uint32_t field = 0; field < IMAGES * PLACES; field++)
        different += drawn[field];
    assert_int_equal(different, IMAGES * PLACES - 1); /* one is black, which is an empty field */
    end(&f);
}

/* factor = s p/(2 M), where M is the mean of the sums that are not zero. Here the pool sums whole columns of the input.
 */
static void sums_are_calibrated(void **state)
{
    (void)state;
    br_error error = {0};
    fixture f = begin("layer sums = pool(sum) grid 1x3 { calibrate 1.5; }", "");
    double sum = 0, seen = 0;
    for (uint32_t image = 0; image < IMAGES; image++) {
        for (uint32_t x = 0; x < SIDE; x++) {
            double column = 0;
            for (uint32_t y = 0; y < SIDE; y++)
                column += activation(image, y * SIDE + x);
            sum += column;
            seen += column > 0;
        }
    }
    assert_true(seen < IMAGES * SIDE); /* some sums are zero, so the test would notice if they were included */
    assert_int_equal(br_calibrate_pool(f.network, &samples, 0, &error), 0);
    double wanted = (double)range * 1.5 / (2 * sum / seen);
    assert_true(fabs((double)f.network->layers[0].calibration / wanted - 1) < 1e-5);
    assert_true(f.network->layers[0].calibrated);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(winner_moves_to_its_field),
        cmocka_unit_test(rivals_in_the_gap_are_pushed_away),
        cmocka_unit_test(conscience_lets_no_filter_starve),
        cmocka_unit_test(filters_become_what_they_win),
        cmocka_unit_test(flips_show_both_ways),
        cmocka_unit_test(lower_layers_stay),
        cmocka_unit_test(distinct_is_strict),
        cmocka_unit_test(patches_become_filters),
        cmocka_unit_test(sums_are_calibrated),
    };
    return cmocka_run_group_tests_name("runtime/compete", tests, NULL, NULL);
}
