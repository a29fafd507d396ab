/* The only place of the runtime that allocates and frees memory. memory.c is an archive member of its own, so a test
 * can define these functions itself and make any allocation fail.
 *
 * Sizes are 64-bit products, checked for overflow and against BR_MEMORY_LIMIT before memory is allocated. Every
 * function that can fail returns NULL and fills in *error. */
#ifndef BR_MEMORY_H
#define BR_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bouton/runtime.h"

#define BR_ALIGNMENT    64u           /* of arrays that kernels read: a cache line, and the widest vector */
#define BR_MEMORY_LARGE (64ull << 20) /* bytes above which an allocation is compared with the available memory */
#define BR_MEMORY_LIMIT (1ull << 38)  /* most bytes of one allocation: 256 GiB; a larger size is an error */

/* *out = a * b; false on overflow. */
static inline bool br_multiply(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* *out = a + b; false on overflow. */
static inline bool br_add(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

/* Zeroed memory for `count` elements of `size` bytes. On success it is never NULL, also for 0 elements. */
void *br_new(uint64_t count, uint64_t size, br_error *error);

/* The same, aligned to BR_ALIGNMENT and rounded up to a multiple of it. */
void *br_new_aligned(uint64_t count, uint64_t size, br_error *error);

/* Resizes `old` (NULL: none) to `count` elements. The contents are kept; new bytes are undefined. On failure `old`
 * stays valid. */
void *br_resize(void *old, uint64_t count, uint64_t size, br_error *error);

/* Bytes of memory still available: the minimum over the machine, the control group and the limits of the process. */
uint64_t br_memory_available(void);

/* A copy of a string. */
char *br_copy_string(const char *text, br_error *error);

/* Frees memory from any of these functions; NULL is allowed. */
void br_release(void *memory);

#endif
