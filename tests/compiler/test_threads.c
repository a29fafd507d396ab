/* Any number of threads gives the same bits, for layers of all kinds and sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fewer.h"
#include "text_network.h"

/* Layers wide enough to be divided among threads by neurons, then narrow ones, divided by samples and rows.
 * Convolutions are divided by samples, with pools and depression between them. */
static const char *const shapes[] = {
    "layer a = dense(300); layer b = dense(10);",
    "layer a = dense(10);",
    "layer a = dense(65) { alpha in [0, 0.3]; } layer b = dense(270) { leak 0.3; } layer c = dense(10);",
    "layer a = dense(37) { neuron alpha 0.05 up to 0.9; learned xi 0.01; } layer b = dense(10);",
    "layer a = dense(37) { fire bump; } layer b = dense(65) { fire logistic(4); } layer c = dense(10);",
    "layer a = conv(5x5, 8) stride 2 { sum scaled(4); } layer b = dense(10) { sum scaled(4); }",
    "layer a = conv(3x3, 6) { sum scaled(4); } layer p = pool(max) 2x2; layer b = conv(3x3, 20) stride 2 padding same;"
    " layer c = dense(10) from p, b;",
    "layer a = conv(5x5, 20) stride 3 { depress over filters within 3 gap 0.1; } layer p = pool(sum) grid 3x3;"
    " layer b = dense(10);",
    "layer a = conv(3x3, 12) padding same { homeostasis; } layer p = pool(max) 2x2 { depress over filters keep 4; }"
    " layer b = conv(3x3, 40) stride 2 { homeostasis(2); depress over filters keep 9; } layer c = dense(10) from p, b;",
    "layer a = dense(40) { homeostasis; } layer b = dense(270) { homeostasis(2, 0.5); } layer c = dense(10);",
    "layer a = conv(5x5, 20) { sum scaled(4); } layer p = pool(sum) grid 4x4 { jitter 3; depress over filters keep 9; }"
    " layer q = pool(mean) grid 5x5 from a { jitter 2; } layer b = dense(10) from p, q;",
};

typedef struct trained {
    uint64_t bytes;
    char *state; /* alpha, sign, theta, gain of every layer */
    double validation;
} trained;

static trained state_of(const br_network *network, const bl_program *program)
{
    trained out = {0};
    uint32_t layers = program->layer_count + program->readout_layers;
    for (uint32_t l = 0; l < layers; l++)
        out.bytes +=
            (uint64_t)program->layers[l].inputs * program->layers[l].neurons * 5 + program->layers[l].neurons * 8;
    char *at = out.state = malloc(out.bytes);
    assert_non_null(at);
    for (uint32_t l = 0; l < layers; l++) {
        uint64_t connections = (uint64_t)program->layers[l].inputs * program->layers[l].neurons;
        float *alpha = malloc(connections * sizeof *alpha), *theta = malloc(program->layers[l].neurons * sizeof *theta);
        int8_t *sign = malloc(connections);
        assert_true(alpha && theta && sign);
        br_network_export(network, l, alpha, sign, theta);
        memcpy(at, alpha, connections * 4);
        memcpy(at + connections * 4, sign, connections);
        memcpy(at + connections * 5, theta, program->layers[l].neurons * 4);
        at += connections * 5 + program->layers[l].neurons * 4;
        br_network_gains(network, l, theta);
        memcpy(at, theta, program->layers[l].neurons * 4);
        at += program->layers[l].neurons * 4;
        free(alpha), free(theta), free(sign);
    }
    return out;
}

/* How steps are taken: plain, and by running means, with rates that change from batch to batch. */
static const char *const ways[] = {"shift 1; cutout 5;", "momentum 0.9; eta 0.1 linear; flips;",
                                   "momentum 0.9; adaptive 0.99; eta 0.02 cosine, warm up 9 steps;",
                                   "shift 1; anneal keep 100% to 4/12 over 60% on p, 0.5 to 9/40 over 0.3 on b;",
                                   "momentum 0.9; adaptive 0.99; eta 0.02 linear; prune to 30%, 0.8 on a over 50%;"};

