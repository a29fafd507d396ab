/* 8-bit inference of one network: every sum against the scalar integer reference, exactly; every drive against the
 * unrounded one, within the bound of docs/design/quantised.md. What disagrees is told on standard error. */
#ifndef EIGHT_H
#define EIGHT_H

#include "../reference/neuron.h"
#include "bouton/compiler.h"
#include "engine/workspace.h"

enum { EIGHT_LAYERS = 5, EIGHT_CALIBRATION = 5 };

/* One network with its state, whatever it was drawn as. */
typedef struct eight_subject {
    const char *text;
    float *const *alpha, *const *theta;
    int8_t *const *sign;
    const ref_neuron *neurons[EIGHT_LAYERS]; /* how each layer fires; NULL: the ramp */
    uint32_t values, batch;                  /* of the input; samples */
    float range;
    float *in;      /* [batch][values] */
    bool calibrate; /* on the first samples, so that others may lie above the top */
} eight_subject;

typedef struct eight_code {
    bl_context *context; /* NULL: the code is somebody else's */
    bc_code *code;
    br_network *network;
    br_quantised *quantised;
    br_work *work;
} eight_code;

/* Compiled, with no state yet. */
int eight_compile(const eight_subject *s, const char *cpu, int level, eight_code *c);
/* The same in code that was compiled with options.quantise, and stays its owner's. */
int eight_borrow(bc_code *code, eight_code *c);
/* Sets the state, quantises, and answers the batch. */
int eight_answer(const eight_subject *s, eight_code *c);
void eight_free(eight_code *c);

/* -1 where a sum, a drive or an activation is wrong; *compared grows by the sums. */
int eight_check(const eight_subject *s, const eight_code *c, uint64_t *compared);

/* Every layer's drives and activations, without what pads them; pools choose among those. The caller frees them. */
typedef struct eight_answers {
    float *values;
    uint64_t count;
} eight_answers;
eight_answers eight_answers_of(const eight_code *c, uint32_t batch);

#endif
