/* Compiled random graphs of maps against the scalar reference: convolutions, pools, joined sources, depression, and
 * learning through all of them. agree.h describes the comparison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>

#include "../agree/agree.h"
#include "cpu_levels.h"
#include "fewer.h"

enum { ROUNDS = 3 };

/* Runs a few batches, each from its own state, on the given number of processor levels. */
static int disagreements(agree_subject *s, ref_random *random, uint32_t levels, int level, bt_method form,
                         uint32_t *moved)
{
    agree_code codes[CPU_LEVELS];
    int wrong = 0;
    for (uint32_t c = 0; c < levels; c++)
        if (cpu_level_runs(c))
            assert_int_equal(agree_compile(s, cpu_levels[c], level, form, false, &codes[c]), 0);
    for (int round = 0; round < ROUNDS && wrong == 0; round++) {
        agree_draw(s, random);
        *moved += s->moved;
        for (uint32_t c = 0; c < levels; c++)
            if (cpu_level_runs(c))
                wrong += agree_compare(s, &codes[c]);
    }
    for (uint32_t c = 0; c < levels; c++)
        if (cpu_level_runs(c))
            agree_code_free(&codes[c]);
    return wrong;
}

/* Every `every`th network runs on all processor levels. A third of the networks is compiled with optimisation; the
 * others are not, which compiles faster and tests other code. The networks take turns in the methods of their layers:
 * lists, tiles, and packed bounds, each where a layer supports it. */
static void try_networks(ref_rule rule, uint32_t networks, uint32_t every)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20240703, compared = 0, leaned = 0, learned = 0;
    static const bt_method methods[3] = {BT_METHOD_EVENTS, BT_METHOD_DENSE, BT_METHOD_PACKED};
    int wrong = 0;
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    for (uint32_t i = 0; i < networks; i++) {
        ref_random random = {seed * 1000003u + i}; /* a network does not depend on the others */
        static agree_subject s;
        uint32_t moved = 0;
        assert_int_equal(agree_new(&s, &random, rule, true), 0);
        if (disagreements(&s, &random, i % every == 0 ? CPU_LEVELS : 1, i % 3 == 0 ? 2 : 0,
                          methods[(i + i / every) % 3], &moved) > 0) {
            fprintf(stderr, "network %u disagrees:\n%s\n", i, s.text);
            wrong++;
        }
        compared += s.tally.compared;
        leaned += s.tally.leaned;
        learned += moved > 0;
        agree_free(&s);
    }
    print_message("%llu tensors compared, %llu of them sensitive to rounding; %llu of %u networks learned\n",
                  (unsigned long long)compared, (unsigned long long)leaned, (unsigned long long)learned, networks);
    if (wrong > 0)
        fail_msg("%d of %u networks disagree with the reference", wrong, networks);
    assert_true((double)leaned <= AGREE_SENSITIVE * (double)compared);
    assert_true(learned >= networks * 3 / 4); /* networks without a step test little */
}

static void graphs_of_maps_agree(void **state)
{
    (void)state;
    try_networks(REF_REPAIRED, fewer(300), 4);
}

static void gradients_agree(void **state)
{
    (void)state;
    try_networks(REF_GRADIENT, fewer(120), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(graphs_of_maps_agree), cmocka_unit_test(gradients_agree)};
    return cmocka_run_group_tests_name("compiler/maps", tests, NULL, NULL);
}
