/* The tables of a sweep's page. */
#include "beside/runs.h"
#include "report/html.h"
#include "show/numbers.h"
#include "sweep/statistics.h"

enum { ROWS_MOST = 200, RUNS_MOST = 100 };

static void put_head(FILE *to, const sweep *s)
{
    for (size_t i = 0; i < s->grid.axis_count; i++)
        if (s->grid.axes[i].count > 1) {
            fputs("<th scope=\"col\" class=\"left\">", to);
            html_name(to, s->grid.axes[i].name);
            fputs("</th>", to);
        }
}

static void put_settings(FILE *to, const sweep *s, size_t row)
{
    for (size_t i = 0; i < s->grid.axis_count; i++)
        if (s->grid.axes[i].count > 1) {
            fputs("<td class=\"left\">", to);
            html_name(to, grid_value(&s->grid, row, i));
            fputs("</td>", to);
        }
}

static void put_mean(FILE *to, row_mean mean)
{
    fprintf(to, "<td>%zu</td><td>", mean.n);
    if (mean.n > 0)
        html_share(to, NULL, mean.mean);
    else
        fputc('-', to);
    fputs("</td><td>", to);
    if (mean.n > 1)
        html_share(to, NULL, mean.deviation);
    else
        fputc('-', to);
    fputs("</td>", to);
}

static void put_difference(FILE *to, row_difference d)
{
    if (d.n > 0)
        fprintf(to, "<td><span data-value=\"%.9g\">%+.2f</span></td>", d.mean, 100 * d.mean);
    else
        fputs("<td>-</td>", to);
    if (d.n > 1)
        fprintf(to, "<td>%+.2f to %+.2f</td>", 100 * (d.mean - d.half), 100 * (d.mean + d.half));
    else
        fputs("<td>-</td>", to);
}

static void put_row(FILE *to, const runs_page *page, size_t row, bool compares)
{
    const sweep *s = &page->s;
    bool chosen = page->choice.made && page->choice.row == row && s->grid.row_count > 1;
    fprintf(to, "<tr%s><th scope=\"row\">%zu%s</th>", chosen ? " id=\"chosen\"" : "", row + 1, chosen ? " chosen" : "");
    put_settings(to, s, row);
    if (s->halved)
        fprintf(to, "<td>%.4g%%</td>", 100 * s->rows[row].trained);
    put_mean(to, mean_of(s, row, s->on));
    if (compares)
        put_difference(to, row > 0 ? difference_of(s, row, s->on) : (row_difference){0});
    fputs("</tr>\n", to);
}

void runs_put_rows(FILE *to, const runs_page *page)
{
    const sweep *s = &page->s;
    size_t rows = s->grid.row_count, shown = rows < ROWS_MOST ? rows : ROWS_MOST;
    bool compares = rows > 1 && !s->halved; /* rows that were left early are not equals */
    fputs("<div class=\"wide\"><table class=\"tight\" id=\"rows-table\"><caption>Mean accuracy of each row over its "
          "seeds, and its "
          "standard deviation.",
          to);
    if (compares)
        fputs(" Differences to the first row are paired: runs of the same seed are compared.", to);
    fputs("</caption>\n<thead><tr><th scope=\"col\" class=\"left\">row</th>", to);
    put_head(to, s);
    if (s->halved)
        fputs("<th scope=\"col\">trained</th>", to);
    fprintf(to, "<th scope=\"col\">n</th><th scope=\"col\">%s</th><th scope=\"col\">deviation</th>",
            bt_split_word(s->on));
    if (compares)
        fputs("<th scope=\"col\">points over row 1</th><th scope=\"col\">their 95% interval</th>", to);
    fputs("</tr></thead>\n<tbody>\n", to);
    for (size_t row = 0; row < shown; row++)
        put_row(to, page, row, compares);
    if (page->choice.made && page->choice.row >= shown)
        put_row(to, page, page->choice.row, compares);
    fputs("</tbody></table></div>\n", to);
    if (shown < rows)
        fprintf(to, "<p class=\"soft\">Of %zu rows the first %zu are shown, and the chosen one.</p>\n", rows, shown);
}

static void put_run(FILE *to, const runs_page *page, const ranked_run *r)
{
    const sweep *s = &page->s;
    const run_result *result = &r->run->result;
    number_buffer text;
    fprintf(to, "<tr><th scope=\"row\">%s</th>", r->run->name);
    put_settings(to, s, r->run->row);
    fprintf(to, "<td>%llu</td><td>", (unsigned long long)s->grid.seeds[r->run->seed]);
    html_share(to, NULL, r->accuracy);
    fprintf(to, "</td><td>%u</td><td>%u</td><td>%s</td></tr>\n", result->epochs, result->best_epoch,
            number_seconds(text, result->seconds));
}

void runs_put_list(FILE *to, const runs_page *page)
{
    const sweep *s = &page->s;
    size_t shown = page->run_count < RUNS_MOST ? page->run_count : RUNS_MOST;
    html_section(to, "runs", "Runs");
    fprintf(to,
            "<div class=\"wide\"><table class=\"tight\" id=\"runs-table\"><caption>The best on %s first. The model of "
            "a run lies in the folder of its "
            "name.</caption>\n<thead><tr><th scope=\"col\" class=\"left\">run</th>",
            bt_split_word(s->on));
    put_head(to, s);
    fprintf(to,
            "<th scope=\"col\">seed</th><th scope=\"col\">%s</th><th scope=\"col\">epochs</th><th scope=\"col\">best "
            "epoch</th><th scope=\"col\">time</th></tr></thead>\n<tbody>\n",
            bt_split_word(s->on));
    for (size_t i = 0; i < shown; i++)
        put_run(to, page, &page->runs[i]);
    fputs("</tbody></table></div>\n", to);
    if (shown < page->run_count)
        fprintf(to, "<p class=\"soft\">Of %zu finished runs the best %zu are shown.</p>\n", page->run_count, shown);
    html_section_end(to);
}
