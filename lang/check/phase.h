/* Shared by the checks of a phase: schedule.c, correct.c and compete.c. */
#ifndef BL_PHASE_H
#define BL_PHASE_H

#include "check/common.h"

typedef struct bl_phase_check {
    bl_checker *checker;
    const bl_network *network;
    const bl_splits *splits;
    const bl_data *data; /* NULL: none */
    const bl_node *block;
    bl_phase *phase;
    bl_readouts *readouts;
    const bl_phase *earlier; /* the phases before it */
    uint32_t earlier_count;
    const bl_node **corrected; /* [layers of the network]: the node that names the layer; NULL: not corrected */
    double eta_answer;         /* the rate that the layer that answers has, or would have */
    bool printed;
} bl_phase_check;

/* Without a schedule every layer learns that has connections and is not frozen. False: there is no such layer. */
bool bl_correct_all(bl_phase_check *check);
void bl_set_correct(bl_phase_check *check, const char *name, bl_place place);

/* Sets the defaults of `phase`, then the settings of the block. schedule.c has checked that they belong to the kind. */
void bl_check_correct(bl_phase_check *check, const bl_node *node);
void bl_check_compete(bl_phase_check *check, const bl_node *node);

/* The rates of the corrected layers, and their course, from the statement `eta` (NULL: defaults), after all other
 * settings of the phase. */
void bl_check_rates(bl_phase_check *check, const bl_node *eta);

/* The number of training samples, if the text alone tells it; otherwise 0. */
uint64_t bl_known_samples(const bl_data *data);

/* `with readouts` and `keep readouts` (NULL: not written), after the rates. Adds the readouts to the phase's layers. */
void bl_check_readouts(bl_phase_check *check, const bl_node *readouts, const bl_node *keep);

/* `anneal keep`, after the layers that are corrected. */
void bl_check_anneal(bl_phase_check *check, const bl_node *anneal);

/* `prune`, after the layers that are corrected. */
void bl_check_prune(bl_phase_check *check, const bl_node *prune);

/* `flips`, for both kinds of phase. */
void bl_check_flips(bl_phase_check *check, const bl_node *flips);

/* Whether a layer can learn: it has connections and is not frozen. Reports the cause if not. */
bool bl_check_learns(bl_phase_check *check, uint32_t layer, bl_place place);

#endif
