/* Ranges of columns, learned from the training samples, and their use. A column is a value of a vector, or a channel of
 * an image or a series. */
#ifndef BR_SCALING_H
#define BR_SCALING_H

#include "data/array.h"
#include "data/notes.h"
#include "data/schema.h"

/* u = clamp((raw - low)/(high - low), 0, 1), or with `centred` 2u - 1. Built code does the same operations. */
float br_scaled(double raw, br_range range, bool centred);

/* The number of columns of samples with this shape. */
uint32_t br_scaling_columns(bt_shape shape, bool vector);

/* Fills the schema's ranges from the training samples. Values that a category makes keep [0, 1]. BR_ERROR_CHECK: there
 * are no samples. */
int br_scaling_learn(const br_data_spec *spec, const br_array *train, br_schema *schema, br_notes *notes,
                     br_error *error);

/* Replaces raw values by scaled ones. The array then holds floats. BR_ERROR_CHECK: another number of columns. */
int br_scaling_apply(br_array *array, const br_schema *schema, br_error *error);

/* The name of a value's column for messages: `column 3 (ash)`, or `channel 2`. */
typedef struct br_column_text {
    char text[80];
} br_column_text;

br_column_text br_scaling_name(const br_schema *schema, uint32_t column, bool vector);

#endif
