#include "lsp/findings.h"

#include <stdlib.h>
#include <string.h>

#include "lsp/reply.h"

static int severity_of(bl_severity severity)
{
    return severity == BL_ERROR ? 1 : severity == BL_WARNING ? 2 : 3;
}

/* The message, and below it the help, and the remark if the client shows no related places. */
static json_t *message_of(const lsp_state *s, const bl_finding *finding)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    if (to == NULL)
        return NULL;
    fputs(finding->message, to);
    if (finding->mend != NULL)
        fprintf(to, "\nhelp: %s", finding->mend);
    if (finding->remark != NULL && !s->related)
        fprintf(to, "\nnote: %s", finding->remark);
    fclose(to);
    json_t *message = text == NULL ? NULL : lsp_text(text);
    free(text);
    return message;
}

json_t *lsp_finding(lsp_state *s, lsp_analysis *a, const bl_finding *finding)
{
    json_t *range = lsp_range(s, a, finding->place);
    if (range == NULL)
        range = json_pack("{s:{s:i, s:i}, s:{s:i, s:i}}", "start", "line", 0, "character", 0, "end", "line", 0,
                          "character", 0);
    json_t *json = json_pack("{s:o, s:i, s:s, s:s, s:o}", "range", range, "severity", severity_of(finding->severity),
                             "code", finding->code, "source", "bouton", "message", message_of(s, finding));
    if (finding->remark == NULL || !s->related)
        return lsp_made(s, json);
    json_t *location = lsp_location(s, a, finding->remark_place);
    if (location != NULL)
        json_object_set_new(json, "relatedInformation",
                            json_pack("[{s:o, s:o}]", "location", location, "message", lsp_text(finding->remark)));
    return lsp_made(s, json);
}

/* ---- publishing ---- */

/* Adds a diagnostic to those of its file, unless another root has the same. */
static void add(lsp_state *s, json_t *files, lsp_analysis *a, const lsp_document *root, const bl_finding *finding)
{
    char *uri = lsp_uri(s, a, finding->place.file);
    lsp_add_once(files, uri == NULL ? root->uri : uri, lsp_finding(s, a, finding));
    free(uri);
}

/* The diagnostics of all files, by URI. Files without any have an empty list if they are open or had some before. */
static json_t *gather(lsp_state *s)
{
    json_t *files = json_object();
    const char *uri;
    json_t *before;
    json_object_foreach(s->published, uri, before)
    {
        if (json_array_size(json_object_get(before, "diagnostics")) > 0)
            json_object_set_new(files, uri, json_array());
    }
    for (uint32_t i = 0; i < s->count; i++)
        json_object_set_new(files, s->documents[i]->uri, json_array());
    for (uint32_t i = 0; i < s->count && !s->starved; i++) {
        lsp_document *root = s->documents[i];
        lsp_analysis *a = lsp_root_of(s, root) == NULL ? lsp_analyse(s, root) : NULL;
        for (uint32_t j = 0; a != NULL && j < a->findings.count; j++)
            add(s, files, a, root, &a->findings.list[j]);
    }
    return files;
}

void lsp_publish(lsp_state *s)
{
    json_t *files = gather(s), *published = json_object(), *list;
    const char *uri;
    s->changed = false;
    json_object_foreach(files, uri, list)
    {
        const lsp_document *document = lsp_find(s, uri);
        json_t *params = json_pack("{s:s, s:O}", "uri", uri, "diagnostics", list);
        if (document != NULL)
            json_object_set_new(params, "version", json_integer(document->version));
        if (lsp_made(s, params) != NULL && !json_equal(params, json_object_get(s->published, uri)))
            lsp_notify(s, "textDocument/publishDiagnostics", json_incref(params));
        if (document != NULL || json_array_size(list) > 0)
            json_object_set(published, uri, params);
        json_decref(params);
    }
    json_decref(files);
    json_decref(s->published);
    s->published = published;
}
