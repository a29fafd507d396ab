#include "data/prepare.h"

#include <string.h>

#include "base/memory.h"

#define BYTE_MOST 255

/* The place of a pixel before turning is start + row * down + column * right, for its row and column afterwards. */
typedef struct places {
    uint32_t height, width;
    int64_t start, down, right;
} places;

/* out(row, column) = in(column, row) */
static places transposed(places p)
{
    return (places){p.width, p.height, p.start, p.right, p.down};
}

/* Clockwise: out(row, column) = in(height - 1 - column, row) */
static places turned(places p)
{
    return (places){p.width, p.height, p.start + (int64_t)(p.height - 1) * p.down, p.right, -p.down};
}

/* Rearranges one sample. `size`: bytes of a pixel. */
static void move_pixels(const uint8_t *from, const places *p, uint64_t size, uint8_t *to)
{
    for (int64_t row = 0; row < p->height; row++) {
        int64_t at = p->start + row * p->down;
        if (size == 1)
            for (uint32_t column = 0; column < p->width; column++, at += p->right)
                *to++ = from[at];
        else
            for (uint32_t column = 0; column < p->width; column++, at += p->right, to += size)
                memcpy(to, from + at * (int64_t)size, size);
    }
}

int br_turn(br_array *array, bool transpose, uint32_t turns, br_error *error)
{
    bt_shape shape = array->shape;
    places p = {shape.height, shape.width, 0, shape.width, 1};
    if (!transpose && turns % 4 == 0)
        return 0;
    if (br_array_own(array, error) != 0)
        return -1;
    if (transpose)
        p = transposed(p);
    for (uint32_t i = 0; i < turns % 4; i++)
        p = turned(p);
    uint64_t pixel = shape.channels * (array->bytes != NULL ? 1 : sizeof *array->floats);
    uint64_t sample = bt_places(shape) * pixel;
    uint8_t *values = array->bytes != NULL ? array->bytes : (uint8_t *)array->floats;
    uint8_t *copy = br_new(sample, 1, error);
    if (copy == NULL)
        return -1;
    for (uint64_t i = 0; i < array->count; i++, values += sample) {
        memcpy(copy, values, sample);
        move_pixels(copy, &p, pixel, values);
    }
    br_release(copy);
    array->shape.height = p.height;
    array->shape.width = p.width;
    return 0;
}

bt_shape br_shape_before(bt_shape shape, const br_pictures *rules)
{
    bool swapped = rules->transpose != (rules->turns % 2 == 1);
    return swapped ? (bt_shape){shape.width, shape.height, shape.channels} : shape;
}

static int invert(br_array *array, double low, double high, br_error *error)
{
    uint64_t n = array->count * br_array_values(array);
    if ((low + high != BYTE_MOST && br_array_to_floats(array, error) != 0) || br_array_own(array, error) != 0)
        return -1;
    for (uint64_t i = 0; i < n; i++)
        if (array->bytes != NULL)
            array->bytes[i] = (uint8_t)(BYTE_MOST - array->bytes[i]);
        else
            array->floats[i] = (float)(low + high - (double)array->floats[i]);
    return 0;
}

int br_pictures_prepare(br_array *array, const br_pictures *rules, double low, double high, bt_shape shape,
                        br_error *error)
{
    bt_shape before = br_shape_before(shape, rules);
    if (!bt_same_shape(array->shape, before))
        return br_fail(error, BR_ERROR_CHECK, "samples of %s can't be turned into %s; they must be %s before",
                       br_shape_write(array->shape).text, br_shape_write(shape).text, br_shape_write(before).text);
    if (rules->invert && invert(array, low, high, error) != 0)
        return -1;
    return br_turn(array, rules->transpose, rules->turns, error);
}
