/* `weight classes by rarity`: a class with few samples is learned, and the weights are those of docs/model.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "data/batch.h"
#include "text_network.h"
#include "train/learn.h"

enum { VALUES = 4, SAMPLES = 2000, EACH = 20 }; /* one of EACH samples is of the rare class */

static const char TEXT[] =
    "network n { input vector(4) in [0, 0.5]; layer hidden = dense(20); layer class = dense(%u); }\n"
    "schedule { seed 3; phase p { correct hidden, class; error %s; epochs 6; %s } }\n";

static void begin(text_network *f, uint32_t classes, const char *kind, const char *setting)
{
    char text[512];
    snprintf(text, sizeof text, TEXT, classes, kind, setting);
    text_network_compile(f, text, NULL);
    text_network_start(f);
}

/* Two clouds that overlap: the values of the rare class are larger on average. */
static br_data *draw(uint64_t seed)
{
    static float values[SAMPLES * VALUES];
    static uint32_t labels[SAMPLES];
    br_data_spec spec = {.shape = {1, VALUES, 1}, .classes = 2, .low = 0, .high = 1};
    br_error error = {0};
    br_data *data;
    for (uint32_t i = 0; i < SAMPLES; i++) {
        labels[i] = i % EACH == 0;
        for (uint32_t v = 0; v < VALUES; v++) {
            uint32_t words[4];
            br_random4(seed, BR_STREAM_PATCH, v, i, words);
            double unit = ((double)words[0] + words[1] + words[2]) / 3 / 4294967296.;
            values[i * VALUES + v] = (float)(0.15 * labels[i] + 0.85 * unit);
        }
    }
    const br_samples samples = {
        .count = SAMPLES, .shape = spec.shape, .floats = values, .labels = labels, .low = 0, .high = 1};
    if (br_data_from_memory(&spec, (const br_samples[BT_SPLITS]){[BT_SPLIT_TRAIN] = samples}, 1, &data, &error) != 0)
        fail_msg("%s", error.message);
    return data;
}

/* The share of each class that is answered right, after training. */
static void recall(const char *kind, const char *setting, double out[2])
{
    text_network f;
    br_error error = {0};
    br_score score;
    br_train_result result;
    begin(&f, 2, kind, setting);
    br_data *train = draw(1), *test = draw(2);
    if (br_train(f.network, &f.schedule, train, NULL, &result, &error) != 0 ||
        br_score_samples(f.network, br_data_split(test, BT_SPLIT_TRAIN), 1, &score, &error) != 0)
        fail_msg("%s", error.message);
    for (uint32_t k = 0; k < 2; k++)
        out[k] = (double)score.confusion[k * 2 + k] / (double)(score.confusion[k * 2] + score.confusion[k * 2 + 1]);
    br_score_free(&score);
    br_data_free(train);
    br_data_free(test);
    text_network_end(&f);
}

static void rare_classes_are_learned(void **state)
{
    (void)state;
    static const char *const kinds[] = {"softmax(5)", "hinge(0.1)"};
    for (int i = 0; i < 2; i++) {
        double plain[2], weighted[2];
        recall(kinds[i], "", plain);
        recall(kinds[i], "weight classes by rarity;", weighted);
        print_message("%s: rare class %.1f%%, weighted %.1f%%; mean of both %.1f%%, weighted %.1f%%\n", kinds[i],
                      100 * plain[1], 100 * weighted[1], 50 * (plain[0] + plain[1]), 50 * (weighted[0] + weighted[1]));
        assert_true(weighted[1] > plain[1] + 0.1);
        assert_true(weighted[0] + weighted[1] > plain[0] + plain[1]);
    }
}

static void weights_are_as_documented(void **state)
{
    (void)state;
    static const uint32_t labels[] = {0, 0, 0, 0, 0, 0, 3, 3, 1};
    text_network f;
    br_error error = {0};
    br_learner learner = {0};
    begin(&f, 5, "softmax(5)", "weight classes by rarity;");
    assert_true(f.schedule.phases[0].weigh_classes);
    learner.network = f.network;
    assert_int_equal(br_learner_weigh(&learner, labels, 9, &error), 0);
    assert_true(learner.weights[0] == 0.5f && learner.weights[3] == 1.5f && learner.weights[1] == 3);
    br_learner_end(&learner);
    text_network_end(&f);
    begin(&f, 5, "softmax(5)", "");
    assert_false(f.schedule.phases[0].weigh_classes);
    text_network_end(&f);
}

/* With as many samples of each class, every weight is 1, and nothing changes. */
static void balanced_classes_change_nothing(void **state)
{
    (void)state;
    static const float in[2 * VALUES] = {0.1f, 0.4f, 0.2f, 0.3f, 0.4f, 0.1f, 0.3f, 0.2f};
    static const uint32_t labels[2] = {0, 1};
    float w[2][VALUES * 20];
    for (int i = 0; i < 2; i++) {
        text_network f;
        br_error error = {0};
        float theta[20], conscience[20];
        begin(&f, 2, "softmax(5)", i ? "weight classes by rarity;" : "");
        assert_int_equal(br_learn_batch(f.network, in, labels, 2, &f.schedule.phases[0], NULL, &error), 0);
        br_network_state(f.network, 0, w[i], theta, conscience);
        text_network_end(&f);
    }
    assert_memory_equal(w[0], w[1], sizeof w[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rare_classes_are_learned),
        cmocka_unit_test(weights_are_as_documented),
        cmocka_unit_test(balanced_classes_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
