/* The kinds of one format: BMP of every depth, transparent, placed and interlaced GIF, animated WebP, and EXIF in PNG
 * and WebP. */
#include <gif_lib.h>
#include <png.h>
#include <stdio.h>
#include <webp/encode.h>

#include "base/memory.h"
#include "data/pictures/pictures.h"
#include "runtime/reading.h"

/* A file that a test writes byte by byte. */
typedef struct made {
    uint8_t bytes[1024];
    size_t size;
} made;

static void put(made *m, const void *bytes, size_t n)
{
    assert_true(m->size + n <= sizeof m->bytes);
    memcpy(m->bytes + m->size, bytes, n);
    m->size += n;
}

static void put32(made *m, uint32_t value)
{
    put(m, (uint8_t[]){(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)}, 4);
}

static void put16(made *m, uint32_t value)
{
    put(m, (uint8_t[]){(uint8_t)value, (uint8_t)(value >> 8)}, 2);
}

static int read_any(const made *m, const br_pictures *rules, br_notes *notes, br_array *out, br_error *error)
{
    br_bytes file = {malloc(m->size), m->size}; /* of exactly this size, for the sanitizers */
    br_picture_context context = {.rules = rules, .notes = notes};
    memcpy(file.data, m->bytes, m->size);
    int status = br_picture_read(&context, PATH, &file, out, error);
    br_picture_tell(&context);
    free(file.data);
    return status;
}

static void assert_pixels(const made *m, const br_pictures *rules, bt_shape shape, const uint8_t *wanted)
{
    br_notes notes = {0};
    br_array out;
    br_error error;
    if (read_any(m, rules, &notes, &out, &error) != 0)
        fail_msg("%s", error.message);
    assert_true(bt_same_shape(out.shape, shape));
    assert_memory_equal(out.bytes, wanted, bt_values(shape));
    br_array_free(&out);
    br_notes_free(&notes);
}

