#include "show/why_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options/console.h"
#include "options/number.h"
#include "show/table.h"

enum { SHOWN = 8 }; /* values for the class, and as many against it */

/* ---- names ---- */

static char *name_of(const command_line *cli, const br_column *column, uint32_t number, const char *word)
{
    char text[512];
    if (column->name != NULL)
        snprintf(text, sizeof text, "%s%s%s", column->name, word != NULL ? "=" : "", word != NULL ? word : "");
    else
        snprintf(text, sizeof text, "column %u%s%s", number, word != NULL ? "=" : "", word != NULL ? word : "");
    return text_copy(cli, text, strlen(text));
}

static uint64_t values_of(const br_column *column)
{
    return column->role == BT_ROLE_NUMBER ? 1 : column->role == BT_ROLE_CATEGORY ? column->word_count : 0;
}

int value_names(const command_line *cli, const bl_input *input, const br_schema *schema, char ***out)
{
    uint64_t count = 0, at = 0;
    *out = NULL;
    for (uint32_t i = 0; schema != NULL && i < schema->column_count; i++)
        count += values_of(&schema->columns[i]);
    if (input->image || input->series || count != input->width || count == 0)
        return STATUS_DONE;
    char **names = allocate(cli, count, sizeof *names);
    for (uint32_t i = 0; names != NULL && i < schema->column_count; i++)
        for (uint32_t v = 0; v < values_of(&schema->columns[i]); v++, at++) {
            const br_column *column = &schema->columns[i];
            names[at] = name_of(cli, column, i + 1, column->role == BT_ROLE_CATEGORY ? column->words[v] : NULL);
            if (names[at] == NULL) {
                value_names_free(input, names);
                return STATUS_FAULT;
            }
        }
    *out = names;
    return names != NULL ? STATUS_DONE : STATUS_FAULT;
}

void value_names_free(const bl_input *input, char **names)
{
    for (uint32_t i = 0; names != NULL && i < input->width; i++)
        free(names[i]);
    free(names);
}

/* ---- the class ---- */

static int unknown_class(const command_line *cli, const char *text, uint32_t classes, const br_schema *schema)
{
    if (schema == NULL || schema->class_count == 0)
        return fail(cli, STATUS_USAGE, "--why=%s: not a class; the network has the classes 0 to %u", text, classes - 1);
    const char *near = bl_nearest(text, schema->classes, schema->class_count);
    if (near != NULL)
        return fail(cli, STATUS_USAGE, "--why=%s: not a class; did you mean %s?", text, near);
    return fail(cli, STATUS_USAGE, "--why=%s: not a class; 'bouton info' lists the names of the %u classes", text,
                classes);
}

int why_class(const command_line *cli, const bl_program *program, const br_schema *schema, uint32_t *out)
{
    const char *text = cli_text(cli, OPTION_why);
    uint32_t classes = bl_last_layer(program)->neurons;
    uint64_t number;
    *out = BR_WHY_ANSWER;
    if (text == NULL || *text == '\0')
        return STATUS_DONE;
    for (uint32_t k = 0; k < classes; k++) {
        const char *name = br_class_name(schema, k);
        if (name != NULL && strcmp(name, text) == 0) {
            *out = k;
            return STATUS_DONE;
        }
    }
    if (!number_read(text, &number) || number >= classes)
        return unknown_class(cli, text, classes, schema);
    *out = (uint32_t)number;
    return STATUS_DONE;
}

/* ---- text ---- */

/* A value and what it added. */
typedef struct part {
    uint64_t value;
    double adds;
} part;

static int by_size(const void *a, const void *b)
{
    const part *one = a, *other = b;
    double first = fabs(one->adds), second = fabs(other->adds);
    return first != second ? (first < second ? 1 : -1) : one->value < other->value ? -1 : 1;
}

static void plain_name(const char *name, char *out, size_t size)
{
    size_t at = 0;
    for (; name[at] != '\0' && at + 1 < size; at++)
        out[at] = br_visible(name[at]);
    out[at] = '\0';
}

static void place_of(const br_reason *reason, uint64_t value, char *out, size_t size)
{
    const bt_shape *shape = &reason->why->shape;
    uint64_t place = value / shape->channels, channel = value % shape->channels;
    size_t used = 0;
    if (reason->names != NULL) {
        plain_name(reason->names[value], out, size);
        return;
    }
    if (shape->height > 1)
        used = (size_t)snprintf(out, size, "row %llu, column %llu", (unsigned long long)(place / shape->width + 1),
                                (unsigned long long)(place % shape->width + 1));
    else
        used = (size_t)snprintf(out, size, "value %llu", (unsigned long long)(place + 1));
    if (shape->channels > 1)
        snprintf(out + used, size - used, ", channel %llu", (unsigned long long)(channel + 1));
}

static void add_rows(text_table *table, const br_reason *reason, const part *parts, size_t count, bool against)
{
    char name[256];
    size_t shown = 0;
    for (size_t i = 0; i < count && shown < SHOWN; i++) {
        if ((parts[i].adds < 0) != against)
            continue;
        place_of(reason, parts[i].value, name, sizeof name);
        table_cell(table, "%+.4f", parts[i].adds);
        table_cell(table, "%s", name);
        shown++;
    }
}

static void print_sums(const br_reason *reason, const br_schema *schema, const part *parts, size_t count, FILE *to)
{
    const br_why *why = reason->why;
    const char *name = br_class_name(schema, why->label);
    char class[256];
    double all[2] = {0, 0};
    for (size_t i = 0; i < count; i++)
        all[parts[i].adds < 0] += fabs(parts[i].adds);
    if (name != NULL)
        plain_name(name, class, sizeof class);
    else
        snprintf(class, sizeof class, "%u", why->label);
    fprintf(to, "  why %s: drive %.4f = %.4f for - %.4f against %c %.4f thresholds\n", class, why->drive, all[0],
            all[1], why->thresholds < 0 ? '-' : '+', fabs(why->thresholds));
    if (reason->after != NULL)
        fprintf(to, "  the values are those after `%s`, which can't be traced back\n", reason->after);
}

int why_print(const command_line *cli, const br_reason *reason, const br_schema *schema, FILE *to)
{
    uint64_t values = bt_values(reason->why->shape);
    part *parts = allocate(cli, values, sizeof *parts);
    size_t count = 0;
    if (parts == NULL)
        return STATUS_FAULT;
    for (uint64_t i = 0; i < values; i++)
        if (reason->why->adds[i] != 0)
            parts[count++] = (part){i, reason->why->adds[i]};
    qsort(parts, count, sizeof *parts, by_size);
    print_sums(reason, schema, parts, count, to);
    text_table table = table_new(cli, 2);
    add_rows(&table, reason, parts, count, false);
    add_rows(&table, reason, parts, count, true);
    int status = table_print(&table, "rl", 4, to);
    table_free(&table);
    free(parts);
    return status;
}
