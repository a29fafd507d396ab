/* Words of categories and labels as codes, while a table is read. */
#ifndef BR_CODES_H
#define BR_CODES_H

#include "data/table/reader.h"

/* Writes the code of a category's cell as a value of the row. */
int br_code_category(br_reader *r, uint32_t column, br_cell cell);

int br_code_label(br_reader *r, br_cell cell, uint32_t *out);

/* The label as one column for each class: the texts of their codes, one cell, and the end of a row. */
int br_code_hot_begin(br_reader *r, uint32_t hot, const char *text);
int br_code_hot(br_reader *r, uint32_t column, br_cell cell);
int br_code_hot_end(const br_reader *r);

#endif
