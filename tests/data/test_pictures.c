/* Pictures of every format: how they lie, what is behind transparent pixels, and which are refused by name. */
#include <gif_lib.h>
#include <stdio.h>

#include <jpeglib.h>
#include <webp/encode.h>

#include "base/memory.h"
#include "data/pictures/pictures.h"
#include "data/prepare.h"
#include "runtime/reading.h"

typedef struct read_back {
    br_array array;
    br_notes notes;
} read_back;

static read_back read(const void *bytes, size_t size, const br_pictures *rules)
{
    read_back out = {0};
    br_picture_context context = {.rules = rules, .notes = &out.notes};
    br_error error = {0};
    br_bytes file = {(uint8_t *)bytes, size};
    assert_true(br_picture_is(&file));
    int status = br_picture_read(&context, PATH, &file, &out.array, &error);
    br_picture_tell(&context);
    if (status != 0)
        fail_msg("%s", error.message);
    return out;
}

static void drop(read_back *back)
{
    br_array_free(&back->array);
    br_notes_free(&back->notes);
}

/* ---- orientation ---- */

/* A grey JPEG of 24 x 8 with a bright left third, with the EXIF orientation given (0: none). */
static uint8_t *jpeg(unsigned orientation, bool little, unsigned long *size)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr errors;
    uint8_t *out = NULL, row[24], exif[32] = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01";
    JSAMPROW rows = row;
    *size = 0;
    if (little)
        memcpy(exif + 6, "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18);
    exif[little ? 24 : 25] = (uint8_t)orientation;
    for (int i = 0; i < 24; i++)
        row[i] = i < 8 ? 250 : 5;
    j.err = jpeg_std_error(&errors);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &out, size);
    j.image_width = 24;
    j.image_height = 8;
    j.input_components = 1;
    j.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&j);
    jpeg_set_quality(&j, 100, TRUE);
    jpeg_start_compress(&j, TRUE);
    if (orientation > 0)
        jpeg_write_marker(&j, JPEG_APP0 + 1, exif, sizeof exif);
    for (int y = 0; y < 8; y++)
        jpeg_write_scanlines(&j, &rows, 1);
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    return out;
}

/* Where the bright third lies after the picture was turned. */
static void photographs_lie_as_exif_states(void **state)
{
    (void)state;
    static const struct {
        uint32_t height, row, column; /* of a bright pixel */
    } wanted[9] = {{8, 4, 2},  {8, 4, 2},  {8, 4, 21},  {8, 4, 21}, {8, 4, 2},
                   {24, 2, 4}, {24, 2, 4}, {24, 21, 4}, {24, 21, 4}};
    for (unsigned o = 0; o <= 8; o++)
        for (int little = 0; little < 2; little++) {
            unsigned long size;
            uint8_t *file = jpeg(o, little, &size);
            read_back back = read(file, size, NULL);
            uint32_t width = back.array.shape.width;
            assert_int_equal(back.array.shape.height, wanted[o].height);
            assert_int_equal(width, 32 - wanted[o].height);
            assert_true(back.array.bytes[wanted[o].row * width + wanted[o].column] > 200);
            assert_true(
                back.array.bytes[(wanted[o].height - 1 - wanted[o].row) * width + width - 1 - wanted[o].column] < 60);
            drop(&back);
            free(file);
        }
}

static void damaged_exif_is_ignored(void **state)
{
    (void)state;
    unsigned long size;
    uint8_t *file = jpeg(6, false, &size);
    for (unsigned at = 20; at < 60; at++) {
        uint8_t *bad = malloc(size);
        memcpy(bad, file, size);
        bad[at] = 0xff;
        br_array out;
        br_error error;
        br_picture_context context = {0};
        if (br_jpeg_read(&context, PATH, &(br_bytes){bad, size}, &out, &error) == 0)
            assert_int_equal(bt_places(out.shape), 24 * 8);
        br_array_free(&out);
        free(bad);
    }
    free(file);
}

/* ---- transparency ---- */

static void transparent_pixels_lie_on_the_background(void **state)
{
    (void)state;
    static const uint8_t pixels[2 * 4] = {200, 100, 50, 255, 200, 100, 50, 0};
    static const br_pictures black = {.background_given = true}, white = {.background = {255, 255, 255}};
    uint8_t *file;
    size_t size = WebPEncodeLosslessRGBA(pixels, 2, 1, 8, &file);
    assert_true(size > 0);
    read_back on_black = read(file, size, &black), on_white = read(file, size, &white);
    assert_memory_equal(on_black.array.bytes, ((uint8_t[]){200, 100, 50, 0, 0, 0}), 6);
    assert_memory_equal(on_white.array.bytes, ((uint8_t[]){200, 100, 50, 255, 255, 255}), 6);
    assert_int_equal(on_black.notes.count, 0);
    assert_int_equal(on_white.notes.count, 1);
    assert_non_null(strstr(on_white.notes.list[0].text, "background"));
    drop(&on_black);
    drop(&on_white);
    WebPFree(file);
}

static void opaque_pictures_need_no_note(void **state)
{
    (void)state;
    static const uint8_t pixels[3] = {9, 8, 7};
    uint8_t *file;
    size_t size = WebPEncodeLosslessRGB(pixels, 1, 1, 3, &file);
    read_back back = read(file, size, NULL);
    assert_memory_equal(back.array.bytes, pixels, 3);
    assert_int_equal(back.notes.count, 0);
    drop(&back);
    WebPFree(file);
}

/* ---- GIF and BMP ---- */

typedef struct buffer {
    uint8_t bytes[512];
    int size;
} buffer;

