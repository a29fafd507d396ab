/* C source against the network it was made of, on random graphs of maps, compiled by gcc and by clang: labels are equal;
 * in floats levels agree to 1e-5; in whole numbers, a part with bounds of 4 bits, all bytes that are left in the scratch
 * are those of 8-bit inference.
 * Layers that C source has no form for are refused with their names. And ramps fire as floats do, for every sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../reference/random_maps.h"
#include "artefact/csource/fire.h"
#include "artefact/csource/maps.h"
#include "artefact/csource/needs.h"
#include "artefact/csource/source.h"
#include "c_source.h"
#include "engine/forward.h"
#include "engine/int8.h"
#include "fewer.h"
#include "model/network.h"

enum { NETWORKS = 40, RAMPS = 300 };

typedef uint32_t predict_floats(const float *in, float *levels, void *scratch);
typedef uint32_t predict_floats_u8(const uint8_t *in, float *levels, void *scratch);
typedef uint32_t predict_whole(const uint8_t *in, uint8_t *levels, void *scratch);

typedef struct subject {
    random_maps maps;
    bl_context *context;
    const bl_program *program;
    bc_code *code;
    br_network *network;
    br_quantised *quantised;
    br_samples samples; /* bytes */
    uint8_t *lit;       /* [values]: 0 where every sample has 0 */
    float *floats;      /* the same raw values */
    float *drawn;
    uint32_t *labels;
} subject;

typedef struct tally {
    uint32_t floats, whole, coded, mixed, refused, fused, listed, packed, odd, depressed, joined, wide, by_rows;
    uint64_t bytes;
} tally;

static void fail_on(const subject *s, const br_error *error)
{
    fail_msg("%s\n%s", error->message, s->maps.text);
}

/* A state with many alphas that never carry signal, so that layers are listed. */
static void set_state(subject *s, ref_random *random, double silent)
{
    br_error error;
    for (uint32_t l = 0; l < s->maps.graph.layer_count; l++) {
        const br_layer_code *code = &br_network_model(s->network)->layers[l];
        s->network->layers[l].calibration = (float)s->maps.graph.layers[l].factor;
        if (!s->maps.alpha[l])
            continue;
        for (uint64_t i = 0; i < (uint64_t)code->shape.inputs * code->shape.neurons; i++)
            if (ref_chance(random, silent))
                s->maps.alpha[l][i] = code->parameters.alpha_max;
        if (br_network_import(s->network, l, s->maps.alpha[l], s->maps.sign[l], s->maps.theta[l], &error) != 0 ||
            (s->maps.gain[l] && br_network_set_gains(s->network, l, s->maps.gain[l], &error) != 0))
            fail_on(s, &error);
    }
}

/* Takes from a graph what whole numbers have no form for, and without depression that, too; draws its state again. */
static void tame(random_maps *maps, ref_random *random, bool depression)
{
    for (uint32_t l = 0; l < maps->graph.layer_count; l++) {
        ref_map_layer *layer = &maps->graph.layers[l];
        bool apart = layer->kind == REF_POOL && (layer->source_count > 1 || layer->sources[0] == REF_INPUT);
        layer->pooling = REF_MAX;
        layer->fire = layer->fire == REF_GRADED || layer->kind == REF_POOL ? REF_RAMP : layer->fire;
        layer->weights.neuron.way = REF_WAY_RAMP;
        if (layer->weights.sum == REF_SHARED)
            layer->weights.sum = REF_SCALED;
        if (layer->weights.homeostasis || apart || !depression)
            layer->clause_count = layer->annealed = 0;
        for (uint32_t c = 0; c < layer->clause_count; c++)
            layer->clauses[c].gap = 0;
    }
    maps->graph.layers[maps->graph.layer_count - 1].weights.homeostasis = false;
    maps->text[0] = '\0';
    random_maps_put(maps);
    random_maps_state(maps, random);
}

