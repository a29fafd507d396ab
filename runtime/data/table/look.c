#include "data/table/look.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "data/table/number.h"

#define ROWS        100u       /* kept for the question whether the first one names the columns */
#define CELLS       (1u << 18) /* most cells that are kept, if there are more than two rows */
#define JUDGED_ROWS 20u        /* rows that decide the separator */

static bool blank_row(const br_row *row)
{
    for (const char *at = row->at; at < row->stop; at++)
        if (!br_blank(*at))
            return false;
    return true;
}

/* The next row of the first block that is not blank. */
static bool next_row(const br_text *text, uint64_t *from, br_row *row)
{
    while (br_text_peek(text, from, row))
        if (!blank_row(row))
            return true;
    return false;
}

/* A first line such as `sep=;` is for spreadsheet programs. */
static void take_separator_line(br_text *text, br_look *out)
{
    br_row row;
    uint64_t from = text->at;
    if (!br_text_peek(text, &from, &row))
        return;
    size_t length = (size_t)(row.stop - row.at), quotes = length == 7 && *row.at == '"' && row.stop[-1] == '"';
    if (length != 5 + 2 * quotes || strncasecmp(row.at + quotes, "sep=", 4) != 0)
        return;
    out->separator = row.at[quotes + 4];
    text->at = from;
    text->line++;
}

/* ---- the separator ---- */

static uint32_t most_frequent(const uint64_t *counts, uint32_t rows, uint64_t *share)
{
    uint64_t best = 0;
    *share = 0;
    for (uint32_t i = 0; i < rows; i++) {
        uint64_t same = 0;
        for (uint32_t j = 0; j < rows; j++)
            same += counts[j] == counts[i];
        if (same > *share || (same == *share && counts[i] > best)) {
            *share = same;
            best = counts[i];
        }
    }
    return (uint32_t)best;
}

/* The share of cells that are numbers or missing. A decimal comma may be part of a number unless it separates. */
static void count_numbers(char separator, const br_row *row, uint64_t *numbers, uint64_t *cells)
{
    float value;
    for (const char *at = row->at; at != NULL; ++*cells) {
        br_cell cell = br_cell_next(separator, &at, row->stop);
        *numbers += br_cell_missing(cell) || br_number_float(cell.at, cell.length, '.', &value) ||
                    (separator != ',' && br_number_float(cell.at, cell.length, ',', &value));
    }
}

/* How well a separator explains the rows: as many columns in each of them, cells that are numbers, and as many as the
 * network reads. 0: it makes one column. */
static double judge(char separator, const br_row *rows, uint32_t count, uint32_t values)
{
    uint64_t counts[JUDGED_ROWS], share, numbers = 0, cells = 0;
    for (uint32_t i = 0; i < count; i++)
        counts[i] = br_cell_count(separator, rows[i].at, rows[i].stop);
    uint64_t columns = most_frequent(counts, count, &share);
    if (columns < 2)
        return 0;
    for (uint32_t i = count > 1; i < count; i++) /* the first row may name the columns */
        count_numbers(separator, &rows[i], &numbers, &cells);
    bool expected = columns == values || columns == (uint64_t)values + 1;
    return (double)share / count * (1 + (double)numbers / (double)cells) + (expected ? 0.25 : 0);
}

static char find_separator(const br_text *text, uint32_t values)
{
    static const char candidates[] = {'\t', ';', '|', ',', BR_BLANKS};
    br_row rows[JUDGED_ROWS];
    uint32_t count = 0;
    uint64_t from = text->at;
    while (count < JUDGED_ROWS && next_row(text, &from, &rows[count]))
        count++;
    char best = ',';
    double most = 0;
    for (size_t i = 0; count > 0 && i < sizeof candidates; i++) {
        double score = judge(candidates[i], rows, count, values);
        if (score > most) {
            most = score;
            best = candidates[i];
        }
    }
    return best;
}

/* ---- decimal commas ---- */

typedef struct commas {
    uint64_t points, commas, others; /* numbers with either; commas that are not followed by three digits */
} commas;

static void count_commas(br_cell cell, commas *c)
{
    float value;
    const char *comma = memchr(cell.at, ',', cell.length);
    if (comma != NULL && br_number_float(cell.at, cell.length, ',', &value)) {
        c->commas++;
        c->others += cell.at + cell.length - comma != 4;
    } else if (comma == NULL && memchr(cell.at, '.', cell.length) != NULL) {
        c->points += br_number_float(cell.at, cell.length, '.', &value);
    }
}

