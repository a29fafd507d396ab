/* A look at the first block of a table, before it is read: separator, decimal commas, what the columns hold, and
 * whether the first row names them (header.c). */
#ifndef BR_LOOK_H
#define BR_LOOK_H

#include "data/table/cells.h"
#include "data/table/text.h"

#define BR_COLUMNS_LIMIT (1u << 22)

/* The cells of a column below the first row, as far as the first block goes. */
typedef struct br_kind {
    uint32_t numbers, words, missing;
} br_kind;

typedef struct br_look {
    char separator, point;
    bool trailing;          /* every row ends with a separator, which no cell follows */
    uint64_t line;          /* of the first row */
    uint32_t rows, columns; /* of `cells`; rows is 0 for a file without any */
    br_cell *cells;         /* [rows][columns], in the text's buffer; a short row is filled up with empty cells */
    br_kind *kinds;         /* [columns] */
    bool header;            /* the first row names the columns */
    bool numbered;          /* by 0, 1, 2, ..., which are no names */
    bool known;             /* the names were known, or `header` was stated */
    bool doubtful;          /* the first row is read as a sample, but may be a header */
} br_look;

/* `values`: how many a sample of the network has; a separator that gives so many columns is preferred. The text stands
 * at its beginning and does so afterwards, behind a line such as `sep=;`. */
int br_look_at(br_text *text, uint32_t values, br_look *out, br_error *error);
void br_look_free(br_look *look);

static inline br_cell br_look_cell(const br_look *look, uint32_t row, uint32_t column)
{
    return look->cells[(uint64_t)row * look->columns + column];
}

#endif
