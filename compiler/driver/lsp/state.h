/* What the language server holds: the client's choices, the open documents, and the answer that a request gets. */
#ifndef BOUTON_DRIVER_LSP_STATE_H
#define BOUTON_DRIVER_LSP_STATE_H

#include <jansson.h>

#include "lsp/frame.h"
#include "lsp/lines.h"
#include "options/console.h"

/* Codes of the protocol's errors. */
enum {
    LSP_PARSE_ERROR = -32700,
    LSP_INVALID_REQUEST = -32600,
    LSP_METHOD_NOT_FOUND = -32601,
    LSP_INVALID_PARAMS = -32602,
    LSP_INTERNAL_ERROR = -32603,
    LSP_NOT_INITIALISED = -32002,
    LSP_REQUEST_FAILED = -32803,
};

struct lsp_analysis;

/* An open text. The client's text counts, not that of the file. */
typedef struct lsp_document {
    char *uri, *path; /* as the client spells it; the path of a file, or else the URI */
    char *text;
    size_t length;
    json_int_t version;
    lsp_lines lines;
    struct lsp_analysis *analysis; /* with this document as the root; NULL: it has to be made */
} lsp_document;

typedef struct lsp_state {
    const command_line *cli;
    FILE *out;
    frame_reader in;
    bool initialised, shut, done;
    bool starved; /* memory ran out: the server ends */
    /* what the client can do */
    bool utf8, related, markdown, nested_symbols, snippets;
    uint32_t count;
    lsp_document **documents; /* in the order in which they were opened */
    bool changed;             /* diagnostics have to be published */
    json_t *published;        /* by URI: what was published last */
    /* the error of the request at hand; 0: none */
    int failure;
    char reason[256];
} lsp_state;

/* Sets the error that the request at hand is answered with. Returns NULL. */
json_t *lsp_fail(lsp_state *s, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Returns `made`; if it is NULL, notes that memory ran out. */
void *lsp_made(lsp_state *s, void *made);

/* A string. If the text is no UTF-8, every byte above 127 becomes a question mark. */
json_t *lsp_text(const char *text);

/* Adds `item`, which it takes over, to the array `key` of an object, unless that holds an equal one. The array is made
 * where it is missing, also for an item that is NULL. */
void lsp_add_once(json_t *object, const char *key, json_t *item);

/* Open documents. lsp_find: NULL if there is none. The text is copied. lsp_open and lsp_replace return false if memory
 * ran out. */
lsp_document *lsp_find(const lsp_state *s, const char *uri);
bool lsp_open(lsp_state *s, const char *uri, json_int_t version, const char *text, size_t length);
bool lsp_replace(lsp_state *s, lsp_document *document, const char *text, size_t length);
void lsp_close(lsp_state *s, lsp_document *document);

void lsp_free(lsp_state *s);

/* The document that `params` name, or NULL with the request's error set. */
lsp_document *lsp_document_of(lsp_state *s, const json_t *params);

/* A position object. False: it is malformed. */
bool lsp_read_position(const json_t *object, lsp_position *out);

#endif
