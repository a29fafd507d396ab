/* Completion in strings: files, folders, columns of a table, classes. Relative names are looked for beside the document
 * and in $BOUTON_DATA, as the verbs do. */
#ifndef BOUTON_DRIVER_LSP_PATHS_H
#define BOUTON_DRIVER_LSP_PATHS_H

#include "bouton/inspect.h"
#include "lsp/state.h"

/* Adds completion items to `list`. What cannot be read adds nothing. */
void paths_complete(lsp_state *s, const lsp_document *document, const bl_expected *expected, json_t *list);

#endif
