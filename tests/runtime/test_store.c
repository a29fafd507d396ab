/* Model files: what is written is read back, the same state gives the same bytes, and nothing in a file is believed. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>

#include "bouton/runtime.h"
#include "scratch.h"

enum { INPUTS = 3, HIDDEN = 5, CLASSES = 2, LAYERS = 2, MOST = INPUTS * HIDDEN };

static const br_layer_code layers[LAYERS] = {
    {.name = "hidden",
     .inputs = INPUTS,
     .neurons = HIDDEN,
     .input_stride = 8,
     .stride = 8,
     .lanes = 8,
     .form = BR_FORM_V,
     .range_in = 0.5f,
     .range_out = 0.5f,
     .alpha_max = 0.5f,
     .theta_max = 0.9f},
    {.name = "class",
     .inputs = HIDDEN,
     .neurons = CLASSES,
     .input_stride = 8,
     .stride = 8,
     .lanes = 8,
     .form = BR_FORM_V,
     .range_in = 0.5f,
     .range_out = 0.5f,
     .alpha_max = 0.5f,
     .theta_max = 0.9f},
};

static const br_model model = {.version = BR_INTERFACE_VERSION,
                               .layer_count = LAYERS,
                               .name = "small",
                               .cpu = "generic",
                               .height = 1,
                               .width = INPUTS,
                               .channels = 1,
                               .input_range = 0.5f,
                               .layers = layers};

static const br_file_facts facts = {.source = "network small { /* \"q\" \\ \xc3\xa9 */ }\n",
                                    .network = "small",
                                    .version = BR_VERSION,
                                    .seed = 18446744073709551615ull,
                                    .data_hash = 0x00ab54a98ceb1f0aull,
                                    .phase = 1,
                                    .epoch = 25};

#define METADATA                                                                                                       \
    "\"format\":\"bouton\",\"bouton.version\":\"" BR_VERSION "\",\"bouton.interface\":\"1\","                          \
    "\"bouton.network\":\"small\",\"bouton.source\":\"s\",\"bouton.seed\":\"1\",\"bouton.data_hash\":\"00\","          \
    "\"bouton.phase\":\"0\",\"bouton.epoch\":\"1\""

typedef struct fixture {
    scratch place;
    br_network *network;
    const char *path; /* where the model file of a test lies */
} fixture;

static br_network *network_of(const br_model *of, uint64_t seed)
{
    static const br_layer_start starts[3] = {
        {.excitatory = 0.5f, .start = BR_START_UNIFORM, .low = 0, .high = 0.5f, .theta = 0.05f},
        {.excitatory = 0.5f, .start = BR_START_UNIFORM, .low = 0.1f, .high = 0.3f, .theta = 0.1f},
        {.excitatory = 0.5f, .start = BR_START_UNIFORM, .low = 0, .high = 0.5f, .theta = 0.05f}};
    br_error error;
    br_network *network;
    assert_int_equal(br_network_new(of, &network, &error), 0);
    assert_int_equal(br_network_start(network, starts, seed, &error), 0);
    return network;
}

static int begin(void **state)
{
    static fixture f;
    *state = &f;
    if (scratch_new(&f.place) != 0)
        return -1;
    f.path = scratch_path(&f.place, "model.safetensors");
    f.network = network_of(&model, 7);
    return 0;
}

static int end(void **state)
{
    fixture *f = *state;
    br_network_free(f->network);
    scratch_remove(&f->place);
    return 0;
}

static unsigned char *written(fixture *f, size_t *count)
{
    br_error error;
    assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);
    unsigned char *bytes = scratch_read(f->path, count);
    assert_non_null(bytes);
    return bytes;
}

static void assert_message(const br_error *error, const char *path, const char *why)
{
    if (!strstr(error->message, path) || !strstr(error->message, why))
        fail_msg("\"%s\" names not both %s and \"%s\"", error->message, path, why);
}

