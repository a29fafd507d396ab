/* bouton help: prints the help of the program or of one verb. */
#include "options/help.h"
#include "verbs/verbs.h"

int verb_help(const command_line *cli)
{
    if (cli->operand_count == 0) {
        help_program(stdout);
        return STATUS_DONE;
    }
    verb_id verb;
    if (!verb_find(cli->operands[0], &verb))
        return fail_unknown_verb(cli, cli->operands[0]);
    help_verb(verb, stdout);
    return STATUS_DONE;
}
