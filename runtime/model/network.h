/* A model with its state. */
#ifndef BR_NETWORK_H
#define BR_NETWORK_H

#include "bouton/runtime.h"

typedef struct br_layer_bounds {
    float *bounds;     /* [rows][pitch] */
    float *theta;      /* [pitch]; homeostasis: then [pitch] gains */
    float *conscience; /* [pitch]: handicaps learned by competition; 0 without */
    float calibration; /* pool(sum): factor of the sum */
    bool calibrated;
    bt_method training, inference; /* how the layer computes; int8 inference does not depend on it */
    float live_share;              /* share of live inputs when the methods were chosen */
    bool measured;                 /* the methods were chosen from samples */
} br_layer_bounds;

#define BR_SHARPNESS_START 5.0f /* before calibration; also the default of the softmax error */
#define BR_SHARPNESS_LEAST (1.0f / 1024)
#define BR_SHARPNESS_MOST  1024.0f

/* Whoever follows long work: br_network_follow. */
typedef struct br_follower {
    void (*advance)(void *user, uint64_t done, uint64_t total); /* NULL: nobody */
    void *user;
} br_follower;

struct br_network {
    const br_model *model;
    br_follower follower;
    br_layer_bounds *layers;
    float sharpness; /* B of the shares of the classes, above 0 */
};

uint64_t br_layer_bounds_count(const br_layer_code *code); /* floats, padding included */

/* The row of bounds of input i of the fan-in, 0 <= i < code->inputs. */
static inline uint64_t br_row_of(const br_layer_code *code, uint64_t i)
{
    return i / code->shape.in.channels * code->shape.in.pitch + i % code->shape.in.channels;
}

/* |v| = a_max - 1/(1 - alpha), with its sign, in the encoding of the layer's bounds. */
float br_bound_of(const br_layer_code *code, double alpha, bool excites);
/* alpha = 1 - 1/(a_max - |v|), not of the rule as printed. */
float br_alpha_of(const br_layer_code *code, float w);

/* Sets the threshold and the gain of a neuron from the mean and the variance of its sums. (26) */
#define BR_VARIANCE_LEAST 1e-6
void br_layer_standardise(const br_layer_code *code, br_layer_bounds *layer, uint32_t neuron, double mean,
                          double variance);

/* A copy of a network's state, for the best epoch. */
int br_network_copy_new(const br_network *network, br_network **out, br_error *error);
void br_network_copy(br_network *to, const br_network *from);

/* gamma of a layer for a field whose activations sum to `sum`.                       (4) */
float br_layer_gamma(const br_layer_code *code, float sum);

#endif
