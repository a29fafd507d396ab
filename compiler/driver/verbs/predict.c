/* bouton predict: prints labels, probabilities and output levels for new samples, and what each input added. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "picture/over_input.h"
#include "session/notes.h"
#include "session/session.h"
#include "show/ticker.h"
#include "show/why_view.h"
#include "verbs/verbs.h"

/* What all inputs share. */
typedef struct predicting {
    session *s;
    br_answers answers;
    br_told *told;
    uint32_t label; /* the class that --why explains, or BR_WHY_ANSWER */
    char **names;   /* of the values of a sample; NULL: none */
    bool drawn;     /* -o was written */
} predicting;

/* Explains one answer, prints it, and draws it once. */
static int print_why(predicting *p, br_answered *answer, const br_samples *raw, uint64_t index)
{
    const session *s = p->s;
    br_why why;
    br_error error;
    if (br_why_new(s->compiled.network, s->compiled.encoder, raw, index, p->label, &why, &error) != 0)
        return fail_with(s->cli, &error);
    br_reason reason = {.why = &why, .names = (const char *const *)p->names};
    if (why.encoded > 0)
        reason.after = bt_encoding_kind_word(s->source.program->input.encodings[why.encoded - 1].kind);
    int status = STATUS_DONE;
    const char *path = cli_text(s->cli, OPTION_why_out);
    if (path != NULL)
        status = over_input_write(s->cli, path, &why, raw, index);
    p->drawn = p->drawn || path != NULL;
    answer->reason = &reason;
    if (status == STATUS_DONE)
        br_answers_print(&p->answers, answer);
    if (status == STATUS_DONE && p->answers.format == BR_ANSWERS_TEXT)
        status = why_print(s->cli, &reason, s->source.schema, cli_out(s->cli));
    if (status == STATUS_DONE && p->answers.format == BR_ANSWERS_TEXT && path != NULL)
        fprintf(cli_out(s->cli), "  %s: red added, blue took away\n", path);
    br_why_free(&why);
    return status;
}

/* Reasons take a while, and are shown as they come; where they go into a file, the terminal tells how many there are. */
static int print_answers(predicting *p, const char *input, const br_outputs *out, uint64_t count, const br_samples *raw)
{
    size_t classes = p->answers.classes;
    int status = STATUS_DONE;
    bool shown = raw == NULL || isatty(fileno(cli_out(p->s->cli)));
    ticker *t = shown ? NULL : ticker_begin(p->s->cli, "%s: finding reasons", input);
    for (uint64_t i = 0; i < count && status == STATUS_DONE; i++) {
        br_answered answer = {.input = input,
                              .index = count > 1 ? (int64_t)i : -1,
                              .label = out->labels[i],
                              .probabilities = out->probabilities + i * classes,
                              .levels = out->levels + i * classes};
        if (raw != NULL)
            status = print_why(p, &answer, raw, i);
        else
            br_answers_print(&p->answers, &answer);
        ticker_share(t, (double)(i + 1) / (double)count);
    }
    ticker_end(t);
    return status;
}

/* A picture shows one sample. */
static int check_drawing(const predicting *p, const char *input, uint64_t count)
{
    const char *path = cli_text(p->s->cli, OPTION_why_out);
    if (path == NULL || (count == 1 && !p->drawn))
        return STATUS_DONE;
    return fail(p->s->cli, STATUS_USAGE,
                "-o %s: shows one sample, and %s is not the only one; name one, or leave -o out", path, input);
}

/* Runs inference on every sample of one file and prints the answers. `raw`: the samples before encoding; NULL: without
 * --why. */
static int predict_samples(predicting *p, const char *input, const br_samples *samples, const br_samples *raw)
{
    const command_line *cli = p->s->cli;
    size_t classes = p->answers.classes, levels_count;
    br_error error;
    if (__builtin_mul_overflow((size_t)samples->count, classes, &levels_count))
        return fail_memory(cli);
    br_outputs out = {.labels = allocate(cli, samples->count, sizeof *out.labels),
                      .levels = allocate(cli, levels_count, sizeof *out.levels),
                      .probabilities = allocate(cli, levels_count, sizeof *out.probabilities)};
    int status = out.labels != NULL && out.levels != NULL && out.probabilities != NULL ? STATUS_DONE : STATUS_FAULT;
    ticker *t = session_follow(p->s, ticker_begin(cli, "%s: answering the samples", input));
    int failed =
        status == STATUS_DONE ? br_predict(p->s->compiled.network, samples, session_threads(p->s), &out, &error) : 0;
    session_leave(p->s, t);
    if (failed != 0)
        status = fail_with(cli, &error);
    if (status == STATUS_DONE)
        status = print_answers(p, input, &out, samples->count, raw);
    free(out.labels);
    free(out.levels);
    free(out.probabilities);
    return status;
}

