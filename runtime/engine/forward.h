/* The graph of layers, walked: joining several sources, forward for one thread alone. */
#ifndef BR_GRAPH_H
#define BR_GRAPH_H

#include "model/network.h"

/* Copies the sources of a layer side by side for samples [n0, n1); nothing to do for a single source. */
void br_join(const br_work *work, uint32_t layer, uint32_t n0, uint32_t n1);

/* The way back: adds what the layer asked of its copy to the corrections of its sources. */
void br_unjoin(const br_work *work, uint32_t layer, uint32_t n0, uint32_t n1);

/* Whether a layer that answered walked lists of live inputs, which are there then. */
bool br_has_lists(const br_work *work, uint32_t layer);

/* Layers [from, to) for samples [n0, n1), by one thread. */
void br_forward_alone(const br_work *work, uint32_t from, uint32_t to, uint32_t n0, uint32_t n1);

/* How many samples one thread answers at a time: a dense layer reads its bounds once for all of them, while the maps of
 * few stay in the cache. Results don't depend on it. */
uint32_t br_block_of(const br_model *model);

/* The class a sample's drives answer: the largest, the lowest index on ties. */
uint32_t br_answer(const float *drive, const float *conscience, uint32_t classes);

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
