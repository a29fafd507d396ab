/* Which layers of C source learn on the device, their names in it, and where their errors lie. */
#ifndef BC_SOURCE_LEARNERS_H
#define BC_SOURCE_LEARNERS_H

#include "artefact/csource/source.h"

static inline bool bc_learns(const bc_source *s, uint32_t index)
{
    return s->learning.phase != NULL && index >= s->learning.first;
}

static inline bool bc_learns_thetas(const bc_source *s, uint32_t index)
{
    return bc_learns(s, index) && s->program->layers[index].theta_xi > 0;
}

/* Whether only the last layer learns: then names of functions and of the state's members say no layer. */
static inline bool bc_learns_alone(const bc_source *s)
{
    return s->learning.first + 1 == s->program->layer_count;
}

/* What begins the names of a layer's members of the state, and what ends the names of its functions. */
typedef struct bc_learner_names {
    char member[256], function[16];
} bc_learner_names;
bc_learner_names bc_learner_names_of(const bc_source *s, uint32_t index);

/* Where the errors of a layer that learns lie in the scratch: those of the last one first. And the number of all. */
uint32_t bc_errors_at(const bc_source *s, uint32_t index);
uint32_t bc_errors_count(const bc_source *s);

#endif
