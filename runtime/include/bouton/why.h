/* What happened in a network for one sample: its live connections, and what each input added to a class.
 *
 *     br_why why;
 *     if (br_why_new(network, encoder, br_data_split(data, BT_SPLIT_TEST), 0, BR_WHY_ANSWER, &why, &error) != 0)
 *         return fail(error.message);
 *     for (uint64_t i = 0; i < bt_values(why.shape); i++)
 *         if (why.adds[i] != 0)
 *             printf("value %llu: %+.4f\n", (unsigned long long)i, why.adds[i]);
 *     printf("thresholds: %+.4f, drive %.4f\n", why.thresholds, why.drive);
 *     br_why_free(&why);
 *
 * Unlike those of bouton/infer.h, these functions take raw samples, before br_data_encode, and the encoder of the
 * network; NULL stands for an input without encodings. Threads: as in bouton/infer.h. */
#ifndef BOUTON_WHY_H
#define BOUTON_WHY_H

#include "bouton/data.h"
#include "bouton/network.h"

BOUTON_BEGIN

/* ---- the state of every layer for one sample ---- */

typedef struct br_trace br_trace;

/* Computes sample `index` and keeps the maps of every layer that leads to the answer. The network and the encoder must
 * outlive the trace; the samples need not. BR_ERROR_CHECK: samples of another shape, an encoder that has not learned.
 * BR_ERROR_USAGE: there is no such sample. */
int br_trace_new(br_network *network, const br_encoder *encoder, const br_samples *samples, uint64_t index,
                 br_trace **out, br_error *error);
void br_trace_free(br_trace *trace); /* NULL is fine */

/* The shape of a layer's map, or of what the first layer reads (BT_INPUT); a dense layer is 1 x 1 x neurons. */
bt_shape br_trace_shape(const br_trace *trace, uint32_t layer);
/* Writes bt_values of that shape: activations in [0, s], or drives, which the input has not. */
void br_trace_activations(const br_trace *trace, uint32_t layer, float *out);
void br_trace_drives(const br_trace *trace, uint32_t layer, float *out);
uint32_t br_trace_answer(const br_trace *trace); /* the class with the largest drive, as br_predict has it */

/* A connection that carries signal. A pool has one to each value that it passes on; its bound is 0. */
typedef struct br_live {
    uint32_t source; /* the layer read, or BT_INPUT */
    uint64_t from;   /* number of the value in the map of the source */
    uint64_t to;     /* number of the neuron in the map of its own layer */
    float bound;     /* +alpha excites, -alpha inhibits */
    double adds;     /* its part of the neuron's drive; of a pool, of its activation */
} br_live;
typedef void br_visit_live(void *user, const br_live *connection);

/* Visits every live connection of a layer, place by place. */
void br_trace_live(const br_trace *trace, uint32_t layer, br_visit_live *visit, void *user);

/* ---- what each input added to the drive of a class (docs/model.md, section 16) ---- */

#define BR_WHY_ANSWER UINT32_MAX /* the class that the network answers with */

typedef struct br_why {
    uint32_t answer;   /* the class that the network answers with */
    uint32_t label;    /* the class explained */
    double drive;      /* of the class; the sum of `adds` and `thresholds`, but for rounding: about 1e-6 of its parts */
    double thresholds; /* what no input added: thresholds, and the bounds of layers that read layers */
    bt_shape shape;    /* of a raw sample */
    double *adds;      /* [bt_values(shape)]: what each value added; below 0: against the class */
    uint32_t encoded;  /* 0: the values are raw. n: those after the first n encodings, because encoding n can't be
                          traced back */
} br_why;

/* BR_ERROR_USAGE: the network has no class `label`. Otherwise as br_trace_new. */
int br_why_new(br_network *network, const br_encoder *encoder, const br_samples *samples, uint64_t index,
               uint32_t label, br_why *out, br_error *error);
void br_why_free(br_why *why); /* empty is fine */

/* The activations of a layer's neurons if none of their connections is live, in [0, s]: [neurons of the layer], o° of
 * section 16. The layer is no pool. It fails only if memory runs out. */
int br_why_silent(const br_network *network, uint32_t layer, float *out, br_error *error);

BOUTON_END
#endif
