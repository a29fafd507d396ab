/* The wrong samples that were answered most surely, and the right ones that were answered least surely. */
#include <math.h>
#include <stdlib.h>

#include "options/console.h"
#include "report/html.h"
#include "report/sections.h"

enum { WRONG_MOST = 50, RIGHT_MOST = 20, VALUES_MOST = 12, SIDE = 84 };

typedef struct judged {
    uint64_t sample;
    float chosen; /* probability of the answer */
} judged;

static int surest_first(const void *a, const void *b)
{
    const judged *left = a, *right = b;
    if (left->chosen != right->chosen)
        return left->chosen > right->chosen ? -1 : 1;
    return left->sample < right->sample ? -1 : left->sample > right->sample;
}

static int surest_last(const void *a, const void *b)
{
    const judged *left = a, *right = b;
    if (left->chosen != right->chosen)
        return left->chosen < right->chosen ? -1 : 1;
    return surest_first(a, b);
}

/* The samples that are answered right, or wrong, in the order that is wanted. */
static uint64_t collect(const report_facts *f, bool right, judged *out)
{
    const uint32_t *wanted = br_data_split(f->data, f->split)->labels;
    uint64_t count = 0;
    for (uint64_t i = 0; i < f->seen; i++)
        if ((f->labels[i] == wanted[i]) == right)
            out[count++] = (judged){i, f->probabilities[i * f->score.classes + f->labels[i]]};
    qsort(out, count, sizeof *out, right ? surest_last : surest_first);
    return count;
}

static void put_answer(FILE *to, const report_facts *f, const judged *j, const char *between)
{
    uint32_t wanted = br_data_split(f->data, f->split)->labels[j->sample], answered = f->labels[j->sample];
    float share = f->probabilities[j->sample * f->score.classes + wanted];
    fputs("is ", to);
    facts_class(to, f, wanted);
    fprintf(to, " (%.3f)%sanswered ", (double)share, between);
    facts_class(to, f, answered);
    fprintf(to, " (%.3f)", (double)j->chosen);
}

static int put_pictures(FILE *to, report_facts *f, const judged *list, uint64_t count)
{
    int status = STATUS_DONE;
    fputs("<div class=\"row\">\n", to);
    for (uint64_t i = 0; i < count && status == STATUS_DONE; i++) {
        char text[48];
        snprintf(text, sizeof text, "sample %llu", (unsigned long long)list[i].sample);
        fputs("<figure class=\"tile\">", to);
        status = facts_draw_sample(to, f, list[i].sample, SIDE, text);
        fprintf(to, "<figcaption>%s:<br>", text);
        put_answer(to, f, &list[i], ",<br>");
        fputs("</figcaption></figure>\n", to);
    }
    fputs("</div>\n", to);
    return status;
}

/* The names of the first values of a sample: those of columns, or "NAME = WORD" of categories, or numbers. */
static void put_value_names(FILE *to, const report_facts *f, uint64_t count)
{
    const br_schema *schema = f->s.source.schema;
    uint64_t value = 0;
    for (uint32_t i = 0; schema != NULL && i < schema->column_count; i++) {
        const br_column *column = &schema->columns[i];
        uint32_t values = column->role == BT_ROLE_NUMBER     ? 1
                          : column->role == BT_ROLE_CATEGORY ? column->word_count
                                                             : 0;
        for (uint32_t w = 0; w < values && value < count; w++, value++) {
            fputs("<th scope=\"col\">", to);
            if (column->name != NULL)
                html_name(to, column->name);
            else
                fprintf(to, "column %u", i + 1);
            if (column->role == BT_ROLE_CATEGORY) {
                fputs(" = ", to);
                html_name(to, column->words[w]);
            }
            fputs("</th>", to);
        }
    }
    for (; value < count; value++)
        fprintf(to, "<th scope=\"col\">value %llu</th>", (unsigned long long)value + 1);
}

static int put_rows(FILE *to, report_facts *f, const judged *list, uint64_t count)
{
    uint64_t values = bt_values(f->raw.shape), shown = values < VALUES_MOST ? values : VALUES_MOST;
    fputs("<div class=\"wide\"><table><thead><tr><th scope=\"col\">sample</th><th scope=\"col\" "
          "class=\"left\">answer</th>",
          to);
    put_value_names(to, f, shown);
    fputs("</tr></thead>\n<tbody>\n", to);
    for (uint64_t i = 0; i < count; i++) {
        fprintf(to, "<tr><td>%llu</td><td class=\"left\">", (unsigned long long)list[i].sample);
        put_answer(to, f, &list[i], ", ");
        fputs("</td>", to);
        for (uint64_t v = 0; v < shown; v++) {
            uint64_t at = list[i].sample * values + v;
            fprintf(to, "<td>%.6g</td>", f->raw.bytes != NULL ? (double)f->raw.bytes[at] : (double)f->raw.floats[at]);
        }
        fputs("</tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
    if (shown < values)
        fprintf(to, "<p class=\"soft\">%llu more values of each sample are not shown.</p>\n",
                (unsigned long long)(values - shown));
    return STATUS_DONE;
}

static int put_list(FILE *to, report_facts *f, judged *list, bool right)
{
    uint64_t all = collect(f, right, list), most = right ? RIGHT_MOST : WRONG_MOST, shown = all < most ? all : most;
    fprintf(to, "<h3>%s</h3>\n", right ? "Right, but least sure" : "Wrong, and most sure");
    if (all == 0) {
        fprintf(to, "<p>No sample is answered %s.</p>\n", right ? "right" : "wrong");
        return STATUS_DONE;
    }
    fprintf(to, "<p class=\"soft\">%llu of %llu samples that are answered %s.</p>\n", (unsigned long long)shown,
            (unsigned long long)all, right ? "right" : "wrong");
    return facts_have_pictures(f) ? put_pictures(to, f, list, shown) : put_rows(to, f, list, shown);
}

int section_samples(FILE *to, report_facts *f)
{
    if (f->no_samples != NULL)
        return STATUS_DONE;
    judged *list = allocate(f->s.cli, f->seen > 0 ? f->seen : 1, sizeof *list);
    if (list == NULL)
        return STATUS_FAULT;
    html_section(to, "samples", "Samples to look at");
    fputs("<p>After the class that a sample is, and after the class that was answered, stand their "
          "probabilities.</p>\n",
          to);
    if (f->seen < f->score.samples)
        fprintf(to, "<p class=\"soft\">Of the first %llu samples.</p>\n", (unsigned long long)f->seen);
    int status = put_list(to, f, list, false);
    if (status == STATUS_DONE)
        status = put_list(to, f, list, true);
    html_section_end(to);
    free(list);
    return status;
}
