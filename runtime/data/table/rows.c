#include "data/table/rows.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/table/codes.h"
#include "data/table/far.h"
#include "data/table/number.h"

#define FIRST_ROWS 64u

/* ---- cells that are not plain numbers ---- */

static int missing_cell(br_reader *r, uint32_t i, br_cell cell)
{
    const br_tables *t = r->tables;
    float *value = &r->values[r->plan[i].slot];
    if (r->missing == BT_MISSING_REFUSED) {
        const char *mend = t->spec.predicting || t->given ? "" : ", or write `missing as mean` or `missing as 0`";
        if (cell.length == 0)
            return br_reader_fail(r, BR_ERROR_IO, cell.at, "the cell is empty in %s; fill it in%s",
                                  br_reader_column(r, i).text, mend);
        return br_reader_fail(r, BR_ERROR_IO, cell.at, "`%s` means a missing value in %s; fill it in%s",
                              br_cell_show(cell).text, br_reader_column(r, i).text, mend);
    }
    r->filled++;
    *value = 0;
    if (r->missing == BT_MISSING_MEAN && t->given)
        *value = (float)t->columns[r->plan[i].column].fill;
    else if (r->missing == BT_MISSING_MEAN)
        *value = NAN, r->numbers_missing = true; /* br_tables_finish knows the mean */
    return 0;
}

static int no_number(const br_reader *r, uint32_t i, br_cell cell)
{
    const br_tables *t = r->tables;
    br_cell_text shown = br_cell_show(cell);
    const char *first = r->row.line == r->look.line && !r->look.known && !r->look.header
                            ? "; if the first row names the columns, write `header`"
                            : "";
    if (!br_cell_word(cell, '.') && memchr(cell.at, ',', cell.length) == NULL)
        return br_reader_fail(r, BR_ERROR_IO, cell.at, "`%s` is not a finite number; correct it or remove the row",
                              shown.text);
    if (t->spec.predicting || t->given || r->look.kinds[i].numbers >= r->look.kinds[i].words)
        return br_reader_fail(r, BR_ERROR_IO, cell.at, "`%s` is not a number, as %s has them; correct it%s", shown.text,
                              br_reader_column(r, i).text, first);
    char column[BR_WORD_LENGTH];
    snprintf(column, sizeof column, "%u", i + 1);
    if (r->names[i] != NULL)
        snprintf(column, sizeof column, "%s", r->names[i]);
    column[40] = '\0';
    return br_reader_fail(r, BR_ERROR_IO, cell.at,
                          "`%s` is not a number; write `categories \"%s\"` if the words of this column are categories, "
                          "or `without \"%s\"`, or state where the label is%s",
                          shown.text, column, column, first);
}

static int number_cell(br_reader *r, uint32_t i, br_cell cell)
{
    float *value = &r->values[r->plan[i].slot];
    if (br_cell_missing(cell))
        return missing_cell(r, i, cell);
    if (!br_number_float(cell.at, cell.length, r->look.point, value))
        return no_number(r, i, cell);
    if (!isfinite(*value))
        return br_reader_fail(r, BR_ERROR_IO, cell.at, "`%s` is too large for a 32-bit float", br_cell_show(cell).text);
    return 0;
}

static int other_cell(br_reader *r, uint32_t i, br_cell cell)
{
    switch (r->plan[i].role) {
    case BT_ROLE_NUMBER:
        return number_cell(r, i, cell);
    case BT_ROLE_CATEGORY:
        return br_code_category(r, i, cell);
    case BT_ROLE_LABEL:
        return r->hot > 0 ? br_code_hot(r, i, cell) : br_code_label(r, cell, &r->out->labels[r->out->count]);
    default:
        return 0;
    }
}

/* ---- rows ---- */

