/* The filters of a whitening step, learned from samples. */
#ifndef BR_WHITEN_LEARN_H
#define BR_WHITEN_LEARN_H

#include "encode/encoder.h"

#define BR_WHITEN_LIMIT 2048u /* dimensions of a patch: memory grows with their square, time with their cube */

int br_whiten_learn(br_encoder *encoder, uint32_t step, const br_samples *train, uint64_t seed,
                    br_encode_workspace *workspace, br_error *error);

#endif