/* `items` are all settings of the phase but those below. */
static trained train_phase(const char *layers, const char *items, uint32_t threads)
{
    char text[1024];
    snprintf(text, sizeof text,
             "neuron bump(x, alpha) = exp(0 - 8 * square(x - alpha));\n"
             "network n { input image(28x28) in [0, 0.5]; %s }\n"
             "data d { synthetic digits(train 400, validation 60); }\n"
             "schedule { seed 7; phase p { epochs 2; %s keep best on validation; %s } }\n",
             layers, strstr(items, "batch") ? "" : "batch 7;", items);
    text_network t;
    br_train_result result;
    text_network_compile(&t, text, NULL);
    text_network_start(&t);
    text_network_load(&t);
    text_network_train(&t, &(br_train_options){.threads = threads}, &result);
    trained out = state_of(t.network, t.program);
    out.validation = result.validation;
    text_network_end(&t);
    return out;
}

/* `items` are further settings of the phase. */
static trained train_with(const char *layers, const char *items, uint32_t threads)
{
    char all[512];
    const char *names = strstr(layers, "c =") ? "a, b, c" : strstr(layers, "b =") ? "a, b" : "a";
    snprintf(all, sizeof all, "correct %s; %s %s", names, items,
             strstr(layers, "b =") ? "weight classes by rarity;" : "");
    return train_phase(layers, all, threads);
}

static void same_bits(void **state)
{
    (void)state;
    static const struct {
        size_t shape, way;
        uint32_t most; /* threads */
    } CASES[] = {{0, 0, 5}, {1, 0, 5}, {2, 0, 5}, {3, 0, 5}, {4, 0, 5}, {5, 0, 5}, {6, 0, 5}, {7, 0, 5},
                 {2, 1, 3}, {2, 2, 3}, {6, 1, 3}, {6, 2, 3}, {8, 0, 4}, {8, 2, 3}, {8, 3, 4}, {0, 4, 3},
                 {6, 4, 3}, {8, 4, 4}, {9, 4, 3}, {9, 0, 3}, {9, 2, 3}, {10, 0, 4}};
    bool few = fewer(20) < 5; /* as under sanitizers, where another build tries more threads */
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *shape = shapes[CASES[i].shape], *way = ways[CASES[i].way];
        uint32_t most = few && CASES[i].most > 3 ? 3 : CASES[i].most;
        trained one = train_with(shape, way, 1);
        for (uint32_t threads = 2; threads <= most; threads++) {
            trained many = train_with(shape, way, threads);
            assert_int_equal(one.bytes, many.bytes);
            assert_memory_equal(one.state, many.state, one.bytes);
            assert_true(one.validation == many.validation);
            free(many.state);
        }
        free(one.state);
    }
}

/* Every setting of a phase that changes pictures has an effect, and none of them the effect of another. The layer below
 * the one that is corrected does not change, so its output is computed once unless pictures are moved or cut out. */
static void pictures_are_changed(void **state)
{
    (void)state;
    static const char *const items[] = {
        "", "shift 8;", "flips;", "cutout 9;", "cutout 10;", "shift 8; cutout 9;", "shift 8; flips; cutout 9;"};
    enum { ITEMS = sizeof items / sizeof *items };
    trained each[ITEMS];
    for (size_t i = 0; i < ITEMS; i++) {
        each[i] = train_with("layer below = conv(5x5, 8) stride 2 { alpha frozen; } layer a = dense(10);", items[i], 2);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(each[i].state, each[j].state, each[i].bytes);
    }
    for (size_t i = 0; i < ITEMS; i++)
        free(each[i].state);
}

/* A phase that anneals trains other networks than one that does not, whatever the layer in which it does. */
static void winners_are_annealed(void **state)
{
    (void)state;
    static const char *const items[] = {"shift 1;", "shift 1; anneal keep 100% to 9/40 over 30% on b;",
                                        "shift 1; anneal keep 100% to 4/12 over 30% on p;",
                                        "shift 1; anneal keep 60% to 4/12 over 30% on p;",
                                        "shift 1; anneal keep 100% to 4/12 over 1% on p;"};
    enum { ITEMS = sizeof items / sizeof *items };
    trained each[ITEMS];
    for (size_t i = 0; i < ITEMS; i++) {
        each[i] = train_with(shapes[8], items[i], 2);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(each[i].state, each[j].state, each[i].bytes);
    }
    for (size_t i = 0; i < ITEMS; i++)
        free(each[i].state);
}

