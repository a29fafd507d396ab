/* Runs a schedule with br_train, and shows its progress. */
#include <stdio.h>

#include "options/console.h"
#include "report/report.h"
#include "show/metrics.h"
#include "show/progress.h"
#include "system/interrupt.h"
#include "verbs/train.h"

typedef struct training_watch {
    const command_line *cli;
    progress_view view;
    FILE *metrics;     /* NULL: no --metrics */
    bool csv;          /* the metrics are a table */
    bool metrics_lost; /* a line could not be written; training continues without metrics */
    uint64_t epochs_ended;
    const session *s;
    const br_history *history;
    const char *report; /* file of the page about the training; NULL: none, or it could not be written */
    double reported;    /* seconds of training when it was written last */
} training_watch;

#define REPORT_EVERY 2.0 /* seconds */

/* One failure is told, and ends the page but not the training. */
static void follow(training_watch *watch, const br_progress *progress)
{
    if (watch->report == NULL || (watch->reported >= 0 && progress->seconds - watch->reported < REPORT_EVERY))
        return;
    report_progress at = {.program = watch->s->source.program,
                          .history = watch->history,
                          .progress = progress,
                          .left = progress_clock_left(&watch->view.clock)};
    watch->reported = progress->seconds;
    if (report_follow(watch->cli, &at, watch->report) != STATUS_DONE)
        watch->report = NULL;
}

/* Ranks other than 0 only notice signals. */
static bool on_progress(void *user, const br_progress *progress)
{
    training_watch *watch = user;
    if (!session_leads(watch->s))
        return interrupt_signal() == 0;
    progress_show(&watch->view, progress);
    watch->epochs_ended += progress->end_of_epoch;
    follow(watch, progress);
    if (progress->end_of_epoch && watch->metrics != NULL && !watch->metrics_lost)
        watch->metrics_lost = !metrics_write(watch->metrics, watch->csv, progress);
    return interrupt_signal() == 0;
}

static void on_warning(void *user, const br_error *warning)
{
    training_watch *watch = user;
    progress_end(&watch->view);
    say(watch->cli, MESSAGE_WARNING, "%s", warning->message);
}

static void on_stage(void *user, const char *what)
{
    training_watch *watch = user;
    progress_stage(&watch->view, what);
}

static bool on_advance(void *user, uint64_t done, uint64_t total)
{
    training_watch *watch = user;
    progress_advance(&watch->view, done, total);
    return interrupt_signal() == 0;
}

int training_run(const session *s, const br_data *data, training_job *out)
{
    const command_line *cli = s->cli;
    br_error error;
    training_watch watch = {.cli = cli,
                            .view = progress_new(stderr, &s->compiled.schedule, br_network_model(s->compiled.network),
                                                 br_data_split(data, BT_SPLIT_TRAIN)->count),
                            .epochs_ended = out->resumed_at,
                            .s = s,
                            .history = out->history,
                            .report = cli_text(cli, OPTION_train_report),
                            .reported = -1};
    watch.view.epochs_done = out->resumed_at;
    watch.csv = metrics_are_csv(cli_text(cli, OPTION_metrics));
    int status = session_leads(s) ? metrics_open(cli, out->resumed_at, &watch.metrics) : STATUS_DONE;
    if (status != STATUS_DONE)
        return status;
    interrupt_watch();
    br_train_options options = {.threads = out->threads,
                                .progress = on_progress,
                                .warn = on_warning,
                                .stage = on_stage,
                                .advance = on_advance,
                                .user = &watch,
                                .checkpoint = session_leads(s) ? out->checkpoint : NULL,
                                .facts = &out->facts,
                                .save_every = out->save_every,
                                .resume = out->resume,
                                .history = session_leads(s) ? out->history : NULL,
                                .ranks = s->ranks};
    if (br_train(s->compiled.network, &s->compiled.schedule, data, &options, &out->result, &error) != 0)
        status = STATUS_FAULT;
    out->together = status == STATUS_DONE || out->result.agreed;
    progress_end(&watch.view);
    if (status != STATUS_DONE)
        status = fail_with(cli, &error);
    out->epochs_ended = watch.epochs_ended;
    int closed = metrics_close(cli, watch.metrics);
    if (closed == STATUS_DONE && watch.metrics_lost)
        closed = fail(cli, STATUS_IO, "--metrics %s: a write failed; lines are missing", cli_text(cli, OPTION_metrics));
    out->metrics_status = closed;
    return status;
}
