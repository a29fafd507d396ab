/* The feature cache: what frozen layers answer to every sample, computed once. */
#ifndef BR_FEATURES_H
#define BR_FEATURES_H

#include "engine/workspace.h"

/* Samples seen from one layer: what it reads, with everything below already computed (layers below don't move while it
 * learns). first = 0 and values NULL: nothing is cached. */
typedef struct br_features {
    uint32_t first;
    uint64_t count, stride;
    float *values; /* [count][stride]; count is twice the samples where they are mirrored too */
} br_features;

/* Whether layers from `first` on read nothing below `first` but one source of `first`. */
bool br_can_cut(const br_model *model, uint32_t first);
/* With `mirrored`, every sample a second time, mirrored: entry count + i. */
int br_features_new(const br_network *network, const br_samples *samples, uint32_t first, bool mirrored,
                    uint32_t threads, br_features *out, br_error *error);
void br_features_free(br_features *features);

#endif
