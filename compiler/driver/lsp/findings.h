/* Diagnostics for the client. */
#ifndef BOUTON_DRIVER_LSP_FINDINGS_H
#define BOUTON_DRIVER_LSP_FINDINGS_H

#include "lsp/analysis.h"

/* A diagnostic as the protocol's Diagnostic. A place in no text is the beginning of the root. NULL: out of memory. */
json_t *lsp_finding(lsp_state *s, lsp_analysis *analysis, const bl_finding *finding);

/* Publishes the diagnostics of every open text, and of the files that they include, where they differ from those
 * published before. A text that another open one includes is checked as a part of that one. */
void lsp_publish(lsp_state *s);

#endif
