/* The insides of br_tables, and the reading of one table. */
#ifndef BR_READER_H
#define BR_READER_H

#include "data/table/look.h"
#include "data/table/table.h"
#include "data/words.h"

/* A column of the data set. The first table decides the columns, or the model's schema. */
typedef struct br_table_column {
    bt_role role;
    char *name;    /* NULL: none */
    uint32_t slot; /* BT_ROLE_NUMBER, BT_ROLE_CATEGORY: which value of a row it is */
    double fill;   /* of the schema */
    br_words words;
} br_table_column;

/* A table that has been read. */
typedef struct br_table_record {
    char *path;
    bt_split split;
    bool labelled;
    bool last_by_default; /* the label was the last column, as nothing else was stated */
} br_table_record;

struct br_tables {
    br_tables_spec spec;
    bool given; /* the columns are the schema's */
    br_table_column *columns;
    uint32_t column_count; /* 0: no table has been read */
    uint32_t slots;        /* values of a row before categories become several values */
    bt_missing missing;
    br_words labels;
    br_table_record *records;
    uint32_t record_count;
    uint64_t strange; /* cells of categories with words that train lacks, when the schema decides */
    bool first_looks_like_labels;
};

/* A column of the file that is being read. */
typedef struct br_plan {
    bt_role role;
    uint32_t slot;
    uint32_t column; /* of br_tables */
} br_plan;

/* Values beyond the range. */
typedef struct br_far {
    uint64_t count;
    br_place place; /* of the first one */
    float value;
    bool rounded; /* values lie beyond the range by a rounding error, or more */
} br_far;

typedef struct br_reader {
    br_tables *tables;
    const char *path;
    const br_table *layout; /* NULL: none */
    bt_split split;
    br_text text;
    br_look look;
    br_row row;   /* the current one */
    char **names; /* [look.columns], each NULL where there is none */
    br_plan *plan;
    uint32_t hot; /* the label is so many columns, of which one holds 1; 0: it is one column */
    bool hot_found;
    bool labelled, categories, numbers_missing;
    float *values;              /* of the row */
    uint8_t *bytes;             /* of its short cells */
    uint32_t high, short_cells; /* all bits of the short cells, and their number */
    bool mostly_short;          /* at least half of the cells of a row were short */
    bool all_bytes;             /* `bytes` is the whole row */
    br_array *out;
    uint64_t capacity;
    bt_missing missing;
    uint64_t filled;
    br_far far;
    uint32_t small[100]; /* codes of the labels 0 to 99, or BR_NO_WORD; with `hot`, of its columns */
    char *word, *converted;
    bool latin; /* a word was no UTF-8 */
    br_error *error;
} br_reader;

/* Fails at a place of the current row: FILE:LINE:COLUMN: and the message. */
int br_reader_fail(const br_reader *r, br_error_kind kind, const char *at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The text of a cell: without doubled quotes, in UTF-8. It is valid until the next call; NULL on failure. */
const char *br_reader_word(br_reader *r, br_cell cell);

/* Names the column of the file in a message: "the column `name`" or "column 3". */
typedef struct br_column_text {
    char text[72];
} br_column_text;
br_column_text br_reader_column(const br_reader *r, uint32_t column);

#endif
