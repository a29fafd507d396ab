/* Shared by the checks of a data block: its sources (data.c), the clauses of tables (table.c), and how raw values and
 * classes are understood (prepare.c). */
#ifndef BL_DATA_PARTS_H
#define BL_DATA_PARTS_H

#include "check/common.h"

/* `header`, `no header` and `missing as` of the block, which every table has unless its own clauses say otherwise. */
void bl_check_table_defaults(bl_checker *checker, const bl_node *block, bl_table *out);

/* The clauses of a csv source. */
void bl_check_table(bl_checker *checker, const bl_node *csv, const bl_table *defaults, bl_table *out);

/* A string that names a column, an array or a class. NULL: it was not parsed. Reports an empty one; `what` names it. */
const char *bl_take_name(bl_checker *checker, const bl_node *node, const char *what);

/* `values`, `classes`, and how pictures are prepared. They set the members of `data`, which has its defaults. */
void bl_check_prepare(bl_checker *checker, const bl_network *network, const bl_node *block, bl_data *data);

/* Reports a `hold out` that leaves no training samples. */
void bl_check_shares(bl_checker *checker, const bl_node *second, const bl_data *data);

#endif
