/* Pictures brought to the network's input: colours first (grey from colour by luminance, Rec. 601; colour from grey by
 * repeating it), then size.
 *
 * Each axis is resampled by a tent as wide as the larger of the old and the new pixel: bilinear where the picture
 * grows, an average over the covered area where it shrinks, so that thin strokes neither vanish nor flicker. */
#include <math.h>

#include "base/memory.h"
#include "data/formats/readers.h"

static const float luminance[3] = {0.299f, 0.587f, 0.114f};

static float value_at(const br_array *array, uint64_t i)
{
    return array->bytes != NULL ? array->bytes[i] : array->floats[i];
}

/* One sample's values as floats with the wanted number of channels: as many as before, or 1 from 3, or any from 1. */
static void take_sample(const br_array *array, uint64_t sample, uint32_t channels, float *out)
{
    uint64_t pixels = (uint64_t)array->height * array->width, from = array->channels, base = sample * pixels * from;
    for (uint64_t i = 0; i < pixels; i++, base += from)
        if (channels == 1 && from == 3)
            out[i] = luminance[0] * value_at(array, base) + luminance[1] * value_at(array, base + 1) +
                     luminance[2] * value_at(array, base + 2);
        else
            for (uint64_t c = 0; c < channels; c++)
                out[i * channels + c] = value_at(array, base + (from == channels ? c : 0));
}

/* Resamples `lines` lines of `from` points to `to` points each. Steps: between points, between lines, in a point. */
static void resample(const float *in, float *out, uint32_t from, uint32_t to, uint64_t lines, uint64_t in_point,
                     uint64_t in_line, uint64_t out_point, uint64_t out_line, uint32_t depth)
{
    double ratio = (double)from / to, reach = ratio > 1 ? ratio : 1;
    for (uint32_t i = 0; i < to; i++) {
        double centre = (i + 0.5) * ratio - 0.5;
        double first = ceil(centre - reach), last = floor(centre + reach);
        uint32_t low = first < 0 ? 0 : (uint32_t)first, high = last >= from ? from - 1 : (uint32_t)last;
        double total = 0;
        for (uint32_t j = low; j <= high; j++)
            total += 1 - fabs(j - centre) / reach;
        for (uint64_t line = 0; line < lines; line++)
            for (uint32_t c = 0; c < depth; c++) {
                double sum = 0;
                for (uint32_t j = low; j <= high; j++)
                    sum += (1 - fabs(j - centre) / reach) * in[line * in_line + j * in_point + c];
                out[line * out_line + i * out_point + c] = (float)(sum / total);
            }
    }
}

typedef struct buffers {
    float *in, *wide, *out; /* a sample as read, with the new width, and whole */
} buffers;

static void scale_sample(const br_array *from, uint64_t sample, br_array *to, const buffers *b)
{
    uint64_t c = to->channels, values = br_array_values(to);
    take_sample(from, sample, to->channels, b->in);
    resample(b->in, b->wide, from->width, to->width, from->height, c, from->width * c, c, to->width * c, to->channels);
    resample(b->wide, b->out, from->height, to->height, to->width, to->width * c, c, to->width * c, c, to->channels);
    for (uint64_t i = 0; i < values; i++)
        if (to->bytes != NULL)
            to->bytes[sample * values + i] = (uint8_t)(b->out[i] + 0.5f);
        else
            to->floats[sample * values + i] = b->out[i];
}

int br_scale(br_array *array, uint32_t height, uint32_t width, uint32_t channels, br_error *error)
{
    br_array to = {.count = array->count, .height = height, .width = width, .channels = channels};
    uint64_t n = to.count * br_array_values(&to);
    buffers b;
    b.in = br_new((uint64_t)array->height * array->width, channels * sizeof(float), error);
    b.wide = br_new((uint64_t)array->height * width, channels * sizeof(float), error);
    b.out = br_new((uint64_t)height * width, channels * sizeof(float), error);
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
