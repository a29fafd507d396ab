/* The scalar reference: dense networks exactly as in docs/model.md, in slow and simple code. It is written from that
 * page alone and shares no code and no header with the project, so that both would hardly have the same bug.
 *
 * Conventions that model.md leaves open, which hold for both sides of a comparison:
 *
 * - A connection carries signal and feedback if o > alpha (|v| > t). It steps if |v| >= t (section 3). An input o = 0
 *   contributes nothing and causes no step.
 * - In v form a contribution is c = sign * max(0, q|v| - q t) (section 2, identity 2). This equals
 *   sign * max(0, 1 - a q) with a = a_max - |v|, so it also holds for alpha_max < s. There t is negative, and the sign
 *   of v = 0 is stored.
 * - alpha >= alpha_min bounds |v| by a_max - 1/(1 - alpha_min).
 * - gamma is gain/sqrt(inputs), 1, or gain/(sum of o); in the last case a sum of 0 gives a drive of 0.
 * - Class weights are those of the samples of the batch, which stand for the training samples. The floor is compared
 *   with the error before it is weighted.
 * - All samples of a batch read the same state. Their steps are summed to d, and v + d is bounded once. It may cross
 *   zero if the layer switches signs and either tau = alpha_max or, before the step, alpha_max - alpha < tau. Otherwise
 *   it stops at zero and keeps its sign. Then |v| is clipped.
 * - An output error smaller than `floor` counts as zero (repaired rule). Softmax is rounded to float: where it rounds
 *   to 1 there is no error, and a threshold steps only if there is an error.
 * - Thresholds (7)-(8): the wanted change of y is e/(1 - theta) for an output neuron, and the feedback, ungated, for a
 *   hidden neuron. Steps are summed over the batch, then clamped once.
 * - The feedback of all layers is computed before any step. It passes through layers that are not corrected.
 * - Means of steps begin with 0 when the state is set, and all connections of a corrected layer have them. A mean of a
 *   smaller size than 1e-30 becomes 0. They are kept in double, not rounded to float.
 * - The printed rule: s = 1, gamma = 1, one sample at a time, g clamped to [0, 1]. A value that is not finite counts
 *   as 0 in a sum and causes no step (of theta: a quotient (7) that is not finite). A drive exactly on target causes no
 *   step of alpha. There is no floor, and a layer that is not corrected has eta = 0.
 *
 * The state is stored as floats: |v| and the sign for the repaired rule, alpha and the sign for the printed one.
 * Everything is computed in double, except g + dg and y + dy of the printed rule, which are rounded to float. (7) and
 * (12) have their poles where these are 1, so the rounding decides there, as it does for the output's softmax. Running
 * out of memory aborts, because only tests use this code. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron.h"

typedef enum ref_rule { REF_REPAIRED, REF_PRINTED, REF_GRADIENT } ref_rule;
typedef enum ref_sum { REF_SCALED, REF_RAW, REF_SHARED } ref_sum;
typedef enum ref_error { REF_SOFTMAX, REF_HINGE } ref_error;

/* Running means over the batches since the state was set, (23) and (24). */
typedef struct ref_means {
    uint32_t batches;
    double *m, *r; /* [neurons][inputs] */
} ref_means;

typedef struct ref_layer {
    uint32_t inputs, neurons;
    double range_in, range_out; /* s of the input, s of the output */
    double alpha_min, alpha_max;
    ref_sum sum;
    double gain;
    double theta_xi, theta_max; /* 0: thresholds do not learn */
    bool homeostasis;           /* maps only: drives are standardised, sum raw (section 14) */
    double ramp, ramp_from;     /* w and h, in deviations */
    float *neuron_gain;         /* [neurons]; not owned */
    double leak;
    bool switches;
    double tau;
    ref_neuron neuron; /* activation function; printed: the ramp */
    float *bound;      /* [neurons][inputs]: |v|, or alpha under the printed rule */
    int8_t *sign;      /* [neurons][inputs] */
    float *theta;      /* [neurons] */
    ref_means *means;
} ref_layer;

