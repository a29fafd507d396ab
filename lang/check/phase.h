/* Shared by the checks of a phase (schedule.c), of correction (correct.c) and of competition (compete.c). */
#ifndef BL_CHECK_PHASE_H
#define BL_CHECK_PHASE_H

#include "check/common.h"

typedef struct bl_phase_check {
    bl_checker *checker;
    const bl_network *network;
    const bl_splits *splits;
    const bl_node *block;
    bl_phase *phase;
    const bl_phase *earlier; /* the phases before it */
    uint32_t earlier_count;
    const bl_node **corrected; /* for each layer of the network: the node that names it, or NULL */
    bool printed;
} bl_phase_check;

/* Corrects all layers that have connections and are not frozen, if the schedule names none. Returns false if there is
 * no such layer. */
bool bl_correct_all(bl_phase_check *check);
void bl_set_correct(bl_phase_check *check, const char *name, bl_place place);

/* Fill in `phase` from the defaults and the block. The caller has checked that all settings belong to its kind. */
void bl_check_correct(bl_phase_check *check, const bl_node *node);
void bl_check_compete(bl_phase_check *check, const bl_node *node);

/* `flips` of either kind. */
void bl_check_flips(bl_phase_check *check, const bl_node *flips);

/* Checks that a layer named by a phase can learn: it has connections and is not frozen. */
bool bl_check_learns(bl_phase_check *check, uint32_t layer, bl_place place);

#endif
