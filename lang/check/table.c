/* The clauses of a table: its label, header, missing cells, and the columns that are categories or not read. */
#include <string.h>

#include "check/data_parts.h"

const char *bl_take_name(bl_checker *checker, const bl_node *node, const char *what)
{
    if (node == NULL || node->kind != BL_NODE_STRING)
        return NULL;
    if (*node->text == '\0')
        bl_diagnose(checker->context, NAME_EMPTY, node->place, what);
    return node->text;
}

static void take_header(const bl_node *header, bl_table *out)
{
    if (header != NULL)
        bt_header_of(header->text, &out->header);
}

static void take_missing(bl_checker *checker, const bl_node *missing, bl_table *out)
{
    double zero;
    if (missing == NULL)
        return;
    const bl_node *value = missing->first;
    if (value->kind == BL_NODE_NAME && strcmp(value->text, "mean") == 0)
        out->missing = BT_MISSING_MEAN;
    else if (bl_take(&checker->constants, value, BL_QUANTITY_MISSING, &zero))
        out->missing = BT_MISSING_ZERO;
}

void bl_check_table_defaults(bl_checker *checker, const bl_node *block, bl_table *out)
{
    const bl_node *header = bl_node_find(block, BL_NODE_HEADER_ALL);
    const bl_node *missing = bl_node_find(block, BL_NODE_MISSING_ALL);
    *out = (bl_table){.label = BT_LABEL_LAST, .header = BT_HEADER_GUESSED, .missing = BT_MISSING_REFUSED};
    take_header(header, out);
    take_missing(checker, missing, out);
    if (bl_node_find(block, BL_NODE_CSV) != NULL || bl_node_find(block, BL_NODE_BROKEN) != NULL)
        return;
    if (header != NULL)
        bl_diagnose(checker->context, MISPLACED, header->place, "`header`", "data with a `csv` source");
    if (missing != NULL)
        bl_diagnose(checker->context, MISPLACED, missing->place, "`missing`", "data with a `csv` source");
}

/* Adds a column to those that are named. No column is named twice, and without a header it is named by its number. */
static const char *take_column(bl_checker *checker, const bl_node *node, bl_nodes *named, bt_header header)
{
    const char *name = bl_take_name(checker, node, "the name of a column");
    if (name == NULL || *name == '\0')
        return NULL;
    for (uint32_t i = 0; i < named->count; i++)
        if (strcmp(named->list[i]->text, name) == 0) {
            bl_remark_on(bl_diagnose(checker->context, COLUMN_TWICE, node->place, name), named->list[i]->place,
                         "first named here");
            break;
        }
    if (header == BT_HEADER_NO && name[strspn(name, "0123456789")] != '\0')
        bl_diagnose(checker->context, COLUMN_NAMELESS, node->place, name);
    bl_nodes_add(checker, named, node, "columns");
    return name;
}

/* The columns of a clause. Returns their number. */
static uint32_t take_columns(bl_checker *checker, const bl_node *clause, bl_nodes *named, bt_header header,
                             const char *const **out)
{
    const bl_node *columns = clause == NULL ? NULL : bl_node_find(clause, BL_NODE_COLUMN_NAMES);
    if (columns == NULL)
        return 0;
    const char **names = BL_ARRAY(checker->arena, const char *, bl_node_count(columns));
    uint32_t count = 0;
    for (const bl_node *node = columns->first; node != NULL; node = node->next) {
        const char *name = take_column(checker, node, named, header);
        if (name != NULL)
            names[count++] = name;
    }
    *out = names;
    return count;
}

void bl_check_table(bl_checker *checker, const bl_node *csv, const bl_table *defaults, bl_table *out)
{
    const bl_node *label = bl_node_find(csv, BL_NODE_LABEL), *categories = bl_node_find(csv, BL_NODE_CATEGORIES);
    bl_nodes named = {0};
    bl_check_once(checker, csv);
    *out = *defaults;
    take_header(bl_node_find(csv, BL_NODE_HEADER), out);
    take_missing(checker, bl_node_find(csv, BL_NODE_MISSING), out);
    if (label != NULL && label->first == NULL) {
        bt_label_of(label->text, &out->label);
    } else if (label != NULL) {
        out->label = BT_LABEL_NAMED;
        out->label_name = take_column(checker, label->first, &named, out->header);
    }
    out->without_count = take_columns(checker, bl_node_find(csv, BL_NODE_WITHOUT), &named, out->header, &out->without);
    out->category_count = take_columns(checker, categories, &named, out->header, &out->categories);
    out->all_categories = categories != NULL && categories->first == NULL;
}
