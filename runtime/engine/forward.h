/* The graph of layers, walked: joining several sources, forward for one thread alone. */
#ifndef BR_GRAPH_H
#define BR_GRAPH_H

#include "engine/workspace.h"

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

/* The answers to the first n samples of a workspace. */
void br_answers_of(const br_work *work, uint32_t n, uint32_t *labels);

#endif
