/* Folders of images: classes by name, PNG and JPEG scaled alike, and messages for damaged or missing files. */
#include <stdio.h>

#include <jpeglib.h>

#include "runtime/reading.h"
#include "runtime/scratch.h"

static scratch s;

static int begin(void **state)
{
    (void)state;
    return scratch_new(&s);
}

static int end(void **state)
{
    (void)state;
    static const char *const folders[] = {"top/ant", "top/Bee",   "top/cat",   "top/.git",
                                          "top",     "other/Bee", "other/cat", "other"};
    scratch inner;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(inner.folder, sizeof inner.folder, "%.200s/%s", s.folder, folders[i]);
        scratch_remove(&inner);
    }
    scratch_remove(&s);
    return 0;
}

static void folder(const char *name)
{
    assert_int_equal(mkdir(scratch_path(&s, name), 0777), 0);
}

/* A JPEG of one colour, in memory that the caller frees. */
static unsigned char *make_jpeg(uint32_t height, uint32_t width, int channels, const uint8_t colour[3],
                                bool progressive, unsigned long *size)
{
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct jpeg = {.err = jpeg_std_error(&errors)};
    unsigned char *bytes = NULL;
    uint8_t row[64 * 4];
    *size = 0;
    assert_true(width <= 64);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, size);
    jpeg.image_height = height;
    jpeg.image_width = width;
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 95, TRUE);
    if (progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    for (uint32_t i = 0; i < width * (uint32_t)channels; i++)
        row[i] = colour[i % (uint32_t)channels % 3];
    JSAMPROW from = row;
    for (uint32_t y = 0; y < height; y++)
        jpeg_write_scanlines(&jpeg, &from, 1);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return bytes;
}

static const uint8_t red[3] = {200, 40, 30}, grey[3] = {120, 120, 120};

static void put_jpeg(const char *name, uint32_t height, uint32_t width, int channels, const uint8_t colour[3])
{
    unsigned long size;
    unsigned char *bytes = make_jpeg(height, width, channels, colour, false, &size);
    assert_int_equal(scratch_write(scratch_path(&s, name), bytes, size), 0);
    free(bytes);
}

static void put_png(const char *name, uint8_t value)
{
    uint8_t pixels[12];
    br_error error;
    memset(pixels, value, sizeof pixels);
    assert_int_equal(br_png_write_grey(scratch_path(&s, name), pixels, 3, 4, &error), 0);
}

static void put_classes(void)
{
    folder("top");
    folder("top/ant");
    folder("top/Bee");
    folder("top/.git");
    put_png("top/ant/2.png", 90);
    put_jpeg("top/ant/10.jpg", 20, 12, 1, grey);
    put_png("top/Bee/only.png", 10);
    assert_int_equal(scratch_write(scratch_path(&s, "top/README"), "words", 5), 0);
    assert_int_equal(scratch_write(scratch_path(&s, "top/ant/.hidden"), "words", 5), 0);
}

static br_source source = {.format = BT_FORMAT_FOLDER, .split = BT_SPLIT_TRAIN, .inputs = "top"};

static br_data_spec spec_of(uint32_t channels, uint32_t classes)
{
    return (br_data_spec){.source_count = 1,
                          .sources = &source,
                          .high = 255,
                          .shape = {6, 5, channels},
                          .classes = classes,
                          .folder = s.folder};
}

static bool near(int a, int b)
{
    return abs(a - b) <= 2; /* JPEG's error on a uniform colour */
}

static void folders_are_classes_in_the_order_of_their_bytes(void **state)
{
    (void)state;
    put_classes();
    br_data_spec spec = spec_of(3, 2);
    br_data *data;
    br_error error = {0};
    assert_int_equal(br_data_load(&spec, 1, &data, &error), 0);
    const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN);
    assert_int_equal(train->count, 3);
    assert_int_equal(train->labels[0] * 100 + train->labels[1] * 10 + train->labels[2], 11); /* Bee, ant, ant */
    static const int wanted[] = {10, 120, 90}; /* 10.jpg comes before 2.png */
    for (int sample = 0; sample < 3; sample++)
        for (int i = 0; i < 90; i++)
            assert_true(near(train->bytes[sample * 90 + i], wanted[sample]));
    br_data_free(data);
    spec.high = 1;
    assert_int_equal(br_data_load(&spec, 1, &data, &error), 0);
    assert_true(br_data_split(data, BT_SPLIT_TRAIN)->floats[0] == (float)(10 / 255.0));
    br_data_free(data);
}

static void assert_load_fails(const br_data_spec *spec, br_error_kind kind, const char *part)
{
    br_data *data;
    br_error error = {0};
    assert_int_equal(br_data_load(spec, 1, &data, &error), -1);
    assert_null(data);
    if (strstr(error.message, part) == NULL)
        fail_msg("%s\nlacks\n%s", error.message, part);
    assert_int_equal(error.kind, kind);
}

