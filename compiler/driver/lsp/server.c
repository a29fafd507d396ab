#include "lsp/server.h"

#include <string.h>
#include <unistd.h>

#include "bouton/runtime.h"
#include "lsp/analysis.h"
#include "lsp/findings.h"
#include "lsp/handlers.h"
#include "lsp/reply.h"
#include "system/machine.h"

/* Changes that come one after the other are checked once: when so many milliseconds pass without input, but at the
 * latest so many after the first of them. */
enum { QUIET = 2, PATIENCE = 100 };

/* ---- the life of a session ---- */

static bool lists(const json_t *array, const char *word)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *item = json_string_value(json_array_get(array, i));
        if (item != NULL && strcmp(item, word) == 0)
            return true;
    }
    return false;
}

static json_t *at(const json_t *object, const char *first, const char *second, const char *third)
{
    return json_object_get(json_object_get(json_object_get(object, first), second), third);
}

static void read_client(lsp_state *s, const json_t *params)
{
    const json_t *client = json_object_get(params, "capabilities");
    const json_t *item = at(client, "textDocument", "completion", "completionItem");
    s->utf8 = lists(json_object_get(json_object_get(client, "general"), "positionEncodings"), "utf-8");
    s->related = json_is_true(at(client, "textDocument", "publishDiagnostics", "relatedInformation"));
    s->markdown = lists(at(client, "textDocument", "hover", "contentFormat"), "markdown");
    s->nested_symbols = json_is_true(at(client, "textDocument", "documentSymbol", "hierarchicalDocumentSymbolSupport"));
    s->snippets = json_is_true(json_object_get(item, "snippetSupport"));
}

