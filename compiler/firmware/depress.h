/* Lateral depression of one sample, equation (19): of a neighbourhood, few neurons fire. */
#ifndef BC_FIRMWARE_DEPRESS_H
#define BC_FIRMWARE_DEPRESS_H

#include "firmware/values.h"

/* The activation of neuron n before depression, from its drive x; `at` is its number in the layer's map. */
typedef bc_value bc_before(bc_emit *e, const void *user, bc_value n, bc_value at, bc_value x);

/* What becomes of the activation o after depression; without such a function, it goes into the layer's map. */
typedef void bc_behind(bc_emit *e, const void *user, bc_value n, bc_value x, bc_value o);

typedef struct bc_small_depression {
    const bc_small_layer *l;
    bc_value scratch;
    bool all;            /* `drives` are those of all places, otherwise those of the place at work */
    bc_value drives;     /* address */
    bc_value conscience; /* constants [neurons]; NULL: none */
    bc_before *before;
    bc_behind *behind; /* may be NULL */
    const void *user;  /* of both */
} bc_small_depression;

/* The largest drives that a clause keeps in scratch memory at a time. */
uint32_t bc_rank_count(const bl_layer *judge);

/* Writes the activations of a place. Its drives are known and, for clauses over places, those of all places. */
void bc_emit_depression(bc_emit *e, const bc_small_depression *d, const bc_small_place *place);

#endif
