/* bouton compare: two trained models on the same samples, with a paired test. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/contender.h"
#include "report/paired.h"
#include "report/report.h"
#include "session/scoring.h"
#include "show/json.h"
#include "show/numbers.h"
#include "show/table.h"

enum { LISTED_MOST = 20 };

/* ---- text ---- */

static void put_row(text_table *table, const char *name, const contender *a, const contender *b,
                    const char *(*text)(number_buffer, const contender *))
{
    number_buffer first, second;
    table_cell(table, "%s", name);
    table_cell(table, "%s", text(first, a));
    table_cell(table, "%s", text(second, b));
}

static const char *accuracy_text(number_buffer text, const contender *c)
{
    snprintf(text, NUMBER_SIZE, "%.2f%%", 100 * c->score.accuracy);
    return text;
}

static const char *nll_text(number_buffer text, const contender *c)
{
    snprintf(text, NUMBER_SIZE, "%.4f", c->score.nll);
    return text;
}

static const char *ece_text(number_buffer text, const contender *c)
{
    snprintf(text, NUMBER_SIZE, "%.4f", c->score.ece);
    return text;
}

static const char *parameters_text(number_buffer text, const contender *c)
{
    return number_grouped(text, c->parameters);
}

static const char *operations_text(number_buffer text, const contender *c)
{
    return number_grouped(text, c->operations);
}

static const char *bytes_text(number_buffer text, const contender *c)
{
    return number_bytes(text, c->file_bytes);
}

static const char *speed_text(number_buffer text, const contender *c)
{
    number_scaled(text, c->seconds > 0 ? (double)c->score.samples / c->seconds : 0);
    strncat(text, "/s", NUMBER_SIZE - strlen(text) - 1);
    return text;
}

static int print_table(const command_line *cli, const contender *a, const contender *b)
{
    text_table table = table_new(cli, 3);
    table_cell(&table, "%s", "");
    table_cell(&table, "A");
    table_cell(&table, "B");
    put_row(&table, "accuracy", a, b, accuracy_text);
    put_row(&table, "log-likelihood, negative", a, b, nll_text);
    put_row(&table, "calibration error", a, b, ece_text);
    put_row(&table, "parameters", a, b, parameters_text);
    put_row(&table, "operations", a, b, operations_text);
    put_row(&table, "file", a, b, bytes_text);
    put_row(&table, "samples", a, b, speed_text);
    int status = table_print(&table, "lr", 0, stdout);
    table_free(&table);
    return status;
}

static void print_outcome(const paired_outcome *o)
{
    printf("\nboth right %llu, only A %llu, only B %llu, neither %llu\n", (unsigned long long)o->both_right,
           (unsigned long long)o->only_first, (unsigned long long)o->only_second, (unsigned long long)o->both_wrong);
    printf("A less B: %+.2f points, 95%% interval %+.2f to %+.2f\n", 100 * o->difference, 100 * o->low, 100 * o->high);
    printf("McNemar's exact test: p = %.3g; %s\n", o->p,
           o->p < 0.05 ? "chance alone would hardly differ so much" : "chance alone may differ so much");
}

/* A name of a class without control characters, or its number. */
static void print_class(const contender *c, uint32_t label)
{
    const char *name = br_class_name(c->s.source.schema, label);
    if (name == NULL) {
        printf("%u", label);
        return;
    }
    for (uint32_t i = 0; name[i] != '\0' && i < 40; i++)
        putchar(br_visible(name[i]));
}

static void print_differing(const contender *a, const contender *b, const paired_outcome *o)
{
    uint64_t listed = 0;
    printf("\n%llu samples are answered differently%s\n", (unsigned long long)o->differ, o->differ > 0 ? ":" : "");
    for (uint64_t i = 0; i < a->score.samples && listed < LISTED_MOST; i++) {
        if (a->labels[i] == b->labels[i])
            continue;
        printf("  sample %llu is ", (unsigned long long)i);
        print_class(a, a->wanted[i]);
        fputs(", A: ", stdout);
        print_class(a, a->labels[i]);
        printf(" (%.2f), B: ", (double)a->chosen[i]);
        print_class(b, b->labels[i]);
        printf(" (%.2f)\n", (double)b->chosen[i]);
        listed++;
    }
    if (listed < o->differ)
        printf("  and %llu more; --json lists all\n", (unsigned long long)(o->differ - listed));
}

/* ---- JSON ---- */

/* A path in another encoding becomes null. */
static const char *utf8_or_null(const char *path)
{
    json_t *text = json_string(path);
    json_decref(text);
    return text != NULL ? path : NULL;
}

static json_t *contender_json(const contender *c)
{
    return json_pack("{s:s?, s:f, s:I, s:f, s:f, s:I, s:I, s:I, s:f}", "model", utf8_or_null(c->s.source.path),
                     "accuracy", c->score.accuracy, "right", (json_int_t)c->score.right, "nll", c->score.nll, "ece",
                     c->score.ece, "parameters", (json_int_t)c->parameters, "operations", (json_int_t)c->operations,
                     "file_bytes", (json_int_t)c->file_bytes, "samples_per_second",
                     c->seconds > 0 ? (double)c->score.samples / c->seconds : 0.0);
}

static json_t *differing_json(const contender *a, const contender *b)
{
    json_t *list = json_array();
    bool lost = list == NULL;
    for (uint64_t i = 0; !lost && i < a->score.samples; i++)
        if (a->labels[i] != b->labels[i])
            lost = json_array_append_new(list, json_pack("{s:I, s:i, s:i, s:i}", "sample", (json_int_t)i, "label",
                                                         (int)a->wanted[i], "a", (int)a->labels[i], "b",
                                                         (int)b->labels[i])) != 0;
    if (!lost)
        return list;
    json_decref(list);
    return NULL;
}

static int print_json(const command_line *cli, const contender *a, const contender *b, const paired_outcome *o)
{
    json_t *all =
        json_pack("{s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:f, s:[f, f], s:o}", "samples", (json_int_t)a->score.samples,
                  "a", contender_json(a), "b", contender_json(b), "both_right", (json_int_t)o->both_right, "only_a",
                  (json_int_t)o->only_first, "only_b", (json_int_t)o->only_second, "neither", (json_int_t)o->both_wrong,
                  "p", o->p, "interval", o->low, o->high, "differing", differing_json(a, b));
    return json_deliver(cli, all, 0, stdout);
}

/* ---- the verb ---- */

static int compare(const command_line *cli, contender *a, contender *b)
{
    int status = contender_open(a, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = contender_open(b, cli, cli->operands[1]);
    if (status == STATUS_DONE)
        status = contenders_match(a, b);
    if (status == STATUS_DONE)
        status = contenders_time(a, b);
    if (status != STATUS_DONE)
        return status;
    paired_outcome o = paired_judge(a->wanted, a->labels, b->labels, a->score.samples);
    if (cli_has(cli, OPTION_json))
        return print_json(cli, a, b, &o);
    printf("A is %s, B is %s, on %llu %s samples\n\n", a->s.source.path, b->s.source.path,
           (unsigned long long)a->score.samples, bt_split_word(a->split));
    status = print_table(cli, a, b);
    print_outcome(&o);
    print_differing(a, b, &o);
    return status;
}

int verb_compare(const command_line *cli)
{
    contender a = {0}, b = {0};
    int status = compare(cli, &a, &b);
    contender_close(&a);
    contender_close(&b);
    return status;
}
