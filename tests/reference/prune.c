#include "prune.h"

#include <math.h>

double ref_prune_share(double keep, double over, uint32_t epochs, uint32_t ended)
{
    double left = fmax(0, 1 - ended / (over * epochs));
    return keep + (1 - keep) * pow(left, 3);
}

double ref_usefulness(const float *values, uint64_t count, double range, double alpha, double gain)
{
    double sum = 0, live = 0;
    for (uint64_t n = 0; n < count; n++) {
        double o = range * floor((double)values[n] * 255 / range + .5) / 255;
        sum += fmax(0, (o - alpha) / (1 - alpha));
        live += o > alpha;
    }
    return gain * sum / (double)count * live / (double)count;
}

void ref_prune_hold(ref_layer *layer, const bool *pruned)
{
    for (uint64_t ik = 0; ik < (uint64_t)layer->neurons * layer->inputs; ik++)
        if (pruned[ik])
            layer->bound[ik] = 0;
}
