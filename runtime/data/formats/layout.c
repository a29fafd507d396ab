#include "data/formats/layout.h"

#include <stdio.h>

#include "base/memory.h"
#include "data/array.h"

typedef enum order {
    ORDER_NONE,  /* no samples of the network's shape */
    ORDER_LAST,  /* channels last, or values in a row */
    ORDER_FIRST, /* channels first */
    ORDER_EITHER /* the sizes allow both */
} order;

static br_dimensions_text write_sizes(const br_dimensions *shape, bool with_n)
{
    br_dimensions_text out = {"["};
    int at = 1;
    for (uint32_t i = 0; i < shape->count; i++)
        if (i == 0 && with_n)
            at += snprintf(out.text + at, sizeof out.text - (size_t)at, "n");
        else
            at += snprintf(out.text + at, sizeof out.text - (size_t)at, "%s%llu", i > 0 ? ", " : "",
                           (unsigned long long)shape->size[i]);
    snprintf(out.text + at, sizeof out.text - (size_t)at, "]");
    return out;
}

br_dimensions_text br_dimensions_write(const br_dimensions *shape)
{
    return write_sizes(shape, false);
}

/* ---- comparing ---- */

static br_dimensions channels_last(bt_shape s)
{
    return (br_dimensions){.count = 3, .size = {s.height, s.width, s.channels}};
}

static br_dimensions channels_first(bt_shape s)
{
    return (br_dimensions){.count = 3, .size = {s.channels, s.height, s.width}};
}

/* The dimensions from number `from` on. */
static br_dimensions inner(const br_dimensions *of, uint32_t from)
{
    br_dimensions out = {0};
    for (uint32_t i = from; i < of->count; i++)
        out.size[out.count++] = of->size[i];
    return out;
}

/* Without the dimensions of 1. */
static br_dimensions squeezed(br_dimensions of)
{
    br_dimensions out = {0};
    for (uint32_t i = 0; i < of.count; i++)
        if (of.size[i] != 1)
            out.size[out.count++] = of.size[i];
    return out;
}

static bool same(br_dimensions a, br_dimensions b)
{
    bool equal = a.count == b.count;
    for (uint32_t i = 0; equal && i < a.count; i++)
        equal = a.size[i] == b.size[i];
    return equal;
}

/* The caller has checked that the product of all dimensions does not overflow. */
static uint64_t product(br_dimensions of)
{
    uint64_t values = 1;
    for (uint32_t i = 0; i < of.count; i++)
        values *= of.size[i];
    return values;
}

static order order_of(bool last, bool first)
{
    return last && first ? ORDER_EITHER : last ? ORDER_LAST : first ? ORDER_FIRST : ORDER_NONE;
}

/* One channel, or one place, is the same in both orders. */
static bool order_matters(bt_shape shape)
{
    return shape.channels > 1 && bt_places(shape) > 1;
}

static bool is_vector(bt_shape shape)
{
    return shape.height == 1 && shape.channels == 1;
}

/* The dimensions of one sample, behind n. They may have more dimensions of 1 than the network's shape. */
static order match_sample(br_dimensions sample, bt_shape shape)
{
    br_dimensions bare = squeezed(sample);
    bool row = bare.count <= 1 || is_vector(shape);
    bool last = same(bare, squeezed(channels_last(shape))) || (row && product(bare) == bt_values(shape));
    return order_of(last, order_matters(shape) && same(bare, squeezed(channels_first(shape))));
}

/* A whole array that is one sample, without n. Here dimensions of 1 count: [28, 1, 28] is not an image of 28x28. */
static order match_whole(br_dimensions array, bt_shape shape)
{
    br_dimensions last = channels_last(shape), first = channels_first(shape);
    bool row = array.count == 1 || is_vector(shape);
    return order_of(same(array, last) || same(array, squeezed(last)) || (row && product(array) == bt_values(shape)),
                    order_matters(shape) && (same(array, first) || same(array, squeezed(first))));
}

/* ---- the walk ---- */

