/* bouton eval: how well a trained model answers. */
#include "session/scoring.h"
#include "show/score_view.h"
#include "show/verdict.h"
#include "verbs/verbs.h"

static br_split chosen_split(const cli *cli)
{
    static const br_split splits[] = {
#define X(word, split) split,
        SPLITS(X)
#undef X
    };
    return cli_has(cli, OPTION_on) ? splits[cli_word(cli, OPTION_on, 0)] : BR_TEST;
}

/* Where the result is JSON, standard output holds nothing else: the verdict goes beside it. */
static int print_score(const session *session, const br_score *score, const quantised *quantised, br_split split)
{
    const cli *cli = session->cli;
    bool json = cli_has(cli, OPTION_json);
    int status = json ? score_print_json(cli, session->program, score, quantised, stdout)
                      : score_print(cli, session->program, score, quantised, split_names[split], stdout);
    if (status != STATUS_DONE || !cli_has(cli, OPTION_expect))
        return status;
    if (!json)
        putchar('\n');
    return verdict_accuracy(cli_number(cli, OPTION_expect, 0), split_names[split], score, json ? stderr : stdout);
}

static int eval_floats(const session *session, const br_data *data, br_split split, uint32_t threads)
{
    br_score score;
    int status = score_split(session, data, split, threads, &score);
    if (status != STATUS_DONE)
        return status;
    status = print_score(session, &score, NULL, split);
    br_score_free(&score);
    return status;
}

static int eval_quantised(const session *session, const br_data *data, br_split split, uint32_t threads)
{
    quantised quantised;
    int status = quantised_score(session, data, split, threads, &quantised);
    if (status == STATUS_DONE) {
        status = print_score(session, &quantised.score, &quantised, split);
        int loss = quantised_check(session, &quantised, split);
        status = status == STATUS_DONE ? loss : status;
    }
    quantised_free(&quantised);
    return status;
}

static int eval_model(session *session)
{
    br_data *data;
    uint32_t threads = session_threads(session);
    br_split split = chosen_split(session->cli);
    int status = session_data(session, &data);
    if (status != STATUS_DONE)
        return status;
    if (br_data_hash(data) != session->facts->data_hash)
        say(session->cli, MESSAGE_NOTE, "%s: scored on other data than it was trained with", session->path);
    status = (cli_has(session->cli, OPTION_quantize) ? eval_quantised : eval_floats)(session, data, split, threads);
    br_data_free(data);
    return status;
}

int verb_eval(const cli *cli)
{
    session session = {0};
    int status = session_open_model(&session, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = eval_model(&session);
    session_close(&session);
    return status;
}
