/* Tied levels: drives are sums of whole numbers times bounds, by every method and at every processor level; filters made
 * of patches; lists of winners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "../fewer.h"
#include "../reference/depress_reference.h"
#include "../reference/random_network.h"
#include "base/memory.h"
#include "cpu_levels.h"
#include "engine/forward.h"
#include "engine/winners.h"
#include "text_network.h"

enum { SEED = 4711, SAMPLES = 3 };

/* ---- drives ---- */

typedef struct shape {
    uint32_t height, width, channels, field_height, field_width, filters, stride, levels;
    bool same;     /* padding */
    uint32_t keep; /* of the filters of a place; 0: none is depressed */
    ref_fire fire;
} shape;

/* Lines of a field from one byte to more than a chunk of copies; one filter and several blocks; fewer places than a
 * tile; most levels. */
static const shape shapes[] = {
    {9, 9, 3, 6, 6, 40, 1, 4, false, 0, REF_RAMP},     {8, 11, 1, 3, 5, 33, 1, 4, true, 5, REF_GRADED},
    {5, 6, 1, 1, 1, 1, 1, 63, false, 0, REF_RAMP},     {13, 12, 3, 5, 4, 70, 2, 2, true, 0, REF_RAMP},
    {12, 60, 3, 2, 50, 17, 1, 9, true, 3, REF_BINARY}, {7, 7, 2, 7, 7, 20, 1, 1, false, 0, REF_RAMP}};

enum { SHAPES = sizeof shapes / sizeof *shapes, RANDOM_SHAPES = 120 };

static shape draw_shape(ref_random *random)
{
    shape of = {.height = 1 + ref_below(random, 14), .width = 1 + ref_below(random, 20)};
    of.channels = 1 + ref_below(random, 3);
    of.field_height = 1 + ref_below(random, of.height < 7 ? of.height : 7);
    of.field_width = 1 + ref_below(random, of.width < 7 ? of.width : 7);
    of.filters = 1 + ref_below(random, ref_chance(random, .5) ? 20 : 90);
    of.stride = 1 + (of.height > 1 && of.width > 1 && ref_chance(random, .5));
    of.levels = 1 + ref_below(random, ref_chance(random, .8) ? 6 : 63);
    of.same = ref_chance(random, .5);
    of.keep = ref_chance(random, .5) ? ref_below(random, of.filters) : 0;
    of.fire = (ref_fire)ref_below(random, 3);
    return of;
}

/* The fixed shapes, each at every level of processors, and random ones, each at the next level. */
static uint32_t cases(void)
{
    return SHAPES * CPU_LEVELS + fewer(RANDOM_SHAPES);
}

static shape case_of(uint32_t i, ref_random *random)
{
    *random = (ref_random){SEED + (i < SHAPES * CPU_LEVELS ? i / CPU_LEVELS : i)};
    return i < SHAPES * CPU_LEVELS ? shapes[i / CPU_LEVELS] : draw_shape(random);
}

static void compile(text_network *t, const shape *of, const char *start, const char *cpu, const char *gain)
{
    bc_options options = BC_OPTIONS_DEFAULT;
    static const char *const fires[] = {"ramp", "graded", "binary"};
    char text[768], depress[64] = "";
    options.cpu = cpu;
    if (of->keep > 0)
        snprintf(depress, sizeof depress, "depress over filters keep %u; fire %s;", of->keep, fires[of->fire]);
    snprintf(
        text, sizeof text,
        "network n { input image(%ux%ux%u) in [0, 0.6] { whiten 100 patches of 1x1; split on off; levels %u by 0.5 "
        "tied; } layer a = conv(%ux%u, %u) stride %u padding %s { alpha%s; %s %s } layer top = dense(3); }\n"
        "schedule { phase q { correct top; } }\n",
        of->height, of->width, of->channels, of->levels, of->field_height, of->field_width, of->filters, of->stride,
        of->same ? "same" : "valid", start, gain, depress);
    text_network_compile(t, text, &options);
}

