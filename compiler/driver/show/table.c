#include "show/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "options/console.h"

#define TABLE_GAP 2

text_table table_new(const command_line *cli, size_t columns)
{
    return (text_table){.cli = cli, .columns = columns};
}

static bool grow(text_table *table)
{
    if (table->count < table->capacity)
        return true;
    size_t capacity = table->capacity == 0 ? 64 : 2 * table->capacity;
    char **cells = allocate(table->cli, capacity, sizeof *cells);
    if (cells == NULL)
        return false;
    if (table->count > 0)
        memcpy(cells, table->cells, table->count * sizeof *cells);
    free(table->cells);
    table->cells = cells;
    table->capacity = capacity;
    return true;
}

void table_cell(text_table *table, const char *format, ...)
{
    char text[128];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (table->failed)
        return;
    char *cell = grow(table) ? text_copy(table->cli, text, strlen(text)) : NULL;
    table->failed = cell == NULL;
    if (cell != NULL)
        table->cells[table->count++] = cell;
}

int table_width(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static char side_of(const char *sides, size_t column)
{
    size_t last = strlen(sides) - 1;
    return sides[column < last ? column : last];
}

int table_print(const text_table *table, const char *sides, int indent, FILE *to)
{
    int *widths = table->failed ? NULL : allocate(table->cli, table->columns, sizeof *widths);
    if (widths == NULL)
        return STATUS_FAULT;
    for (size_t i = 0; i < table->count; i++) {
        int width = table_width(table->cells[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->columns;
        bool last = column + 1 == table->columns;
        int pad = widths[column] - table_width(table->cells[i]);
        if (side_of(sides, column) == 'l')
            fprintf(to, "%*s%s%*s", column == 0 ? indent : TABLE_GAP, "", table->cells[i], last ? 0 : pad, "");
        else
            fprintf(to, "%*s%s", pad + (column == 0 ? indent : TABLE_GAP), "", table->cells[i]);
        if (last)
            fputc('\n', to);
    }
    free(widths);
    return STATUS_DONE;
}

void table_free(text_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
}
