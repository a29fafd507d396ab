#include "picture/drawing.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "options/console.h"

/* ---- letters ---- */

/* One letter of UTF-8; *length is its bytes. Bytes that are no UTF-8, and letters that don't print or turn the direction
 * of a line, are read as a question mark. */
static uint32_t letter(const char *text, size_t *length)
{
    const unsigned char *at = (const unsigned char *)text;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t bytes = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 : at[0] >> 3 == 30 ? 4 : 0;
    uint32_t code = bytes == 1 ? at[0] : bytes > 1 ? at[0] & (0x7fu >> bytes) : 0;
    *length = 1;
    for (size_t i = 1; i < bytes; i++) {
        if (at[i] >> 6 != 2)
            return '?';
        code = code << 6 | (at[i] & 0x3f);
    }
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    bool turns = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                 (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0x61c;
    bool no_letter = (code >= 0xd800 && code < 0xe000) || code > 0x10ffff || (code & 0xfffe) == 0xfffe;
    if (bytes == 0 || code < least[bytes])
        return '?';
    *length = bytes;
    return control || turns || no_letter ? '?' : code;
}

static size_t cells_of(uint32_t code)
{
    bool mark = (code >= 0x300 && code < 0x370) || (code >= 0x483 && code < 0x48a) || (code >= 0x591 && code < 0x5be) ||
                (code >= 0x64b && code < 0x660) || (code >= 0x20d0 && code < 0x2100) ||
                (code >= 0xfe00 && code < 0xfe10);
    return mark ? 0 : code >= 0x1100 ? 2 : 1;
}

size_t text_cells(const char *text)
{
    size_t cells = 0;
    for (size_t length; *text != '\0'; text += length)
        cells += cells_of(letter(text, &length));
    return cells;
}

double text_width(size_t cells, double size)
{
    return (double)cells * size * 0.62; /* DejaVu Sans Mono has 0.602, others have less */
}

/* Copies letters while they fit into `cells`; returns the end of the copy. */
static char *copy_letters(char *to, const char *text, const char *end, size_t cells)
{
    for (size_t length; text < end; text += length) {
        uint32_t code = letter(text, &length);
        if (cells_of(code) > cells)
            break;
        cells -= cells_of(code);
        if (code == '?')
            *to++ = '?';
        else
            to = (char *)memcpy(to, text, length) + length;
    }
    *to = '\0';
    return to;
}

/* The last letters of a text that take at most `cells`. */
static const char *tail_of(const char *text, size_t cells)
{
    for (size_t length; text_cells(text) > cells; text += length)
        letter(text, &length);
    return text;
}

char *text_fit(const command_line *cli, const char *text, size_t cells)
{
    static const char dots[] = "\u2026";
    size_t length = strlen(text), half = (cells - 2) / 2;
    char *out = allocate(cli, length + sizeof dots + 1, 1);
    if (out == NULL)
        return NULL;
    if (text_cells(text) <= cells) {
        copy_letters(out, text, text + length, cells);
        return out;
    }
    const char *tail = tail_of(text, half);
    char *at = copy_letters(out, text, tail, cells - 2 - half);
    at = copy_letters(at, dots, dots + sizeof dots - 1, 2);
    copy_letters(at, tail, text + length, half);
    return out;
}

/* ---- shapes ---- */

drawing drawing_new(const command_line *cli, const char *title)
{
    drawing d = {.cli = cli};
    d.title = text_fit(cli, title, SIZE_MAX);
    d.failed = d.title == NULL;
    return d;
}

void drawing_free(drawing *d)
{
    for (size_t i = 0; i < d->count; i++)
        free(d->shapes[i].text);
    free(d->shapes);
    free(d->points);
    free(d->title);
    *d = (drawing){0};
}

/* Room for `more` items behind `count`. */
static bool grow(drawing *d, void **items, size_t *room, size_t count, size_t more, size_t size)
{
    if (d->failed || count + more <= *room)
        return !d->failed;
    size_t wanted = 2 * *room + more + 16, bytes;
    void *grown = __builtin_mul_overflow(wanted, size, &bytes) ? NULL : realloc(*items, bytes);
    if (grown == NULL) {
        fail_memory(d->cli);
        d->failed = true;
        return false;
    }
    *items = grown;
    *room = wanted;
    return true;
}

static shape *add(drawing *d, const shape *s)
{
    if (!grow(d, (void **)&d->shapes, &d->room, d->count, 1, sizeof *d->shapes))
        return NULL;
    d->shapes[d->count] = *s;
    return &d->shapes[d->count++];
}

shape *drawing_box(drawing *d, box where, const look *look)
{
    return add(d, &(shape){.kind = SHAPE_BOX, .box = where, .look = *look});
}

shape *drawing_circle(drawing *d, double x, double y, double radius, const look *look)
{
    return add(d, &(shape){.kind = SHAPE_CIRCLE, .box = {x, y, radius, radius}, .look = *look});
}

shape *drawing_line(drawing *d, const point *points, size_t count, const look *look)
{
    if (!grow(d, (void **)&d->points, &d->point_room, d->point_count, count, sizeof *d->points))
        return NULL;
    memcpy(d->points + d->point_count, points, count * sizeof *points);
    shape s = {.kind = SHAPE_LINE, .look = *look, .from = d->point_count, .end = d->point_count + count};
    d->point_count += count;
    return add(d, &s);
}

shape *drawing_text(drawing *d, double x, double y, const lettering *how, const char *text)
{
    shape *s = add(d, &(shape){.kind = SHAPE_TEXT, .box = {x, y, 0, 0}, .lettering = *how});
    if (s == NULL)
        return NULL;
    s->text = text_fit(d->cli, text, SIZE_MAX);
    d->failed = s->text == NULL;
    return s;
}

void drawing_tip(drawing *d, shape *s, const char *text)
{
    if (s == NULL || s->text != NULL)
        return;
    s->text = text_fit(d->cli, text, SIZE_MAX);
    d->failed = s->text == NULL;
}
