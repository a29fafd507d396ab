#include "beside/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/html.h"
#include "report/sections.h"
#include "show/layer_facts.h"

enum { TEXT_MOST = 16 * 1024, MISTAKES = 5 };

/* ---- its section ---- */

static void put_live(FILE *to, const report_facts *f)
{
    const br_score *score = &f->score;
    uint32_t shown = score->layer_count < REPORT_LAYERS ? score->layer_count : REPORT_LAYERS;
    if (f->no_samples != NULL || shown == 0)
        return;
    fputs("<p>Live connections, mean share of a sample and its standard deviation:", to);
    for (uint32_t l = 0; l < shown; l++) {
        if (f->s.source.program->layers[l].kind == BT_LAYER_POOL || isnan(score->live[l]))
            continue;
        fputs(" ", to);
        html_name(to, f->s.source.program->layers[l].name);
        fprintf(to, " %.1f%% &plusmn; %.1f%%%s", 100 * score->live[l], 100 * score->live_spread[l],
                l + 1 < shown ? "," : "");
    }
    fputs(".</p>\n", to);
}

/* The cell of the confusion table that holds the most wrong answers among those that hold fewer than `below`, or as many
 * and lie behind `at`. False: there is none. */
static bool next_mistake(const br_score *score, uint64_t *below, uint64_t *at)
{
    uint64_t cells = (uint64_t)score->classes * score->classes, best = 0, found = cells;
    for (uint64_t i = 0; i < cells; i++) {
        uint64_t count = score->confusion[i];
        bool wrong = i / score->classes != i % score->classes, later = count < *below || (count == *below && i > *at);
        if (wrong && later && count > best) {
            best = count;
            found = i;
        }
    }
    *below = best;
    *at = found;
    return best > 0;
}

static void put_mistakes(FILE *to, const report_facts *f)
{
    uint64_t below = UINT64_MAX, at = 0;
    if (f->no_samples != NULL || f->score.right == f->score.samples)
        return;
    fputs("<p>Most frequent mistakes:", to);
    for (int i = 0; i < MISTAKES && next_mistake(&f->score, &below, &at); i++) {
        fputs(i > 0 ? ", " : " ", to);
        facts_class(to, f, (uint32_t)(at / f->score.classes));
        fputs(" taken for ", to);
        facts_class(to, f, (uint32_t)(at % f->score.classes));
        fprintf(to, " (%llu)", (unsigned long long)below);
    }
    fputs(".</p>\n", to);
}

static int write_section(FILE *to, const report_facts *f, const side_model *m)
{
    fprintf(to, "<section id=\"model-%c\">\n<h2>%c: network ", m->letter, m->letter);
    html_name(to, f->s.source.program->name);
    fputs("</h2>\n", to);
    if (f->no_samples != NULL) {
        fputs("<p>There is no accuracy here: ", to);
        html_text(to, f->no_samples, 0);
        fputs(".</p>\n", to);
    } else if (!f->own_data) {
        fputs("<p class=\"bad\">The samples are not of the data of its training.</p>\n", to);
    }
    fputs("<dl>\n", to);
    head_terms(to, f);
    fputs("</dl>\n", to);
    put_mistakes(to, f);
    put_live(to, f);
    int status = cost_layers(to, f);
    if (status == STATUS_DONE)
        status = head_text(to, f, TEXT_MOST);
    fputs("</section>\n", to);
    return status;
}

static int keep_section(side_model *m, const report_facts *f)
{
    size_t size = 0;
    FILE *to = open_memstream(&m->section, &size);
    if (to == NULL)
        return fail_memory(f->s.cli);
    int status = write_section(to, f, m);
    return fclose(to) == 0 || status != STATUS_DONE ? status : fail_memory(f->s.cli);
}

/* ---- its figures ---- */

static int keep_answers(side_model *m, const report_facts *f)
{
    if (f->no_samples != NULL)
        return STATUS_DONE;
    size_t size = f->score.samples * sizeof *m->labels;
    m->on = f->split;
    m->hash = f->hash;
    m->samples = f->score.samples;
    m->right = f->score.right;
    m->classes = f->score.classes;
    m->live = facts_live(f);
    m->labels = allocate(f->s.cli, f->score.samples, sizeof *m->labels);
    m->wanted = m->labels != NULL ? allocate(f->s.cli, f->score.samples, sizeof *m->wanted) : NULL;
    if (m->wanted == NULL)
        return STATUS_FAULT;
    memcpy(m->labels, f->labels, size);
    memcpy(m->wanted, br_data_split(f->data, f->split)->labels, size);
    m->scored = true;
    return STATUS_DONE;
}

static int keep_history(side_model *m, const report_facts *f)
{
    const br_history *h = f->history;
    if (h == NULL || h->epoch_count == 0)
        return STATUS_DONE;
    int status = epochs_take(&m->columns, f->s.cli, f->s.source.program, h);
    if (status == STATUS_DONE) {
        m->epochs = m->columns.x_most;
        m->seconds = record_seconds(&f->record, h, h->epoch_count - 1);
    }
    return status;
}

static int keep_names(side_model *m, const report_facts *f)
{
    size_t size = strlen(f->name) + 3;
    m->name = text_copy(f->s.cli, f->name, strlen(f->name));
    m->title = m->name != NULL ? allocate(f->s.cli, size, 1) : NULL;
    if (m->title == NULL)
        return STATUS_FAULT;
    snprintf(m->title, size, "%c %s", m->letter, m->name);
    return STATUS_DONE;
}

static int keep(side_model *m, const report_facts *f, const char *path)
{
    struct stat file;
    m->parameters = network_parameters(f->s.source.program);
    m->operations = network_operations(f->s.source.program);
    if (stat(path, &file) == 0)
        m->file_bytes = (uint64_t)file.st_size;
    int status = keep_names(m, f);
    if (status == STATUS_DONE)
        status = keep_answers(m, f);
    if (status == STATUS_DONE)
        status = keep_history(m, f);
    return status == STATUS_DONE ? keep_section(m, f) : status;
}

int side_collect(side_model *m, const command_line *cli, const char *path, char letter)
{
    report_facts f;
    *m = (side_model){.letter = letter, .live = NAN, .epochs = NAN, .seconds = NAN};
    int status = facts_answer(&f, cli, path);
    if (status == STATUS_DONE && f.no_samples != NULL)
        say(cli, MESSAGE_NOTE, "%s: the report has none of its answers: %s", path, f.no_samples);
    if (status == STATUS_DONE)
        status = keep(m, &f, path);
    facts_free(&f);
    return status;
}

void side_free(side_model *m)
{
    epochs_free(&m->columns);
    free(m->name);
    free(m->title);
    free(m->wanted);
    free(m->labels);
    free(m->section);
    *m = (side_model){0};
}

bool side_same(const side_model *a, const side_model *b)
{
    return a->scored && b->scored && a->hash == b->hash && a->samples == b->samples && a->classes == b->classes;
}
