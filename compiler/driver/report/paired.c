#include "report/paired.h"

#include <math.h>

/* The chance that of `first + second` fair coins so many or more, or as few or fewer, fall on one side. */
static double mcnemar(uint64_t first, uint64_t second)
{
    uint64_t n = first + second, few = first < second ? first : second;
    double sum = 0;
    for (uint64_t i = 0; i <= few; i++)
        sum += exp(lgamma((double)n + 1) - lgamma((double)i + 1) - lgamma((double)(n - i) + 1) - (double)n * log(2));
    return n == 0 || few * 2 == n ? 1 : fmin(1, 2 * sum);
}

paired_outcome paired_judge(const uint32_t *wanted, const uint32_t *a, const uint32_t *b, uint64_t count)
{
    paired_outcome o = {0};
    double n = (double)count;
    for (uint64_t i = 0; i < count; i++) {
        bool first = a[i] == wanted[i], second = b[i] == wanted[i];
        o.both_right += first && second;
        o.only_first += first && !second;
        o.only_second += !first && second;
        o.both_wrong += !first && !second;
        o.differ += a[i] != b[i];
    }
    o.p = mcnemar(o.only_first, o.only_second);
    o.difference = ((double)o.only_first - (double)o.only_second) / n;
    double alone = ((double)o.only_first + (double)o.only_second) / n;
    double spread = sqrt(fmax(0, alone - o.difference * o.difference) / n);
    o.low = o.difference - 1.959963985 * spread;
    o.high = o.difference + 1.959963985 * spread;
    return o;
}

/* FNV-1a. */
static uint64_t hash_bytes(uint64_t sum, const void *bytes, uint64_t count)
{
    for (const unsigned char *at = bytes, *end = at + count; at < end; at++)
        sum = (sum ^ *at) * 1099511628211u;
    return sum;
}

uint64_t paired_hash(const br_samples *samples)
{
    uint64_t values = samples->count * bt_values(samples->shape), sum = 14695981039346656037u;
    sum = hash_bytes(sum, &samples->count, sizeof samples->count);
    sum = samples->bytes != NULL ? hash_bytes(sum, samples->bytes, values)
                                 : hash_bytes(sum, samples->floats, values * sizeof *samples->floats);
    return samples->labels != NULL ? hash_bytes(sum, samples->labels, samples->count * sizeof *samples->labels) : sum;
}
