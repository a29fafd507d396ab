/* Compares a compiled random network with the scalar reference. The levels before learning, every tensor after one
 * batch (three equal ones if the steps have means), and the levels after it must agree to 1e-5 of the tensor's largest
 * value.
 *
 * A larger difference may be due to a decision that rounding can change: which neuron stays, which place a pool
 * chooses, whether a connection is live. Twins of the reference, whose numbers differ by a few roundings, show this. If
 * the twins differ from the reference by more, ten times their distance is allowed. Such tensors are counted and must
 * be few. */
#ifndef AGREE_H
#define AGREE_H

#include "../reference/random_maps.h"
#include "bouton/compiler.h"

enum { AGREE_LAYERS = MAPS_ALL, AGREE_TWINS = 8, AGREE_TENSORS = 2 + 2 * AGREE_LAYERS };

#define AGREE_SENSITIVE 0.02 /* largest share of tensors that may need the twins */

/* Tensors one after the other: levels before, bounds and theta of every layer, levels after. */
typedef struct agree_outcome {
    uint32_t count;
    uint64_t ends[AGREE_TENSORS];
    double *values;
} agree_outcome;

typedef struct agree_tally {
    uint64_t compared, leaned; /* tensors, and how many needed the twins */
} agree_tally;

typedef struct agree_subject {
    bool is_maps;
    random_network chain; /* dense layers, used if not is_maps */
    random_maps maps;
    /* of the chain or of the maps */
    ref_rule rule;
    const char *text;
    uint32_t layer_count, answer, batch; /* layers behind the one that answers belong to readouts */
    uint64_t values;                     /* of the input */
    double range;
    ref_layer *weights[AGREE_LAYERS];
    float *const *alpha, *const *theta;
    int8_t *const *sign;
    bl_context *context;
    const bl_program *program;
    /* the batch drawn last, and its outcomes */
    float *in, *nudged;
    uint32_t *labels;
    agree_outcome wanted, got, twins[AGREE_TWINS];
    bool twins_known;
    ref_random nudges; /* a generator of their own, so that the number of twins changes no network */
    bool moved;        /* the batch moved some bound */
    agree_tally tally;
} agree_subject;

/* Draws a network. Returns -1 if the checker refused its text, with the diagnostics on standard error. agree_free is
 * needed in both cases. */
int agree_new(agree_subject *s, ref_random *random, ref_rule rule, bool maps);
int agree_new_depressed(agree_subject *s, ref_random *random, random_depression depression);
void agree_free(agree_subject *s);

/* Draws another state and a batch, and runs the reference on them. */
void agree_draw(agree_subject *s, ref_random *random);

typedef struct agree_code {
    bc_code *code;
    bc_options options;
    bt_method methods[AGREE_LAYERS];
    br_schedule schedule;
    br_network *network;
} agree_code;

/* Compiles every layer for the given method if the layer supports it, otherwise for event lists, with or without the
 * kernels of int8 inference. Returns -1 with the reason on standard error. */
int agree_compile(const agree_subject *s, const char *cpu, int level, bt_method form, bool quantise, agree_code *c);
/* The same for inference alone, with event lists; only agree_compare_answers may compare such code. */
int agree_compile_answers(const agree_subject *s, const char *cpu, int level, agree_code *c);
void agree_code_free(agree_code *c);
/* Gives the state drawn last to the compiled side. Returns -1 with the reason on standard error. */
int agree_give_state(const agree_subject *s, const agree_code *c);
/* Sets the inference method of code compiled with BC_METHOD_MEASURED. Layers that do not support it use event lists.
 * Returns false if no layer supports it. */
typedef enum agree_form { AGREE_LISTS, AGREE_TILES, AGREE_PACKED, AGREE_FORMS } agree_form;
bool agree_answer_in(const agree_subject *s, agree_code *c, agree_form form);

/* Runs the compiled side and compares. Returns the number of tensors that differ by more than they may, and reports
 * them on standard error. */
int agree_compare(agree_subject *s, const agree_code *c);
int agree_compare_answers(agree_subject *s, const agree_code *c); /* the levels before learning only */

#endif
