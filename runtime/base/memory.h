/* The runtime's one place where memory is taken and given back. memory.c is an archive member of its own, so a test can
 * define these functions itself and make any allocation fail.
 *
 * Sizes are 64-bit products checked for overflow and against BR_MEMORY_LIMIT before anything is taken. Every function
 * that can fail returns NULL and fills *error. */
#ifndef BR_MEMORY_H
#define BR_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bouton/runtime.h"

#define BR_ALIGNMENT    64u           /* of arrays that kernels read: a cache line, the widest vector */
#define BR_MEMORY_LARGE (64ull << 20) /* bytes of one allocation that are asked after before they are taken */
#define BR_MEMORY_LIMIT (1ull << 38)  /* bytes of one allocation: 256 GiB, more is a mistake in a size */

/* *out = a * b; false where that overflows. */
static inline bool br_multiply(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* *out = a + b; false where that overflows. */
static inline bool br_add(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

/* Zeroed memory for `count` things of `size` bytes; never NULL on success, also for none. */
void *br_new(uint64_t count, uint64_t size, br_error *error);

/* The same, aligned to BR_ALIGNMENT and rounded up to whole lines. */
void *br_new_aligned(uint64_t count, uint64_t size, br_error *error);

/* Memory `old` (NULL: none) resized to `count` things, contents kept, new bytes undefined. On failure `old` stays. */
void *br_resize(void *old, uint64_t count, uint64_t size, br_error *error);

/* Bytes that can still be had: the least of what the machine has left, its group of processes may take, and this
 * process may map. */
uint64_t br_memory_room(void);

/* A copy of a string. */
char *br_copy_string(const char *text, br_error *error);

/* Gives back what any of these returned; NULL is fine. */
void br_release(void *memory);

#endif
