/* The history of a training: its bounds, its text, and that a training that resumes ends with the same one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bouton/runtime.h"
#include "fewer.h"

enum { LAYERS = 3 };

static br_history *fresh(void)
{
    br_history *history;
    br_error error;
    assert_int_equal(br_history_new(LAYERS, &history, &error), 0);
    return history;
}

/* Epoch `epoch` of a phase; its numbers depend on both alone. The best one of a phase is in the middle. */
static void add(br_history *history, uint32_t phase, uint32_t epoch, uint32_t epochs)
{
    br_error error;
    float live[LAYERS] = {1.0f / (float)epoch, NAN, 0.333333343f};
    br_epoch_facts facts = {.phase = phase,
                            .epoch = epoch,
                            .best = epoch <= epochs / 2,
                            .error = 1.0 / (epoch + phase),
                            .accuracy = phase == 0 ? (double)NAN : 2.0 / 3,
                            .validation = 0.97,
                            .seconds = 0.123456789 * epoch};
    assert_int_equal(br_history_add(history, &facts, live, &error), 0);
}

static char *text_of(const br_history *history, bool seconds)
{
    char *text;
    br_error error;
    assert_int_equal(br_history_write(history, seconds, &text, &error), 0);
    return text;
}

static br_history *read_back(const char *text)
{
    br_history *history;
    br_error error;
    if (br_history_read(text, &history, &error) != 0)
        fail_msg("%s", error.message);
    return history;
}

static void text_comes_back(void **state)
{
    static const uint64_t wins[] = {0, 12, 18446744073709551615u};
    br_error error;
    br_history *history = fresh();
    (void)state;
    add(history, 0, 1, 1);
    assert_int_equal(br_history_add_wins(history, 0, 3, wins, &error), 0);
    add(history, 1, 1, 2);
    add(history, 1, 2, 2);
    for (int seconds = 0; seconds < 2; seconds++) {
        char *text = text_of(history, seconds != 0);
        br_history *other = read_back(text);
        char *again = text_of(other, seconds != 0);
        assert_string_equal(text, again);
        assert_int_equal(other->epoch_count, 3);
        assert_true(isnan(other->epochs[0].accuracy) && isnan((double)other->live[1]));
        assert_int_equal(isnan(other->epochs[2].seconds) != 0, seconds == 0);
        assert_int_equal(other->win_count, 1);
        assert_int_equal(other->wins[0].idle, 1);
        assert_true(other->wins[0].wins[2] == wins[2]);
        free(text);
        free(again);
        br_history_free(other);
    }
    br_history_free(history);
}

static bool has(const br_history *history, uint32_t phase, uint32_t epoch)
{
    for (uint32_t i = 0; i < history->epoch_count; i++)
        if (history->epochs[i].phase == phase && history->epochs[i].epoch == epoch)
            return true;
    return false;
}

/* Long schedules stay within the bound, with the first, the best and the last epoch of each phase. */
static void long_trainings_are_thinned(void **state)
{
    static const uint32_t epochs[] = {1, 7, 1900, 5000, 3};
    br_history *history = fresh();
    (void)state;
    for (uint32_t phase = 0; phase < 5; phase++)
        for (uint32_t epoch = 1; epoch <= epochs[phase]; epoch++) {
            add(history, phase, epoch, epochs[phase]);
            assert_true(history->epoch_count <= BR_HISTORY_EPOCHS);
        }
    assert_true(history->epoch_count > BR_HISTORY_EPOCHS / 4);
    for (uint32_t phase = 0; phase < 5; phase++) {
        assert_true(has(history, phase, 1));
        assert_true(has(history, phase, epochs[phase]));
        assert_true(epochs[phase] < 2 || has(history, phase, epochs[phase] / 2));
    }
    for (uint32_t i = 0; i < history->epoch_count; i++) { /* live shares move with their epochs */
        float wanted = 1.0f / (float)history->epochs[i].epoch;
        assert_memory_equal(&history->live[(size_t)i * LAYERS], &wanted, sizeof wanted);
    }
    br_history_free(history);
}

