/* Stretches: a convolution, its depression and the pool behind it, computed a few lines at a time, give the same bits as
 * layer by layer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "bouton/compiler.h"
#include "cpu_levels.h"
#include "engine/forward.h"
#include "engine/workspace_pool.h"

enum { SAMPLES = 3 };

/* Windows that end before the map, cells of different heights, lines that do not divide evenly, places that depress
 * each other, bounds that pass through the first cache, every way to fire, and fewer places in a line than lanes. */
#define SETTLED 5 /* the shapes from here on let the pool settle winners */

static const char *const shapes[] = {
    "layer a = conv(3x3, 48) { depress over filters within 2; } layer p = pool(sum) grid 5x7;",
    "layer a = conv(3x3, 48) { depress over places 3x3; } layer p = pool(mean) 2x2;",
    "layer a = conv(5x5, 20) stride 2 padding same; layer p = pool(max) grid 3x3;",
    ("layer a = conv(3x3, 20) { depress over filters keep 3; depress over places 3x3; }"
     " layer p = pool(max) 2x2;"),
    "layer a = conv(3x3, 20) { depress over filters keep 3; } layer p = pool(max) grid 7x7;",
    "layer a = conv(5x5, 32) { depress over filters keep 3; } layer p = pool(max) 2x2;",
    "layer a = conv(3x3, 40) { depress over filters keep 3; } layer p = pool(max) 3x3;",
    "layer a = conv(3x3, 72) padding same { depress over filters keep 5; } layer p = pool(max) 2x2 stride 3;",
    ("layer a = conv(3x3, 33) { depress over filters keep 2; } layer p = pool(max) 2x2;"
     " layer c = conv(5x5, 100) { depress over filters keep 4; } layer q = pool(max) 2x2;"),
    "layer a = conv(1x1, 4096) stride 9 { depress over filters keep 3; } layer p = pool(max) 2x2;",
    "layer a = conv(5x5, 20) { fire binary; depress over filters keep 45%; } layer p = pool(max) 3x2 stride 3;",
    "layer a = conv(3x3, 37) { fire graded; depress over filters keep 3; } layer p = pool(max) 2x2 stride 3;",
    "layer a = conv(3x3, 24) { depress over filters keep 2 gap 0.01; } layer p = pool(max) 2x2;",
    ("layer a = conv(3x3, 130) { depress over filters keep 50; } layer p = pool(max) 2x2"
     " { depress over filters keep 9; } layer q = pool(max) 2x2;"),
};

typedef struct subject {
    bl_context *context;
    bc_code *code;
    br_network *network;
    br_workspace_pool works;
} subject;

/* Pairs of filters with the same bounds, thresholds and consciences, so that drives tie everywhere; half of the pairs
 * have a conscience. */
static void make_ties(br_network *network)
{
    const br_layer_layout *layout = &network->model->layers[0].layout;
    const br_layer_bounds *bounds = &network->layers[0];
    for (uint32_t i = 0; i + 3 < layout->pitch; i += 3) {
        for (uint32_t row = 0; row < layout->rows; row++)
            bounds->bounds[(uint64_t)row * layout->pitch + i + 2] = bounds->bounds[(uint64_t)row * layout->pitch + i];
        bounds->theta[i + 2] = bounds->theta[i];
        bounds->conscience[i] = bounds->conscience[i + 2] = i % 2 ? 0 : (float)i / 4096;
    }
}

static void begin(subject *s, const char *layers, const char *cpu)
{
    char text[1024];
    snprintf(text, sizeof text,
             "network n { input image(29x37) in [0, 0.5]; %s layer top = dense(10); }\n"
             "schedule { seed 11; phase p { correct top; } }\n",
             layers);
    br_error error = {0};
    br_schedule schedule;
    bc_options options = BC_OPTIONS_DEFAULT;
    options.cpu = cpu;
    s->context = bl_context_new();
    assert_int_equal(bl_load_text(s->context, "stretch.btn", text, strlen(text)), 0);
    const bl_program *program = bl_check(s->context, NULL);
    bl_write_diagnostics(s->context, stderr, false);
    assert_non_null(program);
    if (bc_lower_schedule(program, &schedule, &error) || bc_compile(program, &options, &s->code, &error) ||
        br_network_new(bc_code_model(s->code), &s->network, &error) ||
        br_network_start(s->network, schedule.starts, schedule.seed, &error) ||
        br_workspace_pool_new(s->network, 3, SAMPLES, &s->works, &error))
        fail_msg("%s", error.message);
    bc_lowered_schedule_free(&schedule);
    make_ties(s->network);
    const br_model *model = bc_code_model(s->code);
    uint32_t seed = 1;
    for (uint64_t i = 0; i < SAMPLES * (uint64_t)model->layers[0].shape.in.sample_stride; i++) {
        seed = seed * 1664525u + 1013904223u;
        float o = seed >> 28 < 6 ? (float)(seed >> 8 & 255) / 512 : 0;
        for (uint32_t w = 0; w < 3; w++)
            s->works.each[w]->in[i] = i % model->layers[0].shape.in.sample_stride < 29 * 37 ? o : 0;
    }
}

