/* bouton report: of one model, of several side by side, or of the runs of a sweep. */
#include "beside/beside.h"
#include "options/console.h"
#include "report/report.h"
#include "verbs/verbs.h"

int verb_report(const command_line *cli)
{
    const char *given = cli_text(cli, OPTION_report_out), *folder = cli_text(cli, OPTION_runs);
    const char *path = given != NULL ? given : "report.html";
    if (folder != NULL && cli->operand_count > 0)
        return fail(cli, STATUS_USAGE, "--runs reads the models from the folder of a sweep; leave out '%s'",
                    cli->operands[0]);
    if (folder != NULL)
        return beside_runs(cli, folder, path);
    if (cli->operand_count == 0)
        return fail(cli, STATUS_USAGE,
                    "'bouton report' needs MODEL, or --runs with the folder of a sweep; for example: %s",
                    verb_rows[VERB_report].example);
    return cli->operand_count == 1 ? report_make(cli, cli->operands[0], path, cli_out(cli)) : beside_models(cli, path);
}
