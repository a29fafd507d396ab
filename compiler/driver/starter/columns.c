#include "starter/columns.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "options/console.h"
#include "options/number.h"

#define CLASSES_MOST    100u /* of a label of whole numbers; more are rather amounts */
#define CATEGORY_MOST   50u  /* words of a category */
#define CONSTANTS_ABOVE 64u  /* in wider tables, columns without differences stay: most are pixels of a border */

/* Names that people give to the column of answers, the surest first. */
static const char *const label_names[] = {"label",    "labels",  "class",   "classes", "target",    "species",
                                          "kind",     "variety", "outcome", "answer",  "diagnosis", "category",
                                          "cultivar", "digit",   "y",       "type",    "result"};

/* Names of columns that only number the rows. */
static const char *const index_names[] = {"id", "index", "row", "rownames", "no", "nr", "number", "unnamed: 0"};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; name != NULL && i < count; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

/* ---- the label ---- */

static bool may_be_label(const br_table_survey *survey, uint32_t i)
{
    const br_surveyed_column *column = &survey->columns[i];
    bool whole = column->words == 0 && column->whole && column->least >= 0;
    return column->value_count >= 2 && !column->many && 2 * (uint64_t)column->value_count <= survey->rows &&
           column->missing == 0 && (column->words > 0 || (whole && column->value_count <= CLASSES_MOST));
}

static bool find_named_label(const br_table_survey *survey, column_choice *out)
{
    for (size_t n = 0; n < sizeof label_names / sizeof *label_names; n++)
        for (uint32_t i = 0; i < survey->column_count; i++) {
            const char *name = survey->columns[i].name;
            if (name == NULL || strcasecmp(name, label_names[n]) != 0 || !may_be_label(survey, i))
                continue;
            out->label = i;
            out->why = "its name says so";
            return true;
        }
    return false;
}

static bool find_label(const br_table_survey *survey, column_choice *out)
{
    uint32_t last = survey->column_count - 1;
    if (find_named_label(survey, out))
        return true;
    if (may_be_label(survey, last)) {
        *out = (column_choice){.label = last, .why = "it is the last column"};
        return true;
    }
    if (may_be_label(survey, 0)) {
        *out = (column_choice){.label = 0, .why = "it is the first column, and the last one can't be a label"};
        return true;
    }
    for (uint32_t i = last; i > 0; i--)
        if (may_be_label(survey, i) && survey->columns[i].words > 0) {
            *out = (column_choice){.label = i, .why = "it is the last column of words that repeat"};
            return true;
        }
    return false;
}

static int fail_no_label(const command_line *cli, const char *path, const br_table_survey *survey)
{
    const br_surveyed_column *last = &survey->columns[survey->column_count - 1];
    if (last->words == 0 && last->value_count > 0)
        return fail(cli, STATUS_FAILED,
                    "%s: no column can be the label: it needs a few classes, and the last column has %s%u different "
                    "numbers from %g to %g; name the column with --label NAME",
                    path, last->many ? "more than " : "", last->value_count, last->least, last->most);
    return fail(cli, STATUS_FAILED,
                "%s: no column can be the label: it needs a few classes that repeat, without empty cells; name the "
                "column with --label NAME",
                path);
}

/* --label first, last, a name or a number from 1. */
static int take_given(const command_line *cli, const char *path, const br_table_survey *survey, column_choice *out)
{
    const char *given = cli_text(cli, OPTION_new_label);
    uint64_t number = 0;
    out->why = "--label names it";
    out->label = strcmp(given, "first") == 0 ? 0 : survey->column_count;
    if (strcmp(given, "last") == 0)
        out->label = survey->column_count - 1;
    for (uint32_t i = 0; i < survey->column_count && out->label == survey->column_count; i++)
        if (survey->columns[i].name != NULL && strcmp(survey->columns[i].name, given) == 0)
            out->label = i;
    if (out->label == survey->column_count && number_read(given, &number) && number >= 1 &&
        number <= survey->column_count)
        out->label = (uint32_t)number - 1;
    if (out->label == survey->column_count)
        return fail(cli, STATUS_FAILED,
                    "--label %s: %s has no such column; name one of its header or its number, 1 to %u", given, path,
                    survey->column_count);
    const br_surveyed_column *column = &survey->columns[out->label];
    if (column->many)
        return fail(cli, STATUS_FAILED,
                    "--label %s: this column has more than %u different values, too many for classes; bouton tells "
                    "classes apart, it does not estimate amounts",
                    given, BR_SURVEY_VALUES);
    if (column->value_count < 2)
        return fail(cli, STATUS_FAILED, "--label %s: this column has %s; two classes at least are needed", given,
                    column->value_count == 0 ? "no values" : "one value only");
    return STATUS_DONE;
}

