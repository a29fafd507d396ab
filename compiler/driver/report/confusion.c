/* The answers of a model by class, and how well its probabilities fit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options/console.h"
#include "report/chart.h"
#include "report/html.h"
#include "report/sections.h"

enum { CONFUSION_MOST = 64, CLASSES_MOST = 256, NAMED_COLUMNS_MOST = 12, NAMED_COLUMN_WIDTH = 10, BINS = 10 };
#define SHADE_MOST 0.45 /* text stays readable on it */

static bool columns_have_names(const report_facts *f)
{
    for (uint32_t k = 0; k < f->score.classes; k++) {
        const char *name = br_class_name(f->s.source.schema, k);
        if (name == NULL || strlen(name) > NAMED_COLUMN_WIDTH)
            return false;
    }
    return f->score.classes <= NAMED_COLUMNS_MOST;
}

/* "3 four" where the columns have numbers, otherwise the name alone. */
static void put_row_name(FILE *to, const report_facts *f, uint32_t label, bool numbered)
{
    fputs("<tr><th scope=\"row\">", to);
    if (numbered && br_class_name(f->s.source.schema, label) != NULL)
        fprintf(to, "%u ", label);
    facts_class(to, f, label);
    fputs("</th>", to);
}

static void put_row(FILE *to, const report_facts *f, uint32_t wanted)
{
    const uint64_t *row = f->score.confusion + (size_t)wanted * f->score.classes;
    uint64_t all = 0;
    for (uint32_t k = 0; k < f->score.classes; k++)
        all += row[k];
    for (uint32_t k = 0; k < f->score.classes; k++) {
        double share = all > 0 ? (double)row[k] / (double)all : 0;
        if (row[k] == 0)
            fputs("<td><span data-value=\"0\">.</span></td>", to);
        else
            fprintf(to, "<td class=\"%s\" style=\"--s:%.2f\"><span data-value=\"%llu\">%s%llu%s</span></td>",
                    k == wanted ? "right" : "wrong", SHADE_MOST * (k == wanted ? share : fmin(1, 2 * sqrt(share))),
                    (unsigned long long)row[k], k == wanted ? "<b>" : "", (unsigned long long)row[k],
                    k == wanted ? "</b>" : "");
    }
    fputs("</tr>\n", to);
}

static void put_table(FILE *to, const report_facts *f)
{
    bool named = columns_have_names(f);
    fputs("<div class=\"wide\"><table class=\"cells\" id=\"confusion-table\"><caption>Rows are labels, columns are "
          "answers. Right answers are bold and blue, wrong ones orange; the darker, the larger the share of the "
          "row.</caption>\n<thead><tr><th scope=\"col\" class=\"left\">label</th>",
          to);
    for (uint32_t k = 0; k < f->score.classes; k++) {
        fputs("<th scope=\"col\">", to);
        if (named)
            facts_class(to, f, k);
        else
            fprintf(to, "%u", k);
        fputs("</th>", to);
    }
    fputs("</tr></thead>\n<tbody>\n", to);
    for (uint32_t wanted = 0; wanted < f->score.classes; wanted++) {
        put_row_name(to, f, wanted, !named);
        put_row(to, f, wanted);
    }
    fputs("</tbody></table></div>\n", to);
}

static void put_ratio(FILE *to, uint64_t part, uint64_t all)
{
    if (all > 0)
        fprintf(to, "<td>%.2f%%</td>", 100 * (double)part / (double)all);
    else
        fputs("<td>-</td>", to);
}

