/* Rates and means of steps over a whole phase: every batch counts as one step, also a short one, and the rate of each is
 * that of docs/model.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "text_network.h"
#include "train/learn.h"
#include "train/rates.h"

enum { VALUES = 5, SAMPLES = 5, EACH = 3, EPOCHS = 3, STEPS = EACH * EPOCHS, HIDDEN = 20, CLASSES = 3 };

static const char TEXT[] =
    "network n { input vector(5) in [0, 0.5]; layer hidden = dense(20) { %s } layer class = dense(3); }\n"
    "schedule { seed 3; phase p { correct hidden, class; epochs 3; batch 2; %s } }\n";

/* All samples are equal, so that their order does not matter. */
static void begin_with(text_network *f, const char *hidden, const char *settings)
{
    char text[512];
    float values[SAMPLES * VALUES];
    static const uint32_t labels[SAMPLES] = {1, 1, 1, 1, 1};
    br_error error = {0};
    br_data_spec spec = {.shape = {1, VALUES, 1}, .classes = CLASSES, .low = 0, .high = 1};
    br_samples given[BT_SPLITS] = {{.count = SAMPLES, .shape = spec.shape, .floats = values, .labels = labels}};
    for (uint32_t i = 0; i < SAMPLES * VALUES; i++)
        values[i] = (float)(i % VALUES) / VALUES;
    snprintf(text, sizeof text, TEXT, hidden, settings);
    text_network_compile(f, text, NULL);
    text_network_start(f);
    if (br_data_from_memory(&spec, given, 3, &f->data, &error) != 0)
        fail_msg("%s", error.message);
}

static void begin(text_network *f, const char *settings)
{
    begin_with(f, "", settings);
}

/* ---- the rates ---- */

static double wanted_rate(const char *course, uint32_t step, uint32_t warm_up)
{
    double t = (double)step / STEPS, rate = 1;
    if (strcmp(course, "cosine") == 0)
        rate = fmax(.01, (1 + cos(acos(-1) * t)) / 2);
    else if (strcmp(course, "linear") == 0)
        rate = fmax(.01, 1 - t);
    else if (strcmp(course, "decay 0.5") == 0)
        rate = step < EACH ? 1 : step < 2 * EACH ? .5 : .25;
    return step + 1 < warm_up ? rate * (step + 1) / warm_up : rate;
}

static void each_batch_has_its_rate(void **state)
{
    (void)state;
    static const char *const courses[] = {"constant", "decay 0.5", "cosine", "linear"};
    for (uint32_t c = 0; c < 4; c++) {
        for (uint32_t warm_up = 0; warm_up <= STEPS; warm_up += 3) {
            br_phase phase = {.epochs = EPOCHS, .batch = 2, .decay = .5f, .warm_up = warm_up};
            phase.course = c == 0   ? BT_COURSE_CONSTANT
                           : c == 1 ? BT_COURSE_DECAY
                           : c == 2 ? BT_COURSE_COSINE
                                    : BT_COURSE_LINEAR;
            assert_int_equal(br_batches_of(&phase, SAMPLES), EACH);
            for (uint32_t step = 0; step < STEPS; step++)
                assert_float_equal(br_rate_at(&phase, step, EACH), wanted_rate(courses[c], step, warm_up), 1e-6);
        }
    }
    br_phase long_one = {.epochs = 1, .batch = 1, .course = BT_COURSE_LINEAR};
    assert_float_equal(br_rate_at(&long_one, 999999, 1000000), .01, 1e-6); /* never less */
    long_one.course = BT_COURSE_COSINE;
    assert_float_equal(br_rate_at(&long_one, 999999, 1000000), .01, 1e-6);
}

/* ---- a phase, and the same batch by batch ---- */

static void state_of(const text_network *f, float *out)
{
    float theta[HIDDEN], conscience[HIDDEN];
    br_network_state(f->network, 0, out, theta, conscience);
    br_network_state(f->network, 1, out + VALUES * HIDDEN, theta, conscience);
}

static void train(text_network *f, float *out)
{
    br_train_result result;
    text_network_train(f, NULL, &result);
    state_of(f, out);
}

/* Two samples in a batch, and one in the last of each epoch. */
static void step_by_step(text_network *f, const char *course, uint32_t warm_up, float *out)
{
    float in[2 * VALUES];
    static const uint32_t labels[2] = {1, 1};
    br_error error = {0};
    br_moments *moments;
    br_phase phase = f->schedule.phases[0];
    float eta[2] = {phase.eta[0], phase.eta[1]}, scaled[2];
    assert_int_equal(br_moments_new(bc_code_model(f->code), &phase, &moments, &error), 0);
    for (uint32_t i = 0; i < 2 * VALUES; i++)
        in[i] = (float)(i % VALUES) / VALUES * .5f;
    phase.eta = scaled;
    for (uint32_t step = 0; step < STEPS; step++) {
        for (uint32_t i = 0; i < 2; i++)
            scaled[i] = (float)(eta[i] * wanted_rate(course, step, warm_up));
        if (br_learn_batch(f->network, in, labels, step % EACH == 2 ? 1 : 2, &phase, moments, &error) != 0)
            fail_msg("%s", error.message);
    }
    br_moments_free(moments);
    state_of(f, out);
}

