/* Chooses how a batch is computed: by one thread, by the whole team that shares out its samples, or, where a phase has
 * stages that learn side by side, by the team that shares out the stages. If another program occupies a processor, the
 * team waits at every barrier for the member on that processor, and one thread alone is faster. All ways give the same
 * bits, so the choice may depend on the clock. Each is tried at the start and occasionally later, and the fastest one is
 * used. */
#ifndef BR_PACE_H
#define BR_PACE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum br_way { BR_WAY_STAGES, BR_WAY_TOGETHER, BR_WAY_ALONE, BR_WAYS } br_way;

typedef struct br_pace {
    double seconds[BR_WAYS]; /* per sample, smoothed; 0: not tried yet */
    uint32_t turn;
} br_pace;

enum { BR_PACE_PROBE = 32 }; /* number of turns after which a slower way is tried again */

/* The way of the next turn; `stages`: the phase has stages. */
static inline br_way br_pace_next(br_pace *pace, bool stages)
{
    uint32_t from = stages ? BR_WAY_STAGES : BR_WAY_TOGETHER, ways = BR_WAYS - from, turn = pace->turn++;
    uint32_t best = from;
    for (uint32_t way = from; way < BR_WAYS; way++) {
        if (pace->seconds[way] == 0)
            return (br_way)way;
        if (pace->seconds[way] < pace->seconds[best])
            best = way;
    }
    if (turn % BR_PACE_PROBE == 0) /* one of the others, in turn */
        best = from + (best - from + 1 + turn / BR_PACE_PROBE % (ways - 1)) % ways;
    return (br_way)best;
}

static inline void br_pace_took(br_pace *pace, br_way way, double seconds_a_sample)
{
    double *held = &pace->seconds[way];
    *held = *held == 0 ? seconds_a_sample : 0.5 * (*held + seconds_a_sample);
}

#endif
