/* A look at every cell of a table, by the readers of data/table. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "bouton/data_survey.h"
#include "data/table/header.h"
#include "data/table/number.h"
#include "data/table/reader.h"

/* The values of a column while they are counted. */
typedef struct tally {
    br_surveyed_column facts;
    char *name;
    br_words values;
} tally;

typedef struct surveyor {
    br_reader reader; /* its text, look, row and words */
    tally *columns;   /* [look.columns] */
    bool index;       /* the first column counts the rows */
    uint64_t rows;
    br_error *error;
} surveyor;

static bool blank_row(const br_row *row)
{
    const char *at = row->at;
    while (at < row->stop && (br_blank(*at) || *at == '\r' || *at == '\n'))
        at++;
    return at == row->stop;
}

/* A value as `categories` and labels have it. Cells without content are no values here. */
static int count_value(surveyor *s, tally *column, br_cell cell)
{
    if (br_cell_empty(cell)) {
        column->facts.gaps = true;
        return 0;
    }
    if (column->facts.many)
        return 0;
    const char *text = br_reader_word(&s->reader, cell);
    if (text == NULL)
        return -1;
    uint32_t code = br_words_find(&column->values, text);
    if (code == BR_NO_WORD && column->values.count == BR_SURVEY_VALUES) {
        column->facts.many = true;
        return 0;
    }
    if (code == BR_NO_WORD)
        code = br_words_add(&column->values, text, s->error);
    if (code == BR_NO_WORD)
        return -1;
    column->values.list[code].count++;
    return 0;
}

static int take_cell(surveyor *s, tally *column, br_cell cell)
{
    br_surveyed_column *facts = &column->facts;
    float value;
    if (br_cell_missing(cell)) {
        facts->missing++;
    } else if (br_number_float(cell.at, cell.length, s->reader.look.point, &value) && isfinite(value)) {
        bool first = facts->numbers++ == 0;
        facts->least = first || (double)value < facts->least ? (double)value : facts->least;
        facts->most = first || (double)value > facts->most ? (double)value : facts->most;
        facts->whole = (first || facts->whole) && value == floorf(value);
    } else {
        facts->words++;
    }
    return count_value(s, column, cell);
}

static int take_row(surveyor *s)
{
    const br_look *look = &s->reader.look;
    const char *at = s->reader.row.at, *stop = s->reader.row.stop;
    uint32_t i = 0;
    for (; at != NULL && i < look->columns; i++)
        if (take_cell(s, &s->columns[i], br_cell_next(look->separator, &at, stop)) != 0)
            return -1;
    bool trailing = at != NULL && look->trailing && br_cell_next(look->separator, &at, stop).length == 0 && at == NULL;
    if (i == look->columns && (at == NULL || trailing))
        return s->rows++, 0;
    return br_reader_fail(&s->reader, BR_ERROR_IO, stop, "the row has %s cells than the %u of the first; correct it",
                          i < look->columns ? "fewer" : "more", look->columns);
}

static int take_rows(surveyor *s)
{
    br_reader *r = &s->reader;
    bool header = r->look.header;
    int more;
    while ((more = br_text_next(&r->text, &r->row)) == 1) {
        if (blank_row(&r->row))
            continue; /* the reader of training refuses one between rows, with its place */
        if (!header && take_row(s) != 0)
            return -1;
        header = false;
    }
    if (more < 0)
        return -1;
    return s->rows > 0 ? 0 : br_fail(s->error, BR_ERROR_IO, "%s: the file holds no samples", r->path);
}

static int take_names(surveyor *s)
{
    br_reader *r = &s->reader;
    s->columns = br_new(r->look.columns, sizeof *s->columns, s->error);
    for (uint32_t i = 0; s->columns != NULL && i < r->look.columns && r->look.header && !r->look.numbered; i++) {
        br_cell cell = br_look_cell(&r->look, 0, i);
        const char *word = cell.length > 0 ? br_reader_word(r, cell) : NULL;
        if (cell.length > 0 && (word == NULL || (s->columns[i].name = br_copy_string(word, s->error)) == NULL))
            return -1;
    }
    return s->columns != NULL ? 0 : -1;
}

/* Gives the values and names to the survey. */
static int finish(surveyor *s, br_table_survey *out)
{
    const br_look *look = &s->reader.look;
    br_surveyed_column *columns = br_new(look->columns, sizeof *columns, s->error);
    if (columns == NULL)
        return -1;
    *out = (br_table_survey){.header = look->header, .doubtful = look->doubtful, .rows = s->rows};
    out->index = s->index;
    out->columns = columns;
    for (; out->column_count < look->columns; out->column_count++) {
        tally *from = &s->columns[out->column_count];
        br_surveyed_column *to = &columns[out->column_count];
        *to = from->facts;
        const char **values = br_new(from->values.count, sizeof *values, s->error);
        to->values = values;
        uint64_t *counts = values != NULL ? br_new(from->values.count, sizeof *counts, s->error) : NULL;
        to->counts = counts;
        if (counts == NULL) {
            out->column_count++;
            return -1;
        }
        for (uint32_t v = 0; v < from->values.count; v++) {
            values[v] = from->values.list[v].text;
            counts[v] = from->values.list[v].count;
            from->values.list[v].text = NULL;
            to->value_count++;
        }
        to->name = from->name;
        from->name = NULL;
    }
    return 0;
}

static int survey(surveyor *s, br_table_survey *out)
{
    br_reader *r = &s->reader;
    br_header_hints hints = {.stated = BT_HEADER_GUESSED};
    if (br_text_open(&r->text, r->path, NULL, s->error) != 0 || br_look_at(&r->text, 0, &r->look, s->error) != 0)
        return -1;
    if (r->look.rows == 0)
        return br_fail(s->error, BR_ERROR_IO, "%s: the file holds no samples", r->path);
    br_header_decide(&r->look, &hints);
    s->index = r->look.header && br_header_index(&r->look); /* its cells are gone when rows follow */
    return take_names(s) == 0 && take_rows(s) == 0 ? finish(s, out) : -1;
}

int br_table_survey_read(const char *path, br_table_survey *out, br_error *error)
{
    *out = (br_table_survey){0};
    surveyor s = {.reader = {.path = path, .error = error}, .error = error};
    int status = survey(&s, out);
    for (uint32_t i = 0; s.columns != NULL && i < s.reader.look.columns; i++) {
        br_release(s.columns[i].name);
        br_words_free(&s.columns[i].values);
    }
    br_release(s.columns);
    br_release(s.reader.word);
    br_look_free(&s.reader.look);
    br_text_close(&s.reader.text);
    if (status != 0)
        br_table_survey_free(out);
    return status;
}

void br_table_survey_free(br_table_survey *survey)
{
    for (uint32_t i = 0; i < survey->column_count; i++) {
        const br_surveyed_column *column = &survey->columns[i];
        for (uint32_t v = 0; v < column->value_count; v++)
            br_release((void *)column->values[v]);
        br_release((void *)column->values);
        br_release((void *)column->counts);
        br_release((void *)column->name);
    }
    br_release((void *)survey->columns);
    *survey = (br_table_survey){0};
}
