#include "data/schema.h"

#include "base/memory.h"

#define COUNT_LIMIT (1u << 24) /* columns, classes, words or ranges */

/* Grows an array by one element each time its count reaches a power of two. */
static int grow(void **list, uint32_t count, uint64_t size, br_error *error)
{
    if (count >= COUNT_LIMIT)
        return br_fail(error, BR_ERROR_CHECK, "a schema with more than %u columns, words or classes", COUNT_LIMIT);
    if ((count & (count - 1)) != 0)
        return 0;
    void *larger = br_resize(*list, count == 0 ? 1 : 2 * (uint64_t)count, size, error);
    if (larger == NULL)
        return -1;
    *list = larger;
    return 0;
}

static int add_text(const char *const **list, uint32_t *count, const char *text, br_error *error)
{
    void *memory = (void *)*list;
    if (grow(&memory, *count, sizeof **list, error) != 0)
        return -1;
    *list = memory;
    char *copy = br_copy_string(text, error);
    if (copy == NULL)
        return -1;
    ((const char **)memory)[(*count)++] = copy;
    return 0;
}

int br_schema_add_class(br_schema *schema, const char *name, br_error *error)
{
    return add_text(&schema->classes, &schema->class_count, name, error);
}

int br_schema_add_column(br_schema *schema, bt_role role, const char *name, br_error *error)
{
    void *memory = (void *)schema->columns;
    if (grow(&memory, schema->column_count, sizeof *schema->columns, error) != 0)
        return -1;
    schema->columns = memory;
    char *copy = name != NULL ? br_copy_string(name, error) : NULL;
    if (name != NULL && copy == NULL)
        return -1;
    ((br_column *)memory)[schema->column_count++] = (br_column){.role = role, .name = copy};
    return 0;
}

int br_schema_add_word(br_schema *schema, const char *word, br_error *error)
{
    br_column *last = (br_column *)&schema->columns[schema->column_count - 1];
    return add_text(&last->words, &last->word_count, word, error);
}

int br_schema_add_range(br_schema *schema, br_range range, br_error *error)
{
    void *memory = (void *)schema->ranges;
    if (grow(&memory, schema->range_count, sizeof *schema->ranges, error) != 0)
        return -1;
    schema->ranges = memory;
    ((br_range *)memory)[schema->range_count++] = range;
    return 0;
}

static void drop_texts(const char *const *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        br_release((char *)list[i]);
    br_release((void *)list);
}

int br_schema_set_classes(br_schema *schema, const char *const *names, uint32_t count, br_error *error)
{
    drop_texts(schema->classes, schema->class_count);
    schema->classes = NULL;
    schema->class_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (br_schema_add_class(schema, names[i], error) != 0)
            return -1;
    return 0;
}

static int copy_columns(const br_schema *from, br_schema *out, br_error *error)
{
    for (uint32_t i = 0; i < from->column_count; i++) {
        const br_column *column = &from->columns[i];
        if (br_schema_add_column(out, column->role, column->name, error) != 0)
            return -1;
        ((br_column *)out->columns)[i].fill = column->fill;
        for (uint32_t w = 0; w < column->word_count; w++)
            if (br_schema_add_word(out, column->words[w], error) != 0)
                return -1;
    }
    return 0;
}

int br_schema_copy(const br_schema *from, br_schema *out, br_error *error)
{
    *out = (br_schema){
        .missing = from->missing, .scaling = from->scaling, .centred = from->centred, .pictures = from->pictures};
    int status = br_schema_set_classes(out, from->classes, from->class_count, error);
    if (status == 0)
        status = copy_columns(from, out, error);
    for (uint32_t i = 0; i < from->range_count && status == 0; i++)
        status = br_schema_add_range(out, from->ranges[i], error);
    if (status != 0)
        br_schema_clear(out);
    return status;
}

void br_schema_clear(br_schema *schema)
{
    drop_texts(schema->classes, schema->class_count);
    for (uint32_t i = 0; i < schema->column_count; i++) {
        br_release((char *)schema->columns[i].name);
        drop_texts(schema->columns[i].words, schema->columns[i].word_count);
    }
    br_release((void *)schema->columns);
    br_release((void *)schema->ranges);
    *schema = (br_schema){0};
}

void br_schema_free(br_schema *schema)
{
    if (schema == NULL)
        return;
    br_schema_clear(schema);
    br_release(schema);
}

const char *br_class_name(const br_schema *schema, uint32_t label)
{
    return schema != NULL && label < schema->class_count ? schema->classes[label] : NULL;
}
