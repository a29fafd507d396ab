/* Repeated measurements by a team, of several things in turn. */
#ifndef BR_TIMING_H
#define BR_TIMING_H

#include "base/team.h"
#include "bouton/bench.h"

#define BR_REPEATS_MOST 10000u

/* A function to be timed. Every member of the team calls it; a barrier follows. */
typedef struct br_timed {
    void (*workspace)(void *user, uint32_t member);
    void *user;
} br_timed;

/* Measures each of `count` things `repeat` times, in turn, so that a disturbance is spread over all of them. out[0 ..
 * count - 1] receives the seconds of one call each. */
int br_measure(br_team *team, const br_timed *things, uint32_t count, uint32_t repeat, br_timing *out, br_error *error);

#endif
