/* Signature help: the arguments of what is called around the cursor. */
#include <string.h>

#include "lsp/analysis.h"
#include "lsp/handlers.h"

typedef struct call {
    char word[64];
    json_int_t argument; /* the one at the cursor, from 0 */
} call;

static char sign_of(const lsp_document *document, const bl_token *token)
{
    return token->kind == BL_TOKEN_SIGN ? document->text[token->place.offset] : '\0';
}

/* The innermost call whose parenthesis is open at an offset. False: there is none in the statement. */
static bool find_call(const lsp_document *document, const bl_tokens *tokens, uint32_t offset, call *out)
{
    uint32_t depth = 0, i = tokens->count;
    *out = (call){0};
    while (i > 0 && tokens->list[i - 1].place.offset + tokens->list[i - 1].place.length > offset)
        i--;
    for (; i > 0; i--) {
        char sign = sign_of(document, &tokens->list[i - 1]);
        if (sign == ';' || sign == '{' || sign == '}')
            return false;
        if (sign == ')')
            depth++;
        else if (sign == ',' && depth == 0)
            out->argument++;
        else if (sign == '(' && depth-- == 0)
            break;
    }
    bl_place callee = i > 1 ? tokens->list[i - 2].place : (bl_place){0};
    if (i < 2 || callee.length >= sizeof out->word)
        return false;
    memcpy(out->word, document->text + callee.offset, callee.length);
    return true;
}

/* The arguments of a label, as the offsets at which they begin and end; the label is ASCII. */
static json_t *parameters_of(const char *label)
{
    json_t *list = json_array();
    const char *at = strchr(label, '(');
    while (at != NULL && *at != ')' && *at != '\0') {
        at += 1 + (at[1] == ' ');
        size_t length = strcspn(at, ",)");
        json_array_append_new(list, json_pack("{s:[I, I]}", "label", (json_int_t)(at - label),
                                              (json_int_t)(at - label) + (json_int_t)length));
        at += length;
    }
    return list;
}

json_t *lsp_signature(lsp_state *s, const json_t *params)
{
    lsp_place place;
    bl_tokens tokens;
    call call;
    const char *label, *meaning;
    if (!lsp_locate(s, params, &place))
        return NULL;
    if (bl_list_tokens(place.analysis->context, place.file, &tokens) != 0)
        return lsp_made(s, NULL);
    if (!find_call(place.document, &tokens, place.offset, &call) || !bl_signature(call.word, 0, &label, &meaning))
        return json_null();
    json_t *list = json_array();
    for (uint32_t i = 0; bl_signature(call.word, i, &label, &meaning); i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "label", label, "documentation", meaning, "parameters",
                                              parameters_of(label)));
    return json_pack("{s:o, s:i, s:I}", "signatures", list, "activeSignature", 0, "activeParameter", call.argument);
}
