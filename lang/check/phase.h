/* What the checks of a phase share: the phase itself (check_schedule.c), correction, competition. */
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
    const bl_node **corrected; /* for each layer of the network: where it is named, or NULL */
    bool printed;
} bl_phase_check;

/* The layers that learn where no schedule says which: all with connections that aren't frozen. False: there is none. */
bool bl_correct_all(bl_phase_check *check);
void bl_set_correct(bl_phase_check *check, const char *name, bl_place place);

/* `phase` gets its defaults and what the block says; which settings belong to its kind is checked before. */
void bl_check_correct(bl_phase_check *check, const bl_node *node);
void bl_check_compete(bl_phase_check *check, const bl_node *node);

/* `flips` of either kind. */
void bl_check_flips(bl_phase_check *check, const bl_node *flips);

/* A layer that a phase names can learn: it has connections and is not frozen. */
bool bl_check_learns(bl_phase_check *check, uint32_t layer, bl_place place);

#endif
