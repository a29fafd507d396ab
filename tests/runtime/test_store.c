/* Model files: reading returns the written state, the same state gives the same bytes, and a network accepts only its
 * own files. */
#include "store_fixture.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

/* ---- writing and reading back ---- */

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
        for (uint32_t i = 0; i < layers[l].shape.inputs * layers[l].shape.neurons; i++) {
            assert_true(fabsf(alpha[0][i] - alpha[1][i]) <= 1e-6f); /* alpha -> v -> alpha rounds */
            assert_int_equal(sign[0][i], sign[1][i]);
        }
        assert_memory_equal(theta[0], theta[1], layers[l].shape.neurons * sizeof(float));
    }
    br_network_free(other);
    br_model_close(file);
    br_model_close(NULL);
}

/* A stream gets the bytes of the file. */
static void a_stream_gets_the_same_bytes(void **state)
{
    fixture *f = *state;
    br_error error;
    char *bytes = NULL, name[] = "in memory";
    size_t size = 0;
    assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);
    FILE *to = open_memstream(&bytes, &size), *file = fopen(f->path, "rb");
    assert_non_null(to);
    assert_non_null(file);
    assert_int_equal(br_model_write_to(to, name, f->network, &facts, &error), 0);
    assert_int_equal(fclose(to), 0);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(fgetc(file), (unsigned char)bytes[i]);
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    free(bytes);
    to = fopen("/dev/full", "wb");
    assert_non_null(to);
    setvbuf(to, NULL, _IONBF, 0);
    assert_int_equal(br_model_write_to(to, name, f->network, &facts, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_IO);
    fclose(to);
}

/* The history comes back as it was written; a damaged one is refused, a file without one has none. */
static void the_history_comes_back(void **state)
{
    fixture *f = *state;
    br_error error;
    br_file_facts with = facts;
    br_model_file *file;
    with.history = "history 1 2 1\nepoch 0 1 1 0.25 0.5 - - 0.125 1\nwins 1 3 1 0 7 9\n";
    assert_int_equal(br_model_write(f->path, f->network, &with, &error), 0);
    assert_int_equal(br_model_open(f->path, &file, &error), 0);
    assert_string_equal(br_model_facts(file)->history, with.history);
    br_model_close(file);
    with.history = "history 1 2 1\nepoch 0 1 1 0.25 0.5 - - 0.125\n";
    assert_int_equal(br_model_write(f->path, f->network, &with, &error), 0);
    assert_int_equal(br_model_open(f->path, &file, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_IO);
    assert_non_null(strstr(error.message, "is damaged: line 2 of the training's history"));
    assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);
    assert_int_equal(br_model_open(f->path, &file, &error), 0);
    assert_null(br_model_facts(file)->history);
    br_model_close(file);
}

/* The schema comes back as it was written; a file without one has none. */
static void the_schema_comes_back(void **state)
{
    static const char *const classes[] = {"oak", "lime \"\xc3\xa9\""};
    static const br_column columns[] = {{.role = BT_ROLE_NUMBER, .name = "height", .fill = 1.5},
                                        {.role = BT_ROLE_LABEL}};
    static const br_range ranges[] = {{-0.1, 1e30}};
    static const br_schema schema = {.class_count = 2,
                                     .classes = classes,
                                     .column_count = 2,
                                     .columns = columns,
                                     .scaling = BT_SCALING_STANDARD,
                                     .range_count = 1,
                                     .ranges = ranges};
    fixture *f = *state;
    br_error error;
    br_model_file *file;
    br_file_facts with = facts;
    char *text;
    assert_int_equal(br_schema_write(&schema, &text, &error), 0);
    with.schema = text;
    assert_int_equal(br_model_write(f->path, f->network, &with, &error), 0);
    assert_int_equal(br_model_open(f->path, &file, &error), 0);
    assert_string_equal(br_model_facts(file)->schema, text);
    br_model_close(file);
    assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);
    assert_int_equal(br_model_open(f->path, &file, &error), 0);
    assert_null(br_model_facts(file)->schema);
    br_model_close(file);
    free(text);
}

static void a_damaged_schema_is_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {{"", "line 0 of the schema is damaged"},
                 {"schema 9\n", "line 1 of the schema is damaged"},
                 {"schema 1\nscaling sideways\n", "line 2 of the schema is damaged"},
                 {"schema 1\nclass a\nrange 2 1\n", "line 3 of the schema is damaged"},
                 {"schema 1\nword orphan\n", "line 2 of the schema is damaged"}};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        br_error error;
        br_file_facts with = facts;
        with.schema = cases[i].text;
        assert_int_equal(br_model_write(f->path, f->network, &with, &error), 0);
        assert_not_opened(f->path, cases[i].why);
    }
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

