/* The rows of a table, after its columns are decided. */
#ifndef BR_ROWS_H
#define BR_ROWS_H

#include "data/table/reader.h"

/* Reads all rows into r->out. */
int br_rows_read(br_reader *r);

#endif
