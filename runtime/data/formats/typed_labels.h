/* Labels from arrays. */
#ifndef BR_TYPED_LABELS_H
#define BR_TYPED_LABELS_H

#include "data/formats/readers.h"
#include "data/formats/typed.h"

/* Reads labels: whole numbers [n] or [n, 1] of any type, one-hot rows [n, classes] of any type, or words [n].
 * BR_ERROR_CHECK: a label or a number of columns that does not fit `classes`. BR_ERROR_IO: anything else. */
int br_typed_labels(const br_typed *array, uint32_t classes, br_labels *out, br_error *error);

#endif
