/* Replicas (docs/model.md, section 18): merging and whole trainings beside the scalar reference, and what does not depend
 * on threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../reference/random_network.h"
#include "../reference/replicas.h"
#include "data/batch.h"
#include "model/merge.h"
#include "text_network.h"

static void seed_is(ref_random *random, uint64_t seed)
{
    *random = (ref_random){seed};
    print_message("seed %llu\n", (unsigned long long)seed);
}

/* ---- merging ---- */

enum { COUNT = 1000, REPLICAS = 7 };

static const float most = .75f;

static float drawn(ref_random *random)
{
    return (float)(ref_unit(random) * 2 - 1) * most;
}

/* Most replicas leave most connections as they are; some stop at 0, on either side. */
static float moved_from(ref_random *random, float before)
{
    double kind = ref_unit(random);
    if (kind < .6)
        return before;
    if (kind < .7)
        return copysignf(0, kind < .65 ? before : -before);
    float after = before + (float)(ref_unit(random) - .5) * (kind < .9 ? .1f : 1);
    return fminf(most, fmaxf(-most, after));
}

static void bounds_merge_by_the_equation(void **state)
{
    (void)state;
    static float before[COUNT], each[REPLICAS][COUNT], after[COUNT];
    const float *list[REPLICAS];
    float roots[REPLICAS + 1];
    uint32_t seen[REPLICAS + 1] = {0}, stopped = 0;
    ref_random random;
    seed_is(&random, 18);
    for (uint32_t k = 0; k < COUNT; k++)
        before[k] = k % 50 == 0 ? copysignf(0, drawn(&random)) : drawn(&random);
    for (uint32_t r = 0; r < REPLICAS; r++)
        for (uint32_t k = 0; k < COUNT; k++)
            each[r][k] = moved_from(&random, before[k]);
    for (uint32_t r = 0; r < REPLICAS; r++)
        list[r] = each[r];
    br_merge_roots(REPLICAS, roots);
    br_merge merge = {BR_MERGE_BOUNDS, -most, most, REPLICAS, before, list, roots, after};
    br_merge_part(&merge, 0, 333);
    br_merge_part(&merge, 333, COUNT);
    for (uint32_t k = 0; k < COUNT; k++) {
        double v = (double)before[k], ones[REPLICAS];
        int8_t sign = signbit(before[k]) ? -1 : 1, signs[REPLICAS];
        for (uint32_t r = 0; r < REPLICAS; r++) {
            ones[r] = (double)each[r][k];
            signs[r] = signbit(each[r][k]) ? -1 : 1;
        }
        uint32_t n = ref_merge_bound(&v, &sign, ones, signs, REPLICAS, (double)most);
        seen[n]++;
        stopped += v == 0;
        assert_true(fabs((double)after[k] - v) < 1e-6);
        if (v != 0 || n < 2)
            assert_int_equal(signbit(after[k]) ? -1 : 1, sign);
        if (n < 2) /* not rounded */
            assert_true((double)after[k] == v);
    }
    for (uint32_t n = 0; n < 6; n++)
        assert_true(seen[n] > 0);
    assert_true(stopped > 5);
}

static void thresholds_and_means_merge(void **state)
{
    (void)state;
    static const float before[3] = {.5f, .1f, .85f}, a[3] = {.6f, -0.0f, .95f}, b[3] = {.6f, .1f, .95f};
    const float *const list[2] = {a, b};
    float roots[3], after[3];
    br_merge_roots(2, roots);
    br_merge merge = {BR_MERGE_THRESHOLDS, 0, .9f, 2, before, list, roots, after};
    br_merge_part(&merge, 0, 3);
    assert_float_equal(after[0], .5 + .2 / sqrt(2), 1e-6);
    assert_float_equal(after[1], 0, 0);
    assert_float_equal(after[2], .9, 0);
    merge = (br_merge){BR_MERGE_MEANS, 0, 0, 2, before, list, roots, after};
    br_merge_part(&merge, 0, 3);
    assert_float_equal(after[0], .6, 1e-6);
    assert_float_equal(after[1], .05, 1e-6);
}

/* ---- a training beside the reference ---- */

enum { VALUES = 12, HIDDEN = 15, CLASSES = 4, SAMPLES = 61, BATCH = 4, EPOCHS = 3 };

