/* CSV: each line is a sample. Separators are comma, semicolon or tab; lines end with LF or CRLF. A header line is
 * recognised by its words. */
#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "data/formats/number.h"
#include "data/formats/readers.h"

typedef struct csv {
    const char *path;
    const char *at, *end;    /* text still to be read */
    const char *line, *stop; /* the current line, without its end */
    uint64_t number;         /* of the current line, from 1 */
    char separator;
    uint32_t values, cells; /* expected: values of a sample, and the same with the label */
    br_label_column where;
    bool labelled;
    uint32_t classes;
    uint64_t capacity; /* samples for which the arrays have space */
    br_array *out;
    br_error *error;
} csv;

typedef struct cell {
    const char *at;
    size_t length;
} cell;

/* A cell for use in a message: short and printable. */
typedef struct cell_text {
    char text[28];
} cell_text;

static cell_text show(cell c)
{
    cell_text shown = {0};
    size_t n = c.length > 20 ? 20 : c.length;
    for (size_t i = 0; i < n; i++)
        shown.text[i] = isprint((unsigned char)c.at[i]) ? c.at[i] : '?';
    if (c.length > n)
        memcpy(shown.text + n, "...", sizeof "...");
    return shown;
}

static int fail_at(const csv *c, const char *place, const char *what, const char *shown)
{
    return br_fail(c->error, BR_ERROR_IO, "%s:%llu:%llu: %s%s%s%s", c->path, (unsigned long long)c->number,
                   (unsigned long long)(place - c->line) + 1, shown ? "`" : "", shown ? shown : "", shown ? "` " : "",
                   what);
}

/* Moves to the next line; false at the end of the file. */
static bool next_line(csv *c)
{
    if (c->at == c->end)
        return false;
    const char *newline = memchr(c->at, '\n', (size_t)(c->end - c->at));
    c->line = c->at;
    c->stop = newline != NULL ? newline : c->end;
    c->at = newline != NULL ? newline + 1 : c->end;
    if (c->stop > c->line && c->stop[-1] == '\r')
        c->stop--;
    c->number++;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || (c == '\t');
}

/* The cell that starts at *at, without surrounding blanks. *at moves behind its separator; it becomes NULL after the
 * last cell. */
static cell next_cell(const csv *c, const char **at)
{
    const char *start = *at, *end = memchr(start, c->separator, (size_t)(c->stop - start));
    *at = end != NULL ? end + 1 : NULL;
    if (end == NULL)
        end = c->stop;
    while (start < end && is_blank(*start))
        start++;
    while (end > start && is_blank(end[-1]))
        end--;
    return (cell){start, (size_t)(end - start)};
}

static uint64_t count_cells(const csv *c)
{
    uint64_t n = 0;
    for (const char *at = c->line; at != NULL; n++)
        next_cell(c, &at);
    return n;
}

/* The most frequent separator of the first line; a comma if there is none. */
static char find_separator(const char *at, const char *stop)
{
    const char candidates[] = {',', ';', '\t'};
    uint64_t count[3] = {0};
    for (; at < stop; at++)
        for (int i = 0; i < 3; i++)
            count[i] += *at == candidates[i];
    int best = 0;
    for (int i = 1; i < 3; i++)
        best = count[i] > count[best] ? i : best;
    return candidates[best];
}

