/* CIFAR files: rows, labels, and messages for damaged files. The real files are read if BOUTON_CIFAR10 names their
 * folder. */
#include <zlib.h>

#include "runtime/reading.h"
#include "runtime/scratch.h"

enum { PIXELS = 1024, ROW10 = 1 + 3 * PIXELS, ROW100 = 2 + 3 * PIXELS, ROWS = 3 };

static uint8_t rows10[ROWS * ROW10], rows100[ROWS * ROW100];

static uint8_t pixel(int row, int channel, int place)
{
    return (uint8_t)(row * 71 + channel * 29 + place * 7);
}

static void fill(uint8_t *to, int label_bytes)
{
    for (int row = 0; row < ROWS; row++) {
        if (label_bytes == 2)
            *to++ = (uint8_t)(19 - row);
        *to++ = (uint8_t)(label_bytes == 2 ? 97 + row : 7 + row);
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < PIXELS; i++)
                *to++ = pixel(row, c, i);
    }
}

static int make_rows(void **state)
{
    (void)state;
    fill(rows10, 1);
    fill(rows100, 2);
    return 0;
}

static int read_kind(const br_bytes *file, bool fine, br_error *error)
{
    br_array out;
    int status = br_cifar_read(PATH, file, fine, fine ? 100 : 10, &out, error);
    br_array_free(&out);
    return status;
}

static int ten(const br_bytes *file, br_error *error)
{
    return read_kind(file, false, error);
}

static int hundred(const br_bytes *file, br_error *error)
{
    return read_kind(file, true, error);
}

static void assert_rows(uint8_t *bytes, size_t n, bool fine, uint32_t first_label)
{
    br_array out;
    br_error error;
    br_bytes file = {bytes, n};
    assert_int_equal(br_cifar_read(PATH, &file, fine, fine ? 100 : 10, &out, &error), 0);
    assert_int_equal(out.count, ROWS);
    assert_int_equal(out.shape.height * 10000 + out.shape.width * 100 + out.shape.channels, 323203);
    for (int row = 0; row < ROWS; row++) {
        assert_int_equal(out.labels[row], first_label + (uint32_t)row);
        for (int i = 0; i < PIXELS; i++)
            for (int c = 0; c < 3; c++)
                assert_int_equal(out.bytes[(row * PIXELS + i) * 3 + c], pixel(row, c, i));
    }
    br_array_free(&out);
}

static void rows_become_images_with_channels_last(void **state)
{
    (void)state;
    assert_rows(rows10, sizeof rows10, false, 7);
    assert_rows(rows100, sizeof rows100, true, 97);
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    assert_refused(ten, rows10, 0, BR_ERROR_IO, PATH ": byte 0: the file is empty; fetch it again");
    assert_refused(ten, rows10, ROW10 + 5, BR_ERROR_IO,
                   PATH ": byte 3078: the file ends inside row 1; the rows of CIFAR-10 have 3073 bytes: it is cut "
                        "short or a file of another kind (CIFAR-100?)");
    assert_refused(hundred, rows10, sizeof rows10, BR_ERROR_IO,
                   PATH ": byte 9219: the file ends inside row 2; the rows of CIFAR-100 have 3074 bytes: it is cut "
                        "short or a file of another kind (CIFAR-10?)");
    for (size_t cut = 0; cut < sizeof rows100; cut += 97) { /* no multiple of 97 except 0 is the end of a row */
        br_error error;
        assert_int_equal(read_copy(hundred, rows100, cut, &error), -1);
        assert_memory_equal(error.message, PATH ": byte ", strlen(PATH ": byte "));
        assert_int_equal(error.kind, BR_ERROR_IO);
    }
}

static void labels_beyond_the_format_or_the_network_are_refused(void **state)
{
    (void)state;
    uint8_t bad[sizeof rows100];
    memcpy(bad, rows10, sizeof rows10);
    bad[ROW10] = 10;
    assert_refused(ten, bad, sizeof rows10, BR_ERROR_IO,
                   PATH ": byte 3073: sample 1 has the label 10; those of CIFAR-10 are 0 to 9; is the file damaged, or "
                        "one of CIFAR-100?");
    memcpy(bad, rows100, sizeof bad);
    bad[2 * ROW100] = 20; /* the coarse label */
    assert_refused(hundred, bad, sizeof bad, BR_ERROR_IO,
                   PATH ": byte 6148: sample 2 has the label 20; those of CIFAR-100 are 0 to 19; is the file damaged, "
                        "or one of CIFAR-10?");
    br_array out;
    br_error error;
    br_bytes file = {rows10, sizeof rows10};
    assert_int_equal(br_cifar_read(PATH, &file, false, 8, &out, &error), -1);
    assert_string_equal(error.message,
                        PATH ": byte 3073: sample 1 has the label 8, but the network's 8 classes are 0 to 7");
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    assert_null(out.bytes);
    assert_null(out.labels);
}

static void mutations_do_no_harm(void **state)
{
    (void)state;
    assert_mutations_survived(ten, rows10, sizeof rows10, 500);
    assert_mutations_survived(hundred, rows100, sizeof rows100, 500);
}

static br_data_spec spec_of(br_source *sources, uint32_t count, const char *folder)
{
    return (br_data_spec){
        .source_count = count, .sources = sources, .high = 255, .shape = {32, 32, 3}, .classes = 10, .folder = folder};
}

