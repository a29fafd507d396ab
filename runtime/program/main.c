/* The main function of a program made by `bouton build`. It reads samples and prints results as `bouton predict` does,
 * and computes them with the code it is linked with. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "bouton/program.h"
#include "bouton/runtime.h"
#include "program/without.h"

static const br_program *const program = &bouton_program;

static int fail(br_error_kind kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(br_error_kind kind, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("error: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    return (int)kind;
}

static int fail_with(const br_error *error)
{
    return fail(error->kind, "%s", error->message);
}

static void help(FILE *to)
{
    fprintf(to,
            "usage: %s [--csv | --json] [--label COLUMN] INPUT...\n\n"
            "Labels pictures (" BR_PNG_WORD BR_JPEG_WORD BR_WEBP_WORD BR_GIF_WORD
            "BMP, PGM, PPM) and samples (IDX, NPY, " BR_ZIP_WORD "CSV); - is standard input.\n\n"
            "  --csv                          print the result as CSV\n"
            "  --json                         print the result as JSON\n"
            "  --label first|last|none|NAME   the column of a table that holds labels (default: as in training)\n"
            "  -h, --help                     show this help\n"
            "  --version                      show what this program was built from\n",
            program->name);
}

/* How files are read, the buffers for one sample, and the destination of the results. */
typedef struct run {
    br_reading reading;
    br_schema *schema; /* NULL: none */
    br_told *told;     /* notes that were printed */
    float *values, *probabilities, *levels;
    void *scratch;
    br_answers answers;
} run;

static int read_schema(run *r, const char *label)
{
    br_error error;
    if (program->schema != NULL && br_schema_read(program->schema, &r->schema, &error) != 0)
        return fail_with(&error);
    r->reading = (br_reading){.shape = {program->height, program->width, program->channels},
                              .range = {program->low, program->high},
                              .schema = r->schema,
                              .label_given = label != NULL};
    if (label != NULL && (!bt_label_of(label, &r->reading.label) || r->reading.label == BT_LABEL_NAMED)) {
        r->reading.label = BT_LABEL_NAMED;
        r->reading.label_name = label;
    }
    return 0;
}

static void print_notes(run *r, const char *path, const br_data *data)
{
    const br_note *notes;
    uint32_t count = br_data_notes(data, &notes);
    for (uint32_t i = 0; i < count; i++)
        if (br_note_first(&r->told, path, &notes[i]))
            fprintf(stderr, "%s: %s\n", notes[i].warning ? "warning" : "note", notes[i].text);
}

static const float *values_of(const br_samples *samples, uint64_t index, float *room)
{
    uint64_t count = bt_values(samples->shape);
    if (samples->floats != NULL)
        return samples->floats + index * count;
    for (uint64_t i = 0; i < count; i++)
        room[i] = samples->bytes[index * count + i];
    return room;
}

static int answer_file(run *r, const char *input)
{
    br_data *data;
    br_error error;
    const char *path = strcmp(input, "-") == 0 ? "/dev/stdin" : input;
    if (br_inputs_load(path, &r->reading, &data, &error) != 0)
        return fail_with(&error);
    print_notes(r, path, data);
    const br_samples *samples = br_data_split(data, BT_SPLIT_TEST);
    for (uint64_t i = 0; i < samples->count; i++) {
        br_answered answer = {.input = input,
                              .index = samples->count > 1 ? (int64_t)i : -1,
                              .probabilities = r->probabilities,
                              .levels = r->levels};
        answer.label = program->answer(values_of(samples, i, r->values), r->probabilities, r->levels, r->scratch);
        br_answers_print(&r->answers, &answer);
    }
    br_data_free(data);
    return 0;
}

static int take_memory(run *r)
{
    br_error error;
    r->values = br_new((uint64_t)program->height * program->width * program->channels, sizeof(float), &error);
    r->probabilities = r->values != NULL ? br_new(program->labels, sizeof(float), &error) : NULL;
    r->levels = r->probabilities != NULL ? br_new(program->labels, sizeof(float), &error) : NULL;
    r->scratch = r->levels != NULL ? br_new(program->scratch_bytes, 1, &error) : NULL;
    return r->scratch != NULL ? 0 : fail_with(&error);
}

/* A folder stands for its pictures. One that can't be answered is named, and makes the exit status 1; only a fault of
 * the program itself is graver. */
