/* Learning without labels: fields are sampled, filters compete for them (sections 3, 4, 7 of the paper; model section
 * 6). */
#ifndef BR_COMPETE_H
#define BR_COMPETE_H

#include "graph.h"

typedef struct br_competition {
    br_network *network;
    const br_samples *samples;
    const br_phase *phase;
    uint64_t seed;
    uint32_t number;                                             /* of the phase: a stream lane */
    bool (*progress)(void *user, uint64_t done, uint64_t total); /* every thousand fields; false stops */
    void *user;
} br_competition;

/* Trains one layer; layers below stay as they are. *idle: filters that never won. */
int br_compete(const br_competition *competition, uint64_t *idle, br_error *error);

/* `alpha from patches`: every filter of a layer becomes the target of one sampled field. */
int br_start_from_patches(br_network *network, const br_samples *samples, uint32_t layer, bool standard, uint64_t seed,
                          br_error *error);

/* pool(sum): M, the mean of the non-zero sums over the first samples, and from it the factor s p/(2 M). */
int br_calibrate(br_network *network, const br_samples *samples, uint32_t layer, br_error *error);

#endif
