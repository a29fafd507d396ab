/* The files that a training writes: their paths, the trial before the first epoch, and the model at the end. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options/paths.h"
#include "session/lines.h"
#include "show/metrics.h"
#include "show/progress.h"
#include "verbs/train.h"

char *training_model_path(const session *s)
{
    static const char ending[] = ".safetensors";
    const char *given = cli_text(s->cli, OPTION_model_out), *name = s->source.program->name;
    if (given != NULL)
        return text_copy(s->cli, given, strlen(given));
    size_t length = strlen(name);
    char *path = allocate(s->cli, length + sizeof ending, 1);
    if (path != NULL) {
        memcpy(path, name, length);
        memcpy(path + length, ending, sizeof ending);
    }
    return path;
}

/* ---- files that are there already ---- */

/* The facts of the file, or else of the folder in which it would be made. */
static bool look_at(const char *path, const char *name, struct stat *facts)
{
    char folder[PATH_MAX];
    size_t length = (size_t)(name - path);
    if (stat(path, facts) == 0)
        return true;
    if (length + 2 > sizeof folder)
        return false;
    memcpy(folder, path, length);
    memcpy(folder + length, ".", 2);
    return stat(folder, facts) == 0;
}

/* Do both paths lead to the same file, whether it is there already or not? */
static bool same_file(const char *a, const char *b)
{
    struct stat of_a, of_b;
    const char *name_a = path_name(a), *name_b = path_name(b);
    if (!look_at(a, name_a, &of_a) || !look_at(b, name_b, &of_b) || of_a.st_dev != of_b.st_dev ||
        of_a.st_ino != of_b.st_ino)
        return false;
    return !S_ISDIR(of_a.st_mode) || strcmp(name_a, name_b) == 0;
}

/* The end of the part of a line that two texts must share: all of it, or of `let NAME = VALUE;` all before the value,
 * since --set changes values only. */
static size_t part_to_compare(const char *line)
{
    size_t length = strcspn(line, "\n");
    const char *sign = strncmp(line, "let ", 4) == 0 ? memchr(line, '=', length) : NULL;
    return sign != NULL ? (size_t)(sign - line) : length;
}

/* Are two texts in canonical layout the same but for values of `let`? */
static bool same_text(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        size_t length = part_to_compare(a);
        if (length != part_to_compare(b) || memcmp(a, b, length) != 0)
            return false;
        a += strcspn(a, "\n");
        b += strcspn(b, "\n");
        a += *a == '\n';
        b += *b == '\n';
    }
    return *a == *b;
}

