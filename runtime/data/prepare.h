/* Pictures as they should have been stored: inverted, transposed, turned. */
#ifndef BR_PREPARE_H
#define BR_PREPARE_H

#include "data/array.h"

/* Transposes every sample of the array, then turns it clockwise by quarters (0 .. 3). Labels stay. */
int br_turn(br_array *array, bool transpose, uint32_t turns, br_error *error);

/* The shape that files must have so that the prepared samples have `shape`: transposing and each quarter turn swap
 * height and width. */
bt_shape br_shape_before(bt_shape shape, const br_pictures *rules);

/* Applies `invert`, `transpose` and `turns` in this order to all samples. A value v becomes low + high - v; bytes stay
 * bytes if low + high is 255, and become floats otherwise. The array has the shape br_shape_before(shape), and has
 * `shape` afterwards. BR_ERROR_CHECK: it has another shape. */
int br_pictures_prepare(br_array *array, const br_pictures *rules, double low, double high, bt_shape shape,
                        br_error *error);

#endif
