/* bouton lsp: serves an editor, by the Language Server Protocol, until it leaves. */
#include "lsp/server.h"
#include "verbs/verbs.h"

int verb_lsp(const command_line *cli)
{
    return lsp_serve(cli);
}
