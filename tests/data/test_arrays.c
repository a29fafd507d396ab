/* Arrays beyond the plain ones: orders of channels and memory, one-hot labels, words, and archives. */
#include <stdio.h>
#include <zip.h>

#include "data/labels.h"
#include "data/schema.h"
#include "runtime/reading.h"

#define BYTES 4096

typedef struct file {
    uint8_t bytes[BYTES];
    size_t size;
} file;

/* An NPY file of version 1. */
static file npy(const char *type, bool fortran, const char *shape, const void *values, size_t size)
{
    file f = {.bytes = "\x93NUMPY\1"};
    int n = snprintf((char *)f.bytes + 10, BYTES - 10, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", type,
                     fortran ? "True" : "False", shape);
    f.bytes[8] = (uint8_t)n;
    memcpy(f.bytes + 10 + n, values, size);
    f.size = 10 + (size_t)n + size;
    return f;
}

static br_array read(const file *f, bt_shape shape, const char *note)
{
    br_array out;
    br_error error = {0};
    br_notes notes = {0};
    br_bytes bytes = {(uint8_t *)f->bytes, f->size};
    if (br_npy_inputs(PATH, &bytes, shape, &notes, &out, &error) != 0)
        fail_msg("%s", error.message);
    assert_int_equal(notes.count, note != NULL);
    if (note != NULL)
        assert_non_null(strstr(notes.list[0].text, note));
    br_notes_free(&notes);
    assert_true(bt_same_shape(out.shape, shape));
    return out;
}

/* ---- orders ---- */

static void channels_first_become_last(void **state)
{
    (void)state;
    static const uint8_t planes[12] = {0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23};
    static const uint8_t pixels[12] = {0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23};
    file first = npy("|u1", false, "(1, 3, 2, 2)", planes, 12), last = npy("|u1", false, "(1, 2, 2, 3)", pixels, 12);
    br_array a = read(&first, (bt_shape){2, 2, 3}, "[n, 3, 2, 2] is read as channels first");
    br_array b = read(&last, (bt_shape){2, 2, 3}, NULL);
    assert_memory_equal(a.bytes, pixels, 12);
    assert_memory_equal(b.bytes, pixels, 12);
    br_array_free(&a);
    br_array_free(&b);
}

static void what_may_be_either_is_told(void **state)
{
    (void)state;
    static const uint8_t values[27] = {1, 2, 3};
    file f = npy("|u1", false, "(1, 3, 3, 3)", values, 27);
    br_array a = read(&f, (bt_shape){3, 3, 3}, "is read as channels last");
    assert_memory_equal(a.bytes, values, 27);
    br_array_free(&a);
}

static void memory_in_columns_is_read(void **state)
{
    (void)state;
    static const uint8_t columns[6] = {1, 4, 2, 5, 3, 6}, rows[6] = {1, 2, 3, 4, 5, 6};
    file f = npy("|u1", true, "(2, 3)", columns, 6);
    br_array a = read(&f, (bt_shape){1, 3, 1}, NULL);
    assert_int_equal(a.count, 2);
    assert_memory_equal(a.bytes, rows, 6);
    br_array_free(&a);
}

static void one_sample_is_one_sample(void **state)
{
    (void)state;
    static const uint8_t values[6] = {1, 2, 3, 4, 5, 6};
    static const char *const shapes[] = {"(2, 3)", "(1, 2, 3)", "(6,)", "(2, 3, 1)"};
    for (size_t i = 0; i < 4; i++) {
        file f = npy("|u1", false, shapes[i], values, 6);
        br_array a = read(&f, (bt_shape){2, 3, 1}, NULL);
        assert_int_equal(a.count, 1);
        assert_memory_equal(a.bytes, values, 6);
        br_array_free(&a);
    }
}

static void a_series_has_its_channels_on_either_side(void **state)
{
    (void)state;
    static const float by_channel[8] = {0, 1, 2, 3, 10, 11, 12, 13}, by_time[8] = {0, 10, 1, 11, 2, 12, 3, 13};
    file f = npy("<f4", false, "(1, 2, 4)", by_channel, sizeof by_channel);
    br_array a = read(&f, (bt_shape){1, 4, 2}, "[n, 2, 4] is read as channels first");
    assert_memory_equal(a.floats, by_time, sizeof by_time);
    br_array_free(&a);
}

static void shapes_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const uint8_t values[12];
    file f = npy("|u1", false, "(2, 3, 2)", values, 12);
    br_array out;
    br_notes notes = {0};
    br_error error;
    assert_int_equal(br_npy_inputs(PATH, &(br_bytes){f.bytes, f.size}, (bt_shape){2, 3, 1}, &notes, &out, &error), -1);
    assert_string_equal(error.message, PATH ": its shape is [2, 3, 2], but the network's input is 2x3, read from "
                                            "[n, 2, 3], [n, 6]; its rows and columns seem to be swapped");
}

