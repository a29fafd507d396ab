/* Samples while they are read and joined, in memory that the array owns, or values that it borrows. data.c later
 * exposes them as br_samples. */
#ifndef BR_ARRAY_H
#define BR_ARRAY_H

#include <stdint.h>

#include "bouton/runtime.h"

#define BR_VALUES_LIMIT  (1u << 24) /* values of one sample: as many as an input may have neurons */
#define BR_SAMPLES_LIMIT UINT32_MAX /* samples of one split */

typedef struct br_array {
    uint64_t count;
    bt_shape shape; /* 1 x n x 1 if the file gives only the number of values */
    uint8_t *bytes; /* either bytes or floats is set */
    float *floats;
    uint32_t *labels; /* NULL: no labels */
    bool borrowed;    /* the values belong to the caller, and are copied before anything changes them */
} br_array;

typedef struct br_shape_text {
    char text[48];
} br_shape_text;

typedef struct br_place_text {
    char text[96];
} br_place_text;

/* "28x28", "32x32x3", or "784 values" for a vector. */
br_shape_text br_shape_write(bt_shape shape);

/* Where value i of all samples lies, numbered from 0: "value 12 of sample 76", "row 3, column 4 of sample 76", "row 3,
 * column 4, channel 2 of sample 76", or "place 4, channel 2 of sample 76" for a series. */
br_place_text br_array_place(bt_shape shape, uint64_t i);

/* Sets the count and the shape. Fails if they exceed the limits; `path` is for the message. */
int br_array_shape(br_array *array, const char *path, uint64_t count, uint64_t height, uint64_t width,
                   uint64_t channels, br_error *error);

/* Whether an input may have this shape: no side is 0, and it has at most BR_VALUES_LIMIT values. */
bool br_shape_allowed(bt_shape shape);

uint64_t br_array_values(const br_array *array); /* of one sample */

/* Gives the array the network's shape. The two must be equal, or have the same number of values if one is a vector. */
int br_array_fit(br_array *array, const char *path, bt_shape shape, br_error *error);

/* Copies samples of the caller, whose values must be finite and whose labels must be below `classes`. */
int br_array_copy(br_array *out, const char *name, const br_samples *given, uint32_t classes, br_error *error);

/* As br_array_copy, but the values are borrowed: the caller keeps them as they are while the array lives. */
int br_array_borrow(br_array *out, const char *name, const br_samples *given, uint32_t classes, br_error *error);

/* Copies borrowed values, so that they may be changed. */
int br_array_own(br_array *array, br_error *error);

/* Copies an array with its labels. On failure *out holds what br_array_free releases. */
int br_array_clone(br_array *out, const br_array *from, br_error *error);

int br_array_to_floats(br_array *array, br_error *error);

/* Moves the samples of `from` to the end of `to`. Both hold bytes or both floats; both have the same shape, and labels
 * or none. */
int br_array_append(br_array *to, br_array *from, br_error *error);

/* Continues `hash` over count, shape, kind, values and labels, by br_hash_word over little-endian 64-bit words. The
 * last word is padded with zeros. */
uint64_t br_array_hash(const br_array *array, uint64_t hash);

void br_array_free(br_array *array);

#endif