/* "nan", "inf" and "infinity" with an optional sign, as programs print values that are not finite. */
static bool is_nonfinite(cell c)
{
    static const char *const words[] = {"nan", "inf", "infinity"};
    if (c.length > 0 && (*c.at == '-' || *c.at == '+')) {
        c.at++;
        c.length--;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (c.length == strlen(words[i]) && strncasecmp(c.at, words[i], c.length) == 0)
            return true;
    return false;
}

static bool is_word(cell c)
{
    double value;
    return c.length > 0 && !is_nonfinite(c) && !br_number_read(c.at, c.length, &value);
}

/* A header contains column names: the label's cell is a word, or every cell is one. */
static bool is_header(const csv *c)
{
    cell first = {0}, last = {0};
    bool all = true;
    for (const char *at = c->line; at != NULL;) {
        last = next_cell(c, &at);
        first = first.at == NULL ? last : first;
        all = all && is_word(last);
    }
    return all || is_word(c->where == BR_LABEL_FIRST ? first : last);
}

static int read_value(const csv *c, cell text, float *out)
{
    double value;
    if (text.length == 0)
        return fail_at(c, text.at, "the cell is empty; every cell must hold a number", NULL);
    if (is_nonfinite(text))
        return fail_at(c, text.at, "is not a finite number; remove the line or fill in a value", show(text).text);
    if (!br_number_read(text.at, text.length, &value))
        return fail_at(c, text.at, "is not a number", show(text).text);
    *out = (float)value;
    if (!isfinite(*out))
        return fail_at(c, text.at, "is too large for a 32-bit float", show(text).text);
    return 0;
}

static int read_label(const csv *c, cell text, uint32_t *out)
{
    double value;
    if (text.length == 0)
        return fail_at(c, text.at, "the label is missing", NULL);
    if (!br_number_read(text.at, text.length, &value) || value != floor(value) || fabs(value) > UINT32_MAX)
        return fail_at(c, text.at, "is not a label: labels are whole numbers from 0 on", show(text).text);
    if (value < 0 || value >= c->classes) {
        char what[80];
        snprintf(what, sizeof what, "is not a label: the network's %u classes are 0 to %u", c->classes, c->classes - 1);
        fail_at(c, text.at, what, show(text).text);
        c->error->kind = BR_ERROR_CHECK;
        return -1;
    }
    *out = (uint32_t)value;
    return 0;
}

static int wrong_cells(const csv *c)
{
    uint64_t held = count_cells(c);
    const char *at = c->line;
    if (held > c->cells)
        for (uint32_t i = 0; i < c->cells; i++)
            next_cell(c, &at);
    char what[96];
    snprintf(what, sizeof what, "the line has %llu columns, but %u values%s are expected", (unsigned long long)held,
             c->values, c->where == BR_LABEL_LAST_OR_NONE && !c->labelled ? "" : " and a label");
    return fail_at(c, held > c->cells ? at : c->stop, what, NULL);
}

/* Makes space for one more sample. The capacity doubles, so memory grows with the data read and not with what a file
 * claims. */
static int reserve(csv *c)
{
    br_array *out = c->out;
    if (out->count < c->capacity)
        return 0;
    if (out->count >= BR_SAMPLES_LIMIT)
        return fail_at(c, c->line, "the file has more samples than can be used", NULL);
    uint64_t wanted = c->capacity == 0 ? 64 : c->capacity * 2;
    float *floats = br_resize(out->floats, wanted, (uint64_t)c->values * sizeof *floats, c->error);
    if (floats == NULL)
        return -1;
    out->floats = floats;
    if (c->labelled) {
        uint32_t *labels = br_resize(out->labels, wanted, sizeof *labels, c->error);
        if (labels == NULL)
            return -1;
        out->labels = labels;
    }
    c->capacity = wanted;
    return 0;
}

static int read_sample(csv *c)
{
    if (reserve(c) != 0)
        return -1;
    float *values = c->out->floats + c->out->count * c->values;
    uint32_t label_cell = c->where == BR_LABEL_FIRST ? 0 : c->values, i = 0;
    for (const char *at = c->line; at != NULL; i++) {
        cell text = next_cell(c, &at);
        if (i >= c->cells || (at == NULL && i + 1 < c->cells))
            return wrong_cells(c);
        if (c->labelled && i == label_cell) {
            if (read_label(c, text, c->out->labels + c->out->count) != 0)
                return -1;
        } else if (read_value(c, text, values++) != 0) {
            return -1;
        }
    }
    c->out->count++;
    return 0;
}

static bool only_blank(const char *at, const char *end)
{
    while (at < end && (is_blank(*at) || *at == '\r' || *at == '\n'))
        at++;
    return at == end;
}

static int read_lines(csv *c)
{
    bool first = true;
    while (next_line(c)) {
        if (only_blank(c->line, c->stop)) {
            if (only_blank(c->at, c->end))
                break;
            return fail_at(c, c->line, "the line is empty, but samples follow", NULL);
        }
        if (first) {
            first = false;
            c->separator = find_separator(c->line, c->stop);
            c->labelled = c->where != BR_LABEL_LAST_OR_NONE || count_cells(c) == (uint64_t)c->values + 1;
            c->cells = c->values + c->labelled;
            if (is_header(c))
                continue;
        }
        if (read_sample(c) != 0)
            return -1;
    }
    return c->out->count > 0 ? 0 : br_fail(c->error, BR_ERROR_IO, "%s: the file holds no samples", c->path);
}

int br_csv_read(const char *path, const br_bytes *file, uint32_t values, br_label_column where, uint32_t classes,
                br_array *out, br_error *error)
{
    *out = (br_array){.shape = {1, values, 1}};
    csv c = {.path = path, .values = values, .where = where, .classes = classes, .out = out, .error = error};
    c.at = (const char *)file->data;
    c.end = c.at + file->size;
    if (file->size >= 3 && memcmp(c.at, "\xEF\xBB\xBF", 3) == 0) /* the byte order mark that spreadsheets write first */
        c.at += 3;
    int status = read_lines(&c);
    if (status != 0)
        br_array_free(out);
    return status;
}
