/* Guards: a value out of range is found and its layer and neuron reported; silent layers are reported once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "model/network.h"
#include "text_network.h"
#include "train/guard.h"
#include "train/settle.h"

static const char text[] = "network n { input image(28x28) in [0, 0.5];\n"
                           "  layer edges = conv(5x5, 6) stride 3 { sum scaled(2); depress over filters within 2; }\n"
                           "  layer cells = pool(sum) grid 3x3;\n"
                           "  layer hidden = dense(20) { neuron alpha 0.05 up to 0.9; learned xi 0.01; }\n"
                           "  layer class = dense(10) { sum scaled(4); } }\n"
                           "data d { synthetic digits(train 120, validation 40); }\n"
                           "schedule { seed 7; phase learn { correct edges, hidden, class; epochs 2; } }\n";

static void begin(text_network *f, bool check)
{
    bc_options options = BC_OPTIONS_DEFAULT;
    options.check = check;
    text_network_compile(f, text, &options);
    text_network_start(f);
    text_network_load(f);
}

static void says(const br_error *error, const char *words)
{
    if (!strstr(error->message, words))
        fail_msg("'%s' expected in: %s", words, error->message);
}

/* ---- compiled code that checks ---- */

static void same_bits_with_checks(void **state)
{
    (void)state;
    text_network f[2];
    br_train_result result;
    for (int check = 0; check < 2; check++) {
        begin(&f[check], check);
        assert_true(bc_code_model(f[check].code)->checks == (check == 1));
        text_network_train(&f[check], NULL, &result);
    }
    for (uint32_t l = 0; l < 4; l++) {
        const br_layer_code *code = &bc_code_model(f[0].code)->layers[l];
        uint64_t bytes = br_layer_bounds_count(code) * sizeof(float);
        assert_memory_equal(f[0].network->layers[l].bounds, f[1].network->layers[l].bounds, bytes);
    }
    text_network_end(&f[0]);
    text_network_end(&f[1]);
}

/* Overwrites a value of a layer. Scoring and training must then fail with a message that names its place. */
static void expect_fault(uint32_t layer, float *(*at)(br_layer_bounds *), float value, const char *trained)
{
    text_network f;
    br_error error = {0};
    br_train_result result;
    begin(&f, true);
    *at(&f.network->layers[layer]) = value;
    if (br_train(f.network, &f.schedule, f.data, NULL, &result, &error) != -1)
        fail_msg("layer %u with %g learned on", layer, (double)value);
    says(&error, trained);
    says(&error, bc_code_model(f.code)->layers[layer].name);
    text_network_end(&f);
}

static float *a_bound(br_layer_bounds *layer)
{
    return &layer->bounds[0];
}

static float *a_threshold(br_layer_bounds *layer)
{
    return &layer->theta[3];
}

static void finds_what_is_spoilt(void **state)
{
    (void)state;
    expect_fault(0, a_bound, 1e30f, "a bound was outside");
    expect_fault(2, a_bound, INFINITY, "a bound was outside");
    expect_fault(2, a_bound, NAN, "a bound was outside");
    expect_fault(2, a_threshold, NAN, "a threshold was outside");
    expect_fault(2, a_threshold, 5, "a threshold was outside");
    expect_fault(3, a_threshold, INFINITY, "its threshold is inf");
}

static void set_all(const text_network *f, uint32_t layer, float value)
{
    const br_layer_code *code = &bc_code_model(f->code)->layers[layer];
    for (uint64_t row = 0; row < code->layout.rows; row++)
        for (uint32_t k = 0; k < code->shape.neurons; k++)
            f->network->layers[layer].bounds[row * code->layout.pitch + k] = value * code->parameters.v_max;
}

static void finds_it_in_scoring(void **state)
{
    (void)state;
    text_network f;
    br_error error = {0};
    br_score score;
    begin(&f, true);
    set_all(&f, 0, INFINITY);
    assert_int_equal(br_score_samples(f.network, br_data_split(f.data, BT_SPLIT_VALIDATION), 2, &score, &error), -1);
    says(&error, "layer edges, sample ");
    says(&error, "a drive is inf");
    text_network_end(&f);
}

