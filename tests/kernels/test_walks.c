/* Every order of a convolution's loops, every block of filters and every division into lines of places gives the same
 * bits: the kernels events and forward of random convolutions, on each processor level. test_maps.c compares the plan's
 * own choice with the scalar reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/compiler.h"
#include "cpu_levels.h"
#include "fewer.h"

enum { BATCH = 2, SPARE = 64, TEXT = 400 };

/* Caches and blocks that force each order: one column of one line at a time, one column of all lines, whole windows. */
static const struct {
    bc_caches caches;
    uint32_t block;
} walks[] = {
    {{1, UINT32_MAX}, 0}, {{1, 1}, 0},       {{1, 1 << 30}, 3},     {{1, 1}, 1}, {{1, 1 << 14}, 16},
    {{UINT32_MAX, 1}, 2}, {{1 << 10, 1}, 4}, {{UINT32_MAX, 1}, 16}, {{0, 1}, 0}, {{1 << 12, 0}, 5},
};
enum { WALKS = sizeof walks / sizeof *walks };

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % below;
}

static void write_network(uint64_t *seed, char *text)
{
    uint32_t height = 3 + draw(seed, 9), width = 3 + draw(seed, 9), channels = 1 + draw(seed, 40);
    snprintf(text, TEXT,
             "network n {\n  input image(%ux%ux%u) in [0, 0.6];\n"
             "  layer maps = conv(%ux%u, %u) stride %u%s { alpha in [0, %s]; sum %s; }\n  layer class = dense(2);\n}\n",
             height, width, channels, 1 + draw(seed, 3), 1 + draw(seed, 3), 1 + draw(seed, 150), 1 + draw(seed, 2),
             draw(seed, 2) ? " padding same" : "", draw(seed, 3) ? "0.7" : "0.3", draw(seed, 2) ? "scaled(2)" : "raw");
}

/* The inputs and outcomes of one layer. */
typedef struct layer {
    const br_layer_code *code;
    br_layer_state state;
    uint64_t outs, places; /* floats of `drive` and `out`; of `input_sum` */
} layer;

static void *zeros(uint64_t count)
{
    uint64_t bytes = ((count + SPARE) * sizeof(float) + 63) / 64 * 64;
    void *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    return memset(memory, 0, bytes);
}

/* The same values for every walk. The seed draws bounds, thresholds and inputs of which some are live. */
static layer layer_new(const br_layer_code *code, uint64_t seed)
{
    layer l = {.code = code};
    const br_layer_layout *layout = &code->layout;
    const br_map *in = &code->shape.in;
    uint64_t listed = (uint64_t)BATCH * layout->live_stride, inputs = (uint64_t)BATCH * in->sample_stride;
    l.outs = (uint64_t)BATCH * code->shape.out.sample_stride;
    l.places = BATCH * br_map_places(code->shape.out);
    float *bounds = zeros((uint64_t)layout->rows * layout->pitch), *theta = zeros(layout->pitch), *o = zeros(inputs);
    for (uint32_t k = 0; k < code->shape.neurons; k++) {
        theta[k] = (float)draw(&seed, 100) / 1000;
        for (uint32_t row = 0; row < layout->rows; row++)
            bounds[(uint64_t)row * layout->pitch + k] = code->parameters.v_max * ((float)draw(&seed, 2001) / 1000 - 1);
    }
    uint32_t share = 1 + draw(&seed, 100);
    for (uint32_t s = 0; s < BATCH; s++)
        for (uint64_t place = 0; place < br_map_places(*in); place++)
            for (uint32_t c = 0; c < in->channels; c++)
                if (draw(&seed, 100) < share)
                    o[s * in->sample_stride + place * in->pitch + c] =
                        code->parameters.range_in * (float)draw(&seed, 1001) / 1000;
    l.state = (br_layer_state){.bounds = bounds, .theta = theta, .in = o, .batch = BATCH};
    l.state.live.count = zeros(BATCH);
    l.state.live.index = zeros(listed);
    l.state.live.start = zeros(BATCH * (br_map_places(*in) + 1));
    l.state.events.o = zeros(listed);
    l.state.events.q = zeros(listed);
    l.state.events.t = zeros(listed);
    l.state.input_sum = zeros(l.places);
    l.state.drive = zeros(l.outs);
    l.state.out = zeros(l.outs);
    return l;
}

static void layer_free(layer *l)
{
    br_layer_state *s = &l->state;
    void *arrays[] = {s->bounds,   s->theta,    (void *)s->in, s->live.count, s->live.index, s->live.start,
                      s->events.o, s->events.q, s->events.t,   s->input_sum,  s->drive,      s->out};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
}

/* The forward pass, all lines at once (step 0) or `step` lines at a time. */
static void run(layer *l, uint32_t step)
{
    uint32_t height = l->code->shape.out.height;
    l->code->kernels.events(&l->state, 0, BATCH, 0, 0);
    for (uint32_t y = 0; y < height; y += step ? step : height) {
        uint32_t end = step && y + step < height ? y + step : height;
        l->code->kernels.forward(&l->state, 0, BATCH, step ? y : 0, step ? end : 0);
    }
}

