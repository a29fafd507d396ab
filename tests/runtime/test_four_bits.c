/* Bounds of four bits: few bounds keep their values; no other levels that a search finds are nearer; each connection has
 * one of the two levels around its alpha, and the mean of a neuron's sums stays near what it is in 8 bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../reference/random_network.h"
#include "fewer.h"
#include "infer/levels.h"

enum { LAYERS = 60, NEURONS = 6, INPUTS = 40, SILENT = 15, NEVER = 255, SEARCHES = 30 };

typedef struct layer {
    uint8_t alphas[NEURONS * INPUTS], steep[NEVER], codes[NEURONS * INPUTS];
    int8_t slopes[NEURONS * INPUTS];
    br_excess excess[INPUTS];
    br_fit fit;
    br_levels levels;
} layer;

static uint64_t test_seed(void)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 1;
    print_message("BOUTON_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* An input that was 0 in some samples and anything in the others. */
static void draw_excess(br_excess *e, ref_random *random)
{
    uint32_t samples = 1 + ref_below(random, 300), most = 1 + ref_below(random, NEVER);
    for (uint32_t n = 0; n < samples; n++) {
        uint32_t quanta = ref_chance(random, .5) ? 0 : ref_below(random, most + 1);
        for (uint32_t a = 0; a < quanta; a++)
            e->sums[a] += quanta - a;
    }
}

static void draw(layer *l, ref_random *random, uint32_t alphas)
{
    double steepest = 1.05 + 3 * ref_unit(random);
    memset(l, 0, sizeof *l);
    for (uint32_t a = 0; a < NEVER; a++)
        l->steep[a] = (uint8_t)lround(127 / steepest * fmin(steepest, 1 / (1 - a / 256.0)));
    for (uint32_t i = 0; i < INPUTS; i++)
        draw_excess(&l->excess[i], random);
    for (uint32_t c = 0; c < NEURONS * INPUTS; c++) {
        l->alphas[c] = ref_chance(random, .1) ? NEVER : (uint8_t)(ref_below(random, alphas) * (254 / alphas));
        int8_t slope = (int8_t)(l->alphas[c] == NEVER ? 0 : l->steep[l->alphas[c]]);
        l->slopes[c] = ref_chance(random, .6) ? slope : (int8_t)-slope;
    }
    l->fit = (br_fit){NEURONS, INPUTS, INPUTS, l->alphas, l->slopes, l->steep, l->excess};
}

static void fit(layer *l)
{
    br_error error;
    assert_int_equal(br_levels_fit(&l->fit, &l->levels, l->codes, &error), 0);
}

/* Seven alphas of each sign have levels of their own; nothing is lost. */
static void few_bounds_keep_their_values(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (uint32_t turn = 0; turn < fewer(LAYERS); turn++) {
        ref_random random = {seed * 1000003u + turn};
        layer l;
        draw(&l, &random, 1 + turn % 7);
        fit(&l);
        for (uint32_t c = 0; c < NEURONS * INPUTS; c++) {
            assert_int_equal(l.levels.alphas[l.codes[c]], l.alphas[c]);
            assert_int_equal(l.levels.slopes[l.codes[c]], l.slopes[c]);
        }
    }
}

/* ---- the levels ---- */

/* What the levels of one sign cost: the square of the distance to the nearest, as often as inputs are above the alpha. */
static double cost_of(const layer *l, bool inhibits, const double *levels, uint32_t count)
{
    double cost = 0;
    for (uint32_t c = 0; c < NEURONS * INPUTS; c++) {
        const br_excess *e = &l->excess[c % INPUTS];
        double least = INFINITY;
        if (l->alphas[c] == NEVER || (l->slopes[c] < 0) != inhibits)
            continue;
        for (uint32_t k = 0; k < count; k++)
            least = fmin(least, fabs(l->alphas[c] - levels[k]));
        cost += least * least * (double)(e->sums[l->alphas[c]] - e->sums[l->alphas[c] + 1] + 1);
    }
    return cost;
}

/* Moves one level at a time where that costs less, from levels drawn at random. */
static double search(const layer *l, bool inhibits, uint32_t count, ref_random *random)
{
    double levels[8], cost, before;
    for (uint32_t k = 0; k < count; k++)
        levels[k] = ref_below(random, NEVER);
    cost = cost_of(l, inhibits, levels, count);
    do {
        before = cost;
        for (uint32_t k = 0; k < count; k++)
            for (int by = -16; by <= 16; by++) {
                double old = levels[k];
                levels[k] = fmin(254, fmax(0, old + by));
                double now = cost_of(l, inhibits, levels, count);
                if (now < cost)
                    cost = now;
                else
                    levels[k] = old;
            }
    } while (cost < before);
    return cost;
}

