#include "data/table/cells.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "bouton/data.h"
#include "data/table/number.h"

static br_cell trim(const char *start, const char *end, bool quoted)
{
    while (start < end && br_blank(*start))
        start++;
    while (end > start && br_blank(end[-1]))
        end--;
    return (br_cell){start, (size_t)(end - start), quoted};
}

/* The quote that closes the one at `at`, or NULL. */
static const char *closing(const char *at, const char *stop)
{
    for (at++; at < stop; at++)
        if (*at == '"' && (at + 1 == stop || at[1] != '"'))
            return at;
        else if (*at == '"')
            at++;
    return NULL;
}

static const char *find_separator(char separator, const char *at, const char *stop)
{
    if (separator != BR_BLANKS)
        return memchr(at, separator, (size_t)(stop - at));
    while (at < stop && !br_blank(*at))
        at++;
    return at < stop ? at : NULL;
}

/* Where the next cell begins behind a separator. Blanks at the end of a row separate nothing. */
static const char *behind(char separator, const char *at, const char *stop)
{
    if (separator != BR_BLANKS)
        return at + 1;
    while (at < stop && br_blank(*at))
        at++;
    return at < stop ? at : NULL;
}

br_cell br_cell_next(char separator, const char **at, const char *stop)
{
    const char *start = *at;
    while (start < stop && br_blank(*start) && (separator == BR_BLANKS || *start != separator))
        start++;
    const char *close = start < stop && *start == '"' ? closing(start, stop) : NULL;
    if (close != NULL) {
        const char *end = close + 1;
        if (separator != BR_BLANKS)
            while (end < stop && br_blank(*end) && *end != separator)
                end++;
        if (end == stop || *end == separator || (separator == BR_BLANKS && br_blank(*end))) {
            *at = end == stop ? NULL : behind(separator, end, stop);
            return trim(start + 1, close, true);
        }
    }
    const char *end = find_separator(separator, start, stop);
    *at = end == NULL ? NULL : behind(separator, end, stop);
    return trim(start, end == NULL ? stop : end, false);
}

uint64_t br_cell_count(char separator, const char *at, const char *stop)
{
    uint64_t n = 0;
    for (; at != NULL; n++)
        br_cell_next(separator, &at, stop);
    return n;
}

br_cell_text br_cell_show(br_cell c)
{
    br_cell_text shown = {0};
    size_t n = c.length > 40 ? 40 : c.length;
    while (n < c.length && n > 0 && ((unsigned char)c.at[n] & 0xc0) == 0x80) /* not within a character */
        n--;
    bool text = br_utf8_is(c.at, n);
    for (size_t i = 0; i < n; i++)
        shown.text[i] = (unsigned char)c.at[i] > 0x7f && !text ? '?' : br_visible(c.at[i]);
    if (c.length > n)
        memcpy(shown.text + n, "...", sizeof "...");
    return shown;
}

static bool among(br_cell cell, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cell.length == strlen(words[i]) && strncasecmp(cell.at, words[i], cell.length) == 0)
            return true;
    return false;
}

bool br_cell_empty(br_cell cell)
{
    static const char *const words[] = {"", "?", "na", "n/a", "#n/a", "nan", "null"};
    return cell.length <= 4 && among(cell, words, sizeof words / sizeof *words);
}

bool br_cell_missing(br_cell cell)
{
    static const char *const words[] = {"none", "-"};
    return br_cell_empty(cell) || (cell.length <= 4 && among(cell, words, sizeof words / sizeof *words));
}

bool br_cell_word(br_cell cell, char point)
{
    static const char *const infinite[] = {"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "+nan", "-nan"};
    float value;
    return !br_cell_missing(cell) && !br_number_float(cell.at, cell.length, point, &value) &&
           !among(cell, infinite, sizeof infinite / sizeof *infinite);
}

bool br_cell_same(br_cell a, br_cell b)
{
    return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

bool br_cell_is(br_cell cell, const char *text)
{
    return cell.length == strlen(text) && memcmp(cell.at, text, cell.length) == 0;
}
