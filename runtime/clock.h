/* Seconds of a clock that only runs forward. */
#ifndef BR_CLOCK_H
#define BR_CLOCK_H

#include <time.h>

static inline double br_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
