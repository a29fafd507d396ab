/* bouton eval: scores a trained model. */
#include "session/scoring.h"
#include "show/one_answer.h"
#include "show/score_view.h"
#include "show/verdict.h"
#include "verbs/verbs.h"

/* How the score is named, in the first line and in the result of the expectation. */
static const char *subject_of(const command_line *cli, bt_split split, char *room, size_t size)
{
    snprintf(room, size, "%s%s", bt_split_word(split),
             cli_has(cli, OPTION_mirror) ? ", averaged with the mirror image" : "");
    return room;
}

/* With --json, standard output holds only the JSON; the result of the expectation goes to standard error. */
static int print_score(const session *s, const br_score *score, const quantised_result *quantised, bt_split split)
{
    const command_line *cli = s->cli;
    bool json = cli_has(cli, OPTION_json);
    answer_counts counts = one_answer_of_score(score, bt_split_word(split));
    score_subject subject = {.program = s->source.program,
                             .schema = s->source.schema,
                             .score = score,
                             .quantised = quantised,
                             .mirror = cli_has(cli, OPTION_mirror)};
    char room[64];
    const char *name = subject_of(cli, split, room, sizeof room);
    int status = json ? score_print_json(cli, &subject, cli_out(cli)) : score_print(cli, &subject, name, cli_out(cli));
    one_answer_tell(cli, MESSAGE_NOTE, s->source.program, &counts);
    if (status != STATUS_DONE || !cli_has(cli, OPTION_expect))
        return status;
    if (!json)
        fputc('\n', cli_out(cli));
    return verdict_accuracy(cli_number(cli, OPTION_expect, 0), name, score, json ? cli_terminal(cli) : cli_out(cli));
}

static int eval_floats(const session *s, const br_data *data, bt_split split, uint32_t threads)
{
    br_score score;
    int status = score_split(s, data, split, threads, &score);
    if (status != STATUS_DONE)
        return status;
    status = print_score(s, &score, NULL, split);
    br_score_free(&score);
    return status;
}

static int eval_quantised(const session *s, const br_data *data, bt_split split, uint32_t threads)
{
    quantised_result quantised;
    int status = quantised_score(s, data, split, threads, chosen_bits(s->cli), &quantised);
    if (status == STATUS_DONE) {
        status = print_score(s, &quantised.score, &quantised, split);
        int loss = quantised_check(s, &quantised, split);
        status = status == STATUS_DONE ? loss : status;
    }
    quantised_free(&quantised);
    return status;
}

/* A vector's values have no left and right, and a series read backwards is another event. */
static int check_mirror(const session *s)
{
    const bl_input *input = &s->source.program->input;
    if (!cli_has(s->cli, OPTION_mirror) || input->image)
        return STATUS_DONE;
    return fail(s->cli, STATUS_FAILED,
                "%s: only images have a mirror image, and the network reads a %s; leave out --mirror", s->source.path,
                input->series ? "series" : "vector");
}

static int eval_model(session *s)
{
    br_data *data;
    uint32_t threads = session_threads(s);
    bt_split split = chosen_split(s->cli);
    int status = session_data(s, &data);
    if (status != STATUS_DONE)
        return status;
    if (br_data_hash(data) != s->source.facts->data_hash)
        say(s->cli, MESSAGE_NOTE, "%s: these data are not the data of the training", s->source.path);
    status = (cli_has(s->cli, OPTION_quantize) ? eval_quantised : eval_floats)(s, data, split, threads);
    br_data_free(data);
    return status;
}

int verb_eval(const command_line *cli)
{
    session s = {0};
    int status = session_open_model(&s, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = check_mirror(&s);
    if (status == STATUS_DONE)
        status = eval_model(&s);
    session_close(&s);
    return status;
}