/* ---- the other columns ---- */

/* Whole numbers that are all different and leave no gaps, or a name that says so. */
static bool counts_rows(const br_table_survey *survey, uint32_t i)
{
    const br_surveyed_column *column = &survey->columns[i];
    bool different = column->many || column->value_count == survey->rows;
    if (i == 0 && survey->index)
        return true;
    if (!different || column->words > 0 || !column->whole || survey->rows < 3)
        return false;
    return column->most - column->least == (double)survey->rows - 1 ||
           is_one_of(column->name, index_names, sizeof index_names / sizeof *index_names);
}

static column_use use_of(const br_table_survey *survey, uint32_t i)
{
    const br_surveyed_column *column = &survey->columns[i];
    if (column->numbers + column->words == 0)
        return (column_use){BT_ROLE_UNUSED, "it is empty"};
    if (counts_rows(survey, i))
        return (column_use){BT_ROLE_UNUSED, "it numbers the rows"};
    if (!column->many && column->value_count == 1 && (column->words > 0 || survey->column_count <= CONSTANTS_ABOVE) &&
        column->missing == 0)
        return (column_use){BT_ROLE_UNUSED, "it is the same in every row"};
    if (column->words == 0)
        return (column_use){BT_ROLE_NUMBER, NULL};
    if (column->many || column->value_count > CATEGORY_MOST ||
        (column->value_count > 10 && 3 * (uint64_t)column->value_count > survey->rows))
        return (column_use){BT_ROLE_UNUSED, column->numbers > column->words ? "some of its cells are no numbers"
                                                                            : "it has too many different words"};
    return (column_use){BT_ROLE_CATEGORY, NULL};
}

int columns_choose(const command_line *cli, const char *path, const br_table_survey *survey, column_choice *out)
{
    *out = (column_choice){0};
    int status = STATUS_DONE;
    if (cli_has(cli, OPTION_new_label))
        status = take_given(cli, path, survey, out);
    else if (!find_label(survey, out))
        status = fail_no_label(cli, path, survey);
    if (status != STATUS_DONE)
        return status;
    out->uses = allocate(cli, survey->column_count, sizeof *out->uses);
    if (out->uses == NULL)
        return STATUS_FAULT;
    for (uint32_t i = 0; i < survey->column_count; i++) {
        const br_surveyed_column *column = &survey->columns[i];
        column_use *use = &out->uses[i];
        *use = i == out->label ? (column_use){BT_ROLE_LABEL, NULL} : use_of(survey, i);
        out->numbers += use->role == BT_ROLE_NUMBER;
        out->categories += use->role == BT_ROLE_CATEGORY;
        out->unused += use->role == BT_ROLE_UNUSED;
        out->missing = out->missing || (use->role == BT_ROLE_NUMBER && column->missing > 0);
        out->values += use->role == BT_ROLE_NUMBER     ? 1
                       : use->role == BT_ROLE_CATEGORY ? column->value_count + column->gaps
                                                       : 0;
    }
    if (out->values > 0)
        return STATUS_DONE;
    for (uint32_t i = 0; i < survey->column_count && status == STATUS_DONE; i++)
        if (out->uses[i].role == BT_ROLE_UNUSED)
            status =
                fail(cli, STATUS_FAILED,
                     "%s: no column is left beside the label: column %u says nothing, because %s; correct the table "
                     "or write the text by hand",
                     path, i + 1, out->uses[i].why);
    if (status == STATUS_DONE)
        status = fail(cli, STATUS_FAILED, "%s: the table has no column beside the label", path);
    columns_free(out);
    return status;
}

void columns_free(column_choice *choice)
{
    free(choice->uses);
    *choice = (column_choice){0};
}
