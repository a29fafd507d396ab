/* 8-bit inference on random networks, dense ones and graphs of maps, with and without calibration, and on dense layers
 * around vector widths: every sum against the scalar integer reference, exactly; every drive against the unrounded one,
 * within the bound of docs/design/quantised.md; and the same bits from every processor level, with a dot product of
 * bytes and without, scales and all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../reference/quantised.h"
#include "../reference/random_maps.h"
#include "../runtime/graph.h"
#include "../runtime/quantise.h"
#include "bouton/compiler.h"
#include "cpu_levels.h"

enum { DENSE = 60, MAPS = 45, MOST_BATCH = 21, CALIBRATION = 5, EVERY_LEVEL = 3, MOST_LAYERS = MAPS_LAYERS };

/* Those of all suites, and one whose wide vectors have no dot product of bytes. */
enum { LEVELS = CPU_LEVELS + 1 };

static const char *level_name(uint32_t level)
{
    return level < CPU_LEVELS ? cpu_levels[level] : "x86-64-v4";
}

static bool level_runs(uint32_t level)
{
#ifdef __x86_64__
    if (level == CPU_LEVELS)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
#endif
    return level < CPU_LEVELS && cpu_level_runs(level);
}

/* One network with its state, whatever it was drawn as. */
typedef struct subject {
    const char *text;
    float *const *alpha, *const *theta;
    int8_t *const *sign;
    const ref_neuron *neurons[MOST_LAYERS]; /* how each layer fires; NULL: the ramp */
    uint32_t values, batch;                 /* of the input; samples */
    float range;
    float *in;      /* [batch][values] */
    bool calibrate; /* on the first samples, so that others may lie above the top */
} subject;

typedef struct compiled {
    bl_context *context;
    bc_code *code;
    br_network *network;
    br_quantised *quantised;
    br_work *work;
} compiled;

static void compile(const subject *s, const char *cpu, compiled *c)
{
    br_error error = {0};
    const bc_options options = {.cpu = cpu, .level = 2, .answers = true, .quantise = true};
    c->context = bl_context_new();
    assert_non_null(c->context);
    assert_int_equal(bl_load_text(c->context, "random.btn", s->text, strlen(s->text)), 0);
    const bl_program *program = bl_check(c->context, NULL);
    if (!program)
        bl_write_diagnostics(c->context, stderr, false);
    assert_non_null(program);
    if (bc_compile(program, &options, &c->code, &error) != 0 ||
        br_network_new(bc_code_model(c->code), &c->network, &error) != 0)
        fail_msg("%s\n%s", error.message, s->text);
}

static void set_state(const subject *s, const compiled *c)
{
    br_error error;
    const br_model *model = bc_code_model(c->code);
    for (uint32_t l = 0; l < model->layer_count; l++)
        if (model->layers[l].kind != BR_LAYER_POOL &&
            br_network_import(c->network, l, s->alpha[l], s->sign[l], s->theta[l], &error) != 0)
            fail_msg("%s\n%s", error.message, s->text);
}

/* Quantises, and answers the batch. */
static void answer(const subject *s, compiled *c)
{
    br_error error = {0};
    const br_model *model = bc_code_model(c->code);
    br_samples samples = {.count = s->calibrate && s->batch > CALIBRATION ? CALIBRATION : 0,
                          .height = model->height,
                          .width = model->width,
                          .channels = model->channels,
                          .floats = s->in,
                          .high = (double)s->range};
    if (br_quantise(c->network, &samples, 1, &c->quantised, &error) != 0 ||
        br_work_new(c->network, s->batch, false, &c->work, &error) != 0 ||
        br_work_eight(c->work, c->quantised, &error) != 0)
        fail_msg("%s", error.message);
    uint32_t stride = (s->values + model->layers[0].lanes - 1) / model->layers[0].lanes * model->layers[0].lanes;
    for (uint32_t n = 0; n < s->batch; n++)
        memcpy(c->work->in + (uint64_t)n * stride, s->in + (uint64_t)n * s->values, s->values * sizeof(float));
    br_forward_alone(c->work, 0, model->layer_count, 0, s->batch);
}

