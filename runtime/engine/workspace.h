/* The workspace of one batch: every array of every layer. */
#ifndef BR_WORKSPACE_H
#define BR_WORKSPACE_H

#include "model/network.h"

/* Arrays for `batch` samples, all in one block. Without learning, only those of the forward pass. */
typedef struct br_workspace {
    const br_model *model;
    const br_network *network;
    uint32_t batch;
    float *in;        /* [batch][in.sample_stride of layer 0] */
    uint32_t *labels; /* [batch] */
    br_layer_state *layers;
    bool *waits;               /* [layer_count]: the drives are standardised by the learner, then depressed */
    float **joined;            /* [layer_count]: `in` of layers with several sources, else NULL */
    float **joined_correction; /* [layer_count]: the same for corrections */
    br_int8 *int8s;            /* [layer_count]: 8-bit inference; NULL: in floats */
    void *block;
} br_workspace;

uint64_t br_workspace_bytes(const br_model *model, uint32_t batch, bool learning); /* UINT64_MAX: more than 64 bits */
int br_workspace_new(const br_network *network, uint32_t batch, bool learning, br_workspace **out, br_error *error);
void br_workspace_free(br_workspace *workspace);

#endif