/* alpha of |w| = k/127 of its range, or any alpha; both signs. */
static void draw_bounds(text_network *t, ref_random *random, bool whole)
{
    const br_layer_code *code = &bc_code_model(t->code)->layers[0];
    uint64_t count = (uint64_t)code->shape.inputs * code->shape.neurons;
    float *alpha = malloc(count * sizeof *alpha), *theta = calloc(code->shape.neurons, sizeof *theta);
    int8_t *sign = malloc(count);
    br_error error = {0};
    assert_true(alpha && theta && sign);
    for (uint64_t i = 0; i < count; i++) {
        double share = whole ? floor(ref_unit(random) * 128) / 127 : ref_unit(random);
        double a_max = (double)code->parameters.a_max, a = a_max - share * (a_max - 1);
        alpha[i] = fminf((float)(1 - 1 / a), code->parameters.alpha_max);
        sign[i] = ref_chance(random, .5) ? 1 : -1;
    }
    if (br_network_import(t->network, 0, alpha, sign, theta, &error) != 0)
        fail_msg("%s", error.message);
    free(alpha), free(theta), free(sign);
}

static void draw_levels(const br_workspace *workspace, ref_random *random, uint32_t levels)
{
    const br_map *in = &workspace->model->layers[0].shape.in;
    for (uint64_t n = 0; n < SAMPLES; n++)
        for (uint64_t i = 0; i < br_map_values(*in); i++)
            workspace->in[n * in->sample_stride + i] =
                ref_chance(random, .3) ? 0 : floorf((float)ref_unit(random) * (float)(2 * levels + 1)) - (float)levels;
}

/* x = gamma sum over 2N levels of an input: each on level that n reaches passes (s - alpha)/(1 - alpha), each off level
 * the opposite. */
static double drive_of(const text_network *t, const br_workspace *workspace, uint64_t n, uint32_t y, uint32_t x,
                       uint32_t k)
{
    const br_layer_code *code = &workspace->model->layers[0];
    const br_layer_shape *shape = &code->shape;
    uint64_t count = (uint64_t)shape->inputs * shape->neurons, i = (uint64_t)k * shape->inputs;
    float *alpha = malloc(count * sizeof *alpha), *theta = malloc(shape->neurons * sizeof *theta);
    int8_t *sign = malloc(count);
    double sum = 0, s = (double)code->parameters.range_in;
    br_network_export(t->network, 0, alpha, sign, theta);
    for (uint32_t dy = 0; dy < shape->field_height; dy++)
        for (uint32_t dx = 0; dx < shape->field_width; dx++)
            for (uint32_t c = 0; c < shape->in.channels; c++, i++) {
                int64_t row = (int64_t)y * shape->stride + dy - shape->pad_top,
                        column = (int64_t)x * shape->stride + dx - shape->pad_left;
                if (row < 0 || column < 0 || row >= shape->in.height || column >= shape->in.width)
                    continue;
                float level =
                    workspace->in[n * shape->in.sample_stride +
                                  ((uint64_t)row * shape->in.width + (uint64_t)column) * shape->in.channels + c];
                for (int l = 1; l <= (int)code->parameters.tied; l++) {
                    double on = level >= (float)l ? s : 0, off = -level >= (float)l ? s : 0, a = (double)alpha[i];
                    sum += sign[i] * (fmax(0, (on - a) / (1 - a)) - fmax(0, (off - a) / (1 - a)));
                }
            }
    free(alpha), free(theta), free(sign);
    return sum * (double)code->parameters.gain / sqrt(shape->inputs);
}

static br_workspace *workspace_of(const text_network *t, bool packed, float **bounds)
{
    br_workspace *workspace;
    br_error error = {0};
    if (br_workspace_new(t->network, SAMPLES, false, &workspace, &error) != 0 ||
        (packed && br_pack_new(t->network, 0, bounds, &error) != 0))
        fail_msg("%s", error.message);
    if (packed)
        workspace->layers[0].tiles.packed = *bounds;
    return workspace;
}

