/* Curves over the epochs of a training, and the wins of competing filters. */
#include <math.h>
#include <stdlib.h>

#include "options/console.h"
#include "report/chart.h"
#include "report/html.h"
#include "report/sections.h"
#include "show/numbers.h"

enum { BORDERS_MOST = 64 };

/* The history as columns of numbers. A competition takes the width of one epoch. */
typedef struct columns {
    double *all; /* holds the others */
    double *x, *error, *accuracy, *validation, *live[CHART_LINES];
    uint32_t count, live_count;
    double borders[BORDERS_MOST];
    uint32_t border_count;
    double x_most;
    int64_t best; /* the last best epoch of the last correcting phase */
} columns;

/* Epochs of the schedule before each phase begins. */
static double epochs_before(const bl_program *program, uint32_t phase)
{
    double sum = 0;
    for (uint32_t i = 0; i < phase; i++)
        sum += program->phases[i].kind == BT_PHASE_COMPETE ? 1 : program->phases[i].epochs;
    return sum;
}

static bool take_columns(columns *c, const bl_program *program, const br_history *h)
{
    enum { ALL = 4 + CHART_LINES };
    uint32_t layers = program->layer_count < CHART_LINES ? program->layer_count : CHART_LINES;
    *c = (columns){.all = calloc(h->epoch_count, ALL * sizeof(double)), .count = h->epoch_count, .best = -1};
    if (c->all == NULL)
        return false;
    double **const at[] = {&c->x, &c->error, &c->accuracy, &c->validation};
    for (int i = 0; i < 4; i++)
        *at[i] = c->all + (size_t)i * h->epoch_count;
    for (uint32_t l = 0; l < layers; l++)
        c->live[l] = c->all + (size_t)(4 + l) * h->epoch_count;
    c->live_count = layers;
    for (uint32_t i = 0; i < h->epoch_count; i++) {
        const br_epoch_facts *e = &h->epochs[i];
        double before = epochs_before(program, e->phase);
        c->x[i] = before + e->epoch;
        c->error[i] = e->error;
        c->accuracy[i] = e->accuracy;
        c->validation[i] = e->validation;
        for (uint32_t l = 0; l < layers; l++)
            c->live[l][i] = (double)h->live[(size_t)i * h->layer_count + l];
        if (i > 0 && e->phase != h->epochs[i - 1].phase && c->border_count < BORDERS_MOST)
            c->borders[c->border_count++] = before + 0.5;
        if (e->best)
            c->best = i;
        c->x_most = c->x[i];
    }
    return true;
}

/* The end of an axis that has all points: a little more than the largest. */
static double top_of(const double *const *lists, uint32_t lists_count, uint32_t count)
{
    double top = 0;
    for (uint32_t l = 0; l < lists_count; l++)
        for (uint32_t i = 0; i < count; i++)
            if (!isnan(lists[l][i]))
                top = fmax(top, lists[l][i]);
    return top > 0 ? 1.05 * top : 1;
}

/* The beginning of the axis of accuracies: a whole tenth below all of them. */
static double bottom_of(const columns *c)
{
    double bottom = 1;
    for (uint32_t i = 0; i < c->count; i++) {
        bottom = isnan(c->accuracy[i]) ? bottom : fmin(bottom, c->accuracy[i]);
        bottom = isnan(c->validation[i]) ? bottom : fmin(bottom, c->validation[i]);
    }
    return fmax(0, ceil(10 * bottom - 1) / 10);
}

static bool has_any(const double *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!isnan(list[i]))
            return true;
    return false;
}

static chart usual(const columns *c, const char *title, const char *y_name)
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

static void draw_learning(FILE *to, const columns *c)
{
    const double *const errors[] = {c->error};
    bool validated = has_any(c->validation, c->count);
    chart_line lines[] = {{"training", c->accuracy, c->x, c->count, -1},
                          {"validation", c->validation, c->x, c->count, c->best}};
    chart_line error = {"error", c->error, c->x, c->count, -1};
    chart errors_chart = usual(c, "Error: mean over the samples of half the sum of |e|", "error");
    errors_chart.most = top_of(errors, 1, c->count);
    errors_chart.line_count = 1;
    errors_chart.lines = &error;
    chart_draw(to, &errors_chart);
    chart accuracy = usual(c, "Accuracy on the training samples, each before its own step, and on validation", "right");
    accuracy.least = bottom_of(c);
    accuracy.most = 1;
    accuracy.shares = true;
    accuracy.line_count = validated ? 2 : 1;
    accuracy.lines = lines;
    accuracy.mark = validated && c->best >= 0 ? "best" : NULL;
    chart_draw(to, &accuracy);
}

