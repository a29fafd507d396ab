#include <string.h>

#include "base/memory.h"
#include "data/schema.h"
#include "data/table/classes.h"
#include "data/table/expand.h"
#include "data/table/far.h"
#include "data/table/header.h"
#include "data/table/reader.h"
#include "data/table/roles.h"
#include "data/table/rows.h"

int br_tables_new(const br_tables_spec *spec, br_tables **out, br_error *error)
{
    *out = br_new(1, sizeof **out, error);
    if (*out == NULL)
        return -1;
    (*out)->spec = *spec;
    if (spec->schema == NULL || spec->schema->column_count == 0)
        return 0;
    (*out)->given = true;
    (*out)->missing = spec->schema->missing;
    if (br_roles_from_schema(*out, spec->schema, error) == 0)
        return 0;
    br_tables_free(*out);
    *out = NULL;
    return -1;
}

void br_tables_free(br_tables *t)
{
    if (t == NULL)
        return;
    for (uint32_t i = 0; i < t->column_count; i++) {
        br_release(t->columns[i].name);
        br_words_free(&t->columns[i].words);
    }
    for (uint32_t i = 0; i < t->record_count; i++)
        br_release(t->records[i].path);
    br_release(t->columns);
    br_release(t->records);
    br_words_free(&t->labels);
    br_release(t);
}

bool br_tables_first_looks_like_labels(const br_tables *t)
{
    return t->first_looks_like_labels;
}

/* ---- one table ---- */

static int add_record(br_reader *r)
{
    br_tables *t = r->tables;
    br_table_record *records = br_resize(t->records, (uint64_t)t->record_count + 1, sizeof *records, r->error);
    if (records == NULL)
        return -1;
    t->records = records;
    br_table_record *record = &records[t->record_count];
    *record = (br_table_record){.path = br_copy_string(r->path, r->error), .split = r->split};
    return record->path != NULL ? 0 : -1;
}

static bool known_word(const void *context, const char *text, size_t length)
{
    const br_tables *t = context;
    char copy[BR_WORD_LENGTH + 1];
    if (length > BR_WORD_LENGTH)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    for (uint32_t i = 0; i < t->column_count; i++)
        if (t->columns[i].role == BT_ROLE_CATEGORY && br_words_find(&t->columns[i].words, copy) != BR_NO_WORD)
            return true;
    return false;
}

static int decide_header(br_reader *r)
{
    const br_tables *t = r->tables;
    const char **names = br_new(t->column_count, sizeof *names, r->error);
    if (names == NULL)
        return -1;
    for (uint32_t i = 0; i < t->column_count; i++)
        names[i] = t->columns[i].name;
    br_header_hints hints = {.stated = r->layout != NULL ? r->layout->header : BT_HEADER_GUESSED,
                             .names = names,
                             .name_count = t->column_count,
                             .layout = r->layout,
                             .is_word = known_word,
                             .context = t};
    br_header_decide(&r->look, &hints);
    br_release(names);
    return 0;
}

/* What was decided about the first row, unless it was stated or known. */
static void tell_header(const br_reader *r)
{
    br_notes *notes = r->tables->spec.notes;
    if (r->look.known || (!r->look.header && !r->look.doubtful))
        return;
    char list[BR_LIST_LENGTH];
    const char *names[16];
    uint32_t count = 0;
    br_cell_text shown[16];
    for (; count < r->look.columns && count < 16; count++) {
        shown[count] = br_cell_show(br_look_cell(&r->look, 0, count));
        names[count] = shown[count].text;
    }
    br_list_names(names, r->look.columns > 5 ? 5 : count, list);
    const char *more = r->look.columns > 5 ? ", ..." : "", *state = r->tables->spec.predicting ? "" : "; ";
    const char *words = r->tables->spec.predicting ? "" : "state it by `header` or `no header`";
    if (r->look.doubtful)
        br_note_add(notes, true, "%s: the first row, %s%s, is read as a sample, but it may name the columns%s%s",
                    r->path, list, more, state, words);
    else
        br_note_add(notes, false, "%s: the first row %s the columns: %s%s%s%s", r->path,
                    r->look.numbered ? "numbers" : "names", list, more, state, words);
}

