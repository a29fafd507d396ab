/* Tables of numbers as C text. */
#ifndef BC_TABLE_H
#define BC_TABLE_H

#include <stdint.h>
#include <stdio.h>

typedef struct bc_table {
    FILE *to;
    unsigned column;
    uint64_t count;
} bc_table;

/* `static const TYPE NAME_ENDING[COUNT] = {`, then its numbers, then `};`. A table without numbers gets one 0, since C
 * knows no empty arrays. */
bc_table bc_table_begin(FILE *to, const char *type, const char *name, const char *ending, uint64_t count);
void bc_table_int(bc_table *t, int64_t value);
void bc_table_float(bc_table *t, float value);
void bc_table_end(bc_table *t);

/* A float that reads back as itself, with a point or an exponent and an f. */
const char *bc_float_text(float value, char out[32]);

#endif