static void every_batch_is_a_step(void **state)
{
    (void)state;
    static const struct {
        const char *settings, *course;
        uint32_t warm_up;
    } CASES[] = {
        {"eta 0.3 constant;", "constant", 0},
        {"eta 0.3, decay 0.5;", "decay 0.5", 0},
        {"eta 0.3 cosine, warm up 4 steps;", "cosine", 4},
        {"eta 0.3 linear; momentum 0.9;", "linear", 0},
        {"eta 0.3, decay 0.5, warm up 9 steps; momentum 0.9;", "decay 0.5", 9},
        {"eta 0.02 linear; adaptive 0.99;", "linear", 0},
        {"eta 0.02 cosine, warm up 5 steps; momentum 0.9; adaptive 0.9;", "cosine", 5},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        text_network whole, parts;
        float wanted[VALUES * HIDDEN + HIDDEN * CLASSES], got[VALUES * HIDDEN + HIDDEN * CLASSES],
            start[sizeof got / 4];
        float farthest = 0;
        begin(&whole, CASES[i].settings);
        begin(&parts, CASES[i].settings);
        state_of(&parts, start);
        step_by_step(&parts, CASES[i].course, CASES[i].warm_up, wanted);
        train(&whole, got);
        for (size_t k = 0; k < sizeof got / sizeof *got; k++) {
            farthest = fmaxf(farthest, fabsf(got[k] - start[k]));
            assert_float_equal(got[k], wanted[k], 1e-5);
        }
        assert_true(farthest > .01f);
        text_network_end(&whole);
        text_network_end(&parts);
    }
}

/* ---- winners ---- */

enum { KEPT = 5 };

/* (31), for 100 % to KEPT/HIDDEN over `over`; KEPT where the anneal has ended */
static double wanted_keep(uint32_t step, double over)
{
    double t = (double)step / STEPS / over, share = 1 - (1 - (double)KEPT / HIDDEN) * fmin(1, t);
    return fmax(KEPT, floor(share * HIDDEN + .5));
}

/* Each batch alone, in a phase that anneals from as many winners as the batch has. */
static void step_with_winners(text_network *f, double over, float *out)
{
    float in[2 * VALUES];
    static const uint32_t labels[2] = {1, 1};
    br_error error = {0};
    br_phase phase = f->schedule.phases[0];
    for (uint32_t i = 0; i < 2 * VALUES; i++)
        in[i] = (float)(i % VALUES) / VALUES * .5f;
    for (uint32_t step = 0; step < STEPS; step++) {
        br_anneal alone = {.layer = 0, .from = wanted_keep(step, over) / HIDDEN, .to = .1, .over = 1};
        phase.anneals = &alone;
        phase.anneal_count = 1;
        if (br_learn_batch(f->network, in, labels, step % EACH == 2 ? 1 : 2, &phase, NULL, &error) != 0)
            fail_msg("%s", error.message);
    }
    state_of(f, out);
}

static void winners_fall_from_batch_to_batch(void **state)
{
    (void)state;
    static const double overs[] = {.05, 1 / 3.0, .5, 1};
    const br_anneal whole_phase = {.from = .8, .to = .2, .over = .5};
    assert_int_equal(br_keep_at(&whole_phase, 0, 10), 8);
    assert_int_equal(br_keep_at(&whole_phase, .25, 10), 5);
    assert_int_equal(br_keep_at(&whole_phase, .5, 10), 0); /* as at rest */
    assert_int_equal(br_keep_at(&whole_phase, .25, 1), 1);
    for (size_t i = 0; i < sizeof overs / sizeof *overs; i++) {
        text_network whole, parts;
        float wanted[VALUES * HIDDEN + HIDDEN * CLASSES], got[VALUES * HIDDEN + HIDDEN * CLASSES];
        char items[128];
        snprintf(items, sizeof items, "eta 0.3 constant; anneal keep 100%% to %d/%d over %.17g;", KEPT, HIDDEN,
                 overs[i]);
        begin_with(&whole, "depress over filters keep 5; fire ramp;", items);
        begin_with(&parts, "depress over filters keep 5; fire ramp;", items);
        step_with_winners(&parts, overs[i], wanted);
        train(&whole, got);
        for (size_t k = 0; k < sizeof got / sizeof *got; k++)
            assert_float_equal(got[k], wanted[k], 1e-6);
        text_network_end(&whole);
        text_network_end(&parts);
    }
}

/* ---- before a training ---- */

static void a_long_warm_up_is_refused(void **state)
{
    (void)state;
    text_network f;
    br_error error = {0};
    br_train_result result;
    begin(&f, "eta 0.3, warm up 10 steps;");
    assert_int_equal(br_train(f.network, &f.schedule, f.data, NULL, &result, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    assert_non_null(strstr(error.message, "phase p: the warm-up takes 10 steps, but the phase has only 9"));
    text_network_end(&f);
}

static uint64_t bytes_needed(const char *settings)
{
    text_network f;
    br_memory_need need;
    begin(&f, settings);
    br_train_need(bc_code_model(f.code), &f.schedule, f.data, 1, &need);
    text_network_end(&f);
    return need.network;
}

static void means_count_as_memory(void **state)
{
    (void)state;
    text_network f;
    begin(&f, "");
    const br_model *model = bc_code_model(f.code);
    uint64_t mean = 4 * ((uint64_t)model->layers[0].layout.rows * model->layers[0].layout.pitch +
                         (uint64_t)model->layers[1].layout.rows * model->layers[1].layout.pitch);
    text_network_end(&f);
    uint64_t plain = bytes_needed("");
    assert_true(bytes_needed("momentum 0.9;") == plain + mean);
    assert_true(bytes_needed("momentum 0.9; adaptive 0.99;") == plain + 2 * mean);
    assert_true(bytes_needed("momentum 0;") == plain);
    assert_true(bytes_needed("prune to 20%;") >= plain + mean); /* a mask for each bound */
    assert_true(bytes_needed("prune to 20% on class;") < bytes_needed("prune to 20%;"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_batch_has_its_rate),
        cmocka_unit_test(every_batch_is_a_step),
        cmocka_unit_test(winners_fall_from_batch_to_batch),
        cmocka_unit_test(a_long_warm_up_is_refused),
        cmocka_unit_test(means_count_as_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
