/* Who follows a network is told how much of long work is done, and nothing afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "bouton/survey.h"
#include "model/network.h"
#include "text_network.h"

enum { TESTED = 75, VALIDATED = 60, KINDS = 5 };

static const char text[] = "network n { input image(28x28); layer hidden = dense(20); layer class = dense(10); }\n"
                           "data d { synthetic digits(train 300, test 75); hold out 20% of train as validation; }\n"
                           "schedule { phase p { correct hidden, class; epochs 2; } }\n";

typedef struct heard {
    uint64_t calls, done, total;
    bool forward; /* what is done never shrinks, and is never more than all */
    bool staged;  /* between a stage and the next progress */
    uint64_t in_stages;
} heard;

static void hear(void *user, uint64_t done, uint64_t total)
{
    heard *h = user;
    h->forward = (h->calls == 0 || (h->forward && done >= h->done && total == h->total)) && done < total;
    h->calls++;
    h->done = done;
    h->total = total;
}

static void work(text_network *t, int kind)
{
    const br_samples *samples = br_data_split(t->data, BT_SPLIT_TEST);
    br_error error = {0};
    br_score score = {0};
    br_survey survey = {0};
    br_quantised *quantised = NULL;
    uint32_t labels[TESTED];
    int status = kind == 0   ? br_score_samples(t->network, samples, 2, &score, &error)
                 : kind == 1 ? br_predict(t->network, samples, 2, &(br_outputs){.labels = labels}, &error)
                 : kind == 2 ? br_calibrate(t->network, samples, 2, &error)
                 : kind == 3 ? br_survey_samples(t->network, samples, NULL, 0, 2, &survey, &error)
                             : br_quantise(t->network, samples, 2, &quantised, &error);
    assert_int_equal(status, 0);
    br_score_free(&score);
    br_survey_free(&survey);
    br_quantised_free(quantised);
}

static void long_work_tells_how_far_it_is(void **state)
{
    text_network t;
    bc_options options = BC_OPTIONS_DEFAULT;
    options.quantise = true;
    (void)state;
    text_network_compile(&t, text, &options);
    text_network_start(&t);
    text_network_load(&t);
    for (int kind = 0; kind < KINDS; kind++) {
        heard h = {0};
        br_network_follow(t.network, hear, &h);
        work(&t, kind);
        assert_true(h.calls > 0 && h.forward);
        if (kind + 1 < KINDS)
            assert_int_equal(h.total, TESTED);
        else /* a pass or two for each layer, told as one */
            assert_true(h.total >= 2 * TESTED && h.total % TESTED == 0 && h.done >= h.total - TESTED);
        uint64_t calls = h.calls;
        br_network_follow(t.network, NULL, NULL);
        work(&t, kind);
        assert_int_equal(h.calls, calls);
    }
    text_network_end(&t);
}

static void hear_stage(void *user, const char *what)
{
    heard *h = user;
    h->staged = strcmp(what, "validating") == 0 || strcmp(what, "calibrating the probabilities") == 0;
}

static bool hear_advance(void *user, uint64_t done, uint64_t total)
{
    heard *h = user;
    h->in_stages += h->staged && done < total && total == VALIDATED;
    return true;
}

static bool hear_progress(void *user, const br_progress *progress)
{
    heard *h = user;
    (void)progress;
    h->staged = false;
    return true;
}

/* Its own steps are told by the functions of the training, and whoever follows the network hears nothing of them. */
static void a_training_tells_how_far_its_validation_is(void **state)
{
    text_network t;
    br_train_result result;
    heard h = {0}, other = {0};
    br_train_options options = {
        .threads = 1, .progress = hear_progress, .stage = hear_stage, .advance = hear_advance, .user = &h};
    (void)state;
    text_network_compile(&t, text, NULL);
    text_network_start(&t);
    text_network_load(&t);
    br_network_follow(t.network, hear, &other);
    text_network_train(&t, &options, &result);
    assert_int_equal(h.in_stages, 3); /* two epochs, and the calibration */
    assert_int_equal(other.calls, 0);
    work(&t, 1);
    assert_true(other.calls > 0);
    text_network_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_work_tells_how_far_it_is),
        cmocka_unit_test(a_training_tells_how_far_its_validation_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
