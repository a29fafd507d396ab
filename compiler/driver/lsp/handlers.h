/* The methods that the server knows. X(method of the protocol, function)
 *
 * A request's function returns the result, or NULL with the request's error set by lsp_fail. A notification's function
 * returns nothing: an error cannot be reported. */
#ifndef BOUTON_DRIVER_LSP_HANDLERS_H
#define BOUTON_DRIVER_LSP_HANDLERS_H

#include "lsp/state.h"

#define LSP_REQUESTS(X)                                                                                                \
    X("textDocument/codeAction", lsp_actions)                                                                          \
    X("textDocument/completion", lsp_completion)                                                                       \
    X("textDocument/definition", lsp_definition)                                                                       \
    X("textDocument/documentHighlight", lsp_highlights)                                                                \
    X("textDocument/documentSymbol", lsp_symbols)                                                                      \
    X("textDocument/foldingRange", lsp_folding)                                                                        \
    X("textDocument/formatting", lsp_formatting)                                                                       \
    X("textDocument/hover", lsp_hover)                                                                                 \
    X("textDocument/inlayHint", lsp_hints)                                                                             \
    X("textDocument/prepareRename", lsp_prepare_rename)                                                                \
    X("textDocument/rangeFormatting", lsp_range_formatting)                                                            \
    X("textDocument/references", lsp_references)                                                                       \
    X("textDocument/rename", lsp_rename)                                                                               \
    X("textDocument/semanticTokens/full", lsp_semantic_tokens)                                                         \
    X("textDocument/signatureHelp", lsp_signature)

#define LSP_NOTIFICATIONS(X)                                                                                           \
    X("textDocument/didOpen", lsp_did_open)                                                                            \
    X("textDocument/didChange", lsp_did_change)                                                                        \
    X("textDocument/didClose", lsp_did_close)                                                                          \
    X("textDocument/didSave", lsp_did_save)                                                                            \
    X("workspace/didChangeWatchedFiles", lsp_did_save)

#define X(method, function) json_t *function(lsp_state *s, const json_t *params);
LSP_REQUESTS(X)
#undef X
#define X(method, function) void function(lsp_state *s, const json_t *params);
LSP_NOTIFICATIONS(X)
#undef X

/* The kinds and modifiers of semantic tokens, for the server's capabilities. */
json_t *lsp_token_legend(void);

#endif
