#include "flat/array.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* X(constant, type in C) */
#define TYPES(X)                                                                                                       \
    X(BOUTON_UINT8, uint8_t)                                                                                           \
    X(BOUTON_INT8, int8_t)                                                                                             \
    X(BOUTON_UINT16, uint16_t)                                                                                         \
    X(BOUTON_INT16, int16_t)                                                                                           \
    X(BOUTON_UINT32, uint32_t)                                                                                         \
    X(BOUTON_INT32, int32_t)                                                                                           \
    X(BOUTON_UINT64, uint64_t)                                                                                         \
    X(BOUTON_INT64, int64_t)                                                                                           \
    X(BOUTON_FLOAT32, float)                                                                                           \
    X(BOUTON_FLOAT64, double)

static size_t size_of(int type)
{
    switch (type) {
#define X(constant, kind)                                                                                              \
    case constant:                                                                                                     \
        return sizeof(kind);
        TYPES(X)
#undef X
    }
    return 0;
}

static double value_at(const char *at, int type)
{
    switch (type) {
#define X(constant, kind)                                                                                              \
    case constant: {                                                                                                   \
        kind value;                                                                                                    \
        memcpy(&value, at, sizeof value); /* strides may leave it unaligned */                                         \
        return (double)value;                                                                                          \
    }
        TYPES(X)
#undef X
    }
    return 0;
}

/* ---- arrays ---- */

int bouton_array_new(const void *values, int type, uint32_t dimensions, const uint64_t *shape, const int64_t *strides,
                     bouton_array **out, bouton_status *status)
{
    flat_begin(status);
    *out = NULL;
    if (size_of(type) == 0)
        return flat_fail(status, BOUTON_USAGE, "%d is no type of an array; see BOUTON_UINT8 and the others", type);
    if (dimensions < 1 || dimensions > FLAT_DIMENSIONS)
        return flat_fail(status, BOUTON_USAGE,
                         "an array of %u dimensions; samples have 1 to %d, the first of which counts them", dimensions,
                         FLAT_DIMENSIONS);
    bouton_array *array = calloc(1, sizeof *array);
    if (array == NULL)
        return flat_fail_memory(status);
    *array = (bouton_array){.values = values, .type = type, .dimensions = dimensions};
    uint64_t step = size_of(type);
    bool fits = true;
    for (uint32_t i = dimensions; i-- > 0;) {
        array->shape[i] = shape[i];
        array->strides[i] = strides != NULL ? strides[i] : (int64_t)step;
        fits = fits && !__builtin_mul_overflow(step, shape[i], &step) && step <= INT64_MAX;
    }
    if (!fits) {
        free(array);
        return flat_fail(status, BOUTON_USAGE, "an array of more bytes than memory can hold");
    }
    *out = array;
    return flat_end(status, BOUTON_OK);
}

void bouton_array_free(bouton_array *array)
{
    free(array);
}

static bool is_plain(const bouton_array *array)
{
    int64_t step = (int64_t)size_of(array->type);
    for (uint32_t i = array->dimensions; i-- > 0;) {
        if (array->shape[i] > 1 && array->strides[i] != step)
            return false;
        step *= (int64_t)array->shape[i];
    }
    return array->type != BOUTON_FLOAT32 || (uintptr_t)array->values % _Alignof(float) == 0;
}

int bouton_array_copies(const bouton_array *array)
{
    return !is_plain(array) || (array->type != BOUTON_UINT8 && array->type != BOUTON_FLOAT32);
}

/* ---- samples ---- */

static int shape_of(const bouton_array *array, br_samples *out, bouton_status *status)
{
    const uint64_t *sides = array->shape + 1;
    for (uint32_t i = 0; i + 1 < array->dimensions; i++)
        if (sides[i] > UINT32_MAX)
            return flat_fail(status, BOUTON_CHECK, "samples with a side of %llu", (unsigned long long)sides[i]);
    *out = (br_samples){.count = array->shape[0], .shape = {1, 1, 1}};
    if (array->dimensions == 2)
        out->shape.width = (uint32_t)sides[0];
    if (array->dimensions > 2)
        out->shape = (bt_shape){(uint32_t)sides[0], (uint32_t)sides[1], array->dimensions > 3 ? (uint32_t)sides[2] : 1};
    if (out->count == 0 || bt_values(out->shape) == 0)
        return flat_fail(status, BOUTON_CHECK,
                         "Found array with 0 sample(s) or 0 feature(s): a minimum of 1 is required");
    return BOUTON_OK;
}