static void no_search_finds_nearer_levels(void **state)
{
    (void)state;
    ref_random random = {test_seed()};
    for (uint32_t turn = 0; turn < 3; turn++) {
        layer l;
        draw(&l, &random, turn == 0 ? 12 : 254);
        fit(&l);
        for (int inhibits = 0; inhibits < 2; inhibits++) {
            double levels[SILENT];
            uint32_t count = 0;
            for (uint32_t k = 0; k < SILENT; k++) {
                assert_int_equal(abs(l.levels.slopes[k]), l.steep[l.levels.alphas[k]]);
                assert_true(l.levels.alphas[k] <= l.levels.alphas[k + 1]);
                if ((l.levels.slopes[k] < 0) == inhibits)
                    levels[count++] = l.levels.alphas[k];
            }
            assert_int_equal(count, inhibits ? 7 : 8);
            double cost = cost_of(&l, inhibits, levels, count);
            for (uint32_t n = 0; n < fewer(SEARCHES); n++)
                assert_true(cost <= search(&l, inhibits, count, &random));
        }
        assert_int_equal(l.levels.alphas[SILENT], NEVER);
        assert_int_equal(l.levels.slopes[SILENT], 0);
    }
}

/* ---- the level of each connection ---- */

/* Whether a level has the sign of a connection. */
static bool is_of(const layer *l, uint32_t level, uint32_t c)
{
    return (l->levels.slopes[level] < 0) == (l->slopes[c] < 0);
}

/* No level of the same sign lies between a connection's alpha and its level. */
static void check_neighbour(const layer *l, uint32_t c)
{
    int alpha = l->alphas[c], level = l->levels.alphas[l->codes[c]];
    if (alpha == NEVER) {
        assert_int_equal(l->codes[c], SILENT);
        return;
    }
    assert_true(l->codes[c] == SILENT || is_of(l, l->codes[c], c));
    for (uint32_t k = 0; k < SILENT; k++)
        assert_false(!is_of(l, k, c) ? false
                     : level < alpha ? l->levels.alphas[k] > level && l->levels.alphas[k] <= alpha
                                     : l->levels.alphas[k] < level && l->levels.alphas[k] > alpha);
}

/* A neuron's sum over all that was seen: in 8 bits; or at its levels; or at the nearest level of each connection. */
typedef enum as { AS_EIGHT, AS_CHOSEN, AS_NEAREST } as;

static double sum_of(const layer *l, uint32_t neuron, as what)
{
    double sum = 0;
    for (uint32_t i = 0; i < INPUTS; i++) {
        uint32_t c = neuron * INPUTS + i, best = SILENT;
        uint8_t alpha = what == AS_EIGHT ? l->alphas[c] : l->levels.alphas[l->codes[c]];
        int8_t slope = what == AS_EIGHT ? l->slopes[c] : l->levels.slopes[l->codes[c]];
        for (uint32_t k = 0; what == AS_NEAREST && l->alphas[c] != NEVER && k < SILENT; k++)
            if (is_of(l, k, c) && abs(l->levels.alphas[k] - l->alphas[c]) < abs(l->levels.alphas[best] - l->alphas[c]))
                best = k;
        if (what == AS_NEAREST) {
            alpha = l->levels.alphas[best];
            slope = l->levels.slopes[best];
        }
        sum += slope * (double)l->excess[i].sums[alpha];
    }
    return sum;
}

static void sums_stay_near(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    double chosen = 0, nearest = 0;
    for (uint32_t turn = 0; turn < fewer(LAYERS); turn++) {
        ref_random random = {seed * 1000003u + turn};
        layer l;
        draw(&l, &random, 254);
        fit(&l);
        for (uint32_t c = 0; c < NEURONS * INPUTS; c++)
            check_neighbour(&l, c);
        for (uint32_t k = 0; k < NEURONS; k++) {
            double eight = sum_of(&l, k, AS_EIGHT);
            chosen += fabs(sum_of(&l, k, AS_CHOSEN) - eight);
            nearest += fabs(sum_of(&l, k, AS_NEAREST) - eight);
        }
    }
    print_message("sums are %.4f of the distance of the nearest levels off\n", chosen / nearest);
    assert_true(nearest > 0 && chosen < nearest / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_bounds_keep_their_values),
        cmocka_unit_test(no_search_finds_nearer_levels),
        cmocka_unit_test(sums_stay_near),
    };
    return cmocka_run_group_tests_name("bounds of four bits", tests, NULL, NULL);
}
