/* The time left of a schedule, from progress as br_train tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "driver/show/progress_clock.h"

enum { SAMPLES = 1000 };

static const br_layer_code layers[] = {
    {.name = "hidden", .shape = {.inputs = 50, .neurons = 20, .out = {.height = 1, .width = 1, .channels = 20}}},
    {.name = "class", .shape = {.inputs = 20, .neurons = 10, .out = {.height = 1, .width = 1, .channels = 10}}}};
static const br_model model = {.layer_count = 2, .answer = 1, .layers = layers};

/* A competition of 10 seconds, then two phases of 4 and 2 epochs that take 5 and 2 seconds each: 34 seconds. */
static uint32_t both[] = {0, 1}, last[] = {1};
static br_phase phases[] = {
    {.name = "find", .kind = BT_PHASE_COMPETE, .compete = 0, .patches = 5000},
    {.name = "learn", .kind = BT_PHASE_CORRECT, .layer_count = 2, .layers = both, .epochs = 4},
    {.name = "end", .kind = BT_PHASE_CORRECT, .layer_count = 1, .layers = last, .epochs = 2},
};
static const br_schedule schedule = {.phase_count = 3, .phases = phases};
static const double took[] = {10, 5, 2}; /* one epoch of each phase */

/* Tells everything until `until` seconds, beginning at `from`, ten times a second. */
static double left_at(double from, double until)
{
    progress_clock clock = progress_clock_new(&schedule, &model, SAMPLES);
    double begin = 0;
    uint64_t ended = 0;
    for (uint32_t p = 0; p < schedule.phase_count; p++)
        for (uint32_t e = 1; e <= progress_epochs(&phases[p]); e++, ended++, begin += took[p])
            for (double at = begin; at < begin + took[p] && at <= until; at += 0.1)
                if (at >= from)
                    progress_clock_tell(&clock, ended,
                                        &(br_progress){.epoch = e,
                                                       .epochs = progress_epochs(&phases[p]),
                                                       .done = (uint64_t)((at - begin) / took[p] * 1e6),
                                                       .total = 1000000,
                                                       .seconds = at});
    return progress_clock_left(&clock);
}

static void nothing_is_known_at_first(void **state)
{
    (void)state;
    progress_clock clock = progress_clock_new(&schedule, &model, SAMPLES);
    assert_true(progress_clock_left(&clock) < 0);
    assert_true(left_at(0, 0) < 0);
}

static void about(double found, double wanted, double off)
{
    if (!(found > wanted - off && found < wanted + off))
        fail_msg("%g seconds are left, not %g", found, wanted);
}

/* Within a phase its own speed counts; the last phase is then known exactly, others nearly. */
static void the_present_phase_is_exact(void **state)
{
    (void)state;
    about(left_at(0, 33), 1, 0.2);
    about(left_at(0, 31), 3, 0.5);
    about(left_at(0, 20), 14, 3.5); /* 10 of this phase, 4 of the next, which is weighed */
    about(left_at(0, 29.9), 4.1, 3.5);
}

/* A training that resumes counts only what it has seen itself. */
static void resumed_trainings_are_timed_anew(void **state)
{
    (void)state;
    about(left_at(31, 32), 2, 0.3);
    about(left_at(16, 21), 13, 3.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known_at_first),
        cmocka_unit_test(the_present_phase_is_exact),
        cmocka_unit_test(resumed_trainings_are_timed_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
