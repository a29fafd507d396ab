#include "report/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options/console.h"
#include "report/html.h"

enum { COLOURS = 256 };

uint8_t picture_signed(double strength)
{
    return (uint8_t)(128 + lround(127 * fmin(fmax(strength, -1), 1)));
}

/* ---- PNG in memory ---- */

/* Between nearly white and a red or a blue of the same lightness. */
static void colour_of(int index, uint8_t out[3])
{
    static const double none[3] = {246, 246, 246}, red[3] = {178, 24, 43}, blue[3] = {33, 102, 172};
    double strength = (index - 128) / 127.0, share = sqrt(fabs(strength));
    const double *end = strength > 0 ? red : blue;
    for (int i = 0; i < 3; i++)
        out[i] = index == SIGNED_GAP ? 128 : (uint8_t)lround(none[i] + share * (end[i] - none[i]));
}

/* The caller frees *out. False: out of memory. */
static bool to_png(const picture *p, char **out, size_t *size)
{
    uint8_t palette[COLOURS][3];
    br_image image = {.height = p->height, .width = p->width, .pixels = p->pixels, .rgb = p->channels == 3};
    br_error error;
    FILE *to = open_memstream(out, size);
    if (to == NULL)
        return false;
    for (int i = 0; p->is_signed && i < COLOURS; i++)
        colour_of(i, palette[i]);
    if (p->is_signed) {
        image.colours = COLOURS;
        image.palette = palette;
    }
    bool whole = br_png_put(&image, to, &error) == 0;
    return fclose(to) == 0 && whole;
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
