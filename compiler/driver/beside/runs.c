/* bouton report --runs: the table of a sweep, and the curves of its runs, from its folder. */
#include "beside/runs.h"

#include <stdlib.h>
#include <unistd.h>

#include "beside/beside.h"
#include "beside/lines.h"
#include "report/html.h"
#include "report/report.h"
#include "session/source.h"
#include "sweep/run.h"
#include "sweep/statistics.h"
#include "sweep/store.h"

enum { AXES_MOST = 6 };

/* ---- runs ---- */

/* The best first; of equals the first one of the sweep. */
static int by_accuracy(const void *a, const void *b)
{
    const ranked_run *left = a, *right = b;
    if (left->accuracy != right->accuracy)
        return left->accuracy > right->accuracy ? -1 : 1;
    return left->run < right->run ? -1 : left->run > right->run;
}

static int rank(runs_page *page)
{
    const sweep *s = &page->s;
    page->runs = allocate(s->cli, s->run_count, sizeof *page->runs);
    if (page->runs == NULL)
        return STATUS_FAULT;
    for (size_t i = 0; i < s->run_count; i++) {
        ranked_run *r = &page->runs[page->run_count];
        r->run = &s->runs[i];
        page->run_count +=
            s->runs[i].state == RUN_DONE && accuracy_of(s, s->runs[i].row, s->runs[i].seed, s->on, &r->accuracy);
    }
    qsort(page->runs, page->run_count, sizeof *page->runs, by_accuracy);
    return STATUS_DONE;
}

static int take_columns(const command_line *cli, const network_source *source, const char *text, epoch_columns *out)
{
    br_error error;
    br_history *history;
    if (br_history_read(text, &history, &error) != 0)
        return fail_with(cli, &error);
    int status = STATUS_DONE;
    if (!br_history_fits(history, source->program->layer_count, source->program->phase_count))
        status = fail(cli, STATUS_IO, "%s: is damaged: its history is that of another network; train it again",
                      source->path);
    else if (history->epoch_count > 0)
        status = epochs_take(out, cli, source->program, history);
    br_history_free(history);
    return status;
}

/* Reads the history that a run's model holds. A model that was removed has none; the table does not need it. */
static int read_columns(const sweep *s, ranked_run *r)
{
    network_source source = {0};
    char *path = run_path(s, r->run, RUN_MODEL);
    int status = path != NULL ? STATUS_DONE : STATUS_FAULT;
    if (status == STATUS_DONE && access(path, F_OK) == 0) {
        status = source_open(&source, s->cli, path);
        if (status == STATUS_DONE)
            status = source_check(s->cli, &source);
        if (status == STATUS_DONE && source.facts != NULL && source.facts->history != NULL)
            status = take_columns(s->cli, &source, source.facts->history, &r->columns);
        source_close(&source);
    }
    free(path);
    return status;
}

/* ---- curves ---- */

static bool is_chosen(const runs_page *page, const ranked_run *r)
{
    return page->s.grid.row_count > 1 && page->choice.made && page->choice.row == r->run->row;
}

/* The number of a value among those seen so far, which grow; CHART_LINES: there are as many already. */
static uint32_t group_of(const char **seen, uint32_t *count, const char *value)
{
    for (uint32_t i = 0; i < *count; i++)
        if (seen[i] == value)
            return i;
    if (*count == CHART_LINES)
        return CHART_LINES;
    seen[*count] = value;
    return (*count)++;
}

/* The curves of the best runs, told apart by their values on an axis; without one (axis_count), all alike. */
static void draw_by(FILE *to, const runs_page *page, size_t axis)
{
    const sweep_grid *grid = &page->s.grid;
    bool by = axis < grid->axis_count;
    const char *seen[CHART_LINES];
    side_line lines[SIDE_LINES];
    uint32_t values = 0;
    size_t count = 0;
    for (size_t i = 0; i < page->run_count && i < SIDE_LINES; i++) {
        const ranked_run *r = &page->runs[i];
        const char *value = by ? grid_value(grid, r->run->row, axis) : "a run";
        uint32_t group = group_of(seen, &values, value);
        if (group < CHART_LINES)
            lines[count++] = (side_line){value, &r->columns, group, is_chosen(page, r), i == 0};
    }
    for (int measure = SIDE_VALIDATION; measure <= SIDE_TRAINING; measure++) {
        char title[160];
        snprintf(title, sizeof title, "Accuracy on the %s samples%s%.40s",
                 measure == SIDE_VALIDATION ? "validation" : "training", by ? ", by " : "",
                 by ? grid->axes[axis].name : "");
        side_chart chart = {title, "runs of the chosen row", "best epoch of the best run", (side_measure)measure};
        if (measure != SIDE_VALIDATION)
            for (size_t i = 0; i < count; i++)
                lines[i].marked = false;
        side_lines(to, &chart, lines, count);
    }
}

