/* The layer that goes on learning on a device, and how: docs/design/learning.md. */
#ifndef BC_LEARNING_H
#define BC_LEARNING_H

#include "bouton/compiler.h"

typedef struct bc_learning {
    const bl_phase *phase; /* gives the error and its floor; NULL: nothing learns */
    float rate;            /* xi eta */
    bool thetas;           /* its thresholds learn, too */
} bc_learning;

/* Finds the layer, which must be the last one, and the phase whose rate, error and rule it learns by: the last one that
 * corrects it. `lines` may be NULL. BR_ERROR_CHECK, with the place, the cause and the remedy: it can't learn there. */
int bc_learning_find(const bl_program *program, const char *layer, const bc_line *lines, bc_learning *out,
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
