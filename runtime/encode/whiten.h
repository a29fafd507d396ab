/* Whitening of an image by learned filters. */
#ifndef BR_WHITEN_H
#define BR_WHITEN_H

#include "encode/encoder.h"

uint64_t br_whiten_border(const br_encoder *encoder, const br_encode_step *step); /* floats of `bordered` */
void br_whiten(const br_encoder *encoder, const br_encode_step *step, br_encode_workspace *workspace);

#endif
