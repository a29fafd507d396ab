#include "data/pictures/foreign.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LOOKED_AT 1024u /* bytes of a text in which its kind is looked for */

typedef struct mark {
    uint8_t at, length;
    const char *bytes, *name;
} mark;

/* Formats that are known by a few bytes at a fixed place. */
static const mark marks[] = {
    {0, 4, "II*", "a TIFF picture; convert it to PNG"},
    {0, 4, "MM\0*", "a TIFF picture; convert it to PNG"},
    {0, 4, "MM\0+", "a TIFF picture; convert it to PNG"},
    {0, 4, "II+", "a TIFF picture; convert it to PNG"},
    {0, 5, "%PDF-", "a PDF document; export its pictures as PNG"},
    {0, 4, "8BPS", "a Photoshop document; export it as PNG"},
    {0, 9, "gimp xcf ", "a GIMP document; export it as PNG"},
    {0, 12, "\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture; convert it to PNG"},
    {0, 4, "\xff\x4f\xff\x51", "a JPEG 2000 picture; convert it to PNG"},
    {0, 12, "\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture; convert it to PNG"},
    {0, 4, "\x76\x2f\x31\x01", "an OpenEXR picture; convert it to PNG"},
    {4, 8, "ftypavif", "an AVIF picture; convert it to PNG"},
    {4, 8, "ftypavis", "an AVIF picture; convert it to PNG"},
    {4, 8, "ftypheic", "a HEIC picture; convert it to JPEG or PNG"},
    {4, 8, "ftypheix", "a HEIC picture; convert it to JPEG or PNG"},
    {4, 8, "ftyphevc", "a HEIC picture; convert it to JPEG or PNG"},
    {4, 8, "ftypmif1", "a HEIF picture; convert it to JPEG or PNG"},
    {4, 8, "ftypmsf1", "a HEIF picture; convert it to JPEG or PNG"},
    {4, 4, "ftyp", "a video; store the frames that matter as PNG"},
};

/* An icon file begins with numbers that are rare elsewhere, so its first entry is checked too. */
static bool is_icon(const br_bytes *file)
{
    const uint8_t *b = file->data;
    if (file->size < 22 || memcmp(b, "\0\0", 2) != 0 || (b[2] != 1 && b[2] != 2) || b[3] != 0)
        return false;
    uint32_t count = br_little16(b + 4), size = br_little32(b + 14), at = br_little32(b + 18);
    return count > 0 && b[9] == 0 && at >= 6 + 16 * count && at < file->size && size > 0;
}

/* PBM and PAM: a number or a comment must follow, because a table's header may begin with the word P1. */
static bool is_other_pnm(const br_bytes *file)
{
    const uint8_t *b = file->data;
    if (file->size < 4 || b[0] != 'P' || (b[1] != '1' && b[1] != '4' && b[1] != '7') || !isspace(b[2]))
        return false;
    return isdigit(b[3]) || b[3] == '#' || (file->size > 8 && memcmp(b + 3, "WIDTH", 5) == 0);
}

/* Whether a text begins with markup that holds the tag. */
static bool is_markup(const br_bytes *file, const char *tag)
{
    uint64_t n = file->size < LOOKED_AT ? file->size : LOOKED_AT, at = 0, length = strlen(tag);
    if (n >= 3 && memcmp(file->data, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    while (at < n && isspace(file->data[at]))
        at++;
    if (at == n || file->data[at] != '<')
        return false;
    for (; at + length <= n; at++)
        if (strncasecmp((const char *)file->data + at, tag, length) == 0)
            return true;
    return false;
}

const char *br_foreign_is(const br_bytes *file)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (file->size >= (uint64_t)marks[i].at + marks[i].length &&
            memcmp(file->data + marks[i].at, marks[i].bytes, marks[i].length) == 0)
            return marks[i].name;
    if (is_icon(file))
        return "an icon file; convert it to PNG";
    if (is_other_pnm(file))
        return "a PBM or PAM picture; convert it to PGM, PPM or PNG";
    if (is_markup(file, "<svg"))
        return "an SVG drawing; convert it to PNG";
    if (is_markup(file, "<html") || is_markup(file, "<!doctype html"))
        return "a web page, not a picture; download the picture itself";
    return NULL;
}