static const char DENSE[] = "rule %s;\n"
                            "network n { input vector(12) in [0, 0.5];\n"
                            "  layer hidden = dense(15) { neuron alpha 0.05 up to 0.9 learned xi 0.02; }\n"
                            "  layer class = dense(4); }\n"
                            "schedule { seed 3; phase p { correct hidden, class; epochs 3; batch 4; %s %s } }\n";

static void begin(text_network *t, const char *rule, const char *settings, ref_random *random)
{
    static float values[SAMPLES * VALUES];
    static uint32_t labels[SAMPLES];
    char text[1024];
    br_error error = {0};
    br_data_spec spec = {.shape = {1, VALUES, 1}, .classes = CLASSES, .low = 0, .high = 1};
    br_samples given[BT_SPLITS] = {{.count = SAMPLES, .shape = spec.shape, .floats = values, .labels = labels}};
    for (uint32_t i = 0; i < SAMPLES * VALUES; i++)
        values[i] = ref_chance(random, .3) ? 0 : (float)ref_unit(random);
    for (uint32_t i = 0; i < SAMPLES; i++)
        labels[i] = ref_below(random, CLASSES);
    snprintf(text, sizeof text, DENSE, rule, settings,
             strstr(settings, "eta") ? "" : "eta 0.3 on hidden, 0.1 on class, constant;");
    text_network_compile(t, text, NULL);
    text_network_start(t);
    if (br_data_from_memory(&spec, given, 3, &t->data, &error) != 0)
        fail_msg("%s", error.message);
}

static void take_layer(const text_network *t, uint32_t l, ref_layer *layer)
{
    float w[HIDDEN * HIDDEN], conscience[HIDDEN];
    br_network_state(t->network, l, w, layer->theta, conscience);
    for (uint32_t k = 0; k < layer->neurons; k++)
        for (uint32_t i = 0; i < layer->inputs; i++) {
            layer->bound[k * layer->inputs + i] = fabsf(w[i * layer->neurons + k]);
            layer->sign[k * layer->inputs + i] = signbit(w[i * layer->neurons + k]) ? -1 : 1;
        }
}

static ref_network reference_of(const text_network *t, ref_rule rule)
{
    const br_phase *phase = &t->schedule.phases[0];
    ref_network out = {.rule = rule,
                       .sharpness = 5,
                       .floor = .001,
                       .momentum = (double)phase->momentum,
                       .adapts = phase->adapts,
                       .adaptive = (double)phase->adaptive,
                       .layer_count = 2};
    out.layers = calloc(2, sizeof *out.layers);
    for (uint32_t l = 0; l < 2; l++) {
        out.layers[l] = (ref_layer){.inputs = l == 0 ? VALUES : HIDDEN,
                                    .neurons = l == 0 ? HIDDEN : CLASSES,
                                    .range_in = .5,
                                    .range_out = .5,
                                    .alpha_max = .5,
                                    .sum = REF_SCALED,
                                    .gain = 4,
                                    .theta_xi = l == 0 ? (double)phase->theta_xi[0] : 0,
                                    .theta_max = .9,
                                    .switches = true,
                                    .tau = .5};
        ref_layer_take(&out.layers[l]);
        take_layer(t, l, &out.layers[l]);
    }
    return out;
}

/* Every epoch in rounds of replicas x merge batches. */
static void reference_learns(const text_network *t, ref_network *reference)
{
    enum { BATCHES = (SAMPLES + BATCH - 1) / BATCH };
    static const bool corrected[2] = {true, true};
    const br_phase *phase = &t->schedule.phases[0];
    const br_samples *samples = br_data_split(t->data, BT_SPLIT_TRAIN);
    br_gather gather = br_gather_new(samples, .5f);
    double eta[2] = {(double)phase->eta[0], (double)phase->eta[1]};
    for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
        float in[SAMPLES][VALUES];
        uint32_t labels[SAMPLES], order[SAMPLES], each = phase->replicas * phase->merge;
        ref_batch batches[BATCHES];
        br_shuffle(t->schedule.seed, epoch, SAMPLES, order);
        for (uint32_t i = 0; i < SAMPLES; i++) {
            br_gather_sample(&gather, order[i], 0, 0, false, in[i]);
            labels[i] = samples->labels[order[i]];
        }
        for (uint32_t b = 0; b < BATCHES; b++)
            batches[b] = (ref_batch){in[b * BATCH], labels + b * BATCH, b + 1 < BATCHES ? BATCH : SAMPLES - b * BATCH};
        for (uint32_t b = 0; b < BATCHES; b += each)
            ref_learn_round(reference, phase->replicas, batches + b, BATCHES - b < each ? BATCHES - b : each, eta, 1,
                            corrected);
    }
}

