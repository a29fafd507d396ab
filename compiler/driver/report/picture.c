#include "report/picture.h"

#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "options/console.h"
#include "report/html.h"

enum { BEST_COMPRESSION = 9 };

uint8_t picture_signed(double strength)
{
    return (uint8_t)(128 + lround(127 * fmin(fmax(strength, -1), 1)));
}

/* ---- colours ---- */

/* Between nearly white and a red or a blue of the same lightness. */
static png_color colour_of(int index)
{
    static const double none[3] = {246, 246, 246}, red[3] = {178, 24, 43}, blue[3] = {33, 102, 172};
    double strength = (index - 128) / 127.0, share = sqrt(fabs(strength));
    const double *end = strength > 0 ? red : blue;
    if (index == SIGNED_GAP)
        return (png_color){128, 128, 128};
    return (png_color){(png_byte)lround(none[0] + share * (end[0] - none[0])),
                       (png_byte)lround(none[1] + share * (end[1] - none[1])),
                       (png_byte)lround(none[2] + share * (end[2] - none[2]))};
}

/* ---- PNG in memory ---- */

typedef struct png_bytes {
    FILE *to;
    png_color palette[256];
} png_bytes;

static void write_bytes(png_structp png, png_bytep bytes, png_size_t count)
{
    png_bytes *out = png_get_io_ptr(png);
    if (fwrite(bytes, 1, count, out->to) != count)
        png_error(png, "out of memory");
}

static void flush_bytes(png_structp png)
{
    (void)png;
}

/* libpng would print its reason. */
static void fail_silently(png_structp png, png_const_charp reason)
{
    (void)reason;
    png_longjmp(png, 1);
}

static bool encode(png_structp png, png_infop info, png_bytes *out, const picture *p)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    int kind = p->is_signed ? PNG_COLOR_TYPE_PALETTE : p->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY;
    png_set_write_fn(png, out, write_bytes, flush_bytes);
    png_set_IHDR(png, info, p->width, p->height, 8, kind, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, BEST_COMPRESSION);
    for (int i = 0; p->is_signed && i < 256; i++)
        out->palette[i] = colour_of(i);
    if (p->is_signed)
        png_set_PLTE(png, info, out->palette, 256);
    png_write_info(png, info);
    for (uint32_t y = 0; y < p->height; y++)
        png_write_row(png, p->pixels + (size_t)y * p->width * p->channels);
    png_write_end(png, info);
    return true;
}

/* The caller frees *out. */
static bool to_png(const picture *p, char **out, size_t *size)
{
    png_bytes bytes = {.to = open_memstream(out, size)};
    png_structp png =
        bytes.to != NULL ? png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, fail_silently, NULL) : NULL;
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    bool whole = info != NULL && encode(png, info, &bytes, p);
    png_destroy_write_struct(&png, &info);
    return bytes.to != NULL && fclose(bytes.to) == 0 && whole;
}

static void put_base64(FILE *to, const unsigned char *bytes, size_t count)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < count; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (i + 1 < count ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (i + 2 < count ? bytes[i + 2] : 0);
        fputc(letters[three >> 18], to);
        fputc(letters[three >> 12 & 63], to);
        fputc(i + 1 < count ? letters[three >> 6 & 63] : '=', to);
        fputc(i + 2 < count ? letters[three & 63] : '=', to);
    }
}

int picture_draw(FILE *to, picture_room *room, const picture *p, double scale, const char *text)
{
    char *bytes = NULL;
    size_t size = 0;
    if (!to_png(p, &bytes, &size)) {
        free(bytes);
        return fail_memory(room->cli);
    }
    size_t needed = size / 3 * 4 + 4;
    if (needed > room->left) {
        room->left_out++;
        fputs("<span class=\"soft\">", to);
        html_text(to, text, 0);
        fputs(" (left out: no room)</span>", to);
    } else {
        room->left -= needed;
        fprintf(to, "<img width=\"%.0f\" height=\"%.0f\" alt=\"", p->width * scale, p->height * scale);
        html_text(to, text, 0);
        fputs("\" src=\"data:image/png;base64,", to);
        put_base64(to, (const unsigned char *)bytes, size);
        fputs("\">", to);
    }
    free(bytes);
    return STATUS_DONE;
}