static void assert_damaged(const made *m, const char *part)
{
    br_array out;
    br_error error;
    assert_int_equal(read_any(m, NULL, NULL, &out, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_IO);
    if (strstr(error.message, part) == NULL)
        fail_msg("%s\nlacks\n%s", error.message, part);
}

/* ---- BMP ---- */

typedef struct kind {
    uint32_t header, bits, compression, colours;
    int32_t width, height;
} kind;

/* The headers, up to the masks or the palette; `between` are the bytes before the pixels. */
static made begin_bmp(kind k, uint32_t between)
{
    made m = {.size = 0};
    put(&m, "BM", 2);
    put32(&m, 0);
    put32(&m, 0);
    put32(&m, 14 + k.header + between);
    put32(&m, k.header);
    if (k.header == 12) {
        put16(&m, (uint32_t)k.width);
        put16(&m, (uint32_t)k.height);
        put16(&m, 1);
        put16(&m, k.bits);
        return m;
    }
    put32(&m, (uint32_t)k.width);
    put32(&m, (uint32_t)k.height);
    put16(&m, 1);
    put16(&m, k.bits);
    put32(&m, k.compression);
    for (int i = 0; i < 3; i++)
        put32(&m, 0);
    put32(&m, k.colours);
    put32(&m, 0);
    return m;
}

/* Three colours, each blue, green, red and an unused byte. */
static const uint8_t palette[12] = {3, 2, 1, 0, 6, 5, 4, 0, 9, 8, 7, 0};

static void palettes_of_every_depth_are_read(void **state)
{
    (void)state;
    static const uint8_t wanted[9] = {1, 2, 3, 7, 8, 9, 4, 5, 6}, two[9] = {1, 2, 3, 4, 5, 6, 1, 2, 3};
    static const struct {
        uint32_t bits;
        uint8_t row[4];
        const uint8_t *wanted;
    } cases[] = {{1, {0x40}, two}, {2, {0x24}, wanted}, {4, {0x02, 0x10}, wanted}, {8, {0, 2, 1}, wanted}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made m = begin_bmp((kind){40, cases[i].bits, 0, 3, 3, 1}, sizeof palette);
        put(&m, palette, sizeof palette);
        put(&m, cases[i].row, 4);
        assert_pixels(&m, NULL, (bt_shape){1, 3, 3}, cases[i].wanted);
    }
}

static void a_colour_beyond_the_palette_is_damage(void **state)
{
    (void)state;
    made m = begin_bmp((kind){40, 8, 0, 3, 3, 1}, sizeof palette);
    put(&m, palette, sizeof palette);
    put(&m, (uint8_t[]){0, 3, 1, 0}, 4);
    assert_damaged(&m, ": byte 67: the BMP is damaged: a pixel has a colour that is not in the palette");
}

static void the_first_row_may_be_the_top_one(void **state)
{
    (void)state;
    static const uint8_t rows[8] = {1, 2, 3, 0, 4, 5, 6, 0};
    static const uint8_t down[6] = {3, 2, 1, 6, 5, 4}, up[6] = {6, 5, 4, 3, 2, 1};
    for (int top = 0; top < 2; top++) {
        made m = begin_bmp((kind){40, 24, 0, 0, 1, top ? -2 : 2}, 0);
        put(&m, rows, sizeof rows);
        assert_pixels(&m, NULL, (bt_shape){2, 1, 3}, top ? down : up);
    }
}

static void headers_of_os2_are_read(void **state)
{
    (void)state;
    made m = begin_bmp((kind){12, 24, 0, 0, 1, 1}, 0);
    put(&m, (uint8_t[]){3, 2, 1, 0}, 4);
    assert_pixels(&m, NULL, (bt_shape){1, 1, 3}, (uint8_t[]){1, 2, 3});
    made p = begin_bmp((kind){12, 1, 0, 0, 2, 1}, 6); /* a colour has three bytes */
    put(&p, (uint8_t[]){3, 2, 1, 6, 5, 4, 0x40, 0, 0, 0}, 10);
    assert_pixels(&p, NULL, (bt_shape){1, 2, 3}, (uint8_t[]){1, 2, 3, 4, 5, 6});
}

static void masks_choose_the_bits_of_a_colour(void **state)
{
    (void)state;
    made plain = begin_bmp((kind){40, 16, 0, 0, 2, 1}, 0); /* 5 bits each */
    put16(&plain, 31u << 10 | 1);
    put16(&plain, 0x8000); /* the highest bit is not used */
    assert_pixels(&plain, NULL, (bt_shape){1, 2, 3}, (uint8_t[]){255, 0, 8, 0, 0, 0});
    made m = begin_bmp((kind){40, 16, 3, 0, 2, 1}, 12);
    put32(&m, 0xF800);
    put32(&m, 0x7E0);
    put32(&m, 0x1F);
    put16(&m, 63u << 5);
    put16(&m, 1u << 11);
    assert_pixels(&m, NULL, (bt_shape){1, 2, 3}, (uint8_t[]){0, 255, 0, 8, 0, 0});
    made gaps = begin_bmp((kind){40, 32, 3, 0, 1, 1}, 12);
    for (uint32_t mask = 5; mask <= 7; mask++)
        put32(&gaps, mask);
    put32(&gaps, 0);
    assert_damaged(&gaps, ": byte 54: the BMP is damaged: a mask has gaps");
}

/* 32 bits with a mask of alpha, in a header of 56 bytes. */
static made with_alpha(uint8_t alpha)
{
    made m = begin_bmp((kind){56, 32, 3, 0, 2, 1}, 0);
    put32(&m, 0xFF0000);
    put32(&m, 0xFF00);
    put32(&m, 0xFF);
    put32(&m, 0xFF000000);
    put(&m, (uint8_t[]){3, 2, 1, alpha, 6, 5, 4, 0}, 8);
    return m;
}

static void alpha_is_meant_only_if_a_pixel_is_visible(void **state)
{
    (void)state;
    made half = with_alpha(255), none = with_alpha(0);
    assert_pixels(&half, NULL, (bt_shape){1, 2, 3}, (uint8_t[]){1, 2, 3, 255, 255, 255});
    assert_pixels(&none, NULL, (bt_shape){1, 2, 3}, (uint8_t[]){1, 2, 3, 4, 5, 6});
}

static made with_runs(uint32_t bits, const void *runs, size_t n)
{
    made m = begin_bmp((kind){40, bits, bits == 8 ? 1 : 2, 3, 3, 2}, sizeof palette);
    put(&m, palette, sizeof palette);
    put(&m, runs, n);
    return m;
}

static void run_lengths_are_unpacked(void **state)
{
    (void)state;
    /* below: 1 1 2, above: 0 0 1, where a move skips the first two */
    static const uint8_t wanted[18] = {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 4, 5, 6, 7, 8, 9};
    made eight = with_runs(8, "\2\1\1\2\0\0\0\2\2\0\1\1\0\1", 14),
         four = with_runs(4, "\0\3\x11\x20\0\0\2\0\1\x10\0\1", 12);
    assert_pixels(&eight, NULL, (bt_shape){2, 3, 3}, wanted);
    assert_pixels(&four, NULL, (bt_shape){2, 3, 3}, wanted);
}

static void damaged_run_lengths_are_refused(void **state)
{
    (void)state;
    made wide = with_runs(8, "\4\1\0\1", 4), away = with_runs(8, "\0\2\0\2\0\1", 6), cut = with_runs(8, "\0\3\1", 3),
         open = with_runs(4, "\3\x12\0\0", 4), deep = with_runs(8, "\0\0\0\0\1\1\0\1", 8);
    assert_damaged(&wide, "a run leaves its row");
    assert_damaged(&deep, "a run leaves its row");
    assert_damaged(&away, "a move leaves the picture");
    assert_damaged(&cut, "the BMP is cut short");
    assert_damaged(&open, "the BMP is cut short");
    made top = begin_bmp((kind){40, 8, 1, 3, 3, -2}, 0);
    assert_damaged(&top, "run lengths with the top row first");
    made other = begin_bmp((kind){40, 24, 4, 0, 3, 2}, 0); /* a JPEG inside */
    assert_damaged(&other, "a BMP of 24 bits a pixel with compression 4 is not read; convert it to PNG");
}

static void impossible_bmp_sizes_are_refused(void **state)
{
    (void)state;
    static const int32_t sides[][2] = {{0, 1}, {1, 0}, {-1, 1}, {1, INT32_MIN}, {20000, 1}, {16384, 16384}};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        made m = begin_bmp((kind){40, 24, 0, 0, sides[i][0], sides[i][1]}, 0);
        assert_damaged(&m, i < 2 ? ": the picture has no pixels" : ": a picture of ");
    }
}

