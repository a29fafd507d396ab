/* The measurements of `bouton bench`: the peak kernel does the counted operations, every pass and method of a layer is
 * timed, and timing leaves the network unchanged. No time is asserted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/bench.h"

#include "cpu_levels.h"
#include "engine/forward.h"
#include "text_network.h"

static const char text[] =
    "network n { input image(28x28) in [0, 0.5]; layer c = conv(5x5, 8) { depress over filters keep 3; }\n"
    "            layer p = pool(max) 2x2;\n"
    "            layer h = dense(300); layer t = dense(10); }\n"
    "data d { synthetic digits(train 100, test 10); }\n"
    "schedule { seed 3; phase first { correct c, h, t; epochs 1; } }\n";

typedef struct fixture {
    text_network made;
    br_quantised *quantised;
} fixture;

static void begin(fixture *f)
{
    br_error error = {0};
    bc_options options = BC_OPTIONS_DEFAULT;
    options.quantise = true;
    text_network_compile(&f->made, text, &options);
    text_network_start(&f->made);
    text_network_load(&f->made);
    if (br_quantise(f->made.network, br_data_split(f->made.data, BT_SPLIT_VALIDATION), 1, &f->quantised, &error) != 0)
        fail_msg("%s", error.message);
}

static void end(fixture *f)
{
    br_quantised_free(f->quantised);
    text_network_end(&f->made);
}

/* Each round is one multiply-add of every value. x/2 + 1/2, starting at 0, is exactly 1 - 1/2^rounds. */
static void peak_counts_what_it_does(void **state)
{
    (void)state;
    for (uint32_t level = 0; level < CPU_LEVELS; level++) {
        bc_options options = {.cpu = cpu_levels[level], .level = 2};
        br_error error;
        bc_peak *peak;
        uint32_t floats;
        if (!cpu_level_runs(level))
            continue;
        assert_int_equal(bc_peak_new(&options, &peak, &error), 0);
        br_kernel *kernel = bc_peak_kernel(peak, &floats);
        float *out = aligned_alloc(64, floats * sizeof *out);
        assert_non_null(out);
        memset(out, 0, floats * sizeof *out);
        br_layer_state s = {.out = out};
        kernel(&s, 2, 5, 0, 0);
        for (uint32_t i = 0; i < floats; i++)
            assert_true(out[i] == 0.875f);
        free(out);
        bc_peak_free(peak);
    }
}

static void assert_timing(const br_timing *t, const char *workspace, const char *form)
{
    assert_string_equal(t->work, workspace);
    assert_string_equal(t->method, form);
    assert_true(t->least <= t->lower && t->lower <= t->median && t->median <= t->upper && t->upper <= t->most);
    assert_true(t->median > 0);
}

/* Inference and training use one of the methods measured. */
static void assert_used(const br_timings *all, const char *method)
{
    bool found = false;
    assert_non_null(method);
    for (uint32_t i = 0; i < all->count; i++)
        found |= strcmp(all->works[i].work, "forward") == 0 && strcmp(all->works[i].method, method) == 0;
    assert_true(found);
}

/* Times a layer and expects these rows, given as pass and method. */
static void time_layer(const fixture *f, uint32_t layer, const br_timing_options *options, const char *const (*rows)[2],
                       uint32_t count)
{
    br_error error;
    br_timings out;
    assert_int_equal(br_time_layer(f->made.network, layer, options, &out, &error), 0);
    assert_int_equal(out.batch, 6);
    assert_int_equal(out.count, count);
    assert_true(out.live > 0 && out.live < 1);
    assert_used(&out, out.inference);
    assert_used(&out, out.training);
    if (!options->samples)
        assert_true(out.live > 0.4 && out.live < 0.6);
    for (uint32_t i = 0; i < count; i++)
        assert_timing(&out.works[i], rows[i][0], rows[i][1]);
}

