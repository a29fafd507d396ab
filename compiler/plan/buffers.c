#include "plan/buffers.h"

#include <stdlib.h>

/* The end of a buffer in use that overlaps the added one; the place of the added one itself if no buffer does. */
static uint64_t pushed_on(const bc_buffers *all, const bc_buffer *added)
{
    for (uint32_t i = 0; i < all->count; i++) {
        const bc_buffer *b = &all->taken[i];
        if (b->from <= added->until && added->from <= b->until && added->at < b->at + b->size &&
            b->at < added->at + added->size)
            return b->at + b->size;
    }
    return added->at;
}

static bool make_room(bc_buffers *all)
{
    if (all->count < all->capacity)
        return true;
    uint32_t capacity = all->capacity ? 2 * all->capacity : 64;
    bc_buffer *taken = capacity > all->capacity ? realloc(all->taken, capacity * sizeof *taken) : NULL;
    if (!taken)
        return false;
    all->taken = taken;
    all->capacity = capacity;
    return true;
}

uint64_t bc_buffers_take(bc_buffers *all, uint64_t size, uint32_t from, uint32_t until)
{
    bc_buffer added = {.size = size, .from = from, .until = until};
    uint64_t end;
    /* no place is higher than the end of all, so no sum below overflows */
    all->failed = all->failed || __builtin_add_overflow(all->size, size, &end) || !make_room(all);
    if (all->failed)
        return 0;
    for (uint64_t next; (next = pushed_on(all, &added)) != added.at;)
        added.at = next;
    all->taken[all->count++] = added;
    all->size = added.at + size > all->size ? added.at + size : all->size;
    return added.at;
}

void bc_buffers_free(bc_buffers *all)
{
    free(all->taken);
    *all = (bc_buffers){0};
}