/* Encoding replaces samples, but --why needs them raw: a copy, whose values the caller frees. */
static int copy_raw(const command_line *cli, const br_samples *samples, br_samples *out, void **values)
{
    uint64_t count = samples->count * bt_values(samples->shape);
    size_t size = samples->bytes != NULL ? sizeof *samples->bytes : sizeof *samples->floats;
    *out = *samples;
    *values = allocate(cli, count, size);
    if (*values == NULL)
        return STATUS_FAULT;
    memcpy(*values, samples->bytes != NULL ? (const void *)samples->bytes : samples->floats, count * size);
    out->bytes = samples->bytes != NULL ? *values : NULL;
    out->floats = samples->bytes != NULL ? NULL : *values;
    out->labels = NULL;
    return STATUS_DONE;
}

static int predict_data(predicting *p, const char *input, br_data *data)
{
    br_samples raw;
    void *values = NULL;
    const br_samples *samples = br_data_split(data, BT_SPLIT_TEST);
    bool explains = cli_has(p->s->cli, OPTION_why);
    int status = check_drawing(p, input, samples->count);
    if (status == STATUS_DONE && explains)
        status = copy_raw(p->s->cli, samples, &raw, &values);
    if (status == STATUS_DONE)
        status = session_encode(p->s, data);
    if (status == STATUS_DONE)
        status = predict_samples(p, input, br_data_split(data, BT_SPLIT_TEST), explains ? &raw : NULL);
    free(values);
    return status;
}

static int predict_file(predicting *p, const char *input)
{
    br_reading reading = session_reading(p->s);
    const char *path = strcmp(input, "-") == 0 ? "/dev/stdin" : input;
    br_data *data;
    br_error error;
    ticker *t = ticker_begin(p->s->cli, "reading %s", input);
    int failed = br_inputs_load(path, &reading, &data, &error);
    ticker_end(t);
    if (failed != 0)
        return fail_with(p->s->cli, &error);
    notes_print_new(p->s->cli, &p->told, path, data);
    int status = predict_data(p, input, data);
    br_data_free(data);
    return status;
}

/* A folder stands for its pictures. One that can't be answered is named, and makes the exit status 1; only a fault of
 * bouton itself is graver. */
static int predict_folder(predicting *p, const char *folder)
{
    const command_line *cli = p->s->cli;
    br_files files;
    br_error error;
    int status = STATUS_DONE;
    if (br_files_find(folder, &files, &error) != 0)
        return fail_with(cli, &error);
    if (files.others > 0)
        say(cli, MESSAGE_NOTE, "%s: %llu %s left out", folder, (unsigned long long)files.others,
            files.others == 1 ? "entry is no picture and is" : "entries are no pictures and are");
    for (uint64_t i = 0; i < files.count && status != STATUS_FAULT; i++) {
        int answered = predict_file(p, files.list[i]);
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
static int predict_inputs(predicting *p)
{
    const command_line *cli = p->s->cli;
    int gravest = STATUS_DONE;
    for (size_t i = 1; i < cli->operand_count; i++) {
        const char *input = cli->operands[i];
        int status = is_folder(input) ? predict_folder(p, input) : predict_file(p, input);
        if (status > gravest)
            gravest = status;
    }
    return gravest;
}

/* What can be refused before an input is read. A vector has no places to draw. */
static int check_why(const session *s)
{
    const bl_input *input = &s->source.program->input;
    if (!cli_has(s->cli, OPTION_why_out))
        return STATUS_DONE;
    if (s->cli->operand_count > 2)
        return fail(s->cli, STATUS_USAGE,
                    "-o %s: shows one sample, and there are %zu inputs; name one, or leave -o out",
                    cli_text(s->cli, OPTION_why_out), s->cli->operand_count - 1);
    if (input->image || input->series)
        return STATUS_DONE;
    return fail(s->cli, STATUS_USAGE, "-o %s: the input is a vector, which has no picture; leave -o out",
                cli_text(s->cli, OPTION_why_out));
}

static int predict_all(session *s)
{
    const command_line *cli = s->cli;
    const br_schema *schema = s->source.schema;
    br_answer_format format = cli_has(cli, OPTION_json)  ? BR_ANSWERS_JSON
                              : cli_has(cli, OPTION_csv) ? BR_ANSWERS_CSV
                                                         : BR_ANSWERS_TEXT;
    predicting p = {.s = s};
    int status = check_why(s);
    if (status == STATUS_DONE)
        status = why_class(cli, s->source.program, schema, &p.label);
    if (status == STATUS_DONE && cli_has(cli, OPTION_why))
        status = value_names(cli, &s->source.program->input, schema, &p.names);
    if (status != STATUS_DONE)
        return status;
    p.answers = br_answers_begin(format, bl_last_layer(s->source.program)->neurons, schema, cli_out(cli));
    status = predict_inputs(&p);
    br_answers_end(&p.answers);
    br_told_free(p.told);
    value_names_free(&s->source.program->input, p.names);
    return status;
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
