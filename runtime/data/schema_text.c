/* A schema as text: one fact on each line, a word and its values. Names come last on their line, with `\n`, `\r` and
 * `\\` for the characters that would end or change it. Numbers have 17 digits, which give the same double back. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "data/schema.h"

#define FIRST_LINE "schema 1"

/* ---- writing ---- */

static int put_name(FILE *to, const char *what, const char *name, br_error *error)
{
    if (!br_utf8_is(name, strlen(name)))
        return br_fail(error, BR_ERROR_CHECK, "the name of a %s is not UTF-8, so it can't be stored; rename it", what);
    for (; *name != '\0'; name++) {
        const char *escape = *name == '\n' ? "\\n" : *name == '\r' ? "\\r" : *name == '\\' ? "\\\\" : NULL;
        if (escape != NULL)
            fputs(escape, to);
        else
            fputc(*name, to);
    }
    fputc('\n', to);
    return 0;
}

static int put_names(FILE *to, const char *what, const char *const *names, uint32_t count, br_error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        fprintf(to, "%s ", what);
        if (put_name(to, what, names[i], error) != 0)
            return -1;
    }
    return 0;
}

static int put_columns(FILE *to, const br_schema *schema, br_error *error)
{
    for (uint32_t i = 0; i < schema->column_count; i++) {
        const br_column *column = &schema->columns[i];
        fprintf(to, "column %s %.17g%s", bt_role_word(column->role), column->fill, column->name != NULL ? " " : "\n");
        if ((column->name != NULL && put_name(to, "column", column->name, error) != 0) ||
            put_names(to, "word", column->words, column->word_count, error) != 0)
            return -1;
    }
    return 0;
}

static int put_all(FILE *to, const br_schema *schema, br_error *error)
{
    const br_pictures *p = &schema->pictures;
    fprintf(to, FIRST_LINE "\nmissing %s\nscaling %s\n", bt_missing_word(schema->missing),
            bt_scaling_word(schema->scaling));
    if (schema->centred)
        fputs("centred\n", to);
    fprintf(to, "pictures %u %u %u %d %d %d %u\n", p->background[0], p->background[1], p->background[2],
            p->background_given, p->invert, p->transpose, p->turns);
    if (put_names(to, "class", schema->classes, schema->class_count, error) != 0 || put_columns(to, schema, error) != 0)
        return -1;
    for (uint32_t i = 0; i < schema->range_count; i++)
        fprintf(to, "range %.17g %.17g\n", schema->ranges[i].low, schema->ranges[i].high);
    return 0;
}

int br_schema_write(const br_schema *schema, char **out, br_error *error)
{
    size_t size;
    *out = NULL;
    FILE *to = open_memstream(out, &size);
    if (to == NULL)
        return br_fail(error, BR_ERROR_FAULT, "out of memory while writing a schema");
    int status = put_all(to, schema, error);
    if (fclose(to) != 0 && status == 0)
        status = br_fail(error, BR_ERROR_FAULT, "out of memory while writing a schema");
    if (status != 0) {
        free(*out);
        *out = NULL;
    }
    return status;
}

/* ---- reading ---- */

typedef struct reader {
    br_schema *schema;
    char *name; /* room for one name */
    uint32_t line;
    br_error *error;
} reader;

static int fail_line(const reader *r)
{
    return br_fail(r->error, BR_ERROR_IO, "line %u of the schema is damaged; train the model again", r->line);
}

/* Takes `word` and the blank behind it. */
static bool take(const char **at, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0 || ((*at)[length] != ' ' && (*at)[length] != '\0'))
        return false;
    *at += length + ((*at)[length] == ' ');
    return true;
}

static bool take_number(const char **at, double *out)
{
    char *end;
    *out = strtod(*at, &end);
    if (end == *at || !isfinite(*out) || (*end != ' ' && *end != '\0'))
        return false;
    *at = end + (*end == ' ');
    return true;
}

