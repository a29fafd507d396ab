/* Means, paired differences and the choice of a sweep, compared with figures computed by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "sweep/statistics.h" /* before cmocka.h, whose macro `fail` would hide the driver's function */

#include <cmocka.h>

enum { ROWS = 3, SEEDS = 3, SAMPLES = 1000 };

/* Right answers of each row for each seed. */
static const uint64_t right[ROWS][SEEDS] = {{900, 910, 920}, {930, 925, 965}, {930, 950, 940}};

static sweep_row rows[ROWS];
static sweep_run runs[ROWS * SEEDS];

static sweep make(void)
{
    sweep s = {.rows = rows, .runs = runs, .run_count = ROWS * SEEDS, .on = BT_SPLIT_VALIDATION};
    s.grid.row_count = ROWS;
    s.grid.seed_count = SEEDS;
    for (size_t row = 0; row < ROWS; row++) {
        rows[row].trained = 1;
        for (size_t seed = 0; seed < SEEDS; seed++) {
            sweep_run *run = run_of(&s, row, seed);
            *run = (sweep_run){.row = row, .seed = seed, .state = RUN_DONE};
            run->result.scores[BT_SPLIT_VALIDATION] = (training_score){true, right[row][seed], SAMPLES};
        }
    }
    return s;
}

static void near(double value, double wanted, double by)
{
    if (!(value >= wanted - by && value <= wanted + by))
        fail_msg("%.9g is not %.9g", value, wanted);
}

/* Two-sided 95 % points of Student's distribution, as tables have them. */
static void students_t(void **state)
{
    static const struct {
        size_t freedom;
        double t;
    } known[] = {{1, 12.7062},  {2, 4.30265},  {3, 3.18245},  {4, 2.77645},  {9, 2.26216},
                 {10, 2.22814}, {29, 2.04523}, {30, 2.04227}, {99, 1.98422}, {1000, 1.96234}};
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        near(student_95(known[i].freedom), known[i].t, 1e-4);
}

static void means(void **state)
{
    (void)state;
    sweep s = make();
    row_mean first = mean_of(&s, 0, BT_SPLIT_VALIDATION), second = mean_of(&s, 1, BT_SPLIT_VALIDATION);
    assert_int_equal(first.n, 3);
    near(first.mean, 0.91, 1e-12);
    near(first.deviation, 0.01, 1e-12);
    near(second.mean, 0.94, 1e-12);
    near(second.deviation, 0.0217944947, 1e-9); /* of -10, -15, 25 thousandths */
    assert_int_equal(mean_of(&s, 0, BT_SPLIT_TEST).n, 0);
}

static void differences_are_paired(void **state)
{
    (void)state;
    sweep s = make();
    row_difference third = difference_of(&s, 2, BT_SPLIT_VALIDATION); /* 30, 40, 20 thousandths */
    assert_int_equal(third.n, 3);
    near(third.mean, 0.03, 1e-12);
    near(third.half, 4.30265 * 0.01 / 1.7320508, 1e-6);
    run_of(&s, 0, 1)->state = RUN_FAILED; /* the pair of its seed is missing */
    third = difference_of(&s, 2, BT_SPLIT_VALIDATION);
    assert_int_equal(third.n, 2);
    near(third.mean, 0.025, 1e-12);
    near(third.half, 12.7062 * 0.00707106781 / 1.41421356, 1e-5);
}

static void the_first_of_the_best_is_chosen(void **state)
{
    (void)state;
    size_t row = 9;
    sweep s = make(); /* the second and the third row have the same mean */
    assert_true(best_row(&s, &row));
    assert_int_equal(row, 1);
    rows[1].trained = 0.5; /* halving left it */
    assert_true(best_row(&s, &row));
    assert_int_equal(row, 2);
    run_of(&s, 0, 2)->state = RUN_WAITS;
    assert_false(best_row(&s, &row));
}

static void pauses_count_where_halving_left_a_run(void **state)
{
    (void)state;
    sweep s = make();
    for (size_t seed = 0; seed < SEEDS; seed++) {
        run_of(&s, 2, seed)->state = RUN_PAUSED;
        run_of(&s, 2, seed)->paused_at = 0.5;
    }
    near(mean_of(&s, 2, BT_SPLIT_VALIDATION).mean, 0.5, 1e-12);
    assert_int_equal(mean_of(&s, 2, BT_SPLIT_TEST).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(students_t), cmocka_unit_test(means), cmocka_unit_test(differences_are_paired),
        cmocka_unit_test(the_first_of_the_best_is_chosen), cmocka_unit_test(pauses_count_where_halving_left_a_run)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
