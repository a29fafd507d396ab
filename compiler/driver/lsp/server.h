/* The language server: reads messages from standard input, answers on standard output, and ends with the input or with
 * the client's `exit`. */
#ifndef BOUTON_DRIVER_LSP_SERVER_H
#define BOUTON_DRIVER_LSP_SERVER_H

#include "lsp/state.h"

/* Serves one client. Returns the exit status: STATUS_FAILED if the client left without `shutdown`. */
int lsp_serve(const command_line *cli);

/* Handles the text of one message. lsp_serve calls it; tests do, too. */
void lsp_handle(lsp_state *s, const char *text, size_t length);
/* Answers a frame that could not be read. */
void lsp_handle_broken(lsp_state *s, const char *reason);
void lsp_end(lsp_state *s); /* frees everything that the state holds */

#endif
