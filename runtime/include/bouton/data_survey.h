/* What data hold before any network describes them: for a first text, and for tools that show data.
 *
 *     br_table_survey survey;
 *     br_error error;
 *     if (br_table_survey_read("flowers.csv", &survey, &error) != 0)
 *         return fail(error.message);
 *     for (uint32_t i = 0; i < survey.column_count; i++)
 *         printf("%s: %g to %g\n", survey.columns[i].name, survey.columns[i].least, survey.columns[i].most);
 *     br_table_survey_free(&survey);
 *
 * The readers are those of bouton/data.h, so a survey sees what training will see. Functions return 0, or -1 with *error
 * filled in and *out empty: BR_ERROR_IO for files that are missing, unreadable or malformed. Everything in a survey
 * belongs to it. Threads: see bouton/error.h. */
#ifndef BOUTON_DATA_SURVEY_H
#define BOUTON_DATA_SURVEY_H

#include "bouton/error.h"
#include "bouton/terms.h"

BOUTON_BEGIN

/* ---- tables (CSV) ---- */

#define BR_SURVEY_VALUES 1024u /* different values of a column that are told apart */

typedef struct br_surveyed_column {
    const char *name;                 /* from the header; NULL: none */
    uint64_t numbers, words, missing; /* cells of each kind, below the header */
    bool whole;                       /* every number is whole */
    double least, most;               /* of the numbers; 0 and 0 if there are none */
    bool many;                 /* more than BR_SURVEY_VALUES different values; `values` then has the first ones */
    bool gaps;                 /* some cells are empty even for a category, where `?` then is a value */
    uint32_t value_count;      /* different cells with a value, up to BR_SURVEY_VALUES */
    const char *const *values; /* [value_count], in the order of their first appearance */
    const uint64_t *counts;    /* [value_count]: cells with each value */
} br_surveyed_column;

typedef struct br_table_survey {
    bool header, doubtful; /* the first row names the columns; it is read as a sample, but may name them */
    bool index;            /* the first column has no name and counts the rows */
    uint64_t rows;         /* samples, at least 1 */
    uint32_t column_count; /* at least 1 */
    const br_surveyed_column *columns;
} br_table_survey;

/* Reads the whole table, also one that is compressed by gzip. Every row must have the same number of cells. */
int br_table_survey_read(const char *path, br_table_survey *out, br_error *error);
void br_table_survey_free(br_table_survey *survey); /* empty is fine */

/* ---- pictures: a folder with a folder for each class ---- */

#define BR_SURVEY_PICTURES 512u /* pictures that are opened, spread over all classes */

typedef struct br_surveyed_class {
    const char *name; /* of the folder */
    uint64_t pictures;
} br_surveyed_class;

typedef struct br_picture_survey {
    uint32_t class_count; /* at least 1, in the order of labels */
    const br_surveyed_class *classes;
    uint64_t pictures;
    uint32_t height, width; /* medians of the pictures that were opened */
    bool alike;             /* all of them have this size */
    bool colour;            /* some of them are not grey */
} br_picture_survey;

int br_picture_survey_read(const char *folder, br_picture_survey *out, br_error *error);
void br_picture_survey_free(br_picture_survey *survey); /* empty is fine */

/* ---- MNIST's format: a folder with two or four IDX files ---- */

typedef struct br_idx_survey {
    const char *images[2], *labels[2]; /* of train and test: names in the folder; NULL: test has none */
    uint64_t samples[2];
    bt_shape shape;   /* of a sample */
    uint32_t classes; /* the largest label of train, plus 1 */
} br_idx_survey;

/* The files are known by their content, and by train, test or t10k in their names. BR_ERROR_CHECK: the folder has other
 * IDX files than a pair for train and at most one for test. *found says whether it has any IDX files at all; without
 * any, *out is empty and that is no error. */
int br_idx_survey_read(const char *folder, br_idx_survey *out, bool *found, br_error *error);
void br_idx_survey_free(br_idx_survey *survey); /* empty is fine */

BOUTON_END
#endif
