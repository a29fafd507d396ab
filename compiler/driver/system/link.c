#include "system/link.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options/console.h"
#include "show/ticker.h"
#include "system/cross.h"
#include "system/interrupt.h"
#include "system/own_file.h"
#include "system/tool.h"

enum { WORDS_MOST = 64 };

/* The state of one link: its temporary folder and its command line. */
typedef struct link_state {
    const command_line *cli;
    const link_job *job;
    char folder[PATH_MAX - 64]; /* empty: not created */
    char object[PATH_MAX], output[PATH_MAX], messages[PATH_MAX], units[PATH_MAX], soname[PATH_MAX];
    char tool[PATH_MAX], archive[PATH_MAX], response[PATH_MAX + 1];
    cross_compiler cross;
    char start_files[3][PATH_MAX];
    char exports[16][320];
    const char *words[WORDS_MOST];
    int word_count;
} link_state;

/* ---- finding things ---- */

static int find_archive(link_state *state)
{
    if (own_file("libbouton_program.a", state->archive, sizeof state->archive))
        return STATUS_DONE;
    return fail(
        state->cli, STATUS_IO,
        "libbouton_program.a, which every program needs, is neither next to bouton nor in " BOUTON_ARCHIVE_FOLDER
        "; reinstall bouton, or use --emit=lib");
}

/* ---- command lines ---- */

static void add(link_state *state, const char *word)
{
    if (state->word_count + 1 < WORDS_MOST)
        state->words[state->word_count++] = word;
    state->words[state->word_count] = NULL;
}

static void add_all(link_state *state, const char *const *words)
{
    for (; *words != NULL; words++)
        add(state, *words);
}

/* What libbouton_program.a needs. */
static const char *const libraries[] = {
#define X(name, header, package, without, unit) "-l" #name,
    PROGRAM_LIBRARIES(X)
#undef X
        "-lm",
    NULL,
};

static void add_libraries(link_state *state)
{
    add(state, state->archive);
    add(state, "--gc-sections");
    add(state, "--as-needed");
    add_all(state, libraries);
}

static void use_compiler(link_state *state)
{
    add(state, state->tool);
    add(state, "-o");
    add(state, state->output);
    if (state->job->kind == LINK_SHARED) {
        add(state, "-shared");
        snprintf(state->soname, sizeof state->soname, "-Wl,-soname,%s", state->job->name);
        add(state, state->soname);
        add(state, state->object);
        return;
    }
    add(state, state->object);
    add(state, state->archive);
    add(state, "-Wl,--gc-sections");
    add(state, "-Wl,--as-needed");
    add_all(state, libraries);
}

/* Without a C compiler, the C library's start files are searched for in the folders that Debian and other systems
 * use. */
static int find_start_files(link_state *state)
{
    static const char *const folders[] = {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64",
                                          "/usr/lib"};
    static const char *const names[] = {"Scrt1.o", "crti.o", "crtn.o"};
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
        size_t found = 0;
        for (; found < 3; found++) {
            snprintf(state->start_files[found], PATH_MAX, "%s/%s", folders[f], names[found]);
            if (access(state->start_files[found], R_OK) != 0)
                break;
        }
        if (found == 3)
            return (int)f;
    }
    return -1;
}

