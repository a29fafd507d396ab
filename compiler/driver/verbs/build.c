/* bouton build: turns a trained model into a program, a library, or code.
 *
 *     model file -> session -> bc_artefact -> object -> link -> files, complete before any is renamed into place */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "options/paths.h"
#include "session/lines.h"
#include "session/scoring.h"
#include "session/session.h"
#include "session/unlit.h"
#include "show/firmware.h"
#include "show/numbers.h"
#include "show/progress.h"
#include "show/ticker.h"
#include "system/archive.h"
#include "system/link.h"
#include "system/outputs.h"
#include "verbs/build_firmware.h"
#include "verbs/build_source.h"
#include "verbs/verbs.h"

static const char *const endings[ARTEFACT_COUNT] = {
#define X(name, ending, summary) ending,
    ARTEFACTS(X)
#undef X
};

typedef struct build {
    const command_line *cli;
    session s;
    artefact_id emit;
    const char *target;
    bool wasm;
    bc_artefact *artefact; /* NULL: firmware or C source */
    bc_firmware *firmware; /* in place of the artefact, for a machine without an operating system */
    bc_source *source;     /* with an artefact of C source */
    bool bare;
    br_data *data;              /* only while it is asked */
    unlit_values unlit;         /* with --trim, or of firmware in 8 bits */
    quantised_result quantised; /* with --quantize */
    output_files outputs;
    char base[1024]; /* common to the names of all files */
} build;

/* ---- the request ---- */

static int check_asked(build *b)
{
    static const option_id small_only[] = {OPTION_trim, OPTION_learn, OPTION_optimise};
    const command_line *cli = b->cli;
    const char *out = cli_text(cli, OPTION_built_out);
    b->target = cli_text(cli, OPTION_target);
    b->bare = bc_target_is_bare(b->target);
    b->emit = (artefact_id)cli_word(cli, OPTION_emit, b->bare ? ARTEFACT_lib : ARTEFACT_exe);
    b->wasm = b->target != NULL && strcmp(b->target, "wasm32") == 0;
    if (source_asked(b->emit) && (b->target != NULL || cli_has(cli, OPTION_cpus)))
        return fail(cli, STATUS_USAGE, "--emit=%s: C source is for any processor; leave out --target and --cpu",
                    source_word(b->emit));
    for (size_t i = 0; i < sizeof small_only / sizeof *small_only; i++)
        if (!source_asked(b->emit) && !b->bare && cli_has(cli, small_only[i])) {
            const char *name = option_rows[small_only[i]].name;
            return fail(cli, STATUS_USAGE,
                        "--%s is for C source and for machines without an operating system; add --emit=c or a "
                        "--target, such as --target=thumbv7em, or leave --%s out",
                        name, name);
        }
    if (out != NULL && strlen(out) >= sizeof b->base - 16)
        return fail(cli, STATUS_USAGE, "-o %s: names no file; write FOLDER/NAME", out);
    if (b->bare && b->emit == ARTEFACT_exe)
        return fail(cli, STATUS_USAGE,
                    "--target=%s: a machine without an operating system runs no program of bouton; use "
                    "--emit=lib, and link it to your firmware",
                    b->target);
    if (b->wasm && b->emit == ARTEFACT_exe)
        return fail(cli, STATUS_USAGE,
                    "--target=wasm32: a module has no main function that reads files; use --emit=lib or --emit=obj");
    if (!b->bare && cli_has(cli, OPTION_budget))
        return fail(
            cli, STATUS_USAGE,
            "--budget is for machines without an operating system; add --target, such as --target=thumbv7em, or "
            "leave --budget out");
    return STATUS_DONE;
}

/* A model whose training was stopped early is built only with --unfinished. */
static int check_finished(const build *b)
{
    const session *s = &b->s;
    if (cli_has(b->cli, OPTION_unfinished) || s->compiled.schedule.phase_count == 0)
        return STATUS_DONE;
    const br_phase *last = &s->compiled.schedule.phases[s->compiled.schedule.phase_count - 1];
    if (s->source.facts->phase + 1 >= s->compiled.schedule.phase_count &&
        s->source.facts->epoch >= progress_epochs(last))
        return STATUS_DONE;
    return fail(
        b->cli, STATUS_FAILED,
        "%s: training was stopped in phase %s after %u epoch%s; finish the training, or build the model as it is "
        "with --unfinished",
        s->source.path,
        s->source.facts->phase < s->compiled.schedule.phase_count
            ? s->compiled.schedule.phases[s->source.facts->phase].name
            : "-",
        s->source.facts->epoch, s->source.facts->epoch == 1 ? "" : "s");
}

