/* The order of an array's values: which of its dimensions counts samples, and where the channels are. */
#ifndef BR_LAYOUT_H
#define BR_LAYOUT_H

#include "data/notes.h"

#define BR_DIMENSIONS 8

typedef struct br_dimensions {
    uint32_t count;
    uint64_t size[BR_DIMENSIONS];
    bool fortran; /* the first index varies fastest, otherwise the last one */
} br_dimensions;

/* A walk through the file that meets the values in the order of a br_array: samples, rows, columns, channels. */
typedef struct br_layout {
    uint64_t samples;
    uint32_t axes; /* at least 1; the last one varies fastest */
    uint64_t size[BR_DIMENSIONS];
    uint64_t stride[BR_DIMENSIONS]; /* in values */
    bool straight;                  /* the file has that order already */
} br_layout;

typedef struct br_dimensions_text {
    char text[160];
} br_dimensions_text;

/* "[400, 3, 32, 32]" */
br_dimensions_text br_dimensions_write(const br_dimensions *shape);

/* Finds how an array holds samples of the network's shape: [n, height, width, channels], the same with the channels
 * first, [n, values], or one sample without n. Dimensions of 1 inside a sample are free. A note tells of channels that
 * come first, and of every guess. BR_ERROR_CHECK: the array fits in no way. */
int br_layout_find(const char *path, const br_dimensions *array, bt_shape shape, br_notes *notes, br_layout *out,
                   br_error *error);

#endif
