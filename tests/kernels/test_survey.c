/* Surveys: counts of a trained network against the values of each sample, scores, and sums of single connections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "bouton/survey.h"
#include "model/network.h"
#include "text_network.h"

static const char dense[] = "network n { input image(28x28); layer hidden = dense(30); layer class = dense(10); }\n"
                            "data d { synthetic digits(train 600, test 75); }\n"
                            "schedule { phase p { correct hidden, class; epochs 1; } }\n";

static const char maps[] = "network n { input image(28x28); layer c = conv(5x5, 6);\n"
                           "  layer p = pool(max) 2x2; layer class = dense(10) { sum shared(4); } }\n"
                           "data d { synthetic digits(train 300, test 40); }\n"
                           "schedule { phase p { correct c, class; epochs 1; } }\n";

static const char balanced[] =
    "network n { input image(28x28); layer hidden = dense(30) { homeostasis; } layer class = dense(10); }\n"
    "data d { synthetic digits(train 600, test 75); }\n"
    "schedule { phase p { correct hidden, class; epochs 1; batch 8; } }\n";

static const char *const texts[] = {dense, maps};
enum { TEXTS = 2 };

static void make(text_network *t, const char *text)
{
    br_train_result result;
    text_network_compile(t, text, NULL);
    text_network_start(t);
    text_network_load(t);
    text_network_train(t, NULL, &result);
}

/* A survey that watches every test sample. */
static br_survey survey_all(text_network *t, uint32_t threads)
{
    const br_samples *samples = br_data_split(t->data, BT_SPLIT_TEST);
    br_survey survey;
    br_error error = {0};
    uint64_t *watch = calloc(samples->count, sizeof *watch);
    assert_non_null(watch);
    for (uint64_t i = 0; i < samples->count; i++)
        watch[i] = i;
    if (br_survey_samples(t->network, samples, watch, (uint32_t)samples->count, threads, &survey, &error) != 0)
        fail_msg("%s", error.message);
    free(watch);
    return survey;
}

static const br_layer_values *values_of(const br_survey *survey, uint64_t sample, uint32_t layer)
{
    return &survey->values[sample * survey->layer_count + layer];
}

/* What a layer's counts should be, from the values of each sample. */
static void check_layer(const br_survey *survey, uint32_t layer, bool pool)
{
    const br_layer_survey *seen = &survey->layers[layer];
    uint64_t counted = 0;
    for (uint32_t k = 0; k < seen->neurons; k++) {
        uint64_t fired = 0, most_at = 0;
        float most = -INFINITY;
        for (uint64_t n = 0; n < survey->samples; n++) {
            const br_layer_values *v = values_of(survey, n, layer);
            bool fires = false;
            for (uint64_t at = k; at < seen->outputs; at += seen->neurons) {
                float value = pool ? v->out[at] : v->drive[at];
                fires = fires || v->out[at] > 0;
                most_at = value > most ? n : most_at;
                most = value > most ? value : most;
            }
            fired += fires;
        }
        assert_int_equal(seen->fired[k], fired);
        assert_true(seen->most[k] == most);
        assert_int_equal(seen->most_at[k], most_at);
    }
    for (uint64_t i = 0; i < seen->values; i++) {
        float top = 0;
        for (uint64_t n = 0; n < survey->samples; n++)
            top = fmaxf(top, values_of(survey, n, layer)->in[i]);
        assert_true(seen->top[i] == top);
    }
    for (uint32_t bin = 0; bin < BR_SURVEY_BINS; bin++)
        counted += seen->drives.counts[bin];
    assert_int_equal(counted, pool ? 0 : survey->samples * seen->outputs);
}

static void check_bins(const br_survey *survey, uint32_t layer)
{
    const br_layer_survey *seen = &survey->layers[layer];
    uint64_t counts[BR_SURVEY_BINS] = {0};
    for (uint64_t n = 0; n < survey->samples; n++)
        for (uint64_t i = 0; i < seen->outputs; i++) {
            double drive = (double)values_of(survey, n, layer)->drive[i];
            double bin = floor(drive / seen->drives.width);
            if (!isfinite(drive))
                continue;
            assert_true(bin >= -(double)(BR_SURVEY_BINS / 2) && bin < BR_SURVEY_BINS / 2);
            counts[(int)bin + (int)(BR_SURVEY_BINS / 2)]++;
        }
    assert_memory_equal(counts, seen->drives.counts, sizeof counts);
}

