/* Compiled without fused multiply-adds, so that predict and built code have the same bits. */
#include "engine/shares.h"

#include <string.h>

/* exp(x) for BR_SHARES_LEAST <= x <= 0, by the operations of bc_exp (compiler/emit/math.c): 2^n times a polynomial in
 * r = x - n ln 2. */
static float exponential(float x)
{
    static const float coefficients[] = {(float)1.9875691500e-4, (float)1.3981999507e-3, (float)8.3334519073e-3,
                                         (float)4.1665795894e-2, (float)1.6666665459e-1, (float)5.0000001201e-1};
    const float rounder = 12582912; /* 1.5 * 2^23: adding it rounds to an integer */
    float n = x * (float)1.44269504088896341 + rounder - rounder;
    float r = n * -0.693359375f + x;
    r = n * (float)2.12194440e-4 + r;
    float p = coefficients[0];
    for (size_t i = 1; i < sizeof coefficients / sizeof *coefficients; i++)
        p = p * r + coefficients[i];
    float value = p * (r * r) + r + 1, power;
    uint32_t bits = ((uint32_t)(int32_t)n + 127) << 23;
    memcpy(&power, &bits, sizeof power);
    return value * power;
}

/* The largest float below a positive one. */
static float next_below(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits--;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Drives that are not finite give no NaN: a comparison with NaN is false. */
void br_shares(const float *drive, const float *conscience, uint32_t classes, uint32_t label, float sharpness,
               float *shares)
{
    float top = drive[label] - conscience[label];
    double sum = 0;
    for (uint32_t k = 0; k < classes; k++) {
        float x = sharpness * (drive[k] - conscience[k] - top);
        shares[k] = k == label ? 1 : x > BR_SHARES_LEAST ? exponential(x) : 0;
        sum += (double)shares[k];
    }
    float most = (float)(1 / sum), below = next_below(most);
    for (uint32_t k = 0; k < classes; k++) {
        float share = (float)((double)shares[k] / sum), limit = k < label ? below : most;
        shares[k] = share < limit ? share : limit;
    }
}

void br_shares_of(const br_workspace *workspace, uint32_t i, uint32_t label, float *shares)
{
    uint32_t top = br_last_layer(workspace->model);
    const br_layer_code *last = &workspace->model->layers[top];
    const br_layer_state *s = &workspace->layers[top];
    br_shares(s->drive + (uint64_t)i * last->shape.out.sample_stride, s->conscience, last->shape.neurons, label,
              workspace->network->sharpness, shares);
}
