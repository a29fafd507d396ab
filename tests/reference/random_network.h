/* Random networks, each at once for the reference and as a .btn text that says the same, so that both can be run side
 * by side. Everything follows from one seed. Every setting has three decimals and is a float: both sides read the same
 * number. */
#ifndef RANDOM_NETWORK_H
#define RANDOM_NETWORK_H

#include <stddef.h>

#include "reference.h"

#define RANDOM_LAYERS 4u

typedef struct ref_random {
    uint64_t state;
} ref_random;

double ref_unit(ref_random *random);                /* [0, 1) */
uint32_t ref_below(ref_random *random, uint32_t n); /* 0..n-1 */
bool ref_chance(ref_random *random, double share);
double ref_setting(ref_random *random, double low, double high); /* three decimals, a float */

/* ---- parts, which random graphs of maps use too ---- */

/* Everything of a layer whose sizes and range_in are set; the kind of error and its numbers. */
void random_layer_choose(ref_layer *layer, ref_random *random, ref_rule rule);
void random_error_choose(ref_network *network, ref_random *random);
/* What two layers can't have together where one of them fires no ramp, `above` reading `below`. The levels of `below`
 * may all be next to nothing, and a sum shared among those would be one rounding over another: it is scaled instead.
 * The slopes of `above` fade to nothing, in floats sooner than in doubles, and a threshold's step hangs on whether
 * anything is asked: the thresholds below stay. */
void random_layers_reconcile(ref_layer *below, ref_layer *above);
/* Draws (alpha, sign, theta) and gives them to the layer. */
void random_layer_state(const ref_network *network, ref_layer *layer, ref_random *random, float *alpha, int8_t *sign,
                        float *theta);
/* One sample, in[count] up to `top`, zeros and full inputs among it. */
void random_sample(ref_random *random, float *in, uint64_t count, float top);
/* Adds to a text; the properties of a layer's block. */
void random_put(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The formula a neuron fires, once. */
void random_put_neuron(char *text, size_t size, const ref_neuron *neuron);
void random_put_properties(char *text, size_t size, ref_rule rule, const ref_layer *layer);

/* ---- networks of dense layers ---- */

typedef struct random_network {
    ref_network network;
    bool corrected[RANDOM_LAYERS];
    double eta[RANDOM_LAYERS];
    double xi;
    uint32_t batch;
    /* The state drawn last, as the reference was given it: [neurons][inputs], thresholds [neurons]. */
    float *alpha[RANDOM_LAYERS];
    int8_t *sign[RANDOM_LAYERS];
    float *theta[RANDOM_LAYERS];
    char text[4096];
} random_network;

void random_network_make(random_network *out, ref_random *random); /* repaired, or as printed */
void random_network_make_by(random_network *out, ref_random *random, ref_rule rule);
/* Draws another state; random_network_make drew the first. */
void random_state(random_network *of, ref_random *random);

void random_network_release(random_network *random_network);

/* One batch: in[batch][inputs] with zeros and full inputs among them, labels[batch]. */
void random_batch(const random_network *of, ref_random *random, float *in, uint32_t *labels);

/* A twin shares a network's settings and has its state with every number off by `by` of itself, up or down: what it
 * does otherwise is what roundings of that size can do. random_nudge does the same to numbers, never past `top`. */
void random_twin_make(const ref_network *of, ref_network *twin);
void random_twin_set(const ref_network *of, ref_network *twin, ref_random *random, double by);
void random_twin_layer(const ref_network *network, const ref_layer *from, ref_layer *to, ref_random *random, double by);
void random_nudge(ref_random *random, const float *from, float *to, uint64_t count, double by, float top);

#endif
