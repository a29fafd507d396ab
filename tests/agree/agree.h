/* One random network on both sides: compiled, and by the scalar reference. Levels before learning, every tensor after
 * one batch, and the levels after it must agree to 1e-5 of the tensor's largest value.
 *
 * Where they do not, the reference's own twins, whose numbers are off by a few roundings, tell whether that hangs on a
 * decision within rounding: who stays, which place a pool chose, whether a connection is live. Where twins part from
 * the reference further, ten times that is the bound; such tensors are counted and must be few. */
#ifndef AGREE_H
#define AGREE_H

#include "../reference/random_maps.h"
#include "bouton/compiler.h"

enum { AGREE_LAYERS = 5, AGREE_TWINS = 8, AGREE_TENSORS = 2 + 2 * AGREE_LAYERS };

#define AGREE_SENSITIVE 0.02 /* share of tensors that may need the twins */

/* Levels before, bounds and theta of every layer, levels after; one after the other. */
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
    random_network chain; /* dense layers; else a graph */
    random_maps maps;
    /* of either */
    ref_rule rule;
    const char *text;
    uint32_t layer_count, batch;
    uint64_t values; /* of the input */
    double range;
    ref_layer *weights[AGREE_LAYERS];
    float *const *alpha, *const *theta;
    int8_t *const *sign;
    bl_context *context;
    const bl_program *program;
    /* the batch drawn last, and what it leads to */
    float *in, *nudged;
    uint32_t *labels;
    agree_outcome wanted, got, twins[AGREE_TWINS];
    bool twins_known;
    ref_random nudges; /* of their own: how many twins there are changes no network */
    bool moved;        /* the batch moved some bound */
    agree_tally tally;
} agree_subject;

/* Draws a network; -1 where the checker refused its text, which is told on standard error. Freed either way. */
int agree_new(agree_subject *s, ref_random *random, ref_rule rule, bool maps);
void agree_free(agree_subject *s);

/* Draws another state and a batch, and runs the reference on them. */
void agree_draw(agree_subject *s, ref_random *random);

typedef struct agree_code {
    bc_code *code;
    bc_options options;
    bc_form forms[AGREE_LAYERS];
    br_schedule schedule;
    br_network *network;
} agree_code;

/* Every layer in the form asked for where it is served, else by lists; with the kernels of 8-bit inference, or without.
 * -1 with the reason on standard error. */
int agree_compile(const agree_subject *s, const char *cpu, int level, bc_form form, bool quantise, agree_code *c);
void agree_code_free(agree_code *c);
/* Of code compiled with BC_FORM_MEASURED: how layers answer from now on, those served in tiles at all. False where none
 * is. */
typedef enum agree_form { AGREE_LISTS, AGREE_TILES, AGREE_PACKED, AGREE_FORMS } agree_form;
bool agree_answer_in(const agree_subject *s, agree_code *c, agree_form form);

/* Runs the compiled side and compares; how many tensors are further apart than they may be, told on standard error. */
int agree_compare(agree_subject *s, const agree_code *c);

#endif
