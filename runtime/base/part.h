/* A team member's share of the work. */
#ifndef BR_PART_H
#define BR_PART_H

#include <stdint.h>

typedef struct br_part {
    uint32_t from, to;
} br_part;

/* Share `member` of n elements. Shares begin at multiples of `unit`. */
static inline br_part br_part_of(uint32_t n, uint32_t unit, uint32_t members, uint32_t member)
{
    uint64_t units = ((uint64_t)n + unit - 1) / unit;
    uint64_t from = units * member / members * unit, to = units * (member + 1) / members * unit;
    return (br_part){(uint32_t)(from < n ? from : n), (uint32_t)(to < n ? to : n)};
}

#endif
