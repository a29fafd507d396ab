/* Sums over replicas in single precision, in the order of the replicas, for a block of elements at a time. */
#include "model/merge.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 256 };

#define MEAN_LEAST 1e-30f /* as in the kernels: a smaller mean counts as 0 */

typedef struct block {
    uint32_t n;
    float sum[BLOCK];        /* of the changes */
    float last[BLOCK];       /* of the last replica that changed the element */
    uint32_t moved[BLOCK];   /* replicas that changed it */
    uint32_t crossed[BLOCK]; /* the upper bit: a replica changed its sign */
} block;

void br_merge_roots(uint32_t count, float *roots)
{
    roots[0] = 1;
    for (uint32_t n = 1; n <= count; n++)
        roots[n] = (float)sqrt((double)n);
}

/* An element has moved if any bit of it differs: 0 and -0 are two states of a connection. */
static void add(const float *restrict before, const float *restrict values, block *restrict b)
{
    uint32_t was[BLOCK], is[BLOCK];
    memcpy(was, before, b->n * sizeof *was);
    memcpy(is, values, b->n * sizeof *is);
    for (uint32_t k = 0; k < b->n; k++) {
        uint32_t differs = was[k] ^ is[k];
        b->moved[k] += differs != 0;
        b->crossed[k] |= differs;
        b->sum[k] += values[k] - before[k];
        b->last[k] = differs != 0 ? values[k] : b->last[k];
    }
}

static float limited(float value, float low, float high)
{
    value = value < low ? low : value;
    return value > high ? high : value;
}

/* v0 + sum/√n. The change of one replica alone is taken as it is, without a rounding. */
static float moved_to(const br_merge *m, const block *b, uint32_t k, float before)
{
    uint32_t n = b->moved[k];
    return n == 0 ? before : n == 1 ? b->last[k] : before + b->sum[k] / m->roots[n];
}

static void merge_block(const br_merge *m, uint64_t at, uint32_t n)
{
    block b = {.n = n};
    const float *before = m->before + at;
    float *after = m->after + at;
    for (uint32_t r = 0; r < m->count; r++)
        add(before, m->each[r] + at, &b);
    for (uint32_t k = 0; k < n; k++) {
        float v = limited(moved_to(m, &b, k, before[k]), m->low, m->high);
        bool turned = m->kind == BR_MERGE_BOUNDS && signbit(v) != signbit(before[k]) && b.crossed[k] >> 31 == 0;
        after[k] = turned ? copysignf(0, before[k]) : v;
    }
}

static void merge_means(const br_merge *m, uint64_t at, uint32_t n)
{
    float sum[BLOCK] = {0};
    for (uint32_t r = 0; r < m->count; r++)
        for (uint32_t k = 0; k < n; k++)
            sum[k] += m->each[r][at + k];
    for (uint32_t k = 0; k < n; k++) {
        float mean = sum[k] / (float)m->count;
        m->after[at + k] = fabsf(mean) < MEAN_LEAST ? 0 : mean;
    }
}

void br_merge_part(const br_merge *m, uint64_t from, uint64_t to)
{
    for (uint64_t at = from; at < to; at += BLOCK) {
        uint32_t n = to - at < BLOCK ? (uint32_t)(to - at) : BLOCK;
        if (m->kind == BR_MERGE_MEANS)
            merge_means(m, at, n);
        else
            merge_block(m, at, n);
    }
}
