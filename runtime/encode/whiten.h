/* Whitening of an image by learned filters. */
#ifndef BR_WHITEN_H
#define BR_WHITEN_H

#include "encode/encoder.h"

uint64_t br_whiten_border(const br_encoder *encoder, const br_encode_step *step); /* floats of `bordered` */
void br_whiten(const br_encoder *encoder, const br_encode_step *step, br_encode_workspace *workspace);

/* Hands what each result added back to the values that it was made of, each in proportion to its part of the filter's
 * sum. planes: before the step; adds: of the results; both [channels][height][width]. out, the same, begins as 0. */
void br_whiten_back(const br_encoder *encoder, const br_encode_step *step, const float *planes, const double *adds,
                    double *out);

#endif
