/* Pools whose cells move: every row and column is counted in the cell of the row and column that lies d further, in the
 * forward pass and in feedback alike, for every d of every sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "../reference/random_network.h"
#include "bouton/compiler.h"
#include "cpu_levels.h"
#include "data/batch.h"
#include "engine/forward.h"
#include "train/train_memory.h"

typedef struct shape {
    uint32_t height, width, channels, down, across; /* of the map, and cells */
    uint32_t jitter;
} shape;

/* Cells of equal and of different sizes, one row or column of cells, channels that are whole vectors or not, and the
 * largest jitter that a grid may have. */
static const shape shapes[] = {{9, 9, 3, 3, 3, 2},    {10, 7, 16, 3, 2, 2}, {1, 20, 5, 1, 4, 4},  {13, 6, 8, 4, 1, 2},
                               {23, 27, 20, 4, 4, 4}, {7, 5, 1, 7, 2, 0},   {16, 16, 32, 2, 2, 5}};

enum { SHAPES = sizeof shapes / sizeof *shapes };

typedef struct subject {
    bl_context *context;
    bc_code *code;
    br_network *network;
    br_workspace *workspace;
    uint32_t samples; /* one for each d down and across */
} subject;

static void begin(subject *s, const shape *of, const char *pooling, const bc_options *options)
{
    char text[512], jitter[32];
    snprintf(jitter, sizeof jitter, "{ jitter %u; }", of->jitter);
    snprintf(text, sizeof text,
             "network n { input image(%ux%u) in [0, 0.5]; layer a = conv(1x1, %u); layer p = pool(%s) grid %ux%u %s"
             " layer top = dense(3); } schedule { phase q { correct top; } }\n",
             of->height, of->width, of->channels, pooling, of->down, of->across, of->jitter ? jitter : ";");
    br_error error = {0};
    s->context = bl_context_new();
    assert_int_equal(bl_load_text(s->context, "jitter.btn", text, strlen(text)), 0);
    const bl_program *program = bl_check(s->context, NULL);
    bl_write_diagnostics(s->context, stderr, false);
    assert_non_null(program);
    s->samples = (2 * of->jitter + 1) * (2 * of->jitter + 1);
    if (bc_compile(program, options, &s->code, &error) || br_network_new(bc_code_model(s->code), &s->network, &error) ||
        br_workspace_new(s->network, s->samples, !options->inference_only, &s->workspace, &error))
        fail_msg("%s", error.message);
}

static void end(subject *s)
{
    br_workspace_free(s->workspace);
    br_network_free(s->network);
    bc_code_free(s->code);
    bl_context_free(s->context);
}

/* Random activations of the map below, padding 0; the same ones for every subject of a shape. */
static void draw_map(subject *s, float top)
{
    ref_random random = {77};
    const br_map *in = &s->workspace->model->layers[1].shape.in;
    float *below = s->workspace->layers[0].out;
    for (uint64_t i = 0; i < (uint64_t)s->samples * in->sample_stride; i++)
        below[i] = i % in->sample_stride % in->pitch < in->channels && ref_chance(&random, .6)
                       ? top * (float)ref_unit(&random)
                       : 0;
}

static void set_jitter(subject *s, int32_t most)
{
    for (uint32_t n = 0; n < s->samples; n++) {
        s->workspace->layers[1].jitter[2 * n] = (int32_t)(n / (2 * (uint32_t)most + 1)) - most;
        s->workspace->layers[1].jitter[2 * n + 1] = (int32_t)(n % (2 * (uint32_t)most + 1)) - most;
    }
}

/* The cell of place `at` of n, of `cells`: that of place at + by, or of the border beyond which it lies. */
static uint32_t cell_of(uint32_t at, int32_t by, uint32_t n, uint32_t cells)
{
    int32_t moved = (int32_t)at + by;
    uint32_t place = moved < 0 ? 0 : moved >= (int32_t)n ? n - 1 : (uint32_t)moved, cell = 0;
    while ((cell + 1) * n / cells <= place)
        cell++;
    return cell;
}

typedef struct cells {
    double sum[1024];
    uint32_t places[1024];
} cells;

