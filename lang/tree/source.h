/* Source texts, and the line and column of a byte offset. */
#ifndef BL_SOURCE_H
#define BL_SOURCE_H

#include "base/arena.h"
#include "bouton/lang.h"

#define BL_MAX_TEXT (4u << 20) /* bytes of one file */

/* A place outside every text, for example of a network name that the caller gave. */
#define BL_NOWHERE ((bl_place){.file = UINT32_MAX})

typedef struct bl_file {
    const char *name; /* as messages show it */
    const char *text; /* terminated by NUL; may contain NUL */
    uint32_t length;
    uint32_t line_count;
    uint32_t *lines; /* offset of each line's first byte */
    bool on_disk;    /* `device` and `inode` identify the file */
    uint64_t device, inode;
    const struct bl_held *overlay; /* the text in place of a file that it was read from; NULL: none */
    bool open;                     /* being parsed: an include of it now is circular */
    bool root;                     /* loaded by the caller, not by an include */
} bl_file;

typedef struct bl_held { /* a text in place of a file (bl_overlay) */
    const char *name;    /* the path as given */
    const char *path;    /* without `.`, `..` and doubled slashes */
    const char *text;
    size_t length;
    bool on_disk; /* the file exists: `device` and `inode` identify it */
    uint64_t device, inode;
} bl_held;

typedef struct bl_position {
    const char *file;
    uint32_t line, column; /* from 1; columns count characters */
    const char *excerpt;   /* the line's bytes */
    uint32_t excerpt_length;
    uint32_t lead; /* bytes of the line before the place */
} bl_position;

void bl_file_index_lines(bl_arena *arena, bl_file *file);
bl_position bl_file_position(const bl_file *file, uint32_t offset);

#endif