static void counts_are_those_of_the_samples(void **state)
{
    (void)state;
    for (int i = 0; i < TEXTS; i++) {
        text_network t;
        make(&t, texts[i]);
        br_survey survey = survey_all(&t, 2);
        for (uint32_t l = 0; l < survey.layer_count; l++) {
            bool pool = t.program->layers[l].kind == BT_LAYER_POOL;
            check_layer(&survey, l, pool);
            if (!pool)
                check_bins(&survey, l);
        }
        br_survey_free(&survey);
        text_network_end(&t);
    }
}

/* Live shares are those that a score has, and the answer is the largest drive. */
static void a_survey_agrees_with_the_score(void **state)
{
    (void)state;
    for (int i = 0; i < TEXTS; i++) {
        text_network t;
        br_error error = {0};
        br_score score;
        make(&t, texts[i]);
        const br_samples *samples = br_data_split(t.data, BT_SPLIT_TEST);
        br_survey survey = survey_all(&t, 3);
        assert_int_equal(br_score_samples(t.network, samples, 1, &score, &error), 0);
        for (uint32_t l = 0; l < survey.layer_count; l++) {
            double sum = 0;
            for (uint64_t n = 0; n < survey.live_samples; n++)
                sum += (double)survey.layers[l].live[n];
            assert_true(sum / (double)survey.live_samples == score.live[l]);
        }
        uint64_t right = 0;
        for (uint64_t n = 0; n < survey.samples; n++) {
            const float *drive = values_of(&survey, n, survey.layer_count - 1)->drive;
            uint32_t answer = 0;
            for (uint32_t k = 1; k < score.classes; k++)
                answer = drive[k] > drive[answer] ? k : answer;
            right += answer == samples->labels[n];
        }
        assert_int_equal(right, score.right);
        br_score_free(&score);
        br_survey_free(&survey);
        text_network_end(&t);
    }
}

/* The contributions of (2) times gamma add up to each drive. */
static double drive_of(const text_network *t, uint32_t layer, const float *in, const float *alpha, const int8_t *sign,
                       uint64_t at)
{
    const bl_layer *l = &t->program->layers[layer];
    uint64_t place = at / l->neurons, k = at % l->neurons;
    double sum = 0, total = 0;
    for (uint32_t i = 0; i < l->inputs; i++) {
        uint64_t from = i;
        if (l->kind == BT_LAYER_CONV) {
            uint32_t c = i % l->in.channels, y = i / l->in.channels / l->field_width;
            uint64_t row = place / l->out.width * l->stride + y - l->pad_top;
            uint64_t column = place % l->out.width * l->stride + i / l->in.channels % l->field_width - l->pad_left;
            if (row >= l->in.height || column >= l->in.width)
                continue;
            from = (row * l->in.width + column) * l->in.channels + c;
        }
        double o = (double)in[from], a = (double)alpha[k * l->inputs + i];
        total += o;
        sum += o > a ? sign[k * l->inputs + i] * (o - a) / (1 - a) : 0;
    }
    return (double)br_layer_gamma(&br_network_model(t->network)->layers[layer], (float)total) * sum;
}

static void contributions_add_up_to_drives(void **state)
{
    (void)state;
    for (int i = 0; i < TEXTS; i++) {
        text_network t;
        make(&t, texts[i]);
        br_survey survey = survey_all(&t, 1);
        for (uint32_t l = 0; l < survey.layer_count; l++) {
            const bl_layer *layer = &t.program->layers[l];
            if (layer->kind == BT_LAYER_POOL)
                continue;
            size_t count = (size_t)layer->inputs * layer->neurons;
            float *alpha = calloc(count, sizeof *alpha), *theta = calloc(layer->neurons, sizeof *theta);
            int8_t *sign = calloc(count, 1);
            assert_true(alpha != NULL && theta != NULL && sign != NULL);
            br_network_export(t.network, l, alpha, sign, theta);
            for (uint64_t n = 0; n < 3; n++) {
                const br_layer_values *v = values_of(&survey, n, l);
                for (uint64_t at = 0; at < survey.layers[l].outputs; at += 7)
                    assert_true(fabs(drive_of(&t, l, v->in, alpha, sign, at) - (double)v->drive[at]) < 1e-4);
            }
            free(alpha);
            free(theta);
            free(sign);
        }
        br_survey_free(&survey);
        text_network_end(&t);
    }
}

