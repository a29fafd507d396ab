/* The reference of `rule gradient`: the exact subgradient of the loss, derived from the forward equations alone.
 *
 * What the rule promises. With v as parameter and L the loss of one sample, summed over the batch, every connection of
 * a corrected layer moves by
 *
 *     v_ik <- v_ik - xi eta_k dL/dv_ik,   L = -log softmax(b x)_label,
 *                                         or max(0, m - x_label) + sum of max(0, x_other + m)
 *
 * Nothing else scales it: xi eta is the layer's whole constant. By the chain rule, from c = sign max(0, 1 - a q) and
 * v = sign (a_max - a), where o > alpha:  dx/dv = gamma q  (that is dx/da = -sign gamma q),  dx/do = sign gamma a,  and
 * do/dx = s/(1 - theta) between the ends of the ramp.
 *
 * Conventions for where L has a kink, and for what isn't L:
 *
 * - A connection steps where |v| >= t (model.md section 11) and passes an error back where |v| > t. The ramp has no
 *   slope at its ends. pool(max) goes back to the place it chose.
 * - A depressed neuron has no error, one that fires has the ramp's slope. A full pool(sum) passes on what asks for
 *   less.
 * - Floor, leak, thresholds, the valve and the ends of v are those of the repaired rule; an error is dropped by its
 *   size with b in it. A theta's wanted change of y is -dL/do as it stands. */
#ifndef REF_GRADIENT_H
#define REF_GRADIENT_H

#include "maps.h"

/* L of one sample, and -dL/dx of its drives. */
double ref_loss(const ref_network *settings, const double *x, uint32_t neurons, uint32_t label);
void ref_loss_descent(const ref_network *settings, const double *x, uint32_t neurons, uint32_t label, double *e);

/* One sample after its way forward: `e` of every layer becomes -dL/dx, `asked` -dL/do. */
void ref_gradient_back(const ref_graph *graph, uint32_t label, ref_map_pass *passes);

/* Adds -rate dL/dv of every connection for one sample, over its places. */
void ref_gradient_steps(const ref_map_layer *layer, const ref_map_pass *pass, double rate, double *d);

/* One batch of a network of dense layers, as a graph. */
void ref_learn_gradient(ref_network *network, const float *in, const uint32_t *labels, uint32_t count,
                        const double *eta, double xi, const bool *corrected);

#endif
