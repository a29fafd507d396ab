/* PGM and PPM images: P2 and P3 as text, P5 and P6 as bytes (two per value if the largest value is above 255). */
#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "data/pictures/pictures.h"

typedef struct pnm {
    const char *path;
    const br_bytes *file;
    uint64_t at;
    uint32_t channels;
    bool words;
    uint32_t most; /* the value of white */
    br_error *error;
} pnm;

/* Skips blanks and comments. A comment runs from # to the end of the line. */
static void skip_blanks(pnm *p)
{
    bool comment = false;
    for (; p->at < p->file->size; p->at++) {
        uint8_t c = p->file->data[p->at];
        if (c == '\n' || c == '\r')
            comment = false;
        else if (c == '#')
            comment = true;
        else if (!comment && !isspace(c))
            return;
    }
}

/* A table may begin with the names P2 and P3 of its columns, but a number follows here. */
bool br_pnm_is(const br_bytes *file)
{
    pnm p = {.file = file, .at = 2};
    if (file->size < 3 || file->data[0] != 'P' || memchr("2356", file->data[1], 4) == NULL ||
        (!isspace(file->data[2]) && file->data[2] != '#'))
        return false;
    skip_blanks(&p);
    return p.at == file->size || isdigit(file->data[p.at]);
}

static int fail_here(const pnm *p, const char *what)
{
    return br_fail(p->error, BR_ERROR_IO, "%s: byte %llu: %s", p->path, (unsigned long long)p->at, what);
}

static int read_number(pnm *p, uint32_t most, uint32_t *out)
{
    skip_blanks(p);
    if (p->at == p->file->size)
        return fail_here(p, "the picture is cut short");
    uint64_t value = 0, start = p->at;
    for (; p->at < p->file->size && isdigit(p->file->data[p->at]) && value <= most; p->at++)
        value = value * 10 + (uint64_t)(p->file->data[p->at] - '0');
    if (p->at == start)
        return fail_here(p, "a number is expected");
    if (value > most)
        return br_fail(p->error, BR_ERROR_IO, "%s: byte %llu: a number is larger than the %u allowed here", p->path,
                       (unsigned long long)start, most);
    *out = (uint32_t)value;
    return 0;
}

static uint8_t to_byte(uint32_t value, uint32_t most)
{
    return (uint8_t)((value * 255u + most / 2) / most);
}

static int read_words(pnm *p, uint8_t *pixels, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        uint32_t value;
        if (read_number(p, p->most, &value) != 0)
            return -1;
        pixels[i] = to_byte(value, p->most);
    }
    skip_blanks(p);
    return p->at == p->file->size ? 0 : fail_here(p, "something follows the picture");
}

static int read_bytes(pnm *p, uint8_t *pixels, uint64_t n)
{
    uint64_t size = p->most > 255 ? 2 : 1, held = p->file->size - p->at;
    if (held < n * size) {
        p->at = p->file->size;
        return fail_here(p, "the picture is cut short");
    }
    const uint8_t *from = p->file->data + p->at;
    for (uint64_t i = 0; i < n; i++) {
        uint32_t value = size == 1 ? from[i] : (uint32_t)from[2 * i] << 8 | from[2 * i + 1];
        if (value > p->most) {
            p->at += i * size;
            return fail_here(p, "a value is larger than the picture's largest");
        }
        pixels[i] = to_byte(value, p->most);
    }
    p->at += n * size;
    return held == n * size ? 0 : fail_here(p, "something follows the picture");
}

static int read_picture(pnm *p, br_array *out)
{
    uint32_t width, height;
    if (read_number(p, BR_PICTURE_SIDE, &width) != 0 || read_number(p, BR_PICTURE_SIDE, &height) != 0 ||
        read_number(p, 65535, &p->most) != 0)
        return -1;
    if (p->most == 0)
        return fail_here(p, "the largest value is 0");
    if (br_picture_check(p->path, height, width, p->channels, p->error) != 0)
        return -1;
    *out = (br_array){.count = 1, .shape = {height, width, p->channels}};
    if (p->at == p->file->size)
        return fail_here(p, "the picture is cut short");
    if (!isspace(p->file->data[p->at++])) {
        p->at--;
        return fail_here(p, "a blank is expected after the largest value");
    }
    uint64_t n = br_array_values(out);
    if (n > p->file->size - p->at) /* a value takes at least one byte, so memory stays below the file's size */
        return p->at = p->file->size, fail_here(p, "the picture is cut short");
    out->bytes = br_new(n, 1, p->error);
    if (out->bytes == NULL)
        return -1;
    return p->words ? read_words(p, out->bytes, n) : read_bytes(p, out->bytes, n);
}

int br_pnm_read(br_picture_context *context, const char *path, const br_bytes *file, br_array *out, br_error *error)
{
    (void)context; /* neither alpha nor EXIF */
    *out = (br_array){0};
    if (!br_pnm_is(file))
        return br_fail(error, BR_ERROR_IO, "%s: byte 0: not a PGM or PPM picture", path);
    uint8_t format = file->data[1];
    pnm p = {.path = path, .file = file, .at = 2, .error = error};
    p.channels = format == '3' || format == '6' ? 3 : 1;
    p.words = format == '2' || format == '3';
    int status = read_picture(&p, out);
    if (status != 0)
        br_array_free(out);
    return status;
}
