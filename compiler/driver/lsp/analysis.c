#include "lsp/analysis.h"

#include <stdlib.h>
#include <string.h>

#include "lsp/uri.h"

/* ---- one analysis ---- */

void lsp_analysis_free(lsp_analysis *a)
{
    if (a == NULL)
        return;
    for (uint32_t i = 0; i < a->file_count && a->lines != NULL; i++)
        lines_free(&a->lines[i]);
    free(a->lines);
    bc_plan_free(a->plan);
    bl_context_free(a->context);
    free(a);
}

void lsp_forget(lsp_document *document)
{
    lsp_analysis_free(document->analysis);
    document->analysis = NULL;
}

void lsp_forget_readers(lsp_state *s, const lsp_document *document)
{
    for (uint32_t i = 0; i < s->count; i++) {
        lsp_document *reader = s->documents[i];
        if (document == NULL || reader == document ||
            (reader->analysis != NULL && lsp_file_of(reader->analysis, document) != UINT32_MAX))
            lsp_forget(reader);
    }
}

static bool overlay(bl_context *context, const lsp_document *document)
{
    return bl_overlay(context, document->path, document->text, document->length) == 0;
}

/* Loads the root with all open texts in place of their files. False: out of memory. */
static bool load(const lsp_state *s, const lsp_document *root, const lsp_document *changed, lsp_analysis *a)
{
    bl_context *context = a->context;
    bl_read read;
    bl_read_regular(context);
    if (changed != NULL && !overlay(context, changed)) /* the first of two with a path is read */
        return false;
    for (uint32_t i = 0; i < s->count; i++)
        if (!overlay(context, s->documents[i]))
            return false;
    if (bl_load(context, root->path) != 0)
        return false;
    a->program = bl_check(context, NULL);
    while (bl_read_at(context, a->file_count, &read))
        a->file_count++;
    a->lines = calloc(a->file_count + 1, sizeof *a->lines);
    return a->lines != NULL && bl_find(context, &a->findings) == 0;
}

lsp_analysis *lsp_analyse_as(lsp_state *s, const lsp_document *root, const lsp_document *changed)
{
    lsp_analysis *a = calloc(1, sizeof *a);
    if (a != NULL)
        a->context = bl_context_new();
    if (a != NULL && a->context != NULL && load(s, root, changed, a))
        return a;
    lsp_analysis_free(a);
    return lsp_made(s, NULL);
}

lsp_analysis *lsp_analyse(lsp_state *s, lsp_document *document)
{
    if (document->analysis == NULL)
        document->analysis = lsp_analyse_as(s, document, NULL);
    return document->analysis;
}

uint32_t lsp_file_of(const lsp_analysis *a, const lsp_document *document)
{
    bl_read read;
    for (uint32_t i = 0; bl_read_at(a->context, i, &read); i++)
        if (read.overlay != NULL && strcmp(read.overlay, document->path) == 0)
            return i;
    return UINT32_MAX;
}

/* The open text that includes the document; of two that include each other, only the one opened first counts. */
static lsp_document *includer_of(lsp_state *s, lsp_document *document)
{
    bool earlier = false; /* the document was opened before the one at hand */
    lsp_analysis *own = lsp_analyse(s, document);
    for (uint32_t i = 0; i < s->count && own != NULL; i++) {
        lsp_document *other = s->documents[i];
        earlier = earlier || other == document;
        lsp_analysis *a = other == document ? NULL : lsp_analyse(s, other);
        if (a == NULL || lsp_file_of(a, document) == UINT32_MAX)
            continue;
        if (!(earlier && lsp_file_of(own, other) != UINT32_MAX))
            return other;
    }
    return NULL;
}

lsp_document *lsp_root_of(lsp_state *s, lsp_document *document)
{
    lsp_document *root = NULL, *next = includer_of(s, document);
    for (uint32_t i = 0; i < s->count && next != NULL; i++) {
        root = next;
        next = includer_of(s, root);
    }
    return root;
}