/* ---- GIF ---- */

static int collect(GifFileType *gif, const GifByteType *bytes, int n)
{
    put(gif->UserData, bytes, (size_t)n);
    return n;
}

/* A frame of 2x4 at (1, 0) of a picture of 3x4, whose four rows have the colours 0, 1, 2, 3. */
static made make_gif(bool interlaced, int clear, int colours)
{
    static const GifPixelType rows[4] = {0, 1, 2, 3}, order[4] = {0, 2, 1, 3};
    made m = {.size = 0};
    int cause;
    GifColorType list[4] = {{10, 11, 12}, {20, 21, 22}, {30, 31, 32}, {40, 41, 42}};
    ColorMapObject *map = GifMakeMapObject(colours, list);
    GifFileType *gif = EGifOpen(&m, collect, &cause);
    assert_non_null(gif);
    EGifSetGifVersion(gif, true);
    EGifPutScreenDesc(gif, 3, 4, 2, 0, map);
    uint8_t control[4] = {clear >= 0, 0, 0, (uint8_t)clear};
    EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, control);
    assert_int_equal(EGifPutImageDesc(gif, 1, 0, 2, 4, interlaced, NULL), GIF_OK);
    for (int y = 0; y < 4; y++) {
        GifPixelType value = rows[interlaced ? order[y] : (GifPixelType)y];
        assert_int_equal(EGifPutLine(gif, (GifPixelType[]){value, value}, 2), GIF_OK);
    }
    EGifCloseFile(gif, &cause);
    GifFreeMapObject(map);
    return m;
}

static void what_a_gif_does_not_cover_is_background(void **state)
{
    (void)state;
    static const br_pictures blue = {.background = {1, 2, 250}, .background_given = true};
    static const uint8_t wanted[36] = {1, 2, 250, 10, 11, 12,  10, 11, 12,  1, 2, 250, 20, 21, 22, 20, 21, 22,
                                       1, 2, 250, 1,  2,  250, 1,  2,  250, 1, 2, 250, 40, 41, 42, 40, 41, 42};
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        made m = make_gif(interlaced, 2, 4);
        assert_pixels(&m, &blue, (bt_shape){4, 3, 3}, wanted);
    }
}