static void packed_files_are_sources(void **state)
{
    (void)state;
    scratch s;
    assert_int_equal(scratch_new(&s), 0);
    gzFile to = gzopen(scratch_path(&s, "rows.gz"), "wb");
    assert_int_equal(gzwrite(to, rows10, sizeof rows10), sizeof rows10);
    assert_int_equal(gzclose(to), Z_OK);
    assert_int_equal(scratch_write(scratch_path(&s, "rows"), rows10, sizeof rows10), 0);
    br_source sources[] = {{.format = BT_FORMAT_CIFAR10, .split = BT_SPLIT_TRAIN, .inputs = "rows.gz"},
                           {.format = BT_FORMAT_CIFAR10, .split = BT_SPLIT_TRAIN, .inputs = "rows"}};
    br_data_spec spec = spec_of(sources, 2, s.folder);
    br_data *data;
    br_error error;
    assert_int_equal(br_data_load(&spec, 1, &data, &error), 0);
    const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN);
    assert_int_equal(train->count, 2 * ROWS);
    assert_memory_equal(train->bytes, train->bytes + ROWS * 3 * PIXELS, ROWS * 3 * PIXELS);
    br_data_free(data);
    spec.shape.channels = 1;
    assert_int_equal(br_data_load(&spec, 1, &data, &error), -1);
    assert_non_null(strstr(error.message, "rows.gz: its samples are 32x32x3, but the network's input is 32x32"));
    scratch_remove(&s);
}

static void the_test_set_has_a_thousand_of_each_class(void **state)
{
    (void)state;
    const char *folder = getenv("BOUTON_CIFAR10");
    if (folder == NULL) {
        print_message("BOUTON_CIFAR10 names no folder: the real files are not read\n");
        skip();
    }
    br_source source = {.format = BT_FORMAT_CIFAR10, .split = BT_SPLIT_TEST, .inputs = "test_batch.bin.gz"};
    br_data_spec spec = spec_of(&source, 1, folder);
    br_data *data;
    br_error error;
    assert_int_equal(br_data_load(&spec, 1, &data, &error), 0);
    const br_samples *test = br_data_split(data, BT_SPLIT_TEST);
    uint32_t counts[10] = {0};
    assert_int_equal(test->count, 10000);
    for (uint64_t i = 0; i < test->count; i++)
        counts[test->labels[i]]++;
    for (int label = 0; label < 10; label++)
        assert_int_equal(counts[label], 1000);
    br_data_free(data);
}

/* ---- names of the classes ---- */

static void write_names(const char *path, uint32_t lines, const char *ending)
{
    char text[4096];
    size_t used = 0;
    for (uint32_t i = 0; i < lines; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "kind %u%s", i, ending);
    assert_int_equal(scratch_write(path, (const unsigned char *)text, used), 0);
}

static void names_are_read_beside_the_data(void **state)
{
    scratch place;
    br_error error;
    char **names, data[4096];
    uint32_t count;
    (void)state;
    assert_int_equal(scratch_new(&place), 0);
    snprintf(data, sizeof data, "%s", scratch_path(&place, "train.bin"));
    assert_int_equal(br_cifar_names(data, false, &names, &count, &error), 0);
    assert_int_equal(count, 0);
    assert_null(names);
    for (int fine = 0; fine < 2; fine++) {
        char path[4096];
        snprintf(path, sizeof path, "%s", scratch_path(&place, fine ? "fine_label_names.txt" : "batches.meta.txt"));
        write_names(path, fine ? 100 : 10, fine ? "\r\n" : "\n");
        assert_int_equal(br_cifar_names(data, fine, &names, &count, &error), 0);
        assert_int_equal(count, fine ? 100 : 10);
        assert_string_equal(names[0], "kind 0");
        assert_string_equal(names[count - 1], fine ? "kind 99" : "kind 9");
        br_cifar_names_free(names, count);
        write_names(path, 9, "\n");
        assert_int_equal(br_cifar_names(data, fine, &names, &count, &error), -1);
        assert_int_equal(error.kind, BR_ERROR_IO);
        assert_non_null(strstr(error.message, path));
        assert_non_null(strstr(error.message, fine ? "9 lines; the classes of CIFAR-100 are 100" : "are 10"));
    }
    scratch_remove(&place);
}

static void bad_names_are_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {{"a\nb\n\nd\ne\nf\ng\nh\ni\nj\n", "line 3: empty"},
                 {"a\nb\nc\nd\ne\nf\ng\nh\nb\nj\n", "line 9: the same name as in line 2"},
                 {"a\nb\xff\nc\nd\ne\nf\ng\nh\ni\nj\n", "line 2: not text in UTF-8"},
                 {"a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl", "12 lines"},
                 {"", "0 lines"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        br_error error;
        br_bytes file = {(uint8_t *)cases[i].text, strlen(cases[i].text)};
        char **names;
        uint32_t count;
        assert_int_equal(br_cifar_name_lines(PATH, &file, false, &names, &count, &error), -1);
        if (strstr(error.message, cases[i].why) == NULL || strstr(error.message, PATH) == NULL)
            fail_msg("%s", error.message);
        assert_null(names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_images_with_channels_last),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(labels_beyond_the_format_or_the_network_are_refused),
        cmocka_unit_test(mutations_do_no_harm),
        cmocka_unit_test(packed_files_are_sources),
        cmocka_unit_test(the_test_set_has_a_thousand_of_each_class),
        cmocka_unit_test(names_are_read_beside_the_data),
        cmocka_unit_test(bad_names_are_refused),
    };
    return cmocka_run_group_tests_name("CIFAR", tests, make_rows, NULL);
}
