/* The reference's lateral depression against cases computed by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "depress_cases.h"

static const double s = .5;

static void cases_by_hand(void **state)
{
    (void)state;
    for (int i = 0; i < CASE_COUNT; i++) {
        const depress_case *c = &depress_cases[i];
        uint32_t count = c->shape.height * c->shape.width * c->shape.channels;
        double o[CASE_MOST];
        for (uint32_t n = 0; n < count; n++)
            o[n] = s * fmin(1, fmax(0, c->x[n]));
        ref_depress(c->x, c->shape, c->clauses, c->clause_count, c->fire, s, o);
        for (uint32_t n = 0; n < count; n++)
            if (o[n] != s * c->answer[n])
                fail_msg("%s: neuron %u answers %g, not %g", c->what, n, o[n], s * c->answer[n]);
    }
}

/* With keep k over all filters and distinct drives, exactly the k largest stay. */
static void keep_counts(void **state)
{
    (void)state;
    double x[16], o[16];
    for (uint32_t keep = 1; keep < 16; keep++) {
        ref_clause clause = {.keep = keep};
        for (uint32_t k = 0; k < 16; k++) {
            x[k] = (1 + (k * 7) % 16) / 16.0; /* 7 and 16 have no common factor, so all differ */
            o[k] = s * x[k];
        }
        ref_depress(x, (ref_shape){1, 1, 16}, &clause, 1, REF_BINARY, s, o);
        for (uint32_t k = 0; k < 16; k++)
            assert_int_equal(o[k] > 0, x[k] > (16 - keep) / 16.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases_by_hand), cmocka_unit_test(keep_counts)};
    return cmocka_run_group_tests_name("reference/depress", tests, NULL, NULL);
}
