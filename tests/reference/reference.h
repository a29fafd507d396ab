/* The scalar reference: dense networks exactly as docs/model.md has them, slow and obvious. It is written from that
 * page alone and shares no code and no header with the project, so that agreeing with it means something.
 *
 * Conventions that model.md leaves open, fixed here for both sides of a comparison:
 *
 * - A connection is live for signal and feedback where o > alpha, strictly (|v| > t); for the step where |v| >= t
 *   (section 3). An input o = 0 contributes nothing and never steps.
 * - In v form a contribution is c = sign * max(0, q|v| - q t) (section 2, identity 2), the same as
 *   sign * max(0, 1 - a q) with a = a_max - |v|; so it also serves alpha_max < s, where t is negative and the sign of
 *   v = 0 is remembered.
 * - alpha >= alpha_min bounds |v| by a_max - 1/(1 - alpha_min).
 * - gamma is gain/sqrt(inputs), 1, or gain/(sum of o); in the last case a sum of 0 gives a drive of 0.
 * - A batch reads one state. The steps of its samples are summed, then v + d is brought into its bounds once: on the
 *   other side of zero than the sign it must be allowed to cross (the layer switches, and alpha_max - alpha < tau
 *   before the step, or tau = alpha_max), else it stops at zero and keeps its sign; then |v| is clipped.
 * - An error of the output below `floor` in size counts as zero (repaired rule). Softmax is rounded to float: where it
 *   says 1 there is no error, and a threshold's step hangs on whether there is any.
 * - Thresholds (7)-(8): the wanted change of an output's y is e/(1 - theta), of a hidden neuron's its feedback,
 *   ungated. Steps are summed over the batch, then clamped once.
 * - The feedback of all layers is computed before any step. It passes through layers that are not corrected.
 * - As printed: s = 1, gamma = 1, one sample at a time, g clamped to [0, 1]. What isn't finite counts as 0 in a sum and
 *   skips a step (of theta: where the quotient (7) isn't finite). A drive exactly on target makes no alpha step. There
 *   is no floor, and a layer that is not corrected has eta = 0.
 *
 * The state is kept as floats: |v| and the sign for the repaired rule, alpha and the sign for the printed one;
 * everything is computed in double, but for g + dg and y + dy as printed, which are rounded to float: (7) and (12) have
 * their poles where these are 1, and there the rounding decides, as it does for the output's softmax. Memory that can't
 * be had aborts: this serves tests alone. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron.h"

typedef enum ref_rule { REF_REPAIRED, REF_PRINTED, REF_GRADIENT } ref_rule;
typedef enum ref_sum { REF_SCALED, REF_RAW, REF_SHARED } ref_sum;
typedef enum ref_error { REF_SOFTMAX, REF_HINGE } ref_error;

typedef struct ref_layer {
    uint32_t inputs, neurons;
    double range_in, range_out; /* s of what it reads, s of its own output */
    double alpha_min, alpha_max;
    ref_sum sum;
    double gain;
    double theta_xi, theta_max; /* 0: thresholds stay */
    double leak;
    bool switches;
    double tau;
    ref_neuron neuron; /* how it fires; printed: the ramp */
    float *bound;      /* [neurons][inputs]: |v|, or alpha under the printed rule */
    int8_t *sign;      /* [neurons][inputs] */
    float *theta;      /* [neurons] */
} ref_layer;

typedef struct ref_network {
    ref_rule rule;
    ref_error error;
    double sharpness; /* b of softmax, m of hinge */
    double floor;
    double jitter; /* printed: added to dy and dg; 0, or a rounding, to see what hangs on it */
    uint32_t layer_count;
    ref_layer *layers;
} ref_network;

/* What one sample does in one layer. */
typedef struct ref_pass {
    const double *in; /* [inputs]; belongs to the layer below or to the network's first pass */
    double input_sum, gamma;
    double *x, *y, *o; /* [neurons] */
    double *e;         /* [neurons]: error of the drive (printed: its wanted change, eta in it) */
    double *dy;        /* [neurons]: wanted change of y */
} ref_pass;

/* Memory for a layer whose sizes are set; then its state from (alpha, sign, theta). */
void ref_layer_take(ref_layer *layer);
void ref_layer_set(const ref_network *network, ref_layer *layer, const float *alpha, const int8_t *sign,
                   const float *theta);
void ref_network_release(ref_network *network); /* the layers' memory and the array of layers */

/* sign * (a_max - a): what is compared under the repaired rule. */
double ref_v(const ref_layer *layer, uint32_t neuron, uint32_t input);
double ref_v_of_alpha(double alpha, int sign, double alpha_max);

/* One pass for each layer, released together. */
ref_pass *ref_passes_new(const ref_network *network);
void ref_passes_release(const ref_network *network, ref_pass *passes);

/* One sample forward, in[inputs of layer 0]. */
void ref_forward(const ref_network *network, const float *in, ref_pass *passes);

/* One batch: in[count][inputs], labels[count]; eta and corrected, one for each layer. */
void ref_learn(ref_network *network, const float *in, const uint32_t *labels, uint32_t count, const double *eta,
               double xi, const bool *corrected);

/* ---- single equations, so that tests can work them by hand ---- */

double ref_level(double x, double theta);                                    /* (3) */
double ref_contribution(double o, double bound, int sign, double alpha_max); /* (1)-(2) in v form */
void ref_output_error(const ref_network *network, const double *x, uint32_t neurons, uint32_t label, double *e);
double ref_gate(double theta, double x, double change);         /* (9) */
double ref_theta_target(double x, double theta, double change); /* (7), repaired */
double ref_connection_step(const ref_layer *layer, double bound, double o, double input_sum, double gamma, double rate,
                           double e);                                                   /* (11)-(15): d of one sample */
void ref_connection_move(const ref_layer *layer, float *bound, int8_t *sign, double d); /* crossing and clipping */

double ref_printed_gain(double o, double alpha);                                          /* (1) */
double ref_printed_drive_change(double theta, double x, double y, double dy, double eta); /* (6) */
double ref_printed_theta_target(double x, double y, double dy);                           /* (7), not clamped */
double ref_printed_alpha_target(double o, double g, double dg);                           /* (12) */
void ref_printed_move(const ref_layer *layer, float *alpha, int8_t *sign, double o, double dc, double xi,
                      double jitter);                                                 /* (12)-(15) */
double ref_printed_feedback(double o, double alpha, int sign, double dc, double eta); /* (16)-(17) */

/* ---- the rules: one batch (repaired), one sample (printed); gradient.h ---- */

void ref_learn_repaired(ref_network *network, const float *in, const uint32_t *labels, uint32_t count,
                        const double *eta, double xi, const bool *corrected);
void ref_learn_printed(ref_network *network, const float *in, uint32_t label, const double *eta, double xi,
                       const bool *corrected);

#endif
