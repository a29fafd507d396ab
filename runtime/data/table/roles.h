/* What the columns of one file are: values, categories, the label, or nothing. */
#ifndef BR_ROLES_H
#define BR_ROLES_H

#include "data/table/reader.h"

/* Fills in names and plan. The first table also decides the columns of the data set. */
int br_roles_decide(br_reader *r);

/* The columns that the schema of a model has. */
int br_roles_from_schema(br_tables *tables, const br_schema *schema, br_error *error);

#endif