static void subject_new(subject *s, ref_random *random, uint32_t turn)
{
    br_error error;
    const bc_options options = {.cpu = "generic", .level = 1, .inference_only = true, .quantise = true};
    memset(s, 0, sizeof *s);
    random_maps_make(&s->maps, random, REF_REPAIRED);
    if (turn % 3 > 0)
        tame(&s->maps, random, turn % 3 == 1);
    uint64_t values = ref_values(s->maps.graph.input), count = s->maps.batch;
    s->drawn = calloc(count * values, sizeof *s->drawn);
    s->floats = calloc(count * values, sizeof *s->floats);
    s->labels = calloc(count, sizeof *s->labels);
    s->lit = malloc(values);
    uint8_t *bytes = calloc(count, values);
    s->context = bl_context_new();
    assert_true(s->drawn && s->floats && s->labels && s->lit && bytes && s->context);
    assert_int_equal(bl_load_text(s->context, "random.btn", s->maps.text, strlen(s->maps.text)), 0);
    s->program = bl_check(s->context, NULL);
    assert_non_null(s->program);
    if (bc_compile(s->program, &options, &s->code, &error) != 0 ||
        br_network_new(bc_code_model(s->code), &s->network, &error) != 0)
        fail_on(s, &error);
    random_maps_state(&s->maps, random);
    set_state(s, random, turn % 3 == 2 ? 0.7 : 0.1);
    random_maps_batch(&s->maps, random, s->drawn, s->labels);
    for (uint64_t i = 0; i < values; i++)
        s->lit[i] = turn % 2 == 0 || ref_chance(random, 0.7);
    for (uint64_t i = 0; i < count * values; i++) {
        bytes[i] = s->lit[i % values] ? (uint8_t)lround((double)s->drawn[i] / s->maps.range * 255) : 0;
        s->floats[i] = bytes[i];
    }
    s->samples =
        (br_samples){.count = count, .shape = br_network_model(s->network)->shape, .bytes = bytes, .high = 255};
    if (br_quantise_to(s->network, turn / 3 % 2 == 1 ? 4 : 8, &s->samples, 1, &s->quantised, &error) != 0)
        fail_on(s, &error);
}

static void subject_free(subject *s)
{
    br_quantised_free(s->quantised);
    br_network_free(s->network);
    bc_code_free(s->code);
    bl_context_free(s->context);
    random_maps_release(&s->maps);
    free((void *)(uintptr_t)s->samples.bytes);
    free(s->floats);
    free(s->drawn);
    free(s->labels);
    free(s->lit);
}

/* ---- compiling ---- */

static char folder[] = "/tmp/bouton-source-XXXXXX";

/* ---- in floats ---- */

/* `sum shared` divides by the sum of the inputs. Where that is small, every rounding is enlarged without a limit:
 * nothing but the range of levels is known. */
static bool enlarges(const subject *s)
{
    for (uint32_t i = 0; i < s->program->layer_count; i++)
        if (s->program->layers[i].sum == BT_SUM_SHARED && !bc_is_pool(&s->program->layers[i]))
            return true;
    return false;
}

static void check_range(const float *levels, uint32_t classes)
{
    for (uint32_t k = 0; k < classes; k++)
        assert_true(levels[k] >= 0 && levels[k] <= 1);
}

static void check_floats(const subject *s, const bc_source *source, void *library)
{
    br_error error;
    uint32_t classes = bl_last_layer(s->program)->neurons, wanted[64];
    uint64_t values = ref_values(s->maps.graph.input);
    float *levels = calloc(s->samples.count * classes, sizeof *levels), got[2][64];
    void *scratch = malloc(bc_source_facts(source)->scratch_bytes);
    br_outputs out = {.labels = wanted, .levels = levels};
    assert_true(levels && scratch && s->samples.count <= 64 && classes <= 64);
    if (br_predict(s->network, &s->samples, 1, &out, &error) != 0)
        fail_on(s, &error);
    predict_floats *of_floats = (predict_floats *)c_source_function(library, s->program->name, "_predict");
    predict_floats_u8 *of_bytes = (predict_floats_u8 *)c_source_function(library, s->program->name, "_predict_u8");
    for (uint64_t n = 0; n < s->samples.count; n++) {
        memset(scratch, 0xff, bc_source_facts(source)->scratch_bytes); /* NaNs */
        uint32_t label[2] = {of_floats(s->floats + n * values, got[0], scratch),
                             of_bytes(s->samples.bytes + n * values, got[1], scratch)};
        assert_int_equal(of_bytes(s->samples.bytes + n * values, NULL, scratch), label[1]);
        for (int way = 0; way < 2; way++) {
            check_range(got[way], classes);
            for (uint32_t k = 0; k < classes && !enlarges(s); k++)
                if (label[way] != wanted[n] || fabsf(got[way][k] - levels[n * classes + k]) > 1e-5f)
                    fail_msg("sample %llu, %s: label %u, wanted %u; class %u %.9g, wanted %.9g\n%s",
                             (unsigned long long)n, way ? "bytes" : "floats", label[way], wanted[n], k,
                             (double)got[way][k], (double)levels[n * classes + k], s->maps.text);
        }
    }
    free(levels);
    free(scratch);
}

/* ---- in whole numbers ---- */

/* Whether the map of a layer is whole in the scratch when the answer is there, and made of activations in 8-bit
 * inference, too. */
