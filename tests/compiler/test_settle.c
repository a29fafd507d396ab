/* Settling: after training, the thresholds and gains of layers with homeostasis are those of docs/model.md, (26) and
 * (30), computed here in double precision from the bounds and the samples; a model file holds them, and damaged ones
 * are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "bouton/runtime.h"
#include "data/batch.h"
#include "model/network.h"
#include "text_network.h"
#include "train/settle.h"

enum { NEURONS = 24, BATCH = 16, INPUTS = 28 * 28, WIDTH = 2 };
static const double from = 0.5, range = 0.4;

static const char text[] = "network n { input image(28x28) in [0, 0.4];\n"
                           "  layer hidden = dense(24) { homeostasis(2, 0.5); }\n"
                           "  layer class = dense(10) { sum scaled(4); } }\n"
                           "data d { synthetic digits(train 300, validation 40); }\n"
                           "schedule { seed 7; phase learn { correct hidden, class; eta 0.002 on hidden; epochs 2;\n"
                           "  batch 16; shift 1; flips; } }\n";

static int begin(void **state)
{
    br_train_result result;
    text_network *f = calloc(1, sizeof *f);
    assert_non_null(f);
    *state = f;
    text_network_compile(f, text, NULL);
    text_network_start(f);
    text_network_load(f);
    text_network_train(f, NULL, &result);
    return 0;
}

static int end(void **state)
{
    text_network_end(*state);
    free(*state);
    return 0;
}

/* X of (26) for one sample. */
static double sum_of(const float *alpha, const int8_t *sign, const float *o)
{
    double sum = 0;
    for (uint32_t i = 0; i < INPUTS; i++)
        if (o[i] > alpha[i])
            sum += sign[i] * ((double)o[i] - (double)alpha[i]) / (1 - (double)alpha[i]);
    return sum;
}

static void numbers_are_means_of_batches(void **state)
{
    const text_network *f = *state;
    const br_samples *samples = br_data_split(f->data, BT_SPLIT_TRAIN);
    br_gather gather = br_gather_new(samples, (float)range);
    float *alpha = calloc((size_t)NEURONS * INPUTS, sizeof *alpha), *o = calloc((size_t)BATCH * INPUTS, sizeof *o);
    int8_t *sign = calloc((size_t)NEURONS * INPUTS, 1);
    float theta[NEURONS], gain[NEURONS];
    double mean[NEURONS] = {0}, variance[NEURONS] = {0};
    uint32_t batches = (uint32_t)(samples->count / BATCH); /* fewer than 1,024 samples */
    assert_true(alpha && o && sign && samples->count == 300);
    br_network_export(f->network, 0, alpha, sign, theta);
    br_network_gains(f->network, 0, gain);
    for (uint32_t b = 0; b < batches; b++) {
        for (uint32_t n = 0; n < BATCH; n++)
            br_gather_sample(&gather, (uint64_t)b * BATCH + n, 0, 0, false, o + (size_t)n * INPUTS);
        for (uint32_t k = 0; k < NEURONS; k++) {
            double x[BATCH], m = 0, v = 0;
            for (uint32_t n = 0; n < BATCH; n++)
                m += (x[n] = sum_of(alpha + (size_t)k * INPUTS, sign + (size_t)k * INPUTS, o + (size_t)n * INPUTS)) /
                     BATCH;
            for (uint32_t n = 0; n < BATCH; n++)
                v += (x[n] - m) * (x[n] - m) / BATCH;
            mean[k] += m / batches;
            variance[k] += v / batches;
        }
    }
    for (uint32_t k = 0; k < NEURONS; k++) {
        double deviation = sqrt(fmax(1e-6, variance[k])), g = 1 / (WIDTH * deviation);
        assert_true(fabs((double)gain[k] - g) <= 1e-4 * g);
        assert_true(fabs((double)theta[k] - g * (mean[k] + from * deviation)) <= 1e-4 * (1 + fabs((double)theta[k])));
    }
    free(alpha), free(o), free(sign);
}

