/* Random numbers: the published test vectors of Philox 4x32-10, and the guarantees of the streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/runtime.h"

/* The stream and the lane are counter words, so the authors' known answers (Random123, kat_vectors) can be checked. */
static void answers_are_the_published_ones(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], wanted[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const uint32_t *c = cases[i].counter, *k = cases[i].key;
        uint32_t out[4];
        br_random4((uint64_t)k[1] << 32 | k[0], (br_stream)c[3], c[2], (uint64_t)c[1] << 32 | c[0], out);
        assert_memory_equal(out, cases[i].wanted, sizeof out);
    }
}

static void streams_lanes_indices_and_seeds_differ(void **state)
{
    (void)state;
    uint32_t a[4], b[4];
    br_random4(1, BR_STREAM_SIGN, 2, 3, a);
    br_random4(1, BR_STREAM_SIGN, 2, 3, b);
    assert_memory_equal(a, b, sizeof a);
    br_random4(1, BR_STREAM_ALPHA, 2, 3, b);
    assert_memory_not_equal(a, b, sizeof a);
    br_random4(1, BR_STREAM_SIGN, 3, 3, b);
    assert_memory_not_equal(a, b, sizeof a);
    br_random4(1, BR_STREAM_SIGN, 2, 3 + (1ull << 32), b);
    assert_memory_not_equal(a, b, sizeof a);
    br_random4(1 + (1ull << 32), BR_STREAM_SIGN, 2, 3, b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void units_fill_the_half_open_interval(void **state)
{
    (void)state;
    assert_true(br_random_unit(0) == 0.0f);
    assert_true(br_random_unit(0xffffffff) < 1.0f);
    assert_true(br_random_unit(0xffffffff) == 1.0f - 0x1p-24f);
    assert_true(br_random_unit(0x80000000) == 0.5f);
}

static void numbers_below_n_reach_both_ends_evenly(void **state)
{
    (void)state;
    assert_int_equal(br_random_below(0, 7), 0);
    assert_int_equal(br_random_below(0xffffffff, 7), 6);
    assert_int_equal(br_random_below(0xffffffff, 1), 0);
    uint32_t count[10] = {0};
    for (uint32_t i = 0; i < 10000; i++) {
        uint32_t words[4];
        br_random4(5, BR_STREAM_TEST, 0, i, words);
        for (int j = 0; j < 4; j++)
            count[br_random_below(words[j], 10)]++;
    }
    for (int i = 0; i < 10; i++) /* 4000 expected, standard deviation 60 */
        assert_in_range(count[i], 3700, 4300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_the_published_ones),
        cmocka_unit_test(streams_lanes_indices_and_seeds_differ),
        cmocka_unit_test(units_fill_the_half_open_interval),
        cmocka_unit_test(numbers_below_n_reach_both_ends_evenly),
    };
    return cmocka_run_group_tests_name("random numbers", tests, NULL, NULL);
}
