/* Whether raw values lie in their range. */
#ifndef BR_RANGE_CHECK_H
#define BR_RANGE_CHECK_H

#include "data/array.h"
#include "data/notes.h"

typedef struct br_range_check {
    double low, high;
    bool range_given; /* somebody stated low and high; otherwise they are defaults */
    bool predicting;  /* values outside count as the nearer end, and one warning tells of them */
    br_notes *notes;  /* predicting: of the warning */
} br_range_check;

/* Checks that raw values lie in [low, high]. Values outside by a rounding error are set to the nearer end without a
 * word. BR_ERROR_CHECK, unless predicting: other values outside; the message names the first, their number, the range of
 * all values, and the statement that mends it: the stated range widened, or br_range_of the data in place of a default.
 * Predicting, floats outside are set to the nearer end; bytes keep their values, which readers clamp. */
int br_array_check_range(br_array *array, const char *path, const br_range_check *check, br_error *error);

/* The smallest and the largest raw value. The array is not empty. */
br_range br_array_range(const br_array *array);

/* The range to state for values in [least, most]: one of [0, 1], [-1, 1], [0, 255], [-128, 127], [0, 4095] and
 * [0, 65535] if they lie in it and reach within a hundredth of both its ends; otherwise their own, rounded outwards to
 * three digits of its width. */
br_range br_range_of(double least, double most);

#endif
