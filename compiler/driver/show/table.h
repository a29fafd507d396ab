/* A table of text: cells are collected row by row, and table_print aligns the columns. The caller frees it with
 * table_free. */
#ifndef BOUTON_DRIVER_TABLE_H
#define BOUTON_DRIVER_TABLE_H

#include <stdio.h>

#include "options/cli.h"

typedef struct text_table {
    const command_line *cli;
    size_t columns, count, capacity;
    char **cells;
    bool failed; /* memory ran out and an error was printed; table_print then prints nothing */
} text_table;

text_table table_new(const command_line *cli, size_t columns);
void table_cell(text_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Each line starts with `indent` spaces. A column whose letter in `sides` is 'l' is aligned left, any other right;
 * the last letter holds for all further columns. */
int table_print(const text_table *table, const char *sides, int indent, FILE *to);
void table_free(text_table *table);

/* The columns of a screen that a text of UTF-8 takes, one for each character. */
int table_width(const char *text);

#endif
