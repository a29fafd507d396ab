/* Numbers that kernels compute, computed while code is made: the bits are those of the runtime, and of exact arithmetic
 * with one rounding after each operation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include <math.h>

#include "data/batch.h"
#include "plan/numbers.h"

static double unit(void)
{
    return rand() / (double)RAND_MAX;
}

static void bytes_are_those_of_batches(void **state)
{
    (void)state;
    for (int turn = 0; turn < 200; turn++) {
        double low = turn == 0 ? 0 : 300 * unit() - 100, high = turn == 0 ? 255 : low + 0.01 + 300 * unit();
        float range = (float)(0.05 + 0.95 * unit());
        const br_samples samples = {.low = low, .high = high};
        br_gather gather = br_gather_new(&samples, range);
        for (int b = 0; b < 256; b++) {
            float found = bc_activation_of(b, low, high, range);
            assert_memory_equal(&found, &gather.table[b], sizeof found);
        }
    }
}

/* The product of two floats is exact in a double. Returns whether a fused multiply-add would give another byte. */
static bool check_quantum(float o, float per_quantum)
{
    double product = (double)o * (double)per_quantum;
    float sum = (float)((double)(float)product + 0.5), once = (float)(product + 0.5);
    assert_int_equal(br_quantum_of(o, per_quantum), sum < 255 ? (uint8_t)sum : 255);
    return sum < 255 && (uint8_t)sum != (uint8_t)once;
}

/* A fused multiply-add differs just below the step to byte 1 alone. */
static void quanta_round_after_each_operation(void **state)
{
    (void)state;
    int fused = 0;
    for (int turn = 0; turn < 20000; turn++) {
        float per_quantum = (float)(255 / (0.05 + 0.95 * unit())), near = 0.5f / per_quantum;
        check_quantum((float)unit(), per_quantum);
        fused += check_quantum(near, per_quantum);
        fused += check_quantum(nextafterf(near, 0), per_quantum);
    }
    assert_true(fused > 0);
    assert_int_equal(br_quantum_of(0.5f, 0), 0);
    assert_int_equal(br_quantum_of(1, 255), 255);
    assert_int_equal(br_quantum_of(1, 1e30f), 255);
}

/* A connection with alpha at s is never live, and one just below s is. */
static void bounds_at_the_range(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2000; turn++) {
        double s = 0.05 + 0.9 * unit();
        bl_layer layer = {.range_in = s, .alpha_max = s + (0.99 - s) * unit()};
        float t = bc_a_max(&layer) - 1 / (1 - (float)s), alpha = (float)s;
        assert_true(t >= 0);
        assert_true(bc_never_live(&layer, BR_BOUND_V, t) && bc_never_live(&layer, BR_BOUND_V, -t));
        assert_false(bc_never_live(&layer, BR_BOUND_V, t + 1e-3f) || bc_never_live(&layer, BR_BOUND_V, -t - 1e-3f));
        assert_true(bc_never_live(&layer, BR_BOUND_ALPHA, alpha) && bc_never_live(&layer, BR_BOUND_ALPHA, -1));
        assert_false(bc_never_live(&layer, BR_BOUND_ALPHA, alpha - 1e-3f));
        assert_false(bc_never_live(&layer, BR_BOUND_ALPHA, 1.001f)); /* (o - alpha)/(1 - alpha) with both below 0 */
    }
    const bl_layer tied = {.range_in = 0.5, .alpha_max = 0.5, .tied = 3};
    assert_true(bc_never_live(&tied, BR_BOUND_TIED, 0) && bc_never_live(&tied, BR_BOUND_TIED, -0.0f));
    assert_false(bc_never_live(&tied, BR_BOUND_TIED, 1));
}

static void factors_of_sums(void **state)
{
    (void)state;
    bl_layer layer = {.sum = BT_SUM_SCALED, .gain = 6, .inputs = 9};
    assert_true(bc_gamma_of(&layer) == 2);
    layer.sum = BT_SUM_RAW;
    assert_true(bc_gamma_of(&layer) == 1);
    layer.sum = BT_SUM_SHARED;
    assert_true(bc_gamma_of(&layer) == 6);
}

static int seed(void **state)
{
    (void)state;
    unsigned number = (unsigned)time(NULL);
    print_message("seed %u\n", number);
    srand(number);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_batches),
        cmocka_unit_test(quanta_round_after_each_operation),
        cmocka_unit_test(bounds_at_the_range),
        cmocka_unit_test(factors_of_sums),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