/* Walks over all values in C order and writes them as bytes or floats. */
static void copy_values(const bouton_array *array, uint8_t *bytes, float *floats)
{
    uint64_t at[FLAT_DIMENSIONS] = {0}, count = 1;
    const char *from = array->values;
    uint32_t last = array->dimensions - 1;
    for (uint32_t i = 0; i <= last; i++)
        count *= array->shape[i];
    for (uint64_t n = 0; n < count; n++) {
        if (bytes != NULL)
            bytes[n] = *(const uint8_t *)from;
        else
            floats[n] = (float)value_at(from, array->type);
        for (uint32_t i = last;; i--) {
            from += array->strides[i];
            if (++at[i] < array->shape[i] || i == 0)
                break;
            from -= array->strides[i] * (int64_t)array->shape[i];
            at[i] = 0;
        }
    }
}

int flat_samples_of(const bouton_array *array, flat_samples *out, bouton_status *status)
{
    *out = (flat_samples){0};
    int code = shape_of(array, &out->view, status);
    if (code != BOUTON_OK)
        return code;
    bool bytes = array->type == BOUTON_UINT8;
    const void *values = array->values;
    if (bouton_array_copies(array)) {
        uint64_t size;
        if (__builtin_mul_overflow(out->view.count, bt_values(out->view.shape) * (bytes ? 1 : sizeof(float)), &size) ||
            (out->owned = malloc(size)) == NULL)
            return flat_fail_memory(status);
        copy_values(array, bytes ? out->owned : NULL, bytes ? NULL : out->owned);
        values = out->owned;
    }
    out->view.bytes = bytes ? values : NULL;
    out->view.floats = bytes ? NULL : values;
    return BOUTON_OK;
}

int flat_sample_of(const bouton_array *array, uint64_t index, flat_samples *out, bouton_status *status)
{
    bouton_array one = *array;
    *out = (flat_samples){0};
    if (index >= array->shape[0])
        return flat_fail(status, BOUTON_USAGE, "there is no sample %llu: there are %llu, counted from 0",
                         (unsigned long long)index, (unsigned long long)array->shape[0]);
    one.values += (int64_t)index * array->strides[0];
    one.shape[0] = 1;
    return flat_samples_of(&one, out, status);
}

int flat_labels_of(const bouton_array *array, uint64_t count, uint32_t **out, bouton_status *status)
{
    *out = NULL;
    uint64_t columns = array->dimensions > 1 ? array->shape[1] : 1;
    if (array->dimensions > 2 || columns != 1 || array->shape[0] != count)
        return flat_fail(status, BOUTON_CHECK,
                         "labels for %llu samples, but there are %llu samples, each with one label",
                         (unsigned long long)(array->shape[0] * columns), (unsigned long long)count);
    uint32_t *labels = calloc(count, sizeof *labels);
    if (labels == NULL)
        return flat_fail_memory(status);
    for (uint64_t i = 0; i < count; i++) {
        double label = value_at(array->values + (int64_t)i * array->strides[0], array->type);
        if (!(label >= 0 && label < UINT32_MAX && label == floor(label))) {
            free(labels);
            return flat_fail(status, BOUTON_CHECK, "label %llu is %g; labels are whole numbers from 0 on",
                             (unsigned long long)i, label);
        }
        labels[i] = (uint32_t)label;
    }
    *out = labels;
    return BOUTON_OK;
}

/* ---- data ---- */

int bouton_data_new(bouton_data **out, bouton_status *status)
{
    flat_begin(status);
    *out = calloc(1, sizeof **out);
    return *out != NULL ? flat_end(status, BOUTON_OK) : flat_fail_memory(status);
}

int bouton_data_add(bouton_data *data, const char *split, const bouton_array *samples, const bouton_array *labels,
                    bouton_status *status)
{
    flat_begin(status);
    int at = 0;
    while (at < BT_SPLITS && strcmp(bt_split_word((bt_split)at), split) != 0)
        at++;
    if (at == BT_SPLITS)
        return flat_fail(status, BOUTON_USAGE, "'%s' is no split; there are train, validation and test", split);
    if (data->samples[at] != NULL)
        return flat_fail(status, BOUTON_USAGE, "the %s samples were given already", split);
    int code = labels != NULL ? flat_labels_of(labels, samples->shape[0], &data->labels[at], status) : BOUTON_OK;
    if (code == BOUTON_OK)
        data->samples[at] = samples;
    return flat_end(status, code);
}

void bouton_data_free(bouton_data *data)
{
    for (int i = 0; data != NULL && i < BT_SPLITS; i++)
        free(data->labels[i]);
    free(data);
}