static void compare_with_reference(const text_network *t, const br_workspace *workspace, ref_random *random)
{
    const br_map *out = &workspace->model->layers[0].shape.out;
    for (int i = 0; i < 40; i++) {
        uint32_t n = (uint32_t)(ref_unit(random) * SAMPLES), y = (uint32_t)(ref_unit(random) * out->height),
                 x = (uint32_t)(ref_unit(random) * out->width), k = (uint32_t)(ref_unit(random) * out->channels);
        double wanted = drive_of(t, workspace, n, y, x, k);
        double got = (double)workspace->layers[0]
                         .drive[(uint64_t)n * out->sample_stride + ((uint64_t)y * out->width + x) * out->pitch + k];
        if (!(fabs(got - wanted) <= 2e-5 * (1 + fabs(wanted))))
            fail_msg("drive %.9g, not %.9g; seed %d", got, wanted, SEED);
    }
}

/* Activations follow from the drives: whole bounds make many equal ones. */
static void compare_activations(const text_network *t, const br_workspace *workspace, const shape *of)
{
    const br_layer_code *code = &bc_code_model(t->code)->layers[0];
    const br_map *out = &code->shape.out;
    ref_shape map = {out->height, out->width, out->channels};
    ref_clause clause = {.keep = of->keep};
    double *x = malloc(br_map_values(*out) * sizeof *x), *o = malloc(br_map_values(*out) * sizeof *o);
    double s = (double)code->parameters.range_out;
    assert_true(x && o);
    for (uint64_t n = 0; n < SAMPLES; n++) {
        const float *drive = workspace->layers[0].drive + n * out->sample_stride,
                    *got = workspace->layers[0].out + n * out->sample_stride;
        for (uint64_t i = 0; i < br_map_values(*out); i++) {
            x[i] = (double)drive[i / out->channels * out->pitch + i % out->channels];
            o[i] = s * fmin(fmax(x[i], 0), 1);
        }
        if (of->keep > 0)
            ref_depress(x, map, &clause, 1, of->fire, s, o);
        for (uint64_t i = 0; i < br_map_values(*out); i++) {
            double found = (double)got[i / out->channels * out->pitch + i % out->channels];
            if (!(fabs(found - o[i]) <= 1e-6))
                fail_msg("activation %.9g, not %.9g, at drive %.9g; seed %d", found, o[i], x[i], SEED);
        }
    }
    free(x), free(o);
}

/* Integers are exact, so bytes give the bits of floats. */
static void whole_bounds_give_the_same_bits_in_bytes(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < cases(); i++) {
        ref_random random;
        shape of = case_of(i, &random);
        text_network t;
        float *bounds = NULL;
        if (!cpu_level_runs(i % CPU_LEVELS))
            continue;
        compile(&t, &of, " = from patches frozen", cpu_levels[i % CPU_LEVELS], "");
        const br_layer_code *code = &bc_code_model(t.code)->layers[0];
        assert_true(code->parameters.whole && code->parameters.tied == of.levels);
        draw_bounds(&t, &random, true);
        br_workspace *floats = workspace_of(&t, false, NULL), *bytes = workspace_of(&t, true, &bounds);
        draw_levels(floats, &random, of.levels);
        memcpy(bytes->in, floats->in, SAMPLES * (size_t)code->shape.in.sample_stride * sizeof(float));
        br_forward_alone(floats, 0, 1, 0, SAMPLES);
        br_forward_alone(bytes, 0, 1, 0, SAMPLES);
        compare_with_reference(&t, floats, &random);
        compare_activations(&t, floats, &of);
        assert_memory_equal(floats->layers[0].drive, bytes->layers[0].drive,
                            SAMPLES * (size_t)code->shape.out.sample_stride * sizeof(float));
        assert_memory_equal(floats->layers[0].out, bytes->layers[0].out,
                            SAMPLES * (size_t)code->shape.out.sample_stride * sizeof(float));
        br_workspace_free(floats);
        br_workspace_free(bytes);
        br_release(bounds);
        text_network_end(&t);
    }
}