static void end(subject *s)
{
    br_workspace_pool_free(&s->works);
    br_network_free(s->network);
    bc_code_free(s->code);
    bl_context_free(s->context);
}

static void layer_by_layer(const br_workspace *workspace)
{
    for (uint32_t i = 0; i < workspace->model->layer_count; i++) {
        const br_layer_code *code = &workspace->model->layers[i];
        br_prepare(workspace, i, 0, SAMPLES);
        br_sum(workspace, i, (br_part){0, SAMPLES},
               code->kind == BT_LAYER_DENSE ? (br_part){0, code->layout.pitch / code->layout.lanes} : (br_part){0, 0});
        br_depress(workspace, i, 0, SAMPLES);
    }
}

static void assert_same(const br_workspace *wanted, const br_workspace *got, bool kept)
{
    const br_model *model = wanted->model;
    for (uint32_t i = 0; i < model->layer_count; i++) {
        uint64_t bytes = SAMPLES * (uint64_t)model->layers[i].shape.out.sample_stride * sizeof(float);
        if (!kept && model->layers[i].layout.unread)
            continue;
        assert_memory_equal(wanted->layers[i].out, got->layers[i].out, bytes);
        assert_memory_equal(wanted->layers[i].drive, got->layers[i].drive, bytes);
    }
}

static void lines_give_the_same_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (uint32_t c = 0; c < CPU_LEVELS; c++) {
            subject s;
            if (!cpu_level_runs(c))
                continue;
            begin(&s, shapes[i], cpu_levels[c]);
            const br_model *model = bc_code_model(s.code);
            assert_true(model->layers[0].layout.stretch > 0 && model->layers[0].layout.unread);
            assert_int_equal(model->layers[0].layout.settled, i >= SETTLED);
            layer_by_layer(s.works.each[0]);
            br_forward_alone(s.works.each[1], 0, model->layer_count, 0, SAMPLES);
            assert_same(s.works.each[0], s.works.each[1], true);
            br_forward_answers(s.works.each[2], 0, model->layer_count, 0, SAMPLES);
            assert_same(s.works.each[0], s.works.each[2], false);
            end(&s);
        }
}

/* Most of these networks are large enough that several groups of lines follow one another. */
static void some_take_several_groups(void **state)
{
    (void)state;
    uint32_t several = 0;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        subject s;
        begin(&s, shapes[i], "native");
        const br_layer_code *layers = bc_code_model(s.code)->layers;
        several += layers[0].layout.stretch + layers[0].layout.stretch / 2 < layers[1].shape.out.height;
        end(&s);
    }
    assert_true(several >= 4);
}

/* Where windows overlap, a place has the errors of several windows: they are gated in the map of the convolution. */
static void errors_of_overlapping_windows_are_not_gated_in_the_pool(void **state)
{
    (void)state;
    static const struct {
        const char *pool;
        bool apart;
    } pools[] = {
        {"2x2", true}, {"2x2 stride 3", true}, {"grid 5x7", true}, {"1x4 stride 1", false}, {"3x3 stride 2", false}};
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++) {
        char layers[256];
        subject s;
        snprintf(layers, sizeof layers,
                 "layer a = conv(3x3, 20) { depress over filters keep 2; } layer p = pool(max) %s;", pools[i].pool);
        begin(&s, layers, "native");
        assert_int_equal(bc_code_model(s.code)->layers[0].layout.pooled, pools[i].apart);
        end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_give_the_same_bits),
                                       cmocka_unit_test(some_take_several_groups),
                                       cmocka_unit_test(errors_of_overlapping_windows_are_not_gated_in_the_pool)};
    return cmocka_run_group_tests_name("compiler/stretch", tests, NULL, NULL);
}
