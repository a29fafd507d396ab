/* Pruning (docs/model.md, section 19) beside the scalar reference: which connections are silenced, that they stay so
 * whatever moves bounds, and what the others learn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../reference/prune.h"
#include "../reference/random_network.h"
#include "data/batch.h"
#include "engine/prune.h"
#include "text_network.h"

enum { VALUES = 64, CLASSES = 4, SAMPLES = 90, BATCH = 6, MOST = 24 * 40 };

/* ---- a training ---- */

/* Pictures of 8x8 points, of which some are at the top of the range: even connections at alpha = s learn from them. */
static void take_data(text_network *t, uint64_t seed)
{
    static float values[SAMPLES * VALUES];
    static uint32_t labels[SAMPLES];
    ref_random random = {seed};
    br_error error = {0};
    br_data_spec spec = {.shape = {8, 8, 1}, .classes = CLASSES, .low = 0, .high = 1};
    br_samples given[BT_SPLITS] = {{.count = SAMPLES, .shape = spec.shape, .floats = values, .labels = labels}};
    for (uint32_t i = 0; i < SAMPLES * VALUES; i++)
        values[i] = ref_chance(&random, .4) ? 0 : ref_chance(&random, .1) ? 1 : (float)ref_unit(&random);
    for (uint32_t i = 0; i < SAMPLES; i++)
        labels[i] = ref_below(&random, CLASSES);
    if (br_data_from_memory(&spec, given, 3, &t->data, &error) != 0)
        fail_msg("%s", error.message);
}

typedef struct told {
    uint32_t prunings;
    double kept;
} told;

static bool tell(void *user, const br_progress *progress)
{
    told *t = user;
    if (!progress->end_of_epoch || progress->kept >= 1)
        return true;
    t->prunings++;
    t->kept = progress->kept;
    return true;
}

/* The network of `layers`, trained by the settings. */
static told train(text_network *t, const char *layers, const char *settings, uint32_t threads)
{
    char text[1024];
    br_train_result result;
    told out = {0};
    snprintf(text, sizeof text,
             "network n { input image(8x8) in [0, 0.5]; %s }\n"
             "schedule { seed 3; phase p { correct a, b; batch 6; %s } }\n",
             layers, settings);
    text_network_compile(t, text, NULL);
    text_network_start(t);
    take_data(t, 19);
    text_network_train(t, &(br_train_options){.threads = threads, .progress = tell, .user = &out}, &result);
    return out;
}

/* ---- the state of a layer ---- */

typedef struct layer_state {
    uint32_t inputs, neurons;
    float alpha[MOST], theta[64], gain[64];
    int8_t sign[MOST];
} layer_state;

static layer_state state_of(const text_network *t, uint32_t layer)
{
    const br_layer_shape *shape = &bc_code_model(t->code)->layers[layer].shape;
    layer_state s = {.inputs = shape->inputs, .neurons = shape->neurons};
    assert_true(s.inputs * s.neurons <= MOST && s.neurons <= 64);
    for (uint32_t k = 0; k < s.neurons; k++)
        s.gain[k] = 1;
    br_network_export(t->network, layer, s.alpha, s.sign, s.theta);
    br_network_gains(t->network, layer, s.gain);
    return s;
}

static uint32_t silent_of(const layer_state *s)
{
    uint32_t silent = 0;
    for (uint32_t c = 0; c < s->inputs * s->neurons; c++)
        silent += s->alpha[c] == .5f;
    return silent;
}

/* ---- which connections ---- */

/* The values that input i of layer 0 had: those of its own place, or, in a convolution, of the whole picture. */
static uint64_t values_of(const text_network *t, bool conv, uint32_t input, float *out)
{
    const br_samples *samples = br_data_split(t->data, BT_SPLIT_TRAIN);
    br_gather gather = br_gather_new(samples, .5f);
    uint64_t count = 0;
    for (uint32_t n = 0; n < SAMPLES; n++) {
        float in[VALUES];
        br_gather_sample(&gather, n, 0, 0, false, in);
        for (uint32_t v = 0; v < VALUES; v++)
            if (conv || v == input)
                out[count++] = in[v];
    }
    return count;
}

