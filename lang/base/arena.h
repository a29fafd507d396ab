/* Memory of a context. Everything that is read or built lives in one arena and is freed with it.
 *
 * When memory runs out, the arena jumps to `escape`, which the public functions set (report/context.c). Code that
 * allocates therefore never sees NULL. */
#ifndef BL_ARENA_H
#define BL_ARENA_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bl_chunk bl_chunk;

typedef struct bl_arena {
    bl_chunk *chunks;
    size_t used;   /* bytes handed out of the newest chunk */
    uint64_t left; /* allocations still allowed; tests lower it so that each one fails once */
    jmp_buf *escape;
} bl_arena;

void bl_arena_init(bl_arena *arena);
void bl_arena_free(bl_arena *arena);

/* Returns memory that is zeroed and aligned for any type. */
void *bl_alloc(bl_arena *arena, size_t count, size_t size);
char *bl_copy_text(bl_arena *arena, const char *text, size_t length);

#define BL_NEW(arena, type)          ((type *)bl_alloc((arena), 1, sizeof(type)))
#define BL_ARRAY(arena, type, count) ((type *)bl_alloc((arena), (count), sizeof(type)))

/* Makes space for one more element at the end of an array. A full array is copied to one of twice its size; the old
 * one stays in the arena. */
void *bl_grow(bl_arena *arena, void *array, size_t count, size_t size);

#endif
