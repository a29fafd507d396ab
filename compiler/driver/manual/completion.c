/* bouton completion: prints a shell's script; with words, what the script asks for. */
#include <stdio.h>
#include <string.h>

#include "bouton/lang.h"
#include "manual/candidates.h"
#include "manual/shell_scripts.h"
#include "options/console.h"
#include "verbs/verbs.h"

static int fail_unknown_shell(const command_line *cli, const char *name)
{
    const char *near = bl_nearest(name, shell_names, SHELL_COUNT);
    if (near != NULL)
        return fail(cli, STATUS_USAGE, "%s: not one of bash, zsh, fish; did you mean %s?", name, near);
    return fail(cli, STATUS_USAGE, "%s: not one of bash, zsh, fish", name);
}

int verb_completion(const command_line *cli)
{
    int shell = 0;
    while (shell < SHELL_COUNT && strcmp(shell_names[shell], cli->operands[0]) != 0)
        shell++;
    if (shell == SHELL_COUNT)
        return fail_unknown_shell(cli, cli->operands[0]);
    if (cli->operand_count > 1)
        candidates_print(cli->operands + 1, cli->operand_count - 1, stdout);
    else
        fputs(shell_scripts[shell], stdout);
    return STATUS_DONE;
}
