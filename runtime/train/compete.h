/* Learning without labels: fields are sampled, filters compete for them (sections 3, 4, 7 of the paper; model section
 * 6). */
#ifndef BR_COMPETE_H
#define BR_COMPETE_H

#include "bouton/runtime.h"

/* Where a competition stands. */
typedef struct br_contest_position {
    uint64_t fields, drawn; /* learned from; draws made for them, nearly empty ones too */
    uint64_t image;         /* the fields' current one, mirrored or not, */
    bool mirrored;
    uint32_t left;  /* which gives as many more */
    uint64_t *wins; /* [neurons] */
} br_contest_position;

typedef struct br_competition {
    br_network *network;
    const br_samples *samples;
    const br_phase *phase;
    uint64_t seed;
    uint32_t number;              /* of the phase: a stream lane */
    br_contest_position *at;      /* where it begins, and where it was left */
    bool (*progress)(void *user); /* every thousand fields, `at` being up to date; false stops */
    void *user;
} br_competition;

/* Trains one layer; layers below stay as they are. */
int br_compete(const br_competition *competition, br_error *error);

/* `alpha from patches`: every filter of a layer becomes the target of one sampled field. */
int br_start_from_patches(br_network *network, const br_samples *samples, uint32_t layer, bool standard, uint64_t seed,
                          br_error *error);

/* pool(sum): M, the mean of the non-zero sums over the first samples, and from it the factor s p/(2 M). */
int br_calibrate(br_network *network, const br_samples *samples, uint32_t layer, br_error *error);

#endif
