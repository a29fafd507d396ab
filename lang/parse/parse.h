/* Parses the text of a file into statements. */
#ifndef BL_PARSE_H
#define BL_PARSE_H

#include "parse/parsing.h"

/* Parses a file's text; its statements become parsing->items. */
void bl_parse_text(bl_parsing *parsing, bl_context *context, uint32_t file);

/* Parses a text that ends at the place asked about. The errors of the text are diagnostics of the context. */
void bl_parse_to(bl_parsing *parsing, bl_context *context, uint32_t file, bl_cursor *cursor);

#endif
