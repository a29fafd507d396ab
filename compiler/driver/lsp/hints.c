/* Inlay hints: the shape and size of each layer, and the values of what is left out. */
#include <stdlib.h>
#include <string.h>

#include "lsp/facts.h"
#include "lsp/handlers.h"

typedef struct hinting {
    lsp_state *s;
    lsp_place in;
    uint32_t from, to; /* the part of the text that is shown */
    json_t *list;
} hinting;

static bool is_shown(const hinting *h, bl_place place)
{
    return place.file == h->in.file && place.offset >= h->from && place.offset <= h->to;
}

/* Takes over `label`. `tooltip` may be NULL. */
static void add(hinting *h, uint32_t offset, const char *label, const char *tooltip)
{
    lsp_position at = lines_position(&h->in.document->lines, offset, h->s->utf8);
    json_t *hint = json_pack("{s:{s:I, s:I}, s:s, s:b}", "position", "line", (json_int_t)at.line, "character",
                             (json_int_t)at.character, "label", label, "paddingLeft", label[0] != ' ');
    if (tooltip != NULL)
        json_object_set_new(hint, "tooltip", json_string(tooltip));
    json_array_append_new(h->list, hint);
}

static bool same_place(bl_place a, bl_place b)
{
    return a.file == b.file && a.offset == b.offset;
}

/* The statements that a layer or a phase leaves out, with something between them. NULL: none, or out of memory. The
 * caller frees it. */
static char *statements_of(hinting *h, const bl_name *name, const char *between)
{
    const bl_omissions *omissions = lsp_omissions(h->s, h->in.analysis);
    char *text = NULL;
    size_t length;
    FILE *to = NULL;
    for (uint32_t i = 0; i < omissions->count; i++) {
        const bl_omission *omission = &omissions->list[i];
        if (!omission->statement || !same_place(omission->name, name->place))
            continue;
        bool first = to == NULL;
        if (first)
            to = open_memstream(&text, &length);
        if (to == NULL)
            return lsp_made(h->s, NULL);
        fprintf(to, "%s%s", first ? "" : between, omission->text);
    }
    if (to != NULL)
        fclose(to);
    return text;
}

/* Behind the `{` of a block, or behind a statement without one. */
static uint32_t behind_head(const bl_name *name)
{
    return name->block.length > 0 ? name->block.offset + 1 : name->whole.offset + name->whole.length;
}

static void hint_layer(hinting *h, const bl_name *name)
{
    char *label = NULL, *left_out = statements_of(h, name, "\n");
    size_t length;
    FILE *to = open_memstream(&label, &length);
    bool known = to != NULL && lsp_write_shape(to, lsp_layer_at(h->in.analysis, name->place));
    if (to != NULL)
        fclose(to);
    if (known)
        add(h, behind_head(name), label, left_out);
    free(left_out);
    free(label);
}

static void hint_phase(hinting *h, const bl_name *name)
{
    char *left_out = statements_of(h, name, " ");
    if (left_out != NULL)
        add(h, behind_head(name), left_out, "The values of what the phase leaves out.");
    free(left_out);
}

static bool read_part(const lsp_state *s, const json_t *params, hinting *h)
{
    const json_t *range = json_object_get(params, "range");
    lsp_position start, end;
    if (!lsp_read_position(json_object_get(range, "start"), &start) ||
        !lsp_read_position(json_object_get(range, "end"), &end))
        return false;
    h->from = lines_offset(&h->in.document->lines, start, s->utf8);
    h->to = lines_offset(&h->in.document->lines, end, s->utf8);
    return true;
}

json_t *lsp_hints(lsp_state *s, const json_t *params)
{
    hinting h = {.s = s};
    if (!lsp_locate(s, params, &h.in))
        return NULL;
    if (!read_part(s, params, &h))
        return lsp_fail(s, LSP_INVALID_PARAMS, "range needs start and end");
    h.list = json_array();
    const bl_omissions *omissions = lsp_omissions(s, h.in.analysis);
    const bl_names *names = lsp_names(s, h.in.analysis);
    for (uint32_t i = 0; i < omissions->count; i++)
        if (!omissions->list[i].statement && is_shown(&h, omissions->list[i].place))
            add(&h, omissions->list[i].place.offset, omissions->list[i].text, NULL);
    for (uint32_t i = 0; i < names->count; i++) {
        const bl_name *name = &names->list[i];
        if (name->kind == BL_NAME_LAYER && is_shown(&h, name->place))
            hint_layer(&h, name);
        else if (name->kind == BL_NAME_PHASE && is_shown(&h, name->place))
            hint_phase(&h, name);
    }
    return h.list;
}
