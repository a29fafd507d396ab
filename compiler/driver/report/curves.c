/* Curves over the epochs of a training, and the wins of competing filters. */
#include <math.h>
#include <stdlib.h>

#include "options/console.h"
#include "report/epochs.h"
#include "report/html.h"
#include "report/sections.h"
#include "show/numbers.h"

enum { PHASES_MOST = 64 }; /* listed */

static chart usual(const epoch_columns *c, const char *title, const char *y_name)
{
    return (chart){.title = title,
                   .x_name = "epochs",
                   .y_name = y_name,
                   .whole = true,
                   .x_least = c->x[0],
                   .x_most = c->x_most,
                   .border_count = c->border_count,
                   .borders = c->borders};
}

static void draw_learning(FILE *to, const epoch_columns *c)
{
    bool validated = epochs_has(c->validation, c->count);
    double low = 1, high = 0, none = 0;
    chart_line lines[] = {{"training", c->accuracy, c->x, c->count, -1},
                          {"validation", c->validation, c->x, c->count, c->best}};
    chart_line error = {"error", c->error, c->x, c->count, -1};
    chart errors_chart = usual(c, "Error: mean over the samples of half the sum of |e|", "error");
    epochs_reach(c->error, c->count, &none, &errors_chart.most);
    errors_chart.most = epochs_top(errors_chart.most);
    errors_chart.line_count = 1;
    errors_chart.lines = &error;
    chart_draw(to, &errors_chart);
    chart accuracy = usual(c, "Accuracy on the training samples, each before its own step, and on validation", "right");
    epochs_reach(c->accuracy, c->count, &low, &high);
    epochs_reach(c->validation, c->count, &low, &high);
    accuracy.least = epochs_bottom(low);
    accuracy.most = 1;
    accuracy.shares = true;
    accuracy.line_count = validated ? 2 : 1;
    accuracy.lines = lines;
    accuracy.mark = validated && c->best >= 0 ? "best" : NULL;
    chart_draw(to, &accuracy);
}

static void draw_live(FILE *to, const epoch_columns *c, const bl_program *program)
{
    double none = 0;
    chart_line lines[CHART_LINES];
    chart live = usual(c, "Live connections of each layer: share, over a few training samples", "live");
    for (uint32_t l = 0; l < c->live_count; l++) {
        lines[l] = (chart_line){program->layers[l].name, c->live[l], c->x, c->count, -1};
        epochs_reach(c->live[l], c->count, &none, &live.most);
    }
    live.most = epochs_top(live.most);
    live.shares = true;
    live.line_count = c->live_count;
    live.lines = lines;
    chart_draw(to, &live);
}

static int more_wins(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left > right ? -1 : left < right;
}

static int draw_wins(FILE *to, const command_line *cli, const bl_program *program, const br_win_facts *w)
{
    double *heights = allocate(cli, w->count > 0 ? w->count : 1, sizeof *heights);
    char title[160];
    if (heights == NULL)
        return STATUS_FAULT;
    for (uint32_t k = 0; k < w->count; k++)
        heights[k] = (double)w->wins[k];
    qsort(heights, w->count, sizeof *heights, more_wins);
    snprintf(title, sizeof title, "Fields won by each filter in phase %.40s, most first; %u of %u filters won none",
             program->phases[w->phase].name, w->idle, w->filters);
    chart_bars(to, &(bar_chart){.title = title,
                                .x_name = "filters",
                                .y_name = "fields",
                                .most = w->count,
                                .count = w->count,
                                .heights = heights});
    free(heights);
    return STATUS_DONE;
}

static void put_phase(FILE *to, const bl_program *program, const br_epoch_facts *last, const br_epoch_facts *best)
{
    fputs("<tr><th scope=\"row\">", to);
    html_name(to, program->phases[last->phase].name);
    fprintf(to, "</th><td class=\"left\">%s</td><td>%u</td>", bt_phase_kind_word(program->phases[last->phase].kind),
            last->epoch);
    if (isnan(last->error))
        fputs("<td>-</td>", to);
    else
        fprintf(to, "<td>%.4f</td>", last->error);
    if (best == NULL || isnan(best->validation))
        fputs("<td>-</td><td>-</td></tr>\n", to);
    else
        fprintf(to, "<td>%u</td><td>%.2f%%</td></tr>\n", best->epoch, 100 * best->validation);
}

/* Phases with their epochs: they are the dotted lines of the charts. */
static void put_phases(FILE *to, const bl_program *program, const br_history *h)
{
    uint32_t listed = 0;
    fputs(
        "<div class=\"wide\"><table><caption>Phases; dotted lines in the charts lie between them</caption>\n<thead><tr>"
        "<th scope=\"col\" class=\"left\">phase</th><th scope=\"col\" class=\"left\">kind</th><th scope=\"col\">epochs"
        "</th><th scope=\"col\">last error</th><th scope=\"col\">best epoch</th><th scope=\"col\">its validation</th>"
        "</tr></thead>\n<tbody>\n",
        to);
    for (uint32_t i = 0; i < h->epoch_count;) {
        uint32_t phase = h->epochs[i].phase, last = i;
        const br_epoch_facts *best = NULL;
        for (; i < h->epoch_count && h->epochs[i].phase == phase; i++) {
            last = i;
            best = h->epochs[i].best ? &h->epochs[i] : best;
        }
        if (listed++ < PHASES_MOST)
            put_phase(to, program, &h->epochs[last], best);
    }
    fputs("</tbody></table></div>\n", to);
    if (listed > PHASES_MOST)
        fprintf(to, "<p class=\"soft\">%u more phases are not shown.</p>\n", listed - PHASES_MOST);
}

int curves_draw(FILE *to, const command_line *cli, const bl_program *program, const br_history *h)
{
    epoch_columns c;
    int status = epochs_take(&c, cli, program, h);
    if (status != STATUS_DONE)
        return status;
    fputs("<div class=\"row\">\n", to);
    if (epochs_has(c.error, c.count))
        draw_learning(to, &c);
    if (c.count > 1)
        draw_live(to, &c, program);
    for (uint32_t i = 0; i < h->win_count && i < REPORT_LAYERS && status == STATUS_DONE; i++)
        status = draw_wins(to, cli, program, &h->wins[i]);
    fputs("</div>\n", to);
    epochs_free(&c);
    put_phases(to, program, h);
    if (h->stride > 1)
        fprintf(to,
                "<p class=\"soft\">One epoch in %u is kept, and the first, the last and the best of each "
                "phase.</p>\n",
                h->stride);
    return status;
}

int section_curves(FILE *to, report_facts *f)
{
    int status = STATUS_DONE;
    html_section(to, "curves", "Training");
    if (f->history == NULL || f->history->epoch_count == 0)
        fputs("<p>The model holds no history: it was written before its first epoch ended, or by an older "
              "bouton.</p>\n",
              to);
    else
        status = curves_draw(to, f->s.cli, f->s.source.program, f->history);
    html_section_end(to);
    return status;
}