static void damaged_gifs_are_refused(void **state)
{
    (void)state;
    made m = make_gif(false, -1, 4);
    for (size_t cut = 7; cut < m.size; cut++) {
        made part = m;
        part.size = cut;
        assert_damaged(&part, "GIF is ");
    }
    m.bytes[10] &= 0xF8; /* a palette of two colours: the other two would be a record */
    assert_damaged(&m, "GIF is ");
    made empty = {.size = 0};
    put(&empty, "GIF89a\1\0\1\0\0\0\0;", 14);
    assert_damaged(&empty, "the GIF is ");
}

/* ---- WebP ---- */

static void put_chunk(made *m, const char *name, const void *bytes, size_t n)
{
    put(m, name, 4);
    put32(m, (uint32_t)n);
    put(m, bytes, n);
    if (n % 2 == 1)
        put(m, "", 1);
}

static void put_little24(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    to[2] = (uint8_t)(value >> 16);
}

/* The chunk of pixels of one pixel of a colour: what follows the 12 bytes of a WebP's header. */
static size_t encode_pixel(const uint8_t colour[3], uint8_t out[64])
{
    uint8_t *file;
    size_t size = WebPEncodeLosslessRGB(colour, 1, 1, 3, &file);
    assert_true(size > 12 && size - 12 <= 64);
    memcpy(out, file + 12, size - 12);
    WebPFree(file);
    return size - 12;
}

static void close_riff(made *m)
{
    uint32_t size = (uint32_t)m->size - 8;
    memcpy(m->bytes + 4, (uint8_t[]){(uint8_t)size, (uint8_t)(size >> 8), 0, 0}, 4);
}

/* Frames of one pixel, from (2, 0) to the right, on a canvas of 4x1. */
static made animation(int frames, uint32_t left)
{
    static const uint8_t colours[2][3] = {{9, 8, 7}, {1, 2, 3}};
    made m = {.size = 0};
    uint8_t canvas[10] = {2};
    put(&m, "RIFF\0\0\0\0WEBP", 12);
    put_little24(canvas + 4, 3);
    put_chunk(&m, "VP8X", canvas, sizeof canvas);
    put_chunk(&m, "ANIM", "\xff\0\0\xff\0\0", 6);
    for (int i = 0; i < frames; i++) {
        uint8_t frame[16 + 64] = {0};
        put_little24(frame, left / 2);
        size_t n = encode_pixel(colours[i], frame + 16);
        put_chunk(&m, "ANMF", frame, 16 + n);
    }
    close_riff(&m);
    return m;
}

static void the_first_frame_of_a_webp_lies_in_its_place(void **state)
{
    (void)state;
    static const br_pictures black = {.background_given = true};
    made one = animation(1, 2), two = animation(2, 2), away = animation(1, 4), none = animation(0, 0);
    br_notes notes = {0};
    br_array out;
    br_error error;
    assert_pixels(&one, &black, (bt_shape){1, 4, 3}, (uint8_t[12]){[6] = 9, 8, 7});
    assert_int_equal(read_any(&two, &black, &notes, &out, &error), 0);
    assert_memory_equal(out.bytes, ((uint8_t[12]){[6] = 9, 8, 7}), 12);
    assert_int_equal(notes.count, 1);
    assert_string_equal(notes.list[0].text, PATH " has more than one frame; only the first is read");
    br_array_free(&out);
    br_notes_free(&notes);
    assert_damaged(&away, "its first frame leaves the picture");
    assert_damaged(&none, "the WebP animation holds no frame");
    one.size--;
    assert_damaged(&one, ": the WebP is cut short; it should have ");
}

/* ---- EXIF of PNG and WebP ---- */

/* Turned by a quarter for display: two pixels side by side come to lie below each other. */
static const uint8_t exif[26] = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0";