/* The same for any number of threads; a watched sample that is not there is refused. */
static void threads_do_not_matter(void **state)
{
    text_network t;
    br_error error = {0};
    br_survey refused;
    uint64_t watch = 75;
    (void)state;
    make(&t, dense);
    br_survey one = survey_all(&t, 1), four = survey_all(&t, 4);
    for (uint32_t l = 0; l < one.layer_count; l++) {
        const br_layer_survey *a = &one.layers[l], *b = &four.layers[l];
        assert_memory_equal(a->fired, b->fired, a->neurons * sizeof *a->fired);
        assert_memory_equal(a->most, b->most, a->neurons * sizeof *a->most);
        assert_memory_equal(a->most_at, b->most_at, a->neurons * sizeof *a->most_at);
        assert_memory_equal(a->top, b->top, a->values * sizeof *a->top);
        assert_memory_equal(a->live, b->live, one.live_samples * sizeof *a->live);
        assert_memory_equal(&a->drives, &b->drives, sizeof a->drives);
    }
    assert_int_equal(br_survey_samples(t.network, br_data_split(t.data, BT_SPLIT_TEST), &watch, 1, 1, &refused, &error),
                     -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    br_survey_free(&refused);
    br_survey_free(&one);
    br_survey_free(&four);
    text_network_end(&t);
}

/* Gains with which drives are far apart, tiny, or no numbers at all: their bins are those of exact arithmetic. */
static void drives_of_any_size_have_a_bin(void **state)
{
    static const float scales[] = {1e-44f, 1e-30f, 1, 1e5f, 1e30f, 3e38f};
    text_network t;
    br_error error = {0};
    (void)state;
    for (size_t most = 1; most <= sizeof scales / sizeof *scales; most++) {
        float gains[30];
        bool infinite = false;
        make(&t, balanced);
        for (uint32_t k = 0; k < 30; k++)
            gains[k] = scales[k % most];
        assert_int_equal(br_network_set_gains(t.network, 0, gains, &error), 0);
        br_survey survey = survey_all(&t, 2);
        check_bins(&survey, 0);
        for (uint64_t i = 0; i < survey.samples * survey.layers[0].outputs; i++)
            infinite = infinite || !isfinite(values_of(&survey, i / 30, 0)->drive[i % 30]);
        assert_true(infinite == (scales[most - 1] > 1e38f));
        br_survey_free(&survey);
        text_network_end(&t);
    }
}

/* One pass gives the numbers of two. */
static void answers_beside_a_score_are_those_of_two_passes(void **state)
{
    (void)state;
    for (int i = 0; i < TEXTS; i++) {
        text_network t;
        br_score score, alone;
        br_error error = {0};
        uint32_t labels[2][75];
        float probabilities[2][75 * 10];
        make(&t, texts[i]);
        const br_samples *samples = br_data_split(t.data, BT_SPLIT_TEST);
        br_outputs both = {.labels = labels[0], .probabilities = probabilities[0]};
        br_outputs answers = {.labels = labels[1], .probabilities = probabilities[1]};
        assert_int_equal(br_score_answers(t.network, samples, 2, &both, &score, &error), 0);
        assert_int_equal(br_score_samples(t.network, samples, 1, &alone, &error), 0);
        assert_int_equal(br_predict(t.network, samples, 1, &answers, &error), 0);
        assert_memory_equal(labels[0], labels[1], samples->count * sizeof **labels);
        assert_memory_equal(probabilities[0], probabilities[1], samples->count * 10 * sizeof **probabilities);
        assert_memory_equal(score.confusion, alone.confusion, 100 * sizeof *score.confusion);
        assert_memory_equal(score.live, alone.live, score.layer_count * sizeof *score.live);
        assert_true(score.right == alone.right && score.nll == alone.nll && score.ece == alone.ece);
        br_score_free(&score);
        br_score_free(&alone);
        text_network_end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_samples),
        cmocka_unit_test(a_survey_agrees_with_the_score),
        cmocka_unit_test(contributions_add_up_to_drives),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(drives_of_any_size_have_a_bin),
        cmocka_unit_test(answers_beside_a_score_are_those_of_two_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
