#include "session/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A .safetensors file starts with the length of its header, in 8 bytes little-endian, followed by the header's '{'.
 * A text can't look like this: its first eight characters would give a length above every limit. */
enum { HEAD_BYTES = 9 };

static bool seems_trained(const unsigned char *head)
{
    return head[8] == '{' && head[7] == 0 && head[6] == 0;
}

static bool is_standard_input(const char *path)
{
    static const char *const names[] = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(path, names[i]) == 0)
            return true;
    return false;
}

static bool is_held(const command_line *cli, const char *path)
{
    return cli->host.held.name != NULL && strcmp(cli->host.held.name, path) == 0;
}

int source_read_once(const command_line *cli)
{
    const char *first = NULL;
    for (size_t i = 0; i < cli->operand_count; i++) {
        if (!is_standard_input(cli->operands[i]))
            continue;
        if (first != NULL)
            return fail(cli, STATUS_USAGE,
                        "%s and %s: standard input can be read only once; name a file instead of one of them", first,
                        cli->operands[i]);
        first = cli->operands[i];
    }
    return STATUS_DONE;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static int inspect(const command_line *cli, const char *path, bool *trained, bool *piped)
{
    struct stat facts;
    unsigned char head[HEAD_BYTES];
    *trained = false;
    *piped = true;
    if (is_standard_input(path) || is_held(cli, path))
        return STATUS_DONE;
    if (stat(path, &facts) != 0)
        return fail(cli, STATUS_IO, "%s: %s", path, errno == ENOENT ? "no such file" : strerror(errno));
    if (S_ISDIR(facts.st_mode))
        return fail(cli, STATUS_IO, "%s: a folder, not a file; name the file inside it", path);
    if (!S_ISREG(facts.st_mode))
        return STATUS_DONE;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return fail(cli, STATUS_IO, "%s: %s", path, strerror(errno));
    *trained =
        (fread(head, 1, sizeof head, file) == sizeof head && seems_trained(head)) || ends_with(path, ".safetensors");
    *piped = false;
    fclose(file);
    return STATUS_DONE;
}

int source_inspect(const command_line *cli, const char *path, bool *trained)
{
    bool piped;
    return inspect(cli, path, trained, &piped);
}

/* Loads a model and its text, from an open file or else by its path. */
static int load_model(const command_line *cli, network_source *source, FILE *from)
{
    br_error error;
    if ((from != NULL ? br_model_read(from, source->path, &source->file, &error)
                      : br_model_open(source->path, &source->file, &error)) != 0)
        return fail_with(cli, &error);
    source->facts = br_model_facts(source->file);
    if (source->facts->schema != NULL && br_schema_read(source->facts->schema, &source->schema, &error) != 0)
        return fail_with(cli, &error);
    int result = bl_load_text(source->context, source->path, source->facts->source, strlen(source->facts->source));
    return result == 0 || bl_error_count(source->context) > 0 ? STATUS_DONE : fail_memory(cli);
}

/* Applies --set NAME=VALUE before the text is read. Methods of layers are set later, when the layers are known. */
static int apply_settings(const command_line *cli, bl_context *context)
{
    for (size_t i = 0; i < cli->setting_count; i++) {
        const option_setting *setting = &cli->settings[i];
        if (setting->method != BC_METHOD_MEASURED)
            continue;
        char *name = text_copy(cli, setting->name, setting->name_length);
        if (name == NULL)
            return STATUS_FAULT;
        int result = bl_set(context, name, setting->value);
        free(name);
        if (result != 0)
            return fail_memory(cli);
    }
    return STATUS_DONE;
}

/* ---- standard input and other pipes: read once, then the content decides as for a file ---- */

#define TEXT_LIMIT  ((4u << 20) + 1) /* bytes: one more than a text may have, so that bl_load_text refuses it */
#define MODEL_LIMIT (8ull << 30)

/* Copies a pipe into a file in memory. A text is not read beyond its limit. */
static int copy_pipe(const command_line *cli, const char *path, FILE *from, FILE *to, bool *trained)
{
    char part[1 << 16];
    uint64_t size = 0;
    *trained = true;
    for (size_t got = 1; got > 0;) {
        errno = 0;
        got = fread(part, 1, sizeof part, from);
        if (ferror(from))
            return fail(cli, STATUS_IO, "%s: can't be read: %s", path, strerror(errno));
        if (size == 0)
            *trained = got >= HEAD_BYTES && seems_trained((const unsigned char *)part);
        if (fwrite(part, 1, got, to) != got)
            return fail(cli, STATUS_FAULT, "%s: no memory to hold what it sends; name a file instead", path);
        size += got;
        if (size > MODEL_LIMIT)
            return fail(cli, STATUS_IO, "%s: sends more than %llu GiB; name a file instead", path, MODEL_LIMIT >> 30);
        if (!*trained && size >= TEXT_LIMIT)
            break;
    }
    return fflush(to) == 0 ? STATUS_DONE : fail(cli, STATUS_FAULT, "%s: no memory to hold what it sends", path);
}

static int load_text(const command_line *cli, network_source *source, const char *text, size_t length)
{
    const char *name = is_standard_input(source->path) ? "<stdin>" : source->path;
    int result = bl_load_text(source->context, name, text, length);
    return result == 0 || bl_error_count(source->context) > 0 ? STATUS_DONE : fail_memory(cli);
}

static int load_copied_text(const command_line *cli, network_source *source, FILE *copy)
{
    long size = ftell(copy);
    char *text = size >= 0 ? allocate(cli, (size_t)size + 1, 1) : NULL;
    if (text == NULL)
        return STATUS_FAULT;
    rewind(copy);
    size_t length = fread(text, 1, (size_t)size, copy);
    int status = load_text(cli, source, text, length);
    free(text);
    return status;
}

/* A file in memory; NULL with an error printed if there is no room for it. */
static FILE *open_memory(const command_line *cli, const char *path)
{
    int memory = memfd_create("bouton", MFD_CLOEXEC);
    FILE *copy = memory >= 0 ? fdopen(memory, "w+b") : NULL;
    if (copy == NULL) {
        (void)fail(cli, STATUS_FAULT, "%s: no memory to hold what it sends: %s", path, strerror(errno));
        if (memory >= 0)
            close(memory);
    }
    return copy;
}

static int load_pipe(const command_line *cli, network_source *source)
{
    bool standard = is_standard_input(source->path), trained;
    FILE *copy = open_memory(cli, source->path);
    if (copy == NULL)
        return STATUS_FAULT;
    FILE *from = standard ? stdin : fopen(source->path, "rb");
    int status = from != NULL ? copy_pipe(cli, source->path, from, copy, &trained)
                              : fail(cli, STATUS_IO, "%s: %s", source->path, strerror(errno));
    if (from != NULL && !standard)
        fclose(from);
    if (status == STATUS_DONE)
        status = trained ? load_model(cli, source, copy) : load_copied_text(cli, source, copy);
    fclose(copy);
    return status;
}

FILE *source_hold(const command_line *cli, const held_file *held)
{
    FILE *copy = open_memory(cli, held->name);
    if (copy == NULL || (fwrite(held->bytes, 1, held->size, copy) == held->size && fflush(copy) == 0))
        return copy;
    (void)fail(cli, STATUS_FAULT, "%s: no memory to hold %zu bytes", held->name, held->size);
    fclose(copy);
    return NULL;
}

static int load_held(const command_line *cli, network_source *source)
{
    const held_file *held = &cli->host.held;
    if (held->size < HEAD_BYTES || !seems_trained(held->bytes))
        return load_text(cli, source, held->bytes, held->size);
    FILE *copy = source_hold(cli, held);
    if (copy == NULL)
        return STATUS_FAULT;
    int status = load_model(cli, source, copy);
    fclose(copy);
    return status;
}

int source_open(network_source *out, const command_line *cli, const char *path)
{
    bool trained, piped;
    *out = (network_source){.path = path};
    int status = source_read_once(cli);
    if (status == STATUS_DONE)
        status = inspect(cli, path, &trained, &piped);
    if (status != STATUS_DONE)
        return status;
    out->context = bl_context_new();
    if (out->context == NULL)
        return fail_memory(cli);
    status = apply_settings(cli, out->context);
    if (status != STATUS_DONE)
        return status;
    if (is_held(cli, path))
        return load_held(cli, out);
    if (piped)
        return load_pipe(cli, out);
    if (trained)
        return load_model(cli, out, NULL);
    return bl_load(out->context, path) == 0 || bl_error_count(out->context) > 0 ? STATUS_DONE : fail_memory(cli);
}

void source_close(network_source *source)
{
    br_schema_free(source->schema);
    br_model_close(source->file);
    bl_context_free(source->context);
    *source = (network_source){0};
}

void diagnostics_print(const command_line *cli, const bl_context *context, FILE *to)
{
    if (cli_word(cli, OPTION_diagnostics, REPORT_text) == REPORT_json)
        bl_write_diagnostics_json(context, to);
    else
        bl_write_diagnostics(context, to, cli->color);
}

/* The values of a sample that the columns of a table make. */
static uint64_t column_values(const br_schema *schema)
{
    uint64_t values = 0;
    for (uint32_t i = 0; i < schema->column_count; i++) {
        const br_column *column = &schema->columns[i];
        values += column->role == BT_ROLE_NUMBER ? 1 : column->role == BT_ROLE_CATEGORY ? column->word_count : 0;
    }
    return values;
}

/* A model's file may hold any schema, so its counts are compared with the network's. */
static int check_schema(const command_line *cli, const network_source *source)
{
    const br_schema *schema = source->schema;
    const bl_input *input = &source->program->input;
    uint64_t values = bl_sample_values(input);
    uint32_t classes = bl_last_layer(source->program)->neurons, ranges = schema->range_count;
    const char *wrong = NULL;
    if (schema->class_count != 0 && schema->class_count != classes)
        wrong = "names of classes";
    else if (schema->column_count > 0 && column_values(schema) != values)
        wrong = "columns";
    else if (schema->scaling == BT_SCALING_RANGE ? ranges != 0 : ranges != values && ranges != input->channels)
        wrong = "ranges of columns";
    if (wrong == NULL)
        return STATUS_DONE;
    return fail(cli, STATUS_IO, "%s: is damaged: its schema has too many or too few %s for its network; train it again",
                source->path, wrong);
}

int source_check(const command_line *cli, network_source *source)
{
    const char *network = cli_text(cli, OPTION_network);
    if (network == NULL && source->facts != NULL)
        network = source->facts->network;
    source->program = bl_check(source->context, network);
    /* For a text, notes are printed too: they tell which settings a rule overrides. A trained model passed this
     * check as a text. A host reads them from the context. */
    if (cli->host.told == NULL && ((source->facts == NULL && !source->quiet) || bl_error_count(source->context) > 0))
        diagnostics_print(cli, source->context, stderr);
    if (source->program == NULL)
        return bl_error_count(source->context) > 0 ? STATUS_FAILED : fail_memory(cli);
    uint64_t seed = source->facts != NULL ? source->facts->seed : source->program->seed;
    source->seed = cli_count(cli, OPTION_seed, seed);
    return source->schema != NULL ? check_schema(cli, source) : STATUS_DONE;
}