/* Most neurons fire for some samples and not for others. */
static void neurons_share_the_work(void **state)
{
    const text_network *f = *state;
    const br_samples *samples = br_data_split(f->data, BT_SPLIT_VALIDATION);
    br_gather gather = br_gather_new(samples, (float)range);
    float *alpha = calloc((size_t)NEURONS * INPUTS, sizeof *alpha), o[INPUTS], theta[NEURONS], gain[NEURONS];
    int8_t *sign = calloc((size_t)NEURONS * INPUTS, 1);
    uint32_t fires[NEURONS] = {0}, fair = 0;
    assert_true(alpha && sign);
    br_network_export(f->network, 0, alpha, sign, theta);
    br_network_gains(f->network, 0, gain);
    for (uint32_t n = 0; n < samples->count; n++) {
        br_gather_sample(&gather, n, 0, 0, false, o);
        for (uint32_t k = 0; k < NEURONS; k++)
            fires[k] +=
                (double)gain[k] * sum_of(alpha + (size_t)k * INPUTS, sign + (size_t)k * INPUTS, o) > (double)theta[k];
    }
    for (uint32_t k = 0; k < NEURONS; k++)
        fair += fires[k] > 0 && fires[k] < samples->count;
    assert_true(fair >= NEURONS * 3 / 4);
    free(alpha), free(sign);
}

/* Cells of pools move while errors are corrected, and lie where they do at rest while layers are settled. The last batch
 * of a phase that anneals has more winners than the network has at rest. */
static void settles_at_rest(const char *pool, const char *items)
{
    enum { SEEN = 24, CELLS = 16 };
    char moving[512];
    snprintf(moving, sizeof moving,
             "network n { input image(28x28) in [0, 0.4]; layer seen = conv(5x5, %d) stride 2;\n"
             "  layer cells = pool(mean) grid 4x4 { %s }\n"
             "  layer hidden = dense(24) { homeostasis(2, 0.5); } layer class = dense(10); }\n"
             "data d { synthetic digits(train 300, validation 40); }\n"
             "schedule { seed 7; phase learn { epochs 1; batch 16; %s } }\n",
             SEEN, pool, items);
    text_network f;
    br_error error = {0};
    br_train_result result;
    br_team *team;
    float theta[2][NEURONS], gain[2][NEURONS], alpha[NEURONS * SEEN * CELLS];
    int8_t sign[NEURONS * SEEN * CELLS];
    text_network_compile(&f, moving, NULL);
    text_network_start(&f);
    text_network_load(&f);
    text_network_train(&f, NULL, &result);
    assert_int_equal(br_team_new(1, &team, &error), 0);
    for (int again = 0; again < 2; again++) {
        br_network_export(f.network, 2, alpha, sign, theta[again]);
        br_network_gains(f.network, 2, gain[again]);
        if (br_settle_all(f.network, team, br_data_split(f.data, BT_SPLIT_TRAIN), BATCH, &error) != 0)
            fail_msg("%s", error.message);
    }
    assert_memory_equal(theta[0], theta[1], sizeof theta[0]);
    assert_memory_equal(gain[0], gain[1], sizeof gain[0]);
    br_team_free(team);
    text_network_end(&f);
}

static void cells_lie_still(void **state)
{
    (void)state;
    settles_at_rest("jitter 2;", "correct hidden, class;");
}

static void winners_are_those_at_rest(void **state)
{
    (void)state;
    settles_at_rest("depress over filters keep 2;", "correct seen, hidden, class; anneal keep 100% to 2/24 over 100%;");
}

/* A phase of readouts alone computes no layer above them. Their gains are settled when it ends. */
static void layers_above_readouts_are_settled(void **state)
{
    (void)state;
    text_network f;
    br_train_result result;
    br_error error;
    br_team *team;
    float gain[2][8], start[8];
    text_network_compile(&f,
                         "network n { input image(28x28) in [0, 0.4];\n"
                         "  layer seen = dense(12) { homeostasis; } layer more = dense(8) { homeostasis; }\n"
                         "  layer class = dense(10); }\n"
                         "data d { synthetic digits(train 200, validation 40); }\n"
                         "schedule { phase learn { correct seen with readouts; epochs 2; batch 16;\n"
                         "  keep best on validation; } }\n",
                         NULL);
    text_network_start(&f);
    text_network_load(&f);
    br_network_gains(f.network, 1, start);
    text_network_train(&f, NULL, &result);
    br_network_gains(f.network, 1, gain[0]);
    assert_memory_not_equal(start, gain[0], sizeof start);
    assert_int_equal(br_team_new(1, &team, &error), 0);
    assert_int_equal(br_settle_all(f.network, team, br_data_split(f.data, BT_SPLIT_TRAIN), 16, &error), 0);
    br_network_gains(f.network, 1, gain[1]);
    assert_memory_equal(gain[0], gain[1], sizeof *gain);
    br_team_free(team);
    text_network_end(&f);
}

