/* PNG images through libpng, written: grey images, images with a palette, and images of three bytes a pixel. */
#include <png.h>
#include <setjmp.h>

#include "base/memory.h"
#include "data/formats/readers.h"

enum { BEST_COMPRESSION = 9 };

/* An image with one byte for each pixel, or three. */
typedef struct writer {
    const char *path;
    br_error *error;
    uint32_t height, width;
    const uint8_t *pixels;
    bool rgb;         /* three bytes for each pixel; no palette */
    uint32_t colours; /* 0: grey */
    const uint8_t (*palette)[3];
    png_color entries[BR_PALETTE_MOST];
    uint64_t bytes; /* written so far */
} writer;

static void fail_write(png_structp png, png_const_charp reason)
{
    writer *w = png_get_error_ptr(png);
    br_fail(w->error, BR_ERROR_IO, "%s: can't be written: %s", w->path, reason);
    png_longjmp(png, 1);
}

/* The number of bits per pixel that distinguish so many colours. */
static int depth_of(uint32_t colours)
{
    return colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8;
}

static void write_header(png_structp png, png_infop info, writer *w)
{
    png_set_IHDR(png, info, w->width, w->height, w->colours ? depth_of(w->colours) : 8,
                 w->rgb       ? PNG_COLOR_TYPE_RGB
                 : w->colours ? PNG_COLOR_TYPE_PALETTE
                              : PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (w->colours == 0)
        return;
    for (uint32_t i = 0; i < w->colours; i++)
        w->entries[i] = (png_color){w->palette[i][0], w->palette[i][1], w->palette[i][2]};
    png_set_PLTE(png, info, w->entries, (int)w->colours);
    png_set_compression_level(png, BEST_COMPRESSION);
}

static bool write_safely(png_structp png, png_infop info, FILE *to, writer *w)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_init_io(png, to);
    write_header(png, info, w);
    png_write_info(png, info);
    png_set_packing(png); /* several pixels in a byte if they fit */
    for (uint32_t y = 0; y < w->height; y++)
        png_write_row(png, w->pixels + (size_t)y * w->width * (w->rgb ? 3 : 1));
    png_write_end(png, info);
    return true;
}

static int write_picture(writer *w)
{
    br_atomic_file *file;
    if (br_picture_check(w->path, w->height, w->width, w->rgb ? 3 : 1, w->error) != 0 ||
        br_atomic_open(w->path, &file, w->error) != 0)
        return -1;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, w, fail_write, NULL);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (info == NULL)
        br_fail(w->error, BR_ERROR_FAULT, "out of memory: libpng could not start");
    bool written = info != NULL && write_safely(png, info, br_atomic_stream(file), w);
    png_destroy_write_struct(&png, &info);
    if (!written) {
        br_atomic_discard(file);
        return -1;
    }
    long end = ftell(br_atomic_stream(file));
    w->bytes = end > 0 ? (uint64_t)end : 0;
    return br_atomic_commit(file, w->error);
}

int br_png_write_grey(const char *path, const uint8_t *pixels, uint32_t height, uint32_t width, br_error *error)
{
    writer w = {.path = path, .error = error, .height = height, .width = width, .pixels = pixels};
    return write_picture(&w);
}

int br_png_write_rgb(const char *path, const uint8_t *pixels, uint32_t height, uint32_t width, br_error *error)
{
    writer w = {.path = path, .error = error, .height = height, .width = width, .pixels = pixels, .rgb = true};
    return write_picture(&w);
}

int br_png_write_redrawn(const char *path, const br_redrawn *picture, uint64_t *bytes, br_error *error)
{
    writer w = {.path = path,
                .error = error,
                .height = picture->height,
                .width = picture->width,
                .pixels = picture->pixels,
                .colours = picture->colours,
                .palette = picture->palette};
    int status = write_picture(&w);
    *bytes = w.bytes;
    return status;
}
