/* Shares of the classes: the probabilities that a network answers with. */
#ifndef BR_SHARES_H
#define BR_SHARES_H

#include "engine/workspace.h"

#define BR_SHARES_LEAST (-87.0f) /* of B (x_k - x_label); the share of a class below it is 0 */

/* p_k = exp(B (x_k - x_label)) / sum, with x_k = drive - conscience and B the sharpness.                       (20)
 * `label` is the class with the largest x, the lowest index on ties. shares [classes] add up to 1 but for rounding, and
 * `label` is also the first class with the largest share: p_k < p_label before it, p_k <= p_label behind it. Built code
 * does the same operations in the same order (compiler/artefact/answer.c). */
void br_shares(const float *drive, const float *conscience, uint32_t classes, uint32_t label, float sharpness,
               float *shares);

/* The shares of sample i of a workspace whose label is known. */
void br_shares_of(const br_workspace *workspace, uint32_t i, uint32_t label, float *shares);

#endif
