/* Compares int8 inference of one network with the reference. Every sum must equal that of the scalar integer reference.
 * Every drive must equal the unrounded one within the bound of docs/design/quantised.md. Differences are reported on
 * standard error. */
#ifndef INT8_H
#define INT8_H

#include "../reference/maps.h"
#include "../reference/neuron.h"
#include "bouton/compiler.h"
#include "engine/workspace.h"

enum { INT8_LAYERS = 13, INT8_CALIBRATION = 5 }; /* as MAPS_ALL, readouts included */

/* One network with its state, a chain or a graph of maps. */
typedef struct int8_subject {
    const char *text;
    float *const *alpha, *const *theta;
    int8_t *const *sign;
    float *const *gain;                     /* of layers with homeostasis; NULL: there are none */
    const ref_neuron *neurons[INT8_LAYERS]; /* activation function of each layer; NULL: the ramp */
    const ref_map_layer *maps[INT8_LAYERS]; /* clauses of lateral depression; NULL: winners are not checked */
    uint32_t values, batch;                 /* values of the input; samples */
    float range;
    float *in;      /* [batch][values] */
    bool calibrate; /* on the first samples only, so that other samples may lie above the top */
    uint32_t bits;  /* of a bound: 8, or 4; 0: 8 */
} int8_subject;

typedef struct int8_code {
    bl_context *context; /* NULL: the code is borrowed */
    bc_code *code;
    br_network *network;
    br_quantised *quantised;
    br_workspace *workspace;
} int8_code;

/* Compiles the network, without a state yet. */
int int8_compile(const int8_subject *s, const char *cpu, int level, int8_code *c);
/* Uses code that was compiled with options.quantise; the caller continues to own it. */
int int8_borrow(bc_code *code, int8_code *c);
/* Sets the state, quantises, and runs inference on the batch. */
int int8_answer(const int8_subject *s, int8_code *c);
void int8_free(int8_code *c);

/* Returns -1 if a sum, a drive or an activation is wrong, or if other neurons fire than those that lead by their drives
 * in 8 bits. Adds the number of sums to *compared. */
int int8_check(const int8_subject *s, const int8_code *c, uint64_t *compared);

/* The drives and activations of every layer except pools, without padding. The caller frees the values. */
typedef struct int8_answers {
    float *values;
    uint64_t count;
} int8_answers;
int8_answers int8_answers_of(const int8_code *c, uint32_t batch);

#endif
