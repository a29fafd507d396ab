#include "data/table/text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"

#define BLOCK   (1u << 20)  /* bytes read at once, and the first size of the buffer */
#define LONGEST (16u << 20) /* bytes of a row */
#define RAW     (64u << 10)
#define HEAD    512u /* bytes that decide about UTF-16 without a mark */

/* Bytes of the file, 0 at its end, or -1. */
static int64_t read_raw(br_text *t, void *to, uint64_t room)
{
    if (t->stream == NULL) {
        uint64_t left = t->memory->size - t->taken, n = left < room ? left : room;
        if (n > 0)
            memcpy(to, t->memory->data + t->taken, n);
        t->taken += n;
        return (int64_t)n;
    }
    int got = gzread(t->stream, to, (unsigned)(room < BLOCK ? room : BLOCK));
    if (got <= 0)
        return br_bytes_end(t->path, t->stream, got, t->taken, t->error);
    t->taken += (uint64_t)got;
    return got;
}

/* Converts what `raw` holds. Returns the bytes written to the end of the buffer, or -1. */
static int64_t decode(br_text *t, uint64_t room, bool last)
{
    char *from = (char *)t->raw, *to = t->buffer + t->filled;
    size_t left = t->raw_filled, space = room;
    size_t done = iconv(t->decoder, &from, &left, &to, &space);
    if ((done == (size_t)-1 && errno == EILSEQ) || (last && left > 0 && errno == EINVAL))
        return br_fail(t->error, BR_ERROR_IO, "%s: byte %llu: no character of UTF-16; save the table as UTF-8", t->path,
                       (unsigned long long)(t->taken - left));
    memmove(t->raw, from, left);
    t->raw_filled = left;
    return (int64_t)(room - space);
}

static int64_t read_some(br_text *t, uint64_t room)
{
    if (!t->sixteen)
        return read_raw(t, t->buffer + t->filled, room);
    for (;;) {
        int64_t got = t->raw_filled < RAW ? read_raw(t, t->raw + t->raw_filled, RAW - t->raw_filled) : 1;
        if (got < 0)
            return -1;
        t->raw_filled += t->raw_filled < RAW ? (uint64_t)got : 0;
        int64_t made = decode(t, room, got == 0);
        if (made != 0 || got == 0)
            return made;
    }
}

/* Makes space for at least half a block. */
static int make_room(br_text *t)
{
    if (t->at > 0) {
        memmove(t->buffer, t->buffer + t->at, t->filled - t->at);
        t->filled -= t->at;
        t->at = 0;
    }
    if (t->room - t->filled > BLOCK / 2)
        return 0;
    if (t->filled > LONGEST)
        return br_fail(t->error, BR_ERROR_IO, "%s:%llu: the row has more than %u MiB; is a quote not closed?", t->path,
                       (unsigned long long)t->line, LONGEST >> 20);
    char *larger = br_resize(t->buffer, 2 * t->room, 1, t->error);
    if (larger == NULL)
        return -1;
    t->buffer = larger;
    t->room *= 2;
    return 0;
}

static int fill(br_text *t)
{
    if (make_room(t) != 0)
        return -1;
    int64_t got = read_some(t, t->room - t->filled - 1);
    if (got < 0)
        return -1;
    t->filled += (uint64_t)got;
    t->ended = got == 0;
    t->buffer[t->filled] = '\n';
    t->quotes = memchr(t->buffer, '"', t->filled) != NULL;
    return 0;
}

static bool separates(const br_text *t, char c)
{
    return t->separator == 0 ? c == ',' || c == ';' || c == '|' || c == '\t' || c == ' ' : c == t->separator;
}

/* The end of a row with quotes, or NULL. A quote opens only at the beginning of a cell. */
static const char *quoted_end(const br_text *t, const char *at, const char *end, br_row *row)
{
    bool inside = false, begins = true;
    for (; at < end; at++) {
        if (inside) {
            row->breaks += *at == t->line_end;
            if (*at == '"' && at + 1 < end && at[1] == '"')
                at++;
            else if (*at == '"')
                inside = begins = false;
        } else if (*at == t->line_end) {
            return at;
        } else if (*at == '"' && begins) {
            inside = true;
        } else if (separates(t, *at)) {
            begins = true;
        } else if (*at != ' ' && *at != '\t') {
            begins = false;
        }
    }
    row->unclosed = inside;
    return NULL;
}

bool br_text_peek(const br_text *t, uint64_t *from, br_row *row)
{
    const char *start = t->buffer + *from, *end = t->buffer + t->filled;
    *row = (br_row){.at = start, .line = t->line};
    const char *stop = t->quotes ? quoted_end(t, start, end, row) : memchr(start, t->line_end, (size_t)(end - start));
    if (stop == NULL && (!t->ended || start == end))
        return false;
    *from = stop != NULL ? (uint64_t)(stop - t->buffer) + 1 : t->filled;
    stop = stop != NULL ? stop : end;
    row->stop = stop > start && stop[-1] == '\r' ? stop - 1 : stop;
    return true;
}

