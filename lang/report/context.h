/* The members of bl_context, and the guard that turns running out of memory into a return value. */
#ifndef BL_CONTEXT_H
#define BL_CONTEXT_H

#include "report/diagnostic.h"
#include "tree/node.h"
#include "tree/source.h"

typedef struct bl_setting { /* one --set NAME=VALUE, parsed as `let NAME = VALUE;` */
    const char *name;
    bl_place place;
    const bl_node *value; /* NULL if it was not an expression */
    bool used;
} bl_setting;

typedef struct bl_checked_number { /* a number that was checked */
    bl_place place;
    double value;
    uint32_t quantity; /* of quantity.def; UINT32_MAX: the value of a `let` */
} bl_checked_number;

struct bl_context {
    bl_arena arena;
    uint32_t file_count;
    bl_file **files;
    uint32_t setting_count;
    bl_setting *settings;
    bl_node *root; /* all statements read, in order; an include holds the statements of its file */
    bl_collector diagnostics;
    uint32_t held_count; /* texts in place of files */
    bl_held **held;
    bool regular;          /* only regular files are read */
    uint32_t number_count; /* what the last check found: numbers, and layers of all networks */
    bl_checked_number *numbers;
    bl_known_layers layers;
    FILE *reading; /* the file being read: bl_guard closes it if memory runs out */
};

/* Calls `body` with the arena's escape set. Returns its result, or -1 if memory ran out. */
int bl_guard(bl_context *context, int (*body)(bl_context *context, void *argument), void *argument);

bl_file *bl_context_file(const bl_context *context, uint32_t index); /* NULL for BL_NOWHERE */
/* Reads a file without parsing it; `-` is standard input. Returns false, with a diagnostic, if it cannot be read. */
bool bl_read_file(bl_context *context, const char *path, uint32_t *index);
bool bl_hold_text(bl_context *context, const char *name, const char *text, size_t length, uint32_t *index);
uint32_t bl_context_add_file(bl_context *context, const char *name, const char *text, size_t length);

#endif
