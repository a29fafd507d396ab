/* A small network in a new folder, for the suites of model files: two layers of odd sizes, without code. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bouton/runtime.h"
#include "scratch.h"

enum { INPUTS = 3, HIDDEN = 5, CLASSES = 2, LAYERS = 2, MOST = INPUTS * HIDDEN };

static const uint32_t input = BT_INPUT, below = 0;

static const br_layer_code layers[LAYERS] = {
    {.name = "hidden",
     .shape.inputs = INPUTS,
     .shape.neurons = HIDDEN,
     .shape.in = {1, 1, INPUTS, INPUTS, 8},
     .shape.out = {1, 1, HIDDEN, 8, 8},
     .shape.field_height = 1,
     .shape.field_width = 1,
     .layout.rows = INPUTS,
     .source_count = 1,
     .sources = &input,
     .layout.pitch = 8,
     .layout.lanes = 8,
     .parameters.bound_encoding = BR_BOUND_V,
     .parameters.range_in = 0.5f,
     .parameters.range_out = 0.5f,
     .parameters.alpha_max = 0.5f,
     .parameters.a_max = 2,
     .parameters.v_max = 1,
     .parameters.theta_max = 0.9f},
    {.name = "class",
     .shape.inputs = HIDDEN,
     .shape.neurons = CLASSES,
     .shape.in = {1, 1, HIDDEN, 8, 8},
     .shape.out = {1, 1, CLASSES, 8, 8},
     .shape.field_height = 1,
     .shape.field_width = 1,
     .layout.rows = 8,
     .source_count = 1,
     .sources = &below,
     .layout.pitch = 8,
     .layout.lanes = 8,
     .parameters.bound_encoding = BR_BOUND_V,
     .parameters.range_in = 0.5f,
     .parameters.range_out = 0.5f,
     .parameters.alpha_max = 0.5f,
     .parameters.a_max = 2,
     .parameters.v_max = 1,
     .parameters.theta_max = 0.9f},
};

static const br_model model = {.version = BR_INTERFACE_VERSION,
                               .layer_count = LAYERS,
                               .answer = LAYERS - 1,
                               .name = "small",
                               .cpu = "generic",
                               .shape = {1, INPUTS, 1},
                               .input_range = 0.5f,
                               .layers = layers};

static const br_file_facts facts = {.source = "network small { /* \"q\" \\ \xc3\xa9 */ }\n",
                                    .network = "small",
                                    .version = BR_VERSION,
                                    .seed = 18446744073709551615ull,
                                    .data_hash = 0x00ab54a98ceb1f0aull,
                                    .phase = 1,
                                    .epoch = 25};

typedef struct fixture {
    scratch place;
    br_network *network;
    const char *path; /* path of the test's model file */
} fixture;

static inline br_network *network_of(const br_model *of, uint64_t seed)
{
    static const br_layer_start starts[3] = {
        {.excitatory = 0.5f, .start = BT_START_UNIFORM, .low = 0, .high = 0.5f, .theta = 0.05f},
        {.excitatory = 0.5f, .start = BT_START_UNIFORM, .low = 0.1f, .high = 0.3f, .theta = 0.1f},
        {.excitatory = 0.5f, .start = BT_START_UNIFORM, .low = 0, .high = 0.5f, .theta = 0.05f}};
    br_error error;
    br_network *network;
    assert_int_equal(br_network_new(of, &network, &error), 0);
    assert_int_equal(br_network_start(network, starts, seed, &error), 0);
    return network;
}

static inline int begin(void **state)
{
    static fixture f;
    *state = &f;
    if (scratch_new(&f.place) != 0)
        return -1;
    f.path = scratch_path(&f.place, "model.safetensors");
    f.network = network_of(&model, 7);
    return 0;
}

static inline int end(void **state)
{
    fixture *f = *state;
    br_network_free(f->network);
    scratch_remove(&f->place);
    return 0;
}

static inline unsigned char *written(fixture *f, size_t *count)
{
    br_error error;
    assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);
    unsigned char *bytes = scratch_read(f->path, count);
    assert_non_null(bytes);
    return bytes;
}

static inline void assert_message(const br_error *error, const char *path, const char *why)
{
    if (!strstr(error->message, path) || !strstr(error->message, why))
        fail_msg("\"%s\" names not both %s and \"%s\"", error->message, path, why);
}

static inline void assert_not_opened(const char *path, const char *why)
{
    br_error error = {0};
    br_model_file *file;
    if (br_model_open(path, &file, &error) == 0)
        fail_msg("opened, though \"%s\"", why);
    assert_null(file);
    assert_int_equal(error.kind, BR_ERROR_IO);
    assert_message(&error, path, why);
}

static inline void assert_not_restored(fixture *f, const br_model *into, const char *why)
{
    br_error error = {0};
    br_model_file *file;
    br_network *other = network_of(into, 1);
    assert_int_equal(br_model_open(f->path, &file, &error), 0);
    assert_int_equal(br_model_restore(file, other, &error), -1);
    assert_message(&error, f->path, why);
    br_model_close(file);
    br_network_free(other);
}

static inline uint64_t test_seed(void)
{
    const char *text = getenv("BOUTON_TEST_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : 20240611;
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    return seed;
}

/* Opens the file, or expects a message. Sanitizers watch for anything worse. */
static inline void survive_mutations(fixture *f, const br_model *of)
{
    size_t count;
    unsigned char *bytes = written(f, &count), *mutant = malloc(count);
    uint64_t seed = test_seed();
    uint32_t refused = 0, rounds = 4000;
    for (uint32_t round = 0; round < rounds; round++) {
        uint32_t words[4], places[4];
        br_random4(seed, BR_STREAM_TEST, 0, round, words);
        br_random4(seed, BR_STREAM_TEST, 1, round, places);
        memcpy(mutant, bytes, count);
        for (uint32_t i = 0; i <= words[0] % 4; i++) /* a quarter of the bytes become digits */
            mutant[br_random_below(places[i], (uint32_t)count)] =
                (unsigned char)(words[1] & 1u << i ? '0' + words[2] % 10 : words[3] >> 8 * i);
        assert_int_equal(scratch_write(f->path, mutant, count), 0);
        br_error error = {0};
        br_model_file *file;
        int result = br_model_open(f->path, &file, &error);
        if (result == 0) {
            br_network *other = network_of(of, 1);
            result = br_model_restore(file, other, &error);
            br_network_free(other);
            br_model_close(file);
        }
        if (result != 0)
            assert_message(&error, f->path, ": ");
        refused += result != 0;
    }
    assert_in_range(refused, rounds / 10, rounds); /* most of a small file is its header */
    free(bytes);
    free(mutant);
}

#endif
