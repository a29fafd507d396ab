/* Relates the columns of a file to the columns of the data set: by their names if both have names, otherwise by their
 * order. */
#ifndef BR_BIND_H
#define BR_BIND_H

#include "data/table/reader.h"

/* A later table with labels: the plan has its roles by the layout. */
int br_bind_table(br_reader *r);

/* A table for prediction; its labels are not read. */
int br_bind_prediction(br_reader *r);

/* The same where no columns are known: as many values as the network reads, and perhaps a label. */
int br_bind_bare(br_reader *r);

/* The names of the file's columns, for a message. */
void br_columns_list(const br_reader *r, char out[BR_LIST_LENGTH]);

#endif
