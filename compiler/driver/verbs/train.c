/* bouton train: trains a network on its data and writes the model.
 *
 *     check -> try the paths -> data and code in parallel -> try to write -> train -> write -> score -> expectations */
#include "verbs/train.h"
#include "report/report.h"
#include "session/methods.h"

#include <stdlib.h>
#include <string.h>

#include "session/state.h"
#include "show/numbers.h"
#include "system/interrupt.h"
#include "system/machine.h"
#include "system/ranks.h"
#include "verbs/verbs.h"

/* ---- before training ---- */

int training_check(const command_line *cli, const network_source *source)
{
    if (source->file != NULL)
        return fail(
            cli, STATUS_USAGE,
            "%s: already a trained model; to train it again, extract its text: bouton dump %s --stage=ast -o NEW.btn",
            source->path, source->path);
    if (source->program->phase_count == 0)
        return fail(cli, STATUS_FAILED, "%s: the text has no schedule, so there is nothing to train; add one",
                    source->path);
    return STATUS_DONE;
}

static void explain_memory(const session *s, const br_data *data, const training_job *training)
{
    br_memory_need need;
    number_buffer text[7];
    br_train_need(br_network_model(s->compiled.network), &s->compiled.schedule, data, training->threads, &need);
    fprintf(stderr,
            "memory: data %s, network %s, batch %s, scoring %s; %s in total besides the program; %s available\n",
            number_bytes(text[0], need.data), number_bytes(text[1], need.network), number_bytes(text[2], need.batch),
            number_bytes(text[3], need.scoring), number_bytes(text[4], need.total + need.data),
            number_bytes(text[5], need.available));
    if (need.replicas > 0)
        fprintf(stderr, "the replicas of a phase take %s of the total, shared out among the ranks\n",
                number_bytes(text[6], need.replicas));
    if (need.features > 0)
        fprintf(stderr,
                "the outputs of frozen layers, %s, are cached too if they fit in half of the available memory\n",
                number_bytes(text[6], need.features));
    if (need.winners > 0)
        fprintf(
            stderr,
            "the winners of frozen layers, at most %s, are cached for as many images as fit in half of the available "
            "memory\n",
            number_bytes(text[6], need.winners));
}

static int explain(const session *s, const br_data *data, const training_job *training)
{
    number_buffer seconds;
    machine_info machine = machine_facts();
    uint32_t threads = training->threads > 0 ? training->threads : machine.threads;
    bc_options options = session_options(s);
    bc_plan *plan;
    br_error error;
    fprintf(stderr, "compiled in %s for %s; %u thread%s; %s\n",
            number_seconds(seconds, bc_code_seconds(s->compiled.code)), bc_code_model(s->compiled.code)->cpu, threads,
            threads == 1 ? "" : "s", machine.processor);
    if (bc_plan_new(s->source.program, &options, &plan, &error) != 0)
        return fail_with(s->cli, &error);
    bc_plan_print(plan, stderr);
    bc_plan_free(plan);
    explain_memory(s, data, training);
    return STATUS_DONE;
}

/* ---- after training ---- */

int training_facts(const session *s, const br_data *data, br_file_facts *out)
{
    br_error error;
    char *schema;
    *out = (br_file_facts){.source = bl_source_text(s->source.context),
                           .network = s->source.program->name,
                           .version = BR_VERSION,
                           .seed = s->source.seed,
                           .data_hash = br_data_hash(data)};
    if (out->source == NULL)
        return fail_memory(s->cli);
    if (br_schema_write(br_data_schema(data), &schema, &error) != 0)
        return fail_with(s->cli, &error);
    out->schema = schema;
    if (s->compiled.encoder != NULL) {
        out->encoder = br_encoder_numbers(s->compiled.encoder);
        out->encoder_count = br_encoder_count(s->compiled.encoder);
    }
    return STATUS_DONE;
}

static int stopped(const session *s, const training_job *training)
{
    const br_train_result *result = &training->result;
    say(s->cli, MESSAGE_NOTE,
        "Stopped after %u complete epoch%s; %s holds the state so far: 'bouton eval %s' scores it; the same command "
        "with --resume continues",
        result->epochs, result->epochs == 1 ? "" : "s", training->model, training->model);
    return 128 + interrupt_signal();
}

/* ---- the verb ---- */

/* Where not all lists had room, every epoch computes the frozen layers for the others. */
static void tell_lists(const br_train_result *result)
{
    number_buffer kept, all;
    if (result->kept < result->lists)
        fprintf(stderr, "winners of %s of %s images had room in memory; those of the others were found in each epoch\n",
                number_grouped(kept, result->kept), number_grouped(all, result->lists));
}

static void tell_merges(const session *s, const br_train_result *result)
{
    number_buffer merges, each, exchanged;
    if (result->merges == 0)
        return;
    double count = (double)result->merges;
    fprintf(stderr, "replicas merged %s times, %s each", number_grouped(merges, result->merges),
            number_seconds(each, result->merge_seconds / count));
    if (s->ranks != NULL)
        fprintf(stderr, ", %s of it waiting for other ranks and their bytes",
                number_seconds(exchanged, result->exchange_seconds / count));
    fprintf(stderr, "; %.1f%% of the time\n", 100 * result->merge_seconds / result->learn_seconds);
}

