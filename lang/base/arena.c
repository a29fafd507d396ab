#include "base/arena.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer, memory that is not handed out is poisoned, and so is a gap behind each allocation. */
#if defined(__SANITIZE_ADDRESS__)
#define BL_WATCHED 1
#elif defined(__has_feature)
#define BL_WATCHED __has_feature(address_sanitizer)
#else
#define BL_WATCHED 0
#endif

#if BL_WATCHED
#include <sanitizer/asan_interface.h>
#define FORBID(memory, size) ASAN_POISON_MEMORY_REGION(memory, size)
#define ALLOW(memory, size)  ASAN_UNPOISON_MEMORY_REGION(memory, size)
#else
#define FORBID(memory, size) ((void)0)
#define ALLOW(memory, size)  ((void)0)
#endif

enum { CHUNK_SIZE = 64 * 1024, GAP = BL_WATCHED ? 16 : 0 };

struct bl_chunk {
    bl_chunk *next;
    size_t size; /* of `bytes` */
    max_align_t bytes[];
};

void bl_arena_init(bl_arena *arena)
{
    *arena = (bl_arena){.left = UINT64_MAX};
}

void bl_arena_free(bl_arena *arena)
{
    for (bl_chunk *chunk = arena->chunks, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    arena->chunks = NULL;
}

static _Noreturn void out_of_memory(bl_arena *arena)
{
    longjmp(*arena->escape, 1);
}

static void add_chunk(bl_arena *arena, size_t size)
{
    size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
    bl_chunk *chunk = malloc(sizeof *chunk + room);
    if (chunk == NULL)
        out_of_memory(arena);
    chunk->next = arena->chunks;
    chunk->size = room;
    arena->chunks = chunk;
    arena->used = 0;
    FORBID(chunk->bytes, room);
}

void *bl_alloc(bl_arena *arena, size_t count, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    if (arena->left == 0)
        out_of_memory(arena);
    arena->left--;
    if (size != 0 && count > (SIZE_MAX / 4) / size)
        out_of_memory(arena);
    size_t bytes = (count * size + align - 1) / align * align + GAP;
    if (arena->chunks == NULL || arena->chunks->size - arena->used < bytes)
        add_chunk(arena, bytes);
    void *memory = (char *)arena->chunks->bytes + arena->used;
    arena->used += bytes;
    ALLOW(memory, count * size);
    return memset(memory, 0, count * size);
}

char *bl_copy_text(bl_arena *arena, const char *text, size_t length)
{
    char *copy = bl_alloc(arena, length + 1, 1);
    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

void *bl_grow(bl_arena *arena, void *array, size_t count, size_t size)
{
    bool full = count == 0 || (count >= 8 && (count & (count - 1)) == 0);
    if (!full)
        return array;
    void *larger = bl_alloc(arena, count == 0 ? 8 : count * 2, size);
    if (count > 0)
        memcpy(larger, array, count * size);
    return larger;
}
