/* bouton check: prints the diagnostics of every file. */
#include "session/session.h"
#include "verbs/verbs.h"

static int check_file(const command_line *cli, const char *path, bool json)
{
    session s;
    int status = session_open(&s, cli, path);
    if (status == STATUS_DONE && json) {
        bl_check(s.source.context, cli_text(cli, OPTION_network));
        bl_write_diagnostics_json(s.source.context, stdout);
        status = bl_error_count(s.source.context) > 0 ? STATUS_FAILED : STATUS_DONE;
    } else if (status == STATUS_DONE) {
        status = session_check(&s);
        if (status == STATUS_DONE)
            printf("%s: ok\n", path);
    }
    session_close(&s);
    return status;
}

/* Checks the remaining files after a failure. Returns the most severe status. */
int verb_check(const command_line *cli)
{
    bool json = cli_word(cli, OPTION_diagnostics, REPORT_text) == REPORT_json;
    int gravest = STATUS_DONE;
    for (size_t i = 0; i < cli->operand_count; i++) {
        int status = check_file(cli, cli->operands[i], json);
        if (status > gravest)
            gravest = status;
    }
    return gravest;
}
