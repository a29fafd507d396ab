/* What of a trained model is stored in an artefact. */
#ifndef BC_ARTEFACT_WEIGHTS_H
#define BC_ARTEFACT_WEIGHTS_H

#include "bouton/compiler.h"

/* A layer's numbers, as read-only data will hold them. */
typedef struct bc_weights {
    float *bounds; /* [kept][stride], or [entries] */
    uint64_t bounds_count;
    uint32_t *table;   /* [rows]: where each row lies in `bounds`, or BC_ROW_DROPPED; NULL: in its own place */
    uint32_t *starts;  /* [rows + 1]: of a layer with few connections left, where the entries of each row begin; */
    uint32_t *targets; /* [entries]: and their neurons. NULL: rows are kept whole */
    float *theta;      /* [stride] */
    float *conscience;
    float calibration;
    bool *never; /* [out.channels]: fires for no input */
    bc_layer_facts facts;
} bc_weights;

int bc_weights_new(const bc_plan *plan, const br_network *network, bc_weights **out, br_error *error);
void bc_weights_free(const bc_plan *plan, bc_weights *weights);

#endif