static uint64_t to_of(const subject *s, uint32_t n, uint32_t y, uint32_t x)
{
    const br_layer_shape *shape = &s->workspace->model->layers[1].shape;
    const int32_t *by = s->workspace->layers[1].jitter + 2 * (size_t)n;
    return (uint64_t)cell_of(y, by[0], shape->in.height, shape->out.height) * shape->out.width +
           cell_of(x, by[1], shape->in.width, shape->out.width);
}

static void count_cells(const subject *s, uint32_t n, uint32_t channel, cells *out)
{
    const br_layer_shape *shape = &s->workspace->model->layers[1].shape;
    memset(out, 0, sizeof *out);
    for (uint32_t y = 0; y < shape->in.height; y++)
        for (uint32_t x = 0; x < shape->in.width; x++) {
            uint64_t at = (uint64_t)y * shape->in.width + x, to = to_of(s, n, y, x);
            out->sum[to] += (double)s->workspace->layers[0]
                                .out[n * (uint64_t)shape->in.sample_stride + at * shape->in.pitch + channel];
            out->places[to]++;
        }
}

static void near(double got, double wanted)
{
    if (!(fabs(got - wanted) <= 1e-5 * (1 + fabs(wanted))))
        fail_msg("%.9g, not %.9g", got, wanted);
}

static void check_sample(const subject *s, uint32_t n, bool mean)
{
    const br_layer_shape *shape = &s->workspace->model->layers[1].shape;
    const br_layer_state *state = &s->workspace->layers[1];
    static cells counted;
    for (uint32_t c = 0; c < shape->in.channels; c++) {
        count_cells(s, n, c, &counted);
        for (uint64_t cell = 0; cell < br_map_places(shape->out); cell++) {
            uint64_t at = n * (uint64_t)shape->out.sample_stride + cell * shape->out.pitch + c;
            assert_true(counted.places[cell] > 0);
            double drive = mean ? counted.sum[cell] / counted.places[cell] : counted.sum[cell];
            near((double)state->drive[at], drive);
            near((double)state->out[at], mean ? drive : fmin(0.5, drive * (double)state->calibration));
        }
        for (uint32_t y = 0; y < shape->in.height; y++)
            for (uint32_t x = 0; x < shape->in.width; x++) {
                uint64_t to = to_of(s, n, y, x),
                         from = n * (uint64_t)shape->out.sample_stride + to * shape->out.pitch + c;
                double asked = (double)state->correction[from], factor = (double)state->calibration;
                bool full = !mean && state->drive[from] * state->calibration >= 0.5f && asked > 0;
                double wanted = mean ? asked / counted.places[to] : full ? 0 : asked * factor;
                near((double)state->input_correction[n * (uint64_t)shape->in.sample_stride +
                                                     ((uint64_t)y * shape->in.width + x) * shape->in.pitch + c],
                     wanted);
            }
    }
}

/* Runs both kernels of the pool on all samples at once, with every d. */
static void run(subject *s)
{
    const br_layer_code *pool = &s->workspace->model->layers[1];
    br_layer_state *state = &s->workspace->layers[1];
    ref_random random = {78};
    state->calibration = 0.07f;
    pool->kernels.forward(state, 0, s->samples, 0, 0);
    for (uint64_t i = 0; i < (uint64_t)s->samples * pool->shape.out.sample_stride; i++)
        state->correction[i] = (float)(ref_unit(&random) - 0.5);
    assert_true(pool->layout.overwrites);
    for (uint64_t i = 0; i < (uint64_t)s->samples * pool->shape.in.sample_stride; i++)
        state->input_correction[i] = NAN; /* every place is written */
    pool->kernels.feedback(state, 0, s->samples, 0, 0);
}

static void cells_move_in_both_directions(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SHAPES; i++)
        for (uint32_t variant = 0; shapes[i].jitter && variant < 2 * CPU_LEVELS; variant++) {
            bool mean = variant % 2;
            bc_options options = BC_OPTIONS_DEFAULT;
            options.cpu = cpu_levels[variant / 2];
            subject s;
            if (!cpu_level_runs(variant / 2))
                continue;
            begin(&s, &shapes[i], mean ? "mean" : "sum", &options);
            assert_int_equal(bc_code_model(s.code)->layers[1].parameters.jitter, shapes[i].jitter);
            draw_map(&s, 0.5f);
            set_jitter(&s, (int32_t)shapes[i].jitter);
            run(&s);
            for (uint32_t n = 0; n < s.samples; n++)
                check_sample(&s, n, mean);
            end(&s);
        }
}

