/* The bounds and thresholds that an artefact stores. */
#ifndef BC_WEIGHTS_H
#define BC_WEIGHTS_H

#include "bouton/compiler.h"

/* The numbers of a layer, as the artefact's read-only data will hold them. */
typedef struct bc_weights {
    float *bounds; /* [kept][pitch], or [entries] */
    uint64_t bounds_count;
    uint32_t *table;   /* [rows]: number of each row in `bounds`, or BC_ROW_DROPPED; NULL: rows are not moved */
    uint32_t *starts;  /* [rows + 1]: where the entries of each row begin; NULL: whole rows are stored */
    uint32_t *targets; /* [entries]: their neurons */
    float *theta;      /* [2][pitch]: thresholds, gains */
    float *conscience;
    float *silent; /* [neurons]: activations without a live connection; NULL: the layer fires by a ramp */
    float calibration;
    bool *never_fires; /* [out.channels]: 0 for every input */
    bc_layer_facts facts;
} bc_weights;

int bc_weights_new(const bc_plan *plan, const br_network *network, bc_weights **out, br_error *error);
void bc_weights_free(const bc_plan *plan, bc_weights *weights);

#endif
