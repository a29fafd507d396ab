/* The forward pass over the graph of layers: joining several sources, and inference on one thread. */
#ifndef BR_FORWARD_H
#define BR_FORWARD_H

#include "base/part.h"
#include "engine/workspace.h"

/* Copies the sources of a layer side by side for samples [n0, n1). Does nothing for a single source. */
void br_join(const br_workspace *workspace, uint32_t layer, uint32_t n0, uint32_t n1);

/* Adds the corrections of the joined copy to those of the layer's sources. */
void br_unjoin(const br_workspace *workspace, uint32_t layer, uint32_t n0, uint32_t n1);

/* The method by which a workspace computes a layer. */
bt_method br_method_in(const br_workspace *workspace, uint32_t layer);

/* Whether computing the layer fills in the lists of its live inputs. */
bool br_has_lists(const br_workspace *workspace, uint32_t layer);

/* The three steps of one layer, in this order. Samples may be shared out between threads in all of them; the vector
 * blocks of a sum may be shared out instead, after all samples are prepared. */
void br_prepare(const br_workspace *workspace, uint32_t layer, uint32_t n0, uint32_t n1);
void br_sum(const br_workspace *workspace, uint32_t layer, br_part samples, br_part blocks);
void br_depress(const br_workspace *workspace, uint32_t layer, uint32_t n0, uint32_t n1);

/* Computes layers [from, to) for samples [n0, n1), on one thread. */
void br_forward_alone(const br_workspace *workspace, uint32_t from, uint32_t to, uint32_t n0, uint32_t n1);

/* The same for a caller that reads maps of the last layer only: drives and activations of convolutions that only a pool
 * reads (layout.unread) are not kept. */
void br_forward_answers(const br_workspace *workspace, uint32_t from, uint32_t to, uint32_t n0, uint32_t n1);
/* The same for learning, which finds the errors of a layer that is layout.pooled in the pool behind it. */
void br_forward_learning(const br_workspace *workspace, uint32_t from, uint32_t to, uint32_t n0, uint32_t n1);

/* The number of samples that one thread computes at a time. A dense layer reads its bounds once for all of them,
 * whereas the maps of a few samples stay in the cache. Results don't depend on it. */
uint32_t br_block_of(const br_model *model);

/* The class with the largest drive; the lowest index on ties. */
uint32_t br_answer(const float *drive, const float *conscience, uint32_t classes);

/* The class of sample i of a workspace, as the layer that answers has it, and as a readout has it. */
uint32_t br_answer_of(const br_workspace *workspace, uint32_t i);
uint32_t br_answer_at(const br_workspace *workspace, uint32_t layer, uint32_t i);

/* The classes of the first n samples of a workspace. */
void br_answers_of(const br_workspace *workspace, uint32_t n, uint32_t *labels);

#endif
