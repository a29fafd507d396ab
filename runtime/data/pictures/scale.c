/* Fits images to the network's input: first the colours (grey from colour by luminance, Rec. 601; colour from grey by
 * repeating it), then the size.
 *
 * Each axis is resampled by a tent as wide as the larger of the old and the new pixel. The tent is bilinear if the
 * image grows, and averages over the covered area if it shrinks, so that thin strokes neither vanish nor flicker. */
#include <math.h>

#include "base/memory.h"
#include "data/pictures/pictures.h"

static const float luminance[3] = {0.299f, 0.587f, 0.114f};

static float value_at(const br_array *array, uint64_t i)
{
    return array->bytes != NULL ? array->bytes[i] : array->floats[i];
}

/* One sample's values as floats with the given number of channels: the same number, 1 from 3, or any from 1. */
static void take_sample(const br_array *array, uint64_t sample, uint32_t channels, float *out)
{
    uint64_t pixels = bt_places(array->shape), from = array->shape.channels, base = sample * pixels * from;
    for (uint64_t i = 0; i < pixels; i++, base += from)
        if (channels == 1 && from == 3)
            out[i] = luminance[0] * value_at(array, base) + luminance[1] * value_at(array, base + 1) +
                     luminance[2] * value_at(array, base + 2);
        else
            for (uint64_t c = 0; c < channels; c++)
                out[i * channels + c] = value_at(array, base + (from == channels ? c : 0));
}

/* The lines of points along one axis of an image. */
typedef struct lines {
    uint32_t points;      /* of a line */
    uint64_t point, line; /* floats from point to point and from line to line */
} lines;

/* Resamples `count` lines; a point has `depth` values. */
static void resample(const float *in, lines from, float *out, lines to, uint64_t count, uint32_t depth)
{
    double ratio = (double)from.points / to.points, v_max = ratio > 1 ? ratio : 1;
    for (uint32_t i = 0; i < to.points; i++) {
        double centre = (i + 0.5) * ratio - 0.5;
        double first = ceil(centre - v_max), last = floor(centre + v_max);
        uint32_t low = first < 0 ? 0 : (uint32_t)first, high = last >= from.points ? from.points - 1 : (uint32_t)last;
        double total = 0;
        for (uint32_t j = low; j <= high; j++)
            total += 1 - fabs(j - centre) / v_max;
        for (uint64_t line = 0; line < count; line++)
            for (uint32_t c = 0; c < depth; c++) {
                double sum = 0;
                for (uint32_t j = low; j <= high; j++)
                    sum += (1 - fabs(j - centre) / v_max) * in[line * from.line + j * from.point + c];
                out[line * to.line + i * to.point + c] = (float)(sum / total);
            }
    }
}

typedef struct buffers {
    float *in, *wide, *out; /* a sample as read, with the new width, and with both new sides */
} buffers;

static void scale_sample(const br_array *from, uint64_t sample, br_array *to, const buffers *b)
{
    uint64_t c = to->shape.channels, values = br_array_values(to);
    take_sample(from, sample, to->shape.channels, b->in);
    resample(b->in, (lines){from->shape.width, c, from->shape.width * c}, b->wide,
             (lines){to->shape.width, c, to->shape.width * c}, from->shape.height, to->shape.channels);
    resample(b->wide, (lines){from->shape.height, to->shape.width * c, c}, b->out,
             (lines){to->shape.height, to->shape.width * c, c}, to->shape.width, to->shape.channels);
    for (uint64_t i = 0; i < values; i++)
        if (to->bytes != NULL)
            to->bytes[sample * values + i] = (uint8_t)(b->out[i] + 0.5f);
        else
            to->floats[sample * values + i] = b->out[i];
}

int br_scale(br_array *array, bt_shape shape, br_error *error)
{
    br_array to = {.count = array->count, .shape = shape};
    uint64_t n = to.count * br_array_values(&to);
    buffers b;
    b.in = br_new(bt_places(array->shape), shape.channels * sizeof(float), error);
    b.wide = br_new((uint64_t)array->shape.height * shape.width, shape.channels * sizeof(float), error);
    b.out = br_new(bt_places(shape), shape.channels * sizeof(float), error);
    if (array->bytes != NULL)
        to.bytes = br_new(n, 1, error);
    else
        to.floats = br_new(n, sizeof(float), error);
    int status = -1;
    if (b.in != NULL && b.wide != NULL && b.out != NULL && (to.bytes != NULL || to.floats != NULL)) {
        for (uint64_t i = 0; i < to.count; i++)
            scale_sample(array, i, &to, &b);
        to.labels = array->labels;
        array->labels = NULL;
        br_array_free(array);
        *array = to;
        status = 0;
    } else {
        br_array_free(&to);
    }
    br_release(b.in);
    br_release(b.wide);
    br_release(b.out);
    return status;
}
