/* Probabilities: shares of random drives, of ties and of extremes against the reference, and the fit of their sharpness
 * on a compiled network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../reference/random_network.h"
#include "../reference/shares.h"
#include "engine/forward.h"
#include "engine/shares.h"
#include "text_network.h"

enum { DRAWS = 20000, CLASSES_MOST = 17 };

/* ---- shares of given drives ---- */

/* Drives that often agree, or differ by one rounding; rarely as large as floats can be. */
static float draw_drive(ref_random *random, float last)
{
    switch (ref_below(random, 8)) {
    case 0:
        return last;
    case 1:
        return nextafterf(last, 100);
    case 2:
        return nextafterf(last, -100);
    case 3:
        return (float)ref_below(random, 5) / 4;
    case 4:
        return ref_chance(random, .02) ? (ref_chance(random, .5) ? FLT_MAX : -FLT_MAX) : 0;
    default:
        return (float)(8 * ref_unit(random) - 4);
    }
}

static void check_one(const float *drive, const float *conscience, uint32_t classes, float sharpness)
{
    float shares[CLASSES_MOST];
    double x[CLASSES_MOST], wanted[CLASSES_MOST], sum = 0;
    uint32_t label = br_answer(drive, conscience, classes), first = 0;
    br_shares(drive, conscience, classes, label, sharpness, shares);
    for (uint32_t k = 0; k < classes; k++)
        x[k] = (double)(drive[k] - conscience[k]);
    ref_shares(x, classes, (double)sharpness, wanted);
    for (uint32_t k = 0; k < classes; k++) {
        first = shares[k] > shares[first] ? k : first;
        sum += (double)shares[k];
        if (!(shares[k] >= 0 && fabs((double)shares[k] - wanted[k]) <= 2e-5)) /* B x is rounded to float: 87 * 2^-24 */
            fail_msg("class %u of %u, sharpness %g: share %.9g, not %.9g", k, classes, (double)sharpness,
                     (double)shares[k], wanted[k]);
    }
    if (first != label || fabs(sum - 1) > 1e-6)
        fail_msg("label %u, but the first class with the largest share is %u; the sum is %.9g", label, first, sum);
}

static void shares_of_random_drives(void **state)
{
    static const float sharpness[] = {1.0f / 1024, 0.3f, 5, 40, 1024};
    ref_random random = {41};
    (void)state;
    for (uint32_t i = 0; i < DRAWS; i++) {
        float drive[CLASSES_MOST], conscience[CLASSES_MOST] = {0}, last = 0;
        uint32_t classes = 1 + ref_below(&random, CLASSES_MOST);
        for (uint32_t k = 0; k < classes; k++)
            last = drive[k] = draw_drive(&random, last);
        for (uint32_t k = 0; i % 3 == 0 && k < classes; k++)
            conscience[k] = (float)ref_below(&random, 3) / 8;
        check_one(drive, conscience, classes, sharpness[ref_below(&random, 5)]);
    }
}

static void small_exact_cases(void **state)
{
    (void)state;
    const float none[3] = {0}, one[] = {-3}, equal[] = {0.5f, 0.5f, 0.5f}, far[] = {-FLT_MAX, FLT_MAX, 0};
    float shares[3];
    br_shares(one, none, 1, 0, 5, shares);
    assert_true(shares[0] == 1);
    br_shares(equal, none, 3, 0, 5, shares);
    assert_true(shares[0] == 1.0f / 3 && shares[1] == shares[0] && shares[2] == shares[0]);
    br_shares(far, none, 3, 1, 1024, shares);
    assert_true(shares[0] == 0 && shares[1] == 1 && shares[2] == 0);
    const float above[] = {nextafterf(0.5f, 0), 0.5f}; /* so near that rounding alone would give a tie */
    br_shares(above, none, 2, 1, 1.0f / 1024, shares);
    assert_true(shares[0] < shares[1] && shares[1] - shares[0] < 1e-6f);
    const float broken[] = {NAN, 1, INFINITY};
    br_shares(broken, none, 3, 2, 5, shares);
    assert_true(shares[0] == 0 && shares[1] == 0 && shares[2] == 1);
}