/* ---- labels ---- */

static int labels_of(const file *f, uint32_t classes, br_labels *out, br_error *error)
{
    return br_npy_labels(PATH, &(br_bytes){(uint8_t *)f->bytes, f->size}, classes, out, error);
}

static void one_hot_labels_are_read(void **state)
{
    (void)state;
    static const float hot[9] = {0, 1, 0, 1, 0, 0, 0, 0, 1};
    static const uint8_t bits[9] = {0, 1, 0, 1, 0, 0, 0, 0, 1}, turned[9] = {0, 1, 0, 1, 0, 0, 0, 0, 1};
    static const uint32_t wanted[3] = {1, 0, 2};
    file files[] = {npy("<f4", false, "(3, 3)", hot, sizeof hot), npy("|b1", false, "(3, 3)", bits, 9),
                    npy("|u1", true, "(3, 3)", turned, 9)};
    for (int i = 0; i < 3; i++) {
        br_labels out;
        br_error error;
        assert_int_equal(labels_of(&files[i], 3, &out, &error), 0);
        assert_int_equal(out.count, 3);
        assert_memory_equal(out.labels, wanted, sizeof wanted);
        br_labels_free(&out);
        assert_int_equal(labels_of(&files[i], 4, &out, &error), -1);
        assert_non_null(strstr(error.message, "one-hot with 3 columns, one for each class, but the network has 4"));
    }
}

static void probabilities_are_not_one_hot(void **state)
{
    (void)state;
    static const float rows[4] = {0.25f, 0.75f, 1, 0};
    file f = npy("<f4", false, "(2, 2)", rows, sizeof rows);
    br_labels out;
    br_error error;
    assert_int_equal(labels_of(&f, 2, &out, &error), -1);
    assert_non_null(strstr(error.message, "row 0 is not one-hot"));
    assert_non_null(strstr(error.message, ".argmax(1)"));
}

static void labels_from_one_are_told(void **state)
{
    (void)state;
    static const float from_one[3] = {1, 2, 3};
    file f = npy("<f4", false, "(3,)", from_one, sizeof from_one);
    br_labels out;
    br_error error;
    assert_int_equal(labels_of(&f, 3, &out, &error), -1);
    assert_non_null(strstr(error.message, "the labels are 1 to 3: subtract 1 from all of them"));
    assert_int_equal(labels_of(&f, 4, &out, &error), 0);
    br_labels_free(&out);
}

static void words_become_classes(void **state)
{
    (void)state;
    static const uint8_t words[12] = "oak\0ash\0oak";
    static const uint32_t wanted[3] = {1, 0, 1};
    file f = npy("|S4", false, "(3,)", words, 12);
    br_labels out;
    br_error error;
    br_notes notes = {0};
    br_schema schema = {0};
    assert_int_equal(labels_of(&f, 2, &out, &error), 0);
    assert_int_equal(br_labels_name(&out, PATH, 2, &schema, &notes, &error), 0);
    assert_memory_equal(out.labels, wanted, sizeof wanted);
    assert_string_equal(schema.classes[0], "ash");
    assert_int_equal(notes.count, 1);
    br_labels_free(&out);
    file other = npy("<U3", false, "(1,)", "a\0\0\0s\0\0\0k\0\0\0", 12);
    assert_int_equal(labels_of(&other, 2, &out, &error), 0);
    assert_int_equal(br_labels_name(&out, PATH, 2, &schema, &notes, &error), -1);
    assert_string_equal(error.message,
                        PATH ": the label `ask` names no class; did you mean `ash`?; the classes are ash, oak");
    br_labels_free(&out);
    br_schema_clear(&schema);
    br_notes_free(&notes);
}

/* ---- archives ---- */

static br_bytes archive(const char *const *names, const file *const *members, int count, zip_int32_t method)
{
    zip_error_t cause;
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &cause);
    assert_non_null(target);
    zip_source_keep(target);
    zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, &cause);
    assert_non_null(zip);
    for (int i = 0; i < count; i++) {
        zip_int64_t at = zip_file_add(zip, names[i], zip_source_buffer(zip, members[i]->bytes, members[i]->size, 0), 0);
        assert_true(at >= 0);
        assert_int_equal(zip_set_file_compression(zip, (zip_uint64_t)at, method, 0), 0);
    }
    assert_int_equal(zip_close(zip), 0);
    assert_int_equal(zip_source_open(target), 0);
    zip_source_seek(target, 0, SEEK_END);
    br_bytes out = {.size = (uint64_t)zip_source_tell(target)};
    out.data = malloc(out.size);
    assert_non_null(out.data);
    zip_source_seek(target, 0, SEEK_SET);
    assert_int_equal(zip_source_read(target, out.data, out.size), out.size);
    zip_source_close(target);
    zip_source_free(target);
    return out;
}

