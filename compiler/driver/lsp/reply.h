/* Messages to the client. */
#ifndef BOUTON_DRIVER_LSP_REPLY_H
#define BOUTON_DRIVER_LSP_REPLY_H

#include "lsp/state.h"

/* Each takes over `result` and `params`. A write that fails ends the server. */
void lsp_reply(lsp_state *s, const json_t *id, json_t *result);
void lsp_reply_error(lsp_state *s, const json_t *id, int code, const char *message);
void lsp_notify(lsp_state *s, const char *method, json_t *params);

#endif
