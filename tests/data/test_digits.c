/* Synthetic digits: the same on every machine, with every label, and suitable for training. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/runtime.h"

enum { PIXELS = 784, LABELS = 10 };

static void a_sample_is_a_function_of_seed_lane_and_index(void **state)
{
    (void)state;
    uint8_t a[PIXELS], b[PIXELS];
    uint32_t label = br_digit_draw(7, 0, 12345, a);
    for (uint64_t i = 0; i < 5; i++)
        br_digit_draw(7, 0, i, b);
    assert_int_equal(br_digit_draw(7, 0, 12345, b), label);
    assert_memory_equal(a, b, PIXELS);
    br_digit_draw(8, 0, 12345, b);
    assert_memory_not_equal(a, b, PIXELS);
    br_digit_draw(7, 1, 12345, b);
    assert_memory_not_equal(a, b, PIXELS);
    br_digit_draw(7, 0, 12346, b);
    assert_memory_not_equal(a, b, PIXELS);
}

static void every_label_comes_equally_often(void **state)
{
    (void)state;
    uint32_t count[LABELS] = {0};
    for (uint64_t i = 0; i < 5000; i++) {
        uint8_t pixels[PIXELS];
        uint32_t label = br_digit_draw(1, 0, i, pixels);
        assert_in_range(label, 0, LABELS - 1);
        count[label]++;
    }
    for (int i = 0; i < LABELS; i++) /* 500 expected, standard deviation 21 */
        assert_in_range(count[i], 400, 600);
}

static void digits_are_bright_strokes_on_black(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 2000; i++) {
        uint8_t pixels[PIXELS], brightest = 0;
        uint32_t black = 0, edge = 0;
        br_digit_draw(3, 2, i, pixels);
        for (int p = 0; p < PIXELS; p++) {
            int x = p % 28, y = p / 28;
            brightest = pixels[p] > brightest ? pixels[p] : brightest;
            black += pixels[p] == 0;
            edge += (x == 0 || y == 0 || x == 27 || y == 27) && pixels[p] > 0;
        }
        assert_true(brightest > 100);
        assert_in_range(black, PIXELS / 2, PIXELS - 20);
        assert_true(edge < 40); /* few strokes leave the sheet */
    }
}

/* Classifies by the nearest mean. The accuracy must be far above chance, so labels match images, and far below 100 %,
 * so shapes vary. */
static void labels_can_be_told_but_not_by_a_mean(void **state)
{
    (void)state;
    enum { TRAIN = 4000, TEST = 1000 };
    static float mean[LABELS][PIXELS];
    uint8_t pixels[PIXELS];
    uint32_t count[LABELS] = {0}, right = 0;
    memset(mean, 0, sizeof mean);
    for (uint64_t i = 0; i < TRAIN; i++) {
        uint32_t label = br_digit_draw(1, 0, i, pixels);
        count[label]++;
        for (int p = 0; p < PIXELS; p++)
            mean[label][p] += pixels[p];
    }
    for (uint64_t i = 0; i < TEST; i++) {
        uint32_t label = br_digit_draw(1, 2, i, pixels), best = 0;
        float least = 0;
        for (uint32_t k = 0; k < LABELS; k++) {
            float distance = 0;
            for (int p = 0; p < PIXELS; p++) {
                float d = mean[k][p] / (float)count[k] - pixels[p];
                distance += d * d;
            }
            if (k == 0 || distance < least) {
                least = distance;
                best = k;
            }
        }
        right += best == label;
    }
    assert_in_range(right, TEST * 50 / 100, TEST * 90 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_is_a_function_of_seed_lane_and_index),
        cmocka_unit_test(every_label_comes_equally_often),
        cmocka_unit_test(digits_are_bright_strokes_on_black),
        cmocka_unit_test(labels_can_be_told_but_not_by_a_mean),
    };
    return cmocka_run_group_tests_name("synthetic digits", tests, NULL, NULL);
}
