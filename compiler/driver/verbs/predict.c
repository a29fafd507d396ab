/* bouton predict: prints labels, probabilities and output levels for new samples. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "session/notes.h"
#include "session/session.h"
#include "verbs/verbs.h"

/* Runs inference on every sample of one file and prints the answers. */
static int predict_samples(session *s, br_answers *answers, const char *input, const br_samples *samples,
                           uint32_t threads)
{
    const command_line *cli = s->cli;
    size_t classes = bl_last_layer(s->source.program)->neurons, levels_count;
    br_error error;
    if (__builtin_mul_overflow((size_t)samples->count, classes, &levels_count))
        return fail_memory(cli);
    br_outputs out = {.labels = allocate(cli, samples->count, sizeof *out.labels),
                      .levels = allocate(cli, levels_count, sizeof *out.levels),
                      .probabilities = allocate(cli, levels_count, sizeof *out.probabilities)};
    int status = out.labels != NULL && out.levels != NULL && out.probabilities != NULL ? STATUS_DONE : STATUS_FAULT;
    if (status == STATUS_DONE && br_predict(s->compiled.network, samples, threads, &out, &error) != 0)
        status = fail_with(cli, &error);
    for (uint64_t i = 0; i < samples->count && status == STATUS_DONE; i++) {
        br_answered answer = {.input = input,
                              .index = samples->count > 1 ? (int64_t)i : -1,
                              .label = out.labels[i],
                              .probabilities = out.probabilities + i * classes,
                              .levels = out.levels + i * classes};
        br_answers_print(answers, &answer);
    }
    free(out.labels);
    free(out.levels);
    free(out.probabilities);
    return status;
}

/* Files are read as the training samples were, except for the place of the labels that --label gives. */
static br_reading reading_of(const session *s)
{
    const bl_input *reads = &s->source.program->input;
    const char *label = cli_text(s->cli, OPTION_label);
    br_reading reading = {.shape = {reads->height, reads->width, reads->channels},
                          .schema = s->source.schema,
                          .label_given = label != NULL};
    bc_lower_range(s->source.program, &reading.range.low, &reading.range.high);
    if (label != NULL && (!bt_label_of(label, &reading.label) || reading.label == BT_LABEL_NAMED)) {
        reading.label = BT_LABEL_NAMED;
        reading.label_name = label;
    }
    return reading;
}

static int predict_file(session *s, br_answers *answers, const char *input, br_told **told)
{
    br_reading reading = reading_of(s);
    const char *path = strcmp(input, "-") == 0 ? "/dev/stdin" : input;
    br_data *data;
    br_error error;
    if (br_inputs_load(path, &reading, &data, &error) != 0)
        return fail_with(s->cli, &error);
    notes_print_new(s->cli, told, path, data);
    int status = session_encode(s, data);
    if (status == STATUS_DONE)
        status = predict_samples(s, answers, input, br_data_split(data, BT_SPLIT_TEST), session_threads(s));
    br_data_free(data);
    return status;
}

/* A folder stands for its pictures. One that can't be answered is named, and makes the exit status 1; only a fault of
 * bouton itself is graver. */
static int predict_folder(session *s, br_answers *answers, const char *folder, br_told **told)
{
    br_files files;
    br_error error;
    int status = STATUS_DONE;
    if (br_files_find(folder, &files, &error) != 0)
        return fail_with(s->cli, &error);
    if (files.others > 0)
        say(s->cli, MESSAGE_NOTE, "%s: %llu %s left out", folder, (unsigned long long)files.others,
            files.others == 1 ? "entry is no picture and is" : "entries are no pictures and are");
    for (uint64_t i = 0; i < files.count && status != STATUS_FAULT; i++) {
        int answered = predict_file(s, answers, files.list[i], told);
        if (answered != STATUS_DONE)
            status = answered == STATUS_FAULT ? STATUS_FAULT : STATUS_FAILED;
    }
    br_files_free(&files);
    return status;
}

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* Continues with the remaining inputs after a failure. Returns the most severe status. */
static int predict_all(session *s)
{
    const command_line *cli = s->cli;
    uint32_t classes = bl_last_layer(s->source.program)->neurons;
    int gravest = STATUS_DONE;
    br_answer_format format = cli_has(cli, OPTION_json)  ? BR_ANSWERS_JSON
                              : cli_has(cli, OPTION_csv) ? BR_ANSWERS_CSV
                                                         : BR_ANSWERS_TEXT;
    br_told *told = NULL;
    br_answers answers = br_answers_begin(format, classes, s->source.schema, stdout);
    for (size_t i = 1; i < cli->operand_count; i++) {
        const char *input = cli->operands[i];
        int status =
            is_folder(input) ? predict_folder(s, &answers, input, &told) : predict_file(s, &answers, input, &told);
        if (status > gravest)
            gravest = status;
    }
    br_answers_end(&answers);
    br_told_free(told);
    return gravest;
}

int verb_predict(const command_line *cli)
{
    session s;
    int status = session_open_model(&s, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = predict_all(&s);
    session_close(&s);
    return status;
}
