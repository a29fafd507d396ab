/* From what encoded values added to what raw values added (docs/model.md, section 16). */
#ifndef BR_ENCODE_BACK_H
#define BR_ENCODE_BACK_H

#include "encode/encoder.h"

static inline uint32_t br_encoder_steps(const br_encoder *encoder)
{
    return encoder->step_count;
}

/* adds: of each encoded value of a sample, channels last; out: of each value of its raw shape. `encoded` becomes 0, or
 * n if the values are those after the first n steps: a normalised value also depends on how its surroundings vary, and
 * the complement of a value is no part of it, so neither is traced further back. */
int br_encoder_back(const br_encoder *encoder, const br_samples *samples, uint64_t index, const double *adds,
                    double *out, uint32_t *encoded, br_error *error);

#endif