/* Where nothing moves the cells, a pool that may jitter has the bits of one that may not. */
static void at_rest_nothing_changes(void **state)
{
    (void)state;
    bc_options options = BC_OPTIONS_DEFAULT;
    for (uint32_t i = 0; i < SHAPES; i++) {
        shape still = shapes[i];
        subject moving, rest;
        still.jitter = 0;
        begin(&moving, &shapes[i], "sum", &options);
        begin(&rest, &still, "sum", &options);
        rest.samples = moving.samples = 1;
        draw_map(&moving, 0.5f);
        draw_map(&rest, 0.5f);
        run(&moving);
        run(&rest);
        const br_layer_shape *shape = &rest.workspace->model->layers[1].shape;
        const br_layer_state *a = &moving.workspace->layers[1], *b = &rest.workspace->layers[1];
        assert_null(b->jitter);
        assert_memory_equal(a->out, b->out, shape->out.sample_stride * sizeof(float));
        assert_memory_equal(a->drive, b->drive, shape->out.sample_stride * sizeof(float));
        assert_memory_equal(a->input_correction, b->input_correction, shape->in.sample_stride * sizeof(float));
        end(&moving);
        end(&rest);
    }
}

/* Code that only infers knows no jitter, so its convolutions and pools are computed together as ever. */
static void inference_knows_no_jitter(void **state)
{
    (void)state;
    bc_options training = BC_OPTIONS_DEFAULT, inference = BC_OPTIONS_DEFAULT;
    inference.inference_only = true;
    subject s;
    begin(&s, &shapes[0], "sum", &training);
    assert_true(s.workspace->layers[1].jitter && s.workspace->model->layers[0].layout.stretch == 0);
    end(&s);
    begin(&s, &shapes[0], "sum", &inference);
    assert_true(!s.workspace->layers[1].jitter && s.workspace->model->layers[0].layout.stretch > 0);
    end(&s);
}

/* What is cached ends below the pool that jitters, not below the layer that learns. */
static void features_are_cut_below_the_pool(void **state)
{
    (void)state;
    bc_options options = BC_OPTIONS_DEFAULT;
    uint32_t learned[] = {2};
    br_phase phase = {.layer_count = 1, .layers = learned};
    subject s;
    begin(&s, &shapes[0], "sum", &options);
    assert_int_equal(br_feature_cut(s.workspace->model, &phase), 1);
    end(&s);
    begin(&s, &(shape){9, 9, 3, 3, 3, 0}, "sum", &options);
    assert_int_equal(br_feature_cut(s.workspace->model, &phase), 2);
    learned[0] = 0;
    assert_int_equal(br_feature_cut(s.workspace->model, &phase), 0);
    end(&s);
}

/* Every d is drawn, each about equally often, and pools draw for themselves. */
static void draws_are_uniform(void **state)
{
    (void)state;
    enum { JITTER = 3, WAYS = 2 * JITTER + 1, SAMPLES = 500 * WAYS * WAYS, SLACK = 134 }; /* six deviations of 500 */
    int drawn[WAYS][WAYS] = {{0}}, alike = 0;
    for (uint32_t sample = 0; sample < SAMPLES; sample++) {
        int32_t by[2], other[2];
        br_draw_jitter(5, 4, 1, sample, JITTER, by);
        br_draw_jitter(5, 4, 3, sample, JITTER, other);
        assert_true(abs(by[0]) <= JITTER && abs(by[1]) <= JITTER);
        drawn[by[0] + JITTER][by[1] + JITTER]++;
        alike += by[0] == other[0] && by[1] == other[1];
    }
    for (int down = 0; down < WAYS; down++)
        for (int across = 0; across < WAYS; across++)
            assert_true(abs(drawn[down][across] - SAMPLES / WAYS / WAYS) < SLACK);
    assert_true(abs(alike - SAMPLES / WAYS / WAYS) < SLACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_move_in_both_directions),
        cmocka_unit_test(at_rest_nothing_changes),
        cmocka_unit_test(inference_knows_no_jitter),
        cmocka_unit_test(features_are_cut_below_the_pool),
        cmocka_unit_test(draws_are_uniform),
    };
    return cmocka_run_group_tests_name("kernels/jitter", tests, NULL, NULL);
}