/* Results go to standard output, unless the metrics do. */
static FILE *results_of(const session *s)
{
    const char *metrics = cli_text(s->cli, OPTION_metrics);
    return metrics != NULL && strcmp(metrics, "-") == 0 ? stderr : stdout;
}

/* --report: the page of the training becomes the report of the model, also of one that was stopped. */
static int write_report(const session *s, const training_job *training)
{
    const char *path = cli_text(s->cli, OPTION_train_report);
    return path != NULL ? report_make(s->cli, training->model, path, results_of(s)) : STATUS_DONE;
}

static int report(const session *s, const br_data *data, training_job *training)
{
    FILE *to = results_of(s);
    int status = state_settle(s->cli, s->compiled.network);
    if (status == STATUS_DONE)
        status = training_report(s, data, training, to);
    fprintf(to, "wrote %s\n", training->model);
    return status;
}

/* The checkpoint is removed only after the model was written, so the learned state always exists in one of them. */
static int learn_and_write(session *s, const br_data *data, training_job *training)
{
    const command_line *cli = s->cli;
    int status = training_run(s, data, training);
    training->together = training->together && (status != STATUS_DONE || training->result.stopped); /* not yet scored */
    if (status == STATUS_DONE && cli_has(cli, OPTION_verbose)) {
        tell_lists(&training->result);
        tell_merges(s, &training->result);
        status = methods_print(s->cli, &s->compiled, stderr);
    }
    if (status == STATUS_DONE && session_leads(s))
        status = training_write_model(s, training, false);
    if (status == STATUS_DONE && !training->result.stopped && session_leads(s))
        remove(training->checkpoint);
    return status;
}

static int learn(session *s, const br_data *data, training_job *training)
{
    const command_line *cli = s->cli;
    br_error error;
    int status = training_facts(s, data, &training->facts);
    if (status == STATUS_DONE &&
        br_history_new(br_network_model(s->compiled.network)->layer_count, &training->history, &error) != 0)
        status = fail_with(cli, &error);
    if (status == STATUS_DONE)
        status = training_resume(s, training);
    if (status == STATUS_DONE &&
        session_leads(s)) /* what can't be written at the end ends the training here, before anything is learned */
        status = training_write_model(s, training, true);
    if (status == STATUS_DONE && cli_has(cli, OPTION_verbose))
        status = explain(s, data, training);
    if (status == STATUS_DONE)
        status = learn_and_write(s, data, training);
    if (status != STATUS_DONE)
        return status;
    if (!training->result.stopped) {
        interrupt_leave(); /* the model is written: what follows may end at any time */
        status = report(s, data, training);
    }
    if (!session_leads(s))
        return training->result.stopped ? 128 + interrupt_signal() : status;
    int recorded = training_record(s, data, training);
    int reported = write_report(s, training);
    if (training->result.stopped)
        return stopped(s, training);
    return status != STATUS_DONE                     ? status
           : training->metrics_status != STATUS_DONE ? training->metrics_status
           : recorded != STATUS_DONE                 ? recorded
                                                     : reported;
}

static int train_to(session *s, const char *path, const char *checkpoint, uint32_t threads, bool *together)
{
    br_data *data = NULL;
    training_job training = {.model = path,
                             .checkpoint = checkpoint,
                             .save_every = cli_number(s->cli, OPTION_save_every, SAVE_EVERY_DEFAULT),
                             .threads = cli_has(s->cli, OPTION_threads) ? session_threads(s) : threads};
    int status = session_leads(s) ? training_try_paths(s, &training) : STATUS_DONE;
    if (status == STATUS_DONE)
        status = session_data_begin(s);
    if (status == STATUS_DONE)
        status = session_compile(s);
    if (status == STATUS_DONE)
        status = session_data(s, &data);
    if (status == STATUS_DONE)
        status = learn(s, data, &training);
    *together = training.together;
    br_checkpoint_free(training.resume);
    br_history_free(training.history);
    free((char *)training.facts.schema);
    br_data_free(data);
    return status;
}

static int train(session *s, uint32_t threads, bool *together)
{
    int status = session_check(s);
    if (status == STATUS_DONE)
        status = training_check(s->cli, &s->source);
    if (status != STATUS_DONE)
        return status;
    char *path = training_model_path(s);
    char *checkpoint = path != NULL ? training_path(s->cli, path, ".checkpoint") : NULL;
    status = checkpoint != NULL ? train_to(s, path, checkpoint, threads, together) : STATUS_FAULT;
    free(checkpoint);
    free(path);
    return status;
}

int verb_train(const command_line *cli)
{
    session s;
    ranks_run *ranks;
    bool together = false;
    int status = ranks_open(cli, &ranks);
    if (status != STATUS_DONE)
        return status;
    status = session_open(&s, cli, cli->operands[0]);
    s.ranks = ranks_table(ranks);
    if (status == STATUS_DONE)
        status = train(&s, ranks_threads(ranks), &together);
    session_close(&s);
    return ranks_close(ranks, status, together);
}
