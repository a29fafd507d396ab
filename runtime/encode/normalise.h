/* Local normalisation of an image. */
#ifndef BR_NORMALISE_H
#define BR_NORMALISE_H

#include "encode/encoder.h"

void br_normalise(const br_encoder *encoder, const br_encode_step *step, br_encode_workspace *workspace);

#endif
