/* Inference results as text, CSV or JSON. No memory is allocated, whatever the number of results. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "bouton/runtime.h"

br_answers br_answers_begin(br_answer_format format, uint32_t classes, FILE *to)
{
    br_answers answers = {.to = to, .format = format, .classes = classes};
    if (format == BR_ANSWERS_JSON)
        fputs("{\"predictions\": [", to);
    if (format == BR_ANSWERS_CSV) {
        fputs("input,label", to);
        for (uint32_t k = 0; k < classes; k++)
            fprintf(to, ",level%u", k);
        fputc('\n', to);
    }
    return answers;
}

/* ---- names of samples: input, or input#index ---- */

static void print_index(const br_answers *a, int64_t index)
{
    if (index >= 0)
        fprintf(a->to, "#%lld", (long long)index);
}

/* RFC 4180: a field that contains a separator, a quote or a line break is quoted, and its quotes are doubled. */
static void print_csv_name(const br_answers *a, const char *text, int64_t index)
{
    bool quoted = text[strcspn(text, ",\"\r\n")] != '\0';
    if (quoted)
        fputc('"', a->to);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', a->to);
        fputc(*text, a->to);
    }
    print_index(a, index);
    if (quoted)
        fputc('"', a->to);
}

static void print_json_name(const br_answers *a, const char *text, int64_t index)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    if (!br_utf8_is(text, strlen(text))) {
        fputs("null", a->to);
        return;
    }
    fputc('"', a->to);
    for (; *text != '\0'; text++) {
        const char *escaped = strchr(plain, *text);
        if (escaped)
            fprintf(a->to, "\\%c", letters[escaped - plain]);
        else if ((unsigned char)*text < ' ')
            fprintf(a->to, "\\u%04X", (unsigned)*text);
        else
            fputc(*text, a->to);
    }
    print_index(a, index);
    fputc('"', a->to);
}

/* ---- one result ---- */

/* The class with the largest level except `label`; `label` itself if there is no other. */
static uint32_t runner_up(const float *levels, uint32_t classes, uint32_t label)
{
    uint32_t next = label;
    for (uint32_t k = 0; k < classes; k++)
        if (k != label && (next == label || levels[k] > levels[next]))
            next = k;
    return next;
}

static void print_text(const br_answers *a, const char *input, int64_t index, uint32_t label, const float *levels)
{
    uint32_t next = runner_up(levels, a->classes, label);
    fputs(input, a->to);
    print_index(a, index);
    fprintf(a->to, ": %u  (%.2f", label, (double)levels[label]);
    if (next != label)
        fprintf(a->to, "; next %u %.2f", next, (double)levels[next]);
    fputs(")\n", a->to);
}

static void print_csv(const br_answers *a, const char *input, int64_t index, uint32_t label, const float *levels)
{
    print_csv_name(a, input, index);
    fprintf(a->to, ",%u", label);
    for (uint32_t k = 0; k < a->classes; k++)
        fprintf(a->to, ",%.6f", (double)levels[k]);
    fputc('\n', a->to);
}

/* Six digits. A whole number still gets a decimal point, and an exponent loses its plus sign and leading zeros. */
static void print_real(FILE *to, float value)
{
    char text[32], *exponent;
    snprintf(text, sizeof text, "%.6g", (double)value);
    exponent = strchr(text, 'e');
    if (!exponent) {
        fprintf(to, "%s%s", text, strchr(text, '.') ? "" : ".0");
        return;
    }
    bool negative = exponent[1] == '-';
    const char *digits = exponent + 2;
    while (*digits == '0' && digits[1] != '\0')
        digits++;
    fprintf(to, "%.*se%s%s", (int)(exponent - text), text, negative ? "-" : "", digits);
}

static void print_json(const br_answers *a, const char *input, int64_t index, uint32_t label, const float *levels)
{
    fputs(a->printed > 0 ? ",\n  " : "\n  ", a->to);
    fputs("{\"input\": ", a->to);
    print_json_name(a, input, index);
    fprintf(a->to, ", \"label\": %u, \"levels\": [", label);
    for (uint32_t k = 0; k < a->classes; k++) {
        if (k > 0)
            fputs(", ", a->to);
        print_real(a->to, levels[k]);
    }
    fputs("]}", a->to);
}

void br_answers_print(br_answers *answers, const char *input, int64_t index, uint32_t label, const float *levels)
{
    static void (*const forms[])(const br_answers *, const char *, int64_t, uint32_t, const float *) = {
        [BR_ANSWERS_TEXT] = print_text, [BR_ANSWERS_CSV] = print_csv, [BR_ANSWERS_JSON] = print_json};
    forms[answers->format](answers, input, index, label, levels);
    answers->printed++;
}

void br_answers_end(br_answers *answers)
{
    if (answers->format == BR_ANSWERS_JSON)
        fputs("\n]}\n", answers->to);
}