/* Precision, recall and their harmonic mean. */
static void put_classes(FILE *to, const report_facts *f)
{
    const br_score *score = &f->score;
    uint32_t shown = score->classes < CLASSES_MOST ? score->classes : CLASSES_MOST;
    fputs("<div class=\"wide\"><table><caption>Precision: of the answers of a class, those that are right. Recall: of "
          "the "
          "samples of a class, those that are found. F1: their harmonic mean.</caption>\n<thead><tr><th scope=\"col\" "
          "class=\"left\">class</th><th scope=\"col\">samples</th><th scope=\"col\">answers</th><th scope=\"col\">"
          "precision</th><th scope=\"col\">recall</th><th scope=\"col\">F1</th></tr></thead>\n<tbody>\n",
          to);
    for (uint32_t k = 0; k < shown; k++) {
        uint64_t labelled = 0, answered = 0, right = score->confusion[(size_t)k * score->classes + k];
        for (uint32_t j = 0; j < score->classes; j++) {
            labelled += score->confusion[(size_t)k * score->classes + j];
            answered += score->confusion[(size_t)j * score->classes + k];
        }
        put_row_name(to, f, k, score->classes > NAMED_COLUMNS_MOST);
        fprintf(to, "<td>%llu</td><td>%llu</td>", (unsigned long long)labelled, (unsigned long long)answered);
        put_ratio(to, right, answered);
        put_ratio(to, right, labelled);
        put_ratio(to, 2 * right, labelled + answered);
        fputs("</tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
    if (shown < score->classes)
        fprintf(to, "<p class=\"soft\">%u more classes are not shown.</p>\n", score->classes - shown);
}

int section_confusion(FILE *to, report_facts *f)
{
    if (f->no_samples != NULL)
        return STATUS_DONE;
    html_section(to, "confusion", "Answers by class");
    if (f->score.classes <= CONFUSION_MOST)
        put_table(to, f);
    else
        fprintf(to,
                "<p class=\"soft\">The confusion table of %u classes is too wide to show; <code>bouton eval "
                "--json</code> prints it.</p>\n",
                f->score.classes);
    put_classes(to, f);
    html_section_end(to);
    return STATUS_DONE;
}

/* ---- probabilities ---- */

typedef struct bins {
    uint64_t count[BINS], right[BINS];
    double claimed[BINS];
} bins;

/* The bins of the expected calibration error. */
static bins fill_bins(const report_facts *f)
{
    bins b = {0};
    const br_samples *samples = br_data_split(f->data, f->split);
    for (uint64_t i = 0; i < f->score.samples; i++) {
        float chosen = f->probabilities[i * f->score.classes + f->labels[i]];
        int bin = (int)(chosen * BINS);
        bin = bin < BINS ? bin : BINS - 1;
        b.count[bin]++;
        b.right[bin] += f->labels[i] == samples->labels[i];
        b.claimed[bin] += (double)chosen;
    }
    return b;
}

static void draw_bins(FILE *to, const bins *b)
{
    double x[BINS], y[BINS];
    uint32_t count = 0;
    for (int i = 0; i < BINS; i++)
        if (b->count[i] > 0) {
            x[count] = b->claimed[i] / (double)b->count[i];
            y[count++] = (double)b->right[i] / (double)b->count[i];
        }
    chart_line line = {"answers", y, x, count, -1};
    chart_draw(to, &(chart){.title = "Share of right answers by the probability of the answer. On the dotted line, "
                                     "both agree; below it, the network is too sure.",
                            .x_name = "probability",
                            .y_name = "right",
                            .x_most = 1,
                            .most = 1,
                            .shares = true,
                            .line_count = 1,
                            .lines = &line,
                            .diagonal = true});
}

static void put_bins(FILE *to, const bins *b)
{
    fputs("<div class=\"wide\"><table><caption>The points of the chart</caption>\n<thead><tr><th scope=\"col\" "
          "class=\"left\">probability</th><th scope=\"col\">answers</th><th scope=\"col\">mean</th><th scope=\"col\">"
          "right</th></tr></thead>\n<tbody>\n",
          to);
    for (int i = 0; i < BINS; i++) {
        if (b->count[i] == 0)
            continue;
        fprintf(to, "<tr><th scope=\"row\">%.1f to %.1f</th><td>%llu</td><td>%.3f</td>", (double)i / BINS,
                (double)(i + 1) / BINS, (unsigned long long)b->count[i], b->claimed[i] / (double)b->count[i]);
        put_ratio(to, b->right[i], b->count[i]);
        fputs("</tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
}

int section_calibration(FILE *to, report_facts *f)
{
    if (f->no_samples != NULL)
        return STATUS_DONE;
    bins b = fill_bins(f);
    html_section(to, "calibration", "How sure it is");
    fputs("<p>The mean of &minus;ln of the probability of the true class is ", to);
    html_number(to, "nll", f->score.nll);
    fputs(". The expected calibration error is ", to);
    html_number(to, "ece", f->score.ece);
    fputs(": the mean distance between the probability of an answer and the share of right answers.</p>\n<div "
          "class=\"row\">\n",
          to);
    draw_bins(to, &b);
    put_bins(to, &b);
    fputs("</div>\n", to);
    html_section_end(to);
    return STATUS_DONE;
}
