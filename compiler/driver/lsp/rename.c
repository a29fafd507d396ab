/* Renaming. A new name is refused if it could not be written there, or if another thing of the kind has it. Then the
 * edits are made on a copy and checked: a name that would be read as something else, such as a constant that a
 * parameter hides, has another number of uses afterwards. */
#include <stdlib.h>
#include <string.h>

#include "lsp/analysis.h"
#include "lsp/handlers.h"

static const char *const KINDS[BL_NAME_KINDS] = {"network",   "layer", "constant", "neuron formula",
                                                 "parameter", "data",  "phase"};

/* Whether another name would be taken for this one: those of a kind within a network or a formula must differ. */
static const bl_name *namesake(const bl_names *names, const bl_name *of, const char *text)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (names->list[i].kind == of->kind && names->list[i].scope == of->scope &&
            strcmp(names->list[i].text, text) == 0)
            return &names->list[i];
    return NULL;
}

json_t *lsp_prepare_rename(lsp_state *s, const json_t *params)
{
    lsp_place place;
    bl_place at;
    if (!lsp_locate(s, params, &place))
        return NULL;
    const bl_name *name = lsp_name_at(s, &place, &at);
    if (name == NULL)
        return json_null();
    return json_pack("{s:o, s:s}", "range", lsp_range(s, place.analysis, at), "placeholder", name->text);
}

/* ---- the text of a file with a name replaced ---- */

static int by_offset(const void *left, const void *right)
{
    const bl_place *a = left, *b = right;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* The places of a name in one file, in order. *count: their number. The caller frees them. NULL: out of memory. */
static bl_place *places_in(const bl_name *name, uint32_t file, uint32_t *count)
{
    bl_place *places = malloc((name->use_count + 1) * sizeof *places);
    *count = 0;
    if (places == NULL)
        return NULL;
    if (name->place.file == file)
        places[(*count)++] = name->place;
    for (uint32_t i = 0; i < name->use_count; i++)
        if (name->uses[i].file == file)
            places[(*count)++] = name->uses[i];
    qsort(places, *count, sizeof *places, by_offset);
    return places;
}

static void write_replaced(FILE *to, const bl_read *read, const bl_place *places, uint32_t count, const char *text)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        fwrite(read->text + at, 1, places[i].offset - at, to);
        fputs(text, to);
        at = places[i].offset + places[i].length;
    }
    fwrite(read->text + at, 1, read->length - at, to);
}

/* Gives a context the files of an analysis, with a name replaced. The place of its declaration moves: *moved. */
static bool overlay_renamed(bl_context *context, const lsp_analysis *a, const bl_name *name, const char *text,
                            bl_place *moved)
{
    bl_read read;
    for (uint32_t i = 0; i < a->file_count && bl_read_at(a->context, i, &read); i++) {
        uint32_t count, before = 0;
        char *replaced = NULL;
        size_t length;
        bl_place *places = places_in(name, i, &count);
        FILE *to = places == NULL ? NULL : open_memstream(&replaced, &length);
        if (to == NULL) {
            free(places);
            return false;
        }
        for (uint32_t j = 0; j < count && name->place.file == i && places[j].offset < name->place.offset; j++)
            before++;
        if (name->place.file == i)
            moved->offset =
                name->place.offset + (uint32_t)(before * strlen(text)) - (uint32_t)(before * strlen(name->text));
        write_replaced(to, &read, places, count, text);
        fclose(to);
        free(places);
        int status = replaced == NULL
                         ? -1
                         : bl_overlay(context, read.overlay == NULL ? read.name : read.overlay, replaced, length);
        free(replaced);
        if (status != 0)
            return false;
    }
    return true;
}

/* Whether the text means the same after a name was replaced, as far as its errors and the name's uses tell. */
static bool means_the_same(lsp_state *s, const lsp_document *root, const lsp_analysis *a, const bl_name *name,
                           const char *text)
{
    bl_context *context = bl_context_new();
    bl_place moved = name->place;
    bl_names names = {0};
    bool same = false;
    if (context != NULL)
        bl_read_regular(context);
    if (context == NULL || !overlay_renamed(context, a, name, text, &moved) || bl_load(context, root->path) != 0)
        lsp_made(s, NULL);
    else {
        bl_check(context, NULL);
        bl_list_names(context, NULL, &names);
        same = bl_error_count(context) <= bl_error_count(a->context);
    }
    uint32_t uses = UINT32_MAX;
    for (uint32_t i = 0; i < names.count; i++)
        if (names.list[i].place.file == moved.file && names.list[i].place.offset == moved.offset)
            uses = names.list[i].use_count;
    bl_context_free(context);
    return same && uses == name->use_count;
}

/* ---- edits ---- */

static void add_edit(lsp_state *s, json_t *changes, lsp_analysis *a, bl_place place, const char *text)
{
    char *uri = lsp_uri(s, a, place.file);
    if (uri != NULL) /* another root may have the edit, too */
        lsp_add_once(changes, uri, lsp_edit(lsp_range(s, a, place), text, strlen(text)));
    free(uri);
}

/* Adds the edits of one root. Sets the request's error if the name cannot be given. */
static void rename_in(lsp_state *s, const lsp_place *place, const char *text, json_t *changes)
{
    bl_place at;
    const char *reason;
    const bl_name *name = lsp_name_at(s, place, &at);
    if (name == NULL)
        return;
    const bl_name *other = strcmp(name->text, text) == 0 ? NULL : namesake(lsp_names(s, place->analysis), name, text);
    if (!bl_name_fits(name->kind, text, &reason))
        lsp_fail(s, LSP_REQUEST_FAILED, "`%.100s` cannot be the name of a %s: %s", text, KINDS[name->kind], reason);
    else if (other != NULL)
        lsp_fail(s, LSP_REQUEST_FAILED, "there is already a %s called `%.100s`", KINDS[name->kind], text);
    else if (!means_the_same(s, place->root, place->analysis, name, text))
        lsp_fail(s, LSP_REQUEST_FAILED, "called `%.100s`, the %s would be taken for something else", text,
                 KINDS[name->kind]);
    if (s->failure != 0)
        return;
    add_edit(s, changes, place->analysis, name->place, text);
    for (uint32_t i = 0; i < name->use_count; i++)
        add_edit(s, changes, place->analysis, name->uses[i], text);
}

/* A file may be part of several open texts: the name is replaced in all of them. */
json_t *lsp_rename(lsp_state *s, const json_t *params)
{
    lsp_place place;
    bl_place at;
    const char *text = json_string_value(json_object_get(params, "newName"));
    if (text == NULL)
        return lsp_fail(s, LSP_INVALID_PARAMS, "newName is missing");
    if (!lsp_locate(s, params, &place))
        return NULL;
    if (lsp_name_at(s, &place, &at) == NULL)
        return lsp_fail(s, LSP_REQUEST_FAILED, "there is no name here that could be changed");
    json_t *changes = json_object();
    for (uint32_t i = 0; i < s->count && s->failure == 0 && !s->starved; i++) {
        lsp_place part = place;
        part.root = s->documents[i];
        part.analysis = lsp_root_of(s, part.root) == NULL ? lsp_analyse(s, part.root) : NULL;
        part.file = part.analysis == NULL ? UINT32_MAX : lsp_file_of(part.analysis, place.document);
        if (part.file != UINT32_MAX)
            rename_in(s, &part, text, changes);
    }
    return json_pack("{s:o}", "changes", changes);
}
