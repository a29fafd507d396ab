/* Arrays of callers as samples and labels, and data of several splits. */
#ifndef BOUTON_DRIVER_FLAT_ARRAY_H
#define BOUTON_DRIVER_FLAT_ARRAY_H

#include "flat/status.h"

enum { FLAT_DIMENSIONS = 4 };

struct bouton_array {
    const char *values;
    int type;
    uint32_t dimensions;
    uint64_t shape[FLAT_DIMENSIONS];
    int64_t strides[FLAT_DIMENSIONS]; /* in bytes */
};

/* Samples of an array. `owned` is their copy, which the caller frees; NULL: they lie in the array. */
typedef struct flat_samples {
    br_samples view;
    void *owned;
} flat_samples;

struct bouton_data {
    const bouton_array *samples[BT_SPLITS];
    uint32_t *labels[BT_SPLITS]; /* owned; NULL: none */
};

/* Makes samples of an array. */
int flat_samples_of(const bouton_array *array, flat_samples *out, bouton_status *status);

/* Sample `index` alone. BOUTON_USAGE: there is none. */
int flat_sample_of(const bouton_array *array, uint64_t index, flat_samples *out, bouton_status *status);

/* Labels for `count` samples, which the caller frees. */
int flat_labels_of(const bouton_array *array, uint64_t count, uint32_t **out, bouton_status *status);

#endif