static bool same(const layer *a, const layer *b)
{
    return memcmp(a->state.drive, b->state.drive, a->outs * sizeof(float)) == 0 &&
           memcmp(a->state.out, b->state.out, a->outs * sizeof(float)) == 0 &&
           memcmp(a->state.input_sum, b->state.input_sum, a->places * sizeof(float)) == 0;
}

static uint64_t fired(const layer *l)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < l->outs; i++)
        count += l->state.out[i] > 0;
    return count;
}

static bc_code *compiled(const bl_program *program, const char *cpu, int level, bc_caches caches, uint32_t block)
{
    bc_options options = {.cpu = cpu, .level = level, .inference_only = true, .caches = caches, .block = block};
    br_error error;
    bc_code *code;
    if (bc_compile(program, &options, &code, &error) != 0)
        fail_msg("%s", error.message);
    return code;
}

/* Returns how many neurons fire, so that the caller sees that something was compared. */
static uint64_t compare(const bl_program *program, const char *cpu, uint64_t seed, const char *text)
{
    int level = seed % 4 ? 0 : 2; /* unoptimised code compiles faster */
    bc_code *code = compiled(program, cpu, level, (bc_caches){0, 0}, 0);
    layer wanted = layer_new(&bc_code_model(code)->layers[0], seed);
    run(&wanted, 0);
    for (uint32_t w = 0; w < WALKS; w++) {
        bc_code *other = compiled(program, cpu, level, walks[w].caches, walks[w].block);
        layer got = layer_new(&bc_code_model(other)->layers[0], seed);
        uint32_t step = w % 4; /* 0: all lines at once */
        run(&got, step);
        if (!same(&wanted, &got))
            fail_msg("walk %u with %u lines at a time differs on %s:\n%s", w, step, cpu, text);
        layer_free(&got);
        bc_code_free(other);
    }
    uint64_t count = fired(&wanted);
    layer_free(&wanted);
    bc_code_free(code);
    return count;
}

static void all_walks_give_the_same_bits(void **state)
{
    (void)state;
    uint32_t networks = fewer(20), active = 0;
    for (uint32_t i = 0; i < networks; i++) {
        uint64_t seed = 1507 + i;
        char text[TEXT];
        write_network(&seed, text);
        bl_context *context = bl_context_new();
        assert_int_equal(bl_load_text(context, "walks.btn", text, strlen(text)), 0);
        const bl_program *program = bl_check(context, NULL);
        if (!program) {
            bl_write_diagnostics(context, stderr, false);
            fail_msg("refused:\n%s", text);
        }
        for (uint32_t c = 0; c < CPU_LEVELS; c++)
            if (cpu_level_runs(c))
                active += compare(program, cpu_levels[c], seed, text) > 0;
        bl_context_free(context);
    }
    assert_true(active >= networks); /* of two or three levels each */
}

static bc_walk walk_of(uint32_t side, uint32_t channels, uint32_t filters, const char *cpu)
{
    char text[TEXT];
    snprintf(text, sizeof text,
             "network n { input image(%ux%ux%u) in [0, 0.5]; layer a = conv(3x3, %u) padding same;"
             " layer class = dense(2); }",
             side, side, channels, filters);
    bl_context *context = bl_context_new();
    assert_int_equal(bl_load_text(context, "walk.btn", text, strlen(text)), 0);
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    bc_options options = {.cpu = cpu};
    bc_plan *plan;
    br_error error;
    assert_int_equal(bc_plan_new(program, &options, &plan, &error), 0);
    bc_walk walk = plan->layers[0].walk;
    bc_plan_free(plan);
    bl_context_free(context);
    return walk;
}

static void orders_follow_sizes_and_caches(void **state)
{
    (void)state;
    bc_walk walk = walk_of(16, 256, 256, "x86-64-v4"); /* 2.3 MB of bounds */
    assert_int_equal(walk.order, BC_ORDER_BOUNDS);
    assert_int_equal(walk.vectors, 16);
    assert_int_equal(walk.columns, 1);
    assert_int_equal(walk.lines, 16);
    walk = walk_of(16, 64, 128, "x86-64-v4"); /* 295 kB */
    assert_int_equal(walk.order, BC_ORDER_LINES);
    assert_int_equal(walk.vectors, 8);
    assert_int_equal(walk.lines, 2);
    walk = walk_of(16, 3, 32, "x86-64-v4"); /* 3.5 kB */
    assert_int_equal(walk.order, BC_ORDER_PLACES);
    assert_int_equal(walk.lines, 4);
    assert_int_equal(walk_of(16, 8, 160, "x86-64-v4").vectors, 5); /* two equal blocks, not eight and two single ones */
    assert_int_equal(walk_of(16, 256, 256, "x86-64-v3").vectors, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_walks_give_the_same_bits),
                                       cmocka_unit_test(orders_follow_sizes_and_caches)};
    return cmocka_run_group_tests_name("compiler/walks", tests, NULL, NULL);
}