static void trains_as_the_reference(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *settings;
        ref_rule reference;
    } CASES[] = {
        {"repaired", "replicas 3 merge every 2 batches;", REF_REPAIRED}, /* the last round is short */
        {"repaired", "replicas 8 merge every 1 batches;", REF_REPAIRED},
        {"repaired", "replicas 5 merge every 100 batches;", REF_REPAIRED}, /* one round an epoch */
        {"repaired", "replicas 16 merge every 1 batches;", REF_REPAIRED},
        {"repaired", "replicas 4 merge every 3 batches; momentum 0.8;", REF_REPAIRED},
        {"repaired", "replicas 6 merge every 2 batches; momentum 0.5; adaptive 0.9; eta 0.02 constant;", REF_REPAIRED},
        {"gradient", "replicas 3 merge every 2 batches;", REF_GRADIENT},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        text_network t;
        br_train_result result;
        ref_random random;
        char settings[256];
        float farthest = 0;
        seed_is(&random, 180 + i);
        snprintf(settings, sizeof settings, "%s", CASES[i].settings);
        begin(&t, CASES[i].rule, settings, &random);
        ref_network wanted = reference_of(&t, CASES[i].reference), start = reference_of(&t, CASES[i].reference);
        reference_learns(&t, &wanted);
        text_network_train(&t, &(br_train_options){.threads = 2}, &result);
        ref_network got = reference_of(&t, CASES[i].reference);
        for (uint32_t l = 0; l < 2; l++) {
            for (uint32_t k = 0; k < got.layers[l].neurons; k++) {
                for (uint32_t j = 0; j < got.layers[l].inputs; j++) {
                    float was = (float)ref_v(&start.layers[l], k, j), is = (float)ref_v(&got.layers[l], k, j);
                    farthest = fmaxf(farthest, fabsf(is - was));
                    assert_float_equal(is, ref_v(&wanted.layers[l], k, j), 2e-5);
                }
                assert_float_equal(got.layers[l].theta[k], wanted.layers[l].theta[k], 2e-5);
            }
        }
        assert_true(farthest > .01f);
        ref_network_release(&wanted);
        ref_network_release(&start);
        ref_network_release(&got);
        text_network_end(&t);
    }
}

/* ---- one replica; threads ---- */

typedef struct trained {
    uint64_t sum;
    double validation, error;
} trained;

static bool last_error(void *user, const br_progress *progress)
{
    if (progress->end_of_epoch)
        *(double *)user = progress->error;
    return true;
}

static uint64_t sum_of(const br_network *network)
{
    const br_model *model = br_network_model(network);
    uint64_t sum = 5381;
    for (uint32_t l = 0; l < model->layer_count; l++) {
        uint64_t count = (uint64_t)model->layers[l].shape.inputs * model->layers[l].shape.neurons;
        float *w = calloc(count + 1, sizeof *w), theta[512], conscience[512], gain[512] = {0};
        br_network_state(network, l, w, theta, conscience);
        br_network_gains(network, l, gain);
        for (uint64_t i = 0; i < count * sizeof *w; i++)
            sum = sum * 33 + ((const uint8_t *)w)[i];
        for (uint64_t i = 0; i < model->layers[l].shape.neurons * sizeof *theta; i++)
            sum = sum * 1089 + 33u * ((const uint8_t *)theta)[i] + ((const uint8_t *)gain)[i];
        free(w);
    }
    return sum;
}

static trained train_with(const char *layers, const char *items, uint32_t threads)
{
    char text[1024];
    snprintf(text, sizeof text,
             "network n { input image(28x28) in [0, 0.5]; %s }\n"
             "data d { synthetic digits(train 210, validation 40); }\n"
             "schedule { seed 7; phase p { epochs 2; batch 7; keep best on validation; %s } }\n",
             layers, items);
    text_network t;
    br_train_result result;
    trained out = {0};
    text_network_compile(&t, text, NULL);
    text_network_start(&t);
    text_network_load(&t);
    text_network_train(&t, &(br_train_options){.threads = threads, .progress = last_error, .user = &out.error},
                       &result);
    out.sum = sum_of(t.network);
    out.validation = result.validation;
    text_network_end(&t);
    return out;
}