/* Pruned after the only epoch, a network is the one without pruning, but for its least useful connections. */
static void silences_the_least_useful(void **state)
{
    (void)state;
    static const struct {
        const char *layers;
        bool conv;
        double keep;
    } CASES[] = {
        {"layer a = dense(15); layer b = dense(4);", false, .3},
        {"layer a = dense(15) { homeostasis; } layer b = dense(4);", false, .2},
        {"layer a = conv(3x3, 20) { leak 0.3; } layer b = dense(4);", true, .25},
        {"layer a = conv(3x3, 7) padding same { homeostasis; } layer b = dense(4);", true, .5},
        {"layer a = dense(15) { alpha in [0, 0.5] = uniform(0, 0.1); } layer b = dense(4);", false, .001},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        static float values[SAMPLES * VALUES];
        char settings[64];
        text_network plain, pruned;
        snprintf(settings, sizeof settings, "epochs 1; prune to %g on a over 1;", CASES[i].keep);
        assert_int_equal(train(&plain, CASES[i].layers, "epochs 1;", 1).prunings, 0);
        told told = train(&pruned, CASES[i].layers, settings, 2);
        layer_state was = state_of(&plain, 0), is = state_of(&pruned, 0);
        double least = INFINITY, most = 0; /* of those that stay; of those that are silenced */
        uint32_t all = was.inputs * was.neurons, stay = 0, wanted = (uint32_t)fmax(1, round(CASES[i].keep * all));
        for (uint32_t c = 0; c < all; c++) {
            uint64_t count = values_of(&plain, CASES[i].conv, c % was.inputs, values);
            double useful = ref_usefulness(values, count, .5, (double)was.alpha[c], (double)was.gain[c / was.inputs]);
            bool stays = is.alpha[c] < .5f;
            stay += stays;
            assert_int_equal(is.sign[c], was.sign[c]);
            if (stays) {
                assert_true(is.alpha[c] == was.alpha[c]);
                least = fmin(least, useful);
            } else {
                most = fmax(most, useful);
            }
        }
        print_message("%u of %u stay; usefulness at least %g, of the others at most %g\n", stay, all, least, most);
        assert_int_equal(stay, wanted);
        assert_true(least > 0 && least >= most * (1 - 1e-4));
        assert_int_equal(told.prunings, 1);
        assert_true(fabs(told.kept - (double)wanted / all) < 1e-12);
        text_network_end(&plain);
        text_network_end(&pruned);
    }
}

/* ---- they stay silent ---- */

static void stays_silent(void **state)
{
    (void)state;
    static const char *const LAYERS[] = {
        "layer a = dense(15) { leak 1; } layer b = dense(4) { leak 0.5; }",
        "layer a = dense(200) { leak 1; } layer b = dense(4);",
        "layer a = conv(3x3, 20) { leak 1; } layer b = dense(4);",
        "layer a = conv(3x3, 20) padding same { leak 1; homeostasis; } layer b = dense(4);",
    };
    static const char *const STEPS[] = {"", "momentum 0.9;", "momentum 0.9; adaptive 0.9; eta 0.02;",
                                        "replicas 3 merge every 2 batches;"};
    for (size_t l = 0; l < sizeof LAYERS / sizeof *LAYERS; l++)
        for (size_t s = 0; s < sizeof STEPS / sizeof *STEPS; s++) {
            char settings[128];
            text_network t;
            snprintf(settings, sizeof settings, "epochs 4; %s prune to 30%%, 0.5 on b over 50%%;", STEPS[s]);
            told told = train(&t, LAYERS[l], settings, 2);
            for (uint32_t layer = 0; layer < 2; layer++) {
                const br_layer_code *code = &bc_code_model(t.code)->layers[layer];
                uint64_t all = (uint64_t)code->shape.inputs * code->shape.neurons, silent = 0;
                float *w = calloc(all, sizeof *w), theta[256], conscience[256];
                br_network_state(t.network, layer, w, theta, conscience);
                for (uint64_t c = 0; c < all; c++)
                    silent += w[c] == 0;
                free(w);
                assert_true(silent >= all - (uint64_t)round((layer == 0 ? .3 : .5) * (double)all));
                assert_true(silent < all);
            }
            assert_int_equal(told.prunings, 2);
            text_network_end(&t);
        }
}

/* ---- what the others learn ---- */

