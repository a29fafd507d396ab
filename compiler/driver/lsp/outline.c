/* The outline of a text: its declarations, and what can be folded. */
#include <stdlib.h>
#include <string.h>

#include "lsp/analysis.h"
#include "lsp/handlers.h"

/* SymbolKind of the protocol. */
static const int SYMBOLS[BL_NAME_KINDS] = {
    [BL_NAME_NETWORK] = 2,                           /* Module */
    [BL_NAME_LAYER] = 5,                             /* Class */
    [BL_NAME_CONSTANT] = 14,  [BL_NAME_NEURON] = 12, /* Function */
    [BL_NAME_PARAMETER] = 13, [BL_NAME_DATA] = 23,   /* Struct */
    [BL_NAME_PHASE] = 24,                            /* Event */
};

static json_t *symbol(lsp_state *s, const lsp_place *in, const bl_name *name)
{
    json_t *range = lsp_range(s, in->analysis, name->whole);
    if (s->nested_symbols)
        return json_pack("{s:s, s:i, s:o, s:o}", "name", name->text, "kind", SYMBOLS[name->kind], "range", range,
                         "selectionRange", lsp_range(s, in->analysis, name->place));
    return json_pack("{s:s, s:i, s:{s:s, s:o}}", "name", name->text, "kind", SYMBOLS[name->kind], "location", "uri",
                     in->document->uri, "range", range);
}

/* Layers are children of their network. */
json_t *lsp_symbols(lsp_state *s, const json_t *params)
{
    lsp_place in;
    if (!lsp_locate(s, params, &in))
        return NULL;
    const bl_names *names = lsp_names(s, in.analysis);
    json_t *list = json_array(), **made = lsp_made(s, calloc(names->count + 1, sizeof *made));
    for (uint32_t i = 0; i < names->count && made != NULL; i++) {
        const bl_name *name = &names->list[i];
        if (name->place.file != in.file || name->kind == BL_NAME_PARAMETER)
            continue;
        made[i] = symbol(s, &in, name);
        json_t *parent = s->nested_symbols && name->scope < i ? made[name->scope] : NULL;
        json_t *children = json_object_get(parent, "children");
        if (parent != NULL && children == NULL) {
            children = json_array();
            json_object_set_new(parent, "children", children);
        }
        if (made[i] != NULL)
            json_array_append_new(parent == NULL ? list : children, made[i]);
    }
    free(made);
    return list;
}

/* ---- folding ---- */

static void add_fold(json_t *list, uint32_t first, uint32_t last, const char *kind)
{
    if (last <= first)
        return;
    json_t *fold = json_pack("{s:I, s:I}", "startLine", (json_int_t)first, "endLine", (json_int_t)last);
    if (kind != NULL)
        json_object_set_new(fold, "kind", json_string(kind));
    json_array_append_new(list, fold);
}

enum { OPEN_MOST = 64 };

typedef struct folding {
    const lsp_lines *lines;
    json_t *list;
    uint32_t open[OPEN_MOST], count; /* lines of open braces */
    uint32_t first, last;            /* lines of the comments at hand; first UINT32_MAX: none */
} folding;

static void end_comment(folding *f)
{
    if (f->first != UINT32_MAX)
        add_fold(f->list, f->first, f->last, "comment");
    f->first = UINT32_MAX;
}

/* Comments on neighbouring lines fold together. */
static void fold_comment(folding *f, const bl_place *place)
{
    uint32_t first = lines_line(f->lines, place->offset),
             last = lines_line(f->lines, place->offset + place->length - 1);
    if (f->first == UINT32_MAX || first > f->last + 1) {
        end_comment(f);
        f->first = first;
    }
    f->last = last;
}

/* The line of a closing brace stays visible. */
static void fold_sign(folding *f, const bl_place *place)
{
    char sign = f->lines->text[place->offset];
    uint32_t line = lines_line(f->lines, place->offset);
    if (sign == '{') {
        if (f->count < OPEN_MOST)
            f->open[f->count] = line;
        f->count++;
    } else if (sign == '}' && f->count > 0) {
        f->count--;
        if (f->count < OPEN_MOST && line > 0)
            add_fold(f->list, f->open[f->count], line - 1, NULL);
    }
}

json_t *lsp_folding(lsp_state *s, const json_t *params)
{
    lsp_place in;
    bl_tokens tokens;
    if (!lsp_locate(s, params, &in))
        return NULL;
    folding f = {.lines = &in.document->lines, .list = json_array(), .first = UINT32_MAX};
    if (bl_list_tokens(in.analysis->context, in.file, &tokens) != 0)
        lsp_made(s, NULL);
    for (uint32_t i = 0; i < tokens.count; i++) {
        const bl_token *token = &tokens.list[i];
        if (token->kind == BL_TOKEN_COMMENT) {
            fold_comment(&f, &token->place);
            continue;
        }
        end_comment(&f);
        if (token->kind == BL_TOKEN_SIGN)
            fold_sign(&f, &token->place);
    }
    end_comment(&f);
    return f.list;
}
