#include "data/formats/typed.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/formats/bytes.h"

static uint64_t bits_at(const br_typed *a, uint64_t i)
{
    const uint8_t *at = a->values + i * a->size;
    switch (a->size) {
    case 1:
        return *at;
    case 2:
        return a->big ? __builtin_bswap16(br_little16(at)) : br_little16(at);
    case 4:
        return a->big ? br_big32(at) : br_little32(at);
    default:
        return a->big ? __builtin_bswap64(br_little64(at)) : br_little64(at);
    }
}

/* A number of 16 bits: a sign, 5 bits of exponent with bias 15, 10 bits of fraction (IEEE 754, binary16). */
static double half(uint32_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double fraction = bits & 1023, value;
    if (exponent == 31)
        value = fraction == 0 ? INFINITY : NAN;
    else
        value = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 ? -value : value;
}

static double float_of(uint64_t bits, uint32_t size)
{
    if (size == 2)
        return half((uint32_t)bits);
    if (size == 4) {
        uint32_t word = (uint32_t)bits;
        float value;
        memcpy(&value, &word, sizeof value);
        return value;
    }
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double signed_of(uint64_t bits, uint32_t size)
{
    switch (size) {
    case 1:
        return (int8_t)bits;
    case 2:
        return (int16_t)bits;
    case 4:
        return (int32_t)bits;
    default:
        return (double)(int64_t)bits;
    }
}

double br_typed_number(const br_typed *array, uint64_t i)
{
    uint64_t bits = bits_at(array, i);
    switch (array->kind) {
    case BR_KIND_BOOL:
        return bits != 0;
    case BR_KIND_SIGNED:
        return signed_of(bits, array->size);
    case BR_KIND_FLOAT:
        return float_of(bits, array->size);
    default:
        return (double)bits;
    }
}

uint32_t br_typed_letter(const br_typed *array, uint64_t i)
{
    const uint8_t *at = array->values + 4 * i;
    return array->big ? br_big32(at) : br_little32(at);
}

/* ---- samples ---- */

static bool is_bytes(const br_typed *array)
{
    return array->kind == BR_KIND_BOOL || (array->kind == BR_KIND_UNSIGNED && array->size == 1);
}

bool br_typed_is_plain(const br_typed *array, const br_layout *layout)
{
    return layout->straight && is_bytes(array) && array->kind != BR_KIND_BOOL;
}

/* The place of the next run of the last axis: `index` counts the axes before it. */
static uint64_t next_run(const br_layout *layout, uint64_t index[BR_DIMENSIONS], uint64_t at)
{
    for (uint32_t axis = layout->axes - 1; axis-- > 0;) {
        at += layout->stride[axis];
        if (++index[axis] < layout->size[axis])
            return at;
        at -= index[axis] * layout->stride[axis];
        index[axis] = 0;
    }
    return at;
}

static int not_finite(const br_typed *array, bt_shape shape, uint64_t at, uint64_t to, br_error *error)
{
    return br_fail(error, BR_ERROR_IO, "%s: byte %llu: %s is not a finite 32-bit float", array->path,
                   (unsigned long long)(array->byte + at * array->size), br_array_place(shape, to).text);
}

static int copy_values(const br_typed *array, const br_layout *layout, br_array *out, br_error *error)
{
    uint64_t index[BR_DIMENSIONS] = {0}, run = layout->size[layout->axes - 1], step = layout->stride[layout->axes - 1];
    for (uint64_t to = 0, at = 0; to < array->count; at = next_run(layout, index, at))
        for (uint64_t i = 0; i < run; i++, to++) {
            double value = br_typed_number(array, at + i * step);
            if (out->bytes != NULL)
                out->bytes[to] = (uint8_t)value;
            else if (!isfinite(out->floats[to] = (float)value))
                return not_finite(array, out->shape, at + i * step, to, error);
        }
    return 0;
}

int br_typed_samples(const br_typed *array, const br_layout *layout, bt_shape shape, br_array *out, br_error *error)
{
    *out = (br_array){0};
    if (array->kind == BR_KIND_BYTES || array->kind == BR_KIND_UNICODE)
        return br_fail(error, BR_ERROR_IO, "%s: the array holds words (%s), but samples are numbers", array->path,
                       array->type);
    if (br_array_shape(out, array->path, layout->samples, shape.height, shape.width, shape.channels, error) != 0)
        return -1;
    if (is_bytes(array))
        out->bytes = br_new(array->count, 1, error);
    else
        out->floats = br_new(array->count, sizeof *out->floats, error);
    int status = out->bytes != NULL || out->floats != NULL ? 0 : -1;
    if (status == 0 && br_typed_is_plain(array, layout))
        memcpy(out->bytes, array->values, array->count);
    else if (status == 0)
        status = copy_values(array, layout, out, error);
    if (status != 0)
        br_array_free(out);
    return status;
}

int br_typed_inputs(const br_typed *array, bt_shape shape, br_notes *notes, br_array *out, br_error *error)
{
    br_layout layout;
    *out = (br_array){0};
    return br_layout_find(array->path, &array->shape, shape, notes, &layout, error) != 0
               ? -1
               : br_typed_samples(array, &layout, shape, out, error);
}