static void what_is_missing_or_damaged_is_named(void **state)
{
    (void)state;
    br_data_spec spec = spec_of(1, 2);
    assert_load_fails(&spec, BR_ERROR_IO,
                      "/top: the folder can't be opened: No such file or directory; check the name and the data "
                      "folder");
    put_classes();
    spec.classes = 3;
    assert_load_fails(&spec, BR_ERROR_CHECK,
                      "/top: 2 folders (Bee, ant), but the network has 3 classes; one folder for each is needed");
    folder("top/cat");
    assert_load_fails(&spec, BR_ERROR_IO, "/top/cat: the class folder holds no pictures");
    assert_int_equal(scratch_write(scratch_path(&s, "top/cat/note.txt"), "words", 5), 0);
    assert_load_fails(
        &spec, BR_ERROR_IO,
        "/top/cat/note.txt: byte 0: neither PNG, JPEG, GIF, WebP, BMP, PGM nor PPM; convert the file or remove it");
    assert_int_equal(unlink(s.path), 0);
    put_jpeg("top/cat/a.jpg", 40, 40, 3, red);
    assert_int_equal(truncate(s.path, 500), 0);
    assert_load_fails(&spec, BR_ERROR_IO, "/top/cat/a.jpg: the JPEG is damaged: ");
    put_jpeg("top/cat/a.jpg", 8, 8, 4, red);
    br_data *data;
    br_error error;
    assert_int_equal(br_data_load(&spec, 1, &data, &error), 0); /* four inks are converted to three colours */
    assert_string_equal(br_data_schema(data)->classes[2], "cat");
    br_data_free(data);
    source.labels = "labels";
    assert_load_fails(&spec, BR_ERROR_CHECK, "top: this kind of source has its labels inside; name one file");
    source.labels = NULL;
}

static void folders_of_other_classes_are_refused(void **state)
{
    (void)state;
    put_classes(); /* Bee and ant */
    folder("other");
    folder("other/Bee");
    folder("other/cat");
    br_source two[2] = {source, source};
    two[1].inputs = "other";
    two[1].split = BT_SPLIT_TEST;
    br_data_spec spec = spec_of(1, 2);
    spec.sources = two;
    spec.source_count = 2;
    assert_load_fails(&spec, BR_ERROR_CHECK,
                      "/other: the folder cat is none of the classes (Bee, ant); rename or remove it");
}

static void jpeg_is_an_input_too(void **state)
{
    (void)state;
    put_jpeg("red.jpg", 16, 24, 3, red);
    br_data *data;
    br_error error;
    assert_int_equal(br_inputs_load(s.path, &(br_reading){.shape = {4, 4, 3}, .range = {0, 255}}, &data, &error), 0);
    const br_samples *test = br_data_split(data, BT_SPLIT_TEST);
    for (int i = 0; i < 48; i++)
        assert_true(near(test->bytes[i], red[i % 3]));
    br_data_free(data);
}

static int jpeg(const br_bytes *file, br_error *error)
{
    br_array out;
    int status = br_jpeg_read(&(br_picture_context){0}, PATH, file, &out, error);
    br_array_free(&out);
    return status;
}

static void damaged_jpeg_is_refused(void **state)
{
    (void)state;
    for (int progressive = 0; progressive < 2; progressive++) {
        unsigned long size;
        unsigned char *bytes = make_jpeg(24, 40, 3, red, progressive, &size);
        assert_truncations_refused(jpeg, bytes, size);
        assert_mutations_survived(jpeg, bytes, size, 3000);
        free(bytes);
    }
    assert_refused(jpeg, "GIF89a", 6, BR_ERROR_IO, PATH ": byte 0: not a JPEG picture");
}

static void huge_jpeg_is_refused(void **state)
{
    (void)state;
    unsigned long size, at = 2;
    unsigned char *bytes = make_jpeg(8, 8, 3, red, false, &size);
    while (bytes[at + 1] != 0xC0) /* to the frame's header, segment by segment */
        at += 2 + ((unsigned long)bytes[at + 2] << 8 | bytes[at + 3]);
    memcpy(bytes + at + 5, (uint8_t[]){0x40, 0, 0x40, 0}, 4);
    assert_refused(jpeg, bytes, size, BR_ERROR_IO,
                   PATH ": a picture of 16384x16384; the limits are 16384 a side and 256 MiB decoded");
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folders_are_classes_in_the_order_of_their_bytes, begin, end),
        cmocka_unit_test_setup_teardown(what_is_missing_or_damaged_is_named, begin, end),
        cmocka_unit_test_setup_teardown(folders_of_other_classes_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(jpeg_is_an_input_too, begin, end),
        cmocka_unit_test(damaged_jpeg_is_refused),
        cmocka_unit_test(huge_jpeg_is_refused),
    };
    return cmocka_run_group_tests_name("folders", tests, NULL, NULL);
}
