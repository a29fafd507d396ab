/* Values of a table that lie beyond the range of the network's input. */
#ifndef BR_FAR_H
#define BR_FAR_H

#include "data/table/reader.h"

/* Compares the values of the current row. */
void br_far_row(br_reader *r);

/* After the last row: an error if values lie beyond the range; for predictions a warning. Values that lie beyond it by
 * a rounding error, or in a prediction, become the nearer end; bytes stay, because the range counts them so. */
int br_far_judge(br_reader *r);

#endif