static json_t *capabilities(const lsp_state *s)
{
    json_t *all =
        json_pack("{s:s, s:{s:b, s:i, s:b}, s:{s:[s]}, s:{s:[s,s,s]}, s:{s:[s,s]}}", "positionEncoding",
                  s->utf8 ? "utf-8" : "utf-16", "textDocumentSync", "openClose", 1, "change", 1, "save", 1,
                  "codeActionProvider", "codeActionKinds", "quickfix", "completionProvider", "triggerCharacters", "\"",
                  "/", " ", "signatureHelpProvider", "triggerCharacters", "(", ",");
    static const char *const plain[] = {
        "definitionProvider",   "documentHighlightProvider",       "documentSymbolProvider",
        "foldingRangeProvider", "documentFormattingProvider",      "hoverProvider",
        "inlayHintProvider",    "documentRangeFormattingProvider", "referencesProvider"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        json_object_set_new(all, plain[i], json_true());
    json_array_append_new(json_object_get(json_object_get(all, "codeActionProvider"), "codeActionKinds"),
                          json_string("refactor.rewrite"));
    json_object_set_new(all, "renameProvider", json_pack("{s:b}", "prepareProvider", 1));
    json_object_set_new(all, "semanticTokensProvider",
                        json_pack("{s:o, s:b}", "legend", lsp_token_legend(), "full", 1));
    return all;
}

static json_t *initialise(lsp_state *s, const json_t *params)
{
    if (s->initialised)
        return lsp_fail(s, LSP_INVALID_REQUEST, "initialize was sent before");
    s->initialised = true;
    read_client(s, params);
    return json_pack("{s:o, s:{s:s, s:s}}", "capabilities", capabilities(s), "serverInfo", "name", "bouton", "version",
                     BR_VERSION);
}

static json_t *shut_down(lsp_state *s)
{
    s->shut = true;
    return json_null();
}

/* ---- messages ---- */

typedef json_t *request_function(lsp_state *s, const json_t *params);
typedef void notification_function(lsp_state *s, const json_t *params);

static request_function *find_request(const char *method)
{
#define X(name, function)                                                                                              \
    if (strcmp(method, name) == 0)                                                                                     \
        return function;
    LSP_REQUESTS(X)
#undef X
    return NULL;
}

static notification_function *find_notification(const char *method)
{
#define X(name, function)                                                                                              \
    if (strcmp(method, name) == 0)                                                                                     \
        return function;
    LSP_NOTIFICATIONS(X)
#undef X
    return NULL;
}

static json_t *answer(lsp_state *s, const char *method, const json_t *params)
{
    if (strcmp(method, "initialize") == 0)
        return initialise(s, params);
    if (!s->initialised)
        return lsp_fail(s, LSP_NOT_INITIALISED, "initialize has to come first");
    if (s->shut)
        return lsp_fail(s, LSP_INVALID_REQUEST, "the server was shut down; only exit may follow");
    if (strcmp(method, "shutdown") == 0)
        return shut_down(s);
    request_function *function = find_request(method);
    if (function == NULL)
        return lsp_fail(s, LSP_METHOD_NOT_FOUND, "%.180s is no method of this server", method);
    return function(s, params);
}

static void handle_request(lsp_state *s, const json_t *id, const char *method, const json_t *params)
{
    s->failure = 0;
    json_t *result = answer(s, method, params);
    if (s->starved || (result == NULL && s->failure == 0))
        lsp_fail(s, LSP_INTERNAL_ERROR, "out of memory");
    if (s->failure == 0) {
        lsp_reply(s, id, result);
        return;
    }
    json_decref(result);
    lsp_reply_error(s, id, s->failure, s->reason);
}

static void handle_notification(lsp_state *s, const char *method, const json_t *params)
{
    notification_function *function = find_notification(method);
    if (strcmp(method, "exit") == 0)
        s->done = true;
    else if (function != NULL && s->initialised && !s->shut)
        function(s, params);
}

void lsp_handle_broken(lsp_state *s, const char *reason)
{
    lsp_reply_error(s, NULL, LSP_PARSE_ERROR, reason);
}

/* A message without a method is a response. The server sends no requests, so it expects none. */
void lsp_handle(lsp_state *s, const char *text, size_t length)
{
    json_error_t error;
    json_t *message = json_loadb(text, length, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    const json_t *id = json_object_get(message, "id"), *params = json_object_get(message, "params");
    const char *method = json_string_value(json_object_get(message, "method"));
    bool identified = json_is_string(id) || json_is_integer(id);
    if (message == NULL)
        lsp_handle_broken(s, "the body is no JSON");
    else if (!json_is_object(message) || (method == NULL && json_object_get(message, "result") == NULL &&
                                          json_object_get(message, "error") == NULL))
        lsp_reply_error(s, identified ? id : NULL, LSP_INVALID_REQUEST, "a message is an object with a method");
    else if (method != NULL && id != NULL && !identified)
        lsp_reply_error(s, NULL, LSP_INVALID_REQUEST, "an id is a number or a string");
    else if (method != NULL && id != NULL)
        handle_request(s, id, method, params);
    else if (method != NULL)
        handle_notification(s, method, params);
    json_decref(message);
}

/* ---- the loop ---- */

/* Waits for input. Publishes changed texts when the client pauses, or has gone on for long. */
static void wait_for_input(lsp_state *s, double *since)
{
    if (!s->changed) {
        frame_read(&s->in, -1);
        *since = 1e3 * machine_seconds();
    } else if (!frame_read(&s->in, QUIET) || 1e3 * machine_seconds() - *since > PATIENCE) {
        lsp_publish(s);
    }
}

int lsp_serve(const command_line *cli)
{
    lsp_state s = {.cli = cli, .out = stdout, .in = {.input = STDIN_FILENO}, .published = json_object()};
    double since = 1e3 * machine_seconds();
    while (!s.done) {
        frame_status status = frame_next(&s.in);
        if (status == FRAME_END)
            break;
        if (status == FRAME_WAIT)
            wait_for_input(&s, &since);
        else if (status == FRAME_BROKEN)
            lsp_handle_broken(&s, s.in.reason);
        else
            lsp_handle(&s, s.in.body, s.in.length);
    }
    bool shut = s.shut, starved = s.starved || s.in.starved;
    lsp_end(&s);
    if (starved)
        return fail_memory(cli);
    return shut ? STATUS_DONE : STATUS_FAILED;
}

void lsp_end(lsp_state *s)
{
    lsp_forget_readers(s, NULL);
    lsp_free(s);
}
