/* bouton report A B C: several models side by side. Each is opened, answers its samples and is closed, one after the
 * other, so that memory holds one at a time. */
#include <math.h>
#include <stdlib.h>

#include "beside/beside.h"
#include "beside/lines.h"
#include "beside/model.h"
#include "report/html.h"
#include "report/paired.h"
#include "report/report.h"
#include "report/sections.h"
#include "show/numbers.h"

typedef struct side_page {
    side_model *models; /* [count] */
    size_t count;
} side_page;

/* ---- curves ---- */

static void put_curves(FILE *to, const side_page *page)
{
    static const side_chart charts[] = {
        {"Accuracy on the validation samples", NULL, "best of its training", SIDE_VALIDATION},
        {"Accuracy on the training samples, each before its own step", NULL, NULL, SIDE_TRAINING},
        {"Error: mean over the training samples of half the sum of |e|", NULL, NULL, SIDE_ERROR},
    };
    side_line lines[CHART_LINES];
    size_t count = 0, drawn = 0;
    for (size_t i = 0; i < page->count; i++)
        if (page->models[i].columns.count > 0 && count < CHART_LINES) {
            const side_model *m = &page->models[i];
            lines[count] = (side_line){m->title, &m->columns, (uint32_t)count, false, false};
            count++;
        }
    html_section(to, "curves", "Training");
    fputs("<div class=\"row\">\n", to);
    for (size_t i = 0; i < sizeof charts / sizeof *charts; i++) {
        for (size_t k = 0; k < count; k++)
            lines[k].marked = charts[i].mark != NULL;
        drawn += side_lines(to, &charts[i], lines, count);
    }
    fputs("</div>\n", to);
    if (drawn == 0)
        fputs("<p>No model holds a history: they were written before their first epoch ended, or by an older "
              "bouton.</p>\n",
              to);
    else if (count < page->count)
        fprintf(to, "<p class=\"soft\">The charts have the first %u models that hold a history.</p>\n",
                (unsigned)count);
    html_section_end(to);
}

/* ---- differences ---- */

static void put_score(FILE *to, const side_model *m)
{
    double low, high;
    if (!m->scored) {
        fputs("<td>-</td><td>-</td>", to);
        return;
    }
    interval_of(m->right, m->samples, &low, &high);
    fputs("<td>", to);
    html_share(to, NULL, (double)m->right / (double)m->samples);
    fprintf(to, "</td><td>%.2f%% to %.2f%%</td>", 100 * low, 100 * high);
}

/* What the model gains over the first one, on the same samples. */
static void put_difference(FILE *to, const side_model *first, const side_model *m)
{
    if (m == first || !side_same(first, m)) {
        fputs("<td>-</td><td>-</td><td>-</td><td>-</td>", to);
        return;
    }
    paired_outcome o = paired_judge(first->wanted, m->labels, first->labels, first->samples);
    fprintf(to,
            "<td><span data-value=\"%.9g\">%+.2f</span></td><td>%+.2f to %+.2f</td><td><span "
            "data-value=\"%.9g\">%.3g</span></td><td>",
            o.difference, 100 * o.difference, 100 * o.low, 100 * o.high, o.p, o.p);
    html_count(to, NULL, o.differ);
    fputs("</td>", to);
}

static void put_row(FILE *to, const side_model *first, const side_model *m)
{
    number_buffer text;
    fprintf(to, "<tr><th scope=\"row\"><a href=\"#model-%c\">%c</a> ", m->letter, m->letter);
    html_name(to, m->name);
    fputs("</th>", to);
    put_score(to, m);
    put_difference(to, first, m);
    fputs("<td>", to);
    html_count(to, NULL, m->parameters);
    fputs("</td><td>", to);
    html_count(to, NULL, m->operations);
    fprintf(to, "</td><td>%s</td>", number_bytes(text, m->file_bytes));
    fprintf(to, isnan(m->live) ? "<td>-</td>" : "<td>%.1f%%</td>", 100 * m->live);
    fprintf(to, isnan(m->epochs) ? "<td>-</td>" : "<td>%.0f</td>", m->epochs);
    fprintf(to, "<td>%s</td></tr>\n", isnan(m->seconds) ? "-" : number_seconds(text, m->seconds));
}

static void put_table(FILE *to, const side_page *page)
{
    const side_model *first = &page->models[0];
    bool all_same = true, timed = true;
    fputs(
        "<div class=\"wide\"><table class=\"tight\" id=\"models-table\"><caption>Operations: for one sample, if every "
        "input were live. "
        "Live: share of all connections, mean over samples.</caption>\n<thead><tr><th scope=\"col\" class=\"left\">"
        "model</th><th scope=\"col\">accuracy</th><th scope=\"col\">its 95% interval</th><th scope=\"col\">points over "
        "A</th><th scope=\"col\">their 95% interval</th><th scope=\"col\">p</th><th scope=\"col\">answers that differ"
        "</th><th scope=\"col\">parameters</th><th scope=\"col\">operations</th><th scope=\"col\">file</th><th "
        "scope=\"col\">live</th><th scope=\"col\">epochs</th><th scope=\"col\">time</th></tr></thead>\n<tbody>\n",
        to);
    for (size_t i = 0; i < page->count; i++) {
        put_row(to, first, &page->models[i]);
        all_same &= side_same(first, &page->models[i]);
        timed &= !isnan(page->models[i].seconds);
    }
    fputs("</tbody></table></div>\n", to);
    fputs(
        "<p>The interval of an accuracy is Wilson's. p is that of McNemar's exact test against A, which looks only at "
        "samples that one of the two alone answers right: below 0.05, chance alone would hardly make them differ so "
        "much. Among many models, one in twenty falls below it by chance.</p>\n",
        to);
    if (!all_same)
        fputs("<p class=\"soft\">Models that did not answer the same samples as A have no difference to it.</p>\n", to);
    if (!timed)
        fputs("<p class=\"soft\">The time of a training is known if the record of its run, .run.json, lies beside the "
              "model.</p>\n",
              to);
}

/* ---- the page ---- */

static int write_page(FILE *to, void *user)
{
    const side_page *page = user;
    const side_model *first = &page->models[0];
    html_begin(to, "Models side by side", 0);
    fprintf(to, "<header>\n<h1>%zu models side by side</h1>\n", page->count);
    if (first->scored)
        fprintf(to, "<p>A answered %llu %s samples.</p>\n", (unsigned long long)first->samples,
                bt_split_word(first->on));
    put_table(to, page);
    fputs("</header>\n", to);
    put_curves(to, page);
    for (size_t i = 0; i < page->count; i++)
        fputs(page->models[i].section, to);
    html_end(to);
    return STATUS_DONE;
}

int beside_models(const command_line *cli, const char *path)
{
    side_page page = {.models = allocate(cli, cli->operand_count, sizeof *page.models)};
    int status = page.models != NULL ? STATUS_DONE : STATUS_FAULT;
    for (size_t i = 0; i < cli->operand_count && status == STATUS_DONE; i++)
        status = side_collect(&page.models[page.count++], cli, cli->operands[i], (char)('A' + i));
    if (status == STATUS_DONE)
        status = report_page(cli, path, write_page, &page, cli_out(cli));
    for (size_t i = 0; i < page.count; i++)
        side_free(&page.models[i]);
    free(page.models);
    return status;
}
