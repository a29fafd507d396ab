#include "show/schema_view.h"

#include <string.h>

#include "show/table.h"

enum { ROWS_SHOWN = 40, LINE_LONGEST = 100 };

/* ---- for people ---- */

static void put_name(const char *name, FILE *to)
{
    for (; *name != '\0'; name++)
        fputc(br_visible(*name), to);
}

/* As many names as fit, with commas between, in a buffer of LINE_LONGEST bytes. */
static const char *join(const char *const *names, uint32_t count, char out[LINE_LONGEST])
{
    FILE *to = fmemopen(out, LINE_LONGEST, "w");
    size_t used = 0;
    *out = '\0';
    for (uint32_t i = 0; to != NULL && i < count; i++) {
        size_t length = strlen(names[i]);
        if (length > LINE_LONGEST || used + length + sizeof ", ... of 16777216" > LINE_LONGEST) {
            fprintf(to, "%s... of %u", i > 0 ? ", " : "", count);
            break;
        }
        fputs(i > 0 ? ", " : "", to);
        put_name(names[i], to);
        used += length + 2;
    }
    if (to != NULL)
        fclose(to);
    return out;
}

static void print_pictures(const br_pictures *p, FILE *to)
{
    if (!p->background_given && !p->invert && !p->transpose && p->turns == 0)
        return;
    fputs("pictures", to);
    if (p->background_given)
        fprintf(to, " background #%02x%02x%02x", p->background[0], p->background[1], p->background[2]);
    fprintf(to, "%s%s", p->invert ? " invert" : "", p->transpose ? " transpose" : "");
    if (p->turns > 0)
        fprintf(to, " turn %u", 90 * p->turns);
    fputc('\n', to);
}

static void range_cell(text_table *table, const br_schema *schema, uint32_t value)
{
    if (value < schema->range_count)
        table_cell(table, "%.6g .. %.6g", schema->ranges[value].low, schema->ranges[value].high);
    else
        table_cell(table, "%s", "");
}

static void name_cell(text_table *table, const char *name)
{
    char shown[LINE_LONGEST];
    table_cell(table, "%s", name != NULL ? join(&name, 1, shown) : "");
}

/* A column of the training table. `value` is the first value of a sample that it makes. */
static void column_row(text_table *table, const br_schema *schema, uint32_t index, uint32_t value)
{
    const br_column *column = &schema->columns[index];
    bool number = column->role == BT_ROLE_NUMBER;
    char words[LINE_LONGEST];
    table_cell(table, "%u", index + 1);
    name_cell(table, column->name);
    table_cell(table, "%s", bt_role_word(column->role));
    range_cell(table, schema, number ? value : UINT32_MAX);
    if (number && schema->missing != BT_MISSING_REFUSED)
        table_cell(table, "missing %.6g", column->fill);
    else
        table_cell(table, "%s", column->role == BT_ROLE_CATEGORY ? join(column->words, column->word_count, words) : "");
}

static void fill_table(text_table *table, const br_schema *schema)
{
    static const char *const heads[] = {"column", "name", "use", "range", "holds"};
    uint32_t value = 0, rows = schema->column_count > 0 ? schema->column_count : schema->range_count;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_cell(table, "%s", heads[i]);
    for (uint32_t i = 0; i < rows && i < ROWS_SHOWN; i++) {
        if (schema->column_count > 0) {
            const br_column *column = &schema->columns[i];
            column_row(table, schema, i, value);
            value += column->role == BT_ROLE_NUMBER ? 1 : column->role == BT_ROLE_CATEGORY ? column->word_count : 0;
            continue;
        }
        table_cell(table, "%u", i + 1);
        table_cell(table, "%s", "");
        table_cell(table, "number");
        range_cell(table, schema, i);
        table_cell(table, "%s", "");
    }
}

static const char *scaling_text(bt_scaling scaling)
{
    static const char *const texts[BT_SCALINGS] = {[BT_SCALING_RANGE] = "in one range",
                                                   [BT_SCALING_COLUMNS] = "in the range of their column",
                                                   [BT_SCALING_STANDARD] = "standardised by column"};
    return texts[scaling];
}

static int print_columns(const command_line *cli, const br_schema *schema, FILE *to)
{
    uint32_t rows = schema->column_count > 0 ? schema->column_count : schema->range_count;
    text_table table = table_new(cli, 5);
    if (rows == 0)
        return 0;
    fill_table(&table, schema);
    fprintf(to, "values  %s%s; missing cells: %s\n\n", scaling_text(schema->scaling),
            schema->centred ? ", centred" : "", bt_missing_word(schema->missing));
    int status = table_print(&table, "rlll", 0, to);
    table_free(&table);
    if (rows > ROWS_SHOWN)
        fprintf(to, "and %u more; --json lists all\n", rows - ROWS_SHOWN);
    return status;
}

int schema_print(const command_line *cli, const br_schema *schema, FILE *to)
{
    char classes[LINE_LONGEST];
    if (schema->class_count > 0)
        fprintf(to, "classes %s\n", join(schema->classes, schema->class_count, classes));
    print_pictures(&schema->pictures, to);
    return print_columns(cli, schema, to);
}

/* ---- JSON ---- */

/* Takes ownership of `item`, which may be NULL. */
static void append(json_t *list, json_t *item, bool *lost)
{
    *lost = json_array_append_new(list, item) != 0 || *lost;
}

static json_t *names_json(const char *const *names, uint32_t count, bool *lost)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++)
        append(list, json_string(names[i]), lost);
    return list;
}

static json_t *columns_json(const br_schema *schema, bool *lost)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < schema->column_count; i++) {
        const br_column *column = &schema->columns[i];
        json_t *name = column->name != NULL ? json_string(column->name) : json_null();
        json_t *row = json_pack("{s:o, s:s}", "name", name, "use", bt_role_word(column->role));
        bool short_of = row == NULL;
        if (column->role == BT_ROLE_NUMBER && schema->missing != BT_MISSING_REFUSED)
            short_of = json_object_set_new(row, "missing", json_real(column->fill)) != 0 || short_of;
        if (column->role == BT_ROLE_CATEGORY)
            short_of =
                json_object_set_new(row, "words", names_json(column->words, column->word_count, lost)) != 0 || short_of;
        *lost = *lost || short_of;
        append(list, row, lost);
    }
    return list;
}

static json_t *ranges_json(const br_schema *schema, bool *lost)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < schema->range_count; i++)
        append(list, json_pack("[f, f]", schema->ranges[i].low, schema->ranges[i].high), lost);
    return list;
}

json_t *schema_json(const br_schema *schema)
{
    bool lost = false;
    const br_pictures *p = &schema->pictures;
    json_t *background = p->background_given
                             ? json_pack("[i, i, i]", p->background[0], p->background[1], p->background[2])
                             : json_null();
    json_t *pictures = json_pack("{s:o, s:b, s:b, s:i}", "background", background, "invert", p->invert, "transpose",
                                 p->transpose, "turn", (int)(90 * p->turns));
    json_t *all =
        json_pack("{s:o, s:o, s:s, s:s, s:b, s:o, s:o}", "classes",
                  names_json(schema->classes, schema->class_count, &lost), "columns", columns_json(schema, &lost),
                  "missing", bt_missing_word(schema->missing), "scaling", bt_scaling_word(schema->scaling), "centred",
                  schema->centred, "ranges", ranges_json(schema, &lost), "pictures", pictures);
    if (!lost)
        return all;
    json_decref(all);
    return NULL;
}
