#include "show/score_view.h"

#include <jansson.h>
#include <string.h>

#include "show/depths.h"
#include "show/json.h"
#include "show/numbers.h"
#include "show/table.h"

/* A wider confusion table does not fit a screen. */
#define CONFUSION_MOST 64

/* Columns are headed by names if there are at most so many, with at most so many characters each. Otherwise columns have
 * numbers, and rows have numbers and names. */
#define NAMED_COLUMNS_MOST 12
#define NAMED_COLUMN_WIDTH 10
#define NAMED_ROW_WIDTH    40

/* ---- names of classes ---- */

typedef struct shown_name {
    char text[4 * NAMED_ROW_WIDTH + 4];
} shown_name;

/* A name without control characters, which must not reach a terminal, cut to NAMED_ROW_WIDTH characters. */
static shown_name show_name(const char *name)
{
    shown_name shown;
    size_t used = 0, characters = 0;
    for (; *name != '\0' && used + 4 < sizeof shown.text; name++) {
        characters += ((unsigned char)*name & 0xc0) != 0x80; /* others continue a character of UTF-8 */
        if (characters > NAMED_ROW_WIDTH)
            break;
        shown.text[used++] = br_visible(*name);
    }
    memcpy(shown.text + used, *name != '\0' ? "..." : "", *name != '\0' ? 4 : 1);
    return shown;
}

static bool columns_have_names(const score_subject *subject)
{
    uint32_t classes = subject->score->classes;
    for (uint32_t k = 0; k < classes; k++) {
        const char *name = br_class_name(subject->schema, k);
        if (name == NULL || table_width(name) > NAMED_COLUMN_WIDTH)
            return false;
    }
    return classes <= NAMED_COLUMNS_MOST;
}

static void head_cell(text_table *table, const score_subject *subject, uint32_t label, bool number, bool name)
{
    const char *given = br_class_name(subject->schema, label);
    if (given == NULL)
        table_cell(table, "%u", label);
    else if (!number)
        table_cell(table, "%s", show_name(given).text);
    else if (!name)
        table_cell(table, "%u", label);
    else
        table_cell(table, "%u %s", label, show_name(given).text);
}

/* ---- text ---- */

static void confusion_row(text_table *table, const br_score *score, uint32_t wanted)
{
    const uint64_t *row = score->confusion + (size_t)wanted * score->classes;
    uint64_t all = 0;
    for (uint32_t answered = 0; answered < score->classes; answered++) {
        all += row[answered];
        table_cell(table, row[answered] > 0 ? "%llu" : ".", (unsigned long long)row[answered]);
    }
    if (all > 0)
        table_cell(table, "%.1f%%", 100 * (double)row[wanted] / (double)all);
    else
        table_cell(table, "-");
}

static int print_confusion(const command_line *cli, const score_subject *subject, FILE *to)
{
    const br_score *score = subject->score;
    bool named = columns_have_names(subject);
    if (score->classes > CONFUSION_MOST)
        return fprintf(to, "\nThe confusion table of %u classes is too wide to print; --json prints it.\n",
                       score->classes) < 0
                   ? STATUS_IO
                   : 0;
    text_table table = table_new(cli, score->classes + 2);
    table_cell(&table, "%s", "");
    for (uint32_t k = 0; k < score->classes; k++)
        head_cell(&table, subject, k, !named, false);
    table_cell(&table, "correct");
    for (uint32_t wanted = 0; wanted < score->classes; wanted++) {
        head_cell(&table, subject, wanted, !named, true);
        confusion_row(&table, score, wanted);
    }
    fputs("\nconfusion (row: label, column: prediction)\n", to);
    int status = table_print(&table, br_class_name(subject->schema, 0) != NULL ? "lr" : "r", 2, to);
    table_free(&table);
    return status;
}