/* ---- guards of every build ---- */

typedef struct heard {
    int count;
    char last[512];
} heard;

static void hear(void *user, const br_error *warning)
{
    heard *h = user;
    h->count++;
    snprintf(h->last, sizeof h->last, "%s", warning->message);
}

static br_guarded at_end(const text_network *f, const br_train_options *options, uint32_t epoch, double error)
{
    return (br_guarded){.network = f->network,
                        .samples = br_data_split(f->data, BT_SPLIT_TRAIN),
                        .options = options,
                        .phase = "learn",
                        .epoch = epoch,
                        .top = 3,
                        .mean_error = error};
}

static void tells_of_silent_and_full_layers_once(void **state)
{
    (void)state;
    text_network f;
    br_guard guard;
    br_error error = {0};
    heard h = {0};
    br_train_options options = {.warn = hear, .user = &h};
    begin(&f, false);
    assert_int_equal(br_guard_begin(&guard, bc_code_model(f.code), &error), 0);
    br_guarded at = at_end(&f, &options, 1, 0.5);
    assert_int_equal(br_guard_check(&guard, &at, &error), 0);
    assert_int_equal(h.count, 0);
    set_all(&f, 2, -1);
    for (int twice = 0; twice < 2; twice++)
        assert_int_equal(br_guard_check(&guard, &at, &error), 0);
    assert_int_equal(h.count, 1);
    assert_non_null(strstr(h.last, "Phase learn, epoch 1: layer hidden never fires"));
    set_all(&f, 0, 1);
    set_all(&f, 2, 1);
    for (uint32_t k = 0; k < 20; k++)
        f.network->layers[2].theta[k] = 0;
    assert_int_equal(br_guard_check(&guard, &at, &error), 0);
    br_guard_end(&guard);
    text_network_end(&f);
}

/* With homeostasis every neuron fires for some samples and not for others. One that does not is named, once for each
 * layer, and `sum scaled`, which such a layer can't have, is not recommended. */
static void tells_of_neurons_out_of_balance(void **state)
{
    (void)state;
    static const char balanced[] = "network n { input image(28x28) in [0, 0.5];\n"
                                   "  layer hidden = dense(20) { homeostasis(2, 0.5); } layer class = dense(10); }\n"
                                   "data d { synthetic digits(train 120, validation 40); }\n"
                                   "schedule { seed 7; phase learn { correct hidden, class; epochs 1; } }\n";
    static const struct {
        float theta;
        const char *words[2];
    } CASES[] = {{1e30f, {"layer hidden: neuron 3 never fires", "(1 of 20 neurons never fire, or always)"}},
                 {1e30f, {"lower eta, or move the start", "`homeostasis(2, 0)`"}},
                 {-1e30f, {"layer hidden: neuron 3 always fires", "`homeostasis(2, 1)`"}}};
    br_error error = {0};
    br_team *team;
    text_network f;
    text_network_compile(&f, balanced, NULL);
    text_network_start(&f);
    text_network_load(&f);
    assert_int_equal(br_team_new(1, &team, &error), 0);
    assert_int_equal(br_settle_all(f.network, team, br_data_split(f.data, BT_SPLIT_TRAIN), 60, &error), 0);
    float settled = f.network->layers[0].theta[3];
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        br_guard guard;
        heard h = {0};
        br_train_options options = {.warn = hear, .user = &h};
        br_guarded at = at_end(&f, &options, 1, 0.5);
        at.top = 1;
        assert_int_equal(br_guard_begin(&guard, bc_code_model(f.code), &error), 0);
        f.network->layers[0].theta[3] = settled;
        assert_int_equal(br_guard_check(&guard, &at, &error), 0);
        assert_int_equal(h.count, 0);
        f.network->layers[0].theta[3] = CASES[i].theta;
        for (int twice = 0; twice < 2; twice++)
            assert_int_equal(br_guard_check(&guard, &at, &error), 0);
        assert_int_equal(h.count, 1);
        for (int w = 0; w < 2; w++)
            assert_non_null(strstr(h.last, CASES[i].words[w]));
        for (uint32_t k = 0; k < 20; k++) /* of a silent layer its neurons are told, and nothing else */
            f.network->layers[0].theta[k] = 1e30f;
        assert_int_equal(br_guard_check(&guard, &at, &error), 0);
        assert_int_equal(h.count, 1);
        br_guard_end(&guard);
        assert_int_equal(br_settle_all(f.network, team, br_data_split(f.data, BT_SPLIT_TRAIN), 60, &error), 0);
    }
    br_guard guard;
    br_train_options options = {0};
    br_guarded at = at_end(&f, &options, 1, 0.5);
    at.top = 1;
    assert_int_equal(br_guard_begin(&guard, bc_code_model(f.code), &error), 0);
    f.network->layers[0].theta[bc_code_model(f.code)->layers[0].layout.pitch + 3] = INFINITY;
    assert_int_equal(br_guard_check(&guard, &at, &error), -1);
    says(&error, "layer hidden, neuron 3: its gain is inf");
    br_guard_end(&guard);
    br_team_free(team);
    text_network_end(&f);
}