static void assert_not_opened(const char *path, const char *why)
{
    br_error error = {0};
    br_model_file *file;
    if (br_model_open(path, &file, &error) == 0)
        fail_msg("opened, though \"%s\"", why);
    assert_null(file);
    assert_int_equal(error.kind, BR_ERROR_IO);
    assert_message(&error, path, why);
}

/* ---- writing and reading back ------------------------------------------------------------------------------------ */

static void round_trip(void **state)
{
    fixture *f = *state;
    br_error error;
    br_model_file *file;
    assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);
    assert_int_equal(scratch_count(&f->place), 1);
    assert_int_equal(br_model_open(f->path, &file, &error), 0);

    const br_file_facts *read = br_model_facts(file);
    assert_string_equal(read->source, facts.source);
    assert_string_equal(read->network, facts.network);
    assert_string_equal(read->version, facts.version);
    assert_true(read->seed == facts.seed);
    assert_true(read->data_hash == facts.data_hash);
    assert_int_equal(read->phase, facts.phase);
    assert_int_equal(read->epoch, facts.epoch);

    br_network *other = network_of(&model, 8);
    assert_int_equal(br_model_restore(file, other, &error), 0);
    for (uint32_t l = 0; l < LAYERS; l++) {
        float alpha[2][MOST], theta[2][HIDDEN];
        int8_t sign[2][MOST];
        br_network_export(f->network, l, alpha[0], sign[0], theta[0]);
        br_network_export(other, l, alpha[1], sign[1], theta[1]);
        for (uint32_t i = 0; i < layers[l].inputs * layers[l].neurons; i++) {
            assert_true(fabsf(alpha[0][i] - alpha[1][i]) <= 1e-6f); /* alpha -> v -> alpha rounds */
            assert_int_equal(sign[0][i], sign[1][i]);
        }
        assert_memory_equal(theta[0], theta[1], layers[l].neurons * sizeof(float));
    }
    br_network_free(other);
    br_model_close(file);
    br_model_close(NULL);
}

static void same_state_same_bytes(void **state)
{
    fixture *f = *state;
    size_t counts[2];
    unsigned char *first = written(f, &counts[0]), *second = written(f, &counts[1]);
    assert_int_equal(counts[0], counts[1]);
    assert_memory_equal(first, second, counts[0]);
    free(first);
    free(second);
}

/* The format as its specification has it, byte by byte, and our order of keys. */
static void header_is_as_specified(void **state)
{
    static const char wanted[] =
        "{\"__metadata__\":{\"format\":\"bouton\",\"bouton.version\":\"" BR_VERSION "\",\"bouton.interface\":\"1\","
        "\"bouton.network\":\"small\",\"bouton.source\":\"network small { /* \\\"q\\\" \\\\ \xc3\xa9 */ }\\n\","
        "\"bouton.seed\":\"18446744073709551615\",\"bouton.data_hash\":\"00ab54a98ceb1f0a\",\"bouton.phase\":\"1\","
        "\"bouton.epoch\":\"25\"},"
        "\"hidden.alpha\":{\"dtype\":\"F32\",\"shape\":[5,3],\"data_offsets\":[0,60]},"
        "\"hidden.theta\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[60,80]},"
        "\"class.alpha\":{\"dtype\":\"F32\",\"shape\":[2,5],\"data_offsets\":[80,120]},"
        "\"class.theta\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[120,128]},"
        "\"hidden.sign\":{\"dtype\":\"I8\",\"shape\":[5,3],\"data_offsets\":[128,143]},"
        "\"class.sign\":{\"dtype\":\"I8\",\"shape\":[2,5],\"data_offsets\":[143,153]}}";
    size_t count, padded = (sizeof wanted - 1 + 7) / 8 * 8;
    unsigned char *bytes = written(*state, &count);
    assert_int_equal(count, 8 + padded + 153);
    for (int i = 0; i < 8; i++)
        assert_int_equal(bytes[i], padded >> 8 * i & 255);
    assert_memory_equal(bytes + 8, wanted, sizeof wanted - 1);
    for (size_t i = sizeof wanted - 1; i < padded; i++)
        assert_int_equal(bytes[8 + i], ' ');

    float alpha[MOST], theta[HIDDEN];
    int8_t sign[MOST];
    br_network_export(((fixture *)*state)->network, 0, alpha, sign, theta);
    const unsigned char *data = bytes + 8 + padded;
    assert_memory_equal(data, alpha, 60);
    assert_memory_equal(data + 60, theta, 20);
    assert_memory_equal(data + 128, sign, 15);
    free(bytes);
}

