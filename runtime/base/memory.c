#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* The bytes of `count` elements of `size` bytes, at least 1. Returns 0, with *error filled in, if that is too many. */
static uint64_t checked_size(uint64_t count, uint64_t size, br_error *error)
{
    uint64_t bytes;
    if (!br_multiply(count, size, &bytes) || bytes > BR_MEMORY_LIMIT) {
        br_fail(error, BR_ERROR_FAULT,
                "an allocation of %llu times %llu bytes; the limit is %llu GiB; use a smaller network or batch",
                (unsigned long long)count, (unsigned long long)size, (unsigned long long)(BR_MEMORY_LIMIT >> 30));
        return 0;
    }
    uint64_t room = bytes >= BR_MEMORY_LARGE ? br_memory_available() : UINT64_MAX;
    if (bytes > room) {
        br_fail(error, BR_ERROR_FAULT,
                "one allocation needs %llu MB of memory, and %llu MB are available; use less data (`take`), a smaller "
                "network or a smaller batch",
                (unsigned long long)(bytes / 1000000), (unsigned long long)(room / 1000000));
        return 0;
    }
    return bytes > 0 ? bytes : 1;
}

static void *taken(void *memory, uint64_t bytes, br_error *error)
{
    if (memory == NULL)
        br_fail(error, BR_ERROR_FAULT, "out of memory: %llu bytes could not be allocated", (unsigned long long)bytes);
    return memory;
}

void *br_new(uint64_t count, uint64_t size, br_error *error)
{
    uint64_t bytes = checked_size(count, size, error);
    return bytes > 0 ? taken(calloc(1, bytes), bytes, error) : NULL;
}

void *br_new_aligned(uint64_t count, uint64_t size, br_error *error)
{
    uint64_t bytes = checked_size(count, size, error);
    if (bytes == 0)
        return NULL;
    bytes = (bytes + BR_ALIGNMENT - 1) / BR_ALIGNMENT * BR_ALIGNMENT;
    void *memory = taken(aligned_alloc(BR_ALIGNMENT, bytes), bytes, error);
    return memory != NULL ? memset(memory, 0, bytes) : NULL;
}

void *br_resize(void *old, uint64_t count, uint64_t size, br_error *error)
{
    uint64_t bytes = checked_size(count, size, error);
    return bytes > 0 ? taken(realloc(old, bytes), bytes, error) : NULL;
}

char *br_copy_string(const char *text, br_error *error)
{
    uint64_t bytes = strlen(text) + 1;
    char *copy = br_new(bytes, 1, error);
    return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}

void br_release(void *memory)
{
    free(memory);
}
