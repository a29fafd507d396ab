#include "quantised.h"

#include <math.h>

/* docs/design/quantised.md requires float, each operation rounded separately; a fused multiply-add may give another
 * quantum. */
int ref_activation_code(float o, float top)
{
    volatile float scaled = o * (255 / top);
    scaled = scaled + 0.5f;
    return scaled < 255 ? (int)scaled : 255;
}

int ref_alpha_code(float alpha, float top)
{
    double code = floor((double)alpha * 255 / (double)top + 0.5);
    return code < 255 ? (int)code : 255;
}

/* Largest distance of an activation from its quantised value: half a quantum, or its distance above the top. */
static double off(float o, double quantum, float top)
{
    return quantum / 2 + fmax(0, (double)o - (double)top);
}

ref_field_sum ref_quantised_sum(const ref_scales *scales, const float *o, const float *alpha, const int8_t *sign,
                                uint32_t count)
{
    double quantum = (double)scales->top / 255, slope_quantum = (double)scales->steepest / 127;
    ref_field_sum out = {.worth = quantum * slope_quantum};
    for (uint32_t i = 0; i < count; i++) {
        double a = 1 / (1 - (double)alpha[i]);
        int code = ref_activation_code(o[i], scales->top), edge = ref_alpha_code(alpha[i], scales->top);
        int over = code > edge ? code - edge : 0, slope = edge == 255 ? 0 : (int)lround(a / slope_quantum);
        slope = slope < 127 ? slope : 127;
        out.sum += sign[i] * slope * over;
        out.all += code;
        out.wanted += sign[i] * a * fmax(0, (double)o[i] - (double)alpha[i]);
        out.total += (double)o[i];
        out.bound += a * (off(o[i], quantum, scales->top) + quantum / 2) + slope_quantum / 2 * quantum * over;
        out.loose += off(o[i], quantum, scales->top);
    }
    return out;
}

ref_field_sum ref_levels_sum(const ref_scales *scales, const ref_levels *levels, const float *o, uint32_t count)
{
    double quantum = (double)scales->top / 255;
    ref_field_sum out = {.worth = quantum * (double)scales->steepest / 127};
    for (uint32_t i = 0; i < count; i++) {
        int code = ref_activation_code(o[i], scales->top), level = levels->codes[(uint64_t)i * levels->step];
        int over = code > levels->alphas[level] ? code - levels->alphas[level] : 0;
        out.sum += levels->slopes[level] * over;
        out.all += code;
    }
    out.wanted = out.worth * (double)out.sum;
    out.total = quantum * (double)out.all;
    return out;
}
