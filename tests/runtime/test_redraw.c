/* Palettes computed by hand, indexed PNGs read back, and the pixels of an image as samples. */
#include <math.h>

#include "base/memory.h"
#include "data/data.h"
#include "infer/redraw.h"
#include "reading.h"
#include "scratch.h"

/* ---- palettes ---- */

/* Filter 0 won (10, 0, 0) and (13, 0, 4); their mean (11.5, 0, 2) rounds to (12, 0, 2). Filter 2 won one pixel and has
 * its colour. Filters 1 and 3 won none. Squared errors: 4 + 4, 1 + 4, 0, which is 13 over 9 values. */
static void means_by_hand(void **state)
{
    (void)state;
    static const uint8_t rgb[] = {10, 0, 0, 200, 100, 50, 13, 0, 4};
    static const uint32_t winners[] = {0, 2, 0};
    uint8_t pixels[3];
    br_redrawn picture = {.height = 1, .width = 3, .filters = 4, .pixels = pixels};
    br_palette_make(rgb, winners, &picture);
    assert_int_equal(picture.colours, 2);
    assert_int_equal(picture.idle, 2);
    assert_memory_equal(picture.palette, ((uint8_t[]){12, 0, 2, 200, 100, 50}), 6);
    assert_memory_equal(pixels, ((uint8_t[]){0, 1, 0}), 3);
    assert_true(fabs(picture.mean_square - 13.0 / 9) < 1e-12);
    assert_true(fabs(picture.psnr - 46.5337952) < 1e-6); /* 10 log10(65025 * 9/13) */
}

/* Filters 0 and 2 have the same mean, which is in the palette once. */
static void equal_means_share_a_place(void **state)
{
    (void)state;
    static const uint8_t rgb[] = {7, 7, 7, 1, 2, 3, 7, 7, 7, 255, 255, 255};
    static const uint32_t winners[] = {2, 1, 0, 3};
    uint8_t pixels[4];
    br_redrawn picture = {.height = 2, .width = 2, .filters = 4, .pixels = pixels};
    br_palette_make(rgb, winners, &picture);
    assert_int_equal(picture.colours, 3);
    assert_int_equal(picture.idle, 0);
    assert_memory_equal(pixels, ((uint8_t[]){0, 1, 0, 2}), 4);
    assert_true(picture.mean_square == 0 && isinf(picture.psnr) && picture.psnr > 0);
}

/* 63.75 rounds to 64; each channel has three errors of 64 and one of 191. */
static void a_mean_of_unequals(void **state)
{
    (void)state;
    static const uint8_t rgb[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255};
    static const uint32_t winners[] = {0, 0, 0, 0};
    uint8_t pixels[4];
    br_redrawn picture = {.height = 1, .width = 4, .filters = 1, .pixels = pixels};
    br_palette_make(rgb, winners, &picture);
    assert_memory_equal(picture.palette[0], ((uint8_t[]){64, 64, 64}), 3);
    assert_true(fabs(picture.mean_square - (3 * 64.0 * 64 + 191.0 * 191) / 4) < 1e-9);
}

/* ---- indexed PNGs ---- */

/* 1, 2, 4 and 8 bits per pixel, with a width that is no multiple of a byte. */
static void what_is_written_is_read_again(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 2, 3, 4, 5, 16, 17, 256};
    static const int depths[] = {1, 1, 2, 2, 4, 4, 8, 8};
    enum { HEIGHT = 23, WIDTH = 13 };
    scratch s;
    assert_int_equal(scratch_new(&s), 0);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        uint8_t pixels[HEIGHT * WIDTH], wanted[HEIGHT * WIDTH * 3];
        br_redrawn picture = {.height = HEIGHT, .width = WIDTH, .colours = counts[i], .pixels = pixels};
        for (uint32_t c = 0; c < counts[i]; c++)
            memcpy(picture.palette[c], ((uint8_t[]){(uint8_t)c, (uint8_t)(255 - c), (uint8_t)(c * 7)}), 3);
        for (uint32_t p = 0; p < HEIGHT * WIDTH; p++) {
            pixels[p] = (uint8_t)(p % counts[i]);
            memcpy(wanted + 3 * p, picture.palette[pixels[p]], 3);
        }
        br_error error;
        br_bytes file;
        br_array array;
        uint64_t bytes;
        assert_int_equal(br_png_write_redrawn(scratch_path(&s, "a.png"), &picture, &bytes, &error), 0);
        assert_int_equal(br_bytes_read(s.path, BR_FILE_LIMIT, &file, &error), 0);
        assert_int_equal(file.size, bytes);
        assert_int_equal(file.data[24], depths[i]);
        assert_int_equal(file.data[25], 3); /* a palette */
        assert_int_equal(br_png_read(&(br_picture_context){0}, s.path, &file, &array, &error), 0);
        assert_true(array.shape.height == HEIGHT && array.shape.width == WIDTH && array.shape.channels == 3);
        assert_memory_equal(array.bytes, wanted, sizeof wanted);
        br_array_free(&array);
        br_bytes_free(&file);
    }
    scratch_remove(&s);
}

/* ---- pixels as samples ---- */

static const char ppm[] = "P3 2 2 255  1 2 3  4 5 6  7 8 9  250 251 252";
static const char pgm[] = "P2 3 1 255  0 7 255";