static void end(compiled *c)
{
    br_work_free(c->work);
    br_quantised_free(c->quantised);
    br_network_free(c->network);
    bc_code_free(c->code);
    bl_context_free(c->context);
}

/* ---- one layer against the reference ------------------------------------------------------------------------------
 */

typedef struct layer_state {
    float *alpha, *theta, *field;
    int8_t *sign;
} layer_state;

static layer_state take(const compiled *c, uint32_t layer)
{
    const br_layer_code *code = &bc_code_model(c->code)->layers[layer];
    uint64_t connections = (uint64_t)code->inputs * code->neurons;
    layer_state s = {.alpha = calloc(connections, sizeof(float)),
                     .theta = calloc(code->neurons, sizeof(float)),
                     .field = calloc(code->inputs, sizeof(float)),
                     .sign = calloc(connections, 1)};
    assert_true(s.alpha && s.theta && s.field && s.sign);
    br_network_export(c->network, layer, s.alpha, s.sign, s.theta);
    return s;
}

/* The activations of the field at (y, x), 0 outside the map. */
static void gather_field(const br_layer_code *code, const float *in, uint32_t y, uint32_t x, float *field)
{
    const br_map *map = &code->in;
    bool conv = code->kind == BR_LAYER_CONV;
    for (uint32_t dy = 0; dy < code->field_height; dy++)
        for (uint32_t dx = 0; dx < code->field_width; dx++)
            for (uint32_t ch = 0; ch < map->channels; ch++) {
                int64_t row = conv ? (int64_t)y * code->hop + dy - code->pad_top : dy;
                int64_t column = conv ? (int64_t)x * code->hop + dx - code->pad_left : dx;
                bool inside = row >= 0 && row < map->height && column >= 0 && column < map->width;
                uint64_t place = inside ? (uint64_t)row * map->width + (uint64_t)column : 0;
                field[((uint64_t)dy * code->field_width + dx) * map->channels + ch] =
                    inside ? in[place * map->pitch + ch] : 0;
            }
}

static void check_drive(const br_layer_code *code, const ref_field_sum *r, float drive, float steepest)
{
    bool shared = code->sum == BR_SUM_SHARED;
    double quantum = r->worth * 127 / (double)steepest, total = quantum * (double)r->all;
    double gamma = code->sum == BR_SUM_RAW ? 1 : (double)code->gain / sqrt((double)code->inputs);
    if (shared)
        gamma = r->all > 0 ? (double)code->gain / total : 0;
    if (gamma == 0) {
        assert_true(drive == 0);
        return;
    }
    assert_int_equal(llround((double)drive / (gamma * r->worth)), r->sum);
    double wanted = r->wanted, bound = r->bound;
    if (shared) { /* gain S/T: both S and T are off */
        if (r->total == 0 || total <= 0)
            return;
        wanted = r->wanted * total / r->total;
        bound = r->bound + fabs(r->wanted) * r->loose / r->total;
    }
    double apart = fabs((double)drive - gamma * wanted), allowed = gamma * bound;
    if (apart > allowed + 1e-5 * (1 + fabs(gamma * wanted)))
        fail_msg("layer %s: a drive of %g is %g from %g, at most %g", code->name, (double)drive, apart, gamma * wanted,
                 allowed);
}

static void check_activation(const br_layer_code *code, const ref_neuron *neuron, float drive, float theta, float out)
{
    static const ref_neuron ramp = {.way = REF_WAY_RAMP};
    double y = ref_neuron_level(neuron ? neuron : &ramp, (double)drive, (double)theta);
    double off = fabs((double)out - (double)code->range_out * y);
    if (!code->depress && !(off < 2e-5))
        fail_msg("layer %s: a drive of %.9g becomes %.9g, %g off", code->name, (double)drive, (double)out, off);
}