/* A layer that competes has any bounds, and is computed in floats. */
static void other_bounds_are_read_as_floats(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < cases(); i++) {
        ref_random random;
        shape of = case_of(i, &random);
        text_network t;
        if (!cpu_level_runs(i % CPU_LEVELS))
            continue;
        compile(&t, &of, " in [0, 0.6]", cpu_levels[i % CPU_LEVELS], "sum scaled(2);");
        const br_layer_code *code = &bc_code_model(t.code)->layers[0];
        assert_true(!code->parameters.whole && !code->kernels.forward_packed && !code->kernels.step);
        draw_bounds(&t, &random, false);
        br_workspace *workspace = workspace_of(&t, false, NULL);
        draw_levels(workspace, &random, of.levels);
        br_forward_alone(workspace, 0, 1, 0, SAMPLES);
        compare_with_reference(&t, workspace, &random);
        compare_activations(&t, workspace, &of);
        br_workspace_free(workspace);
        text_network_end(&t);
    }
}

/* ---- training ---- */

static const char WINNERS[] =
    "network n { input image(28x28) in [0, 0.5] { whiten 400 patches of 5x5; split on off; levels 4 by 0.5 tied; }\n"
    "  layer edges = conv(6x6, 48) { alpha = from patches%s; depress over filters keep 5; }\n"
    "  layer cells = pool(sum) grid 4x4 { jitter 2; }\n"
    "  layer hidden = dense(20) { alpha = uniform(0, 0.3); sum scaled(1); leak 0.3; }\n"
    "  layer class = dense(10) { alpha = uniform(0, 0.3); sum scaled(2); leak 0.3; } }\n"
    "data drawn { synthetic digits(train 400, test 50); hold out 20%% of train as validation; }\n"
    "schedule { %s phase readout { correct hidden, class; eta 0.4 on hidden, 0.1 on class, constant; epochs 5; batch "
    "1; flips; } }\n";

static void begin(text_network *t, const char *frozen, const char *compete)
{
    char text[1024];
    br_encoder *encoder;
    br_error error = {0};
    snprintf(text, sizeof text, WINNERS, frozen, compete);
    text_network_compile(t, text, NULL);
    text_network_start(t);
    text_network_load(t);
    if (bc_lower_encoder(t->program, &encoder, &error) != 0 ||
        br_encoder_learn(encoder, br_data_split(t->data, BT_SPLIT_TRAIN), 1, &error) != 0 ||
        br_data_encode(t->data, encoder, 2, &error) != 0)
        fail_msg("%s", error.message);
    br_encoder_free(encoder);
}

/* Three times the share of a guess. */
static void check_learned(const br_train_result *result)
{
    if (!(result->validation > 0.3))
        fail_msg("only %g of the validation samples are right", result->validation);
}

/* w_k is in proportion to a field, so all filters have the same length but for rounding, and the largest |w| is 127. */
static void filters_from_patches_have_one_length(void **state)
{
    text_network t;
    br_train_result result;
    float w[36 * 48], theta[48], conscience[48], largest = 0;
    double least = INFINITY, most = 0;
    (void)state;
    begin(&t, " frozen", "");
    text_network_train(&t, NULL, &result);
    br_network_state(t.network, 0, w, theta, conscience);
    for (uint32_t k = 0; k < 48; k++) {
        double squares = 0;
        for (uint32_t i = 0; i < 36; i++) {
            assert_true(w[i * 48 + k] == rintf(w[i * 48 + k]));
            largest = fmaxf(largest, fabsf(w[i * 48 + k]));
            squares += (double)w[i * 48 + k] * (double)w[i * 48 + k];
        }
        least = fmin(least, sqrt(squares));
        most = fmax(most, sqrt(squares));
    }
    assert_true(largest == 127 && most - least <= 2 * 0.5 * 6);
    assert_true(result.lists == 640 && result.kept == 640);
    check_learned(&result);
    text_network_end(&t);
}

/* Filters that compete move, and stay within the bounds of alpha. */
static void tied_filters_compete(void **state)
{
    static const char *const targets[] = {"", "target pattern;", "target standard;"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        char phase[128];
        text_network t;
        br_train_result result;
        float w[36 * 48], theta[48], conscience[48];
        snprintf(phase, sizeof phase, "phase f { compete edges; sample 3_000 patches; %s }", targets[i]);
        begin(&t, "", phase);
        assert_int_equal(t.program->phases[0].target, i == 0   ? BT_TARGET_LINEAR
                                                      : i == 1 ? BT_TARGET_PATTERN
                                                               : BT_TARGET_STANDARD);
        text_network_train(&t, NULL, &result);
        br_network_state(t.network, 0, w, theta, conscience);
        uint32_t fractions = 0;
        for (uint32_t c = 0; c < 36 * 48; c++) {
            assert_true(fabsf(w[c]) <= 127);
            fractions += w[c] != rintf(w[c]);
        }
        assert_true(fractions > 36 * 24);
        check_learned(&result);
        text_network_end(&t);
    }
}

