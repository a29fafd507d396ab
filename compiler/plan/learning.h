/* The layers that go on learning on a device, and how: docs/design/learning.md. */
#ifndef BC_LEARNING_H
#define BC_LEARNING_H

#include "bouton/compiler.h"

typedef struct bc_learning {
    const bl_phase *phase; /* gives the error and its floor; NULL: nothing learns */
    uint32_t first;        /* this layer and all behind it learn */
    float rate;            /* xi eta of the last one */
    bool thetas;           /* thresholds of one of them learn, too */
} bc_learning;

/* Finds the layers, names with commas between, which must be the last ones, and the phase whose rates, error and rule they
 * learn by: the last one that corrects the last of them. `lines` may be NULL. BR_ERROR_CHECK, with the place, the cause
 * and the remedy: they can't learn there. */
int bc_learning_find(const bl_program *program, const char *layers, const bc_line *lines, bc_learning *out,
                     br_error *error);

/* The names of the layers that learn, with ", " between. */
const char *bc_learning_names(const bl_program *program, const bc_learning *learning, char *out, size_t size);

/* xi eta of a layer that the phase corrects. */
float bc_learning_rate(const bc_learning *learning, uint32_t layer);

/* BR_ERROR_CHECK if more than the last layer learns: `where` has no form of it. */
int bc_learning_alone(const bl_program *program, const bc_learning *learning, const bc_line *lines, const char *where,
                      br_error *error);

/* Whether a bound near 0 may cross it; others stop there. */
static inline bool bc_has_valve(const bl_layer *layer)
{
    return layer->switches && layer->tau < layer->alpha_max;
}

/* What becomes of "a bound that would cross zero", for comments. */
const char *bc_crossing_of(const bl_layer *layer);

/* BR_ERROR_CHECK of a layer: its line if that is known, the cause, the remedy. */
int bc_refuse_layer(const char *layer, const bc_line *line, const char *cause, const char *remedy, br_error *error);

#endif