static int load(const char *path, uint32_t side, double hold_out, br_data **out, br_error *error)
{
    br_source source = {.format = BT_FORMAT_PIXELS, .split = BT_SPLIT_TRAIN, .inputs = path};
    br_data_spec spec = {
        .source_count = 1, .sources = &source, .hold_out = hold_out, .high = 255, .shape = {side, 1, 3}, .classes = 4};
    *error = (br_error){0};
    return br_data_load(&spec, 1, out, error);
}

static void every_pixel_is_a_sample(void **state)
{
    (void)state;
    scratch s;
    br_data *data;
    br_error error;
    assert_int_equal(scratch_new(&s), 0);
    assert_int_equal(scratch_write(scratch_path(&s, "colour"), ppm, strlen(ppm)), 0);
    assert_int_equal(load(s.path, 1, 0, &data, &error), 0);
    const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN);
    assert_true(train->count == 4 && train->shape.height == 1 && train->shape.width == 1 && train->shape.channels == 3);
    assert_null(train->labels);
    assert_memory_equal(train->bytes, ((uint8_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 252}), 12);
    assert_int_equal(br_data_split(data, BT_SPLIT_TEST)->count, 0);
    br_data_free(data);
    assert_int_equal(scratch_write(scratch_path(&s, "grey"), pgm, strlen(pgm)), 0);
    assert_int_equal(load(s.path, 1, 0, &data, &error), 0);
    train = br_data_split(data, BT_SPLIT_TRAIN);
    assert_int_equal(train->count, 3);
    assert_memory_equal(train->bytes, ((uint8_t[]){0, 0, 0, 7, 7, 7, 255, 255, 255}), 9);
    br_data_free(data);
    scratch_remove(&s);
}

static void assert_refused_load(const char *path, uint32_t side, double hold_out, br_error_kind kind,
                                const char *wanted)
{
    br_data *data;
    br_error error;
    assert_int_equal(load(path, side, hold_out, &data, &error), -1);
    assert_non_null(strstr(error.message, wanted));
    assert_int_equal(error.kind, kind);
}

static void what_is_no_picture_is_refused(void **state)
{
    (void)state;
    scratch s;
    assert_int_equal(scratch_new(&s), 0);
    assert_refused_load(scratch_path(&s, "none"), 1, 0, BR_ERROR_IO, "none");
    assert_int_equal(scratch_write(scratch_path(&s, "empty"), "", 0), 0);
    assert_refused_load(s.path, 1, 0, BR_ERROR_IO, "empty: the file is empty");
    assert_int_equal(scratch_write(scratch_path(&s, "short"), ppm, strlen(ppm) - 20), 0);
    assert_refused_load(s.path, 1, 0, BR_ERROR_IO, "short: byte");
    assert_int_equal(scratch_write(scratch_path(&s, "whole"), ppm, strlen(ppm)), 0);
    assert_refused_load(s.path, 2, 0, BR_ERROR_CHECK, "pixels are samples of 1x1x3, but the network's input is 2x1x3");
    assert_refused_load(s.path, 1, 0.5, BR_ERROR_CHECK, "hold out 50%: samples without labels can't validate anything");
    scratch_remove(&s);
}

static void samples_with_and_without_labels_do_not_join(void **state)
{
    (void)state;
    static const char csv[] = "1,2,3,0\n";
    scratch s, t;
    br_data *data;
    br_error error = {0};
    assert_int_equal(scratch_new(&s), 0);
    assert_int_equal(scratch_new(&t), 0);
    assert_int_equal(scratch_write(scratch_path(&s, "p"), ppm, strlen(ppm)), 0);
    assert_int_equal(scratch_write(scratch_path(&t, "c.csv"), csv, strlen(csv)), 0);
    br_source sources[] = {{.format = BT_FORMAT_PIXELS, .split = BT_SPLIT_TRAIN, .inputs = s.path},
                           {.format = BT_FORMAT_CSV, .split = BT_SPLIT_TEST, .inputs = t.path}};
    br_data_spec spec = {.source_count = 2, .sources = sources, .high = 255, .shape = {1, 1, 3}, .classes = 4};
    assert_int_equal(br_data_load(&spec, 1, &data, &error), -1);
    assert_string_equal(error.message, "samples with labels and samples without can't be joined");
    spec.source_count = 1;
    sources[0].split = BT_SPLIT_TRAIN;
    assert_int_equal(br_data_load(&spec, 1, &data, &error), 0);
    br_data_free(data);
    spec.source_count = 2;
    sources[1] = sources[0];
    assert_int_equal(br_data_load(&spec, 1, &data, &error), 0);
    assert_int_equal(br_data_split(data, BT_SPLIT_TRAIN)->count, 8);
    br_data_free(data);
    scratch_remove(&s);
    scratch_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_by_hand),
        cmocka_unit_test(equal_means_share_a_place),
        cmocka_unit_test(a_mean_of_unequals),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(every_pixel_is_a_sample),
        cmocka_unit_test(what_is_no_picture_is_refused),
        cmocka_unit_test(samples_with_and_without_labels_do_not_join),
    };
    return cmocka_run_group_tests_name("redrawing", tests, NULL, NULL);
}