static int wrong_columns(const br_reader *r)
{
    uint64_t held = br_cell_count(r->look.separator, r->row.at, r->row.stop);
    const char *at = r->row.at;
    if (held > r->look.columns)
        for (uint32_t i = 0; i < r->look.columns; i++)
            br_cell_next(r->look.separator, &at, r->row.stop);
    return br_reader_fail(r, BR_ERROR_IO, held > r->look.columns ? at : r->row.stop,
                          "the row has %llu columns, but the first row has %u", (unsigned long long)held,
                          r->look.columns);
}

/* The number at *at, if it is a plain one that ends at the separator or at the end of the row; *at moves behind it. */
static inline bool plain_cell(const br_reader *r, const char **at, float *out)
{
    const char *start = *at, *stop = r->row.stop;
    while (*start == ' ')
        start++;
    const char *end = br_number_plain(start, r->look.point, out);
    if (end == NULL)
        return false;
    if (end == stop) {
        *at = NULL;
        return true;
    }
    if (*end != r->look.separator)
        return false;
    end++;
    if (r->look.separator == BR_BLANKS) {
        while (end < stop && br_blank(*end))
            end++;
        end = end < stop ? end : NULL;
    }
    *at = end;
    return true;
}

/* Cells of one to three digits, from column *i on: most cells of pictures. They also become bytes, unless r->high tells
 * of one above 255. Stops at the first other cell. */
static const char *short_cells(br_reader *r, const char *at, uint32_t *i)
{
    const br_plan *plan = r->plan;
    float *values = r->values;
    uint8_t *bytes = r->bytes;
    const char separator = r->look.separator;
    uint32_t column = *i, columns = r->look.columns, high = 0;
    for (; at != NULL && column < columns && plan[column].role == BT_ROLE_NUMBER; column++) {
        uint32_t value = (uint32_t)(unsigned char)at[0] - '0', length = 1;
        if (value > 9)
            break;
        for (uint32_t digit; length < 3 && (digit = (uint32_t)(unsigned char)at[length] - '0') <= 9; length++)
            value = value * 10 + digit;
        if (at[length] == separator)
            at += length + 1;
        else if (at + length == r->row.stop)
            at = NULL;
        else
            break;
        high |= value;
        values[plan[column].slot] = (float)value;
        bytes[plan[column].slot] = (uint8_t)value;
    }
    r->high |= high;
    r->short_cells += column - *i;
    *i = column;
    return at;
}

static int read_cells(br_reader *r)
{
    const char *at = r->row.at;
    const char separator = r->look.separator;
    const uint32_t columns = r->look.columns;
    uint32_t i = 0;
    const bool quick = separator != BR_BLANKS && (r->mostly_short || r->out->count % 64 == 0);
    r->high = r->short_cells = 0;
    r->hot_found = false;
    for (; at != NULL; i++) {
        if (quick)
            at = short_cells(r, at, &i);
        if (at == NULL)
            break;
        if (i == columns) {
            br_cell cell = br_cell_next(separator, &at, r->row.stop);
            return r->look.trailing && cell.length == 0 && at == NULL ? br_code_hot_end(r) : wrong_columns(r);
        }
        if (r->plan[i].role == BT_ROLE_NUMBER && plain_cell(r, &at, &r->values[r->plan[i].slot]))
            continue;
        br_cell cell = br_cell_next(separator, &at, r->row.stop);
        if (other_cell(r, i, cell) != 0)
            return -1;
    }
    if (quick) /* where few cells are short, most rows do not try */
        r->mostly_short = 2 * (uint64_t)r->short_cells >= columns;
    r->all_bytes = r->short_cells == r->tables->slots && r->high <= UINT8_MAX;
    return i == columns ? br_code_hot_end(r) : wrong_columns(r);
}

/* Makes space for one more row. The capacity grows with the data read and not with what a file claims. Memory that no
 * row has reached yet is only reserved. */