/* A schedule of many phases keeps each of them, in a time that does not grow with the square of their number. */
static void many_phases_stay(void **state)
{
    enum { PHASES = 50000 };
    br_history *history = fresh();
    (void)state;
    for (uint32_t phase = 0; phase < PHASES; phase++)
        add(history, phase, 1, 1);
    assert_int_equal(history->epoch_count, PHASES);
    br_history_free(history);
}

/* Written and read back at any epoch, the rest of the training adds to the same history. */
static void resuming_changes_nothing(void **state)
{
    enum { EPOCHS = 1500 };
    (void)state;
    for (uint32_t stop = 1; stop < EPOCHS; stop += 199) {
        br_history *whole = fresh(), *part = fresh();
        for (uint32_t epoch = 1; epoch <= EPOCHS; epoch++) {
            add(whole, 0, epoch, EPOCHS);
            add(part, 0, epoch, EPOCHS);
            if (epoch != stop)
                continue;
            char *text = text_of(part, true);
            br_history_free(part);
            part = read_back(text);
            free(text);
        }
        char *wanted = text_of(whole, true), *found = text_of(part, true);
        assert_string_equal(wanted, found);
        free(wanted);
        free(found);
        br_history_free(whole);
        br_history_free(part);
    }
}

static void damaged_texts_are_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "history 2 1 1\n",
                                        "history 1 1 3\n",
                                        "history 1 1 0\n",
                                        "history 1 70000 1\n",
                                        "history 1 1 1",
                                        "history 1 1 1\nepoch 0 0 0 - - - - 1\n",
                                        "history 1 1 1\nepoch 0 1 2 - - - - 1\n",
                                        "history 1 1 1\nepoch 0 1 0 -1 - - - 1\n",
                                        "history 1 1 1\nepoch 0 1 0 - 1.5 - - 1\n",
                                        "history 1 1 1\nepoch 0 1 0 - nan - - 1\n",
                                        "history 1 1 1\nepoch 0 1 0 - - - - 1 1\n",
                                        "history 1 1 1\nepoch 0 1 0 - - - -\n",
                                        "history 1 1 1\nepoch 0 2 0 - - - - 1\nepoch 0 2 0 - - - - 1\n",
                                        "history 1 1 1\nwins 0 2 3 1 1\n",
                                        "history 1 1 1\nwins 0 2 1 1\n",
                                        "history 1 1 1\nwins 0 1 0 18446744073709551616\n",
                                        "history 1 1 1\nother\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        br_history *history;
        br_error error;
        if (br_history_read(texts[i], &history, &error) == 0)
            fail_msg("accepted: %s", texts[i]);
        assert_int_equal(error.kind, BR_ERROR_IO);
        assert_null(history);
        assert_non_null(strstr(error.message, "of the training's history is damaged"));
    }
}

/* A text with a few wrong bytes is refused, or read as a history that can be written again. */
static void random_texts_are_safe(void **state)
{
    static const char letters[] = "0123456789 .-e\nhistoryepochwins";
    static const uint64_t wins[] = {4, 0, 2};
    unsigned seed = (unsigned)time(NULL);
    br_error error;
    br_history *history = fresh();
    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (uint32_t epoch = 1; epoch <= 5; epoch++)
        add(history, 0, epoch, 5);
    assert_int_equal(br_history_add_wins(history, 0, 3, wins, &error), 0);
    char *text = text_of(history, true);
    size_t length = strlen(text);
    for (int round = 0; round < (int)fewer(20000); round++) {
        char *copy = strdup(text);
        br_history *other;
        assert_non_null(copy);
        for (int change = 1 + rand() % 4; change > 0; change--)
            copy[(size_t)rand() % length] = letters[(size_t)rand() % (sizeof letters - 1)];
        if (rand() % 8 == 0)
            copy[(size_t)rand() % length] = '\0';
        if (br_history_read(copy, &other, &error) == 0) {
            char *again = text_of(other, true);
            free(again);
            br_history_free(other);
        }
        free(copy);
    }
    free(text);
    br_history_free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_comes_back),           cmocka_unit_test(long_trainings_are_thinned),
        cmocka_unit_test(many_phases_stay),          cmocka_unit_test(resuming_changes_nothing),
        cmocka_unit_test(damaged_texts_are_refused), cmocka_unit_test(random_texts_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
