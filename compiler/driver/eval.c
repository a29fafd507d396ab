/* bouton eval: how well a trained model answers. */
#include <string.h>

#include "expectation.h"
#include "score_view.h"
#include "verbs.h"

static br_split chosen_split(const cli *cli)
{
    for (int split = 0; cli_has(cli, OPTION_on) && split < BR_SPLITS; split++)
        if (strcmp(cli->value[OPTION_on], split_names[split]) == 0)
            return (br_split)split;
    return BR_TEST;
}

/* Where the result is JSON, standard output holds nothing else: the verdict goes beside it. */
static int print_score(const session *session, const br_score *score, br_split split, double least)
{
    const cli *cli = session->cli;
    bool json = cli_has(cli, OPTION_json);
    int status = json ? score_print_json(session, score, stdout) : score_print(session, score, split, stdout);
    if (status != STATUS_DONE || !cli_has(cli, OPTION_expect))
        return status;
    if (!json)
        putchar('\n');
    return expectation_check(least, split_names[split], score, json ? stderr : stdout);
}

static int eval_model(session *session, double least)
{
    br_data *data;
    br_score score;
    uint32_t threads;
    br_split split = chosen_split(session->cli);
    int status = session_threads(session, &threads);
    if (status == STATUS_DONE)
        status = session_data(session, &data);
    if (status != STATUS_DONE)
        return status;
    if (br_data_hash(data) != session->facts->data_hash)
        say(session->cli, MESSAGE_NOTE, "%s: scored on other data than it was trained with", session->path);
    status = score_split(session, data, split, threads, &score);
    if (status == STATUS_DONE) {
        status = print_score(session, &score, split, least);
        br_score_free(&score);
    }
    br_data_free(data);
    return status;
}

int verb_eval(const cli *cli)
{
    session session = {0};
    double least = 0;
    int status = STATUS_DONE;
    if (cli_has(cli, OPTION_expect))
        status = expectation_read(cli, cli->value[OPTION_expect], &least);
    if (status == STATUS_DONE)
        status = session_open_model(&session, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = eval_model(&session, least);
    session_close(&session);
    return status;
}
