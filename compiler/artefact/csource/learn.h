/* The layers of C source that learn on the device: `--learn LAYER,...`. See docs/design/learning.md. */
#ifndef BC_SOURCE_LEARN_H
#define BC_SOURCE_LEARN_H

#include <stdio.h>

#include "artefact/csource/learners.h"

/* Finds the layers, and the phase whose rates, error and rule they learn by. Without layers asked for, nothing learns.
 * BR_ERROR_CHECK, with the place, the cause and the remedy: they can't learn there. */
int bc_learn_choose(bc_source *s, const char *layers, br_error *error);

/* Bytes of the state: two numbers that tell the model, the rate, every connection, every threshold that is learned. */
uint64_t bc_learn_bytes(const bc_source *s);

/* Nothing is written if no layer learns. */
void bc_put_state(const bc_source *s, FILE *to); /* of the header: the state and its size */
void bc_put_learner_prototypes(const bc_source *s, FILE *to);
void bc_put_learning(const bc_source *s, FILE *to);                 /* sums from a state, errors, steps */
void bc_put_feedback(const bc_source *s, uint32_t index, FILE *to); /* to layers below that learn, too */
void bc_put_hidden_errors(const bc_source *s, uint32_t index, FILE *to);
void bc_put_steps(const bc_source *s, FILE *to);    /* what a step of several layers does behind the answer */
void bc_put_step(const bc_source *s, FILE *to);     /* one sample's step, behind the walk through the layers */
void bc_put_learners(const bc_source *s, FILE *to); /* the functions of the header */

#endif
