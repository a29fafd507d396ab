/* Semantic tokens: the scanner's tokens, and what the names among them stand for. */
#include <stdlib.h>
#include <string.h>

#include "lsp/analysis.h"
#include "lsp/handlers.h"

/* X(kind, name in the protocol) */
#define TOKEN_KINDS(X)                                                                                                 \
    X(KEYWORD, "keyword")                                                                                              \
    X(NUMBER, "number")                                                                                                \
    X(STRING, "string")                                                                                                \
    X(COMMENT, "comment")                                                                                              \
    X(NAMESPACE, "namespace")                                                                                          \
    X(CLASS, "class")                                                                                                  \
    X(VARIABLE, "variable")                                                                                            \
    X(FUNCTION, "function")                                                                                            \
    X(PARAMETER, "parameter")                                                                                          \
    X(STRUCT, "struct")                                                                                                \
    X(EVENT, "event")

typedef enum token_kind {
#define X(kind, name) KIND_##kind,
    TOKEN_KINDS(X)
#undef X
        KIND_NONE
} token_kind;

enum { DECLARATION = 1, READONLY = 2 }; /* bits of the modifiers below */

json_t *lsp_token_legend(void)
{
    json_t *kinds = json_array();
#define X(kind, name) json_array_append_new(kinds, json_string(name));
    TOKEN_KINDS(X)
#undef X
    return json_pack("{s:o, s:[s,s]}", "tokenTypes", kinds, "tokenModifiers", "declaration", "readonly");
}

static const token_kind NAMES[BL_NAME_KINDS] = {
    [BL_NAME_NETWORK] = KIND_NAMESPACE, [BL_NAME_LAYER] = KIND_CLASS,         [BL_NAME_CONSTANT] = KIND_VARIABLE,
    [BL_NAME_NEURON] = KIND_FUNCTION,   [BL_NAME_PARAMETER] = KIND_PARAMETER, [BL_NAME_DATA] = KIND_STRUCT,
    [BL_NAME_PHASE] = KIND_EVENT,
};

/* A name's place in the file. */
typedef struct named_place {
    uint32_t offset;
    token_kind kind;
    int modifiers;
} named_place;

static int by_offset(const void *left, const void *right)
{
    const named_place *a = left, *b = right;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* All names in the file, in order. The caller frees them. */
static named_place *named_places(lsp_state *s, const lsp_place *in, uint32_t *count)
{
    const bl_names *names = lsp_names(s, in->analysis);
    size_t room = 1;
    for (uint32_t i = 0; i < names->count; i++)
        room += 1 + names->list[i].use_count;
    named_place *places = lsp_made(s, malloc(room * sizeof *places));
    *count = 0;
    for (uint32_t i = 0; i < names->count && places != NULL; i++) {
        const bl_name *name = &names->list[i];
        int readonly = name->kind == BL_NAME_CONSTANT ? READONLY : 0;
        if (name->place.file == in->file)
            places[(*count)++] = (named_place){name->place.offset, NAMES[name->kind], DECLARATION | readonly};
        for (uint32_t j = 0; j < name->use_count; j++)
            if (name->uses[j].file == in->file)
                places[(*count)++] = (named_place){name->uses[j].offset, NAMES[name->kind], readonly};
    }
    if (places != NULL)
        qsort(places, *count, sizeof *places, by_offset);
    return places;
}

typedef struct coding {
    const lsp_state *s;
    const lsp_lines *lines;
    json_t *data;
    lsp_position last;
} coding;

static void add_part(coding *c, uint32_t begin, uint32_t end, token_kind kind, int modifiers)
{
    lsp_position at = lines_position(c->lines, begin, c->s->utf8), stop = lines_position(c->lines, end, c->s->utf8);
    bool same = at.line == c->last.line;
    const json_int_t five[] = {at.line - c->last.line, at.character - (same ? c->last.character : 0),
                               stop.character - at.character, kind, modifiers};
    for (size_t i = 0; i < 5; i++)
        json_array_append_new(c->data, json_integer(five[i]));
    c->last = at;
}

/* A token of several lines, which only a comment can be, becomes one for each line. */
static void add_token(coding *c, bl_place place, token_kind kind, int modifiers)
{
    uint32_t begin = place.offset, end = place.offset + place.length;
    while (begin < end) {
        uint32_t line = lines_line(c->lines, begin), stop = lines_end(c->lines, line);
        if (stop > end)
            stop = end;
        if (stop > begin)
            add_part(c, begin, stop, kind, modifiers);
        begin = line + 1 < c->lines->count ? c->lines->starts[line + 1] : end;
    }
}

static token_kind kind_of(bl_token_kind kind)
{
    switch (kind) {
    case BL_TOKEN_WORD:
        return KIND_KEYWORD;
    case BL_TOKEN_NUMBER:
    case BL_TOKEN_SIZE:
        return KIND_NUMBER;
    case BL_TOKEN_STRING:
        return KIND_STRING;
    case BL_TOKEN_COMMENT:
        return KIND_COMMENT;
    case BL_TOKEN_NAME:
    case BL_TOKEN_SIGN:
        break;
    }
    return KIND_NONE;
}

/* A name of the language's functions: `clamp(`. */
static bool is_call(const lsp_document *document, const bl_token *token)
{
    const char *label, *meaning;
    char word[32];
    if (token->kind != BL_TOKEN_NAME || token->place.length >= sizeof word)
        return false;
    memcpy(word, document->text + token->place.offset, token->place.length);
    word[token->place.length] = '\0';
    return bl_signature(word, 0, &label, &meaning);
}

json_t *lsp_semantic_tokens(lsp_state *s, const json_t *params)
{
    lsp_place in;
    bl_tokens tokens;
    uint32_t count, next = 0;
    if (!lsp_locate(s, params, &in))
        return NULL;
    if (bl_list_tokens(in.analysis->context, in.file, &tokens) != 0)
        return lsp_made(s, NULL);
    named_place *names = named_places(s, &in, &count);
    coding c = {.s = s, .lines = &in.document->lines, .data = json_array()};
    for (uint32_t i = 0; i < tokens.count && names != NULL; i++) {
        const bl_token *token = &tokens.list[i];
        while (next < count && names[next].offset < token->place.offset)
            next++;
        bool named = next < count && names[next].offset == token->place.offset;
        token_kind kind = named ? names[next].kind : is_call(in.document, token) ? KIND_FUNCTION : kind_of(token->kind);
        if (kind != KIND_NONE)
            add_token(&c, token->place, kind, named ? names[next].modifiers : 0);
    }
    free(names);
    return json_pack("{s:o}", "data", c.data);
}
