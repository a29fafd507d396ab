/* The columns of the first table, by its layout. bind.c relates every other table to them. */
#include "data/table/roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/table/bind.h"
#include "data/table/codes.h"
#include "data/table/header.h"
#include "data/table/number.h"

#define NONE      UINT32_MAX
#define HOT_LIMIT 100u /* classes: as many as `small` has codes */

static int take_names(br_reader *r)
{
    const br_look *look = &r->look;
    r->names = br_new(look->columns, sizeof *r->names, r->error);
    r->plan = r->names != NULL ? br_new(look->columns, sizeof *r->plan, r->error) : NULL;
    if (r->plan == NULL)
        return -1;
    for (uint32_t i = 0; look->header && !look->numbered && i < look->columns; i++) {
        br_cell cell = br_look_cell(look, 0, i);
        if (cell.length == 0)
            continue;
        const char *word = br_reader_word(r, cell);
        r->names[i] = word != NULL ? br_copy_string(word, r->error) : NULL;
        if (r->names[i] == NULL)
            return -1;
    }
    return 0;
}

static int unknown_column(const br_reader *r, const char *what, const char *text)
{
    char list[BR_LIST_LENGTH];
    const char *const *names = (const char *const *)r->names;
    uint32_t count = r->look.columns;
    if (!r->look.header || r->look.numbered)
        return br_fail(r->error, BR_ERROR_CHECK,
                       "%s: %s \"%s\": the table does not name its columns; write the column's number, 1 to %u%s",
                       r->path, what, text, count,
                       r->look.header ? "" : ", or `header` if the first row has the names");
    const char *nearest = br_nearest(names, count, text);
    br_columns_list(r, list);
    return br_fail(r->error, BR_ERROR_CHECK, "%s: %s \"%s\": no column has this name%s%s%s; the columns are %s",
                   r->path, what, text, nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "\"?" : "", list);
}

/* The column with this name, or this number from 1; NONE with the error filled in. */
static uint32_t find_column(const br_reader *r, const char *what, const char *text)
{
    for (uint32_t i = 0; i < r->look.columns; i++)
        if (r->names[i] != NULL && strcmp(r->names[i], text) == 0)
            return i;
    char *end;
    unsigned long number = *text >= '1' && *text <= '9' ? strtoul(text, &end, 10) : 0;
    if (number > 0 && *end == '\0' && number <= r->look.columns)
        return (uint32_t)number - 1;
    unknown_column(r, what, text);
    return NONE;
}

static int leave_out(br_reader *r)
{
    const br_table *layout = r->layout;
    if (br_header_index(&r->look) && r->look.header) {
        r->plan[0].role = BT_ROLE_UNUSED;
        br_note_add(r->tables->spec.notes, false,
                    "%s: the first column numbers the rows and has no name; it is left out", r->path);
    }
    for (uint32_t i = 0; i < layout->without_count; i++) {
        uint32_t column = find_column(r, "without", layout->without[i]);
        if (column != NONE)
            r->plan[column].role = BT_ROLE_UNUSED;
        else if (r->tables->column_count == 0)
            return -1;
    }
    return 0;
}

/* The column of the label: its name goes before its place if the other tables of the data set have it. */
static uint32_t label_column(const br_reader *r)
{
    const br_tables *t = r->tables;
    if (r->layout->label == BT_LABEL_NAMED)
        return find_column(r, "label", r->layout->label_name);
    for (uint32_t c = 0; c < t->column_count; c++)
        for (uint32_t i = 0; t->columns[c].role == BT_ROLE_LABEL && t->columns[c].name && i < r->look.columns; i++)
            if (r->names[i] != NULL && strcmp(r->names[i], t->columns[c].name) == 0)
                return i;
    uint32_t found = NONE;
    for (uint32_t i = 0; i < r->look.columns; i++)
        if (r->plan[i].role != BT_ROLE_UNUSED && (found == NONE || r->layout->label == BT_LABEL_LAST))
            found = i;
    if (found == NONE)
        br_fail(r->error, BR_ERROR_CHECK, "%s: no column is left for the label", r->path);
    return found;
}

