#include "lsp/reply.h"

#include <stdlib.h>
#include <string.h>

static void send(lsp_state *s, json_t *message)
{
    char *text = message == NULL ? NULL : json_dumps(message, JSON_COMPACT);
    json_decref(message);
    if (lsp_made(s, text) == NULL)
        return;
    fprintf(s->out, "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
    if (fflush(s->out) != 0) /* finish_output tells the reason */
        s->done = true;
    free(text);
}

static json_t *id_of(const json_t *id)
{
    return id == NULL ? json_null() : json_incref((json_t *)id);
}

void lsp_reply(lsp_state *s, const json_t *id, json_t *result)
{
    send(s, json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id", id_of(id), "result", result));
}

void lsp_reply_error(lsp_state *s, const json_t *id, int code, const char *message)
{
    send(s, json_pack("{s:s, s:o, s:{s:i, s:o}}", "jsonrpc", "2.0", "id", id_of(id), "error", "code", code, "message",
                      lsp_text(message)));
}

void lsp_notify(lsp_state *s, const char *method, json_t *params)
{
    send(s, json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params));
}
