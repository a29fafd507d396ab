/* bouton compare: two trained models on the same samples, with a paired test. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/contender.h"
#include "report/report.h"
#include "session/scoring.h"
#include "show/json.h"
#include "show/numbers.h"
#include "show/table.h"

enum { LISTED_MOST = 20 };

/* How two models answer the same samples. */
typedef struct outcome {
    uint64_t both_right, only_first, only_second, both_wrong;
    uint64_t differ;  /* samples with different answers, right or wrong */
    double p;         /* of McNemar's exact test, two-sided */
    double low, high; /* 95% interval of the difference of accuracies, the first less the second */
} outcome;

/* The chance that of `only_first + only_second` fair coins so many or more, or as few or fewer, fall on one side. */
static double mcnemar(uint64_t first, uint64_t second)
{
    uint64_t n = first + second, few = first < second ? first : second;
    double sum = 0;
    for (uint64_t i = 0; i <= few; i++)
        sum += exp(lgamma((double)n + 1) - lgamma((double)i + 1) - lgamma((double)(n - i) + 1) - (double)n * log(2));
    return n == 0 || few * 2 == n ? 1 : fmin(1, 2 * sum);
}

static outcome judge(const contender *a, const contender *b)
{
    outcome o = {0};
    double n = (double)a->score.samples;
    for (uint64_t i = 0; i < a->score.samples; i++) {
        bool first = a->labels[i] == a->wanted[i], second = b->labels[i] == a->wanted[i];
        o.both_right += first && second;
        o.only_first += first && !second;
        o.only_second += !first && second;
        o.both_wrong += !first && !second;
        o.differ += a->labels[i] != b->labels[i];
    }
    o.p = mcnemar(o.only_first, o.only_second);
    double difference = ((double)o.only_first - (double)o.only_second) / n;
    double spread = sqrt(fmax(0, ((double)o.only_first + (double)o.only_second) / n - difference * difference) / n);
    o.low = difference - 1.959963985 * spread;
    o.high = difference + 1.959963985 * spread;
    return o;
}

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

static void print_outcome(const contender *a, const outcome *o)
{
    double difference = ((double)o->only_first - (double)o->only_second) / (double)a->score.samples;
    printf("\nboth right %llu, only A %llu, only B %llu, neither %llu\n", (unsigned long long)o->both_right,
           (unsigned long long)o->only_first, (unsigned long long)o->only_second, (unsigned long long)o->both_wrong);
    printf("A less B: %+.2f points, 95%% interval %+.2f to %+.2f\n", 100 * difference, 100 * o->low, 100 * o->high);
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
        putchar((unsigned char)name[i] < 0x20 || name[i] == 0x7f ? '?' : name[i]);
}

static void print_differing(const contender *a, const contender *b, const outcome *o)
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

static int print_json(const command_line *cli, const contender *a, const contender *b, const outcome *o)
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
    outcome o = judge(a, b);
    if (cli_has(cli, OPTION_json))
        return print_json(cli, a, b, &o);
    printf("A is %s, B is %s, on %llu %s samples\n\n", a->s.source.path, b->s.source.path,
           (unsigned long long)a->score.samples, bt_split_word(a->split));
    status = print_table(cli, a, b);
    print_outcome(a, &o);
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
