/* The tokens and comments of a file, for the files of this room. */
#ifndef BL_TOKENS_H
#define BL_TOKENS_H

#include "report/context.h"

bl_tokens bl_scan_tokens(bl_context *context, uint32_t file);

/* Whether a token is spelt like this. */
bool bl_token_is(const bl_file *file, const bl_token *token, const char *spelling);

#endif