static void tell_rest(const br_reader *r)
{
    br_notes *notes = r->tables->spec.notes;
    if (r->look.point == ',')
        br_note_add(notes, false, "%s: its numbers have decimal commas", r->path);
    if (r->text.sixteen && !r->text.marked)
        br_note_add(notes, false, "%s: the text is taken for UTF-16", r->path);
    if (r->latin)
        br_note_add(notes, false, "%s: the text is no UTF-8; it is taken for Windows-1252", r->path);
    if (r->filled > 0)
        br_note_add(notes, false, "%s: %llu missing %s become%s %s", r->path, (unsigned long long)r->filled,
                    r->filled == 1 ? "cell" : "cells", r->filled == 1 ? "s" : "",
                    r->missing == BT_MISSING_ZERO ? "0" : "the mean of the column");
}

/* Gives memory back that the last growth reserved in vain. */
static void shrink(br_array *out)
{
    br_error ignored;
    uint64_t values = out->count * br_array_values(out);
    void *less = out->floats != NULL ? br_resize(out->floats, values, sizeof(float), &ignored)
                                     : br_resize(out->bytes, values, 1, &ignored);
    if (less != NULL && out->floats != NULL)
        out->floats = less;
    else if (less != NULL)
        out->bytes = less;
    uint32_t *labels = out->labels != NULL ? br_resize(out->labels, out->count, sizeof *labels, &ignored) : NULL;
    out->labels = labels != NULL ? labels : out->labels;
}

/* The schema decides about missing cells, or else the layout. A prediction without a schema knows no mean. */
static void decide_missing(br_reader *r)
{
    br_tables *t = r->tables;
    if (!t->given && !t->spec.predicting) {
        r->missing = r->layout->missing;
        bool first = t->record_count == 0;
        t->missing = first || r->missing == BT_MISSING_MEAN ? r->missing : t->missing;
    } else {
        r->missing = t->missing;
    }
}

static int read_table(br_reader *r, const br_bytes *memory)
{
    br_tables *t = r->tables;
    if (br_text_open(&r->text, r->path, memory, r->error) != 0 ||
        br_look_at(&r->text, t->spec.values, &r->look, r->error) != 0)
        return -1;
    if (r->look.rows == 0)
        return br_fail(r->error, BR_ERROR_IO, "%s: the file holds no samples", r->path);
    uint64_t from = r->text.at;
    br_text_peek(&r->text, &from, &r->row);
    r->row.line = r->look.line;
    r->row.at = r->look.cells[0].at; /* columns of the first row count from its first cell */
    if (decide_header(r) != 0)
        return -1;
    tell_header(r);
    if (br_roles_decide(r) != 0)
        return -1;
    decide_missing(r);
    if (add_record(r) != 0)
        return -1;
    if (br_rows_read(r) != 0 || br_far_judge(r) != 0) {
        br_release(t->records[t->record_count].path);
        return -1;
    }
    tell_rest(r);
    r->out->shape = (bt_shape){1, t->slots, 1};
    shrink(r->out);
    br_table_record *record = &t->records[t->record_count++];
    record->labelled = r->labelled;
    record->last_by_default = r->layout != NULL && r->layout->label == BT_LABEL_LAST;
    return 0;
}

int br_tables_read_bytes(br_tables *tables, const char *path, const br_bytes *text, const br_table *layout,
                         bt_split split, br_array *out, br_error *error)
{
    *out = (br_array){0};
    br_reader r = {.tables = tables, .path = path, .layout = layout, .split = split, .out = out, .error = error};
    for (uint32_t i = 0; i < sizeof r.small / sizeof *r.small; i++)
        r.small[i] = BR_NO_WORD;
    int status = read_table(&r, text);
    for (uint32_t i = 0; r.names != NULL && i < r.look.columns; i++)
        br_release(r.names[i]);
    br_release(r.names);
    br_release(r.plan);
    br_release(r.values);
    br_release(r.bytes);
    br_release(r.word);
    br_look_free(&r.look);
    br_text_close(&r.text);
    if (status != 0)
        br_array_free(out);
    return status;
}

