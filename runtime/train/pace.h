/* Chooses between one thread and the whole team. If another program occupies a processor, the team waits at every
 * barrier for the member on that processor, and one thread alone is faster. Both give the same bits, so the choice may
 * depend on the clock. Both are tried at the start and occasionally later, and the faster one is used. */
#ifndef BR_PACE_H
#define BR_PACE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct br_pace {
    double alone, together; /* seconds per sample, smoothed; 0: not tried yet */
    uint32_t transpose;
} br_pace;

enum { BR_PACE_PROBE = 32 }; /* number of turns after which the slower way is tried again */

static inline bool br_pace_together(br_pace *pace)
{
    uint32_t transpose = pace->transpose++;
    if (pace->together == 0 || pace->alone == 0)
        return pace->together == 0;
    bool faster = pace->together <= pace->alone;
    return transpose % BR_PACE_PROBE == 0 ? !faster : faster;
}

static inline void br_pace_took(br_pace *pace, bool together, double seconds_a_sample)
{
    double *held = together ? &pace->together : &pace->alone;
    *held = *held == 0 ? seconds_a_sample : 0.5 * (*held + seconds_a_sample);
}

#endif