static bool is_left(const subject *s, const bc_source *source, uint32_t layer)
{
    const bc_source_layer *l = &source->layers[layer];
    uint64_t count = bt_values(l->layer->out);
    bool read = false;
    if (l->fused || layer + 1 == s->program->layer_count)
        return false;
    for (uint32_t i = layer + 1; i < s->program->layer_count; i++) {
        const bc_source_layer *other = &source->layers[i];
        for (uint32_t n = 0; n < other->layer->source_count; n++)
            read |= other->layer->sources[n] == layer && !bc_is_pool(other->layer);
        if (i + 1 < s->program->layer_count && !other->fused && other->at < l->at + count &&
            l->at < other->at + bt_values(other->layer->out))
            return false;
    }
    return read;
}

static uint8_t byte_of(float value, float quanta)
{
    volatile float scaled = value * quanta;
    scaled = scaled + 0.5f;
    return (uint8_t)(scaled < 255 ? scaled : 255);
}

static void check_map(const subject *s, const bc_source *source, uint32_t layer, const br_workspace *w,
                      const uint8_t *scratch, tally *t)
{
    const br_map *map = &br_network_model(s->network)->layers[layer].shape.out;
    const bc_source_layer *l = &source->layers[layer];
    const float quanta = 255 / bc_top_above(source, layer, NULL);
    const uint8_t *got = scratch + 4 * (source->sums + source->largest + source->drives) + l->at;
    for (uint64_t i = 0; i < br_map_values(*map); i++) {
        float o = w->layers[layer].out[i / map->channels * map->pitch + i % map->channels];
        if (got[i] != byte_of(o, quanta))
            fail_msg("layer %s, value %llu: %u, in 8 bits %u (%.9g)\n%s", l->layer->name, (unsigned long long)i, got[i],
                     byte_of(o, quanta), (double)o, s->maps.text);
        t->bytes++;
    }
}

static void check_whole(const subject *s, const bc_source *source, void *library, tally *t)
{
    br_error error;
    br_workspace *w;
    uint32_t last = s->program->layer_count - 1, classes = s->program->layers[last].neurons;
    uint64_t values = ref_values(s->maps.graph.input);
    const float range = (float)s->program->layers[last].range_out;
    uint8_t levels[64], *scratch = malloc(bc_source_facts(source)->scratch_bytes);
    assert_true(scratch && classes <= 64);
    if (br_workspace_new(s->network, 1, false, &w, &error) != 0 || br_work_int8(w, s->quantised, &error) != 0)
        fail_on(s, &error);
    predict_whole *predict = (predict_whole *)c_source_function(library, s->program->name, "_predict_u8");
    for (uint64_t n = 0; n < s->samples.count; n++) {
        memset(scratch, n % 2 ? 0x55 : 0xff, bc_source_facts(source)->scratch_bytes);
        for (uint64_t i = 0; i < values; i++)
            w->in[i] = (float)((double)(float)s->program->input.range * (s->samples.bytes[n * values + i] / 255.0));
        br_forward_alone(w, 0, last + 1, 0, 1);
        const br_layer_state *top = &w->layers[last];
        uint32_t wanted = 0, got = predict(s->samples.bytes + n * values, levels, scratch);
        for (uint32_t k = 1; k < classes; k++)
            wanted = top->drive[k] > top->drive[wanted] ? k : wanted;
        if (got != wanted)
            fail_msg("sample %llu: label %u, in 8 bits %u\n%s", (unsigned long long)n, got, wanted, s->maps.text);
        for (uint32_t k = 0; k < classes; k++)
            if (levels[k] != byte_of(top->out[k] / range, 255))
                fail_msg("sample %llu: class %u fires %u, in 8 bits %.9g\n%s", (unsigned long long)n, k, levels[k],
                         (double)(top->out[k] / range * 255), s->maps.text);
        for (uint32_t l = 0; l < last; l++)
            if (is_left(s, source, l))
                check_map(s, source, l, w, scratch, t);
    }
    br_workspace_free(w);
    free(scratch);
}

/* ---- both ---- */

static void count(const bc_source *source, tally *t)
{
    for (uint32_t i = 0; i < source->program->layer_count; i++) {
        const bc_source_layer *l = &source->layers[i];
        t->fused += l->fused;
        t->listed += l->bounds.listed;
        t->packed += l->bounds.packed;
        t->odd += l->firing.odd_count > 0;
        t->depressed += l->layer->depress_count > 0;
        t->joined += l->layer->source_count > 1;
        t->by_rows += l->by_rows;
    }
}

