/* Philox 4x32-10: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11.
 *
 * The generator is counter-based: its words are a function of (seed, stream, lane, index) alone, so any thread may draw
 * any of them in any order. Counter = {index low, index high, lane, stream}; key = {seed low, seed high}. */
#include "bouton/runtime.h"

#define PHILOX_ROUNDS 10
#define PHILOX_M0     0xD2511F53u /* multipliers and Weyl increments of the paper */
#define PHILOX_M1     0xCD9E8D57u
#define PHILOX_W0     0x9E3779B9u
#define PHILOX_W1     0xBB67AE85u

void br_random4(uint64_t seed, br_stream stream, uint32_t lane, uint64_t index, uint32_t out[4])
{
    uint32_t c0 = (uint32_t)index, c1 = (uint32_t)(index >> 32), c2 = lane, c3 = (uint32_t)stream;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t p0 = (uint64_t)PHILOX_M0 * c0, p1 = (uint64_t)PHILOX_M1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

float br_random_unit(uint32_t word)
{
    return (float)(word >> 8) * 0x1p-24f;
}

uint32_t br_random_below(uint32_t word, uint32_t n)
{
    return (uint32_t)(((uint64_t)word * n) >> 32);
}
