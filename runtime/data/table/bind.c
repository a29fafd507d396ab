#include "data/table/bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/table/header.h"

#define NONE UINT32_MAX

static bool used(bt_role role)
{
    return role == BT_ROLE_NUMBER || role == BT_ROLE_CATEGORY;
}

/* Lists names that `wanted` marks. */
typedef struct name_list {
    const char *names[16];
    uint32_t kept, all;
} name_list;

static void list_add(name_list *list, const char *name)
{
    if (list->kept < 16)
        list->names[list->kept++] = name;
    list->all++;
}

static void list_write(const name_list *list, char out[BR_LIST_LENGTH])
{
    br_list_names(list->names, list->kept, out);
    size_t n = strlen(out);
    if (list->kept == list->all)
        return;
    char *more = strstr(out, " and ");
    n = more != NULL ? (size_t)(more - out) : n;
    snprintf(out + n, BR_LIST_LENGTH - n, " and more, %u in all", list->all);
}

void br_columns_list(const br_reader *r, char out[BR_LIST_LENGTH])
{
    name_list list = {0};
    for (uint32_t i = 0; i < r->look.columns; i++)
        list_add(&list, r->names[i] != NULL ? r->names[i] : "-");
    list_write(&list, out);
}

static void take(br_reader *r, uint32_t i, uint32_t column)
{
    const br_table_column *from = &r->tables->columns[column];
    r->plan[i] = (br_plan){from->role, from->slot, column};
    r->categories = r->categories || from->role == BT_ROLE_CATEGORY;
}

/* ---- by name ---- */

/* The names of the file's columns; their codes are in the order of `columns`. False if one is missing or double. */
static bool index_names(const br_reader *r, br_words *words, uint32_t *columns)
{
    br_error ignored;
    for (uint32_t i = 0; i < r->look.columns; i++) {
        if (r->names[i] == NULL)
            continue;
        uint32_t before = words->count, code = br_words_add(words, r->names[i], &ignored);
        if (code == BR_NO_WORD || words->count == before)
            return false;
        columns[code] = i;
    }
    return words->count > 0;
}

static bool base_named(const br_tables *t)
{
    bool named = true;
    for (uint32_t c = 0; c < t->column_count; c++)
        named = named && (!used(t->columns[c].role) || t->columns[c].name != NULL);
    return named;
}

static int lacks(const br_reader *r, const name_list *missing)
{
    char wanted[BR_LIST_LENGTH], held[BR_LIST_LENGTH];
    list_write(missing, wanted);
    br_columns_list(r, held);
    return br_fail(r->error, BR_ERROR_CHECK, "%s:%llu: the header lacks %s %s; it names %s", r->path,
                   (unsigned long long)r->look.line, missing->all == 1 ? "the column" : "the columns", wanted, held);
}

/* A column of the file: whether the data set has its name, and whether its values are used. */
typedef struct match {
    bool known, taken;
} match;

static void tell_extra(const br_reader *r, const match *matches)
{
    char text[BR_LIST_LENGTH];
    name_list extra = {0};
    for (uint32_t i = 0; i < r->look.columns; i++)
        if (!matches[i].known && r->names[i] != NULL && used(r->plan[i].role))
            list_add(&extra, r->names[i]);
    list_write(&extra, text);
    if (extra.all > 0)
        br_note_add(r->tables->spec.notes, false, "%s: columns that the training table lacks are not read: %s", r->path,
                    text);
}

static int bind_names(br_reader *r, const br_words *words, const uint32_t *columns, match *matches)
{
    const br_tables *t = r->tables;
    name_list missing = {0};
    for (uint32_t c = 0; c < t->column_count; c++) {
        uint32_t code = t->columns[c].name != NULL ? br_words_find(words, t->columns[c].name) : BR_NO_WORD;
        if (code != BR_NO_WORD)
            matches[columns[code]] = (match){true, used(t->columns[c].role)};
        else if (used(t->columns[c].role))
            list_add(&missing, t->columns[c].name);
        if (code != BR_NO_WORD && used(t->columns[c].role))
            take(r, columns[code], c);
    }
    if (missing.all > 0)
        return lacks(r, &missing);
    tell_extra(r, matches);
    for (uint32_t i = 0; i < r->look.columns; i++)
        if (!matches[i].taken && (r->plan[i].role != BT_ROLE_LABEL || t->spec.predicting))
            r->plan[i].role = BT_ROLE_UNUSED;
    return 0;
}