/* Numbers have decimal commas if some have a comma and none has a point. Where commas also separate, only quoted
 * numbers can; `"1,234"` may then mean a thousand, so another count of digits must occur. */
static char find_point(const br_text *text, char separator)
{
    commas c = {0};
    br_row row;
    uint64_t from = text->at;
    while (next_row(text, &from, &row)) {
        if (memchr(row.at, ',', (size_t)(row.stop - row.at)) == NULL && c.points > 0)
            break;
        for (const char *at = row.at; at != NULL;)
            count_commas(br_cell_next(separator, &at, row.stop), &c);
        if (c.points > 0)
            break;
    }
    return c.points == 0 && (separator == ',' ? c.others : c.commas) > 0 ? ',' : '.';
}

/* ---- the rows ---- */

/* Every row ends with a separator: a last cell that is empty in all rows, the first one included unless it has one cell
 * less. */
static bool has_trailing(const br_text *text, char separator, uint64_t *columns)
{
    br_row row;
    uint64_t from = text->at, n = 0;
    *columns = 0;
    bool first_empty = false;
    while (n < ROWS && next_row(text, &from, &row)) {
        br_cell last = {0};
        uint64_t count = 0;
        for (const char *at = row.at; at != NULL; count++)
            last = br_cell_next(separator, &at, row.stop);
        bool empty = last.length == 0 && !last.quoted && count > 1;
        if (n++ == 0) {
            *columns = count;
            first_empty = empty;
        } else if (!empty || count != *columns + !first_empty) {
            return false;
        }
    }
    if (n == 0 || (n == 1 && !first_empty))
        return false;
    *columns -= first_empty;
    return true;
}

static void count_kinds(br_look *out, const br_row *row)
{
    const char *at = row->at;
    float value;
    for (uint32_t i = 0; at != NULL && i < out->columns; i++) {
        br_cell cell = br_cell_next(out->separator, &at, row->stop);
        if (br_number_float(cell.at, cell.length, out->point, &value))
            out->kinds[i].numbers++;
        else if (br_cell_missing(cell))
            out->kinds[i].missing++;
        else
            out->kinds[i].words++;
    }
}

static int take_rows(const br_text *text, br_look *out, br_error *error)
{
    br_row row;
    uint64_t from = text->at, most = CELLS / out->columns;
    most = most < 2 ? 2 : most > ROWS ? ROWS : most;
    out->cells = br_new(most * out->columns, sizeof *out->cells, error);
    out->kinds = out->cells != NULL ? br_new(out->columns, sizeof *out->kinds, error) : NULL;
    if (out->kinds == NULL)
        return -1;
    while (next_row(text, &from, &row)) {
        if (out->rows > 0)
            count_kinds(out, &row);
        if (out->rows == most)
            continue;
        br_cell *cells = out->cells + (uint64_t)out->rows++ * out->columns;
        const char *at = row.at;
        for (uint32_t i = 0; i < out->columns; i++)
            cells[i] = at != NULL ? br_cell_next(out->separator, &at, row.stop) : (br_cell){row.stop, 0, false};
    }
    return 0;
}

int br_look_at(br_text *text, uint32_t values, br_look *out, br_error *error)
{
    *out = (br_look){0};
    take_separator_line(text, out);
    if (out->separator == '\0')
        out->separator = find_separator(text, values);
    text->separator = out->separator;
    out->point = find_point(text, out->separator);
    br_row row;
    uint64_t from = text->at, columns;
    out->line = text->line;
    while (br_text_peek(text, &from, &row) && blank_row(&row))
        out->line++;
    out->trailing = has_trailing(text, out->separator, &columns);
    from = text->at;
    if (!next_row(text, &from, &row))
        return 0;
    if (columns > BR_COLUMNS_LIMIT)
        return br_fail(error, BR_ERROR_IO, "%s:%llu: the row has %llu columns; the limit is %u", text->path,
                       (unsigned long long)out->line, (unsigned long long)columns, BR_COLUMNS_LIMIT);
    out->columns = (uint32_t)columns;
    return take_rows(text, out, error);
}

void br_look_free(br_look *look)
{
    br_release(look->cells);
    br_release(look->kinds);
    *look = (br_look){0};
}
