#include "plan/numbers.h"

float bc_a_max(const bl_layer *layer)
{
    return 1.0f / (1.0f - (float)layer->alpha_max);
}

double bc_gamma_of(const bl_layer *layer)
{
    return layer->sum == BT_SUM_SCALED ? layer->gain / __builtin_sqrt(layer->inputs)
           : layer->sum == BT_SUM_RAW  ? 1
                                       : layer->gain;
}

bool bc_never_live(const bl_layer *layer, br_bound_encoding encoding, float w)
{
    float s = (float)layer->range_in, size = w < 0 ? -w : w;
    if (encoding == BR_BOUND_ALPHA)
        return size >= s && size <= 1;
    if (encoding == BR_BOUND_TIED)
        return size == 0;
    return size <= bc_a_max(layer) - 1 / (1 - s);
}

float bc_activation_of(double raw, double low, double high, float range)
{
    double unit = (raw - low) / (high - low);
    return (float)((double)range * (unit < 0 ? 0 : unit > 1 ? 1 : unit));
}
