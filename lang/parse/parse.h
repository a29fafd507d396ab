/* Parses the text of a file into statements. */
#ifndef BL_PARSE_H
#define BL_PARSE_H

#include "parse/parsing.h"

/* Parses a file's text; its statements become parsing->items. */
void bl_parse_text(bl_parsing *parsing, bl_context *context, uint32_t file);

#endif
