/* The feature cache: the output of frozen layers for every sample, computed once. */
#ifndef BR_FEATURES_H
#define BR_FEATURES_H

#include "engine/blocks.h"

/* The input of layer `first` for every sample. The layers below do not change while it learns. first = 0 and values
 * NULL: nothing is cached. */
typedef struct br_features {
    uint32_t first;
    uint64_t count, stride;
    float *values; /* [count][stride]; with mirrored samples, count is twice their number */
} br_features;

/* Whether the layers from `first` on read nothing below `first` except one source of `first`. */
bool br_can_cut(const br_model *model, uint32_t first);
/* What is cached. */
typedef struct br_features_job {
    uint32_t first;
    bool mirrored; /* entry count + i is sample i mirrored */
    uint32_t threads;
    const br_blocks_watch *watch; /* NULL: nobody follows the work */
} br_features_job;

/* 1: the watch stopped it, and *out is empty. */
int br_features_new(const br_network *network, const br_samples *samples, const br_features_job *job, br_features *out,
                    br_error *error);
void br_features_free(br_features *features);

#endif