/* ---- the code ---- */

/* Calibrates int8 or int4, and scores it and floats on the validation samples; if there are none, on the test samples. */
static int quantise(build *b, uint32_t bits)
{
    session *s = &b->s;
    bt_split split = br_data_split(b->data, BT_SPLIT_VALIDATION)->count > 0 ? BT_SPLIT_VALIDATION : BT_SPLIT_TEST;
    int status = quantised_score(s, b->data, split, session_threads(s), bits, &b->quantised);
    if (status != STATUS_DONE)
        return status;
    fprintf(cli_out(b->cli), "accuracy on %s: %.2f%% in floats, %.2f%% in int%u\n", bt_split_word(split),
            100 * b->quantised.floats.accuracy, 100 * b->quantised.score.accuracy, bits);
    return quantised_check(s, &b->quantised, split);
}

/* What --trim learns from the data, and tells. */
static int find_unlit(build *b)
{
    int status = unlit_find(b->cli, b->data, &b->unlit);
    if (status == STATUS_DONE)
        fprintf(cli_out(b->cli), "%llu of %llu values of the input are 0 in every training and validation sample\n",
                (unsigned long long)b->unlit.unlit, (unsigned long long)b->unlit.values);
    return status;
}

/* What --quantize and --trim learn from the data. */
static int ask_data(build *b)
{
    bool quantises = cli_has(b->cli, OPTION_quantize), trims = cli_has(b->cli, OPTION_trim);
    int status = quantises || trims ? session_data(&b->s, &b->data) : STATUS_DONE;
    if (status == STATUS_DONE && trims)
        status = find_unlit(b);
    if (status == STATUS_DONE && quantises)
        status = quantise(b, chosen_bits(b->cli));
    br_data_free(b->data);
    b->data = NULL;
    return status;
}

/* For firmware; the data are kept for quantise_firmware. */
static int trim_firmware(build *b)
{
    if (!cli_has(b->cli, OPTION_trim))
        return STATUS_DONE;
    int status = session_data(&b->s, &b->data);
    return status == STATUS_DONE ? find_unlit(b) : status;
}

/* For the forms of firmware that are in 8 bits, and for those in 4, which need the data again. */
static int quantise_firmware(void *user, uint32_t bits, const br_quantised **out)
{
    build *b = user;
    quantised_free(&b->quantised);
    b->quantised = (quantised_result){0};
    int status = b->data != NULL ? STATUS_DONE : session_data(&b->s, &b->data);
    if (status == STATUS_DONE)
        status = quantise(b, bits);
    if (status == STATUS_DONE && b->unlit.lit == NULL)
        status = unlit_find(b->cli, b->data, &b->unlit);
    *out = b->quantised.network;
    return status;
}

static int make_firmware(build *b)
{
    int status = trim_firmware(b);
    const firmware_job job = {
        .s = &b->s, .target = b->target, .lit = b->unlit.lit, .quantise = quantise_firmware, .user = b};
    return status == STATUS_DONE ? firmware_build(&job, &b->firmware) : status;
}

static int make_artefact(build *b)
{
    session *s = &b->s;
    br_error error;
    if (lines_find(s->cli, &s->source, &s->compiled.lines) != STATUS_DONE)
        return STATUS_FAULT;
    if (b->bare)
        return make_firmware(b);
    int status = ask_data(b);
    if (status != STATUS_DONE)
        return status;
    bc_artefact_options options = {.target = b->target,
                                   .cpus = cli_text(b->cli, OPTION_cpus),
                                   .program = b->emit == ARTEFACT_exe,
                                   .schema = s->source.schema,
                                   .model = br_model_hash(s->source.file),
                                   .lines = s->compiled.lines.all,
                                   .quantised = b->quantised.network,
                                   .level = BC_OPTIONS_DEFAULT.level,
                                   .lit = b->unlit.lit,
                                   .learn = cli_text(b->cli, OPTION_learn),
                                   .speed = cli_word(b->cli, OPTION_optimise, OPTIMISE_size) == OPTIMISE_speed};
    bc_lower_range(s->source.program, &options.low, &options.high);
    ticker *t = ticker_begin(b->cli, "planning the artefact");
    int made = source_asked(b->emit)
                   ? bc_source_new(s->source.program, s->compiled.network, &options, &b->source, &error)
                   : bc_artefact_new(s->source.program, s->compiled.network, s->compiled.encoder, &options,
                                     &b->artefact, &error);
    ticker_end(t);
    return made != 0 ? fail_with(b->cli, &error) : STATUS_DONE;
}