static int set_label(br_reader *r)
{
    if (r->layout->label == BT_LABEL_NONE)
        return 0;
    uint32_t column = label_column(r);
    if (column == NONE)
        return -1;
    if (r->plan[column].role == BT_ROLE_UNUSED && r->layout->label == BT_LABEL_NAMED && column > 0)
        return br_fail(r->error, BR_ERROR_CHECK, "%s: label \"%s\": this column is also left out by `without`", r->path,
                       r->layout->label_name);
    r->plan[column].role = BT_ROLE_LABEL;
    r->labelled = true;
    return 0;
}

/* The used columns from the end, one for each class, hold a single 1 in every row that was looked at. */
static bool ends_one_hot(const br_reader *r, uint32_t *begin)
{
    const br_look *look = &r->look;
    uint32_t classes = r->tables->spec.classes, left = classes, n = 0;
    for (uint32_t i = 0; i < look->columns; i++)
        n += r->plan[i].role != BT_ROLE_UNUSED;
    if (classes < 2 || classes > HOT_LIMIT || n != (uint64_t)r->tables->spec.values + classes || look->rows < 2)
        return false;
    for (*begin = look->columns; left > 0; --*begin)
        left -= r->plan[*begin - 1].role != BT_ROLE_UNUSED;
    for (uint32_t row = look->header; row < look->rows; row++) {
        uint32_t ones = 0;
        for (uint32_t i = *begin; i < look->columns; i++) {
            br_cell cell = br_look_cell(look, row, i);
            float value;
            if (r->plan[i].role == BT_ROLE_UNUSED)
                continue;
            if (!br_number_float(cell.at, cell.length, look->point, &value) || (value != 0 && value != 1))
                return false;
            ones += value == 1;
        }
        if (ones != 1)
            return false;
    }
    return true;
}

/* The name of a label's column: of the file, or of the data set. */
static const char *hot_name(const br_reader *r, uint32_t column, uint32_t hot)
{
    const br_tables *t = r->tables;
    if (r->names[column] != NULL)
        return r->names[column];
    for (uint32_t c = 0; c < t->column_count; c++)
        if (t->columns[c].role == BT_ROLE_LABEL && hot-- == 0)
            return t->columns[c].name;
    return NULL;
}

/* Labels as one column for each class: 1, and -1 on failure; 0: the label is one column. */
static int set_one_hot(br_reader *r)
{
    uint32_t begin = 0;
    if (r->layout->label != BT_LABEL_LAST || r->layout->all_categories || r->layout->category_count > 0 ||
        !ends_one_hot(r, &begin))
        return 0;
    for (uint32_t i = begin; i < r->look.columns; i++) {
        if (r->plan[i].role == BT_ROLE_UNUSED)
            continue;
        char number[16];
        snprintf(number, sizeof number, "%u", r->hot);
        const char *name = hot_name(r, i, r->hot);
        if (br_code_hot_begin(r, r->hot, name != NULL ? name : number) != 0)
            return -1;
        r->plan[i] = (br_plan){.role = BT_ROLE_LABEL, .slot = r->hot++};
    }
    r->labelled = true;
    br_note_add(r->tables->spec.notes, false, "%s: the last %u columns are taken as the label, one for each class",
                r->path, r->hot);
    return 1;
}

