#include "data/array.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "data/formats/bytes.h"

br_shape_text br_shape_write(bt_shape shape)
{
    br_shape_text out;
    if (shape.height == 1 && shape.channels == 1)
        snprintf(out.text, sizeof out.text, "%u values", shape.width);
    else if (shape.channels == 1)
        snprintf(out.text, sizeof out.text, "%ux%u", shape.height, shape.width);
    else
        snprintf(out.text, sizeof out.text, "%ux%ux%u", shape.height, shape.width, shape.channels);
    return out;
}

br_place_text br_array_place(bt_shape shape, uint64_t i)
{
    br_place_text out;
    uint64_t values = bt_values(shape), sample = i / values, pixel = i % values / shape.channels;
    char channel[32] = "";
    if (shape.channels > 1)
        snprintf(channel, sizeof channel, ", channel %u", (uint32_t)(i % shape.channels));
    if (shape.height > 1)
        snprintf(out.text, sizeof out.text, "row %u, column %u%s of sample %llu", (uint32_t)(pixel / shape.width),
                 (uint32_t)(pixel % shape.width), channel, (unsigned long long)sample);
    else if (shape.width > 1 && shape.channels > 1)
        snprintf(out.text, sizeof out.text, "place %u%s of sample %llu", (uint32_t)pixel, channel,
                 (unsigned long long)sample);
    else
        snprintf(out.text, sizeof out.text, "value %u of sample %llu", (uint32_t)(i % values),
                 (unsigned long long)sample);
    return out;
}

int br_array_shape(br_array *array, const char *path, uint64_t count, uint64_t height, uint64_t width,
                   uint64_t channels, br_error *error)
{
    if (count == 0 || height == 0 || width == 0 || channels == 0)
        return br_fail(error, BR_ERROR_IO, "%s: holds no samples: its shape is %llu of %llux%llux%llu", path,
                       (unsigned long long)count, (unsigned long long)height, (unsigned long long)width,
                       (unsigned long long)channels);
    if (count > BR_SAMPLES_LIMIT)
        return br_fail(error, BR_ERROR_IO, "%s: claims %llu samples; the limit is %u", path, (unsigned long long)count,
                       BR_SAMPLES_LIMIT);
    uint64_t values;
    if (!br_multiply(height, width, &values) || !br_multiply(values, channels, &values) || values > BR_VALUES_LIMIT)
        return br_fail(error, BR_ERROR_IO, "%s: claims samples of %llux%llux%llu values; the limit is %u values", path,
                       (unsigned long long)height, (unsigned long long)width, (unsigned long long)channels,
                       BR_VALUES_LIMIT);
    array->count = count;
    array->shape = (bt_shape){(uint32_t)height, (uint32_t)width, (uint32_t)channels};
    return 0;
}

bool br_shape_allowed(bt_shape shape)
{
    uint64_t pixels = bt_places(shape);
    return pixels > 0 && shape.channels > 0 && pixels <= BR_VALUES_LIMIT && bt_values(shape) <= BR_VALUES_LIMIT;
}

uint64_t br_array_values(const br_array *array)
{
    return bt_values(array->shape);
}

/* One line of values: a vector, or an image of one row. */
static bool is_vector(bt_shape shape)
{
    return shape.height == 1 && shape.channels == 1;
}

int br_array_fit(br_array *array, const char *path, bt_shape shape, br_error *error)
{
    bool vector = is_vector(array->shape) || is_vector(shape);
    bool as_many = bt_values(array->shape) == bt_values(shape);
    if (!bt_same_shape(array->shape, shape) && !(vector && as_many))
        return br_fail(error, BR_ERROR_CHECK, "%s: its samples are %s, but the network's input is %s", path,
                       br_shape_write(array->shape).text, br_shape_write(shape).text);
    array->shape = shape;
    return 0;
}

static int check_given(const char *name, const br_samples *given, uint32_t classes, uint64_t values, br_error *error)
{
    for (uint64_t i = 0; given->floats != NULL && i < given->count * values; i++)
        if (!isfinite(given->floats[i]))
            return br_fail(error, BR_ERROR_CHECK, "%s: %s is not a finite number", name,
                           br_array_place(given->shape, i).text);
    for (uint64_t i = 0; given->labels != NULL && i < given->count; i++)
        if (given->labels[i] >= classes)
            return br_fail(error, BR_ERROR_CHECK, "%s: sample %llu has label %u; the network knows 0 to %u", name,
                           (unsigned long long)i, given->labels[i], classes - 1);
    return 0;
}

int br_array_borrow(br_array *out, const char *name, const br_samples *given, uint32_t classes, br_error *error)
{
    *out = (br_array){0};
    if (br_array_shape(out, name, given->count, given->shape.height, given->shape.width, given->shape.channels,
                       error) != 0)
        return -1;
    if ((given->bytes == NULL) == (given->floats == NULL))
        return br_fail(error, BR_ERROR_CHECK, "%s: either bytes or floats must be given, not both", name);
    if (check_given(name, given, classes, br_array_values(out), error) != 0)
        return -1;
    if (given->labels != NULL && (out->labels = br_new(given->count, sizeof *out->labels, error)) == NULL)
        return -1;
    if (given->labels != NULL)
        memcpy(out->labels, given->labels, given->count * sizeof *out->labels);
    out->bytes = (uint8_t *)given->bytes; /* never written to: see br_array_own */
    out->floats = (float *)given->floats;
    out->borrowed = true;
    return 0;
}

