/* Encodings backwards. Several values made of one value add up. A linear step hands what a result added to the values
 * it is the sum of, each in proportion to its part of that sum. So the sum over all values stays the same. */
#include "encode/back.h"

#include <string.h>

#include "base/memory.h"
#include "encode/apply.h"
#include "encode/whiten.h"

/* What all values made of one value of the planes added. The order of the values is that of bring_out in encoder.c. */
static void gather(const br_encoder *e, const double *adds, double *planes)
{
    uint64_t pixels = bt_places(e->shape);
    uint32_t channels = e->shape.channels, halves = br_encoder_channels(e) / (channels * e->levels);
    for (uint64_t i = 0; i < pixels; i++)
        for (uint32_t half = 0; half < halves; half++)
            for (uint32_t c = 0; c < channels; c++)
                for (uint32_t l = 0; l < e->levels; l++)
                    planes[c * pixels + i] += *adds++;
}

/* Brightness (r + g + b)/3, red minus green r - g, yellow minus blue (r + g)/2 - b: each in proportion to its parts. */
static void oppose_back(const br_encoder *e, const float *before, const double *adds, double *out)
{
    static const double parts[3][3] = {{1. / 3, 1. / 3, 1. / 3}, {1, -1, 0}, {.5, .5, -1}};
    uint64_t pixels = bt_places(e->shape);
    for (uint64_t i = 0; i < pixels; i++)
        for (int result = 0; result < 3; result++) {
            double sum = 0, share = adds[(uint64_t)result * pixels + i];
            for (int c = 0; c < 3; c++)
                sum += parts[result][c] * (double)before[(uint64_t)c * pixels + i];
            for (int c = 0; share != 0 && c < 3; c++)
                out[(uint64_t)c * pixels + i] +=
                    share * parts[result][c] * (double)before[(uint64_t)c * pixels + i] / sum;
        }
}

/* The number of steps whose results are told: 0 if all can be traced back. */
static uint32_t told_after(const br_encoder *e)
{
    uint32_t linear = 0, told = 0;
    for (uint32_t i = 0; i < e->step_count; i++) {
        bt_encoding_kind kind = e->steps[i].kind;
        if (kind == BT_ENCODE_OPPONENT || kind == BT_ENCODE_NORMALISE || kind == BT_ENCODE_WHITEN)
            linear = i + 1;
        if (kind == BT_ENCODE_NORMALISE || kind == BT_ENCODE_COMPLEMENT)
            told = linear;
    }
    return told;
}

int br_encoder_back(const br_encoder *encoder, const br_samples *samples, uint64_t index, const double *adds,
                    double *out, uint32_t *encoded, br_error *error)
{
    uint64_t pixels = bt_places(encoder->shape), values = pixels * encoder->shape.channels;
    br_encode_workspace workspace;
    double *now = br_new(values, sizeof *now, error), *next = now ? br_new(values, sizeof *next, error) : NULL;
    if (!next || br_encode_workspace_new(encoder, &workspace, error) != 0) {
        br_release(now);
        br_release(next);
        return -1;
    }
    *encoded = told_after(encoder);
    gather(encoder, adds, now);
    for (uint32_t i = encoder->step_count; i-- > *encoded;) {
        const br_encode_step *step = &encoder->steps[i];
        if (step->kind != BT_ENCODE_OPPONENT && step->kind != BT_ENCODE_WHITEN)
            continue;
        memset(next, 0, values * sizeof *next);
        br_encode_sample(encoder, samples, index, i, &workspace);
        if (step->kind == BT_ENCODE_OPPONENT)
            oppose_back(encoder, workspace.planes, now, next);
        else
            br_whiten_back(encoder, step, workspace.planes, now, next);
        double *done = now;
        now = next;
        next = done;
    }
    for (uint64_t i = 0; i < values; i++)
        out[i] = now[i % encoder->shape.channels * pixels + i / encoder->shape.channels];
    br_encode_workspace_free(&workspace);
    br_release(now);
    br_release(next);
    return 0;
}
