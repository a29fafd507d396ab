/* IDX files: valid ones, and messages for all others. */
#include "runtime/reading.h"

/* Two images of 2 x 3. */
static const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0,  0,  0,  2,  0,  0,
                                 0, 3, 1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 255};
static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9};

static const bt_shape two_rows = {2, 3, 1};

static int inputs(const br_bytes *file, br_error *error)
{
    br_array out;
    br_notes notes = {0};
    int status = br_idx_inputs(PATH, file, two_rows, &notes, &out, error);
    br_array_free(&out);
    br_notes_free(&notes);
    return status;
}

static int ten_labels(const br_bytes *file, br_error *error)
{
    br_labels out;
    int status = br_idx_labels(PATH, file, 10, &out, error);
    br_labels_free(&out);
    return status;
}

/* The samples take over the file's memory. A refused file keeps it. */
static void images_are_taken(void **state)
{
    (void)state;
    br_array out;
    br_error error;
    br_notes notes = {0};
    br_bytes file = {malloc(sizeof images), sizeof images};
    assert_non_null(file.data);
    memcpy(file.data, images, sizeof images);
    uint8_t *memory = file.data;
    file.size--;
    assert_int_equal(br_idx_take(PATH, &file, two_rows, &notes, &out, &error), -1);
    assert_ptr_equal(file.data, memory);
    file.size++;
    assert_int_equal(br_idx_take(PATH, &file, two_rows, &notes, &out, &error), 0);
    assert_null(file.data);
    assert_ptr_equal(out.bytes, memory);
    assert_int_equal(out.count, 2);
    assert_memory_equal(out.bytes, images + 16, 12);
    br_array_free(&out);
}

static void images_are_read(void **state)
{
    (void)state;
    br_array out;
    br_error error;
    br_notes notes = {0};
    br_bytes file = {(uint8_t *)images, sizeof images};
    assert_true(br_idx_is(&file));
    assert_int_equal(br_idx_inputs(PATH, &file, two_rows, &notes, &out, &error), 0);
    assert_int_equal(out.count, 2);
    assert_int_equal(out.shape.height, 2);
    assert_int_equal(out.shape.width, 3);
    assert_int_equal(out.shape.channels, 1);
    assert_null(out.floats);
    assert_memory_equal(out.bytes, images + 16, 12);
    br_array_free(&out);
}

static void vectors_and_colour_images_are_read(void **state)
{
    (void)state;
    const uint8_t vectors[] = {0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3};
    const uint8_t colour[] = {0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};
    br_array out;
    br_error error;
    br_notes notes = {0};
    br_bytes file = {(uint8_t *)vectors, sizeof vectors};
    assert_int_equal(br_idx_inputs(PATH, &file, (bt_shape){1, 3, 1}, &notes, &out, &error), 0);
    assert_int_equal(out.shape.height * 100 + out.shape.width * 10 + out.shape.channels, 131);
    br_array_free(&out);
    file = (br_bytes){(uint8_t *)colour, sizeof colour};
    assert_int_equal(br_idx_inputs(PATH, &file, (bt_shape){1, 2, 3}, &notes, &out, &error), 0);
    assert_int_equal(out.shape.height * 100 + out.shape.width * 10 + out.shape.channels, 123);
    br_array_free(&out);
    assert_int_equal(notes.count, 0);
}

static void labels_are_read(void **state)
{
    (void)state;
    br_labels out;
    br_error error;
    br_bytes file = {(uint8_t *)labels, sizeof labels};
    const uint32_t wanted[] = {7, 0, 9};
    assert_int_equal(br_idx_labels(PATH, &file, 10, &out, &error), 0);
    assert_int_equal(out.count, 3);
    assert_memory_equal(out.labels, wanted, sizeof wanted);
    br_labels_free(&out);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    assert_truncations_refused(inputs, images, sizeof images);
    assert_truncations_refused(ten_labels, labels, sizeof labels);
    assert_refused(inputs, images, 3, BR_ERROR_IO,
                   PATH ": byte 3: the file ends inside the four bytes an IDX file starts with");
    assert_refused(inputs, images, 9, BR_ERROR_IO, PATH ": byte 9: the file ends inside its header of 16 bytes");
    assert_refused(inputs, images, 25, BR_ERROR_IO,
                   PATH ": byte 25: the file ends inside sample 1 of 2; it is cut short, fetch it again");
}

static void trailing_bytes_are_refused(void **state)
{
    (void)state;
    uint8_t longer[sizeof images + 2] = {0};
    memcpy(longer, images, sizeof images);
    assert_refused(inputs, longer, sizeof longer, BR_ERROR_IO,
                   PATH ": byte 28: 2 bytes follow the last of 2 samples; the header and the file don't agree");
}

static void wrong_headers_are_refused(void **state)
{
    (void)state;
    uint8_t bad[sizeof images];
#define WITH(at, value, message)                                                                                       \
    memcpy(bad, images, sizeof bad);                                                                                   \
    bad[at] = value;                                                                                                   \
    assert_refused(inputs, bad, sizeof bad, BR_ERROR_IO, message)
    WITH(0, 0x1f, PATH ": byte 0: not an IDX file: it starts with 1f 00 08 03, not 00 00 08");
    WITH(2, 0x0d, PATH ": byte 28: the file ends inside sample 0 of 2; it is cut short, fetch it again");
    WITH(2, 0x42, PATH ": byte 2: 42 is no IDX type; they are 08, 09 and 0b to 0e, and bytes are 08");
    WITH(3, 9, PATH ": byte 3: the file has 9 dimensions; 1 to 8 are read");
    WITH(11, 0, PATH ": byte 8: dimension 2 is 0: the file holds no samples");
    assert_refused(ten_labels, images, sizeof images, BR_ERROR_IO,
                   PATH ": labels have one dimension, not [2, 2, 3]; are the two names in order?");
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    uint8_t bad[20];
    memset(bad, 0xff, sizeof bad);
    memcpy(bad, (uint8_t[]){0, 0, 8, 4}, 4);
    assert_refused(inputs, bad, sizeof bad, BR_ERROR_IO,
                   PATH ": byte 12: the sizes in the header are impossibly large");
    const uint8_t wide[] = {0, 0, 8, 3, 0, 0, 0, 1, 0, 1, 0, 0, 0, 2, 0, 0, 1};
    assert_refused(inputs, wide, sizeof wide, BR_ERROR_IO,
                   PATH ": byte 17: the file ends inside sample 0 of 1; it is cut short, fetch it again");
}

static void labels_beyond_the_classes_are_refused(void **state)
{
    (void)state;
    uint8_t bad[sizeof labels];
    memcpy(bad, labels, sizeof bad);
    bad[9] = 10;
    assert_refused(ten_labels, bad, sizeof bad, BR_ERROR_CHECK,
                   PATH
                   ": byte 9: sample 1 has the label 10, but the network's 10 classes are 0 to 9; the labels are 7 "
                   "to 10");
}

static void mutations_do_no_harm(void **state)
{
    (void)state;
    assert_mutations_survived(inputs, images, sizeof images, 5000);
    assert_mutations_survived(ten_labels, labels, sizeof labels, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_are_read),
        cmocka_unit_test(images_are_taken),
        cmocka_unit_test(vectors_and_colour_images_are_read),
        cmocka_unit_test(labels_are_read),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(trailing_bytes_are_refused),
        cmocka_unit_test(wrong_headers_are_refused),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(labels_beyond_the_classes_are_refused),
        cmocka_unit_test(mutations_do_no_harm),
    };
    return cmocka_run_group_tests_name("IDX", tests, NULL, NULL);
}
