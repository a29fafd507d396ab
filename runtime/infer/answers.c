/* Inference results as text, CSV or JSON. No memory is allocated, whatever the number of results. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "bouton/runtime.h"

/* ---- texts ---- */

static void print_plain(FILE *to, const char *text)
{
    for (; *text != '\0'; text++)
        fputc(br_visible(*text), to);
}

/* A field made of several parts. RFC 4180: a field that contains a separator, a quote or a line break is quoted, and its
 * quotes are doubled. */
static void print_csv(FILE *to, const char *const *parts, int count)
{
    bool quoted = false;
    for (int i = 0; i < count; i++)
        quoted = quoted || parts[i][strcspn(parts[i], ",\"\r\n")] != '\0';
    if (quoted)
        fputc('"', to);
    for (int i = 0; i < count; i++)
        for (const char *at = parts[i]; *at != '\0'; at++) {
            if (*at == '"')
                fputc('"', to);
            fputc(*at, to);
        }
    if (quoted)
        fputc('"', to);
}

static void print_json(FILE *to, const char *text, const char *ending)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    if (!br_utf8_is(text, strlen(text))) {
        fputs("null", to);
        return;
    }
    fputc('"', to);
    for (; *text != '\0'; text++) {
        const char *escaped = strchr(plain, *text);
        if (escaped)
            fprintf(to, "\\%c", letters[escaped - plain]);
        else if ((unsigned char)*text < ' ')
            fprintf(to, "\\u%04X", (unsigned)*text);
        else
            fputc(*text, to);
    }
    fprintf(to, "%s\"", ending);
}

/* What tells a sample from the others of its file: #index, or nothing. */
typedef struct ending {
    char text[24];
} ending;

static ending ending_of(int64_t index)
{
    ending e = {""};
    if (index >= 0)
        snprintf(e.text, sizeof e.text, "#%lld", (long long)index);
    return e;
}

/* ---- the head ---- */

static void print_columns(const br_answers *a, const char *what)
{
    for (uint32_t k = 0; k < a->classes; k++) {
        const char *name = br_class_name(a->schema, k);
        fputc(',', a->to);
        if (name == NULL)
            fprintf(a->to, "%s%u", what, k);
        else
            print_csv(a->to, (const char *const[]){what, "_", name}, 3);
    }
}

br_answers br_answers_begin(br_answer_format format, uint32_t classes, const br_schema *schema, FILE *to)
{
    br_answers answers = {.to = to, .format = format, .classes = classes, .schema = schema};
    if (format == BR_ANSWERS_JSON)
        fputs("{\"predictions\": [", to);
    if (format == BR_ANSWERS_CSV) {
        fputs("input,label", to);
        print_columns(&answers, "p");
        print_columns(&answers, "level");
        fputc('\n', to);
    }
    return answers;
}

/* ---- one result ---- */

/* The class with the largest probability except the label; the label itself if there is no other. */
static uint32_t runner_up(const br_answers *a, const br_answered *answer)
{
    uint32_t next = answer->label;
    for (uint32_t k = 0; k < a->classes; k++)
        if (k != answer->label && (next == answer->label || answer->probabilities[k] > answer->probabilities[next]))
            next = k;
    return next;
}

static void print_class(const br_answers *a, uint32_t label)
{
    const char *name = br_class_name(a->schema, label);
    if (name != NULL)
        print_plain(a->to, name);
    else
        fprintf(a->to, "%u", label);
}

static void answer_text(const br_answers *a, const br_answered *answer)
{
    uint32_t next = runner_up(a, answer);
    fprintf(a->to, "%s%s: ", answer->input, ending_of(answer->index).text);
    print_class(a, answer->label);
    fprintf(a->to, "  (%.2f", (double)answer->probabilities[answer->label]);
    if (next != answer->label) {
        fputs("; next ", a->to);
        print_class(a, next);
        fprintf(a->to, " %.2f", (double)answer->probabilities[next]);
    }
    fputs(")\n", a->to);
}