static ref_network reference_of(const text_network *t, bool *pruned)
{
    ref_network out = {.rule = REF_REPAIRED, .sharpness = 5, .floor = .001, .layer_count = 2};
    out.layers = calloc(2, sizeof *out.layers);
    for (uint32_t l = 0; l < 2; l++) {
        layer_state s = state_of(t, l);
        out.layers[l] = (ref_layer){.inputs = s.inputs,
                                    .neurons = s.neurons,
                                    .range_in = .5,
                                    .range_out = .5,
                                    .alpha_max = .5,
                                    .sum = REF_SCALED,
                                    .gain = 4,
                                    .leak = .2,
                                    .theta_max = .9,
                                    .switches = true,
                                    .tau = .5};
        ref_layer_take(&out.layers[l]);
        ref_layer_set(&out, &out.layers[l], s.alpha, s.sign, s.theta);
        for (uint32_t c = 0; pruned && l == 0 && c < s.inputs * s.neurons; c++)
            pruned[c] = s.alpha[c] == .5f;
    }
    return out;
}

/* Two epochs behind the one after which everything is pruned. */
static void reference_learns(const text_network *t, ref_network *reference, const bool *pruned)
{
    static const bool corrected[2] = {true, true};
    const br_samples *samples = br_data_split(t->data, BT_SPLIT_TRAIN);
    br_gather gather = br_gather_new(samples, .5f);
    const double eta[2] = {.3, .1};
    for (uint32_t epoch = 1; epoch < 3; epoch++) {
        uint32_t order[SAMPLES];
        br_shuffle(t->schedule.seed, epoch, SAMPLES, order);
        for (uint32_t b = 0; b < SAMPLES; b += BATCH) {
            float in[BATCH][VALUES];
            uint32_t labels[BATCH];
            for (uint32_t i = 0; i < BATCH; i++) {
                br_gather_sample(&gather, order[b + i], 0, 0, false, in[i]);
                labels[i] = samples->labels[order[b + i]];
            }
            ref_learn(reference, in[0], labels, BATCH, eta, 1, corrected);
            ref_prune_hold(&reference->layers[0], pruned);
        }
    }
}

static void learns_as_the_reference(void **state)
{
    (void)state;
    static const char LAYERS[] = "layer a = dense(15) { leak 0.2; } layer b = dense(4) { leak 0.2; }";
    static bool pruned[MOST];
    text_network first, whole;
    float farthest = 0;
    train(&first, LAYERS, "eta 0.3 on a, 0.1 on b, constant; epochs 1; prune to 30% on a over 1;", 1);
    ref_network wanted = reference_of(&first, pruned), start = reference_of(&first, NULL);
    told told = train(&whole, LAYERS, "eta 0.3 on a, 0.1 on b, constant; epochs 3; prune to 30% on a over 1/3;", 1);
    assert_int_equal(told.prunings, 1);
    reference_learns(&whole, &wanted, pruned);
    ref_network got = reference_of(&whole, NULL);
    for (uint32_t l = 0; l < 2; l++)
        for (uint32_t k = 0; k < got.layers[l].neurons; k++)
            for (uint32_t i = 0; i < got.layers[l].inputs; i++) {
                double was = ref_v(&start.layers[l], k, i), is = ref_v(&got.layers[l], k, i);
                farthest = fmaxf(farthest, (float)fabs(is - was));
                assert_float_equal(is, ref_v(&wanted.layers[l], k, i), 2e-5);
            }
    assert_true(farthest > .01f);
    layer_state s = state_of(&whole, 0);
    assert_true(silent_of(&s) >= MOST * 7 / 10);
    ref_network_release(&wanted);
    ref_network_release(&start);
    ref_network_release(&got);
    text_network_end(&first);
    text_network_end(&whole);
}

/* ---- how many ---- */

static void falls_by_the_equation(void **state)
{
    (void)state;
    for (uint32_t epochs = 1; epochs <= 12; epochs++)
        for (uint32_t tenths = 1; tenths <= 10; tenths++) {
            br_prune one = {0, .2};
            br_phase phase = {.kind = BT_PHASE_CORRECT,
                              .epochs = epochs,
                              .prune_count = 1,
                              .prunes = &one,
                              .prune_over = tenths / 10.};
            for (uint32_t ended = 1; ended <= epochs; ended++) {
                double share = br_prune_share(&phase, one.keep, ended);
                assert_float_equal(share, ref_prune_share(one.keep, phase.prune_over, epochs, ended), 1e-12);
                assert_int_equal(br_prune_is_done(&phase, ended), 10 * ended >= tenths * epochs);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silences_the_least_useful),
        cmocka_unit_test(stays_silent),
        cmocka_unit_test(learns_as_the_reference),
        cmocka_unit_test(falls_by_the_equation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
