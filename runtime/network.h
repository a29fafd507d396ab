/* A model with its state, and the working memory of one batch. */
#ifndef BR_NETWORK_H
#define BR_NETWORK_H

#include "bouton/runtime.h"

typedef struct br_layer_bounds {
    float *bounds; /* [inputs][stride] */
    float *theta;  /* [stride] */
} br_layer_bounds;

struct br_network {
    const br_model *model;
    br_layer_bounds *layers;
};

uint64_t br_layer_bounds_count(const br_layer_code *code); /* floats, padding included */

/* A second copy of a network's state (for the best epoch). */
int br_network_copy_new(const br_network *network, br_network **out, br_error *error);
void br_network_copy(br_network *to, const br_network *from);

/* Arrays for `batch` samples, all in one block. Without learning, only what forward needs. */
typedef struct br_work {
    const br_model *model;
    uint32_t batch;
    float *in;        /* [batch][input_stride of layer 0] */
    uint32_t *labels; /* [batch] */
    br_layer_state *layers;
    void *block;
} br_work;
int br_work_new(const br_network *network, uint32_t batch, bool learning, br_work **out, br_error *error);
void br_work_free(br_work *work);

#endif
