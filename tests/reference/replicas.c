#include "replicas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *take(uint64_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

uint32_t ref_merge_bound(double *v, int8_t *sign, const double *each, const int8_t *signs, uint32_t count, double most)
{
    double sum = 0, merged;
    uint32_t moved = 0;
    bool crossed = false;
    for (uint32_t r = 0; r < count; r++) {
        sum += each[r] - *v;
        moved += each[r] != *v || signs[r] != *sign;
        crossed = crossed || signs[r] != *sign;
    }
    merged = *v + (moved > 0 ? sum / sqrt(moved) : 0);
    merged = fmin(most, fmax(-most, merged));
    if (moved == 1) /* a sign may change at 0 */
        for (uint32_t r = 0; r < count; r++)
            if (signs[r] != *sign) {
                *v = each[r];
                *sign = signs[r];
                return 1;
            }
    if (crossed && merged != 0)
        *sign = merged > 0 ? 1 : -1;
    if (!crossed && merged * *sign < 0)
        merged = 0;
    *v = merged;
    return moved;
}

static void copy_layer(ref_layer *to, const ref_layer *from)
{
    uint64_t connections = (uint64_t)from->neurons * from->inputs;
    memcpy(to->bound, from->bound, connections * sizeof *to->bound);
    memcpy(to->sign, from->sign, connections * sizeof *to->sign);
    memcpy(to->theta, from->theta, from->neurons * sizeof *to->theta);
    memcpy(to->means->m, from->means->m, connections * sizeof *to->means->m);
    memcpy(to->means->r, from->means->r, connections * sizeof *to->means->r);
    to->means->batches = from->means->batches;
}

static ref_network copy_of(const ref_network *network)
{
    ref_network out = *network;
    out.layers = take(network->layer_count, sizeof *out.layers);
    for (uint32_t l = 0; l < network->layer_count; l++) {
        out.layers[l] = network->layers[l];
        ref_layer_take(&out.layers[l]);
        copy_layer(&out.layers[l], &network->layers[l]);
    }
    return out;
}

/* (40) of a threshold */
static float merged_theta(const ref_layer *layer, const ref_network *each, uint32_t count, uint32_t l, uint32_t k)
{
    double theta = layer->theta[k], sum = 0;
    uint32_t moved = 0;
    for (uint32_t r = 0; r < count; r++) {
        sum += (double)each[r].layers[l].theta[k] - theta;
        moved += (double)each[r].layers[l].theta[k] != theta;
    }
    theta += moved > 0 ? sum / sqrt(moved) : 0;
    return (float)fmin(layer->theta_max, fmax(0, theta));
}

static void merge_layer(ref_layer *layer, const ref_network *each, uint32_t count, uint32_t l)
{
    double *v = take(count, sizeof *v), most = 1 / (1 - layer->alpha_max) - 1 / (1 - layer->alpha_min);
    int8_t *signs = take(count, sizeof *signs);
    for (uint64_t ik = 0; ik < (uint64_t)layer->neurons * layer->inputs; ik++) {
        double merged = layer->sign[ik] * (double)layer->bound[ik], m = 0, r2 = 0;
        for (uint32_t r = 0; r < count; r++) {
            const ref_layer *one = &each[r].layers[l];
            v[r] = one->sign[ik] * (double)one->bound[ik];
            signs[r] = one->sign[ik];
            m += one->means->m[ik] / count;
            r2 += one->means->r[ik] / count;
        }
        ref_merge_bound(&merged, &layer->sign[ik], v, signs, count, most);
        layer->bound[ik] = (float)fabs(merged);
        layer->means->m[ik] = m; /* (42) */
        layer->means->r[ik] = r2;
    }
    for (uint32_t k = 0; k < layer->neurons; k++)
        layer->theta[k] = merged_theta(layer, each, count, l, k);
    layer->means->batches = each[0].layers[l].means->batches; /* (41): the first replica has as many as any */
    free(v);
    free(signs);
}

void ref_learn_round(ref_network *network, uint32_t replicas, const ref_batch *batches, uint32_t batch_count,
                     const double *eta, double xi, const bool *corrected)
{
    uint32_t active = batch_count < replicas ? batch_count : replicas;
    ref_network *each = take(active, sizeof *each);
    for (uint32_t r = 0; r < active; r++) {
        each[r] = copy_of(network);
        for (uint32_t b = r; b < batch_count; b += replicas)
            ref_learn(&each[r], batches[b].in, batches[b].labels, batches[b].count, eta, xi, corrected);
    }
    for (uint32_t l = 0; l < network->layer_count; l++)
        if (corrected[l])
            merge_layer(&network->layers[l], each, active, l);
    for (uint32_t r = 0; r < active; r++)
        ref_network_release(&each[r]);
    free(each);
}