static void draw_live(FILE *to, const columns *c, const bl_program *program)
{
    chart_line lines[CHART_LINES];
    chart live = usual(c, "Live connections of each layer: share, over a few training samples", "live");
    for (uint32_t l = 0; l < c->live_count; l++)
        lines[l] = (chart_line){program->layers[l].name, c->live[l], c->x, c->count, -1};
    live.most = top_of((const double *const *)c->live, c->live_count, c->count);
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

static void draw_wins(FILE *to, const bl_program *program, const br_win_facts *w)
{
    double *heights = calloc(w->count > 0 ? w->count : 1, sizeof *heights);
    char title[160];
    if (heights == NULL)
        return;
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
}

/* Phases with their epochs: they are the dotted lines of the charts. */
static void put_phases(FILE *to, const bl_program *program, const br_history *h)
{
    fputs(
        "<div class=\"wide\"><table><caption>Phases; dotted lines in the charts lie between them</caption>\n<thead><tr>"
        "<th scope=\"col\" class=\"left\">phase</th><th scope=\"col\" class=\"left\">kind</th><th scope=\"col\">epochs"
        "</th><th scope=\"col\">last error</th><th scope=\"col\">best epoch</th><th scope=\"col\">its validation</th>"
        "</tr></thead>\n<tbody>\n",
        to);
    for (uint32_t i = 0; i < h->epoch_count;) {
        uint32_t phase = h->epochs[i].phase, last = i, best = UINT32_MAX;
        for (; i < h->epoch_count && h->epochs[i].phase == phase; i++) {
            last = i;
            best = h->epochs[i].best ? i : best;
        }
        fputs("<tr><th scope=\"row\">", to);
        html_name(to, program->phases[phase].name);
        fprintf(to, "</th><td class=\"left\">%s</td><td>%u</td>", bt_phase_kind_word(program->phases[phase].kind),
                h->epochs[last].epoch);
        if (isnan(h->epochs[last].error))
            fputs("<td>-</td>", to);
        else
            fprintf(to, "<td>%.4f</td>", h->epochs[last].error);
        if (best == UINT32_MAX || isnan(h->epochs[best].validation))
            fputs("<td>-</td><td>-</td></tr>\n", to);
        else
            fprintf(to, "<td>%u</td><td>%.2f%%</td></tr>\n", h->epochs[best].epoch, 100 * h->epochs[best].validation);
    }
    fputs("</tbody></table></div>\n", to);
}

void curves_draw(FILE *to, const bl_program *program, const br_history *h)
{
    columns c;
    if (!take_columns(&c, program, h))
        return;
    fputs("<div class=\"row\">\n", to);
    if (has_any(c.error, c.count))
        draw_learning(to, &c);
    if (c.count > 1)
        draw_live(to, &c, program);
    for (uint32_t i = 0; i < h->win_count && i < REPORT_LAYERS; i++)
        draw_wins(to, program, &h->wins[i]);
    fputs("</div>\n", to);
    free(c.all);
    put_phases(to, program, h);
    if (h->stride > 1)
        fprintf(to,
                "<p class=\"soft\">One epoch in %u is kept, and the first, the last and the best of each "
                "phase.</p>\n",
                h->stride);
}

int section_curves(FILE *to, report_facts *f)
{
    html_section(to, "curves", "Training");
    if (f->history == NULL || f->history->epoch_count == 0)
        fputs("<p>The model holds no history: it was written before its first epoch ended, or by an older "
              "bouton.</p>\n",
              to);
    else
        curves_draw(to, f->s.source.program, f->history);
    html_section_end(to);
    return STATUS_DONE;
}
