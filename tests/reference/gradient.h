/* The reference of `rule gradient`: the exact subgradient of the loss, derived from the forward equations alone.
 *
 * With v as the parameter and L the loss of one sample, summed over the batch, the rule moves every connection of a
 * corrected layer by
 *
 *     v_ik <- v_ik - xi eta_k dL/dv_ik,   L = -log softmax(b x)_label,
 *                                         or max(0, m - x_label) + sum of max(0, x_other + m)
 *
 * xi eta is the only factor. With c = sign max(0, 1 - a q) and v = sign (a_max - a), the chain rule gives
 *
 *     dx/dv = gamma q  (that is dx/da = -sign gamma q)  and  dx/do = sign gamma a,  where o > alpha,
 *     do/dx = s/(1 - theta),  between the ends of the ramp.
 *
 * Conventions at the kinks of L, and for the settings that L does not contain:
 *
 * - A connection steps where |v| >= t (model.md section 11) and passes an error back where |v| > t. The slope of the
 *   ramp is 0 at its ends. pool(max) passes the error to the place that it chose.
 * - A depressed neuron has no error. A neuron that fires has the ramp's slope. A pool(sum) at its upper limit passes
 *   back only errors that ask for a smaller sum.
 * - Floor, leak, thresholds, the valve and the ends of v are as in the repaired rule. The floor is compared with the
 *   error including its factor b. The wanted change of y for a theta is -dL/do, not scaled. */
#ifndef REF_GRADIENT_H
#define REF_GRADIENT_H

#include "maps.h"

/* L of one sample, and -dL/dx of its drives. */
double ref_loss(const ref_network *settings, const double *x, uint32_t neurons, uint32_t label);
void ref_loss_descent(const ref_network *settings, const double *x, uint32_t neurons, uint32_t label, double *e);

/* -dL/dx of a layer's drives from -dL/do, and what the errors of one place add to -dL/do of its inputs. */
void ref_gradient_gate(const ref_map_layer *layer, ref_map_pass *pass);
void ref_gradient_field_back(const ref_map_layer *layer, ref_map_pass *pass, uint32_t y, uint32_t x);

/* Adds -rate dL/dv of every connection for one sample, summed over its places. */
void ref_gradient_steps(const ref_map_layer *layer, const ref_map_pass *pass, double rate, double *d);

/* One batch of a network of dense layers, as a graph. */
void ref_learn_gradient(ref_network *network, const float *in, const uint32_t *labels, uint32_t count,
                        const double *eta, double xi, const bool *corrected);

#endif
