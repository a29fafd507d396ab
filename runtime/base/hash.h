/* FNV-1a with 64 bits (Fowler, Noll, Vo), and a variant that hashes words. */
#ifndef BR_HASH_H
#define BR_HASH_H

#include <stdint.h>

#define BR_HASH_START  0xcbf29ce484222325ull
#define BR_HASH_FACTOR 0x100000001b3ull

static inline uint64_t br_hash_bytes(uint64_t hash, const void *bytes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * BR_HASH_FACTOR;
    return hash;
}

/* Hashes a 64-bit word in one step. The shift lets the high bits of the word reach the low bits of the hash. */
static inline uint64_t br_hash_word(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * BR_HASH_FACTOR;
    return hash ^ hash >> 32;
}

#endif
