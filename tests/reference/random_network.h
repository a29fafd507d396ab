/* Random networks, each for the reference and as an equivalent .btn text, so that both can be compared. Everything
 * follows from one seed. Every setting has three decimals and is a float, so both sides read the same number. */
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

/* ---- functions shared with random graphs of maps ---- */

/* random_layer_choose draws all settings of a layer except its sizes and range_in, which must be set.
 * random_error_choose draws the error and its settings. random_means_choose draws the means of steps, which most
 * networks do not have. Steps are adaptive only if all layers fire by the ramp (`ramps`): the slopes of other
 * functions vanish in float before they vanish in double, and an adaptive step is as long for a vanishing error as for
 * a large one. random_eta makes a rate of a plain step one of an adaptive step, if steps are adaptive. */
void random_layer_choose(ref_layer *layer, ref_random *random, ref_rule rule);
void random_error_choose(ref_network *network, ref_random *random);
void random_means_choose(ref_network *network, const ref_random *random, bool ramps);
double random_eta(const ref_network *network, double eta);
/* Adds the settings of means to the text of a phase. */
void random_put_means(char *text, size_t size, const ref_network *network);
/* Changes settings of two layers that depend too much on rounding, if one of them fires by another function than the
 * ramp. `above` reads `below`. All levels of `below` may be near 0, and sum(shared) would divide roundings by
 * roundings; `above` then scales its sum. Slopes of `above` vanish in float before they vanish in double, and a
 * threshold steps only if a change is wanted; the thresholds of `below` then stay. */
void random_layers_reconcile(ref_layer *below, ref_layer *above);
/* Draws (alpha, sign, theta) and gives them to the layer. */
void random_layer_state(const ref_network *network, ref_layer *layer, ref_random *random, float *alpha, int8_t *sign,
                        float *theta);
/* One sample, in[count] in [0, top], which includes zeros and full inputs. */
void random_sample(ref_random *random, float *in, uint64_t count, float top);
/* random_put adds to a text. random_put_properties adds the properties of a layer's block. */
void random_put(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Defines the neuron's formula in the text, if it is not there yet. */
void random_put_neuron(char *text, size_t size, const ref_neuron *neuron);
void random_put_properties(char *text, size_t size, ref_rule rule, const ref_layer *layer);

/* ---- networks of dense layers ---- */

typedef struct random_network {
    ref_network network;
    bool corrected[RANDOM_LAYERS];
    double eta[RANDOM_LAYERS];
    double xi;
    uint32_t batch;
    /* The state drawn last: [neurons][inputs], thresholds [neurons]. */
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

/* One batch: in[batch][inputs], which includes zeros and full inputs, and labels[batch]. */
void random_batch(const random_network *of, ref_random *random, float *in, uint32_t *labels);

/* A twin has a network's settings, and its state with every number changed by a share `by` of itself, up or down. Its
 * results show the effect of roundings of that size. random_nudge changes numbers likewise, but not past `top`. */
void random_twin_make(const ref_network *of, ref_network *twin);
void random_twin_set(const ref_network *of, ref_network *twin, ref_random *random, double by);
void random_twin_layer(const ref_network *network, const ref_layer *from, ref_layer *to, ref_random *random, double by);
void random_nudge(ref_random *random, const float *from, float *to, uint64_t count, double by, float top);

#endif
