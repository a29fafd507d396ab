#include "sweep/view.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "show/json.h"
#include "show/table.h"
#include "sweep/statistics.h"

/* ---- text ---- */

static size_t varied(const sweep *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->grid.axis_count; i++)
        count += s->grid.axes[i].count > 1;
    return count;
}

static void mean_cell(text_table *table, row_mean mean)
{
    if (mean.n == 0)
        table_cell(table, "-");
    else if (mean.n == 1)
        table_cell(table, "%.2f%%", 100 * mean.mean);
    else
        table_cell(table, "%.2f +- %.2f%%", 100 * mean.mean, 100 * mean.deviation);
}

static void difference_cells(text_table *table, row_difference d)
{
    if (d.n > 0)
        table_cell(table, "%+.2f", 100 * d.mean);
    else
        table_cell(table, "-");
    if (d.n > 1)
        table_cell(table, "%+.2f to %+.2f", 100 * (d.mean - d.half), 100 * (d.mean + d.half));
    else
        table_cell(table, "-");
}

static void head(const sweep *s, bool compares, text_table *table)
{
    for (size_t i = 0; i < s->grid.axis_count; i++)
        if (s->grid.axes[i].count > 1)
            table_cell(table, "%s", s->grid.axes[i].name);
    if (s->halved)
        table_cell(table, "trained");
    table_cell(table, "n");
    table_cell(table, "%s", bt_split_word(s->on));
    if (compares) {
        table_cell(table, "to the first row");
        table_cell(table, "95%% interval");
    }
}

static void row_cells(const sweep *s, size_t row, bool compares, text_table *table)
{
    row_mean mean = mean_of(s, row, s->on);
    for (size_t i = 0; i < s->grid.axis_count; i++)
        if (s->grid.axes[i].count > 1)
            table_cell(table, "%s", grid_value(&s->grid, row, i));
    if (s->halved)
        table_cell(table, "%.4g%%", 100 * s->rows[row].trained);
    table_cell(table, "%zu", mean.n);
    mean_cell(table, mean);
    if (compares && row > 0) {
        difference_cells(table, difference_of(s, row, s->on));
    } else if (compares) {
        table_cell(table, "-");
        table_cell(table, "-");
    }
}

/* How the row was chosen, and what its test samples then say. */
static void tell_choice(const sweep *s, const sweep_choice *choice, FILE *to)
{
    size_t rows = s->grid.row_count;
    if (!choice->made) {
        size_t missing = 0;
        for (size_t i = 0; i < s->run_count; i++)
            missing += s->runs[i].state != RUN_DONE;
        fprintf(to, "%zu of %zu runs are missing%s\n", missing, s->run_count,
                rows > 1 ? ", so no row is chosen and no test samples are scored" : "");
        return;
    }
    if (rows > 1)
        fprintf(to, "chosen on %s%s: %s\n", bt_split_word(s->on), s->halved ? " by halving" : "",
                s->rows[choice->row].label);
    if (rows > 1 && s->on == BT_SPLIT_TEST)
        fprintf(to,
                "no samples were kept from the choice: this is the best of %zu rows, so expect less of new samples\n",
                rows);
    row_mean test = mean_of(s, choice->row, BT_SPLIT_TEST);
    if (s->on == BT_SPLIT_TEST || test.n == 0)
        return;
    fprintf(to, "test   %.2f", 100 * test.mean);
    if (test.n > 1)
        fprintf(to, " +- %.2f%%, %zu seeds", 100 * test.deviation, test.n);
    else
        fprintf(to, "%%");
    fprintf(to, "%s\n", rows > 1 ? "; of the chosen row alone: no other row's test samples were scored" : "");
}

int view_text(const sweep *s, const sweep_choice *choice, FILE *to)
{
    bool compares = s->grid.row_count > 1 && !s->halved; /* rows that were left early are not equals */
    size_t settings = varied(s);
    char sides[256] = "";
    memset(sides, 'l', settings < sizeof sides - 2 ? settings : sizeof sides - 2);
    strcat(sides, "r");
    text_table table = table_new(s->cli, settings + 2 + (compares ? 2 : 0) + s->halved);
    head(s, compares, &table);
    for (size_t row = 0; row < s->grid.row_count; row++)
        row_cells(s, row, compares, &table);
    int status = table_print(&table, sides, 0, to);
    table_free(&table);
    if (status == STATUS_DONE) {
        fputc('\n', to);
        tell_choice(s, choice, to);
    }
    return status;
}

/* ---- JSON ---- */

static json_t *row_settings(const sweep *s, size_t row)
{
    json_t *out = json_object();
    for (size_t i = 0; i < s->grid.axis_count; i++)
        json_object_set_new(out, s->grid.axes[i].name, json_string(grid_value(&s->grid, row, i)));
    return out;
}

static json_t *real_or_null(bool there, double value)
{
    return there ? json_real(value) : json_null();
}

