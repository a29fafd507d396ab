/* bouton help: shows the help of the program or of one verb; on a terminal, its manual page in a pager. */
#include <signal.h>
#include <unistd.h>

#include "manual/manual.h"
#include "manual/pager.h"
#include "options/help.h"
#include "verbs/verbs.h"

/* Ctrl-C belongs to the pager while it is shown. */
static bool show_page(const command_line *cli, verb_id verb)
{
    fflush(stdout);
    FILE *to = pager_open();
    if (to == NULL)
        return false;
    void (*before)(int) = signal(SIGINT, SIG_IGN);
    page p = {.to = to, .width = terminal_width()};
    if (cli->operand_count == 0)
        manual_program(&p);
    else
        manual_verb(&p, verb);
    pager_close(to);
    signal(SIGINT, before);
    return true;
}

int verb_help(const command_line *cli)
{
    verb_id verb = VERB_COUNT;
    if (cli->operand_count > 0 && !verb_find(cli->operands[0], &verb))
        return fail_unknown_verb(cli, cli->operands[0]);
    if (cli_has(cli, OPTION_man))
        return manual_write(cli, cli_text(cli, OPTION_man));
    if (isatty(STDOUT_FILENO) && show_page(cli, verb))
        return STATUS_DONE;
    if (cli->operand_count == 0)
        help_program(stdout);
    else
        help_verb(verb, stdout);
    return STATUS_DONE;
}
