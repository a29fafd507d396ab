/* Counts the connections that carry signal for one sample. */
#include "engine/live.h"

#include <math.h>

/* The number of connections of one row that carry signal: o > alpha, which is |v| > t.                       (section
 * 1) */
static uint32_t live_in_row(const br_layer_code *code, const float *row, float edge)
{
    uint32_t count = 0;
    if (code->parameters.bound_encoding != BR_BOUND_ALPHA)
        for (uint32_t k = 0; k < code->shape.neurons; k++)
            count += fabsf(row[k]) > edge;
    else
        for (uint32_t k = 0; k < code->shape.neurons; k++)
            count += fabsf(row[k]) < edge;
    return count;
}

/* A convolution reads the same input at many places. Each row of bounds that meets it is one connection. */
static uint64_t live_in_windows(const br_layer_code *code, const br_layer_state *s, uint64_t offset, float edge)
{
    int64_t place = (int64_t)(offset / code->shape.in.pitch), c = (int64_t)(offset % code->shape.in.pitch);
    int64_t y = place / code->shape.in.width + code->shape.pad_top,
            x = place % code->shape.in.width + code->shape.pad_left;
    uint64_t live = 0;
    for (int64_t dy = 0; dy < code->shape.field_height && dy <= y; dy++) {
        if ((y - dy) % code->shape.stride != 0 || (y - dy) / code->shape.stride >= code->shape.out.height)
            continue;
        for (int64_t dx = 0; dx < code->shape.field_width && dx <= x; dx++) {
            if ((x - dx) % code->shape.stride != 0 || (x - dx) / code->shape.stride >= code->shape.out.width)
                continue;
            uint64_t row = (uint64_t)((dy * code->shape.field_width + dx) * code->shape.in.pitch + c);
            live += live_in_row(code, s->bounds + row * code->layout.pitch, edge);
        }
    }
    return live;
}

/* Each value that a pool reads is one connection; it is live if the value is above 0. */
static uint64_t live_values(const br_map *map, const float *values)
{
    uint64_t live = 0;
    for (uint64_t place = 0; place < br_map_places(*map); place++)
        for (uint32_t c = 0; c < map->channels; c++)
            live += values[place * map->pitch + c] > 0;
    return live;
}

/* Connections that read one input, by its place in the map and its threshold. */
static uint64_t live_of_input(const br_layer_code *code, const br_layer_state *s, uint64_t offset, float edge)
{
    return code->kind == BT_LAYER_CONV ? live_in_windows(code, s, offset, edge)
                                       : live_in_row(code, s->bounds + offset * code->layout.pitch, edge);
}

/* The dense and the packed method make no lists. */
static uint64_t live_in_map(const br_layer_code *code, const br_layer_state *s, uint32_t n)
{
    const br_map *in = &code->shape.in;
    const float *o = s->in + (uint64_t)n * in->sample_stride;
    uint64_t live = 0, values = br_map_places(*in) * in->pitch;
    bool tied = code->parameters.tied > 0; /* a level that is not 0 passes on what any w but 0 lets through */
    for (uint64_t i = 0; i < values; i++)
        if (o[i] > 0 || (tied && o[i] < 0))
            live += live_of_input(code, s, i, tied ? 0 : code->parameters.a_max - 1 / (1 - o[i]));
    return live;
}

double br_live_share(const br_layer_code *code, const br_layer_state *s, bool lists, uint32_t n)
{
    if (!code->kernels.events) {
        double values = (double)code->shape.in.height * code->shape.in.width * code->shape.in.channels;
        return (double)live_values(&code->shape.in, s->in + (uint64_t)n * code->shape.in.sample_stride) / values;
    }
    uint64_t live = 0, at = (uint64_t)n * code->layout.live_stride;
    double all = (double)code->shape.inputs * code->shape.neurons * code->shape.out.height * code->shape.out.width;
    if (!lists)
        return (double)live_in_map(code, s, n) / all;
    for (uint32_t e = 0; e < s->live.count[n]; e++)
        live += live_of_input(code, s, s->live.index[at + e], s->events.t[at + e]);
    return (double)live / all;
}
