/* Formatting. The layout changes white space, and leaves out separators that mean nothing, so old and new text can be
 * walked side by side. Each stretch between two line breaks that both have at the same token becomes an edit of its own,
 * so that the cursor and folded blocks stay where they are. */
#include <string.h>

#include "lsp/analysis.h"
#include "lsp/handlers.h"

typedef struct walk {
    const char *text;
    size_t length, at, line; /* `line`: where the line of `at` begins */
} walk;

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Passes over blanks; `line` follows the line breaks. */
static void pass_blanks(walk *w)
{
    for (; w->at < w->length && is_blank(w->text[w->at]); w->at++)
        if (w->text[w->at] == '\n')
            w->line = w->at + 1;
}

typedef struct editing {
    lsp_state *s;
    const lsp_document *document;
    size_t from, to; /* only edits that touch this part of the old text */
    json_t *edits;
} editing;

static void add_edit(editing *e, const walk *old, size_t begin, const walk *new, size_t new_begin)
{
    size_t length = old->line - begin, new_length = new->line - new_begin;
    if (length == new_length && memcmp(old->text + begin, new->text + new_begin, length) == 0)
        return;
    if (begin >= e->to || old->line <= e->from)
        return;
    json_t *range = lsp_range_in(e->s, &e->document->lines, (uint32_t)begin, (uint32_t)old->line);
    json_array_append_new(e->edits, lsp_edit(range, new->text + new_begin, new_length));
}

/* Walks over both texts. False: they differ in more than a layout may change. */
static bool add_edits(editing *e, const bl_layout *layout)
{
    walk old = {.text = e->document->text, .length = e->document->length};
    walk new = {.text = layout->text, .length = layout->length};
    size_t begin = 0, new_begin = 0, line = 0, new_line = 0; /* the lines of the last signs walked over */
    for (;;) {
        pass_blanks(&old);
        pass_blanks(&new);
        bool same = old.at < old.length && new.at < new.length &&old.text[old.at] == new.text[new.at];
        if (same && old.line != line && new.line != new_line) { /* both begin a line here */
            add_edit(e, &old, begin, &new, new_begin);
            begin = old.line;
            new_begin = new.line;
        }
        if (old.at == old.length && new.at == new.length)
            break;
        if (!same && (old.at == old.length || strchr(",;", old.text[old.at]) == NULL))
            return false;
        old.at++;
        new.at += same;
        line = old.line;
        new_line = same ? new.line : new_line;
    }
    old.line = old.length;
    new.line = new.length;
    add_edit(e, &old, begin, &new, new_begin);
    return true;
}

/* Only errors of the text itself keep it from being laid out: its includes are not read. */
static json_t *lay_out(lsp_state *s, lsp_document *document, size_t from, size_t to)
{
    bl_layout layout;
    editing e = {s, document, from, to, json_array()};
    bl_context *context = bl_context_new();
    if (context == NULL || bl_lay_out_text(context, document->path, document->text, document->length, &layout) != 0)
        lsp_made(s, NULL);
    else if (layout.text == NULL)
        lsp_fail(s, LSP_REQUEST_FAILED, "the text has errors, so it cannot be laid out");
    else if (!add_edits(&e, &layout))
        lsp_fail(s, LSP_INTERNAL_ERROR, "the layout would have changed more than white space");
    bl_context_free(context);
    return e.edits;
}

json_t *lsp_formatting(lsp_state *s, const json_t *params)
{
    lsp_document *document = lsp_document_of(s, params);
    return document == NULL ? NULL : lay_out(s, document, 0, SIZE_MAX);
}

json_t *lsp_range_formatting(lsp_state *s, const json_t *params)
{
    lsp_document *document = lsp_document_of(s, params);
    lsp_position start, end;
    const json_t *range = json_object_get(params, "range");
    if (document == NULL)
        return NULL;
    if (!lsp_read_position(json_object_get(range, "start"), &start) ||
        !lsp_read_position(json_object_get(range, "end"), &end))
        return lsp_fail(s, LSP_INVALID_PARAMS, "range needs start and end");
    size_t to = lines_offset(&document->lines, end, s->utf8);
    return lay_out(s, document, lines_offset(&document->lines, start, s->utf8), to + 1);
}