static int collect(GifFileType *gif, const GifByteType *bytes, int n)
{
    buffer *to = gif->UserData;
    memcpy(to->bytes + to->size, bytes, (size_t)n);
    to->size += n;
    return n;
}

/* Frames of 2 x 1: red and blue, then blue and red, and so on. */
static buffer gif(int frames)
{
    buffer out = {.size = 0};
    int cause;
    GifColorType colours[2] = {{255, 0, 0}, {0, 0, 255}};
    ColorMapObject *map = GifMakeMapObject(2, colours);
    GifFileType *file = EGifOpen(&out, collect, &cause);
    assert_non_null(file);
    EGifPutScreenDesc(file, 2, 1, 1, 0, map);
    for (int f = 0; f < frames; f++) {
        GifPixelType row[2] = {(GifPixelType)(f % 2), (GifPixelType)(1 - f % 2)};
        assert_int_equal(EGifPutImageDesc(file, 0, 0, 2, 1, false, NULL), GIF_OK);
        assert_int_equal(EGifPutLine(file, row, 2), GIF_OK);
    }
    EGifCloseFile(file, &cause);
    GifFreeMapObject(map);
    return out;
}

static void the_first_frame_of_a_gif_is_read(void **state)
{
    (void)state;
    static const uint8_t wanted[6] = {255, 0, 0, 0, 0, 255};
    for (int frames = 1; frames <= 2; frames++) {
        buffer file = gif(frames);
        read_back back = read(file.bytes, (size_t)file.size, NULL);
        assert_memory_equal(back.array.bytes, wanted, 6);
        assert_int_equal(back.notes.count, frames - 1);
        drop(&back);
    }
}

/* 2 x 2 of 24 bits, rows from the bottom up and padded to four bytes; blue comes first. */
static const uint8_t bmp[70] =
    "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\2\0\0\0\2\0\0\0\1\0\x18\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\1\2\3\4\5\6\0\0\7\x08\x09\x0a\x0b\x0c\0";

static void a_bmp_is_read(void **state)
{
    (void)state;
    static const uint8_t wanted[12] = {9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4};
    read_back back = read(bmp, sizeof bmp, NULL);
    assert_true(bt_same_shape(back.array.shape, (bt_shape){2, 2, 3}));
    assert_memory_equal(back.array.bytes, wanted, 12);
    drop(&back);
}

static int any_picture(const br_bytes *file, br_error *error)
{
    br_array out;
    br_notes notes = {0};
    br_picture_context context = {.notes = &notes};
    int status = br_picture_read(&context, PATH, file, &out, error);
    br_picture_tell(&context);
    br_array_free(&out);
    br_notes_free(&notes);
    return status;
}

static void damaged_pictures_are_refused(void **state)
{
    (void)state;
    buffer file = gif(1);
    assert_truncations_refused(any_picture, bmp, sizeof bmp - 2); /* the last padding may be missing */
    assert_mutations_survived(any_picture, bmp, sizeof bmp, 5000);
    assert_mutations_survived(any_picture, file.bytes, (size_t)file.size, 5000);
}

static void other_formats_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *name;
        size_t size;
    } cases[] = {{"II*\0\x08\0\0\0", "TIFF", 8}, {"%PDF-1.7\n", "PDF", 9}, {"<svg xmlns=\"\">", "SVG", 14}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        br_error error;
        br_bytes file = {(uint8_t *)cases[i].bytes, cases[i].size};
        assert_true(br_picture_is(&file));
        assert_int_equal(any_picture(&file, &error), -1);
        assert_non_null(strstr(error.message, cases[i].name));
        assert_non_null(strstr(error.message, "PNG"));
    }
}

/* ---- invert, transpose, turn ---- */

static void pictures_are_turned(void **state)
{
    (void)state;
    static const struct {
        br_pictures rules;
        uint8_t wanted[6];
        uint32_t height;
    } cases[] = {{{.turns = 1}, {4, 1, 5, 2, 6, 3}, 3},
                 {{.turns = 2}, {6, 5, 4, 3, 2, 1}, 2},
                 {{.turns = 3}, {3, 6, 2, 5, 1, 4}, 3},
                 {{.transpose = true}, {1, 4, 2, 5, 3, 6}, 3},
                 {{.invert = true}, {254, 253, 252, 251, 250, 249}, 2},
                 {{.transpose = true, .turns = 1}, {3, 2, 1, 6, 5, 4}, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        br_error error;
        bt_shape after = {cases[i].height, 5 - cases[i].height, 1};
        br_array array = {.count = 1, .shape = {2, 3, 1}, .bytes = br_new(6, 1, &error)};
        memcpy(array.bytes, ((uint8_t[]){1, 2, 3, 4, 5, 6}), 6);
        assert_true(bt_same_shape(br_shape_before(after, &cases[i].rules), array.shape));
        assert_int_equal(br_pictures_prepare(&array, &cases[i].rules, 0, 255, after, &error), 0);
        assert_memory_equal(array.bytes, cases[i].wanted, 6);
        assert_true(bt_same_shape(array.shape, after));
        br_array_free(&array);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(photographs_lie_as_exif_states),
        cmocka_unit_test(damaged_exif_is_ignored),
        cmocka_unit_test(transparent_pixels_lie_on_the_background),
        cmocka_unit_test(opaque_pictures_need_no_note),
        cmocka_unit_test(the_first_frame_of_a_gif_is_read),
        cmocka_unit_test(a_bmp_is_read),
        cmocka_unit_test(damaged_pictures_are_refused),
        cmocka_unit_test(other_formats_are_named),
        cmocka_unit_test(pictures_are_turned),
    };
    return cmocka_run_group_tests_name("pictures", tests, NULL, NULL);
}