/* One number for each seed, null where the run is missing. */
static json_t *accuracies(const sweep *s, size_t row, bt_split split)
{
    json_t *list = json_array();
    for (size_t seed = 0; seed < s->grid.seed_count; seed++) {
        double value = 0;
        bool scored = accuracy_of(s, row, seed, split, &value);
        json_array_append_new(list, real_or_null(scored, value));
    }
    return list;
}

static json_t *mean_json(const sweep *s, size_t row, bt_split split)
{
    row_mean mean = mean_of(s, row, split);
    return json_pack("{s:I, s:o, s:o, s:o}", "n", (json_int_t)mean.n, "mean", real_or_null(mean.n > 0, mean.mean),
                     "deviation", real_or_null(mean.n > 1, mean.deviation), "accuracies", accuracies(s, row, split));
}

static json_t *difference_json(const sweep *s, size_t row)
{
    row_difference d = difference_of(s, row, s->on);
    return json_pack("{s:I, s:o, s:o, s:o}", "n", (json_int_t)d.n, "mean", real_or_null(d.n > 0, d.mean), "low",
                     real_or_null(d.n > 1, d.mean - d.half), "high", real_or_null(d.n > 1, d.mean + d.half));
}

static json_t *rows_json(const sweep *s)
{
    json_t *rows = json_array();
    for (size_t row = 0; row < s->grid.row_count; row++)
        json_array_append_new(rows,
                              json_pack("{s:o, s:f, s:o, s:o}", "settings", row_settings(s, row), "trained",
                                        s->rows[row].trained, bt_split_word(s->on), mean_json(s, row, s->on),
                                        "difference", row > 0 && !s->halved ? difference_json(s, row) : json_null()));
    return rows;
}

static json_t *seeds_json(const sweep *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->grid.seed_count; i++) {
        uint64_t seed = s->grid.seeds[i];
        json_array_append_new(list, seed <= INT64_MAX ? json_integer((json_int_t)seed)
                                                      : json_sprintf("%llu", (unsigned long long)seed));
    }
    return list;
}

int view_json(const sweep *s, const sweep_choice *choice, FILE *to)
{
    json_t *chosen = json_null();
    bool tested = choice->made && mean_of(s, choice->row, BT_SPLIT_TEST).n > 0;
    if (choice->made)
        chosen = json_pack("{s:I, s:o, s:o}", "row", (json_int_t)choice->row, "settings", row_settings(s, choice->row),
                           "test", tested ? mean_json(s, choice->row, BT_SPLIT_TEST) : json_null());
    json_t *all = json_pack("{s:s, s:s, s:o, s:o, s:o}", "network", s->network, "on", bt_split_word(s->on), "seeds",
                            seeds_json(s), "rows", rows_json(s), "chosen", chosen);
    return json_deliver(s->cli, all, JSON_INDENT(2), to);
}

/* ---- CSV ---- */

/* A text with a comma or a quote stands in quotes, with its own quotes doubled. */
static void csv_text(const char *text, FILE *to)
{
    if (strpbrk(text, ",\"\n") == NULL) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text != '\0'; text++)
        fprintf(to, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', to);
}

/* A number that is not there is an empty cell. */
static void csv_number(bool there, double value, FILE *to)
{
    fputc(',', to);
    if (there)
        fprintf(to, "%.9g", value);
}

int view_csv(const sweep *s, const sweep_choice *choice, FILE *to)
{
    for (size_t i = 0; i < s->grid.axis_count; i++) {
        csv_text(s->grid.axes[i].name, to);
        fputc(',', to);
    }
    fputs("trained,on,n,mean,deviation,difference,low,high,chosen,test_mean,test_deviation\n", to);
    for (size_t row = 0; row < s->grid.row_count; row++) {
        bool chosen = choice->made && choice->row == row;
        row_mean mean = mean_of(s, row, s->on), test = mean_of(s, row, BT_SPLIT_TEST);
        row_difference d = row > 0 && !s->halved ? difference_of(s, row, s->on) : (row_difference){0};
        for (size_t i = 0; i < s->grid.axis_count; i++) {
            csv_text(grid_value(&s->grid, row, i), to);
            fputc(',', to);
        }
        fprintf(to, "%.9g,%s,%zu", s->rows[row].trained, bt_split_word(s->on), mean.n);
        csv_number(mean.n > 0, mean.mean, to);
        csv_number(mean.n > 1, mean.deviation, to);
        csv_number(d.n > 0, d.mean, to);
        csv_number(d.n > 1, d.mean - d.half, to);
        csv_number(d.n > 1, d.mean + d.half, to);
        fprintf(to, ",%d", chosen);
        csv_number(chosen && test.n > 0, test.mean, to);
        csv_number(chosen && test.n > 1, test.deviation, to);
        fputc('\n', to);
    }
    return STATUS_DONE;
}
