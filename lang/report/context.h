/* What a bl_context holds, and the guard that turns lack of memory into a return value. */
#ifndef BL_CONTEXT_H
#define BL_CONTEXT_H

#include "report/diagnostic.h"
#include "tree/node.h"
#include "tree/source.h"

typedef struct bl_setting { /* one --set NAME=VALUE, parsed as `let NAME = VALUE;` */
    const char *name;
    bl_place place;
    const bl_node *value; /* NULL: it was not an expression */
    bool used;
} bl_setting;

struct bl_context {
    bl_arena arena;
    uint32_t file_count;
    bl_file **files;
    uint32_t setting_count;
    bl_setting *settings;
    bl_node *root; /* every item read, in order; an include holds the items of its file */
    bl_collector diagnostics;
    FILE *reading; /* open while a file is read, so that a jump can close it */
};

/* Runs `body` with the arena's escape set. Returns what it returns, or -1 when memory ran out. */
int bl_guard(bl_context *context, int (*body)(bl_context *context, void *argument), void *argument);

bl_file *bl_context_file(const bl_context *context, uint32_t index); /* NULL for a place that is nowhere */
/* Reads a file (`-`: standard input) without parsing it. False where it can't be read, and that is told. */
bool bl_read_file(bl_context *context, const char *path, uint32_t *index);
bool bl_hold_text(bl_context *context, const char *name, const char *text, size_t length, uint32_t *index);
uint32_t bl_context_add_file(bl_context *context, const char *name, const char *text, size_t length);

#endif