/* A label that is stated by its place may be a column of values in the training table. */
static int check_label(const br_reader *r)
{
    uint32_t labels = 0;
    for (uint32_t i = 0; i < r->look.columns; i++)
        labels += r->plan[i].role == BT_ROLE_LABEL;
    if (!r->labelled || r->tables->spec.predicting || labels == (r->hot > 0 ? r->hot : 1))
        return 0;
    return br_fail(
        r->error, BR_ERROR_CHECK,
        "%s:%llu: the column of the label is a column of values in the training table; write `label \"NAME\"` "
        "or `label none`",
        r->path, (unsigned long long)r->look.line);
}

/* 1: done; 0: the two have no names to compare; -1: failed. */
static int by_name(br_reader *r)
{
    if (!r->look.header || r->look.numbered || !base_named(r->tables))
        return 0;
    br_words words = {0};
    uint32_t *columns = br_new(r->look.columns, sizeof *columns, r->error);
    match *matches = columns != NULL ? br_new(r->look.columns, sizeof *matches, r->error) : NULL;
    int status = matches == NULL ? -1 : index_names(r, &words, columns) ? 1 : 0;
    if (status == 1 && (bind_names(r, &words, columns, matches) != 0 || check_label(r) != 0))
        status = -1;
    br_words_free(&words);
    br_release(columns);
    br_release(matches);
    return status;
}

/* ---- by order ---- */

int br_bind_table(br_reader *r)
{
    const br_tables *t = r->tables;
    int named = by_name(r);
    if (named != 0)
        return named < 0 ? -1 : 0;
    uint32_t n = 0, c = 0;
    for (uint32_t i = 0; i < r->look.columns; i++)
        n += used(r->plan[i].role);
    if (n != t->slots)
        return br_fail(r->error, BR_ERROR_CHECK,
                       "%s:%llu: the table has %u column%s of values%s; the training table has %u", r->path,
                       (unsigned long long)r->look.line, n, n == 1 ? "" : "s", r->labelled ? " besides the label" : "",
                       t->slots);
    for (uint32_t i = 0; i < r->look.columns; i++) {
        if (!used(r->plan[i].role))
            continue;
        while (!used(t->columns[c].role))
            c++;
        take(r, i, c++);
    }
    return 0;
}

/* Which columns of the data set the file's columns are: all, without the label, or only those that are used. The file's
 * columns `skipped` are passed over. */
typedef struct fit {
    uint32_t count;      /* of the file's columns, besides the skipped ones */
    uint32_t index;      /* NONE, or a column that numbers the rows */
    uint32_t label;      /* NONE, or the column of the label */
    bool with_label;     /* the column of the label is among the others */
    bool without_unused; /* only columns that are used */
} fit;

static bool find_fit(const br_tables *t, fit *f)
{
    uint32_t labels = 0;
    for (uint32_t c = 0; c < t->column_count; c++)
        labels += t->columns[c].role == BT_ROLE_LABEL;
    f->with_label = f->label == NONE && f->count == t->column_count && labels > 0;
    f->without_unused = f->count == t->slots;
    return f->with_label || f->count == t->column_count - labels || f->without_unused;
}

static void bind_fit(br_reader *r, const fit *f)
{
    const br_tables *t = r->tables;
    uint32_t c = 0;
    for (uint32_t i = 0; i < r->look.columns; i++) {
        r->plan[i].role = BT_ROLE_UNUSED;
        if (i == f->index || i == f->label)
            continue;
        while (f->without_unused ? !used(t->columns[c].role) : !f->with_label && t->columns[c].role == BT_ROLE_LABEL)
            c++;
        if (used(t->columns[c].role))
            take(r, i, c);
        c++;
    }
}