static void text_that_is_not_utf8_is_refused(void **state)
{
    fixture *f = *state;
    br_error error;
    br_file_facts bad = facts;
    bad.source = "\xff";
    assert_int_equal(br_model_write(f->path, f->network, &bad, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    assert_message(&error, f->path, "not UTF-8");
    assert_int_equal(scratch_count(&f->place), 0);
}

static void missing_folder_is_an_error(void **state)
{
    fixture *f = *state;
    br_error error = {0};
    const char *path = scratch_path(&f->place, "missing/model.safetensors");
    assert_int_equal(br_model_write(path, f->network, &facts, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_IO);
    assert_message(&error, path, "No such file or directory");
    assert_not_opened(path, "No such file or directory");
}

/* A full disk, played by a limit on file sizes, at many places of the file. */
static void failing_write_keeps_the_old_file(void **state)
{
    fixture *f = *state;
    size_t count, after;
    unsigned char *old = written(f, &count);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (size_t limit = 0; limit < count; limit += 37) {
        br_error error = {0};
        struct rlimit small = {.rlim_cur = limit, .rlim_max = before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        int result = br_model_write(f->path, f->network, &facts, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(result, -1);
        assert_message(&error, f->path, "File too large");
        unsigned char *now = scratch_read(f->path, &after);
        assert_int_equal(after, count);
        assert_memory_equal(now, old, count);
        assert_int_equal(scratch_count(&f->place), 1);
        free(now);
    }
    signal(SIGXFSZ, handler);
    free(old);
}

/* ---- files that are not whole ------------------------------------------------------------------------------------ */

static void every_truncation_is_noticed(void **state)
{
    fixture *f = *state;
    size_t count;
    unsigned char *bytes = written(f, &count);
    for (size_t n = 0; n < count; n++) {
        assert_int_equal(scratch_write(f->path, bytes, n), 0);
        assert_not_opened(f->path, "cut short");
    }
    free(bytes);
}

static void numbers_of_a_truncation_are_named(void **state)
{
    fixture *f = *state;
    size_t count;
    char wanted[128];
    unsigned char *bytes = written(f, &count);
    snprintf(wanted, sizeof wanted, "is cut short: its header promises %zu bytes, the file has %zu", count, count - 1);
    assert_int_equal(scratch_write(f->path, bytes, count - 1), 0);
    assert_not_opened(f->path, wanted);
    snprintf(wanted, sizeof wanted, "its header promises %zu bytes, the file has %zu", count, count + 1);
    assert_int_equal(scratch_write(f->path, bytes, count + 1), 0); /* scratch_read adds one byte */
    assert_not_opened(f->path, wanted);
    free(bytes);
}

static void what_is_no_file_is_refused(void **state)
{
    fixture *f = *state;
    assert_not_opened(f->place.folder, "not a regular file");
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_not_opened(f->path, "not a regular file");
}

static uint64_t test_seed(void)
{
    const char *text = getenv("BOUTON_TEST_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : 20240611;
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    return seed;
}

/* Opened or refused with a message; the sanitizers watch for anything worse. */
static void mutations_are_survived(void **state)
{
    fixture *f = *state;
    size_t count;
    unsigned char *bytes = written(f, &count), *mutant = malloc(count);
    uint64_t seed = test_seed();
    uint32_t refused = 0, rounds = 4000;
    for (uint32_t round = 0; round < rounds; round++) {
        uint32_t words[4], places[4];
        br_random4(seed, BR_STREAM_TEST, 0, round, words);
        br_random4(seed, BR_STREAM_TEST, 1, round, places);
        memcpy(mutant, bytes, count);
        for (uint32_t i = 0; i <= words[0] % 4; i++) /* one byte in four a digit: numbers stay numbers */
            mutant[br_random_below(places[i], (uint32_t)count)] =
                (unsigned char)(words[1] & 1u << i ? '0' + words[2] % 10 : words[3] >> 8 * i);
        assert_int_equal(scratch_write(f->path, mutant, count), 0);
        br_error error = {0};
        br_model_file *file;
        int result = br_model_open(f->path, &file, &error);
        if (result == 0) {
            br_network *other = network_of(&model, 1);
            result = br_model_restore(file, other, &error);
            br_network_free(other);
            br_model_close(file);
        }
        if (result != 0)
            assert_message(&error, f->path, ": ");
        refused += result != 0;
    }
    assert_in_range(refused, rounds / 10, rounds); /* most of a small file is header */
    free(bytes);
    free(mutant);
}

/* ---- headers made to deceive ------------------------------------------------------------------------------------- */

static void write_header(const char *path, uint64_t length, const char *header, size_t data)
{
    size_t text = strlen(header);
    unsigned char *bytes = calloc(8 + text + data, 1);
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(length >> 8 * i);
    memcpy(bytes + 8, header, text);
    assert_int_equal(scratch_write(path, bytes, 8 + text + data), 0);
    free(bytes);
}

#define TENSORS(text) "{\"__metadata__\":{" METADATA "}," text "}"
#define ENTRY(name, dtype, shape, offsets)                                                                             \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const struct hostile {
    const char *header;
    size_t data;
    const char *why;
} hostile_headers[] = {
    {"{}", 0, "not one of bouton's"},
    {"{\"__metadata__\":{\"format\":\"pt\"}}", 0, "not one of bouton's (its format is \"pt\")"},
    {"{\"__metadata__\":[]}", 0, "not one of bouton's"},
    {"{\"__metadata__\":{\"format\":\"\\u001b[31m\"}}", 0, "its format is \"?[31m\""},
    {"{\"__metadata__\":{\"format\":\"bouton\"}}", 0, "holds no text `bouton.version`"},
    {"{\"__metadata__\":{\"format\":\"bouton\",\"bouton.version\":\"1.x.0\"}}", 0, "version is \"1.x.0\""},
    {"{\"__metadata__\":{\"format\":\"bouton\",\"bouton.version\":\"1.0\"}}", 0, "version is \"1.0\""},
    {"{\"__metadata__\":{\"format\":\"bouton\",\"bouton.version\":\"0.10.0\"}}", 0,
     "written by bouton 0.10.0, newer than this " BR_VERSION},
    {"{\"__metadata__\":{\"format\":\"bouton\",\"bouton.version\":\"999.0.0\"},\"new.kind\":{}}", 0,
     "written by bouton 999.0.0"},
    {"{\"__metadata__\":{\"format\":\"bouton\",\"bouton.version\":\"0.1.0\",\"bouton.interface\":\"999\"}}", 0,
     "interface 999"},
    {"{\"__metadata__\":{" METADATA ",\"bouton.seed\":\"2\"}}", 0, "not proper JSON"},
    {"{\"a.alpha\":1,\"a.alpha\":2}", 0, "duplicate"},
    {"{\"a\":", 0, "not proper JSON"},
    {"{} x", 0, "not proper JSON"},
    {"{\"a\":\"\xff\"}", 0, "not proper JSON"},
    {TENSORS("\"a.alpha\":[]"), 0, "tensor a.alpha is not described"},
    {TENSORS("\"a.alpha\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[0,4],\"x\":1}"), 4, "is not described"},
    {TENSORS(ENTRY("a.beta", "F32", "[1]", "[0,4]")), 4, "tensor a.beta is none that bouton knows"},
    {TENSORS(ENTRY(".alpha", "F32", "[1,1]", "[0,4]")), 4, "is none that bouton knows"},
    {TENSORS(ENTRY("a.alpha", "F64", "[1,1]", "[0,8]")), 8, "has dtype F64, not F32"},
    {TENSORS(ENTRY("a.sign", "F32", "[1,1]", "[0,4]")), 4, "has dtype F32, not I8"},
    {TENSORS(ENTRY("a.alpha", "F32", "[4]", "[0,16]")), 16, "has 1 dimensions, not 2"},
    {TENSORS(ENTRY("a.alpha", "F32", "[0,4]", "[0,0]")), 0, "has a dimension that can't be"},
    {TENSORS(ENTRY("a.alpha", "F32", "[-1,-1]", "[0,4]")), 4, "has a dimension that can't be"},
    {TENSORS(ENTRY("a.alpha", "F32", "[1.0,1]", "[0,4]")), 4, "has a dimension that can't be"},
    {TENSORS(ENTRY("a.alpha", "F32", "[4294967296,4294967296]", "[0,0]")), 0, "has a dimension that can't be"},
    {TENSORS(ENTRY("a.alpha", "F32", "[4611686018427387905,1]", "[0,4]")), 4, "has a dimension that can't be"},
    {TENSORS(ENTRY("a.alpha", "F32", "[99999999999999999999,1]", "[0,4]")), 4, "not proper JSON"},
    {TENSORS(ENTRY("a.alpha", "F32", "[1,1]", "[4,0]")), 4, "not a begin and an end"},
    {TENSORS(ENTRY("a.alpha", "F32", "[1,1]", "[-4,0]")), 4, "not a begin and an end"},
    {TENSORS(ENTRY("a.alpha", "F32", "[1,1]", "[0,4,8]")), 8, "not a begin and an end"},
    {TENSORS(ENTRY("a.alpha", "F32", "[1,2]", "[0,4]")), 4, "has room for 4 bytes, its shape takes 8"},
    {TENSORS(ENTRY("a.alpha", "F32", "[1,1]", "[4,8]")), 8, "begins at byte 4, where 0 is due (a hole)"},
    {TENSORS(ENTRY("a.alpha", "F32", "[1,1]", "[0,4]") "," ENTRY("a.theta", "F32", "[1]", "[0,4]")), 4, "an overlap"},
    {TENSORS(ENTRY("a.alpha", "F32", "[1,1]", "[9223372036854775803,9223372036854775807]")), 4, "a hole"},
    {TENSORS(ENTRY("a.theta", "F32", "[2305843009213693951]", "[0,9223372036854775804]")), 4, "is cut short"},
    {TENSORS(ENTRY("a.theta", "F32", "[250000000]", "[0,1000000000]")), 4, "is cut short"},
    {TENSORS(ENTRY("a.theta", "F32", "[1]", "[0,4]")), 5, "its header promises"},
};

static void hostile_headers_are_refused(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < sizeof hostile_headers / sizeof *hostile_headers; i++) {
        const struct hostile *h = &hostile_headers[i];
        write_header(f->path, strlen(h->header), h->header, h->data);
        assert_not_opened(f->path, h->why);
    }
}

static void hostile_lengths_are_refused(void **state)
{
    fixture *f = *state;
    static const uint64_t lengths[] = {0, 1, (64u << 20) + 1, INT64_MAX, UINT64_MAX, UINT64_MAX - 7};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_header(f->path, lengths[i], "{}", 0);
        assert_not_opened(f->path, "is not a .safetensors file");
    }
    write_header(f->path, 64u << 20, "{}", 0);
    assert_not_opened(f->path, "is cut short");
    assert_int_equal(scratch_write(f->path, "\x89PNG\r\n\x1a\n....IHDR", 16), 0);
    assert_not_opened(f->path, "is not a .safetensors file");
}

static void deep_nesting_is_refused(void **state)
{
    fixture *f = *state;
    static char header[200000];
    memset(header, '[', sizeof header - 1);
    memcpy(header, "{\"a\":", 5);
    write_header(f->path, strlen(header), header, 0);
    assert_not_opened(f->path, "depth");
}

/* Files of the ecosystem may list tensors in any order and add metadata of their own. */
static void other_orders_and_metadata_are_read(void **state)
{
    fixture *f = *state;
    static const char header[] =
        "{" ENTRY("a.sign", "I8", "[1,1]", "[8,9]") "," ENTRY("a.alpha", "F32", "[1,1]", "[4,8]") "," ENTRY(
            "a.theta", "F32", "[1]", "[0,4]") ",\"__metadata__\":{\"x\":\"y\"," METADATA "}}  ";
    br_error error;
    br_model_file *file;
    write_header(f->path, strlen(header), header, 9);
    assert_int_equal(br_model_open(f->path, &file, &error), 0);
    assert_int_equal(br_model_facts(file)->epoch, 1);
    br_model_close(file);
}

/* ---- restoring ----------------------------------------------------------------------------------------------------
 */

static void assert_not_restored(fixture *f, const br_model *into, const char *why)
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

static void other_networks_are_told_apart(void **state)
{
    fixture *f = *state;
    br_error error;
    assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);

    br_layer_code changed[3] = {layers[0], layers[1], layers[1]};
    br_model other = model;
    other.layers = changed;
    changed[0].neurons = changed[1].inputs = 4;
    assert_not_restored(f, &other, "is from another network: the shape of hidden.alpha is [5, 3] there, [4, 3] here");
    changed[0] = layers[0];
    changed[1] = layers[1];
    changed[1].name = "answer";
    assert_not_restored(f, &other, "is from another network: it holds no tensor answer.alpha");
    changed[1] = layers[1];
    other.layer_count = 1;
    assert_not_restored(f, &other, "is from another network: it holds 6 tensors, this one has 3");
    other.layer_count = 3;
    changed[2].name = "more";
    changed[2].inputs = CLASSES;
    assert_not_restored(f, &other, "is from another network: it holds no tensor more.alpha");
}

/* Values are judged by br_network_import; its reason is told with the file's name. */
static void impossible_values_are_refused(void **state)
{
    fixture *f = *state;
    static const struct {
        size_t at; /* within the data section */
        uint32_t word;
    } cases[] = {{0, 0x7fc00000 /* alpha NaN */},
                 {56, 0x3f400000 /* alpha .75 */},
                 {60, 0x3f800000 /* theta 1 */},
                 {128, 0 /* signs 0 */}};
    size_t count;
    unsigned char *bytes = written(f, &count);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char *at = bytes + count - 153 + cases[i].at;
        uint32_t before;
        memcpy(&before, at, 4);
        memcpy(at, &cases[i].word, 4);
        assert_int_equal(scratch_write(f->path, bytes, count), 0);
        assert_not_restored(f, &model, "hidden");
        memcpy(at, &before, 4);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trip, begin, end),
        cmocka_unit_test_setup_teardown(same_state_same_bytes, begin, end),
        cmocka_unit_test_setup_teardown(header_is_as_specified, begin, end),
        cmocka_unit_test_setup_teardown(text_that_is_not_utf8_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(missing_folder_is_an_error, begin, end),
        cmocka_unit_test_setup_teardown(failing_write_keeps_the_old_file, begin, end),
        cmocka_unit_test_setup_teardown(every_truncation_is_noticed, begin, end),
        cmocka_unit_test_setup_teardown(numbers_of_a_truncation_are_named, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(mutations_are_survived, begin, end),
        cmocka_unit_test_setup_teardown(hostile_headers_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(hostile_lengths_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(deep_nesting_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(other_orders_and_metadata_are_read, begin, end),
        cmocka_unit_test_setup_teardown(other_networks_are_told_apart, begin, end),
        cmocka_unit_test_setup_teardown(impossible_values_are_refused, begin, end),
    };
    return cmocka_run_group_tests_name("runtime/store", tests, NULL, NULL);
}