static void every_work_and_form(void **state)
{
    static const char *const conv[][2] = {
        {"forward", "events"}, {"forward", "packed"}, {"forward", "8-bit"}, {"depress", "places"}, {"step", "pairs"}};
    static const char *const pool[][2] = {{"forward", "windows"}, {"feedback", "windows"}};
    static const char *const dense[][2] = {{"forward", "events"}, {"forward", "dense"}, {"forward", "packed"},
                                           {"forward", "8-bit"},  {"feedback", "rows"}, {"step", "rows"}};
    static const char *const floats[][2] = {
        {"forward", "events"}, {"forward", "packed"}, {"depress", "places"}, {"step", "pairs"}};
    (void)state;
    fixture f;
    begin(&f);
    const br_samples *train = br_data_split(f.made.data, BT_SPLIT_TRAIN);
    for (uint32_t threads = 1; threads <= 3; threads++)
        for (int drawn = 0; drawn < 2; drawn++) {
            br_timing_options options = {.batch = 6, .threads = threads, .repeat = 3, .live = 0.5, .seed = 1};
            options.samples = drawn ? NULL : train;
            time_layer(&f, 0, &options, floats, 4);
            options.quantised = f.quantised;
            time_layer(&f, 0, &options, conv, 5);
            time_layer(&f, 1, &options, pool, 2);
            time_layer(&f, 2, &options, dense, 6);
            time_layer(&f, 3, &options, dense, 6);
        }
    end(&f);
}

/* A few live inputs are listed; if all are live, tiles over all of them are faster. */
static void methods_follow_live_inputs(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    br_error error;
    br_timings few, all;
    br_timing_options options = {.batch = 6, .threads = 1, .repeat = 1, .live = 0.01, .seed = 1};
    assert_int_equal(br_time_layer(f.made.network, 2, &options, &few, &error), 0);
    options.live = 1;
    assert_int_equal(br_time_layer(f.made.network, 2, &options, &all, &error), 0);
    assert_string_equal(few.training, "events");
    assert_string_equal(all.training, "dense");
    assert_string_not_equal(all.inference, "events");
    end(&f);
}

static float *exported(const fixture *f, uint32_t layer, uint64_t *count)
{
    const bl_layer *l = &f->made.program->layers[layer];
    *count = (uint64_t)l->inputs * l->neurons;
    float *alpha = malloc(*count * sizeof *alpha), *theta = malloc(l->neurons * sizeof *theta);
    int8_t *sign = malloc(*count);
    assert_true(alpha && theta && sign);
    br_network_export(f->made.network, layer, alpha, sign, theta);
    for (uint64_t i = 0; i < *count; i++)
        alpha[i] = sign[i] < 0 ? -alpha[i] : alpha[i];
    free(theta), free(sign);
    return alpha;
}

static void network_stays(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    br_error error;
    br_timings out[BR_NETWORK_TIMINGS];
    static const char *const rows[][2] = {{"forward", "floats"}, {"forward", "8-bit"}, {"learn", "floats"}};
    for (int drawn = 0; drawn < 2; drawn++) {
        br_timing_options options = {.threads = 2, .repeat = 3, .live = 0.2, .seed = 1, .quantised = f.quantised};
        options.samples = drawn ? NULL : br_data_split(f.made.data, BT_SPLIT_TRAIN);
        uint64_t count;
        float *before = exported(&f, 3, &count);
        assert_int_equal(br_time_network(f.made.network, &f.made.schedule.phases[0], 0, &options, out, &error), 0);
        float *after = exported(&f, 3, &count);
        assert_memory_equal(before, after, count * sizeof *before);
        free(before), free(after);
        for (int i = 0; i < BR_NETWORK_TIMINGS; i++) {
            assert_int_equal(out[i].count, 1);
            assert_timing(&out[i].works[0], rows[i][0], rows[i][1]);
            uint32_t whole = i == BR_TIME_LEARN ? 8 : 2 * br_block_of(bc_code_model(f.made.code)); /* for two threads */
            assert_int_equal(out[i].batch % whole, 0);
            assert_true(out[i].batch > 0);
        }
    }
    assert_int_equal(
        br_time_network(f.made.network, NULL, 0, &(br_timing_options){.threads = 1, .repeat = 1}, out, &error), 0);
    assert_int_equal(out[BR_TIME_INT8].count, 0);
    assert_int_equal(out[BR_TIME_LEARN].count, 0);
    end(&f);
}

static void repeats_are_checked(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    br_error error;
    br_timings out;
    br_timing_options options = {.batch = 2, .threads = 1, .live = 0.2};
    assert_int_equal(br_time_layer(f.made.network, 0, &options, &out, &error), -1);
    assert_string_equal(error.message, "0 repeats; the number must be from 1 to 10000");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peak_counts_what_it_does),   cmocka_unit_test(every_work_and_form),
        cmocka_unit_test(methods_follow_live_inputs), cmocka_unit_test(network_stays),
        cmocka_unit_test(repeats_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
