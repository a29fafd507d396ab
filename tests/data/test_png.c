/* Images: every kind of PNG, PGM and PPM; damaged files; fitting images to a network's input. */
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <sys/resource.h>
#include <zlib.h>

#include "runtime/reading.h"
#include "runtime/scratch.h"

/* A PNG in memory. */
typedef struct made {
    uint8_t bytes[4096];
    size_t size;
} made;

static void append(png_structp png, png_bytep bytes, size_t n)
{
    made *m = png_get_io_ptr(png);
    assert_true(m->size + n <= sizeof m->bytes);
    memcpy(m->bytes + m->size, bytes, n);
    m->size += n;
}

static void no_flush(png_structp png)
{
    (void)png;
}

/* Writes rows of packed samples without conversion, with the given colour type and depth. */
static made make(int type, int depth, int interlace, uint32_t height, uint32_t width, const uint8_t *rows, size_t row)
{
    made m = {.size = 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &m, append, no_flush);
    png_set_IHDR(png, info, width, height, depth, type, interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    const png_color palette[] = {{0, 0, 0}, {255, 0, 0}, {10, 20, 30}, {255, 255, 255}};
    png_byte palette_alpha[] = {255, 255, 255, 0};
    if (type == PNG_COLOR_TYPE_PALETTE) {
        png_set_PLTE(png, info, palette, 4);
        png_set_tRNS(png, info, palette_alpha, 4, NULL);
    }
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (uint32_t y = 0; y < height; y++)
            png_write_row(png, rows + y * row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return m;
}

static int picture(const br_bytes *file, br_error *error)
{
    br_array out;
    int status = br_png_is(file) ? br_png_read(&(br_picture_context){0}, PATH, file, &out, error)
                                 : br_pnm_read(&(br_picture_context){0}, PATH, file, &out, error);
    br_array_free(&out);
    return status;
}

static void assert_picture(const void *bytes, size_t n, uint32_t channels, const uint8_t *wanted, size_t pixels)
{
    br_array out;
    br_error error = {0};
    br_bytes file = {(uint8_t *)bytes, n};
    int status = br_png_is(&file) ? br_png_read(&(br_picture_context){0}, PATH, &file, &out, &error)
                                  : br_pnm_read(&(br_picture_context){0}, PATH, &file, &out, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, 0);
    assert_int_equal(out.count, 1);
    assert_int_equal(out.shape.channels, channels);
    assert_int_equal(br_array_values(&out), pixels * channels);
    assert_memory_equal(out.bytes, wanted, pixels * channels);
    br_array_free(&out);
}

static void every_png_kind_is_read(void **state)
{
    (void)state;
    const uint8_t grey[] = {0, 100, 200, 255};
    made m = make(PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_NONE, 2, 2, grey, 2);
    assert_picture(m.bytes, m.size, 1, grey, 4);
    m = make(PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_ADAM7, 2, 2, grey, 2);
    assert_picture(m.bytes, m.size, 1, grey, 4);
    const uint8_t bits[] = {0xA0};
    m = make(PNG_COLOR_TYPE_GRAY, 1, PNG_INTERLACE_NONE, 1, 4, bits, 1);
    assert_picture(m.bytes, m.size, 1, (uint8_t[]){255, 0, 255, 0}, 4);
    const uint8_t wide[] = {0x00, 0x00, 0xff, 0xff, 0x80, 0x80};
    m = make(PNG_COLOR_TYPE_GRAY, 16, PNG_INTERLACE_NONE, 1, 3, wide, 6);
    assert_picture(m.bytes, m.size, 1, (uint8_t[]){0, 255, 128}, 3);
    const uint8_t rgb[] = {1, 2, 3, 250, 251, 252};
    m = make(PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, 1, 2, rgb, 6);
    assert_picture(m.bytes, m.size, 3, rgb, 2);
    const uint8_t indices[] = {0, 1, 2, 3};
    m = make(PNG_COLOR_TYPE_PALETTE, 8, PNG_INTERLACE_NONE, 1, 4, indices, 4);
    assert_picture(m.bytes, m.size, 3, (uint8_t[]){0, 0, 0, 255, 0, 0, 10, 20, 30, 255, 255, 255}, 4);
}

static void transparency_lies_on_white(void **state)
{
    (void)state;
    const uint8_t grey[] = {0, 0, 0, 255, 0, 51, 100, 255};
    made m = make(PNG_COLOR_TYPE_GRAY_ALPHA, 8, PNG_INTERLACE_NONE, 1, 4, grey, 8);
    assert_picture(m.bytes, m.size, 1, (uint8_t[]){255, 0, 204, 100}, 4);
    const uint8_t colour[] = {255, 0, 0, 255, 255, 0, 0, 0};
    m = make(PNG_COLOR_TYPE_RGB_ALPHA, 8, PNG_INTERLACE_NONE, 1, 2, colour, 8);
    assert_picture(m.bytes, m.size, 3, (uint8_t[]){255, 0, 0, 255, 255, 255}, 2);
}

static void damaged_png_is_refused(void **state)
{
    (void)state;
    const uint8_t grey[] = {0, 100, 200, 255};
    made m = make(PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_NONE, 2, 2, grey, 2);
    assert_truncations_refused(picture, m.bytes, m.size);
    assert_refused(picture, m.bytes, m.size - 1, BR_ERROR_IO, PATH ": the PNG is damaged: the file is cut short");
    m.bytes[45] ^= 0x55; /* within the pixels: the checksum no longer matches */
    br_error error;
    assert_int_equal(read_copy(picture, m.bytes, m.size, &error), -1);
    assert_non_null(strstr(error.message, PATH ": the PNG is damaged: "));
}

/* An image's header can claim any size. It must be checked before memory is allocated. */
static void huge_png_is_refused(void **state)
{
    (void)state;
    const uint8_t rgb[] = {1, 2, 3};
    static const struct {
        uint8_t width[4], height[4];
        const char *message;
    } cases[] = {
        {{0x7f, 0xff, 0xff, 0xff}, {0x7f, 0xff, 0xff, 0xff}, PATH ": the PNG is damaged: Invalid IHDR data"},
        {{0, 0, 0x40, 1}, {0, 0, 0, 1}, PATH ": the PNG is damaged: Invalid IHDR data"},
        {{0, 0, 0x40, 0},
         {0, 0, 0x40, 0},
         PATH ": a picture of 16384x16384; the limits are 16384 a side and 256 MiB decoded"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made m = make(PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, 1, 1, rgb, 3);
        memcpy(m.bytes + 16, cases[i].width, 4);
        memcpy(m.bytes + 20, cases[i].height, 4);
        uint32_t sum = (uint32_t)crc32(0, m.bytes + 12, 17);
        for (int b = 0; b < 4; b++)
            m.bytes[29 + b] = (uint8_t)(sum >> (24 - 8 * b));
        assert_refused(picture, m.bytes, m.size, BR_ERROR_IO, cases[i].message);
    }
}

/* The same holds for texts in the file: libpng itself would allocate as many bytes as a text claims to have. */
static void huge_png_text_takes_no_memory(void **state)
{
    (void)state;
    static const uint8_t chunk[] = {0x54, 0x18, 0xd7, 0x63, 'z', 'T', 'X', 't', 'a', 0, 0};
    enum { BEHIND_HEADER = 33, MEGABYTE = 1024 /* getrusage counts KiB */ };
    struct rusage before, behind;
    made m = make(PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_NONE, 1, 1, (uint8_t[]){7}, 1);
    memmove(m.bytes + BEHIND_HEADER + sizeof chunk, m.bytes + BEHIND_HEADER, m.size - BEHIND_HEADER);
    memcpy(m.bytes + BEHIND_HEADER, chunk, sizeof chunk);
    getrusage(RUSAGE_SELF, &before);
    assert_refused(picture, m.bytes, m.size + sizeof chunk, BR_ERROR_IO,
                   PATH ": the PNG is damaged: the file is cut short");
    getrusage(RUSAGE_SELF, &behind);
    assert_true(behind.ru_maxrss - before.ru_maxrss < 100 * MEGABYTE);
}

static void every_pnm_kind_is_read(void **state)
{
    (void)state;
    const uint8_t grey[] = {0, 128, 255};
    static const char p2[] = "P2\n# a comment\n3 1 # another\n255\n0 128\n255\n", p2small[] = "P2 3 1 2 0 1 2";
    static const char p3[] = "P3 1 1 255 1 2 3 ", p5[] = "P5\n3 1\n255\n\0\x80\xff", p6[] = "P6 1 1 255\n\1\2\3";
    static const char p5wide[] = "P5 3 1 65535\n\0\0\x80\0\xff\xff";
    assert_picture(p2, sizeof p2 - 1, 1, grey, 3);
    assert_picture(p2small, sizeof p2small - 1, 1, grey, 3);
    assert_picture(p3, sizeof p3 - 1, 3, (uint8_t[]){1, 2, 3}, 1);
    assert_picture(p5, sizeof p5 - 1, 1, grey, 3);
    assert_picture(p5wide, sizeof p5wide - 1, 1, grey, 3);
    assert_picture(p6, sizeof p6 - 1, 3, (uint8_t[]){1, 2, 3}, 1);
    assert_truncations_refused(picture, p5, sizeof p5 - 1);
    assert_truncations_refused(picture, p6, sizeof p6 - 1);
}

static void damaged_pnm_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"P5 0 1 255 ", PATH ": the picture has no pixels"},
        {"P5 16385 1 255 ", PATH ": byte 3: a number is larger than the 16384 allowed here"},
        {"P5 99999999999999999999 1 255 ", PATH ": byte 3: a number is larger than the 16384 allowed here"},
        {"P6 16384 16384 255 x", PATH ": a picture of 16384x16384; the limits are 16384 a side and 256 MiB decoded"},
        {"P5 4096 4096 255 x", PATH ": byte 18: the picture is cut short"},
        {"P5 2 1 0 xy", PATH ": byte 8: the largest value is 0"},
        {"P5 2 1 65536 xy", PATH ": byte 7: a number is larger than the 65535 allowed here"},
        {"P5 2 1 255 xyz", PATH ": byte 13: something follows the picture"},
        {"P5 2 1 100 !\xff", PATH ": byte 12: a value is larger than the picture's largest"},
        {"P5 2 1 255", PATH ": byte 10: the picture is cut short"},
        {"P5 2 1 255#xy", PATH ": byte 10: a blank is expected after the largest value"},
        {"P2 2 1 255 7 256", PATH ": byte 13: a number is larger than the 255 allowed here"},
        {"P2 2 1 255 7 -1", PATH ": byte 13: a number is expected"},
        {"P2 2 1 255 7 8 9", PATH ": byte 15: something follows the picture"},
        {"P2 2 1 255 7   ", PATH ": byte 15: the picture is cut short"},
        {"P4 2 1 x", PATH ": byte 0: not a PGM or PPM picture"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(picture, cases[i].text, strlen(cases[i].text), BR_ERROR_IO, cases[i].message);
}

static void mutations_do_no_harm(void **state)
{
    (void)state;
    uint8_t rows[16 * 16 * 3];
    for (size_t i = 0; i < sizeof rows; i++)
        rows[i] = (uint8_t)(i * 7);
    made m = make(PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7, 16, 16, rows, 48);
    assert_mutations_survived(picture, m.bytes, m.size, 3000);
    m = make(PNG_COLOR_TYPE_PALETTE, 2, PNG_INTERLACE_NONE, 16, 16, rows, 4);
    assert_mutations_survived(picture, m.bytes, m.size, 3000);
    static const char p3[] = "P3\n#c\n2 2 255\n1 2 3 4 5 6\n7 8 9 10 11 12\n";
    assert_mutations_survived(picture, p3, sizeof p3 - 1, 5000);
}

static void scaling_keeps_constants_and_averages_areas(void **state)
{
    (void)state;
    br_error error;
    br_array a = {.count = 1, .shape = {3, 5, 1}, .bytes = malloc(15)};
    memset(a.bytes, 77, 15);
    assert_int_equal(br_scale(&a, (bt_shape){28, 2, 1}, &error), 0);
    for (int i = 0; i < 56; i++)
        assert_int_equal(a.bytes[i], 77);
    br_array_free(&a);

    /* A line one pixel wide must not vanish when it is scaled down: the sum of the light is preserved. */
    a = (br_array){.count = 1, .shape = {1, 64, 1}, .floats = calloc(64, sizeof(float))};
    a.floats[29] = 64;
    assert_int_equal(br_scale(&a, (bt_shape){1, 8, 1}, &error), 0);
    float sum = 0;
    for (int i = 0; i < 8; i++)
        sum += a.floats[i];
    assert_true(fabsf(sum - 8) < 0.01f);
    br_array_free(&a);

    /* Scaling to twice the size interpolates between the centres; scaling to the same size changes nothing. */
    a = (br_array){.count = 1, .shape = {1, 2, 1}, .bytes = malloc(2)};
    memcpy(a.bytes, (uint8_t[]){0, 100}, 2);
    assert_int_equal(br_scale(&a, (bt_shape){1, 2, 1}, &error), 0);
    assert_memory_equal(a.bytes, ((uint8_t[]){0, 100}), 2);
    assert_int_equal(br_scale(&a, (bt_shape){1, 4, 1}, &error), 0);
    assert_memory_equal(a.bytes, ((uint8_t[]){0, 25, 75, 100}), 4);
    br_array_free(&a);
}

static void colour_becomes_luminance_and_grey_is_repeated(void **state)
{
    (void)state;
    br_error error;
    br_array a = {.count = 1, .shape = {1, 3, 3}, .bytes = malloc(9)};
    memcpy(a.bytes, (uint8_t[]){255, 0, 0, 0, 255, 0, 255, 255, 255}, 9);
    assert_int_equal(br_scale(&a, (bt_shape){1, 3, 1}, &error), 0);
    assert_memory_equal(a.bytes, ((uint8_t[]){76, 150, 255}), 3);
    assert_int_equal(br_scale(&a, (bt_shape){1, 3, 3}, &error), 0);
    assert_memory_equal(a.bytes, ((uint8_t[]){76, 76, 76, 150, 150, 150, 255, 255, 255}), 9);
    br_array_free(&a);
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    scratch s;
    assert_int_equal(scratch_new(&s), 0);
    const uint8_t grey[] = {0, 1, 2, 253, 254, 255};
    br_error error;
    br_bytes file;
    assert_int_equal(br_png_write_grey(scratch_path(&s, "a.png"), grey, 2, 3, &error), 0);
    assert_int_equal(br_bytes_read(s.path, BR_FILE_LIMIT, &file, &error), 0);
    assert_picture(file.data, file.size, 1, grey, 6);
    br_bytes_free(&file);
    assert_int_equal(br_png_write_grey(scratch_path(&s, "none/a.png"), grey, 2, 3, &error), -1);
    assert_non_null(strstr(error.message, "none/a.png"));
    assert_int_equal(error.kind, BR_ERROR_IO);
    assert_int_equal(br_png_write_grey(scratch_path(&s, "b.png"), grey, 0, 3, &error), -1);
    assert_int_equal(scratch_count(&s), 1);
    scratch_remove(&s);
}

static void check_put(const br_image *image, uint32_t channels, const uint8_t *wanted)
{
    br_error error;
    char *bytes = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&bytes, &size);
    assert_non_null(to);
    assert_int_equal(br_png_put(image, to, &error), 0);
    assert_int_equal(fclose(to), 0);
    assert_picture(bytes, size, channels, wanted, (size_t)image->height * image->width);
    free(bytes);
}

static void what_is_put_into_a_stream_is_read_again(void **state)
{
    static const uint8_t pixels[] = {2, 0, 1, 1, 2, 0}, rgb[] = {9, 8, 7, 0, 255, 1},
                         palette[][3] = {{10, 20, 30}, {1, 2, 3}, {200, 0, 100}},
                         coloured[] = {200, 0, 100, 10, 20, 30, 1, 2, 3, 1, 2, 3, 200, 0, 100, 10, 20, 30};
    br_error error;
    (void)state;
    check_put(&(br_image){.height = 2, .width = 3, .pixels = pixels}, 1, pixels);
    check_put(&(br_image){.height = 2, .width = 1, .pixels = rgb, .rgb = true}, 3, rgb);
    check_put(&(br_image){.height = 2, .width = 3, .pixels = pixels, .colours = 3, .palette = palette}, 3, coloured);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    setvbuf(full, NULL, _IONBF, 0);
    assert_int_equal(br_png_put(&(br_image){.height = 2, .width = 3, .pixels = pixels}, full, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_IO);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_png_kind_is_read),
        cmocka_unit_test(transparency_lies_on_white),
        cmocka_unit_test(what_is_put_into_a_stream_is_read_again),
        cmocka_unit_test(damaged_png_is_refused),
        cmocka_unit_test(huge_png_is_refused),
        cmocka_unit_test(huge_png_text_takes_no_memory),
        cmocka_unit_test(every_pnm_kind_is_read),
        cmocka_unit_test(damaged_pnm_is_refused),
        cmocka_unit_test(mutations_do_no_harm),
        cmocka_unit_test(scaling_keeps_constants_and_averages_areas),
        cmocka_unit_test(colour_becomes_luminance_and_grey_is_repeated),
        cmocka_unit_test(what_is_written_is_read_again),
    };
    return cmocka_run_group_tests_name("pictures", tests, NULL, NULL);
}
