/* PNG images through libpng, decoded from memory to grey or RGB bytes, with alpha if they have it. All state between
 * setjmp and the end of decoding is in a struct, so that longjmp loses no local variable. */
#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "base/memory.h"
#include "data/pictures/exif.h"
#include "data/pictures/pictures.h"

typedef struct reader {
    const char *path;
    const br_bytes *file;
    uint64_t at;
    png_structp png;
    png_infop info;
    uint32_t height, width, channels; /* channels as decoded: 1 or 3, plus alpha */
    uint8_t *pixels;
    png_bytep *rows;
    br_error *error;
    bool failed; /* *error is filled in */
} reader;

bool br_png_is(const br_bytes *file)
{
    return file->size >= 8 && png_sig_cmp(file->data, 0, 8) == 0;
}

static void fail_read(png_structp png, png_const_charp reason)
{
    reader *r = png_get_error_ptr(png);
    if (!r->failed)
        br_fail(r->error, BR_ERROR_IO, "%s: the PNG is damaged: %s", r->path, reason);
    r->failed = true;
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp reason)
{
    (void)png;
    (void)reason;
}

static void read_memory(png_structp png, png_bytep to, size_t n)
{
    reader *r = png_get_io_ptr(png);
    if (n > r->file->size - r->at)
        png_error(png, "the file is cut short");
    memcpy(to, r->file->data + r->at, n);
    r->at += n;
}

/* Stops decoding; *error is already filled in. */
static void give_up(reader *r)
{
    r->failed = true;
    png_longjmp(r->png, 1);
}

/* Configures libpng for 8-bit grey or RGB, with alpha if the image has it. */
static void ask_for_bytes(reader *r)
{
    png_set_expand(r->png); /* palette to RGB, 1 to 4 bits to 8, transparent colours to alpha */
    png_set_scale_16(r->png);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    r->channels = png_get_channels(r->png, r->info);
}

static void decode(reader *r)
{
    png_set_user_limits(r->png, BR_PICTURE_SIDE, BR_PICTURE_SIDE);
    /* Skips texts, profiles and similar chunks, for which libpng would allocate as many bytes as they claim to have. */
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_read_fn(r->png, r, read_memory);
    png_read_info(r->png, r->info);
    r->height = png_get_image_height(r->png, r->info);
    r->width = png_get_image_width(r->png, r->info);
    ask_for_bytes(r);
    if (br_picture_check(r->path, r->height, r->width, r->channels, r->error) != 0)
        give_up(r);
    size_t row = (size_t)r->width * r->channels;
    if (png_get_rowbytes(r->png, r->info) != row)
        png_error(r->png, "its rows have an unexpected size");
    r->pixels = br_new(r->height, row, r->error);
    r->rows = r->pixels != NULL ? br_new(r->height, sizeof *r->rows, r->error) : NULL;
    if (r->rows == NULL)
        give_up(r);
    for (uint32_t y = 0; y < r->height; y++)
        r->rows[y] = r->pixels + y * row;
    png_read_image(r->png, r->rows);
    png_read_end(r->png, NULL);
}

static bool read_safely(reader *r)
{
    if (setjmp(png_jmpbuf(r->png)) != 0)
        return false;
    decode(r);
    return true;
}

int br_png_read(br_picture_context *context, const char *path, const br_bytes *file, br_array *out, br_error *error)
{
    *out = (br_array){0};
    reader r = {.path = path, .file = file, .error = error};
    if (!br_png_is(file))
        return br_fail(error, BR_ERROR_IO, "%s: byte 0: not a PNG picture", path);
    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, fail_read, ignore_warning);
    r.info = r.png != NULL ? png_create_info_struct(r.png) : NULL;
    int status = -1;
    if (r.info == NULL)
        br_fail(error, BR_ERROR_FAULT, "out of memory: libpng could not start");
    else if (read_safely(&r))
        status = 0;
    png_destroy_read_struct(&r.png, &r.info, NULL);
    br_release(r.rows);
    if (status != 0) {
        br_release(r.pixels);
        return -1;
    }
    br_decoded decoded = {r.pixels, r.height, r.width, r.channels, br_exif_png(file), false};
    return br_picture_finish(context, path, &decoded, out, error);
}