static void say_layer(const bc_layer_facts *f, FILE *to)
{
    number_buffer silent, connections, dropped, rows, saved, whole;
    if (f->connections == 0)
        return;
    fprintf(to, "layer %s: %s of %s connections are silent for every input; ", f->name,
            number_grouped(silent, f->silent), number_grouped(connections, f->connections));
    if (f->listed)
        fputs("the others are listed one by one", to);
    else
        fprintf(to, "%s of %s rows are left out", number_grouped(dropped, f->dropped), number_grouped(rows, f->rows));
    uint64_t less = f->bytes_whole > f->bytes ? f->bytes_whole - f->bytes : 0;
    fprintf(to, "; %s of %s bytes saved", number_grouped(saved, less), number_grouped(whole, f->bytes_whole));
    if (f->never_fires > 0)
        fprintf(to, "; %llu of %llu neurons never fire", (unsigned long long)f->never_fires,
                (unsigned long long)f->neurons);
    fputc('\n', to);
}

static void say_more(const build *b)
{
    if (b->firmware != NULL) {
        firmware_show(bc_firmware_facts_of(b->firmware), cli_text(b->cli, OPTION_learn), cli_out(b->cli));
        if (b->unlit.lit != NULL && !cli_has(b->cli, OPTION_trim)) /* which has told it */
            firmware_show_unlit(b->unlit.unlit, b->unlit.values, b->unlit.samples, cli_out(b->cli));
        return;
    }
    const bc_artefact_facts *f = b->source ? bc_source_facts(b->source) : bc_artefact_facts_of(b->artefact);
    number_buffer scratch, constants;
    FILE *to = cli_out(b->cli);
    fprintf(to, "compiled for %s (%s): %s bytes of bounds, %s bytes of workspace per sample%s\n", f->cpus, f->triple,
            number_grouped(constants, f->constant_bytes), number_grouped(scratch, f->scratch_bytes),
            f->on_stack ? ", on the stack if the caller gives none" : "");
    if (f->state_bytes > 0)
        firmware_show_learners(cli_text(b->cli, OPTION_learn), f->state_bytes, to);
    for (uint32_t i = 0; i < f->layer_count; i++)
        say_layer(&f->layers[i], to);
}

/* ---- files ---- */

/* The path of a file with this prefix and suffix: FOLDER/prefixBASEsuffix. */
static const char *path_of(const build *b, const char *prefix, const char *ending, char out[PATH_MAX])
{
    const char *name = path_name(b->base);
    snprintf(out, PATH_MAX, "%.*s%s%s%s", (int)(name - b->base), b->base, prefix, name, ending);
    return out;
}

static int write_bytes(build *b, const char *path, const char *bytes, size_t size, bool runs)
{
    FILE *to = outputs_open(&b->outputs, path, runs);
    if (to == NULL)
        return STATUS_IO;
    fwrite(bytes, 1, size, to); /* outputs_commit checks for write errors */
    return STATUS_DONE;
}

static int write_header(build *b, const char *path)
{
    FILE *to = outputs_open(&b->outputs, path, false);
    if (to == NULL)
        return STATUS_IO;
    if (b->firmware != NULL)
        bc_firmware_header(b->firmware, to);
    else
        bc_artefact_header(b->artefact, to);
    return STATUS_DONE;
}

/* The folder may have a blank in its name. pkgconf escapes ${pcfiledir} itself and strips the quotes of a variable;
 * pkg-config does neither, and reads the quotes where the variable is used. */
static int write_pkg_config(build *b, const char *path)
{
    FILE *to = outputs_open(&b->outputs, path, false);
    if (to == NULL)
        return STATUS_IO;
    fprintf(to,
            "here=\"${pcfiledir}\"\n\nName: %s\nDescription: network %s, built by bouton\nVersion: %s\n"
            "Cflags: -I${here}\nLibs: -L${here} -l%s\n",
            path_name(b->base), b->s.source.program->name, BR_VERSION, path_name(b->base));
    return STATUS_DONE;
}