static bool take_count(const char **at, uint32_t most, uint32_t *out)
{
    double value;
    if (!take_number(at, &value) || value < 0 || value > most || value != floor(value))
        return false;
    *out = (uint32_t)value;
    return true;
}

/* Replaces the escapes of a name; false for one that is damaged. */
static bool unescape(const char *at, char *out)
{
    for (; *at != '\0'; at++) {
        if (*at == '\\') {
            at++;
            if (*at != 'n' && *at != 'r' && *at != '\\')
                return false;
            *out++ = *at == 'n' ? '\n' : *at == 'r' ? '\r' : '\\';
        } else {
            *out++ = *at;
        }
    }
    *out = '\0';
    return true;
}

static int read_column(reader *r, const char *at)
{
    double fill;
    for (int role = 0; role < BT_ROLES; role++) {
        if (!take(&at, bt_role_word((bt_role)role)))
            continue;
        bool named = strchr(at, ' ') != NULL;
        if (!take_number(&at, &fill) || !unescape(at, r->name))
            return fail_line(r);
        if (br_schema_add_column(r->schema, (bt_role)role, named ? r->name : NULL, r->error) != 0)
            return -1;
        ((br_column *)r->schema->columns)[r->schema->column_count - 1].fill = fill;
        return 0;
    }
    return fail_line(r);
}

static int read_pictures(reader *r, const char *at)
{
    static const uint32_t most[7] = {255, 255, 255, 1, 1, 1, 3};
    uint32_t number[7];
    for (int i = 0; i < 7; i++)
        if (!take_count(&at, most[i], &number[i]))
            return fail_line(r);
    r->schema->pictures = (br_pictures){.background = {(uint8_t)number[0], (uint8_t)number[1], (uint8_t)number[2]},
                                        .background_given = number[3] != 0,
                                        .invert = number[4] != 0,
                                        .transpose = number[5] != 0,
                                        .turns = number[6]};
    return *at == '\0' ? 0 : fail_line(r);
}

static int read_line(reader *r, const char *at)
{
    br_schema *schema = r->schema;
    br_range range;
    if (r->line == 1)
        return strcmp(at, FIRST_LINE) == 0 ? 0 : fail_line(r);
    if (take(&at, "missing"))
        return bt_missing_of(at, &schema->missing) ? 0 : fail_line(r);
    if (take(&at, "scaling"))
        return bt_scaling_of(at, &schema->scaling) ? 0 : fail_line(r);
    if (strcmp(at, "centred") == 0) {
        schema->centred = true;
        return 0;
    }
    if (take(&at, "pictures"))
        return read_pictures(r, at);
    if (take(&at, "class"))
        return unescape(at, r->name) ? br_schema_add_class(schema, r->name, r->error) : fail_line(r);
    if (take(&at, "column"))
        return read_column(r, at);
    if (take(&at, "word") && schema->column_count > 0)
        return unescape(at, r->name) ? br_schema_add_word(schema, r->name, r->error) : fail_line(r);
    if (take(&at, "range") && take_number(&at, &range.low) && take_number(&at, &range.high) && *at == '\0')
        return range.low < range.high ? br_schema_add_range(schema, range, r->error) : fail_line(r);
    return fail_line(r);
}

int br_schema_read(const char *text, br_schema **out, br_error *error)
{
    *out = NULL;
    char *copy = br_copy_string(text, error);
    reader r = {.schema = copy != NULL ? br_new(1, sizeof *r.schema, error) : NULL, .error = error};
    r.name = r.schema != NULL ? br_new(strlen(text) + 1, 1, error) : NULL;
    int status = r.name == NULL ? -1 : *text == '\0' ? fail_line(&r) : 0;
    for (char *at = copy, *end; status == 0 && *at != '\0'; at = end) {
        end = at + strcspn(at, "\n");
        if (*end == '\n')
            *end++ = '\0';
        r.line++;
        status = read_line(&r, at);
    }
    br_release(r.name);
    br_release(copy);
    if (status != 0) {
        br_schema_free(r.schema);
        return -1;
    }
    *out = r.schema;
    return 0;
}
