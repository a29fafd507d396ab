/* A text file, row by row: decompressed, as UTF-8 bytes, in blocks. A row is a line, or several lines where quotes hold
 * line breaks. */
#ifndef BR_TEXT_H
#define BR_TEXT_H

#include <iconv.h>

#include "data/formats/bytes.h"

typedef struct br_text {
    const char *path;
    char *buffer;
    uint64_t room, at, filled; /* buffer[at .. filled) is still to be read; buffer[filled] is '\n' */
    uint64_t line;             /* number of the line at `at`, from 1 */
    bool ended;                /* nothing follows the buffer */
    bool quotes;               /* the rest of the buffer has some */
    char line_end;             /* '\n', or '\r' where there is no '\n' */
    char separator;            /* in front of quotes; 0: not yet known */
    bool sixteen, marked;      /* UTF-16, with a byte order mark */
    struct gzFile_s *stream;   /* NULL: the text is in memory */
    const br_bytes *memory;
    uint64_t taken; /* bytes of the file */
    iconv_t decoder;
    uint8_t *raw; /* UTF-16 that waits for the decoder */
    uint64_t raw_filled;
    br_error *error;
} br_text;

typedef struct br_row {
    const char *at, *stop; /* *stop is no part of a number */
    uint64_t line;         /* where it begins */
    uint64_t breaks;       /* line breaks inside */
    bool unclosed;         /* a quote is open at the end */
} br_row;

/* Opens a file, or the text `memory` if it is not NULL. The buffer then holds two rows at least, if there are so many.
 * br_text_close also after a failure. */
int br_text_open(br_text *text, const char *path, const br_bytes *memory, br_error *error);
void br_text_close(br_text *text);

/* The row at *from of the buffer; *from moves behind it. False if it is not complete. */
bool br_text_peek(const br_text *text, uint64_t *from, br_row *row);

/* The next row: 1, 0 at the end, -1 on failure. It is valid until the next call. */
int br_text_next(br_text *text, br_row *row);

#endif
