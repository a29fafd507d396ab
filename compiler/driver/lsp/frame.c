#include "lsp/frame.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char FIELD[] = "Content-Length:";

enum { FIELD_LENGTH = sizeof FIELD - 1, BLOCK = 1 << 16 };

/* ---- bytes ---- */

static bool make_room(frame_reader *r, size_t more)
{
    if (r->room - r->end >= more)
        return true;
    if (r->begin > 0) {
        memmove(r->data, r->data + r->begin, r->end - r->begin);
        r->end -= r->begin;
        r->begin = 0;
    }
    if (r->room - r->end >= more)
        return true;
    size_t room = r->room * 2 > r->end + more ? r->room * 2 : r->end + more;
    char *data = realloc(r->data, room);
    if (data == NULL) {
        r->starved = r->ended = true;
        return false;
    }
    r->data = data;
    r->room = room;
    return true;
}

bool frame_add(frame_reader *r, const char *bytes, size_t length)
{
    if (!make_room(r, length))
        return false;
    if (length > 0)
        memcpy(r->data + r->end, bytes, length);
    r->end += length;
    return true;
}

bool frame_read(frame_reader *r, int milliseconds)
{
    struct pollfd input = {.fd = r->input, .events = POLLIN};
    int ready = poll(&input, 1, milliseconds);
    if (ready == 0 || (ready < 0 && errno == EINTR))
        return false;
    if (!make_room(r, BLOCK))
        return false;
    ssize_t got = read(r->input, r->data + r->end, r->room - r->end);
    if (got < 0 && errno == EINTR)
        return false;
    r->ended = got <= 0;
    r->end += got > 0 ? (size_t)got : 0;
    return got > 0;
}

void frame_free(frame_reader *r)
{
    free(r->data);
    *r = (frame_reader){0};
}

/* ---- headers ---- */

typedef struct header {
    size_t length; /* with the empty line; 0: it has not ended */
    size_t body;
    bool found; /* the Content-Length */
} header;

/* Reads a number; false: it is none, or above the limit. */
static bool read_length(const char *text, const char *end, size_t *out)
{
    size_t value = 0;
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    const char *digits = text;
    for (; text < end && isdigit((unsigned char)*text); text++) {
        value = value * 10 + (size_t)(*text - '0');
        if (value > FRAME_LARGEST)
            return false;
    }
    *out = value;
    return text > digits && text == end;
}

/* Reads lines up to an empty one. Returns why the header is malformed, or NULL. */
static const char *read_header(const char *data, size_t length, header *out)
{
    *out = (header){0};
    for (size_t at = 0; at < length;) {
        const char *line = data + at, *stop = memchr(line, '\n', length - at);
        if (stop == NULL)
            break;
        const char *end = stop > line && stop[-1] == '\r' ? stop - 1 : stop;
        at = (size_t)(stop - data) + 1;
        if (end == line) {
            out->length = at;
            return out->found ? NULL : "the header has no Content-Length";
        }
        if (memchr(line, ':', (size_t)(end - line)) == NULL)
            return "a line of the header has no colon";
        if ((size_t)(end - line) < FIELD_LENGTH || strncasecmp(line, FIELD, FIELD_LENGTH) != 0)
            continue;
        if (!read_length(line + FIELD_LENGTH, end, &out->body))
            return "the Content-Length is no number up to 64 MiB";
        out->found = true;
    }
    return length > FRAME_HEADER ? "the header is longer than 4096 bytes" : NULL;
}

/* Passes over bytes up to the next place where a header may begin. */
static void resynchronise(frame_reader *r)
{
    size_t at = r->begin + 1;
    while (at + FIELD_LENGTH <= r->end && strncasecmp(r->data + at, FIELD, FIELD_LENGTH) != 0)
        at++;
    r->begin = at < r->end ? at : r->end;
    r->lost = true;
}

frame_status frame_next(frame_reader *r)
{
    while (r->begin < r->end) {
        header header;
        bool lost = r->lost;
        r->reason = read_header(r->data + r->begin, r->end - r->begin, &header);
        if (r->reason == NULL && header.length == 0) /* the rest of the header is to come */
            break;
        if (r->reason != NULL) {
            resynchronise(r);
            if (!lost)
                return FRAME_BROKEN;
            continue;
        }
        if (r->end - r->begin - header.length < header.body)
            break;
        r->lost = false;
        r->body = r->data + r->begin + header.length;
        r->length = header.body;
        r->begin += header.length + header.body;
        return FRAME_MESSAGE;
    }
    return r->ended ? FRAME_END : FRAME_WAIT;
}
