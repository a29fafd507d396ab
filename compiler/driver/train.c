/* bouton train: a network's text and its data become a trained model.
 *
 *     check -> can the model be written? -> data, and beside them code -> learn -> write -> score -> expectations */
#include "train.h"
#include "forms.h"

#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "lines.h"
#include "machine.h"
#include "numbers.h"
#include "progress.h"
#include "state.h"
#include "verbs.h"

/* ---- before
 * ---------------------------------------------------------------------------------------------------------- */

static int check_trainable(const session *session)
{
    if (session->file != NULL)
        return fail(
            session->cli, STATUS_USAGE,
            "%s: a trained model already; to train it anew, take its text: bouton dump %s --stage=ast -o NEW.btn",
            session->path, session->path);
    if (session->program->phase_count == 0)
        return fail(session->cli, STATUS_FAILED, "%s: the text has no schedule, so nothing would be learned; add one",
                    session->path);
    return STATUS_DONE;
}

/* Hours of work end in this file: whether it can be written is tried before they begin. */
static int try_output(const session *session, const char *path)
{
    br_atomic_file *file;
    br_error error;
    if (strcmp(path, "-") == 0)
        return fail(session->cli, STATUS_USAGE, "-o -: a model can't be written to standard output; name a file");
    if (strcmp(path, session->path) == 0)
        return fail(session->cli, STATUS_USAGE, "-o %s: this would replace the network's text; name another file",
                    path);
    if (br_atomic_open(path, &file, &error) != 0)
        return fail_with(session->cli, &error);
    br_atomic_discard(file);
    return STATUS_DONE;
}

/* The name of the model: -o, or else the network's own in the current folder. The caller frees it. */
static char *output_path(const session *session)
{
    static const char ending[] = ".safetensors";
    const char *given = session->cli->value[OPTION_model_out], *name = session->program->name;
    if (given != NULL)
        return text_copy(session->cli, given, strlen(given));
    size_t length = strlen(name);
    char *path = allocate(session->cli, length + sizeof ending, 1);
    if (path != NULL) {
        memcpy(path, name, length);
        memcpy(path + length, ending, sizeof ending);
    }
    return path;
}

static int explain(const session *session, const training *training)
{
    number_room seconds;
    machine machine = machine_facts();
    uint32_t threads = training->threads > 0 ? training->threads : machine.threads;
    bc_options options = session_options(session);
    bc_plan *plan;
    br_error error;
    fprintf(stderr, "compiled in %s for %s; %u thread%s; %s\n", number_seconds(seconds, bc_code_seconds(session->code)),
            bc_code_model(session->code)->cpu, threads, threads == 1 ? "" : "s", machine.processor);
    if (bc_plan_new(session->program, &options, &plan, &error) != 0)
        return fail_with(session->cli, &error);
    bc_plan_print(plan, stderr);
    bc_plan_free(plan);
    return STATUS_DONE;
}

/* ---- after
 * ----------------------------------------------------------------------------------------------------------- */

/* Where the schedule stands after so many ended epochs: the phase, and epochs ended in it. */
static void find_position(const br_schedule *schedule, uint64_t ended, br_file_facts *facts)
{
    facts->phase = 0;
    while (facts->phase + 1 < schedule->phase_count && ended > progress_epochs(&schedule->phases[facts->phase]))
        ended -= progress_epochs(&schedule->phases[facts->phase++]);
    facts->epoch = (uint32_t)ended;
}

static int write_model(const session *session, const br_data *data, const training *training, const char *path)
{
    br_error error;
    br_file_facts facts = {.source = bl_source_text(session->context),
                           .network = session->program->name,
                           .version = BR_VERSION,
                           .seed = session->seed,
                           .data_hash = br_data_hash(data)};
    if (facts.source == NULL)
        return fail_memory(session->cli);
    char *lines = lines_text(session);
    if (lines == NULL)
        return STATUS_FAULT;
    facts.lines = lines;
    find_position(&session->schedule, training->epochs_ended, &facts);
    if (session->encoder != NULL) {
        facts.encoder = br_encoder_numbers(session->encoder);
        facts.encoder_count = br_encoder_count(session->encoder);
    }
    int status = br_model_write(path, session->network, &facts, &error);
    free(lines);
    return status == 0 ? STATUS_DONE : fail_with(session->cli, &error);
}

static int stopped(const session *session, const training *training, const char *path)
{
    say(session->cli, MESSAGE_NOTE,
        "Stopped after %u whole epochs; %s holds the state kept so far: 'bouton eval %s' scores it",
        training->result.epochs, path, path);
    return 128 + interrupt_signal();
}

/* ---- all
 * -------------------------------------------------------------------------------------------------------------- */

static int learn(session *session, const br_data *data, const char *path)
{
    const cli *cli = session->cli;
    training training = {0};
    const char *metrics = cli->value[OPTION_metrics];
    FILE *to = metrics != NULL && strcmp(metrics, "-") == 0 ? stderr : stdout;
    int status = session_threads(session, &training.threads);
    if (status == STATUS_DONE && cli_has(cli, OPTION_verbose))
        status = explain(session, &training);
    if (status == STATUS_DONE)
        status = training_run(session, data, &training);
    if (status == STATUS_DONE && cli_has(cli, OPTION_verbose))
        status = forms_print(session, stderr);
    if (status == STATUS_DONE)
        status = write_model(session, data, &training, path);
    if (status != STATUS_DONE)
        return status;
    if (training.result.stopped)
        return stopped(session, &training, path);
    status = state_settle(cli, session->network);
    if (status == STATUS_DONE)
        status = training_report(session, data, &training, to);
    fprintf(to, "wrote %s\n", path);
    return status != STATUS_DONE ? status : training.metrics_status;
}

static int train(session *session)
{
    br_data *data = NULL;
    int status = session_check(session);
    if (status == STATUS_DONE)
        status = check_trainable(session);
    if (status != STATUS_DONE)
        return status;
    char *path = output_path(session);
    if (path == NULL)
        return STATUS_FAULT;
    status = try_output(session, path);
    if (status == STATUS_DONE)
        status = session_data_begin(session);
    if (status == STATUS_DONE)
        status = session_compile(session);
    if (status == STATUS_DONE)
        status = session_data(session, &data);
    if (status == STATUS_DONE)
        status = learn(session, data, path);
    br_data_free(data);
    free(path);
    return status;
}

int verb_train(const cli *cli)
{
    session session;
    int status = session_open(&session, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = train(&session);
    session_close(&session);
    return status;
}