int br_tables_read(br_tables *tables, const char *path, const br_table *layout, bt_split split, br_array *out,
                   br_error *error)
{
    return br_tables_read_bytes(tables, path, NULL, layout, split, out, error);
}

/* ---- the end ---- */

static double first_value(const br_array *array, uint64_t sample, uint32_t slots)
{
    return array->floats != NULL ? (double)array->floats[sample * slots] : array->bytes[sample * slots];
}

/* Compares the labels of train, still codes, with the first column. */
static void suspect_first(br_tables *t, br_array **arrays)
{
    bool different = false;
    const br_array *first = NULL;
    for (uint32_t i = 0; i < t->record_count; i++) {
        const br_array *a = arrays[i];
        if (t->records[i].split != BT_SPLIT_TRAIN)
            continue;
        if (!t->records[i].last_by_default || !t->records[i].labelled || t->columns[0].role != BT_ROLE_NUMBER)
            return;
        first = first == NULL ? a : first;
        for (uint64_t s = 0; s < a->count; s++) {
            double value = first_value(a, s, t->slots);
            if (a->labels[s] != first->labels[0] || !(value >= 0 && value < t->spec.classes) ||
                value != (double)(uint32_t)value)
                return;
            different = different || value != first_value(first, 0, t->slots);
        }
    }
    t->first_looks_like_labels = different;
}

static int fill_schema(const br_tables *t, const br_expansion *e, const uint32_t *sorted, br_schema *schema,
                       br_error *error)
{
    schema->missing = t->missing;
    for (uint32_t c = 0; c < t->column_count; c++) {
        const br_table_column *column = &t->columns[c];
        if (br_schema_add_column(schema, column->role, column->name, error) != 0)
            return -1;
        ((br_column *)schema->columns)[schema->column_count - 1].fill = column->fill;
        for (uint32_t w = 0; column->role == BT_ROLE_CATEGORY && w < e->width[c]; w++)
            if (br_schema_add_word(schema, column->words.list[e->order[c][w]].text, error) != 0)
                return -1;
    }
    if (sorted == NULL)
        return t->spec.class_names != NULL ? br_schema_set_classes(schema, t->spec.class_names, t->spec.classes, error)
                                           : 0;
    if (br_schema_set_classes(schema, NULL, 0, error) != 0)
        return -1;
    for (uint32_t i = 0; i < t->spec.classes; i++)
        if (br_schema_add_class(schema, t->labels.list[sorted[i]].text, error) != 0)
            return -1;
    return 0;
}

int br_tables_finish(br_tables *t, br_array **arrays, uint32_t count, br_schema *schema, br_error *error)
{
    if (count != t->record_count)
        return br_fail(error, BR_ERROR_FAULT, "%u tables were read, but %u arrays are given", t->record_count, count);
    if (count == 0)
        return 0;
    if (t->column_count == 0) { /* predicting, and no columns are known: the values are complete */
        for (uint32_t i = 0; i < count; i++)
            arrays[i]->shape = (bt_shape){1, t->slots, 1};
        return 0;
    }
    br_expansion e;
    uint32_t *sorted = NULL;
    suspect_first(t, arrays);
    int status = br_classes_decide(t, arrays, &sorted, error);
    if (status == 0) {
        status = br_expansion_decide(t, &e, error);
        if (status == 0)
            status = br_expansion_apply(t, &e, arrays, error);
        if (status == 0 && t->spec.schema == NULL)
            status = fill_schema(t, &e, sorted, schema, error);
        br_expansion_free(t, &e);
    }
    br_release(sorted);
    return status;
}
