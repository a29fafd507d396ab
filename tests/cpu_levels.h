/* The processor levels that this machine can run. */
#ifndef CPU_LEVELS_H
#define CPU_LEVELS_H

#include <stdbool.h>
#include <stdint.h>

static const char *const cpu_levels[] = {"native", "generic", "x86-64-v3"};
enum { CPU_LEVELS = sizeof cpu_levels / sizeof *cpu_levels };

static inline bool cpu_level_runs(uint32_t level)
{
#ifdef __x86_64__
    return level < 2 || (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
#else
    return level < 2;
#endif
}

#endif
