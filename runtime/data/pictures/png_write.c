/* PNG images through libpng, written: grey images, images with a palette, and images of three bytes a pixel. */
#include <png.h>
#include <setjmp.h>

#include "base/memory.h"
#include "data/formats/readers.h"

enum { BEST_COMPRESSION = 9 };

typedef struct writer {
    const char *name; /* for messages */
    br_error *error;
    br_image image;
    bool smallest;
    png_color entries[BR_PALETTE_MOST];
} writer;

static void fail_write(png_structp png, png_const_charp reason)
{
    writer *w = png_get_error_ptr(png);
    br_fail(w->error, BR_ERROR_IO, "%s: can't be written: %s", w->name, reason);
    png_longjmp(png, 1);
}

/* The number of bits per pixel that distinguish so many colours. */
static int depth_of(uint32_t colours)
{
    return colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8;
}

static void write_header(png_structp png, png_infop info, writer *w)
{
    const br_image *image = &w->image;
    png_set_IHDR(png, info, image->width, image->height, image->colours ? depth_of(image->colours) : 8,
                 image->rgb       ? PNG_COLOR_TYPE_RGB
                 : image->colours ? PNG_COLOR_TYPE_PALETTE
                                  : PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (w->smallest)
        png_set_compression_level(png, BEST_COMPRESSION);
    for (uint32_t i = 0; i < image->colours; i++)
        w->entries[i] = (png_color){image->palette[i][0], image->palette[i][1], image->palette[i][2]};
    if (image->colours > 0)
        png_set_PLTE(png, info, w->entries, (int)image->colours);
}

static bool write_safely(png_structp png, png_infop info, FILE *to, writer *w)
{
    const br_image *image = &w->image;
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_init_io(png, to);
    write_header(png, info, w);
    png_write_info(png, info);
    png_set_packing(png); /* several pixels in a byte if they fit */
    for (uint32_t y = 0; y < image->height; y++)
        png_write_row(png, image->pixels + (size_t)y * image->width * (image->rgb ? 3 : 1));
    png_write_end(png, info);
    return true;
}

static int write_stream(writer *w, FILE *to)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, w, fail_write, NULL);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (info == NULL)
        br_fail(w->error, BR_ERROR_FAULT, "out of memory: libpng could not start");
    bool written = info != NULL && write_safely(png, info, to, w);
    png_destroy_write_struct(&png, &info);
    return written ? 0 : -1;
}

/* *bytes: the size of the file; NULL: not wanted. */
static int write_file(writer *w, uint64_t *bytes)
{
    br_atomic_file *file;
    if (br_picture_check(w->name, w->image.height, w->image.width, w->image.rgb ? 3 : 1, w->error) != 0 ||
        br_atomic_open(w->name, &file, w->error) != 0)
        return -1;
    if (write_stream(w, br_atomic_stream(file)) != 0) {
        br_atomic_discard(file);
        return -1;
    }
    long end = ftell(br_atomic_stream(file));
    if (bytes != NULL)
        *bytes = end > 0 ? (uint64_t)end : 0;
    return br_atomic_commit(file, w->error);
}

int br_png_put(const br_image *image, FILE *to, br_error *error)
{
    writer w = {.name = "a picture", .error = error, .image = *image, .smallest = true};
    return write_stream(&w, to);
}

int br_png_write_grey(const char *path, const uint8_t *pixels, uint32_t height, uint32_t width, br_error *error)
{
    writer w = {.name = path, .error = error, .image = {.height = height, .width = width, .pixels = pixels}};
    return write_file(&w, NULL);
}

int br_png_write_rgb(const char *path, const uint8_t *pixels, uint32_t height, uint32_t width, br_error *error)
{
    writer w = {
        .name = path, .error = error, .image = {.height = height, .width = width, .pixels = pixels, .rgb = true}};
    return write_file(&w, NULL);
}

int br_png_write_redrawn(const char *path, const br_redrawn *picture, uint64_t *bytes, br_error *error)
{
    writer w = {.name = path,
                .error = error,
                .image = {.height = picture->height,
                          .width = picture->width,
                          .pixels = picture->pixels,
                          .colours = picture->colours,
                          .palette = picture->palette},
                .smallest = true};
    *bytes = 0;
    return write_file(&w, bytes);
}
