/* Positions of the protocol: lines from 0, and characters in UTF-8 or UTF-16 units, as the client has chosen. A line
 * ends at \n, \r\n or \r. A byte that is no UTF-8 counts as one unit. */
#ifndef BOUTON_DRIVER_LSP_LINES_H
#define BOUTON_DRIVER_LSP_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lsp_lines {
    const char *text; /* borrowed */
    uint32_t length;
    uint32_t count;
    uint32_t *starts; /* [count]: offsets of the lines' first bytes */
} lsp_lines;

typedef struct lsp_position {
    uint32_t line, character;
} lsp_position;

/* False: out of memory. */
bool lines_index(lsp_lines *lines, const char *text, size_t length);
void lines_free(lsp_lines *lines);

lsp_position lines_position(const lsp_lines *lines, uint32_t offset, bool utf8);

/* The offset of a position. Beyond the end of its line: the line's end; beyond the last line: the end of the text. A
 * position within a character is that character's. */
uint32_t lines_offset(const lsp_lines *lines, lsp_position position, bool utf8);

/* The line of an offset, and the end of a line without its break. */
uint32_t lines_line(const lsp_lines *lines, uint32_t offset);
uint32_t lines_end(const lsp_lines *lines, uint32_t line);

#endif
