/* The head of a report: how good the model is, what it is, and what it was made from. */
#include <math.h>
#include <stdlib.h>

#include "report/html.h"
#include "report/sections.h"
#include "session/scoring.h"
#include "show/numbers.h"

enum { TEXT_MOST = 48 * 1024 }; /* bytes of the network's text that are shown */

void interval_of(uint64_t right, uint64_t samples, double *low, double *high)
{
    double z = 1.959963985, n = (double)samples, p = samples > 0 ? (double)right / n : 0;
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *low = samples > 0 ? fmax(0, middle - half) : 0;
    *high = samples > 0 ? fmin(1, middle + half) : 1;
}

static void put_accuracy(FILE *to, const report_facts *f)
{
    double low, high;
    const br_score *score = &f->score;
    interval_of(score->right, score->samples, &low, &high);
    fputs("<p class=\"big\">", to);
    html_share(to, "accuracy", score->accuracy);
    fprintf(to, "</p>\n<p>of the %s samples are answered right: ", bt_split_word(f->split));
    html_count(to, "right-count", score->right);
    fputs(" of ", to);
    html_count(to, "sample-count", score->samples);
    fprintf(to, ". The interval of 95%% is %.2f%% to %.2f%% (Wilson).</p>\n", 100 * low, 100 * high);
    if (!f->own_data)
        fputs("<p class=\"bad\">These data are not the data of the training.</p>\n", to);
}

/* Every expectation of the text; a split that is not shown is scored for it. */
static int put_expectations(FILE *to, report_facts *f)
{
    const bl_program *program = f->s.source.program;
    for (uint32_t i = 0; i < program->expect_count; i++) {
        const bl_expect *e = &program->expects[i];
        br_score score = f->score;
        bool other = e->on != f->split, there = br_data_split(f->data, e->on)->count > 0;
        int status = other && there ? score_split(&f->s, f->data, e->on, session_threads(&f->s), &score) : STATUS_DONE;
        if (status != STATUS_DONE)
            return status;
        bool met = there && score.accuracy >= e->least - 1e-12;
        fprintf(to, "<dt>Expectation</dt><dd>accuracy &gt;= %.10g%% on %s: ", 100 * e->least, bt_split_word(e->on));
        if (there)
            fprintf(to, "%.2f%%, <b class=\"%s\">%s</b></dd>\n", 100 * score.accuracy, met ? "good" : "bad",
                    met ? "met" : "not met");
        else
            fputs("can't be checked: there are no such samples</dd>\n", to);
        if (other && there)
            br_score_free(&score);
    }
    return STATUS_DONE;
}

static void put_machine(FILE *to, const run_record *record)
{
    const char *processor = record_text(record, "machine", "processor"), *cpu = record_text(record, "machine", "cpu");
    const char *llvm = record_text(record, "versions", "llvm"), *ended = record_text(record, "times", "ended");
    if (record->all == NULL) {
        fputs("<dt>Machine</dt><dd class=\"soft\">unknown: the record of the run, .run.json, is not beside the "
              "model</dd>\n",
              to);
        return;
    }
    fputs("<dt>Trained on</dt><dd>", to);
    html_text(to, processor != NULL ? processor : "an unknown processor", 100);
    fputs(", compiled for ", to);
    html_text(to, cpu != NULL ? cpu : "an unknown level", 60);
    fputs(" by LLVM ", to);
    html_text(to, llvm != NULL ? llvm : "of an unknown version", 20);
    fputs("</dd>\n<dt>Ended</dt><dd>", to);
    html_text(to, ended != NULL ? ended : "at an unknown time", 40);
    fputs("</dd>\n", to);
}

static void put_position(FILE *to, const bl_program *program, const br_file_facts *facts)
{
    fprintf(to, "<dt>Trained</dt><dd>up to epoch %u of phase ", facts->epoch);
    if (facts->phase < program->phase_count)
        html_name(to, program->phases[facts->phase].name);
    else
        fputc('-', to);
    fputs("</dd>\n", to);
}

int head_text(FILE *to, const report_facts *f, size_t most)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (memory != NULL)
        bl_dump_model(f->s.source.program, memory);
    if (memory == NULL || fclose(memory) != 0) {
        free(text);
        return fail_memory(f->s.cli);
    }
    fputs("<details>\n<summary>The network's text with every default</summary>\n<pre>", to);
    html_text(to, text, (uint32_t)most);
    fputs("</pre>\n", to);
    if (size > most)
        fputs("<p class=\"soft\">The text is cut; <code>bouton dump MODEL</code> prints all of it.</p>\n", to);
    fputs("</details>\n", to);
    free(text);
    return STATUS_DONE;
}

void head_terms(FILE *to, const report_facts *f)
{
    const bl_program *program = f->s.source.program;
    const br_file_facts *facts = f->s.source.facts;
    const bl_input *input = &program->input;
    fputs("<dt>Model</dt><dd>", to);
    html_name(to, f->name);
    fputs("</dd>\n<dt>Input</dt><dd>", to);
    if (input->image)
        fprintf(to, "image of %ux%u, ", input->height, input->width);
    else
        fprintf(to, "%s of %u, ", input->series ? "series" : "vector", input->width);
    fprintf(to, "%u channel%s</dd>\n", input->channels, input->channels == 1 ? "" : "s");
    fprintf(to, "<dt>Layers</dt><dd>%u, rule %s</dd>\n", program->layer_count, bt_rule_word(program->rule));
    put_position(to, program, facts);
    fprintf(to, "<dt>Seed</dt><dd>%llu</dd>\n<dt>Data</dt><dd>hash %016llx</dd>\n<dt>bouton</dt><dd>",
            (unsigned long long)facts->seed, (unsigned long long)facts->data_hash);
    html_text(to, facts->version, 20);
    fputs("</dd>\n", to);
    put_machine(to, &f->record);
}

int section_head(FILE *to, report_facts *f)
{
    fputs("<header>\n<h1>Network ", to);
    html_name(to, f->s.source.program->name);
    fputs("</h1>\n", to);
    if (f->no_samples == NULL) {
        put_accuracy(to, f);
    } else {
        fputs("<p>There is no accuracy here, no confusion and no sample: ", to);
        html_text(to, f->no_samples, 0);
        fputs(".</p>\n", to);
    }
    fputs("<dl>\n", to);
    head_terms(to, f);
    int status = f->no_samples == NULL ? put_expectations(to, f) : STATUS_DONE;
    fputs("</dl>\n", to);
    if (status == STATUS_DONE)
        status = head_text(to, f, TEXT_MOST);
    fputs("</header>\n", to);
    return status;
}