/* How many sums were compared. */
static uint64_t check_layer(const compiled *c, uint32_t layer, const ref_neuron *neuron)
{
    const br_layer_code *code = &bc_code_model(c->code)->layers[layer];
    const br_layer_state *s = &c->work->layers[layer];
    const br_quantised_layer *facts = br_quantised_of(c->quantised, layer);
    bool served = code->kind != BR_LAYER_POOL && code->form == BR_FORM_V;
    assert_int_equal(facts->eight, served);
    assert_int_equal(s->eight != NULL, served);
    if (!served)
        return 0;
    ref_scales scales = {facts->top, facts->steepest};
    layer_state state = take(c, layer);
    uint64_t places = (uint64_t)code->out.height * code->out.width;
    for (uint32_t n = 0; n < s->batch; n++)
        for (uint32_t place = 0; place < places; place++) {
            gather_field(code, s->in + (uint64_t)n * code->in.stride, place / code->out.width, place % code->out.width,
                         state.field);
            for (uint32_t k = 0; k < code->neurons; k++) {
                uint64_t first = (uint64_t)k * code->inputs, at = n * (uint64_t)code->out.stride;
                at += (uint64_t)place * code->out.pitch + k;
                ref_field_sum r =
                    ref_quantised_sum(&scales, state.field, state.alpha + first, state.sign + first, code->inputs);
                check_drive(code, &r, s->drive[at], facts->steepest);
                check_activation(code, neuron, s->drive[at], state.theta[k], s->out[at]);
            }
        }
    free(state.alpha);
    free(state.theta);
    free(state.field);
    free(state.sign);
    return places * s->batch * code->neurons;
}

/* ---- one network on every level -----------------------------------------------------------------------------------
 */

/* Every layer's drives, without what pads them; pools have none of their own. */
typedef struct drives {
    float *values;
    uint64_t count;
} drives;

static drives take_drives(const compiled *c, uint32_t batch)
{
    const br_model *model = bc_code_model(c->code);
    drives d = {0};
    for (uint32_t l = 0; l < model->layer_count; l++) {
        const br_layer_code *code = &model->layers[l];
        uint64_t places = (uint64_t)batch * code->out.height * code->out.width;
        if (code->kind == BR_LAYER_POOL)
            continue;
        d.values = realloc(d.values, (d.count + places * code->neurons) * sizeof *d.values);
        assert_non_null(d.values);
        for (uint64_t p = 0; p < places; p++, d.count += code->neurons) /* samples lie without gaps between them */
            memcpy(d.values + d.count, c->work->layers[l].drive + p * code->out.pitch, code->neurons * sizeof(float));
    }
    return d;
}

static uint64_t check_subject(const subject *s, uint32_t levels)
{
    uint64_t compared = 0;
    drives first = {0};
    for (uint32_t level = 0; level < levels; level++) {
        compiled c = {0};
        if (!level_runs(level))
            continue;
        compile(s, level_name(level), &c);
        set_state(s, &c);
        answer(s, &c);
        const br_model *model = bc_code_model(c.code);
        bool eight = false;
        for (uint32_t l = 0; l < model->layer_count; l++) {
            compared += check_layer(&c, l, s->neurons[l]);
            eight = br_quantised_of(c.quantised, l)->eight;
        }
        drives here = take_drives(&c, s->batch);
        if (first.values && eight && memcmp(first.values, here.values, here.count * sizeof *here.values) != 0)
            fail_msg("%s answers otherwise than native:\n%s", level_name(level), s->text);
        if (first.values)
            free(here.values);
        else
            first = here;
        end(&c);
    }
    free(first.values);
    return compared;
}

static void draw_inputs(subject *s, ref_random *random)
{
    s->batch = 1 + ref_below(random, MOST_BATCH);
    s->calibrate = ref_chance(random, .5);
    s->in = calloc((uint64_t)s->batch * s->values, sizeof *s->in);
    assert_non_null(s->in);
    for (uint32_t n = 0; n < s->batch; n++)
        random_sample(random, s->in + (uint64_t)n * s->values, s->values, s->range);
}

