/* bouton train: a network's text and its data become a trained model.
 *
 *     check -> can the model be written? -> data, and beside them code -> learn -> write -> score -> expectations */
#include "verbs/train.h"
#include "session/forms.h"

#include <stdlib.h>
#include <string.h>

#include "session/lines.h"
#include "session/state.h"
#include "show/numbers.h"
#include "show/progress.h"
#include "system/interrupt.h"
#include "system/machine.h"
#include "verbs/verbs.h"

/* ---- before ---- */

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
    const char *given = cli_text(session->cli, OPTION_model_out), *name = session->program->name;
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

static void explain_memory(const session *session, const br_data *data, const training *training)
{
    br_memory_need need;
    number_room room[7];
    br_train_need(br_network_model(session->network), &session->schedule, data, training->threads, &need);
    fprintf(stderr, "memory: data %s, network %s, batch %s, scoring %s: %s and the program; %s can be had\n",
            number_bytes(room[0], need.data), number_bytes(room[1], need.network), number_bytes(room[2], need.batch),
            number_bytes(room[3], need.scoring), number_bytes(room[4], need.total + need.data),
            number_bytes(room[5], need.room));
    if (need.features > 0)
        fprintf(stderr, "what frozen layers answer is kept too, %s, where half of that leaves room for it\n",
                number_bytes(room[6], need.features));
}

static int explain(const session *session, const br_data *data, const training *training)
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
    explain_memory(session, data, training);
    return STATUS_DONE;
}

/* ---- after ---- */

/* Where the schedule stands after so many ended epochs: the phase, and epochs ended in it. */
static void find_position(const br_schedule *schedule, uint64_t ended, br_file_facts *facts)
{
    facts->phase = 0;
    while (facts->phase + 1 < schedule->phase_count && ended > progress_epochs(&schedule->phases[facts->phase]))
        ended -= progress_epochs(&schedule->phases[facts->phase++]);
    facts->epoch = (uint32_t)ended;
}

/* What the model file says of itself; what its encodings learned stays the session's. */
static int find_facts(const session *session, const br_data *data, br_file_facts *out)
{
    *out = (br_file_facts){.source = bl_source_text(session->context),
                           .network = session->program->name,
                           .version = BR_VERSION,
                           .seed = session->seed,
                           .data_hash = br_data_hash(data)};
    if (out->source == NULL)
        return fail_memory(session->cli);
    if (session->encoder != NULL) {
        out->encoder = br_encoder_numbers(session->encoder);
        out->encoder_count = br_encoder_count(session->encoder);
    }
    return STATUS_DONE;
}

static int write_model(const session *session, const training *training)
{
    br_error error;
    br_file_facts facts = training->facts;
    char *lines = lines_text(session);
    if (lines == NULL)
        return STATUS_FAULT;
    facts.lines = lines;
    find_position(&session->schedule, training->epochs_ended, &facts);
    int status = br_model_write(training->model, session->network, &facts, &error);
    free(lines);
    return status == 0 ? STATUS_DONE : fail_with(session->cli, &error);
}

static int stopped(const session *session, const training *training)
{
    const br_train_result *result = &training->result;
    say(session->cli, MESSAGE_NOTE,
        "Stopped after %u whole epoch%s; %s holds the state kept so far: 'bouton eval %s' scores it; the same command "
        "with --resume goes on",
        result->epochs, result->epochs == 1 ? "" : "s", training->model, training->model);
    return 128 + interrupt_signal();
}

/* ---- all ---- */

static int report(const session *session, const br_data *data, training *training)
{
    const char *metrics = cli_text(session->cli, OPTION_metrics);
    FILE *to = metrics != NULL && strcmp(metrics, "-") == 0 ? stderr : stdout;
    int status = state_settle(session->cli, session->network);
    if (status == STATUS_DONE)
        status = training_report(session, data, training, to);
    fprintf(to, "wrote %s\n", training->model);
    return status;
}

/* The checkpoint goes when the model is there: until then one of the two holds what was learned. */
static int learn_and_write(session *session, const br_data *data, training *training)
{
    const cli *cli = session->cli;
    int status = training_run(session, data, training);
    if (status == STATUS_DONE && cli_has(cli, OPTION_verbose))
        status = forms_print(session, stderr);
    if (status == STATUS_DONE)
        status = write_model(session, training);
    if (status == STATUS_DONE && !training->result.stopped)
        remove(training->checkpoint);
    return status;
}

static int learn(session *session, const br_data *data, training *training)
{
    const cli *cli = session->cli;
    int status = find_facts(session, data, &training->facts);
    if (status == STATUS_DONE)
        status = training_resume(session, training);
    if (status == STATUS_DONE && cli_has(cli, OPTION_verbose))
        status = explain(session, data, training);
    if (status == STATUS_DONE)
        status = learn_and_write(session, data, training);
    if (status != STATUS_DONE)
        return status;
    if (!training->result.stopped)
        status = report(session, data, training);
    int recorded = training_record(session, data, training);
    if (training->result.stopped)
        return stopped(session, training);
    return status != STATUS_DONE                     ? status
           : training->metrics_status != STATUS_DONE ? training->metrics_status
                                                     : recorded;
}

static int train_to(session *session, const char *path, const char *checkpoint)
{
    br_data *data = NULL;
    training training = {.model = path,
                         .checkpoint = checkpoint,
                         .save_every = cli_number(session->cli, OPTION_save_every, 0),
                         .threads = session_threads(session)};
    int status = try_output(session, path);
    if (status == STATUS_DONE)
        status = session_data_begin(session);
    if (status == STATUS_DONE)
        status = session_compile(session);
    if (status == STATUS_DONE)
        status = session_data(session, &data);
    if (status == STATUS_DONE)
        status = learn(session, data, &training);
    br_checkpoint_free(training.resume);
    br_data_free(data);
    return status;
}

static int train(session *session)
{
    int status = session_check(session);
    if (status == STATUS_DONE)
        status = check_trainable(session);
    if (status != STATUS_DONE)
        return status;
    char *path = output_path(session);
    char *checkpoint = path != NULL ? training_beside(session->cli, path, ".checkpoint") : NULL;
    status = checkpoint != NULL ? train_to(session, path, checkpoint) : STATUS_FAULT;
    free(checkpoint);
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