/* Settling before a competition needs a batch, and centring one row for each of its N patterns. */
static void memory_is_counted(void **state)
{
    const text_network *f = *state;
    const br_model *model = bc_code_model(f->code);
    br_phase phase = f->schedule.phases[0];
    br_schedule schedule = f->schedule;
    br_memory_need centred, plain, competing;
    assert_int_equal(phase.centred, 8);
    schedule.phases = &phase;
    br_train_need(model, &schedule, f->data, 1, &centred);
    phase.centred = 0;
    br_train_need(model, &schedule, f->data, 1, &plain);
    assert_int_equal(centred.network - plain.network, 8 * model->layers[0].layout.pitch * sizeof(float));
    phase = (br_phase){.kind = BT_PHASE_COMPETE};
    br_train_need(model, &schedule, f->data, 1, &competing);
    assert_true(competing.batch > plain.batch); /* 32 samples, and 16 */
}

/* Where the bytes of a tensor begin in a model file. */
static long place_of(FILE *file, const char *name)
{
    uint64_t length = 0;
    unsigned long at = 0;
    char *head = NULL;
    assert_int_equal(fread(&length, sizeof length, 1, file), 1);
    assert_non_null(head = calloc(length + 1, 1));
    assert_int_equal(fread(head, length, 1, file), 1);
    char *found = strstr(head, name);
    assert_non_null(found);
    assert_non_null(found = strstr(found, "data_offsets"));
    found += strcspn(found, "[") + 1;
    at = strtoul(found, NULL, 10);
    free(head);
    return (long)(8 + length + at);
}

static void files_hold_gains(void **state)
{
    const text_network *f = *state;
    static const struct {
        const char *tensor, *words;
        float value;
    } damaged[] = {{"hidden.gain", "its gain is -1", -1},
                   {"hidden.gain", "its gain is 0", 0},
                   {"hidden.gain", "not above 0 and finite", INFINITY},
                   {"hidden.theta", "which is not finite", NAN}};
    br_error error = {0};
    br_model_file *file = NULL;
    br_network *read = NULL;
    char path[] = "/tmp/settle-XXXXXX";
    float wanted[NEURONS], got[NEURONS];
    int handle = mkstemp(path);
    assert_true(handle >= 0);
    close(handle);
    br_file_facts facts = {.source = text, .network = "n", .version = BR_VERSION, .seed = 7};
    for (size_t i = 0; i <= sizeof damaged / sizeof *damaged; i++) {
        if (br_model_write(path, f->network, &facts, &error) != 0)
            fail_msg("%s", error.message);
        if (i > 0) {
            FILE *patched = fopen(path, "r+b");
            assert_non_null(patched);
            assert_int_equal(fseek(patched, place_of(patched, damaged[i - 1].tensor) + 4, SEEK_SET), 0);
            assert_int_equal(fwrite(&damaged[i - 1].value, sizeof(float), 1, patched), 1);
            fclose(patched);
        }
        if (br_model_open(path, &file, &error) != 0 || br_network_new(bc_code_model(f->code), &read, &error) != 0)
            fail_msg("%s", error.message);
        int status = br_model_restore(file, read, &error);
        if (i == 0) {
            assert_int_equal(status, 0);
            br_network_gains(f->network, 0, wanted);
            br_network_gains(read, 0, got);
            assert_memory_equal(wanted, got, sizeof got);
        } else {
            assert_true(status != 0 && strstr(error.message, damaged[i - 1].words));
            assert_non_null(strstr(error.message, "neuron 1"));
        }
        br_network_free(read);
        br_model_close(file);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_means_of_batches),
                                       cmocka_unit_test(neurons_share_the_work),
                                       cmocka_unit_test(cells_lie_still),
                                       cmocka_unit_test(winners_are_those_at_rest),
                                       cmocka_unit_test(layers_above_readouts_are_settled),
                                       cmocka_unit_test(memory_is_counted),
                                       cmocka_unit_test(files_hold_gains)};
    return cmocka_run_group_tests_name("compiler/settle", tests, begin, end);
}