/* The format byte by byte, as the specification defines it, with keys in our order. */
static void header_is_as_specified(void **state)
{
    static const char form[] =
        "{\"__metadata__\":{\"format\":\"bouton\",\"bouton.version\":\"" BR_VERSION "\",\"bouton.interface\":\"%u\","
        "\"bouton.network\":\"small\",\"bouton.source\":\"network small { /* \\\"q\\\" \\\\ \xc3\xa9 */ }\\n\","
        "\"bouton.seed\":\"18446744073709551615\",\"bouton.data_hash\":\"00ab54a98ceb1f0a\",\"bouton.phase\":\"1\","
        "\"bouton.epoch\":\"25\"},"
        "\"hidden.alpha\":{\"dtype\":\"F32\",\"shape\":[5,3],\"data_offsets\":[0,60]},"
        "\"hidden.theta\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[60,80]},"
        "\"class.alpha\":{\"dtype\":\"F32\",\"shape\":[2,5],\"data_offsets\":[80,120]},"
        "\"class.theta\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[120,128]},"
        "\"class.sharpness\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[128,132]},"
        "\"hidden.sign\":{\"dtype\":\"I8\",\"shape\":[5,3],\"data_offsets\":[132,147]},"
        "\"class.sign\":{\"dtype\":\"I8\",\"shape\":[2,5],\"data_offsets\":[147,157]}}";
    char wanted[sizeof form + 16];
    size_t length = (size_t)snprintf(wanted, sizeof wanted, form, BR_INTERFACE_VERSION);
    size_t count, padded = (length + 7) / 8 * 8;
    unsigned char *bytes = written(*state, &count);
    assert_int_equal(count, 8 + padded + 157);
    for (int i = 0; i < 8; i++)
        assert_int_equal(bytes[i], padded >> 8 * i & 255);
    assert_memory_equal(bytes + 8, wanted, length);
    for (size_t i = length; i < padded; i++)
        assert_int_equal(bytes[8 + i], ' ');

    float alpha[MOST], theta[HIDDEN];
    int8_t sign[MOST];
    br_network_export(((fixture *)*state)->network, 0, alpha, sign, theta);
    const unsigned char *data = bytes + 8 + padded;
    assert_memory_equal(data, alpha, 60);
    assert_memory_equal(data + 60, theta, 20);
    assert_memory_equal(data + 132, sign, 15);
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

/* A full disk, simulated by a limit on file sizes, at many places of the file. */
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

/* ---- restoring ---- */

static void other_networks_are_told_apart(void **state)
{
    fixture *f = *state;
    br_error error;
    assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);

    br_layer_code changed[3] = {layers[0], layers[1], layers[1]};
    br_model other = model;
    other.layers = changed;
    changed[0].shape.neurons = changed[1].shape.inputs = 4;
    assert_not_restored(f, &other, "is from another network: the shape of hidden.alpha is [5, 3] there, [4, 3] here");
    changed[0] = layers[0];
    changed[1] = layers[1];
    changed[1].name = "answer";
    assert_not_restored(f, &other, "is from another network: it holds no tensor answer.alpha");
    changed[1] = layers[1];
    other.layer_count = 1;
    other.answer = 0;
    assert_not_restored(f, &other, "is from another network: it holds no tensor hidden.sharpness");
    other.layer_count = 3;
    other.answer = 2;
    changed[2].name = "more";
    changed[2].shape.inputs = CLASSES;
    assert_not_restored(f, &other, "is from another network: it holds no tensor more.alpha");
}

/* br_network_import checks the values; its message is given with the file's name. */
static void impossible_values_are_refused(void **state)
{
    fixture *f = *state;
    static const struct {
        size_t at; /* within the data section */
        uint32_t word;
        const char *why;
    } cases[] = {
        {0, 0x7fc00000 /* alpha NaN */, "hidden"},        {56, 0x3f400000 /* alpha .75 */, "hidden"},
        {60, 0x3f800000 /* theta 1 */, "hidden"},         {128, 0x7fc00000 /* sharpness NaN */, "its sharpness is nan"},
        {128, 0 /* sharpness 0 */, "its sharpness is 0"}, {132, 0 /* signs 0 */, "hidden"}};
    size_t count;
    unsigned char *bytes = written(f, &count);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char *at = bytes + count - 157 + cases[i].at;
        uint32_t before;
        memcpy(&before, at, 4);
        memcpy(at, &cases[i].word, 4);
        assert_int_equal(scratch_write(f->path, bytes, count), 0);
        assert_not_restored(f, &model, cases[i].why);
        memcpy(at, &before, 4);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trip, begin, end),
        cmocka_unit_test_setup_teardown(a_stream_gets_the_same_bytes, begin, end),
        cmocka_unit_test_setup_teardown(the_history_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(the_schema_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(a_damaged_schema_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(same_state_same_bytes, begin, end),
        cmocka_unit_test_setup_teardown(header_is_as_specified, begin, end),
        cmocka_unit_test_setup_teardown(text_that_is_not_utf8_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(missing_folder_is_an_error, begin, end),
        cmocka_unit_test_setup_teardown(failing_write_keeps_the_old_file, begin, end),
        cmocka_unit_test_setup_teardown(other_networks_are_told_apart, begin, end),
        cmocka_unit_test_setup_teardown(impossible_values_are_refused, begin, end),
    };
    return cmocka_run_group_tests_name("runtime/store", tests, NULL, NULL);
}
