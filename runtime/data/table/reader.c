#include "data/table/reader.h"

#include <iconv.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

int br_reader_fail(const br_reader *r, br_error_kind kind, const char *at, const char *format, ...)
{
    char text[sizeof r->error->message];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return br_fail(r->error, kind, "%s:%llu:%llu: %s", r->path, (unsigned long long)r->row.line,
                   (unsigned long long)(at - r->row.at) + 1, text);
}

/* Words that are no UTF-8 are taken for the western code page of spreadsheet programs, and a note tells it. */
static const char *convert(br_reader *r, size_t length, const char *place)
{
    char *from = r->word, *to = r->converted;
    size_t left = length, room = 4 * BR_WORD_LENGTH;
    iconv_t decoder = iconv_open("UTF-8", "CP1252");
    size_t done = decoder != (iconv_t)-1 ? iconv(decoder, &from, &left, &to, &room) : (size_t)-1;
    if (decoder != (iconv_t)-1)
        iconv_close(decoder);
    if (done == (size_t)-1) {
        br_reader_fail(r, BR_ERROR_IO, place, "the text is neither UTF-8 nor Windows-1252; save the table as UTF-8");
        return NULL;
    }
    *to = '\0';
    r->latin = true;
    return r->converted;
}

const char *br_reader_word(br_reader *r, br_cell cell)
{
    if (cell.length > BR_WORD_LENGTH) {
        br_reader_fail(r, BR_ERROR_IO, cell.at, "a word of %zu bytes; the limit is %u", cell.length, BR_WORD_LENGTH);
        return NULL;
    }
    if (r->word == NULL) {
        r->word = br_new(5 * BR_WORD_LENGTH + 2, 1, r->error);
        if (r->word == NULL)
            return NULL;
        r->converted = r->word + BR_WORD_LENGTH + 1;
    }
    size_t n = 0;
    for (size_t i = 0; i < cell.length; i++) {
        if (cell.at[i] == '\0') {
            br_reader_fail(r, BR_ERROR_IO, cell.at + i, "a byte 0 is no text; save the table as UTF-8");
            return NULL;
        }
        r->word[n++] = cell.at[i];
        i += cell.quoted && cell.at[i] == '"';
    }
    r->word[n] = '\0';
    return br_utf8_is(r->word, n) ? r->word : convert(r, n, cell.at);
}

br_column_text br_reader_column(const br_reader *r, uint32_t column)
{
    br_column_text out;
    const char *name = r->names[column];
    if (name == NULL)
        snprintf(out.text, sizeof out.text, "column %u", column + 1);
    else
        snprintf(out.text, sizeof out.text, "the column `%s`", br_cell_show((br_cell){name, strlen(name), false}).text);
    return out;
}