static void one_replica_is_one_learner(void **state)
{
    (void)state;
    static const char layers[] = "layer a = dense(37) { learned xi 0.01; } layer b = dense(10);";
    trained plain = train_with(layers, "correct a, b; momentum 0.5;", 2);
    trained one = train_with(layers, "correct a, b; momentum 0.5; replicas 1 merge every 3 batches;", 2);
    trained two = train_with(layers, "correct a, b; momentum 0.5; replicas 2 merge every 3 batches;", 2);
    assert_true(plain.sum == one.sum && plain.validation == one.validation && plain.error == one.error);
    assert_true(plain.sum != two.sum);
}

/* Every way to learn, with one thread, and with as many as replicas and fewer. */
static void threads_do_not_matter(void **state)
{
    (void)state;
    static const struct {
        const char *layers, *items;
    } CASES[] = {
        {"layer a = dense(300); layer b = dense(10);", "correct a, b; replicas 3 merge every 4 batches; shift 1;"},
        {"layer a = conv(5x5, 8) stride 2 { learned xi 0.01; } layer b = dense(10);",
         "correct a, b; replicas 8 merge every 2 batches; momentum 0.9; adaptive 0.99; eta 0.02 cosine;"},
        {"layer a = conv(3x3, 12) padding same { homeostasis; } layer p = pool(max) 2x2 { depress over filters keep 4; "
         "}"
         " layer q = pool(sum) grid 4x4 { jitter 2; } layer c = dense(10);",
         "correct a, c; replicas 3 merge every 5 batches; momentum 0.9; prune to 30% over 50%; anneal keep 100% to "
         "4/12 over 60% on p;"},
        {"layer a = conv(5x5, 6) stride 3; layer b = conv(3x3, 8); layer c = dense(10);",
         "correct a, b, c with readouts grid 2x2 layer by layer; replicas 4 merge every 3 batches; weight classes by "
         "rarity;"},
        {"layer below = conv(5x5, 8) stride 2 { alpha frozen; } layer a = dense(20); layer b = dense(10);",
         "correct a, b; replicas 5 merge every 100 batches; flips;"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        trained one = train_with(CASES[i].layers, CASES[i].items, 1);
        for (uint32_t threads = 2; threads <= 3; threads++) {
            trained many = train_with(CASES[i].layers, CASES[i].items, threads);
            assert_true(one.sum == many.sum && one.validation == many.validation && one.error == many.error);
        }
    }
}

/* ---- before a training ---- */

static void refused(void **state)
{
    (void)state;
    text_network t;
    br_error error = {0};
    br_train_result result;
    ref_random random;
    seed_is(&random, 1);
    begin(&t, "repaired", "replicas 17 merge every 1 batches;", &random);
    assert_int_equal(br_train(t.network, &t.schedule, t.data, NULL, &result, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    assert_non_null(
        strstr(error.message, "phase p: 17 replicas, but an epoch has only 16 batches (61 samples, batch 4)"));
    text_network_end(&t);
}

static void replicas_count_as_memory(void **state)
{
    (void)state;
    static const char *const settings[] = {"", "replicas 1 merge every 9 batches;", "replicas 2 merge every 9 batches;",
                                           "replicas 4 merge every 9 batches;"};
    uint64_t bytes[4];
    for (int i = 0; i < 4; i++) {
        text_network t;
        br_memory_need need;
        ref_random random;
        seed_is(&random, 1);
        begin(&t, "repaired", settings[i], &random);
        br_train_need(bc_code_model(t.code), &t.schedule, t.data, 1, &need);
        bytes[i] = need.replicas;
        text_network_end(&t);
    }
    assert_true(bytes[0] == 0 && bytes[1] == 0);
    assert_true(bytes[2] > 2 * (VALUES + CLASSES) * HIDDEN * sizeof(float));
    assert_true(bytes[3] >= 2 * bytes[2] - 4096 && bytes[3] <= 2 * bytes[2] + 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_merge_by_the_equation), cmocka_unit_test(thresholds_and_means_merge),
        cmocka_unit_test(trains_as_the_reference),      cmocka_unit_test(one_replica_is_one_learner),
        cmocka_unit_test(threads_do_not_matter),        cmocka_unit_test(refused),
        cmocka_unit_test(replicas_count_as_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
