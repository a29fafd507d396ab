/* Seconds of a monotonic clock. */
#ifndef BR_CLOCK_H
#define BR_CLOCK_H

#include <time.h>

static inline double br_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds of processor time that the calling thread has used. Time spent waiting for a processor does not count. */
static inline double br_thread_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