/* ---- the fit ---- */

enum { COUNT = 300, VALUES = 6, KINDS = 3 };

static const char text[] = "network fit { input vector(6); layer hidden = dense(20); layer kind = dense(3); }";

typedef struct fixture {
    text_network made;
    float in[COUNT][VALUES];
    uint32_t labels[COUNT];
    br_samples samples;
} fixture;

static int begin(void **state)
{
    static const br_layer_start starts[2] = {
        {.excitatory = 0.5f, .start = BT_START_UNIFORM, .low = 0, .high = 0.5f, .theta = 0.05f},
        {.excitatory = 0.5f, .start = BT_START_UNIFORM, .low = 0, .high = 0.5f, .theta = 0.05f}};
    fixture *f = calloc(1, sizeof *f);
    br_error error;
    assert_non_null(f);
    text_network_compile(&f->made, text, NULL);
    assert_int_equal(br_network_start(f->made.network, starts, 3, &error), 0);
    ref_random random = {7};
    for (uint32_t n = 0; n < COUNT; n++)
        for (uint32_t i = 0; i < VALUES; i++)
            f->in[n][i] = (float)ref_unit(&random);
    f->samples =
        (br_samples){.count = COUNT, .shape = {1, VALUES, 1}, .floats = f->in[0], .labels = f->labels, .high = 1};
    *state = f;
    return 0;
}

static int end(void **state)
{
    fixture *f = *state;
    text_network_end(&f->made);
    free(f);
    return 0;
}

/* What br_predict answers with a sharpness, and the drives behind it, up to a constant for each sample. */
typedef struct answers {
    uint32_t labels[COUNT];
    float shares[COUNT][KINDS];
    double x[COUNT][KINDS];
} answers;

static void answer(fixture *f, float sharpness, answers *out)
{
    br_error error;
    f->made.network->sharpness = sharpness;
    br_outputs outputs = {.labels = out->labels, .probabilities = out->shares[0]};
    assert_int_equal(br_predict(f->made.network, &f->samples, 2, &outputs, &error), 0);
    for (uint32_t n = 0; n < COUNT; n++)
        for (uint32_t k = 0; k < KINDS; k++)
            out->x[n][k] = log((double)out->shares[n][k]) / (double)sharpness;
}

/* Gives each sample a label: by chance as the shares with `sharpness` say, or the network's own answer for 0. */
static void label(fixture *f, double sharpness, answers *a)
{
    ref_random random = {11};
    answer(f, 1, a);
    for (uint32_t n = 0; n < COUNT; n++) {
        double p[KINDS], at = ref_unit(&random);
        ref_shares(a->x[n], KINDS, sharpness, p);
        f->labels[n] = sharpness == 0 ? a->labels[n] : at < p[0] ? 0 : at < p[0] + p[1] ? 1 : 2;
    }
}

static float fitted(fixture *f, uint32_t threads)
{
    br_error error = {0};
    f->made.network->sharpness = BR_SHARPNESS_START;
    if (br_calibrate(f->made.network, &f->samples, threads, &error) != 0)
        fail_msg("%s", error.message);
    return br_network_sharpness(f->made.network);
}

static void the_fit_finds_the_least_loss(void **state)
{
    static const double drawn[] = {0, 0.05, 0.5, 2, 9};
    fixture *f = *state;
    answers a;
    for (int i = 0; i < 5; i++) {
        label(f, drawn[i], &a);
        double wanted = ref_sharpness(a.x[0], f->labels, COUNT, KINDS), got = (double)fitted(f, 1);
        print_message("labels drawn with %g: fitted %g\n", drawn[i], got);
        assert_true(fabs(got - wanted) <= 1e-3 * wanted);
        double least = ref_share_loss(a.x[0], f->labels, COUNT, KINDS, got);
        assert_true(ref_share_loss(a.x[0], f->labels, COUNT, KINDS, 1.05 * got) >= least);
        assert_true(ref_share_loss(a.x[0], f->labels, COUNT, KINDS, got / 1.05) >= least);
        float again = fitted(f, 1);
        for (uint32_t threads = 2; threads <= 7; threads++)
            assert_true(fitted(f, threads) == again);
    }
}