static br_npz_request request(const char *samples, const char *labels, br_notes *notes)
{
    return (br_npz_request){.samples = samples, .labels = labels, .shape = {1, 2, 1}, .classes = 3, .notes = notes};
}

static void archives_are_read(void **state)
{
    (void)state;
    static const uint8_t x[6] = {1, 2, 3, 4, 5, 6}, y[3] = {2, 0, 1};
    file samples = npy("|u1", false, "(3, 2)", x, 6), labels = npy("|u1", false, "(3,)", y, 3);
    static const char *const names[] = {"y_train.npy", "x_train.npy"};
    const file *const members[] = {&labels, &samples};
    for (int deflated = 0; deflated < 2; deflated++) {
        br_bytes file = archive(names, members, 2, deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE);
        br_array out;
        br_labels found;
        br_error error;
        br_notes notes = {0};
        br_npz_request guessed = request(NULL, NULL, &notes), stated = request("x_train", "y_train", &notes);
        assert_true(br_npz_is(&file));
        assert_int_equal(br_npz_read(PATH, &file, &stated, &out, &found, &error), 0);
        assert_int_equal(notes.count, 0);
        br_array_free(&out);
        br_labels_free(&found);
        assert_int_equal(br_npz_read(PATH, &file, &guessed, &out, &found, &error), 0);
        assert_string_equal(notes.list[0].text, PATH ": train samples are `x_train`, their labels `y_train`");
        assert_memory_equal(out.bytes, x, 6);
        assert_int_equal(found.labels[0], 2);
        br_array_free(&out);
        br_labels_free(&found);
        br_notes_free(&notes);
        free(file.data);
    }
}

static void archives_without_known_names_ask(void **state)
{
    (void)state;
    static const uint8_t x[6] = {1, 2, 3, 4, 5, 6};
    file samples = npy("|u1", false, "(3, 2)", x, 6);
    static const char *const names[] = {"leaves.npy"};
    const file *const members[] = {&samples};
    br_bytes file = archive(names, members, 1, ZIP_CM_STORE);
    br_array out;
    br_labels found;
    br_error error;
    br_notes notes = {0};
    br_npz_request guessed = request(NULL, NULL, &notes), stated = request("leaf", NULL, &notes);
    assert_int_equal(br_npz_read(PATH, &file, &guessed, &out, &found, &error), -1);
    assert_string_equal(error.message,
                        PATH ": which array holds the samples? There are leaves [3, 2]; write `npz train "
                             "\"FILE\" values \"NAME\" label \"NAME\";`");
    assert_int_equal(br_npz_read(PATH, &file, &stated, &out, &found, &error), -1);
    assert_string_equal(error.message, PATH ": no array is called `leaf`; there are leaves [3, 2]");
    free(file.data);
}

static int whole_archive(const br_bytes *file, br_error *error)
{
    br_array out;
    br_labels found;
    br_notes notes = {0};
    br_npz_request guessed = request(NULL, NULL, &notes);
    int status = br_npz_read(PATH, file, &guessed, &out, &found, error);
    br_array_free(&out);
    br_labels_free(&found);
    br_notes_free(&notes);
    return status;
}

static void damaged_archives_are_refused(void **state)
{
    (void)state;
    static const uint8_t x[6] = {1, 2, 3, 4, 5, 6}, y[3] = {2, 0, 1};
    file samples = npy("|u1", false, "(3, 2)", x, 6), labels = npy("|u1", false, "(3,)", y, 3);
    static const char *const names[] = {"x.npy", "y.npy"};
    const file *const members[] = {&samples, &labels};
    br_bytes file = archive(names, members, 2, ZIP_CM_DEFLATE);
    assert_truncations_refused(whole_archive, file.data, file.size);
    assert_mutations_survived(whole_archive, file.data, file.size, 5000);
    free(file.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_first_become_last),
        cmocka_unit_test(what_may_be_either_is_told),
        cmocka_unit_test(memory_in_columns_is_read),
        cmocka_unit_test(one_sample_is_one_sample),
        cmocka_unit_test(a_series_has_its_channels_on_either_side),
        cmocka_unit_test(shapes_that_do_not_fit_are_refused),
        cmocka_unit_test(one_hot_labels_are_read),
        cmocka_unit_test(probabilities_are_not_one_hot),
        cmocka_unit_test(labels_from_one_are_told),
        cmocka_unit_test(words_become_classes),
        cmocka_unit_test(archives_are_read),
        cmocka_unit_test(archives_without_known_names_ask),
        cmocka_unit_test(damaged_archives_are_refused),
    };
    return cmocka_run_group_tests_name("arrays", tests, NULL, NULL);
}
