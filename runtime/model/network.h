/* A model with its state, and the working memory of one batch. */
#ifndef BR_NETWORK_H
#define BR_NETWORK_H

#include "bouton/runtime.h"

typedef struct br_layer_bounds {
    float *bounds;     /* [rows][stride] */
    float *theta;      /* [stride] */
    float *conscience; /* [stride]: handicaps learned by competition; 0 without */
    float calibration; /* pool(sum): factor of the sum */
    bool calibrated;
    bool dense;       /* answers by tiles over all inputs where it also learns; */
    bool packed;      /* where it only answers */
    float live_share; /* of its inputs, when the form was chosen; */
    bool looked;      /* that is, once data were seen */
} br_layer_bounds;

struct br_network {
    const br_model *model;
    br_layer_bounds *layers;
};

uint64_t br_layer_bounds_count(const br_layer_code *code); /* floats, padding included */

/* The row of bounds that belongs to input i of the fan-in, 0 <= i < code->inputs. */
static inline uint64_t br_row_of(const br_layer_code *code, uint64_t i)
{
    return i / code->in.channels * code->in.pitch + i % code->in.channels;
}

/* |v| = a_max - 1/(1 - alpha), with its sign. */
float br_bound_of(const br_layer_code *code, double alpha, bool excites);

/* How a layer answers where its bounds rest, by the share of live inputs that was found. */
void br_form_settle(br_network *network, uint32_t layer);

/* A second copy of a network's state (for the best epoch). */
int br_network_copy_new(const br_network *network, br_network **out, br_error *error);
void br_network_copy(br_network *to, const br_network *from);

/* Arrays for `batch` samples, all in one block. Without learning, only what forward needs. */
typedef struct br_work {
    const br_model *model;
    const br_network *network;
    uint32_t batch;
    float *in;        /* [batch][input_stride of layer 0] */
    uint32_t *labels; /* [batch] */
    br_layer_state *layers;
    float **joined;            /* [layer_count]: `in` of layers with several sources, else NULL */
    float **joined_correction; /* the same, for what comes back */
    br_eight *eights;          /* [layer_count]: 8-bit inference; NULL: in floats */
    void *block;
} br_work;
uint64_t br_work_bytes(const br_model *model, uint32_t batch, bool learning); /* UINT64_MAX: beyond 64 bits */
int br_work_new(const br_network *network, uint32_t batch, bool learning, br_work **out, br_error *error);
void br_work_free(br_work *work);

/* gamma of a layer for a field whose activations sum to `sum`.                       (4) */
float br_layer_gamma(const br_layer_code *code, float sum);

#endif
