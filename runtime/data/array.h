/* Samples while they are being read and joined: owned memory that data.c later shows as br_samples. */
#ifndef BR_ARRAY_H
#define BR_ARRAY_H

#include <stdint.h>

#include "bouton/runtime.h"

#define BR_VALUES_LIMIT  (1u << 24) /* values of one sample: as many as an input may have neurons */
#define BR_SAMPLES_LIMIT UINT32_MAX /* samples of one split */

typedef struct br_array {
    uint64_t count;
    uint32_t height, width, channels; /* 1 x n x 1 where a file only says n values */
    uint8_t *bytes;                   /* one of bytes and floats is set */
    float *floats;
    uint32_t *labels; /* NULL: unknown */
} br_array;

typedef struct br_shape_text {
    char text[48];
} br_shape_text;

/* "28x28", "32x32x3", or "784 values" for a vector. */
br_shape_text br_shape_write(uint32_t height, uint32_t width, uint32_t channels);

/* Sets the count and shape, refusing what is beyond the limits; `path` is for the message. */
int br_array_shape(br_array *array, const char *path, uint64_t count, uint64_t height, uint64_t width,
                   uint64_t channels, br_error *error);

/* Whether an input of this shape can be asked for: none of the sides 0, no more than BR_VALUES_LIMIT values. */
bool br_shape_allowed(uint32_t height, uint32_t width, uint32_t channels);

uint64_t br_array_values(const br_array *array); /* of one sample */

/* Takes the network's shape: the same, or the same number of values where either side is a plain vector. */
int br_array_fit(br_array *array, const char *path, uint32_t height, uint32_t width, uint32_t channels,
                 br_error *error);

/* Raw values must lie in [low, high]; those outside by rounding alone are brought to the end. */
int br_array_check_range(br_array *array, const char *path, double low, double high, br_error *error);

/* A copy of what the caller holds: values finite, labels below `classes`. */
int br_array_copy(br_array *out, const char *name, const br_samples *given, uint32_t classes, br_error *error);

int br_array_to_floats(br_array *array, br_error *error);

/* Moves the samples of `from` behind those of `to`; both are bytes or both floats, shapes and labels alike. */
int br_array_append(br_array *to, br_array *from, br_error *error);

/* Continues `hash` over count, shape, kind, values and labels, by br_hash_word over little-endian 64-bit words. The last
 * word is padded with zeroes. */
uint64_t br_array_hash(const br_array *array, uint64_t hash);

void br_array_free(br_array *array);

#endif