static void tells_of_an_error_that_explodes(void **state)
{
    (void)state;
    static const double errors[] = {0.5, 0.2, 0.25, 0.39, 0.41, 0.8};
    text_network f;
    br_guard guard;
    br_error error = {0};
    heard h = {0};
    br_train_options options = {.warn = hear, .user = &h};
    begin(&f, false);
    assert_int_equal(br_guard_begin(&guard, bc_code_model(f.code), &error), 0);
    for (uint32_t i = 0; i < 6; i++) {
        br_guarded at = at_end(&f, &options, i + 1, errors[i]);
        assert_int_equal(br_guard_check(&guard, &at, &error), 0);
        assert_int_equal(h.count, i >= 4);
    }
    assert_non_null(strstr(h.last, "epoch 5: the error rose from 0.200 after epoch 2 to 0.410"));
    br_guarded at = at_end(&f, &options, 7, NAN);
    assert_int_equal(br_guard_check(&guard, &at, &error), -1);
    says(&error, "the error is not finite");
    br_guard_end(&guard);
    text_network_end(&f);
}

static void ends_with_a_spoilt_state(void **state)
{
    (void)state;
    text_network f;
    br_error error = {0};
    br_train_result result;
    begin(&f, false);
    /* A threshold below its range. Training clamps it, or fails and names it. */
    f.network->layers[2].theta[1] = -1;
    int status = br_train(f.network, &f.schedule, f.data, NULL, &result, &error);
    if (status != 0)
        says(&error, "threshold");
    else
        assert_true(f.network->layers[2].theta[1] >= 0 && f.network->layers[2].theta[1] < 1);
    f.network->layers[0].bounds[0] = NAN;
    br_guard guard;
    br_train_options options = {0};
    assert_int_equal(br_guard_begin(&guard, bc_code_model(f.code), &error), 0);
    br_guarded at = at_end(&f, &options, 2, 0.5);
    assert_int_equal(br_guard_check(&guard, &at, &error), -1);
    says(&error, "Phase learn, epoch 2: layer edges, neuron 0, input 0: alpha is nan, outside [0, 0.5]");
    br_guard_end(&guard);
    text_network_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_with_checks),
        cmocka_unit_test(finds_what_is_spoilt),
        cmocka_unit_test(finds_it_in_scoring),
        cmocka_unit_test(tells_of_silent_and_full_layers_once),
        cmocka_unit_test(tells_of_neurons_out_of_balance),
        cmocka_unit_test(tells_of_an_error_that_explodes),
        cmocka_unit_test(ends_with_a_spoilt_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
