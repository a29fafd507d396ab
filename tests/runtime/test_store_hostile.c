/* Model files that are truncated, changed at random or false. No content of a file is trusted. */
#include "store_fixture.h"

#define METADATA                                                                                                       \
    "\"format\":\"bouton\",\"bouton.version\":\"" BR_VERSION "\",\"bouton.interface\":\"1\","                          \
    "\"bouton.network\":\"small\",\"bouton.source\":\"s\",\"bouton.seed\":\"1\",\"bouton.data_hash\":\"00\","          \
    "\"bouton.phase\":\"0\",\"bouton.epoch\":\"1\""

/* ---- truncated files ---- */

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

static void mutations_are_survived(void **state)
{
    survive_mutations(*state, &model);
}

/* ---- false headers ---- */

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

/* Files from other tools may list tensors in any order and add metadata. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_truncation_is_noticed, begin, end),
        cmocka_unit_test_setup_teardown(numbers_of_a_truncation_are_named, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(mutations_are_survived, begin, end),
        cmocka_unit_test_setup_teardown(hostile_headers_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(hostile_lengths_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(deep_nesting_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(other_orders_and_metadata_are_read, begin, end),
    };
    return cmocka_run_group_tests_name("runtime/store_hostile", tests, NULL, NULL);
}