bool lsp_locate(lsp_state *s, const json_t *params, lsp_place *out)
{
    lsp_position position = {0};
    const json_t *given = json_object_get(params, "position");
    *out = (lsp_place){.document = lsp_document_of(s, params)};
    if (out->document == NULL)
        return false;
    if (given != NULL && !lsp_read_position(given, &position)) {
        lsp_fail(s, LSP_INVALID_PARAMS, "position needs line and character, whole numbers from 0");
        return false;
    }
    lsp_document *root = lsp_root_of(s, out->document);
    out->root = root == NULL ? out->document : root;
    out->analysis = s->starved ? NULL : lsp_analyse(s, out->root);
    if (out->analysis == NULL)
        return false;
    out->file = lsp_file_of(out->analysis, out->document);
    out->offset = lines_offset(&out->document->lines, position, s->utf8);
    return true;
}

/* ---- made when needed ---- */

const bl_names *lsp_names(lsp_state *s, lsp_analysis *a)
{
    if (!a->named && bl_list_names(a->context, NULL, &a->names) != 0)
        lsp_made(s, NULL);
    a->named = true;
    return &a->names;
}

const bl_omissions *lsp_omissions(lsp_state *s, lsp_analysis *a)
{
    if (!a->compared && a->program != NULL && bl_list_omissions(a->context, a->program, &a->omissions) != 0)
        lsp_made(s, NULL);
    a->compared = true;
    return &a->omissions;
}

const bc_plan *lsp_plan(lsp_analysis *a)
{
    br_error error;
    if (!a->planned && a->program != NULL && bc_plan_new(a->program, &(bc_options){0}, &a->plan, &error) != 0)
        a->plan = NULL; /* the costs that need it are left out */
    a->planned = true;
    return a->plan;
}

static const lsp_lines *lines_of(lsp_state *s, lsp_analysis *a, uint32_t file)
{
    bl_read read;
    if (file >= a->file_count || !bl_read_at(a->context, file, &read))
        return NULL;
    if (a->lines[file].starts == NULL && !lines_index(&a->lines[file], read.text, read.length))
        return lsp_made(s, NULL);
    return &a->lines[file];
}

/* ---- places ---- */

char *lsp_uri(const lsp_state *s, const lsp_analysis *a, uint32_t file)
{
    bl_read read;
    if (!bl_read_at(a->context, file, &read))
        return NULL;
    for (uint32_t i = 0; i < s->count && read.overlay != NULL; i++)
        if (strcmp(s->documents[i]->path, read.overlay) == 0)
            return strdup(s->documents[i]->uri);
    char *path = realpath(read.name, NULL);
    char *uri = uri_of(path == NULL ? read.name : path);
    free(path);
    return uri;
}

static json_t *position_json(const lsp_state *s, const lsp_lines *lines, uint32_t offset)
{
    lsp_position position = lines_position(lines, offset, s->utf8);
    return json_pack("{s:I, s:I}", "line", (json_int_t)position.line, "character", (json_int_t)position.character);
}

json_t *lsp_range_in(const lsp_state *s, const lsp_lines *lines, uint32_t begin, uint32_t end)
{
    return json_pack("{s:o, s:o}", "start", position_json(s, lines, begin), "end", position_json(s, lines, end));
}

json_t *lsp_range(lsp_state *s, lsp_analysis *a, bl_place place)
{
    const lsp_lines *lines = lines_of(s, a, place.file);
    return lines == NULL ? NULL : lsp_range_in(s, lines, place.offset, place.offset + place.length);
}

json_t *lsp_location(lsp_state *s, lsp_analysis *a, bl_place place)
{
    char *uri = lsp_uri(s, a, place.file);
    json_t *range = lsp_range(s, a, place), *location = NULL;
    if (uri != NULL && range != NULL)
        location = json_pack("{s:s, s:O}", "uri", uri, "range", range);
    json_decref(range);
    free(uri);
    return location;
}

json_t *lsp_edit(json_t *range, const char *text, size_t length)
{
    return json_pack("{s:o, s:o}", "range", range, "newText", json_stringn(text, length));
}

const bl_name *lsp_name_at(lsp_state *s, const lsp_place *place, bl_place *at)
{
    const bl_names *names = lsp_names(s, place->analysis);
    for (uint32_t i = 0; i < names->count; i++) {
        const bl_name *name = &names->list[i];
        *at = name->place;
        if (lsp_covers(*at, place->file, place->offset))
            return name;
        for (uint32_t j = 0; j < name->use_count; j++) {
            *at = name->uses[j];
            if (lsp_covers(*at, place->file, place->offset))
                return name;
        }
    }
    return NULL;
}