int score_print_live(const command_line *cli, const bl_program *program, const br_score *score, FILE *to)
{
    text_table table = table_new(cli, 3);
    for (uint32_t layer = 0; layer < score->layer_count; layer++) {
        table_cell(&table, "%s", program->layers[layer].name);
        table_cell(&table, "%.1f%%", 100 * score->live[layer]);
        table_cell(&table, "+- %.1f%%", 100 * score->live_spread[layer]);
    }
    fputs("\nlive connections (mean share of a sample, and its standard deviation)\n", to);
    int status = table_print(&table, "lr", 2, to);
    table_free(&table);
    return status;
}

int score_print(const command_line *cli, const score_subject *subject, const char *split, FILE *to)
{
    const br_score *score = subject->score;
    const quantised_result *quantised = subject->quantised;
    fprintf(to, "accuracy %.2f%% (%llu of %llu, %s)\n", 100 * score->accuracy, (unsigned long long)score->right,
            (unsigned long long)score->samples, split);
    fprintf(to, "probabilities: mean negative log-likelihood %.4f, expected calibration error %.4f\n", score->nll,
            score->ece);
    depths_line(score->depths, score->depth_count, to);
    int status = quantised ? quantised_print(cli, subject->program, quantised, to) : STATUS_DONE;
    if (status == STATUS_DONE)
        status = print_confusion(cli, subject, to);
    if (status == STATUS_DONE)
        status = score_print_live(cli, subject->program, quantised ? &quantised->floats : score, to);
    return status;
}

/* ---- JSON ---- */

/* Jansson's setters take ownership of the new value even on failure, and fail for NULL: checking their results is
 * enough. */
static json_t *confusion_json(const br_score *score)
{
    json_t *rows = json_array();
    for (uint32_t wanted = 0; rows != NULL && wanted < score->classes; wanted++) {
        json_t *row = json_array();
        bool whole = row != NULL;
        for (uint32_t answered = 0; whole && answered < score->classes; answered++)
            whole =
                json_array_append_new(
                    row, json_integer((json_int_t)score->confusion[(size_t)wanted * score->classes + answered])) == 0;
        if (json_array_append_new(rows, row) != 0 || !whole) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

static json_t *live_json(const bl_program *program, const br_score *score)
{
    json_t *live = json_object();
    for (uint32_t layer = 0; live != NULL && layer < score->layer_count; layer++)
        if (json_object_set_new(live, program->layers[layer].name, json_real(score->live[layer])) != 0) {
            json_decref(live);
            return NULL;
        }
    return live;
}

/* The names of all classes. */
static json_t *classes_json(const score_subject *subject)
{
    json_t *names = json_array();
    for (uint32_t k = 0; names != NULL && k < subject->score->classes; k++)
        if (json_array_append_new(names, json_string(br_class_name(subject->schema, k))) != 0) {
            json_decref(names);
            return NULL;
        }
    return names;
}

int score_print_json(const command_line *cli, const score_subject *subject, FILE *to)
{
    const br_score *score = subject->score;
    const quantised_result *quantised = subject->quantised;
    bool named = subject->schema != NULL && subject->schema->class_count == score->classes;
    json_t *all =
        json_pack("{s:f, s:I, s:f, s:f, s:o, s:o}", "accuracy", score->accuracy, "samples", (json_int_t)score->samples,
                  "nll", score->nll, "ece", score->ece, "confusion", confusion_json(score), "live",
                  live_json(subject->program, quantised ? &quantised->floats : score));
    bool whole = all != NULL && (!subject->mirror || json_object_set_new(all, "mirror", json_true()) == 0);
    whole = whole && (!named || json_object_set_new(all, "classes", classes_json(subject)) == 0);
    whole = whole && (score->depth_count == 0 ||
                      json_object_set_new(all, "readouts", depths_json(score->depths, score->depth_count)) == 0);
    if (whole && quantised)
        whole = json_object_set_new(all, "quantize", quantised_json(subject->program, quantised)) == 0;
    if (!whole) {
        json_decref(all);
        all = NULL;
    }
    return json_deliver(cli, all, 0, to);
}
