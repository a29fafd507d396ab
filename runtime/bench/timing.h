/* Repeated measurements by a team, several things in turn, and what they come to. */
#ifndef BR_TIMING_H
#define BR_TIMING_H

#include "base/team.h"
#include "bouton/bench.h"

#define BR_REPEATS_MOST 10000u

/* Something to be timed: every member of the team calls it, and meets the others at the end. */
typedef struct br_timed {
    void (*work)(void *user, uint32_t member);
    void *user;
} br_timed;

/* Measures each of `count` things `repeat` times, in turn, so that a disturbance does not fall on one of them alone.
 * Fills the seconds of out[0 .. count - 1], of one call each. */
int br_measure(br_team *team, const br_timed *things, uint32_t count, uint32_t repeat, br_timing *out, br_error *error);

#endif
