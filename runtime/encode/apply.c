#include "encode/apply.h"

#include "base/memory.h"
#include "encode/normalise.h"
#include "encode/whiten.h"

int br_encode_workspace_new(const br_encoder *encoder, br_encode_workspace *out, br_error *error)
{
    uint64_t pixels = bt_places(encoder->shape), bordered = 0;
    for (uint32_t i = 0; i < encoder->step_count; i++)
        if (encoder->steps[i].kind == BT_ENCODE_WHITEN) {
            uint64_t wanted = br_whiten_border(encoder, &encoder->steps[i]);
            bordered = wanted > bordered ? wanted : bordered;
        }
    *out = (br_encode_workspace){0};
    out->planes = br_new(pixels * encoder->shape.channels, sizeof *out->planes, error);
    out->next = out->planes != NULL ? br_new(pixels * encoder->shape.channels, sizeof *out->next, error) : NULL;
    out->sums = out->next != NULL
                    ? br_new((encoder->shape.height + 1ull) * (encoder->shape.width + 1ull), sizeof *out->sums, error)
                    : NULL;
    out->bordered = out->sums != NULL ? br_new(bordered, sizeof *out->bordered, error) : NULL;
    if (out->bordered != NULL)
        return 0;
    br_encode_workspace_free(out);
    return -1;
}

void br_encode_workspace_free(br_encode_workspace *workspace)
{
    br_release(workspace->planes);
    br_release(workspace->next);
    br_release(workspace->sums);
    br_release(workspace->bordered);
    *workspace = (br_encode_workspace){0};
}

static void bring_in(const br_encoder *e, const br_samples *samples, uint64_t index, float *planes)
{
    uint64_t pixels = bt_places(e->shape), from = index * pixels * e->shape.channels;
    double scale = 1 / (samples->high - samples->low);
    for (uint64_t i = 0; i < pixels; i++)
        for (uint32_t c = 0; c < e->shape.channels; c++, from++) {
            double raw = samples->bytes != NULL ? samples->bytes[from] : samples->floats[from];
            planes[c * pixels + i] = (float)((raw - samples->low) * scale);
        }
}

/* Luminance, red minus green, yellow minus blue. */
static void oppose(const br_encoder *e, float *planes)
{
    uint64_t pixels = bt_places(e->shape);
    float *red = planes, *green = red + pixels, *blue = green + pixels;
    for (uint64_t i = 0; i < pixels; i++) {
        float r = red[i], g = green[i], b = blue[i];
        red[i] = (r + g + b) / 3;
        green[i] = r - g;
        blue[i] = (r + g) / 2 - b;
    }
}

void br_encode_sample(const br_encoder *encoder, const br_samples *samples, uint64_t index, uint32_t steps,
                      br_encode_workspace *workspace)
{
    bring_in(encoder, samples, index, workspace->planes);
    for (uint32_t i = 0; i < steps; i++) {
        const br_encode_step *step = &encoder->steps[i];
        if (step->kind == BT_ENCODE_OPPONENT)
            oppose(encoder, workspace->planes);
        else if (step->kind == BT_ENCODE_NORMALISE)
            br_normalise(encoder, step, workspace);
        else if (step->kind == BT_ENCODE_WHITEN)
            br_whiten(encoder, step, workspace);
    }
}
