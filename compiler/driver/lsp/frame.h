/* The framing of the protocol: each message is a header with Content-Length, an empty line, and a body.
 *
 * A frame that is malformed or too large is reported once. Reading goes on at the next header: the bytes of a header
 * cannot occur within a JSON text, whose strings have no raw line breaks. */
#ifndef BOUTON_DRIVER_FRAME_H
#define BOUTON_DRIVER_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#define FRAME_LARGEST ((size_t)64 << 20) /* bytes of a body: a text has at most 4 MiB, and JSON escapes it */
#define FRAME_HEADER  4096               /* bytes of a header */

typedef enum frame_status {
    FRAME_MESSAGE, /* `body` and `length` are set */
    FRAME_WAIT,    /* more bytes are needed */
    FRAME_BROKEN,  /* `reason` is set; what cannot be read was passed over */
    FRAME_END,     /* the input has ended */
} frame_status;

typedef struct frame_reader {
    int input; /* a file descriptor */
    char *data;
    size_t begin, end, room; /* bytes that were read and not yet used: from begin to end */
    bool ended;              /* no more bytes come */
    bool lost;               /* bytes are passed over until a header is found */
    bool starved;            /* memory ran out */
    const char *body;        /* valid until the next call */
    size_t length;
    const char *reason;
} frame_reader;

/* Takes the next message from the bytes that were read. */
frame_status frame_next(frame_reader *reader);

/* Waits for input for at most so many milliseconds, -1: for ever, and reads what is there. False: nothing came. */
bool frame_read(frame_reader *reader, int milliseconds);

/* Adds bytes as if they had been read. False: memory ran out. */
bool frame_add(frame_reader *reader, const char *bytes, size_t length);

void frame_free(frame_reader *reader);

#endif
