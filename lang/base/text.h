/* A text buffer that grows in the arena. Messages and dumps are built in one before they are written. */
#ifndef BL_TEXT_H
#define BL_TEXT_H

#include "base/arena.h"

typedef struct bl_text {
    bl_arena *arena;
    char *data; /* terminated by NUL */
    size_t length, room;
} bl_text;

bl_text bl_text_new(bl_arena *arena);
void bl_text_add(bl_text *text, const char *more);
void bl_text_add_bytes(bl_text *text, const char *more, size_t length);
void bl_text_format(bl_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds the shortest decimal that reads back as exactly this number. */
void bl_text_number(bl_text *text, double number);
const char *bl_number_text(bl_arena *arena, double number);

/* "28x28" */
const char *bl_size_text(bl_arena *arena, uint32_t height, uint32_t width);

/* Adds a string in double quotes, escaped so that the scanner reads the same string back. */
void bl_text_quoted(bl_text *text, const char *string);

/* `a`, `b` or `c` */
const char *bl_list_text(bl_arena *arena, const char *const *words, size_t count, const char *conjunction);

/* The length of the UTF-8 character at `text`: 1 to 4 bytes, or 0 if it is invalid. Control characters are valid. */
size_t bl_utf8_length(const char *text, size_t left);

/* A copy that is safe for terminals and JSON: control characters except tabs, and invalid bytes, become U+FFFD. */
const char *bl_clean_text(bl_arena *arena, const char *text, size_t length);

#endif