/* Without one wrong answer the loss of the samples alone would fall for ever. */
static void samples_that_are_all_right_give_no_certainty(void **state)
{
    fixture *f = *state;
    answers a;
    f->samples.count = 4;
    label(f, 0, &a);
    float sharpness = fitted(f, 1);
    assert_true(sharpness > 1 && sharpness < BR_SHARPNESS_MOST);
    answer(f, sharpness, &a);
    for (uint32_t n = 0; n < 4; n++)
        assert_true(a.shares[n][a.labels[n]] < 0.999f);
    f->samples.count = COUNT;
}

static void labels_against_the_drives_make_shares_equal(void **state)
{
    fixture *f = *state;
    answers a;
    answer(f, 1, &a);
    for (uint32_t n = 0; n < COUNT; n++) {
        f->labels[n] = 0;
        for (uint32_t k = 1; k < KINDS; k++)
            f->labels[n] = a.x[n][k] < a.x[n][f->labels[n]] ? k : f->labels[n];
    }
    assert_true(fitted(f, 1) == BR_SHARPNESS_LEAST);
}

/* Inputs of 0 make nothing live, so all drives are 0 and the sharpness has no effect: it stays. */
static void drives_that_agree_leave_the_sharpness(void **state)
{
    fixture *f = *state;
    float kept[COUNT][VALUES];
    memcpy(kept, f->in, sizeof kept);
    memset(f->in, 0, sizeof f->in);
    assert_true(fitted(f, 1) == BR_SHARPNESS_START);
    memcpy(f->in, kept, sizeof kept);
}

static void unusable_samples(void **state)
{
    fixture *f = *state;
    br_error error = {0};
    br_samples none = f->samples, unlabelled = f->samples, other = f->samples;
    f->made.network->sharpness = 3;
    none.count = 0;
    assert_int_equal(br_calibrate(f->made.network, &none, 1, &error), 0);
    unlabelled.labels = NULL;
    assert_int_equal(br_calibrate(f->made.network, &unlabelled, 1, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    assert_non_null(strstr(error.message, "the samples have no labels, which are needed to calibrate"));
    other.shape.width = 5;
    assert_int_equal(br_calibrate(f->made.network, &other, 1, &error), -1);
    uint32_t beyond[COUNT] = {[9] = KINDS};
    other = f->samples;
    other.labels = beyond;
    assert_int_equal(br_calibrate(f->made.network, &other, 1, &error), -1);
    assert_non_null(strstr(error.message, "sample 9 has label 3"));
    assert_true(br_network_sharpness(f->made.network) == 3);
}

static void the_score_tells_of_calibration(void **state)
{
    fixture *f = *state;
    answers a;
    br_score score;
    br_error error = {0};
    label(f, 2, &a);
    answer(f, fitted(f, 2), &a);
    double p[COUNT], loss = 0;
    int right[COUNT];
    for (uint32_t n = 0; n < COUNT; n++) {
        p[n] = (double)a.shares[n][a.labels[n]];
        right[n] = a.labels[n] == f->labels[n];
        loss -= log((double)a.shares[n][f->labels[n]]) / COUNT;
    }
    assert_int_equal(br_score_samples(f->made.network, &f->samples, 3, &score, &error), 0);
    assert_true(fabs(score.nll - loss) < 1e-9 && loss > 0);
    assert_true(fabs(score.ece - ref_calibration_error(p, right, COUNT)) < 1e-6 && score.ece > 0);
    br_score_free(&score);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares_of_random_drives),
                                       cmocka_unit_test(small_exact_cases),
                                       cmocka_unit_test(the_fit_finds_the_least_loss),
                                       cmocka_unit_test(samples_that_are_all_right_give_no_certainty),
                                       cmocka_unit_test(labels_against_the_drives_make_shares_equal),
                                       cmocka_unit_test(drives_that_agree_leave_the_sharpness),
                                       cmocka_unit_test(unusable_samples),
                                       cmocka_unit_test(the_score_tells_of_calibration)};
    return cmocka_run_group_tests_name("compiler/shares", tests, begin, end);
}