static void add_axis(br_layout *out, const br_dimensions *array, uint32_t d)
{
    uint64_t stride = 1;
    for (uint32_t i = 0; i < array->count; i++)
        if (array->fortran ? i < d : i > d)
            stride *= array->size[i];
    out->size[out->axes] = array->size[d];
    out->stride[out->axes++] = stride;
}

/* All dimensions in their order; but channels that come first are moved to the end. `from` is where a sample begins. */
static void walk(br_layout *out, const br_dimensions *array, uint32_t from, bool first)
{
    uint32_t moved = array->count;
    for (uint32_t i = array->count; first && i > from; i--)
        if (array->size[i - 1] != 1)
            moved = i - 1; /* order_matters: the channels are the first dimension that is not 1 */
    for (uint32_t i = 0; i < array->count; i++)
        if (i != moved)
            add_axis(out, array, i);
    if (moved < array->count)
        add_axis(out, array, moved);
    out->straight = moved == array->count && (!array->fortran || squeezed(*array).count <= 1);
    if (out->straight) {
        out->axes = 1;
        out->size[0] = product(*array);
        out->stride[0] = 1;
    }
}

static int misfit(const char *path, const br_dimensions *array, bt_shape shape, br_error *error)
{
    char ways[128] = "";
    int at = 0;
    br_dimensions last = squeezed(channels_last(shape)), first = squeezed(channels_first(shape));
    bool swapped =
        shape.channels == 1 && array->count == 3 && array->size[1] == shape.width && array->size[2] == shape.height;
    if (last.count == 2)
        at = snprintf(ways, sizeof ways, "[n, %llu, %llu], ", (unsigned long long)last.size[0],
                      (unsigned long long)last.size[1]);
    if (last.count == 3)
        at = snprintf(ways, sizeof ways, "[n, %u, %u, %u], ", shape.height, shape.width, shape.channels);
    if (last.count > 1 && order_matters(shape) && first.count == 2)
        at += snprintf(ways + at, sizeof ways - (size_t)at, "[n, %llu, %llu], ", (unsigned long long)first.size[0],
                       (unsigned long long)first.size[1]);
    if (last.count == 3 && order_matters(shape))
        at += snprintf(ways + at, sizeof ways - (size_t)at, "[n, %u, %u, %u], ", shape.channels, shape.height,
                       shape.width);
    snprintf(ways + at, sizeof ways - (size_t)at, "[n, %llu]", (unsigned long long)bt_values(shape));
    return br_fail(error, BR_ERROR_CHECK, "%s: its shape is %s, but the network's input is %s, read from %s%s", path,
                   br_dimensions_write(array).text, br_shape_write(shape).text, ways,
                   swapped             ? "; its rows and columns seem to be swapped"
                   : array->count == 1 ? "; are the names of samples and labels in order?"
                                       : "");
}

int br_layout_find(const char *path, const br_dimensions *array, bt_shape shape, br_notes *notes, br_layout *out,
                   br_error *error)
{
    *out = (br_layout){0};
    order found = array->count > 0 ? match_sample(inner(array, 1), shape) : ORDER_NONE;
    bool whole = found == ORDER_NONE;
    if (whole)
        found = match_whole(inner(array, 0), shape);
    if (found == ORDER_NONE)
        return misfit(path, array, shape, error);
    out->samples = whole ? 1 : array->size[0];
    br_dimensions_text sizes = write_sizes(array, !whole);
    if (found == ORDER_FIRST)
        br_note_add(notes, false, "%s: %s is read as channels first", path, sizes.text);
    if (found == ORDER_EITHER)
        br_note_add(notes, false,
                    "%s: %s is read as channels last; if its channels come first, save it with "
                    "numpy.moveaxis(x, %d, -1)",
                    path, sizes.text, whole ? 0 : 1);
    if (whole && array->count > 1 && is_vector(shape))
        br_note_add(notes, false, "%s: %s is read as one sample of %u values", path, sizes.text, shape.width);
    walk(out, array, whole ? 0 : 1, found == ORDER_FIRST);
    return 0;
}
