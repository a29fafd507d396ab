/* Memory of a context: everything read and made lives in one arena and is freed with it.
 *
 * This is the only place that takes memory, but for the context itself. When there is none left the arena jumps to
 * `escape`, which the public functions set (context.c): the code between never sees a NULL. */
#ifndef BL_ARENA_H
#define BL_ARENA_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bl_chunk bl_chunk;

typedef struct bl_arena {
    bl_chunk *chunks;
    size_t used;   /* bytes of the newest chunk */
    uint64_t left; /* allocations still granted; tests lower it to make each one fail */
    jmp_buf *escape;
} bl_arena;

void bl_arena_init(bl_arena *arena);
void bl_arena_free(bl_arena *arena);

/* Zeroed and aligned for any type. */
void *bl_alloc(bl_arena *arena, size_t count, size_t size);
char *bl_copy_text(bl_arena *arena, const char *text, size_t length);

#define BL_NEW(arena, type)          ((type *)bl_alloc((arena), 1, sizeof(type)))
#define BL_ARRAY(arena, type, count) ((type *)bl_alloc((arena), (count), sizeof(type)))

/* Room for one more at the end of an array that doubles as it grows; the old one stays in the arena. */
void *bl_grow(bl_arena *arena, void *array, size_t count, size_t size);

#endif
