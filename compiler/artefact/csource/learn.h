/* The layer of C source that learns on the device: `--learn LAYER`. See docs/design/learning.md. */
#ifndef BC_SOURCE_LEARN_H
#define BC_SOURCE_LEARN_H

#include <stdio.h>

#include "artefact/csource/source.h"

/* Finds the layer, and the phase whose rate, error and rule it learns by: the last one that corrects it. Without a layer
 * asked for, nothing learns. BR_ERROR_CHECK, with the place, the cause and the remedy: the layer can't learn there. */
int bc_learn_choose(bc_source *s, const char *layer, br_error *error);

static inline bool bc_learns(const bc_source *s, uint32_t index)
{
    return s->learning.phase != NULL && index + 1 == s->program->layer_count;
}

/* Bytes of the state: two numbers that tell the model, the rate, every connection, every threshold that is learned. */
uint64_t bc_learn_bytes(const bc_source *s);

/* Nothing is written if no layer learns. */
void bc_put_state(const bc_source *s, FILE *to); /* of the header: the state and its size */
void bc_put_learner_prototypes(const bc_source *s, FILE *to);
void bc_put_learning(const bc_source *s, FILE *to); /* sums from a state, errors, steps */
void bc_put_step(const bc_source *s, FILE *to);     /* one sample's step, behind the walk through the layers */
void bc_put_learners(const bc_source *s, FILE *to); /* the functions of the header */

#endif