static void a_webp_lies_as_exif_states(void **state)
{
    (void)state;
    static const uint8_t pixels[6] = {9, 8, 7, 1, 2, 3};
    made m = {.size = 0};
    uint8_t *file, canvas[10] = {8};
    size_t size = WebPEncodeLosslessRGB(pixels, 2, 1, 6, &file);
    put(&m, "RIFF\0\0\0\0WEBP", 12);
    put_little24(canvas + 4, 1);
    put_chunk(&m, "VP8X", canvas, sizeof canvas);
    put(&m, file + 12, size - 12);
    put_chunk(&m, "EXIF", exif, sizeof exif - 1);
    close_riff(&m);
    WebPFree(file);
    assert_pixels(&m, NULL, (bt_shape){2, 1, 3}, pixels);
}

static void append(png_structp png, png_bytep bytes, size_t n)
{
    put(png_get_io_ptr(png), bytes, n);
}

static void no_flush(png_structp png)
{
    (void)png;
}

static made make_png(int type, const uint8_t *row, uint32_t width)
{
    made m = {.size = 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &m, append, no_flush);
    png_set_IHDR(png, info, width, 1, 8, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_eXIf_1(png, info, sizeof exif - 1, (png_bytep)exif);
    png_write_info(png, info);
    png_write_row(png, row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return m;
}

static void a_png_lies_as_exif_states(void **state)
{
    (void)state;
    static const uint8_t pixels[2] = {50, 90};
    made m = make_png(PNG_COLOR_TYPE_GRAY, pixels, 2);
    assert_pixels(&m, NULL, (bt_shape){2, 1, 1}, pixels);
}

static void grey_becomes_colour_only_on_a_coloured_background(void **state)
{
    (void)state;
    static const br_pictures grey = {.background = {20, 20, 20}, .background_given = true},
                             red = {.background = {200, 0, 0}, .background_given = true};
    made clear = make_png(PNG_COLOR_TYPE_GRAY_ALPHA, (uint8_t[]){100, 255, 100, 51}, 2),
         opaque = make_png(PNG_COLOR_TYPE_GRAY_ALPHA, (uint8_t[]){100, 255, 100, 255}, 2);
    assert_pixels(&clear, &grey, (bt_shape){2, 1, 1}, (uint8_t[]){100, 36});
    assert_pixels(&clear, &red, (bt_shape){2, 1, 3}, (uint8_t[]){100, 100, 100, 180, 20, 20});
    assert_pixels(&opaque, &red, (bt_shape){2, 1, 1}, (uint8_t[]){100, 100});
}

/* ---- sizes ---- */

static void a_row_of_pixels_is_scaled_as_any_picture(void **state)
{
    (void)state;
    br_error error;
    for (uint32_t width = 1; width <= 6; width++) { /* four pixels are the values of the input */
        br_array row = {.count = 1, .shape = {1, width, 1}, .bytes = br_new(width, 1, &error)};
        row.bytes[0] = 100;
        assert_int_equal(br_picture_fit(&row, PATH, (bt_shape){2, 2, 1}, &error), 0);
        assert_true(bt_same_shape(row.shape, (bt_shape){2, 2, 1}));
        assert_int_equal(row.bytes[2] == row.bytes[0], width != 4);
        br_array_free(&row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(palettes_of_every_depth_are_read),
        cmocka_unit_test(a_colour_beyond_the_palette_is_damage),
        cmocka_unit_test(the_first_row_may_be_the_top_one),
        cmocka_unit_test(headers_of_os2_are_read),
        cmocka_unit_test(masks_choose_the_bits_of_a_colour),
        cmocka_unit_test(alpha_is_meant_only_if_a_pixel_is_visible),
        cmocka_unit_test(run_lengths_are_unpacked),
        cmocka_unit_test(damaged_run_lengths_are_refused),
        cmocka_unit_test(impossible_bmp_sizes_are_refused),
        cmocka_unit_test(what_a_gif_does_not_cover_is_background),
        cmocka_unit_test(damaged_gifs_are_refused),
        cmocka_unit_test(the_first_frame_of_a_webp_lies_in_its_place),
        cmocka_unit_test(a_webp_lies_as_exif_states),
        cmocka_unit_test(a_png_lies_as_exif_states),
        cmocka_unit_test(grey_becomes_colour_only_on_a_coloured_background),
        cmocka_unit_test(a_row_of_pixels_is_scaled_as_any_picture),
    };
    return cmocka_run_group_tests_name("kinds of pictures", tests, NULL, NULL);
}