static int set_categories(br_reader *r)
{
    const br_table *layout = r->layout;
    for (uint32_t i = 0; i < layout->category_count; i++) {
        uint32_t column = find_column(r, "categories", layout->categories[i]);
        if (column == NONE && r->tables->column_count == 0)
            return -1;
        if (column != NONE && r->plan[column].role == BT_ROLE_NUMBER)
            r->plan[column].role = BT_ROLE_CATEGORY;
    }
    for (uint32_t i = 0; layout->all_categories && i < r->look.columns; i++) {
        const br_kind *kind = &r->look.kinds[i];
        if (r->plan[i].role == BT_ROLE_NUMBER && 10 * (uint64_t)kind->words > kind->numbers)
            r->plan[i].role = BT_ROLE_CATEGORY;
    }
    return 0;
}

/* Without categories, every used column is one value. With them, br_tables_finish checks the number. */
static int check_count(const br_reader *r, uint32_t used)
{
    uint32_t values = r->tables->spec.values;
    if (r->categories || used == values)
        return 0;
    char what[96] = "";
    if (r->labelled && r->hot == 0)
        snprintf(what, sizeof what, ", besides the label in %s", br_reader_column(r, label_column(r)).text);
    bool bare = r->labelled && used + 1 == values;
    char mend[64];
    snprintf(mend, sizeof mend, "`input vector(%u)`", used);
    return br_fail(r->error, BR_ERROR_CHECK,
                   "%s:%llu: the table has %u column%s of values%s, but the network's input reads %u; %s%s%s", r->path,
                   (unsigned long long)r->look.line, used, used == 1 ? "" : "s", what, values, used > 0 ? "write " : "",
                   used > 0 ? mend : "check the separator",
                   bare            ? ", or `label none` if it has no labels"
                   : used > values ? ", or leave columns out by `without`"
                                   : "");
}

static int add_columns(br_reader *r)
{
    br_tables *t = r->tables;
    t->columns = br_new(r->look.columns, sizeof *t->columns, r->error);
    if (t->columns == NULL)
        return -1;
    t->column_count = r->look.columns;
    for (uint32_t i = 0; i < t->column_count; i++) {
        br_table_column *column = &t->columns[i];
        column->role = r->plan[i].role;
        column->name = r->names[i] != NULL ? br_copy_string(r->names[i], r->error) : NULL;
        if (r->names[i] != NULL && column->name == NULL)
            return -1;
        r->plan[i].column = i;
        r->categories = r->categories || column->role == BT_ROLE_CATEGORY;
        if (column->role == BT_ROLE_NUMBER || column->role == BT_ROLE_CATEGORY)
            r->plan[i].slot = column->slot = t->slots++;
    }
    return check_count(r, t->slots);
}

int br_roles_decide(br_reader *r)
{
    if (take_names(r) != 0)
        return -1;
    bool known = r->tables->column_count > 0;
    if (r->tables->spec.predicting)
        return known ? br_bind_prediction(r) : br_bind_bare(r);
    int hot = leave_out(r) != 0 ? -1 : set_one_hot(r);
    if (hot < 0 || (hot == 0 && set_label(r) != 0))
        return -1;
    if (known)
        return br_bind_table(r);
    return set_categories(r) != 0 ? -1 : add_columns(r);
}

int br_roles_from_schema(br_tables *t, const br_schema *schema, br_error *error)
{
    t->columns = br_new(schema->column_count, sizeof *t->columns, error);
    if (t->columns == NULL)
        return -1;
    t->column_count = schema->column_count;
    for (uint32_t i = 0; i < schema->column_count; i++) {
        const br_column *from = &schema->columns[i];
        br_table_column *column = &t->columns[i];
        column->role = from->role;
        column->fill = from->fill;
        column->name = from->name != NULL ? br_copy_string(from->name, error) : NULL;
        if (from->name != NULL && column->name == NULL)
            return -1;
        if (from->role == BT_ROLE_NUMBER || from->role == BT_ROLE_CATEGORY)
            column->slot = t->slots++;
        for (uint32_t w = 0; w < from->word_count; w++) {
            uint32_t code = br_words_add(&column->words, from->words[w], error);
            if (code == BR_NO_WORD)
                return -1;
            column->words.list[code].train = true;
        }
    }
    return 0;
}