int br_text_next(br_text *t, br_row *row)
{
    while (!br_text_peek(t, &t->at, row)) {
        if (t->ended)
            return 0;
        if (fill(t) != 0)
            return -1;
    }
    if (row->unclosed)
        return br_fail(t->error, BR_ERROR_IO, "%s:%llu: a quote of this row is never closed; close it or remove it",
                       t->path, (unsigned long long)row->line);
    t->line += 1 + row->breaks;
    return 1;
}

/* UTF-16 without a mark: every second byte of the first letters and digits is 0. */
static const char *guess_encoding(const char *head, uint64_t size)
{
    uint64_t zeros[2] = {0};
    for (uint64_t i = 0; i + 1 < size && i < HEAD; i++)
        zeros[i % 2] += head[i] == '\0';
    uint64_t half = (size < HEAD ? size : HEAD) / 2;
    if (half == 0 || (zeros[0] > 0) == (zeros[1] > 0) || zeros[0] + zeros[1] < half / 2 + 1)
        return NULL;
    return zeros[0] > 0 ? "UTF-16BE" : "UTF-16LE";
}

/* Recognises UTF-16 and byte order marks in the first block. */
static int recognise(br_text *t)
{
    uint64_t mark = 0;
    const char *encoding = NULL;
    if (t->filled >= 3 && memcmp(t->buffer, "\xEF\xBB\xBF", 3) == 0)
        mark = 3;
    else if (t->filled >= 2 && memcmp(t->buffer, "\xFF\xFE", 2) == 0)
        encoding = "UTF-16LE", mark = 2;
    else if (t->filled >= 2 && memcmp(t->buffer, "\xFE\xFF", 2) == 0)
        encoding = "UTF-16BE", mark = 2;
    else
        encoding = guess_encoding(t->buffer, t->filled);
    t->at = mark;
    if (encoding == NULL)
        return 0;
    t->decoder = iconv_open("UTF-8", encoding);
    if (t->decoder == (iconv_t)-1)
        return br_fail(t->error, BR_ERROR_IO, "%s: the text is %s, which this system can't convert; save it as UTF-8",
                       t->path, encoding);
    t->sixteen = true;
    t->marked = mark > 0;
    t->raw_filled = t->filled - mark;
    t->raw = br_new(RAW, 1, t->error);
    if (t->raw == NULL)
        return -1;
    memcpy(t->raw, t->buffer + mark, t->raw_filled);
    t->at = t->filled = 0;
    return 0;
}

static int open_stream(br_text *t)
{
    uint64_t guess;
    int file = br_bytes_open(t->path, &guess, t->error);
    if (file < 0)
        return -1;
    t->stream = gzdopen(file, "rb");
    if (t->stream == NULL) {
        close(file);
        return br_fail(t->error, BR_ERROR_FAULT, "out of memory: zlib's buffers could not be allocated");
    }
    return gzbuffer(t->stream, BLOCK / 8) == 0
               ? 0
               : br_fail(t->error, BR_ERROR_FAULT, "zlib refused a buffer of %u bytes", BLOCK / 8);
}

/* Reads so much that the first rows can be looked at. */
static int fill_first(br_text *t)
{
    br_row row;
    do {
        uint64_t from = t->at;
        if (fill(t) != 0)
            return -1;
        t->line_end = memchr(t->buffer, '\n', t->filled) == NULL && memchr(t->buffer, '\r', t->filled) ? '\r' : '\n';
        from = t->at;
        if (t->filled > BLOCK / 2 && br_text_peek(t, &from, &row) && br_text_peek(t, &from, &row))
            return 0;
    } while (!t->ended);
    return 0;
}

int br_text_open(br_text *t, const char *path, const br_bytes *memory, br_error *error)
{
    *t = (br_text){.path = path, .memory = memory, .line = 1, .decoder = (iconv_t)-1, .error = error};
    if (memory == NULL && open_stream(t) != 0)
        return -1;
    t->room = BLOCK;
    t->buffer = br_resize(NULL, t->room, 1, error);
    if (t->buffer == NULL)
        return -1;
    int64_t got;
    while (t->filled < HEAD && (got = read_raw(t, t->buffer + t->filled, HEAD - t->filled)) != 0) {
        if (got < 0)
            return -1;
        t->filled += (uint64_t)got;
    }
    return recognise(t) != 0 ? -1 : fill_first(t);
}

void br_text_close(br_text *t)
{
    if (t->stream != NULL)
        gzclose(t->stream);
    if (t->decoder != (iconv_t)-1)
        iconv_close(t->decoder);
    br_release(t->buffer);
    br_release(t->raw);
    *t = (br_text){.decoder = (iconv_t)-1};
}