/* The place of the label that the caller states, or NONE. */
static int stated_label(const br_reader *r, uint32_t *out)
{
    *out = NONE;
    const br_table *layout = r->layout;
    if (layout == NULL || layout->label == BT_LABEL_NONE)
        return 0;
    *out = layout->label == BT_LABEL_FIRST ? 0 : r->look.columns - 1;
    if (layout->label != BT_LABEL_NAMED)
        return 0;
    unsigned long number = strtoul(layout->label_name, NULL, 10);
    *out = number > 0 && number <= r->look.columns ? (uint32_t)number - 1 : NONE;
    for (uint32_t i = 0; i < r->look.columns; i++)
        if (r->names[i] != NULL && strcmp(r->names[i], layout->label_name) == 0)
            *out = i;
    if (*out != NONE)
        return 0;
    char list[BR_LIST_LENGTH];
    br_columns_list(r, list);
    return br_fail(r->error, BR_ERROR_CHECK, "%s: label \"%s\": no column has this name; the columns are %s", r->path,
                   layout->label_name, list);
}

static void tell_index(const br_reader *r)
{
    br_note_add(r->tables->spec.notes, false, "%s: the first column numbers the rows and has no name; it is left out",
                r->path);
}

int br_bind_prediction(br_reader *r)
{
    const br_tables *t = r->tables;
    int named = by_name(r);
    if (named != 0)
        return named < 0 ? -1 : 0;
    fit f = {.count = r->look.columns, .index = NONE};
    if (stated_label(r, &f.label) != 0)
        return -1;
    f.count -= f.label != NONE;
    bool stated_none = r->layout != NULL && r->layout->label == BT_LABEL_NONE;
    bool found = find_fit(t, &f) && !(stated_none && f.with_label && !f.without_unused);
    if (!found && r->look.header && br_header_index(&r->look)) {
        f.index = 0;
        f.count--;
        found = find_fit(t, &f) && !(stated_none && f.with_label && !f.without_unused);
        if (found)
            tell_index(r);
    }
    if (!found) {
        char wanted[BR_LIST_LENGTH];
        name_list list = {0};
        for (uint32_t c = 0; c < t->column_count; c++)
            if (used(t->columns[c].role) && t->columns[c].name != NULL)
                list_add(&list, t->columns[c].name);
        list_write(&list, wanted);
        return br_fail(r->error, BR_ERROR_CHECK,
                       "%s:%llu: the table has %u column%s; as in training there must be %u, or the %u of the values "
                       "alone%s%s",
                       r->path, (unsigned long long)r->look.line, r->look.columns, r->look.columns == 1 ? "" : "s",
                       t->column_count, t->slots, list.all > 0 ? ": " : "", wanted);
    }
    bind_fit(r, &f);
    return 0;
}

int br_bind_bare(br_reader *r)
{
    uint32_t values = r->tables->spec.values, n = r->look.columns, label, slot = 0, index = NONE;
    if (stated_label(r, &label) != 0)
        return -1;
    uint32_t left = n - (label != NONE);
    if (left != values && r->look.header && br_header_index(&r->look)) {
        index = 0;
        left--;
        tell_index(r);
    }
    bool none = r->layout != NULL && r->layout->label == BT_LABEL_NONE;
    if (left == values + 1 && label == NONE && !none) /* as data blocks have it by default */
        label = n - 1, left--;
    if (left != values)
        return br_fail(r->error, BR_ERROR_CHECK,
                       "%s:%llu: the table has %u column%s, but the network reads %u values: there must be as many "
                       "columns, or one more for a label",
                       r->path, (unsigned long long)r->look.line, n, n == 1 ? "" : "s", values);
    r->tables->slots = values;
    for (uint32_t i = 0; i < n; i++)
        r->plan[i] = i == label || i == index ? (br_plan){.role = BT_ROLE_UNUSED} : (br_plan){.slot = slot++};
    return 0;
}
