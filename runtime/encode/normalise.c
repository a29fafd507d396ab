/* Local normalisation: each pixel minus the mean of a box around it, divided by the local deviation of that difference.
 * The deviation's box is two pixels larger. 0.3 of the whole image's deviation is added, so that flat regions are not
 * amplified. Colour differences are only multiplied to match the size of the luminance; their local mean is not
 * removed. */
#include "encode/normalise.h"

#include <math.h>

typedef struct plane {
    uint32_t height, width;
    double *sums;
} plane;

/* sums[y][x] = the sum over rows before y and columns before x, of the values or of their squares. */
static void sum_up(const plane *p, const float *values, bool squares)
{
    uint64_t pitch = (uint64_t)p->width + 1;
    for (uint64_t x = 0; x < pitch; x++)
        p->sums[x] = 0;
    for (uint64_t y = 0; y < p->height; y++) {
        const double *above = p->sums + y * pitch;
        double row = 0, *to = p->sums + (y + 1) * pitch;
        to[0] = 0;
        for (uint64_t x = 0; x < p->width; x++) {
            double value = values[y * p->width + x];
            row += squares ? value * value : value;
            to[x + 1] = above[x + 1] + row;
        }
    }
}

/* The part of a window of `side`, centred on `at`, that lies within 0..n. */
typedef struct span {
    uint32_t from, to;
} span;

static span cut(uint32_t at, uint32_t side, uint32_t n)
{
    uint32_t before = br_window_middle(side), after = side - before; /* `after` includes `at` itself */
    return (span){at > before ? at - before : 0, n - at > after ? at + after : n};
}

static double box_mean(const plane *p, span rows, span columns)
{
    uint64_t pitch = (uint64_t)p->width + 1;
    const double *top = p->sums + rows.from * pitch, *bottom = p->sums + rows.to * pitch;
    double sum = bottom[columns.to] - bottom[columns.from] - top[columns.to] + top[columns.from];
    return sum / ((double)(rows.to - rows.from) * (columns.to - columns.from));
}

static void normalise_plane(const plane *p, const br_encode_step *step, float *values)
{
    uint64_t pixels = (uint64_t)p->height * p->width;
    sum_up(p, values, false);
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++)
            values[(uint64_t)y * p->width + x] -=
                (float)box_mean(p, cut(y, step->height, p->height), cut(x, step->width, p->width));
    sum_up(p, values, true);
    double whole = sqrt(p->sums[(pixels + p->height) + p->width] / (double)pixels);
    for (uint32_t y = 0; y < p->height; y++) {
        span rows = cut(y, step->height + 2, p->height);
        for (uint32_t x = 0; x < p->width; x++) {
            double square = box_mean(p, rows, cut(x, step->width + 2, p->width));
            double deviation = sqrt(square > 0 ? square : 0) + BR_NORMALISE_GLOBAL * whole + BR_NORMALISE_FLOOR;
            float *value = &values[(uint64_t)y * p->width + x];
            *value = (float)(BR_NORMALISE_GAIN * *value / deviation);
        }
    }
}

void br_normalise(const br_encoder *encoder, const br_encode_step *step, br_encode_workspace *workspace)
{
    plane p = {encoder->shape.height, encoder->shape.width, workspace->sums};
    uint64_t pixels = (uint64_t)p.height * p.width;
    for (uint32_t c = 0; c < encoder->shape.channels; c++) {
        float *values = workspace->planes + c * pixels;
        if (c == 0 || !step->opponent)
            normalise_plane(&p, step, values);
        else
            for (uint64_t i = 0; i < pixels; i++)
                values[i] *= BR_NORMALISE_CHROMA;
    }
}
