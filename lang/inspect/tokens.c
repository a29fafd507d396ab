#include "inspect/tokens.h"

#include <string.h>

#include "parse/parse.h"
#include "parser.h"

static bl_token_kind kind_of(int token)
{
    return token == T_NAME                        ? BL_TOKEN_NAME
           : token == T_NUMBER || token == T_SPAN ? BL_TOKEN_NUMBER
           : token == T_SIZE                      ? BL_TOKEN_SIZE
           : token == T_STRING                    ? BL_TOKEN_STRING
           : token < T_STRING                     ? BL_TOKEN_SIGN
                                                  : BL_TOKEN_WORD;
}

/* Merges tokens and comments, each of which is in order. */
static bl_tokens merge(bl_arena *arena, const bl_token *tokens, uint32_t count, const bl_parsing *parsing)
{
    bl_token *all = BL_ARRAY(arena, bl_token, count + parsing->comment_count);
    uint32_t next = 0, total = 0;
    for (uint32_t i = 0; i <= count; i++) {
        uint32_t before = i < count ? tokens[i].place.offset : UINT32_MAX;
        for (; next < parsing->comment_count && parsing->comments[next].offset < before; next++)
            all[total++] = (bl_token){BL_TOKEN_COMMENT, parsing->comments[next]};
        if (i < count)
            all[total++] = tokens[i];
    }
    return (bl_tokens){total, all};
}

bl_tokens bl_scan_tokens(bl_context *context, uint32_t file)
{
    bl_arena *arena = &context->arena;
    bl_parsing *parsing = BL_NEW(arena, bl_parsing);
    *parsing = (bl_parsing){.context = context, .arena = arena, .file = file, .quiet = true, .keeps_comments = true};
    bl_token *tokens = NULL;
    uint32_t count = 0;
    BL_YYSTYPE value;
    bl_place place;
    bl_scan_open(parsing);
    for (int token; (token = bl_scan(&value, &place, parsing->scanner)) != T_END;) {
        tokens = bl_grow(arena, tokens, count, sizeof *tokens);
        tokens[count++] = (bl_token){token == T_AT_LEAST ? BL_TOKEN_SIGN : kind_of(token), place};
    }
    bl_scan_close(parsing);
    return merge(arena, tokens, count, parsing);
}

bool bl_token_is(const bl_file *file, const bl_token *token, const char *spelling)
{
    size_t length = strlen(spelling);
    return token->place.length == length && memcmp(file->text + token->place.offset, spelling, length) == 0;
}

typedef struct listing {
    uint32_t file;
    bl_tokens *out;
} listing;

static int list(bl_context *context, void *argument)
{
    const listing *listing = argument;
    *listing->out = bl_scan_tokens(context, listing->file);
    return 0;
}

int bl_list_tokens(bl_context *context, uint32_t file, bl_tokens *out)
{
    listing listing = {file, out};
    *out = (bl_tokens){0};
    return bl_context_file(context, file) == NULL ? 0 : bl_guard(context, list, &listing);
}
