/* Places of buffers in memory that is used again: two buffers overlap only if they are never in use at the same time. */
#ifndef BC_BUFFERS_H
#define BC_BUFFERS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct bc_buffer {
    uint64_t at, size;
    uint32_t from, until; /* the times of its use, both included */
} bc_buffer;

/* Begins as {0}. Sizes and places are in the caller's unit. */
typedef struct bc_buffers {
    bc_buffer *taken;
    uint32_t count, capacity;
    uint64_t size; /* of the memory that all of them need */
    bool failed;   /* out of memory, or sizes whose sum 64 bits may not hold; later calls do nothing */
} bc_buffers;

/* The lowest place of `size` numbers, from <= until; 0 if that fails. */
uint64_t bc_buffers_take(bc_buffers *buffers, uint64_t size, uint32_t from, uint32_t until);
void bc_buffers_free(bc_buffers *buffers);

#endif
