#include "session/session.h"
#include "session/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "session/forms.h"

/* ---- opening ---- */

/* A .safetensors file starts with its header's length, 8 bytes little-endian, and the header with '{'. No text does:
 * its eight first characters would be a length beyond every limit. */
static bool looks_trained(FILE *file)
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

int session_look_at(const cli *cli, const char *path, bool *trained)
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
    *trained = looks_trained(file) || ends_with(path, ".safetensors");
    fclose(file);
    return STATUS_DONE;
}

/* --set NAME=VALUE, each before anything is read; forms of layers wait until there are any. */
static int apply_settings(session *session)
{
    const cli *cli = session->cli;
    for (size_t i = 0; i < cli->setting_count; i++) {
        const option_setting *setting = &cli->settings[i];
        if (setting->form != BC_FORM_MEASURED)
            continue;
        char *name = text_copy(cli, setting->name, setting->name_length);
        if (name == NULL)
            return STATUS_FAULT;
        int result = bl_set(session->context, name, setting->value);
        free(name);
        if (result != 0)
            return fail_memory(cli);
    }
    return STATUS_DONE;
}

static int load(session *session, bool trained)
{
    br_error error;
    int result;
    if (trained) {
        if (br_model_open(session->path, &session->file, &error) != 0)
            return fail_with(session->cli, &error);
        session->facts = br_model_facts(session->file);
        result = bl_load_text(session->context, session->path, session->facts->source, strlen(session->facts->source));
    } else {
        result = bl_load(session->context, session->path);
    }
    return result == 0 || bl_error_count(session->context) > 0 ? STATUS_DONE : fail_memory(session->cli);
}

int session_open(session *out, const cli *cli, const char *path)
{
    bool trained;
    *out = (session){.cli = cli, .path = path};
    int status = session_look_at(cli, path, &trained);
    if (status != STATUS_DONE)
        return status;
    out->context = bl_context_new();
    if (out->context == NULL)
        return fail_memory(cli);
    status = apply_settings(out);
    return status == STATUS_DONE ? load(out, trained) : status;
}

void session_close(session *session)
{
    if (session->code != NULL && cli_has(session->cli, OPTION_debug))
        (void)lines_map(session); /* with what was compiled since */
    lines_drop(session);
    session_data_drop(session);
    br_network_free(session->network);
    br_encoder_free(session->encoder);
    bc_code_free(session->code);
    if (session->scheduled)
        bc_lowered_schedule_free(&session->schedule);
    br_model_close(session->file);
    free(session->forms);
    bl_context_free(session->context);
    *session = (struct session){0};
}

/* ---- checking and compiling ---- */

void session_tell(const session *session, FILE *to)
{
    if (cli_word(session->cli, OPTION_diagnostics, REPORT_text) == REPORT_json)
        bl_write_diagnostics_json(session->context, to);
    else
        bl_write_diagnostics(session->context, to, session->cli->color);
}

int session_check(session *session)
{
    const cli *cli = session->cli;
    const char *network = cli_text(cli, OPTION_network);
    if (network == NULL && session->facts != NULL)
        network = session->facts->network;
    session->program = bl_check(session->context, network);
    /* Notes too, where a text is read: what a rule overrides should not be a surprise. A model was a text once. */
    if (session->facts == NULL || bl_error_count(session->context) > 0)
        session_tell(session, stderr);
    if (session->program == NULL)
        return bl_error_count(session->context) > 0 ? STATUS_FAILED : fail_memory(cli);
    uint64_t seed = session->facts != NULL ? session->facts->seed : session->program->seed;
    session->seed = cli_count(cli, OPTION_seed, seed);
    return forms_resolve(session);
}

bc_options session_options(const session *session)
{
    bc_options options = BC_OPTIONS_DEFAULT;
    if (cli_has(session->cli, OPTION_cpu))
        options.cpu = cli_text(session->cli, OPTION_cpu);
    options.quantise = cli_has(session->cli, OPTION_quantize);
    options.forms = session->forms;
    options.answers = session->answers;
    options.check = cli_has(session->cli, OPTION_check_ranges);
    options.lines = session->lines;
    return options;
}

/* What encodings learned is as much a part of the model as its bounds: missing or superfluous numbers are refused. */
static int restore_encoder(session *session)
{
    br_error error;
    const br_file_facts *facts = session->facts;
    if (bc_lower_encoder(session->program, &session->encoder, &error) != 0)
        return fail_with(session->cli, &error);
    if (br_encoder_restore(session->encoder, facts->encoder, facts->encoder_count, &error) != 0)
        return fail(session->cli, (status)error.kind, "%s: %s", session->path, error.message);
    return STATUS_DONE;
}

int session_compile(session *session)
{
    br_error error;
    bool debug = cli_has(session->cli, OPTION_debug);
    if (debug && lines_find(session) != STATUS_DONE)
        return STATUS_FAULT;
    bc_options options = session_options(session);
    if (bc_lower_schedule(session->program, &session->schedule, &error) != 0)
        return fail_with(session->cli, &error);
    session->scheduled = true;
    session->schedule.seed = session->seed;
    if (bc_compile(session->program, &options, &session->code, &error) != 0 ||
        br_network_new(bc_code_model(session->code), &session->network, &error) != 0)
        return fail_with(session->cli, &error);
    if (debug && lines_map(session) != STATUS_DONE)
        return STATUS_IO;
    int status = session->file == NULL
                     ? br_network_start(session->network, session->schedule.starts, session->seed, &error)
                     : br_model_restore(session->file, session->network, &error);
    if (status != 0)
        return fail_with(session->cli, &error);
    return session->file == NULL ? STATUS_DONE : restore_encoder(session);
}

int session_open_model(session *out, const cli *cli, const char *path)
{
    int status = session_open(out, cli, path);
    if (status == STATUS_DONE && out->file == NULL)
        status = fail(cli, STATUS_USAGE, "%s: a network's text, not a trained model; run 'bouton train %s' first", path,
                      path);
    if (status == STATUS_DONE)
        status = session_check(out);
    out->answers = true; /* these verbs ask a model, none teaches it */
    return status == STATUS_DONE ? session_compile(out) : status;
}

uint32_t session_threads(const session *session)
{
    return (uint32_t)cli_count(session->cli, OPTION_threads, 0);
}