static int use_lld_program(link_state *state)
{
    static const char *const search[] = {"-L/usr/lib/x86_64-linux-gnu", "-L/usr/lib/aarch64-linux-gnu", "-L/usr/lib64",
                                         "-L/usr/lib"};
    static const char *const loaders[] = {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", NULL};
    int folder = find_start_files(state);
    if (folder < 0)
        return fail(state->cli, STATUS_IO,
                    "no C compiler (cc, gcc or clang) was found, nor a C library for lld; install gcc, or use "
                    "--emit=lib");
    const char *const *loader = loaders;
    while (*loader != NULL && access(*loader, R_OK) != 0)
        loader++;
    add(state, state->tool);
    add(state, "-pie");
    add(state, "-o");
    add(state, state->output);
    add(state, "-dynamic-linker");
    add(state, *loader != NULL ? *loader : loaders[0]);
    add(state, search[folder]);
    add(state, state->start_files[0]);
    add(state, state->start_files[1]);
    add(state, state->object);
    add_libraries(state);
    add(state, "-lc");
    add(state, state->start_files[2]);
    return STATUS_DONE;
}

static void use_lld_shared(link_state *state)
{
    add(state, state->tool);
    add(state, "-shared");
    add(state, "-soname");
    add(state, state->job->name);
    add(state, "-o");
    add(state, state->output);
    add(state, state->object);
}

/* A wasm module without an entry point; it exports its functions, its memory, and the start of free memory. */
static void use_wasm(link_state *state)
{
    static const char *const options[] = {"--no-entry", "--export=__heap_base", "-z", "stack-size=1048576", NULL};
    add(state, state->tool);
    add_all(state, options);
    for (size_t i = 0; i < sizeof state->exports / sizeof *state->exports && state->job->symbols[i] != NULL; i++) {
        snprintf(state->exports[i], sizeof state->exports[i], "--export=%s", state->job->symbols[i]);
        add(state, state->exports[i]);
    }
    add(state, "-o");
    add(state, state->output);
    add(state, state->object);
}

static int choose_tool(link_state *state)
{
    static const char *const wasm_linkers[] = {"wasm-ld", "wasm-ld-19", "wasm-ld-18", "wasm-ld-17", "wasm-ld-16", NULL};
    static const char *const linkers[] = {"ld.lld", "ld.lld-19", "ld.lld-18", "ld.lld-17", "ld.lld-16", NULL};
    const char *given = getenv("CC");
    const char *const compilers[] = {given != NULL && *given != '\0' ? given : "cc", "cc", "gcc", "clang", NULL};
    link_kind kind = state->job->kind;
    if (kind == LINK_WASM) {
        if (!tool_find_any(wasm_linkers, state->tool))
            return fail(state->cli, STATUS_IO, "wasm-ld was not found; install lld, or use --emit=obj");
        use_wasm(state);
        return STATUS_DONE;
    }
    int status = kind == LINK_PROGRAM ? find_archive(state) : STATUS_DONE;
    if (status != STATUS_DONE)
        return status;
    if (!state->job->foreign && tool_find_any(compilers, state->tool)) {
        use_compiler(state);
        return STATUS_DONE;
    }
    if (!tool_find_any(linkers, state->tool))
        return fail(state->cli, STATUS_IO, "%s was found; install %s, or use --emit=obj",
                    state->job->foreign ? "no lld" : "neither a C compiler (cc, gcc, clang) nor lld",
                    state->job->foreign ? "lld" : "gcc or lld");
    if (kind == LINK_PROGRAM)
        return use_lld_program(state);
    use_lld_shared(state);
    return STATUS_DONE;
}

/* ---- programs for foreign machines ---- */

/* Compiles and links the program's sources with the machine's C compiler, statically if none of the libraries is there:
 * then the program needs nothing of the machine but its kernel. */
static int use_cross(link_state *state)
{
    static const char *const options[] = {
        "-std=gnu17",      "-D_GNU_SOURCE",     "-O1", "-w", "-ffp-contract=off", "-ffunction-sections",
        "-fdata-sections", "-Wl,--gc-sections", NULL};
    bool has[LIBRARY_COUNT], c_archive, any = false;
    if (!cross_find(state->job->target, &state->cross))
        return fail(state->cli, STATUS_IO,
                    "no C compiler for %s was found; install %s, or clang and %s, set $CROSS_COMPILE to what its name "
                    "begins with, or use --emit=lib",
                    state->job->target, state->cross.machine->gcc, state->cross.machine->libc);
    snprintf(state->tool, sizeof state->tool, "%s", state->cross.tool);
    if (cross_libraries(&state->cross, state->messages, has, &c_archive) != 0)
        return fail(state->cli, STATUS_IO, "%s: can't be started: %s", state->tool, strerror(errno));
    for (size_t i = 0; i < LIBRARY_COUNT; i++)
        any = any || has[i];
    add(state, state->tool);
    if (state->cross.option[0] != '\0')
        add(state, state->cross.option);
    add_all(state, options);
    if (!any && c_archive)
        add(state, "-static");
    snprintf(state->response, sizeof state->response, "@%s", state->units);
    add(state, state->response);
    add(state, state->object);
    add(state, "-o");
    add(state, state->output);
    for (size_t i = 0; i < LIBRARY_COUNT; i++)
        if (has[i])
            add(state, libraries[i]);
    add(state, "-lm");
    add(state, "-lpthread");
    return cross_units(state->cli, has, state->units);
}

/* ---- running ---- */

/* The first line of the linker's output that reports an error. */
static void first_message(const link_state *state, char *out, size_t size)
{
    FILE *file = fopen(state->messages, "r");
    out[0] = '\0';
    char line[400];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        bool informative = strstr(line, "error") != NULL || strstr(line, "cannot") != NULL ||
                           strstr(line, "undefined") != NULL || strstr(line, "failed") != NULL;
        if (strncmp(line, "collect2:", 9) == 0) /* gcc only repeats here that the linker failed */
            informative = false;
        if (out[0] == '\0' || informative)
            snprintf(out, size, "%s", line);
        if (informative)
            break;
    }
    if (file != NULL)
        fclose(file);
}

