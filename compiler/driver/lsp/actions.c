/* Code actions: the corrections that diagnostics state, and writing out the defaults of a layer or a phase. */
#include <stdlib.h>
#include <string.h>

#include "lsp/findings.h"
#include "lsp/handlers.h"

typedef struct acting {
    lsp_state *s;
    lsp_place in;
    uint32_t from, to; /* the selection */
    json_t *list;
} acting;

static bool touches(const acting *a, bl_place place)
{
    return place.file == a->in.file && place.offset <= a->to && place.offset + place.length >= a->from;
}

static json_t *edit_of(const char *uri, json_t *edits)
{
    return json_pack("{s:{s:o}}", "changes", uri, edits);
}

/* ---- corrections ---- */

enum { SHOWN_MOST = 48 };

/* "Replace `dence` with `dense`" */
static json_t *title_of(const lsp_document *document, const bl_finding *finding)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    if (to == NULL)
        return NULL;
    const char *old = document->text + finding->replaced.offset;
    int old_length = (int)finding->replaced.length, new_length = (int)strcspn(finding->replacement, "\n");
    bool longs = old_length > SHOWN_MOST || memchr(old, '\n', (size_t)old_length) != NULL;
    if (*finding->replacement == '\0' && longs)
        fputs("Remove this", to);
    else if (*finding->replacement == '\0')
        fprintf(to, "Remove `%.*s`", old_length, old);
    else if (old_length == 0)
        fprintf(to, "Insert `%.*s`", new_length, finding->replacement);
    else if (longs)
        fprintf(to, "Replace with `%.*s`", new_length, finding->replacement);
    else
        fprintf(to, "Replace `%.*s` with `%.*s`", old_length, old, new_length, finding->replacement);
    fclose(to);
    json_t *title = text == NULL ? NULL : lsp_text(text);
    free(text);
    return title;
}

/* A removed statement takes its line with it if nothing else stands there. */
static bl_place whole_line(const lsp_document *document, bl_place place)
{
    uint32_t begin = place.offset, end = place.offset + place.length;
    while (begin > 0 && (document->text[begin - 1] == ' ' || document->text[begin - 1] == '\t'))
        begin--;
    bool first = begin == 0 || document->text[begin - 1] == '\n';
    bool last = end < document->length && document->text[end] == '\n';
    if (place.length == 0 || !first || !last || document->text[end - 1] != ';')
        return place;
    return (bl_place){place.file, begin, end + 1 - begin};
}

static void add_correction(acting *a, const bl_finding *finding)
{
    lsp_analysis *analysis = a->in.analysis;
    bl_place replaced =
        *finding->replacement == '\0' ? whole_line(a->in.document, finding->replaced) : finding->replaced;
    json_t *edit = lsp_edit(lsp_range(a->s, analysis, replaced), finding->replacement, strlen(finding->replacement));
    json_t *action = json_pack("{s:o, s:s, s:b, s:[o], s:o}", "title", title_of(a->in.document, finding), "kind",
                               "quickfix", "isPreferred", 1, "diagnostics", lsp_finding(a->s, analysis, finding),
                               "edit", edit_of(a->in.document->uri, json_pack("[o]", edit)));
    if (lsp_made(a->s, action) != NULL)
        json_array_append_new(a->list, action);
}

/* ---- defaults ---- */

static uint32_t indent_of(const lsp_document *document, uint32_t offset)
{
    uint32_t begin = document->lines.starts[lines_line(&document->lines, offset)], end = begin;
    while (document->text[end] == ' ')
        end++;
    return end - begin;
}

/* Whether only blanks stand before an offset on its line. */
static bool begins_line(const lsp_document *document, uint32_t offset)
{
    while (offset > 0 && (document->text[offset - 1] == ' ' || document->text[offset - 1] == '\t'))
        offset--;
    return offset == 0 || document->text[offset - 1] == '\n';
}

/* The statements that are added, on lines of their own: in the block, or in a new one behind the layer. */
static void write_statements(const acting *a, const bl_name *name, const bl_omissions *omissions, FILE *to)
{
    int indent = (int)indent_of(a->in.document, name->whole.offset);
    uint32_t end = name->whole.offset + name->whole.length - 1;
    bool opens = name->block.length == 0, alone = !opens && begins_line(a->in.document, end);
    fputs(opens ? " {\n" : alone ? "" : "\n", to);
    for (uint32_t i = 0; i < omissions->count; i++) {
        const bl_omission *omission = &omissions->list[i];
        if (omission->statement && omission->name.file == name->place.file &&
            omission->name.offset == name->place.offset)
            fprintf(to, "%*s%s\n", indent + 2, "", omission->text);
    }
    if (!alone)
        fprintf(to, "%*s%s", indent, "", opens ? "}" : "");
}

