/* ZCA whitening as a convolution. Of the whitening matrix of patches, only the rows of the centre pixel are needed;
 * they are applied at every place as filters. A filter's result is the pixel minus the part that can be predicted from
 * its surroundings. The mean of each filter is removed, so that it does not respond to uniform brightness. */
#include "encode/whiten.h"

#include <math.h>
#include <string.h>

#define VECTORS 8u /* of four floats: the places of a row that are convolved together */
#define TILE    (4 * VECTORS)

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

typedef struct bordered {
    uint64_t pitch, plane; /* floats from row to row and from channel to channel */
} bordered;

/* Includes the border, and rows of whole tiles. */
static bordered border_of(const br_encoder *e, const br_encode_step *step)
{
    uint64_t pitch = ((uint64_t)e->shape.width + TILE - 1) / TILE * TILE + step->width - 1;
    return (bordered){pitch, pitch * (e->shape.height + step->height - 1)};
}

uint64_t br_whiten_border(const br_encoder *encoder, const br_encode_step *step)
{
    return border_of(encoder, step).plane * encoder->shape.channels;
}

/* The source of place `at` of a bordered row. Beyond an end the image is mirrored, without repeating the last pixel. A
 * window no larger than the image needs no second reflection. */
static uint32_t mirrored(uint32_t at, uint32_t before, uint32_t n)
{
    if (at < before)
        return before - at;
    return at - before < n ? at - before : 2 * n - 2 - (at - before);
}

static void add_border(const br_encoder *e, const br_encode_step *step, const float *planes, float *out)
{
    bordered b = border_of(e, step);
    uint32_t up = br_window_middle(step->height), left = br_window_middle(step->width);
    for (uint32_t c = 0; c < e->shape.channels; c++)
        for (uint32_t y = 0; y < e->shape.height + step->height - 1; y++) {
            const float *from =
                planes + ((uint64_t)c * e->shape.height + mirrored(y, up, e->shape.height)) * e->shape.width;
            float *to = out + c * b.plane + y * b.pitch;
            for (uint32_t x = 0; x < left; x++)
                to[x] = from[mirrored(x, left, e->shape.width)];
            memcpy(to + left, from, e->shape.width * sizeof *to);
            for (uint32_t x = left + e->shape.width; x < e->shape.width + step->width - 1; x++)
                to[x] = from[mirrored(x, left, e->shape.width)];
        }
}

/* One filter at TILE neighbouring places; the sums stay in registers. */
static void convolve_tile(const float *in, const bordered *b, const br_encode_step *step, uint32_t channels,
                          const float *filter, float *out)
{
    four sums[VECTORS] = {0};
    for (uint32_t v = 0; v < step->height; v++)
        for (uint32_t u = 0; u < step->width; u++)
            for (uint32_t c = 0; c < channels; c++) {
                const four *from = (const four *)(in + c * b->plane + v * b->pitch + u);
                float weight = *filter++;
#pragma GCC unroll 8
                for (uint32_t i = 0; i < VECTORS; i++)
                    sums[i] += weight * from[i];
            }
    memcpy(out, sums, sizeof sums);
}

/* Divides by BR_WHITEN_SHARE of the whole result's deviation and multiplies by BR_WHITEN_GAIN. */
static void scale_result(float *values, uint64_t n)
{
    double squares = 0;
    for (uint64_t i = 0; i < n; i++)
        squares += (double)values[i] * values[i];
    float factor = (float)(BR_WHITEN_GAIN / (BR_WHITEN_SHARE * sqrt(squares / (double)n) + BR_WHITEN_FLOOR));
    for (uint64_t i = 0; i < n; i++)
        values[i] *= factor;
}

void br_whiten(const br_encoder *encoder, const br_encode_step *step, br_encode_workspace *workspace)
{
    bordered b = border_of(encoder, step);
    uint32_t width = encoder->shape.width, dimensions = step->height * step->width * encoder->shape.channels;
    uint64_t rows = (uint64_t)encoder->shape.channels * encoder->shape.height;
    add_border(encoder, step, workspace->planes, workspace->bordered);
    for (uint64_t row = 0; row < rows; row++) {
        const float *filter = encoder->numbers + step->numbers + row / encoder->shape.height * dimensions;
        const float *in = workspace->bordered + row % encoder->shape.height * b.pitch;
        for (uint32_t x = 0; x < width; x += TILE) {
            float tile[TILE];
            convolve_tile(in + x, &b, step, encoder->shape.channels, filter, tile);
            memcpy(workspace->next + row * width + x, tile, (width - x < TILE ? width - x : TILE) * sizeof *tile);
        }
    }
    float *result = workspace->next;
    workspace->next = workspace->planes;
    workspace->planes = result;
    scale_result(result, rows * width);
}

/* ---- back ---- */

/* A filter at one place. */
typedef struct under_filter {
    const br_encoder *encoder;
    const br_encode_step *step;
    const float *filter, *planes;
    uint32_t y, x;
} under_filter;

/* With `out` NULL, the filter's sum; otherwise adds `share` times each part of that sum to the value it comes from. */
static double each_part(const under_filter *u, double share, double *out)
{
    const bt_shape *shape = &u->encoder->shape;
    uint32_t up = br_window_middle(u->step->height), left = br_window_middle(u->step->width);
    const float *weight = u->filter;
    double sum = 0;
    for (uint32_t v = 0; v < u->step->height; v++)
        for (uint32_t w = 0; w < u->step->width; w++)
            for (uint32_t c = 0; c < shape->channels; c++, weight++) {
                uint64_t row = (uint64_t)c * shape->height + mirrored(u->y + v, up, shape->height);
                uint64_t at = row * shape->width + mirrored(u->x + w, left, shape->width);
                double part = (double)*weight * (double)u->planes[at];
                sum += part;
                if (out != NULL)
                    out[at] += share * part;
            }
    return sum;
}

void br_whiten_back(const br_encoder *encoder, const br_encode_step *step, const float *planes, const double *adds,
                    double *out)
{
    const bt_shape *shape = &encoder->shape;
    uint64_t places = bt_places(*shape), dimensions = (uint64_t)step->height * step->width * shape->channels;
    under_filter u = {.encoder = encoder, .step = step, .planes = planes};
    for (uint64_t i = 0; i < places * shape->channels; i++) {
        if (adds[i] == 0)
            continue;
        u.filter = encoder->numbers + step->numbers + i / places * dimensions;
        u.y = (uint32_t)(i % places / shape->width);
        u.x = (uint32_t)(i % shape->width);
        each_part(&u, adds[i] / each_part(&u, 0, NULL), out);
    }
}
