/* What bouton knows of an open text: it is loaded with its includes, checked, and asked for more when a request needs
 * it. Open texts stand in place of their files. */
#ifndef BOUTON_DRIVER_LSP_ANALYSIS_H
#define BOUTON_DRIVER_LSP_ANALYSIS_H

#include "bouton/compiler.h"
#include "bouton/inspect.h"
#include "lsp/state.h"

typedef struct lsp_analysis {
    bl_context *context;
    const bl_program *program; /* NULL: the text has errors */
    bl_findings findings;
    bool named, compared, planned;
    bl_names names;
    bl_omissions omissions;
    bc_plan *plan;
    uint32_t file_count;
    lsp_lines *lines; /* [file_count]: made when they are needed */
} lsp_analysis;

/* A place in a document, in the analysis in which its names mean something: that of the open text that includes it, or
 * else its own. */
typedef struct lsp_place {
    lsp_document *document;
    lsp_document *root;
    lsp_analysis *analysis;
    uint32_t file; /* of the document in the analysis */
    uint32_t offset;
} lsp_place;

/* The analysis with a document as its root. NULL: out of memory. */
lsp_analysis *lsp_analyse(lsp_state *s, lsp_document *document);
/* A new analysis of `root` in which `changed` stands for the open document of its path. NULL: out of memory. */
lsp_analysis *lsp_analyse_as(lsp_state *s, const lsp_document *root, const lsp_document *changed);
void lsp_analysis_free(lsp_analysis *analysis); /* NULL is fine */
void lsp_forget(lsp_document *document);        /* frees its analysis */
/* Frees the analyses that read the document; NULL: all. */
void lsp_forget_readers(lsp_state *s, const lsp_document *document);

/* The index of a document's text in an analysis; UINT32_MAX: it is not read. */
uint32_t lsp_file_of(const lsp_analysis *analysis, const lsp_document *document);
/* The open text that includes the document and means it; NULL: none. Of two that include each other the one opened
 * first is the root. */
lsp_document *lsp_root_of(lsp_state *s, lsp_document *document);

/* The place that `params` name, or the beginning of the document if they name none. False, with the request's error
 * set: there is no such document, or memory ran out. */
bool lsp_locate(lsp_state *s, const json_t *params, lsp_place *out);

/* Names and what is left out; empty if memory ran out. */
const bl_names *lsp_names(lsp_state *s, lsp_analysis *analysis);
const bl_omissions *lsp_omissions(lsp_state *s, lsp_analysis *analysis);
/* The compiler's plan; NULL: the text has errors, or cannot be planned. */
const bc_plan *lsp_plan(lsp_analysis *analysis);

/* The URI of a file of the analysis, or NULL; the caller frees it. */
char *lsp_uri(const lsp_state *s, const lsp_analysis *analysis, uint32_t file);

/* A place as the protocol's Range and Location. NULL: it lies in no file, or memory ran out. */
json_t *lsp_range(lsp_state *s, lsp_analysis *analysis, bl_place place);
json_t *lsp_location(lsp_state *s, lsp_analysis *analysis, bl_place place);
/* The range between two offsets of lines, and an edit of it. */
json_t *lsp_range_in(const lsp_state *s, const lsp_lines *lines, uint32_t begin, uint32_t end);
json_t *lsp_edit(json_t *range, const char *text, size_t length);

static inline bool lsp_covers(bl_place place, uint32_t file, uint32_t offset)
{
    return place.file == file && place.offset <= offset && offset <= place.offset + place.length;
}

/* The name that is declared or used at a place; NULL: none. *at: where it stands there. */
const bl_name *lsp_name_at(lsp_state *s, const lsp_place *place, bl_place *at);

#endif