static void answer_csv(const br_answers *a, const br_answered *answer)
{
    const char *name = br_class_name(a->schema, answer->label);
    print_csv(a->to, (const char *const[]){answer->input, ending_of(answer->index).text}, 2);
    fputc(',', a->to);
    if (name != NULL)
        print_csv(a->to, &name, 1);
    else
        fprintf(a->to, "%u", answer->label);
    for (uint32_t k = 0; k < a->classes; k++)
        fprintf(a->to, ",%.6f", (double)answer->probabilities[k]);
    for (uint32_t k = 0; k < a->classes; k++)
        fprintf(a->to, ",%.6f", (double)answer->levels[k]);
    fputc('\n', a->to);
}

/* A whole number still gets a decimal point, and an exponent loses its plus sign and leading zeros. */
static void print_real(FILE *to, double value, int digits_shown)
{
    char text[32], *exponent;
    snprintf(text, sizeof text, "%.*g", digits_shown, value);
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

static void print_list(FILE *to, const char *key, const float *values, uint32_t count)
{
    fprintf(to, ", \"%s\": [", key);
    for (uint32_t k = 0; k < count; k++) {
        if (k > 0)
            fputs(", ", to);
        print_real(to, (double)values[k], 6);
    }
    fputc(']', to);
}

/* Nine digits, so that the sum of the parts still agrees with the drive. */
static void print_part(FILE *to, const char *key, double value)
{
    fprintf(to, ", \"%s\": ", key);
    print_real(to, value, 9);
}

static void print_reason(const br_answers *a, const br_reason *reason)
{
    const br_why *why = reason->why;
    const char *name = br_class_name(a->schema, why->label);
    fprintf(a->to, ", \"why\": {\"label\": %u", why->label);
    if (name != NULL) {
        fputs(", \"class\": ", a->to);
        print_json(a->to, name, "");
    }
    print_part(a->to, "drive", why->drive);
    print_part(a->to, "thresholds", why->thresholds);
    fprintf(a->to, ", \"height\": %u, \"width\": %u, \"channels\": %u", why->shape.height, why->shape.width,
            why->shape.channels);
    if (reason->after != NULL)
        fprintf(a->to, ", \"after\": \"%s\"", reason->after);
    for (uint64_t i = 0; i < bt_values(why->shape); i++) {
        fputs(i > 0 ? ", " : ", \"adds\": [", a->to);
        print_real(a->to, why->adds[i], 9);
    }
    for (uint64_t i = 0; reason->names != NULL && i < bt_values(why->shape); i++) {
        fputs(i > 0 ? ", " : "], \"names\": [", a->to);
        print_json(a->to, reason->names[i], "");
    }
    fputs("]}", a->to);
}

static void answer_json(const br_answers *a, const br_answered *answer)
{
    const char *name = br_class_name(a->schema, answer->label);
    fputs(a->printed > 0 ? ",\n  " : "\n  ", a->to);
    fputs("{\"input\": ", a->to);
    print_json(a->to, answer->input, ending_of(answer->index).text);
    fprintf(a->to, ", \"label\": %u", answer->label);
    if (name != NULL) {
        fputs(", \"class\": ", a->to);
        print_json(a->to, name, "");
    }
    print_list(a->to, "probabilities", answer->probabilities, a->classes);
    print_list(a->to, "levels", answer->levels, a->classes);
    if (answer->reason != NULL)
        print_reason(a, answer->reason);
    fputc('}', a->to);
}

void br_answers_print(br_answers *answers, const br_answered *answer)
{
    static void (*const forms[])(const br_answers *, const br_answered *) = {
        [BR_ANSWERS_TEXT] = answer_text, [BR_ANSWERS_CSV] = answer_csv, [BR_ANSWERS_JSON] = answer_json};
    forms[answers->format](answers, answer);
    answers->printed++;
}

void br_answers_end(br_answers *answers)
{
    if (answers->format == BR_ANSWERS_JSON)
        fputs("\n]}\n", answers->to);
}