static int reserve(br_reader *r)
{
    br_array *out = r->out;
    if (out->count < r->capacity)
        return 0;
    if (out->count >= BR_SAMPLES_LIMIT)
        return br_reader_fail(r, BR_ERROR_IO, r->row.at, "the file has more rows than can be used");
    uint64_t wanted = r->capacity + r->capacity / 4 + FIRST_ROWS, values = r->tables->slots;
    void *larger = out->floats != NULL ? br_resize(out->floats, wanted, values * sizeof(float), r->error)
                                       : br_resize(out->bytes, wanted, values, r->error);
    if (larger == NULL)
        return -1;
    if (out->floats != NULL)
        out->floats = larger;
    else
        out->bytes = larger;
    if (r->labelled) {
        uint32_t *labels = br_resize(out->labels, wanted, sizeof *labels, r->error);
        if (labels == NULL)
            return -1;
        out->labels = labels;
    }
    r->capacity = wanted;
    return 0;
}

/* The first value that is no byte turns all values into floats, within the same memory. */
static int to_floats(br_reader *r)
{
    br_array *out = r->out;
    uint64_t values = r->tables->slots;
    float *floats = br_resize(out->bytes, r->capacity, values * sizeof *floats, r->error);
    if (floats == NULL)
        return -1;
    const uint8_t *bytes = (const uint8_t *)floats;
    for (uint64_t i = out->count * values; i-- > 0;)
        floats[i] = bytes[i];
    out->floats = floats;
    out->bytes = NULL;
    return 0;
}

/* Writes the row as bytes; false if some value is no whole number from 0 to 255. -0 is none. */
static bool put_bytes(const float *values, uint32_t count, uint8_t *to)
{
    uint32_t other = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        float value = bits <= 0x437f0000u ? values[i] : 0; /* 255.0f; negative values have larger bits */
        int32_t whole = (int32_t)value;
        to[i] = (uint8_t)whole;
        other |= (uint32_t)((float)whole != values[i]) | bits >> 31;
    }
    return other == 0;
}

static int put_row(br_reader *r)
{
    br_array *out = r->out;
    uint64_t values = r->tables->slots;
    if (out->bytes != NULL) {
        if (r->all_bytes) {
            memcpy(out->bytes + out->count++ * values, r->bytes, values);
            return 0;
        }
        if (!r->numbers_missing && put_bytes(r->values, (uint32_t)values, out->bytes + out->count * values)) {
            out->count++;
            return 0;
        }
        if (to_floats(r) != 0)
            return -1;
    }
    memcpy(out->floats + out->count++ * values, r->values, values * sizeof(float));
    return 0;
}

static bool only_blank(const char *at, const char *end)
{
    while (at < end && (br_blank(*at) || *at == '\r' || *at == '\n'))
        at++;
    return at == end;
}

/* Blank rows are allowed at the end and before the first row. */
static int pass_blank(br_reader *r, bool any)
{
    br_row blank = r->row;
    int more;
    while ((more = br_text_next(&r->text, &r->row)) == 1 && only_blank(r->row.at, r->row.stop))
        continue;
    if (more == 1 && any) {
        r->row = blank;
        r->row.at = r->row.stop = r->text.buffer;
        return br_reader_fail(r, BR_ERROR_IO, r->row.at, "the line is empty, but rows follow; remove it");
    }
    return more;
}

int br_rows_read(br_reader *r)
{
    r->values = br_new(r->tables->slots, sizeof *r->values, r->error);
    r->bytes = r->values != NULL ? br_new(r->tables->slots, 1, r->error) : NULL;
    if (r->bytes == NULL)
        return -1;
    bool header = r->look.header, any = false;
    int more;
    while ((more = br_text_next(&r->text, &r->row)) == 1) {
        if (only_blank(r->row.at, r->row.stop) && (more = pass_blank(r, any)) != 1)
            break;
        any = true;
        if (header) {
            header = false;
            continue;
        }
        if (reserve(r) != 0 || read_cells(r) != 0)
            return -1;
        br_far_row(r);
        if (put_row(r) != 0)
            return -1;
    }
    if (more < 0)
        return -1;
    return r->out->count > 0 ? 0 : br_fail(r->error, BR_ERROR_IO, "%s: the file holds no samples", r->path);
}
