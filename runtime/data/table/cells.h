/* The cells of one row. A cell has no blanks around it. */
#ifndef BR_CELLS_H
#define BR_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BR_BLANKS ' ' /* as a separator: any number of blanks and tabs */

typedef struct br_cell {
    const char *at; /* inside the quotes, where there are any */
    size_t length;
    bool quoted; /* a doubled quote stands for one */
} br_cell;

/* A cell for use in a message: short and printable. */
typedef struct br_cell_text {
    char text[52];
} br_cell_text;

/* The cell that starts at *at. *at moves behind its separator; it becomes NULL after the last cell. */
br_cell br_cell_next(char separator, const char **at, const char *stop);

uint64_t br_cell_count(char separator, const char *at, const char *stop);

br_cell_text br_cell_show(br_cell cell);

/* A cell without content: empty, ?, NA, N/A, #N/A, NaN or null, in any case. */
bool br_cell_empty(br_cell cell);

/* A cell that misses its number: also None and -. */
bool br_cell_missing(br_cell cell);

/* Neither a number nor a missing one. */
bool br_cell_word(br_cell cell, char point);

bool br_cell_same(br_cell a, br_cell b);
bool br_cell_is(br_cell cell, const char *text);

static inline bool br_blank(char c)
{
    return c == ' ' || c == '\t';
}

#endif