static int code(build *b, bc_code_format format, const char **bytes, size_t *size)
{
    br_error error;
    ticker *t = ticker_begin(b->cli, "compiling the artefact");
    int made = b->firmware != NULL ? bc_firmware_code(b->firmware, format, bytes, size, &error)
                                   : bc_artefact_code(b->artefact, format, bytes, size, &error);
    ticker_end(t);
    return made != 0 ? fail_with(b->cli, &error) : STATUS_DONE;
}

static int write_linked(build *b, link_kind kind, const char *object, size_t size, const char *path)
{
    link_job job = {.kind = kind,
                    .name = path_name(path),
                    .target = b->target,
                    .foreign = bc_artefact_facts_of(b->artefact)->foreign,
                    .object = object,
                    .object_size = size,
                    .symbols = bc_artefact_symbols(b->artefact)};
    char *linked;
    int status = link_object(b->cli, &job, &linked, &size);
    if (status != STATUS_DONE)
        return status;
    status = write_bytes(b, path, linked, size, kind != LINK_WASM);
    free(linked);
    return status;
}

static int write_library(build *b, const char *object, size_t size)
{
    char path[PATH_MAX];
    int status = STATUS_DONE;
    if (b->wasm)
        return write_linked(b, LINK_WASM, object, size, path_of(b, "", ".wasm", path));
    if (!b->bare)
        status = write_linked(b, LINK_SHARED, object, size, path_of(b, "lib", ".so", path));
    if (status != STATUS_DONE)
        return status;
    FILE *archive = outputs_open(&b->outputs, path_of(b, "lib", ".a", path), false);
    if (archive == NULL)
        return STATUS_IO;
    archive_write(archive, b->bare ? bc_firmware_symbols(b->firmware) : bc_artefact_symbols(b->artefact), object, size);
    return b->bare ? STATUS_DONE : write_pkg_config(b, path_of(b, "", ".pc", path));
}

static int write_all(build *b)
{
    static const bc_code_format forms[ARTEFACT_COUNT] = {
        [ARTEFACT_exe] = BC_OBJECT,   [ARTEFACT_lib] = BC_OBJECT, [ARTEFACT_obj] = BC_OBJECT,
        [ARTEFACT_asm] = BC_ASSEMBLY, [ARTEFACT_llvm] = BC_LLVM,  [ARTEFACT_bitcode] = BC_BITCODE};
    const char *given = cli_text(b->cli, OPTION_built_out), *bytes;
    char path[PATH_MAX];
    size_t size;
    snprintf(b->base, sizeof b->base, "%s", given != NULL ? given : b->s.source.program->name);
    path_of(b, "", given != NULL ? "" : endings[b->emit], path);
    if (b->source)
        return source_write(b->source, b->emit, b->base, &b->outputs);
    if (b->emit == ARTEFACT_header)
        return write_header(b, path);
    int status = code(b, forms[b->emit], &bytes, &size);
    if (status != STATUS_DONE)
        return status;
    if (b->emit == ARTEFACT_exe)
        return write_linked(b, LINK_PROGRAM, bytes, size, path);
    if (b->emit != ARTEFACT_lib)
        return write_bytes(b, path, bytes, size, false);
    status = write_library(b, bytes, size);
    return status == STATUS_DONE ? write_header(b, path_of(b, "", ".h", path)) : status;
}

int verb_build(const command_line *cli)
{
    build b = {.cli = cli, .outputs = {.cli = cli}};
    int status = check_asked(&b);
    if (status == STATUS_DONE)
        status = session_open_model(&b.s, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = check_finished(&b);
    if (status == STATUS_DONE)
        status = make_artefact(&b);
    if (status == STATUS_DONE)
        status = write_all(&b);
    if (status == STATUS_DONE)
        status = outputs_commit(&b.outputs);
    outputs_discard(&b.outputs);
    if (status == STATUS_DONE && cli_has(cli, OPTION_build_verbose))
        say_more(&b);
    bc_artefact_free(b.artefact);
    bc_firmware_free(b.firmware);
    bc_source_free(b.source);
    quantised_free(&b.quantised);
    br_data_free(b.data);
    free(b.unlit.lit);
    session_close(&b.s);
    return status;
}
