/* Tables: files of rows and columns, such as CSV. All tables of one data set are read by one br_tables, because they
 * share the words of their categories and the names of their classes. docs/data.md describes the rules.
 *
 *     br_tables *tables;
 *     br_tables_new(&spec, &tables, &error);
 *     br_tables_read(tables, "train.csv", &layout, BT_SPLIT_TRAIN, &arrays[0], &error);
 *     br_tables_read(tables, "test.csv", &layout, BT_SPLIT_TEST, &arrays[1], &error);
 *     br_tables_finish(tables, list, 2, &schema, &error);   // list: pointers to the two arrays
 *     br_tables_free(tables);
 *
 * Every function that can fail returns 0, or -1 with *error filled in: BR_ERROR_IO for a file that is missing,
 * unreadable or malformed, BR_ERROR_CHECK for one that does not fit the network or the layout. */
#ifndef BR_TABLE_H
#define BR_TABLE_H

#include "data/array.h"
#include "data/formats/bytes.h"
#include "data/notes.h"

typedef struct br_tables br_tables;

/* What is common to all tables of a data set. Pointers are borrowed until br_tables_free. */
typedef struct br_tables_spec {
    uint32_t values;                /* of a sample, as the network expects */
    uint32_t classes;               /* of the network */
    const char *const *class_names; /* [classes], stated by `classes`; NULL: none */
    const br_schema *schema;        /* of the trained model; NULL: learned from the tables of the split train */
    bool check_range;               /* values must lie in [low, high] */
    double low, high;
    bool range_given; /* the range was stated, not the default; it decides the remedy that a message proposes */
    bool vector;      /* the input is a vector: `values in columns` is proposed too */
    bool predicting;  /* labels are not read, and values beyond the range are a warning */
    br_notes *notes;
} br_tables_spec;

int br_tables_new(const br_tables_spec *spec, br_tables **out, br_error *error);

/* Reads one table. `layout` NULL: the label is where the schema has it (predicting). The array has bytes if every value
 * is a whole number from 0 to 255, otherwise floats; its shape is {1, columns that are used, 1}. Categories are codes,
 * labels are codes and missing cells that wait for a mean are NaN, until br_tables_finish. Predicting: no labels. On
 * failure *out is empty. */
int br_tables_read(br_tables *tables, const char *path, const br_table *layout, bt_split split, br_array *out,
                   br_error *error);

/* As br_tables_read, with the text of the file in memory (standard input, for example). `path` is for messages. */
int br_tables_read_bytes(br_tables *tables, const char *path, const br_bytes *text, const br_table *layout,
                         bt_split split, br_array *out, br_error *error);

/* After the last table: decides the order of words and classes, replaces codes of categories by one value for each word
 * and codes of labels by classes, and fills missing cells. `arrays`: every array that reading gave, in its order, with
 * the values, labels and count that reading left in it; their shape becomes {1, values, 1}. Fills in the columns,
 * classes and missing of `schema`, which owns copies; it is untouched where spec.schema is given. */
int br_tables_finish(br_tables *tables, br_array **arrays, uint32_t count, br_schema *schema, br_error *error);

/* Every label is the same while the first column holds several different classes, and the label is the last column by
 * default: `label first` was probably meant. For the warning about classes without samples. */
bool br_tables_first_looks_like_labels(const br_tables *tables);

void br_tables_free(br_tables *tables); /* NULL is fine */

#endif