static int answer_folder(run *r, const char *folder)
{
    br_files files;
    br_error error;
    int status = 0;
    if (br_files_find(folder, &files, &error) != 0)
        return fail_with(&error);
    if (files.others > 0)
        fprintf(stderr, "note: %s: %llu %s left out\n", folder, (unsigned long long)files.others,
                files.others == 1 ? "entry is no picture and is" : "entries are no pictures and are");
    for (uint64_t i = 0; i < files.count && status != BR_ERROR_FAULT; i++) {
        int answered = answer_file(r, files.list[i]);
        if (answered != 0)
            status = answered == BR_ERROR_FAULT ? BR_ERROR_FAULT : BR_ERROR_CHECK;
    }
    br_files_free(&files);
    return status;
}

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* An input that fails does not stop the others. The exit status is that of the most serious failure. */
static int answer_all(br_answer_format form, const char *label, int count, char **inputs)
{
    run r = {0};
    int gravest = read_schema(&r, label);
    if (gravest == 0)
        gravest = take_memory(&r);
    if (gravest == 0) {
        r.answers = br_answers_begin(form, program->labels, r.schema, stdout);
        for (int i = 0; i < count; i++) {
            int status = is_folder(inputs[i]) ? answer_folder(&r, inputs[i]) : answer_file(&r, inputs[i]);
            gravest = status > gravest ? status : gravest;
        }
        br_answers_end(&r.answers);
    }
    br_schema_free(r.schema);
    br_told_free(r.told);
    br_release(r.values);
    br_release(r.probabilities);
    br_release(r.levels);
    br_release(r.scratch);
    return gravest;
}

static int finish(int status)
{
    errno = 0;
    bool lost = fflush(stdout) != 0 || ferror(stdout) != 0;
    if (!lost || status != 0)
        return status;
    if (errno == EPIPE) /* the reader closed the pipe early, on purpose */
        return BR_ERROR_IO;
    return fail(BR_ERROR_IO, "Standard output: %s; the result is incomplete",
                errno != 0 ? strerror(errno) : "a write failed");
}

/* Whether the code fits this main function, and this processor fits the code. */
static int check_program(void)
{
    if (program->interface != BR_INTERFACE_VERSION)
        return fail(BR_ERROR_CHECK,
                    "this program's code has interface version %u, its main function %u; build it again",
                    program->interface, BR_INTERFACE_VERSION);
    if (!program->runs_here())
        return fail(BR_ERROR_CHECK,
                    "this processor lacks what the program was built for (%s); build it with --cpu=generic",
                    program->about);
    return 0;
}

int main(int argc, char **argv)
{
    br_answer_format form = BR_ANSWERS_TEXT;
    const char *label = NULL;
    int count = 0, status = check_program();
    bool options = true;
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i < argc && status == 0; i++) {
        const char *word = argv[i];
        bool option = options && word[0] == '-' && word[1] != '\0';
        if (!option) {
            argv[count++] = argv[i];
        } else if (strcmp(word, "--") == 0) {
            options = false;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            help(stdout);
            return finish(0);
        } else if (strcmp(word, "--version") == 0) {
            puts(program->about);
            return finish(0);
        } else if (strncmp(word, "--label", 7) == 0 && (word[7] == '=' || word[7] == '\0')) {
            label = word[7] == '=' ? word + 8 : i + 1 < argc ? argv[++i] : "";
            if (*label == '\0')
                status = fail(BR_ERROR_USAGE, "--label needs an argument: --label first|last|none|NAME");
        } else if (strcmp(word, "--csv") == 0 || strcmp(word, "--json") == 0) {
            br_answer_format wanted = word[2] == 'c' ? BR_ANSWERS_CSV : BR_ANSWERS_JSON;
            if (form != BR_ANSWERS_TEXT && form != wanted)
                status = fail(BR_ERROR_USAGE, "--json and --csv exclude each other; leave one out");
            form = wanted;
        } else {
            status = fail(BR_ERROR_USAGE, "no option %s; --help lists them", word);
        }
    }
    if (status == 0 && count == 0)
        status = fail(BR_ERROR_USAGE, "no input; name at least one file, or --help");
    return finish(status == 0 ? answer_all(form, label, count, argv) : status);
}