/* The edit that adds statements: at the beginning of the line of the `}`, or else behind what stands before it. */
static json_t *statements_edit(acting *a, const bl_name *name, const bl_omissions *omissions)
{
    const lsp_document *document = a->in.document;
    uint32_t end = name->whole.offset + name->whole.length - 1, begin = end;
    bool opens = name->block.length == 0, alone = !opens && begins_line(document, end);
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    if (to == NULL)
        return NULL;
    write_statements(a, name, omissions, to);
    fclose(to);
    while (!opens && begin > 0 && strchr(" \t", document->text[begin - 1]) != NULL)
        begin--;
    json_t *range = lsp_range_in(a->s, &document->lines, begin, opens ? end + 1 : alone ? begin : end);
    json_t *edit = text == NULL ? NULL : lsp_edit(range, text, strlen(text));
    free(text);
    return edit;
}

static void add_defaults(acting *a, const bl_name *name)
{
    const bl_omissions *omissions = lsp_omissions(a->s, a->in.analysis);
    json_t *edits = json_array();
    bool statements = false;
    for (uint32_t i = 0; i < omissions->count; i++) {
        const bl_omission *omission = &omissions->list[i];
        if (omission->name.file != name->place.file || omission->name.offset != name->place.offset)
            continue;
        statements = statements || omission->statement;
        if (!omission->statement)
            json_array_append_new(edits, lsp_edit(lsp_range(a->s, a->in.analysis, omission->place), omission->text,
                                                  strlen(omission->text)));
    }
    if (statements)
        json_array_append_new(edits, statements_edit(a, name, omissions));
    if (json_array_size(edits) == 0) {
        json_decref(edits);
        return;
    }
    char title[320];
    snprintf(title, sizeof title, "Write out the defaults of `%s`", name->text);
    json_t *action = json_pack("{s:s, s:s, s:o}", "title", title, "kind", "refactor.rewrite", "edit",
                               edit_of(a->in.document->uri, edits));
    if (lsp_made(a->s, action) != NULL)
        json_array_append_new(a->list, action);
}

/* ---- the request ---- */

/* Whether the client asks for a kind of action: it names kinds of which this is a part, or none. */
static bool wanted(const json_t *params, const char *kind)
{
    const json_t *only = json_object_get(json_object_get(params, "context"), "only");
    for (size_t i = 0; i < json_array_size(only); i++) {
        const char *part = json_string_value(json_array_get(only, i));
        size_t length = part == NULL ? 0 : strlen(part);
        if (part != NULL && strncmp(kind, part, length) == 0 && (kind[length] == '\0' || kind[length] == '.'))
            return true;
    }
    return json_array_size(only) == 0;
}

json_t *lsp_actions(lsp_state *s, const json_t *params)
{
    acting a = {.s = s};
    lsp_position start, end;
    const json_t *range = json_object_get(params, "range");
    if (!lsp_locate(s, params, &a.in))
        return NULL;
    if (!lsp_read_position(json_object_get(range, "start"), &start) ||
        !lsp_read_position(json_object_get(range, "end"), &end))
        return lsp_fail(s, LSP_INVALID_PARAMS, "range needs start and end");
    a.from = lines_offset(&a.in.document->lines, start, s->utf8);
    a.to = lines_offset(&a.in.document->lines, end, s->utf8);
    a.list = json_array();
    const bl_findings *findings = &a.in.analysis->findings;
    for (uint32_t i = 0; i < findings->count && wanted(params, "quickfix"); i++)
        if (findings->list[i].replacement != NULL && touches(&a, findings->list[i].place))
            add_correction(&a, &findings->list[i]);
    const bl_names *names = lsp_names(s, a.in.analysis);
    for (uint32_t i = 0; i < names->count && wanted(params, "refactor.rewrite"); i++) {
        const bl_name *name = &names->list[i];
        bool declares = name->kind == BL_NAME_LAYER || name->kind == BL_NAME_PHASE;
        if (declares && touches(&a, name->whole))
            add_defaults(&a, name);
    }
    return a.list;
}