int br_array_own(br_array *array, br_error *error)
{
    uint64_t values = array->count * br_array_values(array);
    if (!array->borrowed)
        return 0;
    uint64_t size = array->bytes != NULL ? 1 : sizeof *array->floats;
    void *copy = br_new(values, size, error);
    if (copy == NULL)
        return -1;
    memcpy(copy, array->bytes != NULL ? (const void *)array->bytes : array->floats, values * size);
    if (array->bytes != NULL)
        array->bytes = copy;
    else
        array->floats = copy;
    array->borrowed = false;
    return 0;
}

int br_array_copy(br_array *out, const char *name, const br_samples *given, uint32_t classes, br_error *error)
{
    return br_array_borrow(out, name, given, classes, error) == 0 ? br_array_own(out, error) : -1;
}

int br_array_clone(br_array *out, const br_array *from, br_error *error)
{
    uint64_t values = from->count * br_array_values(from); /* they are in memory, so 64 bits hold their number */
    *out = (br_array){.count = from->count, .shape = from->shape};
    if (from->bytes != NULL && (out->bytes = br_new(values, 1, error)) == NULL)
        return -1;
    if (from->floats != NULL && (out->floats = br_new(values, sizeof(float), error)) == NULL)
        return -1;
    if (from->labels != NULL && (out->labels = br_new(from->count, sizeof *out->labels, error)) == NULL)
        return -1;
    if (from->bytes != NULL)
        memcpy(out->bytes, from->bytes, values);
    if (from->floats != NULL)
        memcpy(out->floats, from->floats, values * sizeof(float));
    if (from->labels != NULL)
        memcpy(out->labels, from->labels, from->count * sizeof *out->labels);
    return 0;
}

int br_array_to_floats(br_array *array, br_error *error)
{
    if (array->bytes == NULL)
        return 0;
    uint64_t n = array->count * br_array_values(array);
    array->floats = br_new(n, sizeof *array->floats, error);
    if (array->floats == NULL)
        return -1;
    for (uint64_t i = 0; i < n; i++)
        array->floats[i] = array->bytes[i];
    if (!array->borrowed)
        br_release(array->bytes);
    array->bytes = NULL;
    array->borrowed = false;
    return 0;
}

/* Extends *memory from `old` to old + more elements and copies the new ones in. */
static int extend(void **memory, uint64_t old, const void *from, uint64_t more, uint64_t size, br_error *error)
{
    char *larger = br_resize(*memory, old + more, size, error);
    if (larger == NULL)
        return -1;
    *memory = larger;
    memcpy(larger + old * size, from, more * size);
    return 0;
}

int br_array_append(br_array *to, br_array *from, br_error *error)
{
    if (to->count == 0) {
        *to = *from;
        *from = (br_array){0};
        return 0;
    }
    if (to->count + from->count > BR_SAMPLES_LIMIT)
        return br_fail(error, BR_ERROR_CHECK, "the sources of one split hold %llu samples; the limit is %u",
                       (unsigned long long)(to->count + from->count), BR_SAMPLES_LIMIT);
    if (br_array_own(to, error) != 0)
        return -1;
    uint64_t values = br_array_values(to), old = to->count * values, more = from->count * values;
    void *memory = to->bytes != NULL ? (void *)to->bytes : (void *)to->floats;
    const void *source = from->bytes != NULL ? (const void *)from->bytes : (const void *)from->floats;
    if (extend(&memory, old, source, more, to->bytes != NULL ? 1 : sizeof *to->floats, error) != 0)
        return -1;
    if (to->bytes != NULL)
        to->bytes = memory;
    else
        to->floats = memory;
    void *labels = to->labels;
    if (labels != NULL && extend(&labels, to->count, from->labels, from->count, sizeof *to->labels, error) != 0)
        return -1;
    to->labels = labels;
    to->count += from->count;
    br_array_free(from);
    return 0;
}

static uint64_t fold_bytes(uint64_t hash, const uint8_t *bytes, uint64_t n)
{
    uint64_t i = 0;
    for (; i + 8 <= n; i += 8)
        hash = br_hash_word(hash, br_little64(bytes + i));
    uint8_t rest[8] = {0};
    memcpy(rest, bytes + i, n - i);
    return br_hash_word(hash, br_little64(rest));
}

static uint64_t fold_words(uint64_t hash, const void *words, uint64_t n)
{
    const uint8_t *at = words;
    for (uint64_t i = 0; i < n;
         i += 2) { /* words in native byte order, so that the hash is the same on every machine */
        uint32_t low, high = 0;
        memcpy(&low, at + 4 * i, 4);
        if (i + 1 < n)
            memcpy(&high, at + 4 * (i + 1), 4);
        hash = br_hash_word(hash, (uint64_t)high << 32 | low);
    }
    return hash;
}

uint64_t br_array_hash(const br_array *array, uint64_t hash)
{
    uint64_t values = array->count * br_array_values(array);
    hash = br_hash_word(hash, array->count);
    hash = br_hash_word(hash, (uint64_t)array->shape.height << 32 | array->shape.width);
    hash = br_hash_word(hash, (uint64_t)array->shape.channels << 32 | (array->bytes != NULL ? 1 : 4));
    if (array->bytes != NULL)
        hash = fold_bytes(hash, array->bytes, values);
    else if (array->floats != NULL)
        hash = fold_words(hash, array->floats, values);
    if (array->labels != NULL)
        hash = fold_words(hash, array->labels, array->count);
    return hash;
}

void br_array_free(br_array *array)
{
    br_release(array->borrowed ? NULL : array->bytes);
    br_release(array->borrowed ? NULL : array->floats);
    br_release(array->labels);
    *array = (br_array){0};
}