static int run_tool(link_state *state)
{
    int waited = tool_run(state->words, state->messages);
    if (waited < 0)
        return fail(state->cli, STATUS_IO, "%s: can't be started: %s", state->tool, strerror(errno));
    if (WIFEXITED(waited) && WEXITSTATUS(waited) == 0)
        return STATUS_DONE;
    if (interrupt_signal() != 0) /* the tool was stopped, too */
        return STATUS_IO;
    char message[400];
    first_message(state, message, sizeof message);
    return fail(state->cli, STATUS_IO, "%s could not link: %s", state->tool,
                message[0] != '\0' ? message : "it printed no message");
}

static int write_object(const link_state *state)
{
    FILE *file = fopen(state->object, "wb");
    bool whole =
        file != NULL && fwrite(state->job->object, 1, state->job->object_size, file) == state->job->object_size;
    if (file != NULL && fclose(file) != 0)
        whole = false;
    return whole ? STATUS_DONE
                 : fail(state->cli, STATUS_IO, "%s: can't be written: %s; set $TMPDIR to another folder", state->object,
                        strerror(errno));
}

static int read_output(const link_state *state, char **out, size_t *size)
{
    struct stat facts;
    FILE *file = fopen(state->output, "rb");
    if (file == NULL || fstat(fileno(file), &facts) != 0) {
        int status = fail(state->cli, STATUS_IO, "%s: can't be read: %s", state->output, strerror(errno));
        if (file != NULL)
            fclose(file);
        return status;
    }
    *size = (size_t)facts.st_size;
    *out = allocate(state->cli, *size, 1);
    int status = *out != NULL ? STATUS_DONE : STATUS_FAULT;
    if (status == STATUS_DONE && fread(*out, 1, *size, file) != *size) {
        free(*out);
        status = fail(state->cli, STATUS_IO, "%s: can't be read whole", state->output);
    }
    fclose(file);
    return status;
}

static int begin(link_state *state)
{
    const char *given = getenv("TMPDIR");
    snprintf(state->folder, sizeof state->folder, "%s/bouton-XXXXXX", given != NULL && *given != '\0' ? given : "/tmp");
    if (mkdtemp(state->folder) == NULL) {
        int cause = errno;
        char place[PATH_MAX];
        snprintf(place, sizeof place, "%s", state->folder);
        state->folder[0] = '\0';
        return fail(state->cli, STATUS_IO, "%s: can't create a folder for linking: %s; set $TMPDIR to another place",
                    place, strerror(cause));
    }
    snprintf(state->object, sizeof state->object, "%s/model.o", state->folder);
    snprintf(state->output, sizeof state->output, "%s/output", state->folder);
    snprintf(state->messages, sizeof state->messages, "%s/messages", state->folder);
    snprintf(state->units, sizeof state->units, "%s/units", state->folder);
    return write_object(state);
}

static void end(const link_state *state)
{
    if (state->folder[0] == '\0')
        return;
    unlink(state->object);
    unlink(state->output);
    unlink(state->messages);
    unlink(state->units);
    rmdir(state->folder);
}

int link_object(const command_line *cli, const link_job *job, char **out, size_t *size)
{
    link_state *state = allocate(cli, 1, sizeof *state);
    if (state == NULL)
        return STATUS_FAULT;
    state->cli = cli;
    state->job = job;
    bool foreign = job->foreign && job->kind == LINK_PROGRAM;
    interrupt_watch(); /* Ctrl-C also stops the tool; the folder is removed first */
    ticker *t = foreign ? ticker_begin(cli, "compiling the program's readers for %s", job->target)
                        : ticker_begin(cli, "linking %s", job->name);
    int status = foreign ? STATUS_DONE : choose_tool(state);
    if (status == STATUS_DONE)
        status = begin(state);
    if (status == STATUS_DONE && foreign)
        status = use_cross(state);
    if (status == STATUS_DONE)
        status = run_tool(state);
    ticker_end(t);
    if (status == STATUS_DONE)
        status = read_output(state, out, size);
    end(state);
    free(state);
    interrupt_leave();
    return status;
}