static void try_source(const subject *s, bool whole, bool speed, const char *compiler, tally *t)
{
    br_error error;
    bc_source *source;
    bc_artefact_options options = {
        .high = 255, .quantised = whole ? s->quantised : NULL, .lit = s->lit, .speed = speed};
    if (bc_source_new(s->program, s->network, &options, &source, &error) != 0) {
        if (!whole || error.kind != BR_ERROR_CHECK || !strstr(error.message, "layer l") ||
            !strstr(error.message, "without --quantize"))
            fail_on(s, &error);
        t->refused++;
        return;
    }
    void *library = c_source_load(source, folder, compiler, s->maps.text);
    count(source, t);
    if (whole)
        check_whole(s, source, library, t);
    else
        check_floats(s, source, library);
    *(whole ? &t->whole : &t->floats) += 1;
    t->coded += source->coded;
    t->wide += bc_needs_of(source).wide;
    t->mixed += source->coded && bc_needs_of(source).bounds;
    dlclose(library);
    bc_source_free(source);
}

static void source_answers_as_the_network_does(void **state)
{
    uint64_t seed = c_source_begin(folder, 20261129);
    tally t = {0};
    (void)state;
    for (uint32_t i = 0; i < fewer(NETWORKS); i++) {
        ref_random random = {seed * 1000003u + i};
        subject s;
        const char *compiler = c_source_compiler(i);
        subject_new(&s, &random, i);
        try_source(&s, false, i / 2 % 2 == 0, compiler, &t);
        try_source(&s, true, i / 2 % 2 == 0, compiler, &t);
        subject_free(&s);
    }
    c_source_remove(folder);
    print_message(
        "%u in floats, %u in whole numbers with %llu bytes of maps, %u of these with bounds of 4 bits, %u of 8, too, "
        "%u refused, %u for speed; layers: %u fused, %u listed, %u packed, %u with odd sums, %u depressed, %u joined, "
        "%u "
        "by rows\n",
        t.floats, t.whole, (unsigned long long)t.bytes, t.coded, t.mixed, t.refused, t.wide, t.fused, t.listed,
        t.packed, t.odd, t.depressed, t.joined, t.by_rows);
    assert_true(t.floats == fewer(NETWORKS) && t.whole + t.refused == fewer(NETWORKS));
    assert_true(t.whole >= fewer(NETWORKS) / 3 && t.bytes > 0 && t.coded > 0 && t.listed > 0 && t.joined > 0);
    assert_true(t.wide > 0);
    assert_true((t.packed > 0 && t.by_rows > 0) || fewer(NETWORKS) < NETWORKS);
}

/* ---- ramps ---- */

static bc_float_firing draw_firing(ref_random *random)
{
    bool level = ref_chance(random, 0.2), homeostasis = ref_chance(random, 0.3);
    float range = (float)(0.1 + 0.89 * ref_unit(random)), top = range * (float)(0.2 + 0.8 * ref_unit(random));
    return (bc_float_firing){.worth = (float)exp2(-8 - 12 * ref_unit(random)),
                             .homeostasis = homeostasis,
                             .binary = ref_chance(random, 0.1),
                             .level = level,
                             .theta = (float)(homeostasis ? 4 * ref_unit(random) - 2 : 0.9 * ref_unit(random)),
                             .gain = (float)exp2(2 - 4 * ref_unit(random)),
                             .range = range,
                             .quanta = level ? 255 : 255 / top};
}

/* Every sum, not only those next to a step. */
static void ramps_fire_as_floats_do(void **state)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20261130, sums = 0, odd = 0;
    (void)state;
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    for (uint32_t i = 0; i < fewer(RAMPS); i++) {
        ref_random random = {seed * 1000003u + i};
        br_error error;
        bc_firing firing;
        bc_float_firing f = draw_firing(&random);
        int32_t low = -(int32_t)ref_below(&random, 200000), high = (int32_t)ref_below(&random, 400000);
        bc_fire_task task = {&f, &low, &high, 1, true};
        if (bc_firing_new(&task, &firing, &error) != 0)
            fail_msg("%s", error.message);
        for (int32_t sum = low; sum <= high; sum++, sums++)
            if (bc_ramp_byte(&firing, &firing.ramps[0], sum) != bc_fire_byte(&f, sum))
                fail_msg("ramp %u, sum %d: %u, in floats %u", i, sum, bc_ramp_byte(&firing, &firing.ramps[0], sum),
                         bc_fire_byte(&f, sum));
        odd += firing.odd_count;
        bc_firing_free(&firing);
    }
    print_message("%llu sums, %llu odd ones\n", (unsigned long long)sums, (unsigned long long)odd);
    assert_true(odd > 0 && odd < 4ull * fewer(RAMPS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ramps_fire_as_floats_do),
                                       cmocka_unit_test(source_answers_as_the_network_does)};
    return cmocka_run_group_tests_name("compiler/source", tests, NULL, NULL);
}
