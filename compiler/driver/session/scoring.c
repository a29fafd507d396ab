#include "session/scoring.h"

#include <math.h>
#include <string.h>

#include "options/console.h"

#define POINTS_DEFAULT 0.1

bt_split chosen_split(const command_line *cli)
{
    static const bt_split splits[] = {
#define X(word, split) split,
        SPLITS(X)
#undef X
    };
    return cli_has(cli, OPTION_on) ? splits[cli_word(cli, OPTION_on, 0)] : BT_SPLIT_TEST;
}

uint32_t chosen_bits(const command_line *cli)
{
    static const uint32_t bits[] = {
#define X(word) word,
        BITS(X)
#undef X
    };
    return bits[cli_word(cli, OPTION_bits, BITS_8)];
}

/* Scores in floats, or in int8 with `quantised`; with --mirror the mirror images, too. */
static int score_samples(const session *s, const br_quantised *quantised, const br_samples *samples, uint32_t threads,
                         br_score *out, br_error *error)
{
    br_network *network = s->compiled.network;
    int status = cli_has(s->cli, OPTION_mirror) ? br_score_mirrored(network, quantised, samples, threads, out, error)
                 : quantised                    ? br_score_quantised(quantised, samples, threads, out, error)
                                                : br_score_together(network, samples, threads, s->ranks, out, error);
    return status;
}

/* Refuses a split without samples. */
static int check_split(const session *s, const br_data *data, bt_split split)
{
    char others[64] = "";
    if (br_data_split(data, split)->count > 0)
        return STATUS_DONE;
    for (int other = 0; other < BT_SPLITS; other++)
        if (br_data_split(data, (bt_split)other)->count > 0) {
            size_t used = strlen(others);
            snprintf(others + used, sizeof others - used, "%s%s", used > 0 ? " and " : "",
                     bt_split_word((bt_split)other));
        }
    return fail(s->cli, STATUS_FAILED, "%s: the data have no %s samples; there are %s", s->source.path,
                bt_split_word(split), others);
}

int score_split(const session *s, const br_data *data, bt_split split, uint32_t threads, br_score *out)
{
    br_error error;
    int status = check_split(s, data, split);
    if (status != STATUS_DONE)
        return status;
    ticker *t = session_follow(s, ticker_begin(s->cli, "scoring the %s samples", bt_split_word(split)));
    status = score_samples(s, NULL, br_data_split(data, split), threads, out, &error);
    session_leave(s, t);
    return status == 0 ? STATUS_DONE : fail_with(s->cli, &error);
}

int score_test(session *s, br_score *out)
{
    br_data *data;
    int status = session_data(s, &data);
    if (status != STATUS_DONE)
        return status;
    status = score_split(s, data, BT_SPLIT_TEST, session_threads(s), out);
    br_data_free(data);
    return status;
}

int score_answers(const session *s, const br_data *data, bt_split split, br_outputs *answers, br_score *out)
{
    br_error error;
    const br_samples *samples = br_data_split(data, split);
    uint32_t classes = bl_last_layer(s->source.program)->neurons;
    *answers = (br_outputs){0};
    int status = check_split(s, data, split);
    if (status != STATUS_DONE)
        return status;
    answers->labels = allocate(s->cli, samples->count, sizeof *answers->labels);
    answers->probabilities =
        answers->labels != NULL ? allocate(s->cli, samples->count, classes * sizeof *answers->probabilities) : NULL;
    if (answers->probabilities == NULL)
        return STATUS_FAULT;
    ticker *t =
        session_follow(s, ticker_begin(s->cli, "%s: scoring the %s samples", s->source.path, bt_split_word(split)));
    status = br_score_answers(s->compiled.network, samples, session_threads(s), answers, out, &error);
    session_leave(s, t);
    return status == 0 ? STATUS_DONE : fail_with(s->cli, &error);
}

int quantised_score(const session *s, const br_data *data, bt_split split, uint32_t threads, uint32_t bits,
                    quantised_result *out)
{
    br_error error;
    const br_samples *calibration = br_data_split(data, BT_SPLIT_VALIDATION);
    *out = (quantised_result){.bits = bits,
                              .calibration = calibration->count,
                              .allowed = cli_number(s->cli, OPTION_quantize_loss, POINTS_DEFAULT)};
    int status = score_split(s, data, split, threads, &out->floats);
    if (status != STATUS_DONE)
        return status;
    ticker *t = session_follow(s, ticker_begin(s->cli, "calibrating %u bits", bits));
    status = br_quantise_to(s->compiled.network, bits, calibration, threads, &out->network, &error);
    session_leave(s, t);
    t = status == 0
            ? session_follow(s, ticker_begin(s->cli, "scoring the %s samples in %u bits", bt_split_word(split), bits))
            : NULL;
    if (status == 0)
        status = score_samples(s, out->network, br_data_split(data, split), threads, &out->score, &error);
    session_leave(s, t);
    if (status != 0)
        return fail_with(s->cli, &error);
    out->lost = 100 * (out->floats.accuracy - out->score.accuracy);
    return status;
}

void quantised_free(quantised_result *quantised)
{
    br_score_free(&quantised->floats);
    br_score_free(&quantised->score);
    br_quantised_free(quantised->network);
}

int quantised_check(const session *s, const quantised_result *q, bt_split split)
{
    if (q->lost <= q->allowed + 1e-9) /* a limit such as 0.1 points is not exact in binary */
        return STATUS_DONE;
    return fail(
        s->cli, STATUS_FAILED,
        "%s: int%u loses %.2f points of accuracy on %s (%.2f%% to %.2f%%), and %.4g are allowed; --quantize-loss "
        "%.2f would accept it",
        s->source.path, q->bits, q->lost, bt_split_word(split), 100 * q->floats.accuracy, 100 * q->score.accuracy,
        q->allowed, ceil(100 * q->lost - 1e-6) / 100);
}