static void export_readout(const text_network *t, float *alpha)
{
    int8_t sign[20 * 16 * 48];
    float theta[20];
    br_network_export(t->network, 2, alpha, sign, theta);
}

static void threads_do_not_matter(void **state)
{
    static float first[20 * 16 * 48], other[20 * 16 * 48];
    (void)state;
    for (uint32_t threads = 1; threads <= 3; threads++) {
        text_network t;
        br_train_result result;
        begin(&t, " frozen", "");
        text_network_train(&t, &(br_train_options){.threads = threads}, &result);
        export_readout(&t, threads == 1 ? first : other);
        if (threads > 1)
            assert_memory_equal(first, other, sizeof first);
        text_network_end(&t);
    }
}

/* The pool of a list is the pool of the map but for the rounding of each winner, wherever the cells begin; and the same
 * whether the list was kept or not. */
static void lists_pool_as_maps_do(void **state)
{
    text_network t;
    br_train_result result;
    br_winners kept, made;
    br_workspace *workspace;
    br_error error = {0};
    (void)state;
    begin(&t, " frozen", "");
    text_network_train(&t, NULL, &result);
    const br_model *model = bc_code_model(t.code);
    const br_samples *train = br_data_split(t.data, BT_SPLIT_TRAIN);
    const br_map *out = &model->layers[1].shape.out;
    float *a = br_new_aligned(out->sample_stride, sizeof *a, &error),
          *b = br_new_aligned(out->sample_stride, sizeof *b, &error);
    assert_true(a && b && br_winners_served(model, 1) && !br_winners_served(model, 0));
    if (br_winners_new(t.network, train, &(br_winners_job){1, true, UINT64_MAX, 2, NULL}, &kept, &error) != 0 ||
        br_winners_new(t.network, train, &(br_winners_job){1, true, 10 * br_winners_most(model, 1), 2, NULL}, &made,
                       &error) != 0 ||
        br_workspace_new(t.network, 1, true, &workspace, &error) != 0)
        fail_msg("%s", error.message);
    assert_true(kept.kept == 640 && made.kept == 10);
    for (uint64_t entry = 0; entry < kept.count; entry += 7) {
        int32_t by[2] = {(int32_t)(entry % 5) - 2, (int32_t)(entry / 5 % 5) - 2};
        float steps = 49 * 0.5f * 0.5f / 255 * t.network->layers[1].calibration; /* half a step for each place */
        br_winners_pool(&kept, entry, by, 0, a);
        br_winners_pool(&made, entry, by, 1, b);
        assert_memory_equal(a, b, out->sample_stride * sizeof *a);
        br_gather_sample(&kept.gather, entry % train->count, 0, 0, entry >= train->count, workspace->in);
        memcpy(workspace->layers[1].jitter, by, sizeof by);
        br_forward_alone(workspace, 0, 2, 0, 1);
        for (uint32_t i = 0; i < out->sample_stride; i++)
            if (!(fabsf(a[i] - workspace->layers[1].out[i]) <= steps))
                fail_msg("entry %u: %g, not %g", (unsigned)entry, (double)a[i], (double)workspace->layers[1].out[i]);
    }
    br_workspace_free(workspace);
    br_winners_free(&kept);
    br_winners_free(&made);
    br_release(a);
    br_release(b);
    text_network_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_bounds_give_the_same_bits_in_bytes),
        cmocka_unit_test(other_bounds_are_read_as_floats),
        cmocka_unit_test(filters_from_patches_have_one_length),
        cmocka_unit_test(tied_filters_compete),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(lists_pool_as_maps_do),
    };
    return cmocka_run_group_tests_name("kernels/levels", tests, NULL, NULL);
}
