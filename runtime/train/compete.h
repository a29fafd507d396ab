/* Learning without labels: filters compete for sampled fields (sections 3, 4 and 7 of the paper; section 6 of the
 * model). */
#ifndef BR_COMPETE_H
#define BR_COMPETE_H

#include "bouton/runtime.h"

/* The position in a competition. */
typedef struct br_contest_position {
    uint64_t fields, drawn; /* fields learned from; draws so far, including those of nearly empty fields */
    uint64_t image;         /* the current image, and whether it is mirrored */
    bool mirrored;
    uint32_t left;  /* fields still to be drawn from it */
    uint64_t *wins; /* [neurons] */
} br_contest_position;

typedef struct br_competition {
    br_network *network;
    const br_samples *samples;
    const br_phase *phase;
    uint64_t seed;
    uint32_t number;              /* of the phase: a random stream's lane */
    br_contest_position *at;      /* where it begins, and where it was left */
    bool (*progress)(void *user); /* called every thousand fields, with `at` up to date; false stops */
    void *user;
} br_competition;

/* Trains one layer; the layers below stay unchanged. */
int br_compete(const br_competition *competition, br_error *error);

/* `alpha from patches`: initialises each filter of a layer to the target of one sampled field. */
int br_start_from_patches(br_network *network, const br_samples *samples, uint32_t layer, bt_target target,
                          uint64_t seed, br_error *error);

/* pool(sum): computes M, the mean of the non-zero sums over the first samples, and sets the factor to s p/(2 M). */
int br_calibrate_pool(br_network *network, const br_samples *samples, uint32_t layer, br_error *error);

#endif