static uint64_t check_drawn(subject *s, ref_random *random, uint32_t number)
{
    draw_inputs(s, random);
    uint64_t compared = check_subject(s, number % EVERY_LEVEL == 0 ? LEVELS : 1);
    free(s->in);
    return compared;
}

static uint64_t test_seed(void)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 1;
    print_message("BOUTON_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void dense_networks_agree(void **state)
{
    (void)state;
    uint64_t compared = 0, seed = test_seed();
    for (uint32_t i = 0; i < DENSE; i++) {
        ref_random random = {seed * 8000009u + i};
        random_network *drawn = calloc(1, sizeof *drawn);
        assert_non_null(drawn);
        random_network_make(drawn, &random);
        const ref_layer *layers = drawn->network.layers;
        subject s = {.text = drawn->text,
                     .alpha = drawn->alpha,
                     .theta = drawn->theta,
                     .sign = drawn->sign,
                     .values = layers[0].inputs,
                     .range = (float)layers[0].range_in};
        for (uint32_t l = 0; l < drawn->network.layer_count; l++)
            s.neurons[l] = &layers[l].neuron;
        compared += check_drawn(&s, &random, i);
        random_network_release(drawn);
        free(drawn);
    }
    print_message("%llu sums compared\n", (unsigned long long)compared);
    assert_true(compared > 20000);
}

static void maps_agree(void **state)
{
    (void)state;
    uint64_t compared = 0, seed = test_seed();
    for (uint32_t i = 0; i < MAPS; i++) {
        ref_random random = {seed * 9000011u + i};
        random_maps *drawn = calloc(1, sizeof *drawn);
        assert_non_null(drawn);
        random_maps_make(drawn, &random, i % 5 == 0 ? REF_GRADIENT : REF_REPAIRED);
        subject s = {.text = drawn->text,
                     .alpha = drawn->alpha,
                     .theta = drawn->theta,
                     .sign = drawn->sign,
                     .values = (uint32_t)ref_values(drawn->graph.input),
                     .range = (float)drawn->range};
        for (uint32_t l = 0; l < drawn->graph.layer_count; l++)
            s.neurons[l] = &drawn->graph.layers[l].weights.neuron;
        compared += check_drawn(&s, &random, i);
        random_maps_release(drawn);
        free(drawn);
    }
    print_message("%llu sums compared\n", (unsigned long long)compared);
    assert_true(compared > 20000);
}

/* ---- shapes -------------------------------------------------------------------------------------------------------
 */

static const uint32_t widths[] = {1, 2, 3, 5, 7, 13, 15, 16, 17, 31, 33, 61, 63, 64, 65, 67, 127, 131};
enum { WIDTHS = sizeof widths / sizeof *widths };

/* Random connections and inputs; as many samples as there are neurons, modulo what tiles hold. */
static uint64_t check_shape(uint32_t inputs, uint32_t neurons, ref_random *random)
{
    char text[200];
    uint64_t connections = (uint64_t)inputs * neurons;
    float *alpha = calloc(connections, sizeof *alpha), *theta = calloc(neurons, sizeof *theta);
    int8_t *sign = calloc(connections, sizeof *sign);
    subject s = {.text = text, .values = inputs, .batch = 1 + neurons % MOST_BATCH, .range = .6f, .calibrate = true};
    s.alpha = &alpha, s.theta = &theta, s.sign = &sign;
    s.in = calloc((uint64_t)s.batch * inputs, sizeof *s.in);
    assert_true(alpha && theta && sign && s.in);
    for (uint64_t c = 0; c < connections; c++) {
        alpha[c] = .6f * (float)ref_unit(random);
        sign[c] = ref_chance(random, .6) ? 1 : -1;
    }
    for (uint32_t n = 0; n < s.batch; n++)
        random_sample(random, s.in + (uint64_t)n * inputs, inputs, s.range);
    snprintf(text, sizeof text, "network n { input vector(%u) in [0, 0.6]; layer top = dense(%u) { sum %s(3); } }",
             inputs, neurons, ref_chance(random, .3) ? "shared" : "scaled");
    uint64_t compared = check_subject(&s, LEVELS);
    free(alpha);
    free(theta);
    free(sign);
    free(s.in);
    return compared;
}

static void shapes_agree(void **state)
{
    (void)state;
    ref_random random = {test_seed()};
    uint64_t compared = 0;
    for (uint32_t a = 0; a < WIDTHS; a++)
        for (uint32_t b = 0; b < WIDTHS; b++)
            if ((a + 2 * b) % 7 == 0) /* every size on either side, some seventh of all pairs */
                compared += check_shape(widths[a], widths[b], &random);
    print_message("%llu sums compared\n", (unsigned long long)compared);
    assert_true(compared > 10000);
}

/* ---- calibration and scoring --------------------------------------------------------------------------------------
 */

enum { SCORED = 300, SCORED_VALUES = 9, SCORED_CLASSES = 5 };

static void start(const compiled *c)
{
    br_error error = {0};
    const br_layer_start each = {.excitatory = .5f, .high = .5f, .theta = .05f}, starts[] = {each, each};
    assert_int_equal(br_network_start(c->network, starts, 1, &error), 0);
}

static void scales_come_from_the_samples(void **state)
{
    (void)state;
    subject s = {.text = "network n { input vector(9) in [0, 0.5]; layer h = dense(33); layer c = dense(5); }"};
    static float in[SCORED * SCORED_VALUES];
    static uint32_t labels[SCORED];
    ref_random random = {1};
    br_error error = {0};
    for (uint32_t i = 0; i < SCORED * SCORED_VALUES; i++)
        in[i] = (float)(.8 * ref_unit(&random));
    in[77] = .8f; /* of 1, which stands for 0.5 */
    for (uint32_t n = 0; n < SCORED; n++)
        labels[n] = ref_below(&random, SCORED_CLASSES);
    br_samples samples = {
        .count = SCORED, .height = 1, .width = SCORED_VALUES, .channels = 1, .floats = in, .labels = labels, .high = 1};
    compiled c = {0};
    compile(&s, "native", &c);
    start(&c);
    assert_int_equal(br_quantise(c.network, &samples, 2, &c.quantised, &error), 0);
    assert_true(fabs((double)br_quantised_of(c.quantised, 0)->top - .4) < 1e-6);
    assert_true(br_quantised_of(c.quantised, 1)->top <= .5f);
    assert_true(br_quantised_of(c.quantised, 0)->unheard > 0); /* alpha up to 0.5, inputs up to 0.4 */
    br_score alone, together;
    assert_int_equal(br_score_quantised(c.quantised, &samples, 1, &alone, &error), 0);
    assert_int_equal(br_score_quantised(c.quantised, &samples, 3, &together, &error), 0);
    assert_memory_equal(alone.confusion, together.confusion, SCORED_CLASSES * SCORED_CLASSES * sizeof(uint64_t));
    assert_int_equal(alone.layer_count, 0);
    br_score_free(&alone);
    br_score_free(&together);
    br_quantised_free(c.quantised);
    samples.count = 0; /* nothing to calibrate with: the ranges */
    assert_int_equal(br_quantise(c.network, &samples, 1, &c.quantised, &error), 0);
    assert_true(br_quantised_of(c.quantised, 0)->top == .5f && br_quantised_of(c.quantised, 1)->top == .5f);
    end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(dense_networks_agree), cmocka_unit_test(maps_agree),
                                       cmocka_unit_test(shapes_agree), cmocka_unit_test(scales_come_from_the_samples)};
    return cmocka_run_group_tests_name("compiler/quantised", tests, NULL, NULL);
}
