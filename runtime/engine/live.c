/* Counts the connections that carry signal for one sample. */
#include "engine/live.h"

#include <math.h>

/* The number of connections of one row that carry signal: o > alpha, which is |v| > t.                       (section
 * 1) */
static uint32_t live_in_row(const br_layer_code *code, const float *row, float edge)
{
    uint32_t count = 0;
    if (code->form == BR_FORM_V)
        for (uint32_t k = 0; k < code->neurons; k++)
            count += fabsf(row[k]) > edge;
    else
        for (uint32_t k = 0; k < code->neurons; k++)
            count += fabsf(row[k]) < edge;
    return count;
}

/* A convolution reads the same input at many places. Each row of bounds that meets it is one connection. */
static uint64_t live_in_windows(const br_layer_code *code, const br_layer_state *s, uint64_t offset, float edge)
{
    int64_t place = (int64_t)(offset / code->in.pitch), c = (int64_t)(offset % code->in.pitch);
    int64_t y = place / code->in.width + code->pad_top, x = place % code->in.width + code->pad_left;
    uint64_t live = 0;
    for (int64_t dy = 0; dy < code->field_height && dy <= y; dy++) {
        if ((y - dy) % code->hop != 0 || (y - dy) / code->hop >= code->out.height)
            continue;
        for (int64_t dx = 0; dx < code->field_width && dx <= x; dx++) {
            if ((x - dx) % code->hop != 0 || (x - dx) / code->hop >= code->out.width)
                continue;
            uint64_t row = (uint64_t)((dy * code->field_width + dx) * code->in.pitch + c);
            live += live_in_row(code, s->bounds + row * code->stride, edge);
        }
    }
    return live;
}

/* Each value that a pool reads is one connection; it is live if the value is above 0. */
static uint64_t live_values(const br_map *map, const float *values)
{
    uint64_t live = 0;
    for (uint64_t place = 0; place < (uint64_t)map->height * map->width; place++)
        for (uint32_t c = 0; c < map->channels; c++)
            live += values[place * map->pitch + c] > 0;
    return live;
}

/* The dense method makes no lists. */
static uint64_t live_in_tiles(const br_layer_code *code, const br_layer_state *s, uint32_t n)
{
    const float *o = s->in + (uint64_t)n * code->in.stride;
    uint64_t live = 0;
    for (uint32_t i = 0; i < code->rows; i++)
        if (o[i] > 0)
            live += live_in_row(code, s->bounds + (uint64_t)i * code->stride, code->a_max - 1 / (1 - o[i]));
    return live;
}

double br_live_share(const br_layer_code *code, const br_layer_state *s, bool dense, uint32_t n)
{
    if (!code->events) {
        double values = (double)code->in.height * code->in.width * code->in.channels;
        return (double)live_values(&code->in, s->in + (uint64_t)n * code->in.stride) / values;
    }
    uint64_t live = 0, at = (uint64_t)n * code->live_stride;
    double all = (double)code->inputs * code->neurons * code->out.height * code->out.width;
    if (dense)
        return (double)live_in_tiles(code, s, n) / all;
    for (uint32_t e = 0; e < s->live_count[n]; e++) {
        uint64_t offset = s->live_index[at + e];
        live += code->kind == BT_LAYER_CONV ? live_in_windows(code, s, offset, s->live_t[at + e])
                                            : live_in_row(code, s->bounds + offset * code->stride, s->live_t[at + e]);
    }
    return (double)live / all;
}
