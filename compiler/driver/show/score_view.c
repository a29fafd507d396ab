#include "show/score_view.h"

#include <jansson.h>
#include <string.h>

#include "show/numbers.h"
#include "show/table.h"

/* A wider confusion table does not fit a screen. */
#define CONFUSION_MOST 64

static int print_confusion(const command_line *cli, const br_score *score, FILE *to)
{
    if (score->classes > CONFUSION_MOST)
        return fprintf(to, "\nThe confusion table of %u classes is too wide to print; --json prints it.\n",
                       score->classes) < 0
                   ? STATUS_IO
                   : 0;
    text_table table = table_new(cli, score->classes + 2);
    table_cell(&table, "%s", "");
    for (uint32_t k = 0; k < score->classes; k++)
        table_cell(&table, "%u", k);
    table_cell(&table, "correct");
    for (uint32_t wanted = 0; wanted < score->classes; wanted++) {
        const uint64_t *row = score->confusion + (size_t)wanted * score->classes;
        uint64_t all = 0;
        table_cell(&table, "%u", wanted);
        for (uint32_t answered = 0; answered < score->classes; answered++) {
            all += row[answered];
            table_cell(&table, row[answered] > 0 ? "%llu" : ".", (unsigned long long)row[answered]);
        }
        if (all > 0)
            table_cell(&table, "%.1f%%", 100 * (double)row[wanted] / (double)all);
        else
            table_cell(&table, "-");
    }
    fputs("\nconfusion (row: label, column: prediction)\n", to);
    int status = table_print(&table, "r", 2, to);
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

int score_print(const command_line *cli, const bl_program *program, const br_score *score,
                const quantised_result *quantised, const char *split, FILE *to)
{
    fprintf(to, "accuracy %.2f%% (%llu of %llu, %s)\n", 100 * score->accuracy, (unsigned long long)score->right,
            (unsigned long long)score->samples, split);
    int status = quantised ? quantised_print(cli, program, quantised, to) : STATUS_DONE;
    if (status == STATUS_DONE)
        status = print_confusion(cli, score, to);
    return status == STATUS_DONE ? score_print_live(cli, program, quantised ? &quantised->floats : score, to) : status;
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

int score_print_json(const command_line *cli, const bl_program *program, const br_score *score,
                     const quantised_result *quantised, FILE *to)
{
    const br_score *floats = quantised ? &quantised->floats : score;
    json_t *all = json_pack("{s:f, s:I, s:o, s:o}", "accuracy", score->accuracy, "samples", (json_int_t)score->samples,
                            "confusion", confusion_json(score), "live", live_json(program, floats));
    if (all == NULL)
        return fail_memory(cli);
    if (quantised && json_object_set_new(all, "quantize", quantised_json(program, quantised)) != 0) {
        json_decref(all);
        return fail_memory(cli);
    }
    json_dumpf(all, to, JSON_REAL_PRECISION(9)); /* main checks standard output at the end */
    fputc('\n', to);
    json_decref(all);
    return STATUS_DONE;
}
