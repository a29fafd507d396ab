/* Opening, changing and closing documents. */
#include <stdlib.h>
#include <string.h>

#include "lsp/analysis.h"
#include "lsp/handlers.h"
#include "lsp/uri.h"

void lsp_did_open(lsp_state *s, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument"), *text = json_object_get(item, "text");
    const char *uri = json_string_value(json_object_get(item, "uri"));
    if (uri == NULL || text == NULL || !json_is_string(text))
        return;
    lsp_forget_readers(s, NULL); /* any text may include it */
    char *path = lsp_made(s, uri_path(uri));
    for (uint32_t i = s->count; path != NULL && i-- > 0;) /* two spellings of a path are one document */
        if (strcmp(s->documents[i]->path, path) == 0)
            lsp_close(s, s->documents[i]);
    free(path);
    json_object_del(s->published, uri); /* its diagnostics are told anew, even if they are the same */
    lsp_open(s, uri, json_integer_value(json_object_get(item, "version")), json_string_value(text),
             json_string_length(text));
}

/* Replaces a range of the text. Only clients that do not read the server's capabilities send ranges. */
static bool replace_range(lsp_state *s, lsp_document *document, const json_t *range, const json_t *text)
{
    lsp_position start, end;
    if (!lsp_read_position(json_object_get(range, "start"), &start) ||
        !lsp_read_position(json_object_get(range, "end"), &end))
        return true;
    uint32_t from = lines_offset(&document->lines, start, s->utf8), to = lines_offset(&document->lines, end, s->utf8);
    size_t added = json_string_length(text), rest = document->length - to;
    if (to < from)
        return true;
    char *whole = lsp_made(s, malloc(from + added + rest + 1));
    if (whole == NULL)
        return false;
    memcpy(whole, document->text, from);
    memcpy(whole + from, json_string_value(text), added);
    memcpy(whole + from + added, document->text + to, rest);
    bool done = lsp_replace(s, document, whole, from + added + rest);
    free(whole);
    return done;
}

void lsp_did_change(lsp_state *s, const json_t *params)
{
    lsp_document *document = lsp_document_of(s, params);
    const json_t *changes = json_object_get(params, "contentChanges");
    const json_t *version = json_object_get(json_object_get(params, "textDocument"), "version");
    if (document == NULL)
        return;
    lsp_forget_readers(s, document);
    if (json_is_integer(version))
        document->version = json_integer_value(version);
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const json_t *change = json_array_get(changes, i), *text = json_object_get(change, "text");
        const json_t *range = json_object_get(change, "range");
        if (!json_is_string(text))
            continue;
        if (json_is_object(range) ? !replace_range(s, document, range, text)
                                  : !lsp_replace(s, document, json_string_value(text), json_string_length(text)))
            return;
    }
}

void lsp_did_close(lsp_state *s, const json_t *params)
{
    lsp_document *document = lsp_document_of(s, params);
    if (document == NULL)
        return;
    lsp_forget_readers(s, NULL);
    lsp_close(s, document);
}

/* Files on disk may have changed. */
void lsp_did_save(lsp_state *s, const json_t *params)
{
    (void)params;
    lsp_forget_readers(s, NULL);
    s->changed = true;
}
