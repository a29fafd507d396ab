/* The feature cache: the output of frozen layers for every sample, computed once. */
#ifndef BR_FEATURES_H
#define BR_FEATURES_H

#include "engine/workspace.h"

/* The input of layer `first` for every sample. The layers below do not change while it learns. first = 0 and values
 * NULL: nothing is cached. */
typedef struct br_features {
    uint32_t first;
    uint64_t count, stride;
    float *values; /* [count][stride]; with mirrored samples, count is twice their number */
} br_features;

/* Whether the layers from `first` on read nothing below `first` except one source of `first`. */
bool br_can_cut(const br_model *model, uint32_t first);
/* With `mirrored`, entry count + i is sample i mirrored. */
int br_features_new(const br_network *network, const br_samples *samples, uint32_t first, bool mirrored,
                    uint32_t threads, br_features *out, br_error *error);
void br_features_free(br_features *features);

#endif
