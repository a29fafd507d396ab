/* One image through the steps of an encoder. */
#ifndef BR_APPLY_H
#define BR_APPLY_H

#include "encode/encoder.h"

int br_encode_workspace_new(const br_encoder *encoder, br_encode_workspace *out, br_error *error);
void br_encode_workspace_free(br_encode_workspace *workspace);

/* Reads one sample and applies the first `steps` steps. Steps that make several values of each value are left out. */
void br_encode_sample(const br_encoder *encoder, const br_samples *samples, uint64_t index, uint32_t steps,
                      br_encode_workspace *workspace);

#endif
