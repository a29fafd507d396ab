/* Helpers of the suites about tables: texts as files, read by one br_tables, and the results as text. */
#ifndef TABLES_H
#define TABLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/schema.h"
#include "data/table/table.h"

enum { FILES = 3 };

typedef struct tables {
    br_tables_spec spec;
    br_table layout; /* of every file */
    br_notes notes;
    br_schema schema;
    br_array arrays[FILES];
    br_error error;
    char text[4096];
} tables;

static inline tables tables_of(uint32_t values, uint32_t classes)
{
    return (tables){.spec = {.values = values, .classes = classes, .vector = true}};
}

static inline void tables_clear(tables *t)
{
    for (int i = 0; i < FILES; i++)
        br_array_free(&t->arrays[i]);
    br_schema_clear(&t->schema);
    br_notes_free(&t->notes);
}

/* Reads texts of these lengths as t0.csv of train, t1.csv of validation and t2.csv of test. */
static inline int tables_read(tables *t, const char *const *texts, const size_t *lengths, uint32_t count)
{
    static const char *const paths[FILES] = {"t0.csv", "t1.csv", "t2.csv"};
    br_tables *reading;
    br_array *list[FILES];
    tables_clear(t);
    t->spec.notes = &t->notes;
    t->error = (br_error){0};
    assert_int_equal(br_tables_new(&t->spec, &reading, &t->error), 0);
    int status = 0;
    for (uint32_t i = 0; i < count && status == 0; i++) {
        br_bytes file = {malloc(lengths[i] + !lengths[i]), lengths[i]}; /* exactly so large, for sanitizers */
        memcpy(file.data, texts[i], lengths[i]);
        const br_table *layout = t->spec.predicting && t->layout.label == BT_LABEL_LAST ? NULL : &t->layout;
        bt_split split = t->spec.schema != NULL ? BT_SPLIT_TEST : (bt_split)i;
        status = br_tables_read_bytes(reading, paths[i], &file, layout, split, &t->arrays[i], &t->error);
        list[i] = &t->arrays[i];
        free(file.data);
    }
    if (status == 0)
        status = br_tables_finish(reading, list, count, &t->schema, &t->error);
    br_tables_free(reading);
    return status;
}

static inline int tables_one(tables *t, const char *text)
{
    return tables_read(t, &text, &(size_t){strlen(text)}, 1);
}

static inline int tables_two(tables *t, const char *first, const char *second)
{
    return tables_read(t, (const char *[]){first, second}, (size_t[]){strlen(first), strlen(second)}, 2);
}

/* The samples of a file: "1 2.5:0 3 4:1", with labels behind colons where there are any. */
static inline const char *tables_samples(tables *t, int file)
{
    const br_array *a = &t->arrays[file];
    uint64_t values = br_array_values(a);
    size_t n = 0;
    t->text[0] = '\0';
    for (uint64_t i = 0; i < a->count * values; i++) {
        double value = a->floats != NULL ? (double)a->floats[i] : a->bytes[i];
        n += (size_t)snprintf(t->text + n, sizeof t->text - n, "%s%.6g", i > 0 ? " " : "", value);
        if ((i + 1) % values == 0 && a->labels != NULL)
            n += (size_t)snprintf(t->text + n, sizeof t->text - n, ":%u", a->labels[i / values]);
    }
    return t->text;
}

static inline void assert_read(tables *t, const char *text, const char *samples)
{
    int status = tables_one(t, text);
    assert_string_equal(t->error.message, "");
    assert_int_equal(status, 0);
    assert_string_equal(tables_samples(t, 0), samples);
}

static inline void assert_read_two(tables *t, const char *first, const char *second, const char *samples)
{
    int status = tables_two(t, first, second);
    assert_string_equal(t->error.message, "");
    assert_int_equal(status, 0);
    assert_string_equal(tables_samples(t, 1), samples);
}

static inline void assert_fails(tables *t, const char *text, br_error_kind kind, const char *message)
{
    assert_int_equal(tables_one(t, text), -1);
    assert_string_equal(t->error.message, message);
    assert_int_equal(t->error.kind, kind);
}

static inline void assert_fails_two(tables *t, const char *first, const char *second, const char *message)
{
    assert_int_equal(tables_two(t, first, second), -1);
    assert_string_equal(t->error.message, message);
    assert_int_equal(t->error.kind, BR_ERROR_CHECK);
}

/* The notes, one a line; a warning begins with '!'. */
static inline void assert_notes(tables *t, const char *wanted)
{
    size_t n = 0;
    t->text[0] = '\0';
    for (uint32_t i = 0; i < t->notes.count; i++)
        n += (size_t)snprintf(t->text + n, sizeof t->text - n, "%s%s\n", t->notes.list[i].warning ? "!" : "",
                              t->notes.list[i].text);
    assert_string_equal(t->text, wanted);
}

#endif
