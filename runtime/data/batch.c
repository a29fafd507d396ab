/* Samples for batches. */
#include "data/batch.h"

#include <string.h>

#include "base/part.h"

static float scaled(const br_gather *g, float raw)
{
    double unit = ((double)raw - g->samples->low) / (g->samples->high - g->samples->low);
    return (float)((double)g->range * (unit < 0 ? 0 : unit > 1 ? 1 : unit));
}

br_gather br_gather_new(const br_samples *samples, float range)
{
    br_gather g = {.samples = samples, .range = range};
    for (int b = 0; b < 256; b++)
        g.table[b] = samples->tied > 0 ? (float)(b - (int)samples->tied) : scaled(&g, (float)b);
    return g;
}

/* A row of n values. Bytes and floats are both mapped to [0, s]. */
static void copy_row(const br_gather *g, uint64_t from, uint64_t n, float *out)
{
    if (g->samples->bytes) {
        const uint8_t *bytes = g->samples->bytes + from;
        for (uint64_t i = 0; i < n; i++)
            out[i] = g->table[bytes[i]];
    } else {
        const float *floats = g->samples->floats + from;
        for (uint64_t i = 0; i < n; i++)
            out[i] = scaled(g, floats[i]);
    }
}

static void gather_shifted(const br_gather *g, uint64_t index, int down, int right, float *out)
{
    const br_samples *s = g->samples;
    uint64_t row = (uint64_t)s->shape.width * s->shape.channels, size = row * s->shape.height;
    if (down == 0 && right == 0) {
        copy_row(g, index * size, size, out);
        return;
    }
    memset(out, 0, size * sizeof *out);
    uint64_t kept = (uint64_t)(right < 0 ? -right : right) < s->shape.width
                        ? s->shape.width - (uint64_t)(right < 0 ? -right : right)
                        : 0;
    uint64_t from = right < 0 ? (uint64_t)-right : 0, to = right > 0 ? (uint64_t)right : 0;
    for (int64_t y = 0; kept && y < s->shape.height; y++) {
        int64_t source = y - down;
        if (source < 0 || source >= s->shape.height)
            continue;
        copy_row(g, index * size + (uint64_t)source * row + from * s->shape.channels, kept * s->shape.channels,
                 out + (uint64_t)y * row + to * s->shape.channels);
    }
}

/* A batch reads samples in random order, so the hardware does not prefetch them. */
void br_gather_prefetch(const br_gather *g, uint64_t index)
{
    enum { LINE = 64 };
    const br_samples *s = g->samples;
    uint64_t size = bt_values(s->shape);
    const char *from = s->bytes ? (const char *)(s->bytes + index * size) : (const char *)(s->floats + index * size);
    for (uint64_t at = 0; at < size * (s->bytes ? 1 : sizeof(float)); at += LINE)
        __builtin_prefetch(from + at);
}

void br_shuffle(uint64_t seed, uint32_t epoch, uint32_t count, uint32_t *order)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t words[4];
        br_random4(seed, BR_STREAM_SHUFFLE, epoch, i, words);
        uint32_t j = br_random_below(words[0], i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}

void br_draw_shift(uint64_t seed, uint32_t epoch, uint64_t sample, uint32_t shift, int *down, int *right)
{
    uint32_t words[4];
    br_random4(seed, BR_STREAM_SHIFT, epoch, sample, words);
    *down = (int)br_random_below(words[0], 2 * shift + 1) - (int)shift;
    *right = (int)br_random_below(words[1], 2 * shift + 1) - (int)shift;
}

void br_gather_sample(const br_gather *g, uint64_t index, int down, int right, bool mirror, float *out)
{
    const br_samples *s = g->samples;
    gather_shifted(g, index, down, right, out);
    for (uint32_t y = 0; mirror && y < s->shape.height; y++) {
        float *row = out + (uint64_t)y * s->shape.width * s->shape.channels;
        for (uint32_t a = 0, b = s->shape.width - 1; a < b; a++, b--)
            for (uint32_t c = 0; c < s->shape.channels; c++) {
                float held = row[a * s->shape.channels + c];
                row[a * s->shape.channels + c] = row[b * s->shape.channels + c];
                row[b * s->shape.channels + c] = held;
            }
    }
}

bool br_draw_mirror(uint64_t seed, uint32_t epoch, uint64_t sample)
{
    uint32_t words[4];
    br_random4(seed, BR_STREAM_MIRROR, epoch, sample, words);
    return words[0] & 1;
}

void br_draw_jitter(uint64_t seed, uint32_t epoch, uint32_t layer, uint32_t sample, uint32_t jitter, int32_t by[2])
{
    uint32_t words[4];
    br_random4(seed, BR_STREAM_JITTER, epoch, (uint64_t)layer << 32 | sample, words);
    for (int axis = 0; axis < 2; axis++)
        by[axis] = (int32_t)br_random_below(words[axis], 2 * jitter + 1) - (int32_t)jitter;
}

br_spot br_draw_cutout(uint64_t seed, uint32_t epoch, uint64_t sample, bt_shape shape)
{
    uint32_t words[4];
    br_random4(seed, BR_STREAM_CUTOUT, epoch, sample, words);
    return (br_spot){br_random_below(words[0], shape.height), br_random_below(words[1], shape.width)};
}

/* The part of a line of n places that is cut out around place `at`. */
static br_part cut_of(uint32_t at, uint32_t side, uint32_t n)
{
    uint32_t before = side / 2;
    uint64_t to = (uint64_t)at + side - before;
    return (br_part){at > before ? at - before : 0, to < n ? (uint32_t)to : n};
}

void br_cut_out(bt_shape shape, br_spot centre, uint32_t side, float *out)
{
    br_part rows = cut_of(centre.y, side, shape.height), columns = cut_of(centre.x, side, shape.width);
    for (uint64_t y = rows.from; y < rows.to; y++)
        memset(out + (y * shape.width + columns.from) * shape.channels, 0,
               (uint64_t)(columns.to - columns.from) * shape.channels * sizeof *out);
}