typedef struct ref_network {
    ref_rule rule;
    ref_error error;
    double sharpness; /* b of softmax, m of hinge */
    double floor;
    uint32_t centred;    /* homeostasis: one in so many silent places is centred; 0: none */
    bool weighs_classes; /* errors are multiplied by the weight of the sample's class */
    double momentum;     /* B1; 0: none */
    bool adapts;         /* adaptive steps */
    double adaptive;     /* adapts: B2 */
    double jitter; /* printed: added to dy and dg. 0, or the size of a rounding, which shows the effect of roundings */
    uint32_t layer_count;
    ref_layer *layers;
} ref_network;

/* One layer's values for one sample. */
typedef struct ref_pass {
    const double *in; /* [inputs]; owned by the layer below, or by the first pass */
    double input_sum, gamma;
    double *x, *y, *o; /* [neurons] */
    double *e;         /* [neurons]: error of the drive (printed: wanted change of the drive, times eta) */
    double *dy;        /* [neurons]: wanted change of y */
} ref_pass;

/* ref_layer_take allocates a layer whose sizes are set; ref_layer_set then sets its state from (alpha, sign, theta). */
void ref_layer_take(ref_layer *layer);
void ref_layer_set(const ref_network *network, ref_layer *layer, const float *alpha, const int8_t *sign,
                   const float *theta);
void ref_layer_release(ref_layer *layer);
void ref_network_release(ref_network *network); /* the layers' state and the array of layers */

/* sign * (a_max - a), which tests compare under the repaired rule. */
double ref_v(const ref_layer *layer, uint32_t neuron, uint32_t input);
double ref_v_of_alpha(double alpha, int sign, double alpha_max);

/* One pass for each layer. They are released together. */
ref_pass *ref_passes_new(const ref_network *network);
void ref_passes_release(const ref_network *network, ref_pass *passes);

/* One sample forward, in[inputs of layer 0]. */
void ref_forward(const ref_network *network, const float *in, ref_pass *passes);

/* Learns from one batch: in[count][inputs], labels[count]; eta and corrected have one element for each layer. */
void ref_learn(ref_network *network, const float *in, const uint32_t *labels, uint32_t count, const double *eta,
               double xi, const bool *corrected);

/* ---- single equations, which tests compare with hand-computed values ---- */

double ref_level(double x, double theta);                                    /* (3) */
double ref_contribution(double o, double bound, int sign, double alpha_max); /* (1)-(2) in v form */
void ref_output_error(const ref_network *network, const double *x, uint32_t neurons, uint32_t label, double *e);
double ref_class_weight(const ref_network *network, const uint32_t *labels, uint32_t count, uint32_t label);
double ref_gate(double theta, double x, double change);         /* (9) */
double ref_theta_target(double x, double theta, double change); /* (7), repaired */
double ref_connection_step(const ref_layer *layer, double bound, double o, double input_sum, double gamma, double rate,
                           double e); /* (11)-(15): d of one sample */
/* (23)-(24): brings the means of connection ik up to date with its summed steps d, and returns the step that v takes.
 * The layer's count of batches includes this one. `rate` is xi eta; adaptive steps are summed with a rate of 1. */
double ref_mean_step(const ref_network *network, const ref_layer *layer, uint64_t ik, double d, double rate);
void ref_connection_move(const ref_layer *layer, float *bound, int8_t *sign, double d); /* crossing and clipping */

double ref_printed_gain(double o, double alpha);                                          /* (1) */
double ref_printed_drive_change(double theta, double x, double y, double dy, double eta); /* (6) */
double ref_printed_theta_target(double x, double y, double dy);                           /* (7), not clamped */
double ref_printed_alpha_target(double o, double g, double dg);                           /* (12) */
void ref_printed_move(const ref_layer *layer, float *alpha, int8_t *sign, double o, double dc, double xi,
                      double jitter);                                                 /* (12)-(15) */
double ref_printed_feedback(double o, double alpha, int sign, double dc, double eta); /* (16)-(17) */

/* ---- the rules: repaired for one batch, printed for one sample; gradient.h has the gradient ---- */

void ref_learn_repaired(ref_network *network, const float *in, const uint32_t *labels, uint32_t count,
                        const double *eta, double xi, const bool *corrected);
void ref_learn_printed(ref_network *network, const float *in, uint32_t label, const double *eta, double xi,
                       const bool *corrected);

#endif
