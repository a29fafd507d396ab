#include "session/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A .safetensors file starts with the length of its header, in 8 bytes little-endian, followed by the header's '{'.
 * A text can't look like this: its first eight characters would give a length above every limit. */
static bool seems_trained(FILE *file)
{
    unsigned char head[9];
    if (fread(head, 1, sizeof head, file) != sizeof head)
        return false;
    return head[8] == '{' && head[7] == 0 && head[6] == 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

int source_inspect(const command_line *cli, const char *path, bool *trained)
{
    struct stat facts;
    *trained = false;
    if (strcmp(path, "-") == 0)
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
    *trained = seems_trained(file) || ends_with(path, ".safetensors");
    fclose(file);
    return STATUS_DONE;
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

static int load(const command_line *cli, network_source *source, bool trained)
{
    br_error error;
    int result;
    if (trained) {
        if (br_model_open(source->path, &source->file, &error) != 0)
            return fail_with(cli, &error);
        source->facts = br_model_facts(source->file);
        result = bl_load_text(source->context, source->path, source->facts->source, strlen(source->facts->source));
    } else {
        result = bl_load(source->context, source->path);
    }
    return result == 0 || bl_error_count(source->context) > 0 ? STATUS_DONE : fail_memory(cli);
}

int source_open(network_source *out, const command_line *cli, const char *path)
{
    bool trained;
    *out = (network_source){.path = path};
    int status = source_inspect(cli, path, &trained);
    if (status != STATUS_DONE)
        return status;
    out->context = bl_context_new();
    if (out->context == NULL)
        return fail_memory(cli);
    status = apply_settings(cli, out->context);
    return status == STATUS_DONE ? load(cli, out, trained) : status;
}

void source_close(network_source *source)
{
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

int source_check(const command_line *cli, network_source *source)
{
    const char *network = cli_text(cli, OPTION_network);
    if (network == NULL && source->facts != NULL)
        network = source->facts->network;
    source->program = bl_check(source->context, network);
    /* For a text, notes are printed too: they tell which settings a rule overrides. A trained model passed this
     * check as a text. */
    if (source->facts == NULL || bl_error_count(source->context) > 0)
        diagnostics_print(cli, source->context, stderr);
    if (source->program == NULL)
        return bl_error_count(source->context) > 0 ? STATUS_FAILED : fail_memory(cli);
    uint64_t seed = source->facts != NULL ? source->facts->seed : source->program->seed;
    source->seed = cli_count(cli, OPTION_seed, seed);
    return STATUS_DONE;
}
