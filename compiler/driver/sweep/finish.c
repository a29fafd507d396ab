#include "sweep/finish.h"

#include <stdlib.h>

#include "session/scoring.h"
#include "show/verdict.h"
#include "sweep/run.h"
#include "sweep/statistics.h"
#include "system/interrupt.h"

size_t sweep_results(sweep *s)
{
    size_t done = 0;
    for (size_t i = 0; i < s->run_count; i++)
        if (s->runs[i].state != RUN_PAUSED && run_read(s, &s->runs[i])) {
            s->runs[i].state = RUN_DONE;
            done++;
        }
    return done;
}

/* Scores a split with the model of a run, as `bouton eval` does it. */
static int score_model(const sweep *s, const char *path, bt_split split, training_score *out)
{
    session opened = {0};
    br_data *data = NULL;
    br_score score;
    command_line cli = *s->cli; /* its --set and --seed are part of the model */
    cli.setting_count = 0;
    if (!cli_has(&cli, OPTION_data) && s->data_folder != NULL)
        cli.values[OPTION_data].text = s->data_folder;
    int status = session_open_model(&opened, &cli, path);
    if (status == STATUS_DONE)
        status = session_data(&opened, &data);
    if (status == STATUS_DONE && br_data_hash(data) != opened.source.facts->data_hash)
        status = fail(s->cli, STATUS_FAILED,
                      "%s: the data are not those of its training; name their folder with --data", path);
    if (status == STATUS_DONE)
        status = score_split(&opened, data, split, session_threads(&opened), &score);
    if (status == STATUS_DONE) {
        *out = (training_score){true, score.right, score.samples};
        br_score_free(&score);
    }
    br_data_free(data);
    session_close(&opened);
    return status;
}

/* Scores a split for a finished run, unless its result has the score already, and keeps it in the result. */
static int complete(const sweep *s, sweep_run *run, bt_split split)
{
    br_error error;
    if (run->state != RUN_DONE || run->result.scores[split].scored)
        return STATUS_DONE;
    char *path = run_path(s, run, RUN_MODEL);
    int status = path != NULL ? score_model(s, path, split, &run->result.scores[split]) : STATUS_FAULT;
    free(path);
    if (status == STATUS_DONE && run_write(s, run, &error) != 0)
        status = fail_with(s->cli, &error);
    return status;
}

/* Rows that were compared on other samples before have no scores on these. */
static int complete_all(sweep *s)
{
    int status = STATUS_DONE;
    for (size_t i = 0; i < s->run_count && status == STATUS_DONE && interrupt_signal() == 0; i++)
        status = complete(s, &s->runs[i], s->on); /* nothing to do for a run that was paused */
    return status;
}

static int complete_chosen(sweep *s, const sweep_choice *choice)
{
    int status = STATUS_DONE;
    for (size_t seed = 0; choice->made && s->tested && seed < s->grid.seed_count; seed++)
        if (status == STATUS_DONE && interrupt_signal() == 0)
            status = complete(s, run_of(s, choice->row, seed), BT_SPLIT_TEST);
    return status;
}

static int print_table(const sweep *s, const sweep_choice *choice)
{
    if (cli_has(s->cli, OPTION_json))
        return view_json(s, choice, stdout);
    if (cli_has(s->cli, OPTION_csv))
        return view_csv(s, choice, stdout);
    return view_text(s, choice, stdout);
}

/* The expectation is of the samples that did not choose, if there are any. */
static int check_expectation(const sweep *s, const sweep_choice *choice)
{
    bool plain = !cli_has(s->cli, OPTION_json) && !cli_has(s->cli, OPTION_csv);
    if (!cli_has(s->cli, OPTION_expect_mean))
        return STATUS_DONE;
    if (!choice->made)
        return fail(s->cli, STATUS_FAILED, "--expect can't be checked, because runs are missing");
    bt_split split = s->tested ? BT_SPLIT_TEST : s->on;
    row_mean mean = mean_of(s, choice->row, split);
    return verdict_mean(cli_number(s->cli, OPTION_expect_mean, 0), bt_split_word(split), mean.mean, mean.n,
                        plain ? stdout : stderr);
}

int sweep_choose(sweep *s, sweep_choice *out)
{
    *out = (sweep_choice){0};
    interrupt_watch();
    int status = complete_all(s);
    if (status == STATUS_DONE) {
        out->made = best_row(s, &out->row);
        status = complete_chosen(s, out);
    }
    return status == STATUS_DONE && interrupt_signal() != 0 ? 128 + interrupt_signal() : status;
}

int sweep_finish(sweep *s)
{
    sweep_choice choice;
    int status = sweep_choose(s, &choice);
    if (status == STATUS_DONE)
        status = print_table(s, &choice);
    return status == STATUS_DONE ? check_expectation(s, &choice) : status;
}
