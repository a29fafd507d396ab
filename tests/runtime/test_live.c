/* Live shares, compared with shares counted by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/live.h"

static br_kernel no_work; /* a layer with connections is recognised by its `events` kernel */

static void no_work(const br_layer_state *state, uint32_t a0, uint32_t a1, uint32_t b0, uint32_t b1)
{
    (void)state, (void)a0, (void)a1, (void)b0, (void)b1;
}

/* Two live inputs with t = 0.5 and 1, one silent input; three neurons. |v| > t holds for 2 neurons of the first row and
 * 1 of the second. */
static void dense(void **state)
{
    (void)state;
    float bounds[] = {0.6f, -0.7f, 0.5f, 9, 0, 0, 0, 9, 1.5f, 0, -1, 9}; /* the fourth value of a row is padding */
    uint32_t count[] = {2}, index[] = {0, 2};
    float t[] = {0.5f, 1};
    br_layer_state s = {.bounds = bounds, .live.count = count, .live.index = index, .events.t = t};
    br_layer_code code = {.kind = BT_LAYER_DENSE,
                          .kernels.events = no_work,
                          .shape.inputs = 3,
                          .shape.neurons = 3,
                          .layout.pitch = 4,
                          .layout.live_stride = 4,
                          .shape.in = {1, 1, 3, 3, 4},
                          .shape.out = {1, 1, 3, 4, 4}};
    assert_float_equal(br_live_share(&code, &s, true, 0), 3.0 / 9, 1e-12);
}

/* Three inputs in a row, a field of two, one filter. The middle input is read at both places, each time by another row.
 */
static void convolution(void **state)
{
    (void)state;
    float bounds[] = {2, 0.1f};
    uint32_t count[] = {1}, index[] = {1};
    float t[] = {0.5f};
    br_layer_state s = {.bounds = bounds, .live.count = count, .live.index = index, .events.t = t};
    br_layer_code code = {.kind = BT_LAYER_CONV,
                          .kernels.events = no_work,
                          .shape.inputs = 2,
                          .shape.neurons = 1,
                          .layout.pitch = 1,
                          .layout.live_stride = 4,
                          .shape.field_height = 1,
                          .shape.field_width = 2,
                          .shape.stride = 1,
                          .shape.in = {1, 3, 1, 1, 3},
                          .shape.out = {1, 2, 1, 1, 2}};
    assert_float_equal(br_live_share(&code, &s, true, 0), 1.0 / 4, 1e-12);
}

/* Of the second sample's 2 x 2 values of two channels, three are above 0. Padding does not count. */
static void pool(void **state)
{
    (void)state;
    float in[2][16] = {{9}, {0.5f, 0, 7, 7, 0, 0.1f, 7, 7, 0, 0, 7, 7, 0, 0.2f, 7, 7}};
    br_layer_state s = {.in = &in[0][0]};
    br_layer_code code = {.kind = BT_LAYER_POOL, .shape.in = {2, 2, 2, 4, 16}, .shape.out = {1, 1, 2, 4, 4}};
    assert_float_equal(br_live_share(&code, &s, true, 1), 3.0 / 8, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(dense), cmocka_unit_test(convolution), cmocka_unit_test(pool)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
