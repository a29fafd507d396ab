/* Compares int8 inference of one network with the reference. Every sum must equal that of the scalar integer reference.
 * Every drive must equal the unrounded one within the bound of docs/design/quantised.md. Differences are reported on
 * standard error. */
#ifndef EIGHT_H
#define EIGHT_H

#include "../reference/neuron.h"
#include "bouton/compiler.h"
#include "engine/workspace.h"

enum { EIGHT_LAYERS = 5, EIGHT_CALIBRATION = 5 };

/* One network with its state, a chain or a graph of maps. */
typedef struct eight_subject {
    const char *text;
    float *const *alpha, *const *theta;
    int8_t *const *sign;
    const ref_neuron *neurons[EIGHT_LAYERS]; /* activation function of each layer; NULL: the ramp */
    uint32_t values, batch;                  /* values of the input; samples */
    float range;
    float *in;      /* [batch][values] */
    bool calibrate; /* on the first samples only, so that other samples may lie above the top */
} eight_subject;

typedef struct eight_code {
    bl_context *context; /* NULL: the code is borrowed */
    bc_code *code;
    br_network *network;
    br_quantised *quantised;
    br_work *work;
} eight_code;

/* Compiles the network, without a state yet. */
int eight_compile(const eight_subject *s, const char *cpu, int level, eight_code *c);
/* Uses code that was compiled with options.quantise; the caller continues to own it. */
int eight_borrow(bc_code *code, eight_code *c);
/* Sets the state, quantises, and runs inference on the batch. */
int eight_answer(const eight_subject *s, eight_code *c);
void eight_free(eight_code *c);

/* Returns -1 if a sum, a drive or an activation is wrong. Adds the number of sums to *compared. */
int eight_check(const eight_subject *s, const eight_code *c, uint64_t *compared);

/* The drives and activations of every layer except pools, without padding. The caller frees the values. */
typedef struct eight_answers {
    float *values;
    uint64_t count;
} eight_answers;
eight_answers eight_answers_of(const eight_code *c, uint32_t batch);

#endif