/* What the charts leave out. */
static void put_left_out(FILE *to, const runs_page *page, size_t drawn, size_t varied)
{
    const sweep_grid *grid = &page->s.grid;
    size_t empty = 0, most = 0;
    for (size_t i = 0; i < drawn; i++)
        empty += page->runs[i].columns.count == 0;
    for (size_t i = 0; i < grid->axis_count; i++)
        most = grid->axes[i].count > most ? grid->axes[i].count : most;
    if (empty > 0)
        fprintf(to,
                "<p class=\"soft\">%zu runs are not drawn, because their models are missing or hold no history.</p>\n",
                empty);
    if (drawn < page->run_count)
        fprintf(to, "<p class=\"soft\">Of %zu finished runs the best %zu are drawn.</p>\n", page->run_count, drawn);
    if (most > CHART_LINES)
        fprintf(to, "<p class=\"soft\">A chart has at most %d values of a setting, those of the best runs.</p>\n",
                CHART_LINES);
    if (varied > AXES_MOST)
        fprintf(to, "<p class=\"soft\">The first %d settings have charts, %zu have none.</p>\n", AXES_MOST,
                varied - AXES_MOST);
}

static void put_curves(FILE *to, const runs_page *page)
{
    const sweep *s = &page->s;
    size_t varied = 0, drawn = page->run_count < SIDE_LINES ? page->run_count : SIDE_LINES;
    html_section(to, "curves", "Training");
    fputs("<div class=\"row\">\n", to);
    for (size_t i = 0; i < s->grid.axis_count; i++)
        if (s->grid.axes[i].count > 1 && varied++ < AXES_MOST)
            draw_by(to, page, i);
    if (varied == 0)
        draw_by(to, page, s->grid.axis_count);
    fputs("</div>\n", to);
    put_left_out(to, page, drawn, varied);
    html_section_end(to);
}

/* ---- the page ---- */

static void put_choice(FILE *to, const runs_page *page)
{
    const sweep *s = &page->s;
    size_t rows = s->grid.row_count;
    if (!page->choice.made) {
        fprintf(to, "<p>Runs are missing%s.</p>\n",
                rows > 1 ? ", so no row is chosen and no test samples are scored" : "");
        return;
    }
    row_mean test = mean_of(s, page->choice.row, BT_SPLIT_TEST);
    if (test.n > 0 && s->on != BT_SPLIT_TEST) {
        fputs("<p class=\"big\">", to);
        html_share(to, "test-mean", test.mean);
        fputs("</p>\n<p>is the mean test accuracy", to);
        if (rows > 1)
            fputs(" of the chosen row alone: no other row's test samples were scored", to);
        if (test.n > 1)
            fprintf(to, ". Its standard deviation over %zu seeds is %.2f%%", test.n, 100 * test.deviation);
        fputs(".</p>\n", to);
    }
    if (rows > 1) {
        fprintf(to, "<p>Chosen on %s%s: ", bt_split_word(s->on), s->halved ? " by halving" : "");
        html_text(to, s->rows[page->choice.row].label, 200);
        fputs(".</p>\n", to);
    }
    if (rows > 1 && s->on == BT_SPLIT_TEST)
        fprintf(to,
                "<p>No samples were kept from the choice: this is the best of %zu rows, so expect less of new "
                "samples.</p>\n",
                rows);
}

static int write_page(FILE *to, void *user)
{
    const runs_page *page = user;
    const sweep *s = &page->s;
    html_begin(to, s->network, 0);
    fputs("<header>\n<h1>A sweep of network ", to);
    html_name(to, s->network);
    fprintf(to, "</h1>\n<p>%zu row%s, %zu seed%s: %zu of %zu runs are finished.</p>\n", s->grid.row_count,
            s->grid.row_count == 1 ? "" : "s", s->grid.seed_count, s->grid.seed_count == 1 ? "" : "s", page->run_count,
            s->run_count);
    put_choice(to, page);
    runs_put_rows(to, page);
    fputs("</header>\n", to);
    if (page->run_count > 0) {
        put_curves(to, page);
        runs_put_list(to, page);
    }
    html_end(to);
    return STATUS_DONE;
}

static int collect(runs_page *page)
{
    (void)sweep_results(&page->s);
    int status = sweep_choose(&page->s, &page->choice);
    if (status == STATUS_DONE)
        status = rank(page);
    for (size_t i = 0; i < page->run_count && i < SIDE_LINES && status == STATUS_DONE; i++)
        status = read_columns(&page->s, &page->runs[i]);
    return status;
}

int beside_runs(const command_line *cli, const char *folder, const char *path)
{
    runs_page page = {0};
    int status = store_read(cli, folder, &page.s);
    if (status == STATUS_DONE)
        status = collect(&page);
    if (status == STATUS_DONE)
        status = report_page(cli, path, write_page, &page, cli_out(cli));
    for (size_t i = 0; i < page.run_count; i++)
        epochs_free(&page.runs[i].columns);
    free(page.runs);
    sweep_free(&page.s);
    return status;
}
