/* A first text for a table. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "options/console.h"
#include "starter/columns.h"
#include "starter/first_text.h"

enum { COLUMNS_SHOWN = 40, VALUES_SHOWN = 5, NAME_WIDTH = 20 };

typedef struct table_text {
    const first_text *text;
    br_table_survey survey;
    column_choice choice;
} table_text;

/* A column by its name, or by its number where it has no name or shares it. */
static void write_reference(const table_text *t, uint32_t column)
{
    const char *name = t->survey.columns[column].name;
    for (uint32_t i = 0; name != NULL && i < column; i++)
        if (t->survey.columns[i].name != NULL && strcmp(t->survey.columns[i].name, name) == 0)
            name = NULL;
    if (name != NULL)
        first_quoted(t->text->to, name);
    else
        fprintf(t->text->to, "\"%" PRIu32 "\"", column + 1);
}

static void write_values(const table_text *t, const br_surveyed_column *column)
{
    for (uint32_t v = 0; v < column->value_count && v < VALUES_SHOWN; v++) {
        fputs(v > 0 ? ", " : ": ", t->text->to);
        first_plain(t->text->to, column->values[v]);
    }
    if (column->value_count > VALUES_SHOWN)
        fprintf(t->text->to, ", ...");
}

/* One line of the comment about the columns. */
/* Whether a byte of UTF-8 goes on with a character. */
static bool is_inside(const char *at)
{
    return ((unsigned char)*at & 0xc0) == 0x80;
}

static void write_column(const table_text *t, uint32_t i)
{
    FILE *to = t->text->to;
    const br_surveyed_column *column = &t->survey.columns[i];
    const column_use *use = &t->choice.uses[i];
    char name[NAME_WIDTH + 1];
    snprintf(name, sizeof name, "%s", column->name != NULL ? column->name : "");
    for (size_t end = strlen(name); column->name != NULL && end > 0 && is_inside(column->name + end);)
        name[--end] = '\0'; /* no part of a character stays */
    if (column->name == NULL)
        snprintf(name, sizeof name, "column %" PRIu32, i + 1);
    fputs("//   ", to);
    first_plain(to, name);
    fprintf(to, "%*s", (int)(NAME_WIDTH + 2 - strlen(name)), "");
    if (use->role == BT_ROLE_LABEL) {
        fprintf(to, "the label, because %s; %" PRIu32 " classes", t->choice.why, column->value_count);
        write_values(t, column);
    } else if (use->role == BT_ROLE_CATEGORY) {
        fprintf(to, "%" PRIu32 " word%s", column->value_count, column->value_count == 1 ? "" : "s");
        write_values(t, column);
        if (column->gaps)
            fputs("; and empty cells, which count as a word", to);
    } else if (use->role == BT_ROLE_NUMBER) {
        fprintf(to, "%s, %g to %g", column->whole ? "whole numbers" : "numbers", column->least, column->most);
        if (column->missing > 0)
            fprintf(to, "; %" PRIu64 " missing", column->missing);
    } else {
        fprintf(to, "not read: %s", use->why);
    }
    fputc('\n', to);
}

static void write_head(const table_text *t)
{
    FILE *to = t->text->to;
    fprintf(to, "// Made by `bouton new` from ");
    first_plain(to, t->text->given);
    fprintf(to, ": %" PRIu64 " rows of %" PRIu32 " columns. Every line may be changed.\n//\n", t->survey.rows,
            t->survey.column_count);
    uint32_t shown = t->survey.column_count <= COLUMNS_SHOWN ? t->survey.column_count : 5;
    for (uint32_t i = 0; i < t->survey.column_count; i++)
        if (i < shown || t->choice.uses[i].role == BT_ROLE_LABEL)
            write_column(t, i);
    if (shown < t->survey.column_count)
        fprintf(to,
                "//   and more columns: %" PRIu32 " of numbers, %" PRIu32 " of words and %" PRIu32 " not read in all\n",
                t->choice.numbers, t->choice.categories, t->choice.unused);
}

static void write_list(const table_text *t, const char *clause, bt_role role)
{
    bool first = true;
    for (uint32_t i = 0; i < t->survey.column_count; i++)
        if (t->choice.uses[i].role == role) {
            fputs(first ? clause : ", ", t->text->to);
            write_reference(t, i);
            first = false;
        }
}

static void write_network(const table_text *t)
{
    FILE *to = t->text->to;
    uint32_t values = t->choice.values, classes = t->survey.columns[t->choice.label].value_count;
    uint32_t hidden = values <= 16 ? 32 : values <= 64 ? 64 : values <= 256 ? 128 : 200;
    fprintf(to, "\nnetwork %s {\n  input vector(%" PRIu32 ");  // ", t->text->network, values);
    if (t->choice.numbers > 0)
        fprintf(to, "%" PRIu32 " column%s of numbers", t->choice.numbers, t->choice.numbers == 1 ? "" : "s");
    if (t->choice.categories > 0)
        fprintf(to, "%sone value for each word of %" PRIu32 " column%s", t->choice.numbers > 0 ? ", and " : "",
                t->choice.categories, t->choice.categories == 1 ? "" : "s");
    fprintf(to, "\n  layer hidden = dense(%" PRIu32 ");  // more neurons tell finer differences, and learn longer\n",
            hidden);
    fprintf(to, "  layer class = dense(%" PRIu32 ");  // one neuron for each class\n}\n", classes);
}

static void write_data(const table_text *t, const first_facts *facts)
{
    FILE *to = t->text->to;
    fprintf(to, "\ndata %s {\n  csv train ", t->text->network);
    first_quoted(to, t->text->data);
    fputs(" label ", to);
    write_reference(t, t->choice.label);
    if (t->choice.unused > 0)
        write_list(t, " without ", BT_ROLE_UNUSED);
    if (t->choice.categories > 0)
        write_list(t, " categories ", BT_ROLE_CATEGORY);
    fputs(t->survey.header ? " header" : " no header", to);
    if (t->choice.missing)
        fputs(" missing as mean", to);
    fputs(";\n", to);
    first_splits(t->text, facts);
    fputs("}\n", to);
}

static void count_classes(const table_text *t, first_facts *facts)
{
    const br_surveyed_column *label = &t->survey.columns[t->choice.label];
    facts->rarest = facts->commonest = label->counts[0];
    facts->commonest_name = label->values[0];
    for (uint32_t v = 1; v < label->value_count; v++) {
        if (label->counts[v] < facts->rarest)
            facts->rarest = label->counts[v];
        if (label->counts[v] > facts->commonest) {
            facts->commonest = label->counts[v];
            facts->commonest_name = label->values[v];
        }
    }
}

int first_text_of_table(const first_text *text)
{
    br_error error;
    table_text t = {.text = text};
    if (br_table_survey_read(text->given, &t.survey, &error) != 0)
        return fail_with(text->cli, &error);
    int status = columns_choose(text->cli, text->given, &t.survey, &t.choice);
    if (status == STATUS_DONE) {
        first_facts facts = {.samples = t.survey.rows,
                             .learn = "correct hidden, class;",
                             .epochs = first_epochs(t.survey.rows, 40000, 60)};
        count_classes(&t, &facts);
        write_head(&t);
        write_network(&t);
        write_data(&t, &facts);
        first_schedule(text, &facts);
    }
    columns_free(&t.choice);
    br_table_survey_free(&t.survey);
    return status;
}
