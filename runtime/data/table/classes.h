/* From the labels of all tables to classes. */
#ifndef BR_CLASSES_H
#define BR_CLASSES_H

#include "data/table/reader.h"

/* Replaces the codes of labels by classes. *sorted: the codes of the labels that name the classes, in the order of the
 * classes, which the caller releases; NULL: the classes are numbered, or their names were known. */
int br_classes_decide(br_tables *t, br_array **arrays, uint32_t **sorted, br_error *error);

#endif