/* Cells move whether or not the maps below them are cached, and at rest they don't: the networks differ by learning. */
static void cells_are_moved(void **state)
{
    (void)state;
    static const char *const jitters[] = {"", "jitter 1;", "jitter 4;"}, *const items[] = {"", "flips;", "shift 1;"};
    enum { JITTERS = sizeof jitters / sizeof *jitters, ITEMS = sizeof items / sizeof *items };
    trained each[JITTERS * ITEMS];
    for (size_t i = 0; i < JITTERS * ITEMS; i++) {
        char layers[256];
        snprintf(
            layers, sizeof layers,
            "layer below = conv(5x5, 8) { alpha frozen; } layer p = pool(sum) grid 4x4 { %s } layer a = dense(10);",
            jitters[i / ITEMS]);
        each[i] = train_with(layers, items[i % ITEMS], 1);
        trained again = train_with(layers, items[i % ITEMS], 3);
        assert_memory_equal(each[i].state, again.state, again.bytes);
        free(again.state);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(each[i].state, each[j].state, each[i].bytes);
    }
    for (size_t i = 0; i < JITTERS * ITEMS; i++)
        free(each[i].state);
}

/* Readouts on maps and on one place, with errors that pass on or stay, with and without those of the layer that
 * answers. */
static void readouts_are_shared_out(void **state)
{
    (void)state;
    static const char layers[] = "layer u = conv(5x5, 8) stride 2 { homeostasis; } layer p = pool(max) 2x2; "
                                 "layer v = conv(3x3, 12) { homeostasis; } layer h = dense(20); layer w = dense(10);";
    static const char *const phases[] = {
        "correct u, v, h, w with readouts;",
        "correct u, v, h with readouts grid 3x3 layer by layer;",
        "correct v, h, w with readouts mixed; momentum 0.9; adaptive 0.99; eta 0.02 cosine;",
        "correct u, v, h, w with readouts layer by layer;",
        "correct v, w with readouts layer by layer; batch 3; centred 1/2;",
        "correct v, w with readouts layer by layer; batch 3; shift 1;",
        "correct u, v, h, w with readouts layer by layer; batch 2; momentum 0.9; adaptive 0.99; eta 0.02 cosine;"};
    enum { PHASES = sizeof phases / sizeof *phases };
    trained each[PHASES];
    for (size_t i = 0; i < PHASES; i++) {
        each[i] = train_phase(layers, phases[i], 1);
        for (uint32_t threads = 2; threads <= 3; threads++) {
            trained many = train_phase(layers, phases[i], threads);
            assert_memory_equal(each[i].state, many.state, each[i].bytes);
            assert_true(each[i].validation == many.validation);
            free(many.state);
        }
        for (size_t j = 0; j < i; j++)
            assert_true(each[i].bytes != each[j].bytes || memcmp(each[i].state, each[j].state, each[i].bytes) != 0);
    }
    for (size_t i = 0; i < PHASES; i++)
        free(each[i].state);
}

/* A layer above others may also read the input, which then has to stay until that layer has learned from it. */
static void input_is_read_from_above(void **state)
{
    (void)state;
    static const char layers[] = "layer u = conv(5x5, 8) stride 2 { homeostasis; } layer p = pool(max) 2x2; "
                                 "layer v = conv(3x3, 12) { homeostasis; } layer w = dense(10) from v, input;";
    static const char phase[] = "correct u, v, w with readouts layer by layer; batch 2;";
    trained one = train_phase(layers, phase, 1);
    for (uint32_t threads = 2; threads <= 3; threads++) {
        trained many = train_phase(layers, phase, threads);
        assert_memory_equal(one.state, many.state, one.bytes);
        free(many.state);
    }
    free(one.state);
}

static void learns_something(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        trained t = train_with(shapes[0], ways[i], 0);
        assert_true(t.validation > 0.3); /* after two epochs of 400 digits; chance is 0.1 */
        free(t.state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits),
        cmocka_unit_test(pictures_are_changed),
        cmocka_unit_test(winners_are_annealed),
        cmocka_unit_test(cells_are_moved),
        cmocka_unit_test(readouts_are_shared_out),
        cmocka_unit_test(input_is_read_from_above),
        cmocka_unit_test(learns_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
