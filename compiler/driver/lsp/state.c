#include "lsp/state.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lsp/uri.h"

json_t *lsp_fail(lsp_state *s, int code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(s->reason, sizeof s->reason, format, list);
    va_end(list);
    s->failure = code;
    return NULL;
}

void *lsp_made(lsp_state *s, void *made)
{
    if (made == NULL)
        s->starved = s->done = true;
    return made;
}

/* Texts of files that are no UTF-8 may be part of a message. */
json_t *lsp_text(const char *text)
{
    json_t *string = json_string(text);
    if (string != NULL)
        return string;
    char *copy = strdup(text);
    for (char *at = copy; at != NULL && *at != '\0'; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    string = json_string(copy == NULL ? "" : copy);
    free(copy);
    return string;
}

void lsp_add_once(json_t *object, const char *key, json_t *item)
{
    json_t *list = json_object_get(object, key);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(object, key, list);
    }
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), item)) {
            json_decref(item);
            return;
        }
    if (item != NULL)
        json_array_append_new(list, item);
}

/* ---- documents ---- */

lsp_document *lsp_find(const lsp_state *s, const char *uri)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (strcmp(s->documents[i]->uri, uri) == 0)
            return s->documents[i];
    return NULL;
}

static void free_document(lsp_document *document)
{
    lines_free(&document->lines);
    free(document->uri);
    free(document->path);
    free(document->text);
    free(document);
}

static bool set_text(lsp_state *s, lsp_document *document, const char *text, size_t length)
{
    char *copy = lsp_made(s, malloc(length + 1));
    lsp_lines lines = {0};
    if (copy == NULL)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (!lines_index(&lines, copy, length)) {
        free(copy);
        return lsp_made(s, NULL) != NULL;
    }
    free(document->text);
    lines_free(&document->lines);
    document->text = copy;
    document->length = length;
    document->lines = lines;
    return true;
}

bool lsp_open(lsp_state *s, const char *uri, json_int_t version, const char *text, size_t length)
{
    lsp_document **more = lsp_made(s, realloc(s->documents, (s->count + 1) * sizeof(lsp_document *)));
    if (more == NULL)
        return false;
    s->documents = more;
    lsp_document *document = lsp_made(s, calloc(1, sizeof *document));
    if (document == NULL)
        return false;
    document->uri = lsp_made(s, strdup(uri));
    document->path = lsp_made(s, uri_path(uri));
    document->version = version;
    if (document->uri == NULL || document->path == NULL || !set_text(s, document, text, length)) {
        free_document(document);
        return false;
    }
    s->documents[s->count++] = document;
    s->changed = true;
    return true;
}

bool lsp_replace(lsp_state *s, lsp_document *document, const char *text, size_t length)
{
    s->changed = true;
    return set_text(s, document, text, length);
}

void lsp_close(lsp_state *s, lsp_document *document)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->count; i++)
        if (s->documents[i] != document)
            s->documents[kept++] = s->documents[i];
    s->count = kept;
    s->changed = true;
    free_document(document);
}

void lsp_free(lsp_state *s)
{
    while (s->count > 0)
        lsp_close(s, s->documents[s->count - 1]);
    free(s->documents);
    json_decref(s->published);
    frame_free(&s->in);
}

/* ---- parameters ---- */

lsp_document *lsp_document_of(lsp_state *s, const json_t *params)
{
    const char *uri = json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));
    if (uri == NULL) {
        lsp_fail(s, LSP_INVALID_PARAMS, "textDocument.uri is missing");
        return NULL;
    }
    lsp_document *document = lsp_find(s, uri);
    if (document == NULL)
        lsp_fail(s, LSP_INVALID_PARAMS, "%.180s is not open", uri);
    return document;
}

static bool read_count(const json_t *number, uint32_t *out)
{
    json_int_t value = json_integer_value(number);
    if (!json_is_integer(number) || value < 0)
        return false;
    *out = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
    return true;
}

bool lsp_read_position(const json_t *object, lsp_position *out)
{
    return read_count(json_object_get(object, "line"), &out->line) &&
           read_count(json_object_get(object, "character"), &out->character);
}