/* A model of another network is kept, and anything else that holds something is not replaced without --force. */
static int look_at_old(const session *s, training_job *training)
{
    struct stat facts;
    br_error error;
    br_model_file *old;
    const char *path = training->model, *text = bl_source_text(s->source.context);
    if (text == NULL)
        return fail_memory(s->cli);
    if (cli_has(s->cli, OPTION_force) || stat(path, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0)
        return STATUS_DONE; /* nothing to lose, or br_atomic_open says why it can't be replaced */
    if (br_model_open(path, &old, &error) != 0)
        return error.kind == BR_ERROR_FAULT ? fail_with(s->cli, &error)
                                            : fail(s->cli, STATUS_IO,
                                                   "%s exists and can't be read as a trained model, so it is not "
                                                   "overwritten; name another file with -o, or add --force",
                                                   path);
    const br_file_facts *theirs = br_model_facts(old);
    training->keeps_old = strcmp(theirs->network, s->source.program->name) != 0 || !same_text(theirs->source, text);
    if (training->keeps_old)
        say(s->cli, MESSAGE_NOTE,
            "%s holds the model of another text, which is kept as %s~ when the new one is written; --force overwrites "
            "it",
            path, path);
    br_model_close(old);
    return STATUS_DONE;
}

/* ---- the trial ---- */

static int try_path(const command_line *cli, const char *path)
{
    br_atomic_file *file;
    br_error error;
    if (br_atomic_open(path, &file, &error) != 0)
        return fail_with(cli, &error);
    br_atomic_discard(file);
    return STATUS_DONE;
}

/* Lines of metrics begin with a brace, and a table of them with its header. Anything else may be a file of data, named
 * by mistake. */
static bool holds_something_else(const char *path)
{
    struct stat facts;
    if (stat(path, &facts) != 0 || !S_ISREG(facts.st_mode))
        return false;
    FILE *file = fopen(path, "rb");
    char head[sizeof METRICS_HEADER] = "";
    size_t got = file != NULL ? fread(head, 1, sizeof head - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    return got > 0 && (metrics_are_csv(path) ? strcmp(head, METRICS_HEADER) != 0 : head[0] != '{');
}

/* --metrics is opened, and an old file emptied, only when training begins. */
static int check_metrics(const session *s, const training_job *training, const char *record)
{
    const char *path = cli_text(s->cli, OPTION_metrics);
    if (path == NULL || strcmp(path, "-") == 0)
        return STATUS_DONE;
    const struct {
        const char *path, *what;
    } others[] = {{s->source.path, "the network's text"},
                  {training->model, "the model"},
                  {training->checkpoint, "the checkpoint"},
                  {record, "the record of the run"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (same_file(path, others[i].path))
            return fail(s->cli, STATUS_USAGE, "--metrics %s: this would replace %s; name another file", path,
                        others[i].what);
    if (!cli_has(s->cli, OPTION_force) && holds_something_else(path))
        return fail(s->cli, STATUS_IO,
                    "--metrics %s: the file exists and holds no metrics, so it is not overwritten; name another file, "
                    "or add --force",
                    path);
    return STATUS_DONE;
}

/* --report must not replace another file of the training. */
static int check_report(const session *s, const training_job *training, const char *record)
{
    const char *path = cli_text(s->cli, OPTION_train_report), *metrics = cli_text(s->cli, OPTION_metrics);
    const char *const others[] = {s->source.path, training->model, training->checkpoint, record, metrics};
    if (path == NULL)
        return STATUS_DONE;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] != NULL && same_file(path, others[i]))
            return fail(s->cli, STATUS_USAGE, "--report %s: this would replace %s; name another file", path, others[i]);
    return try_path(s->cli, path);
}

int training_try_paths(const session *s, training_job *training)
{
    const char *path = training->model;
    if (same_file(path, s->source.path))
        return fail(s->cli, STATUS_USAGE, "-o %s: this would replace the network's text; name another file", path);
    char *record = training_path(s->cli, path, ".run.json");
    int status = record == NULL ? STATUS_FAULT : look_at_old(s, training);
    if (status == STATUS_DONE)
        status = try_path(s->cli, path);
    if (status == STATUS_DONE)
        status = try_path(s->cli, training->checkpoint);
    if (status == STATUS_DONE)
        status = try_path(s->cli, record);
    if (status == STATUS_DONE)
        status = check_metrics(s, training, record);
    if (status == STATUS_DONE)
        status = check_report(s, training, record);
    free(record);
    return status;
}

/* ---- the model ---- */

void training_position(const br_schedule *schedule, uint64_t ended, br_file_facts *facts)
{
    facts->phase = 0;
    while (facts->phase + 1 < schedule->phase_count && ended > progress_epochs(&schedule->phases[facts->phase]))
        ended -= progress_epochs(&schedule->phases[facts->phase++]);
    facts->epoch = (uint32_t)ended;
}

int training_complete_facts(const session *s, const training_job *training, br_file_facts *out)
{
    br_error error;
    char *history, *lines = lines_text(s->cli, &s->source);
    *out = training->facts;
    out->lines = lines;
    out->history = NULL;
    if (lines == NULL)
        return STATUS_FAULT;
    if (br_history_write(training->history, false, &history, &error) != 0) {
        training_drop_facts(out);
        return fail_with(s->cli, &error);
    }
    out->history = history;
    training_position(&s->compiled.schedule, training->epochs_ended, out);
    return STATUS_DONE;
}

void training_drop_facts(br_file_facts *facts)
{
    free((char *)facts->lines);
    free((char *)facts->history);
    facts->lines = facts->history = NULL;
}

int training_write_model(const session *s, const training_job *training, bool try_only)
{
    br_error error;
    br_file_facts facts;
    int status = training_complete_facts(s, training, &facts);
    if (status != STATUS_DONE)
        return status;
    unsigned how = (training->keeps_old ? BR_WRITE_KEEP_OLD : 0) | (try_only ? BR_WRITE_TRY : 0);
    int written = br_model_write_as(training->model, s->compiled.network, &facts, how, &error);
    training_drop_facts(&facts);
    return written == 0 ? STATUS_DONE : fail_with(s->cli, &error);
}
