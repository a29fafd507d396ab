#include "system/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options/console.h"
#include "system/own_file.h"

extern char **environ;

enum { WORDS_MOST = 64 };

/* The state of one link: its temporary folder and its command line. */
typedef struct link_state {
    const command_line *cli;
    const link_job *job;
    char folder[PATH_MAX - 64]; /* empty: not created */
    char object[PATH_MAX], output[PATH_MAX], messages[PATH_MAX], soname[PATH_MAX];
    char tool[PATH_MAX], archive[PATH_MAX];
    char start_files[3][PATH_MAX];
    char exports[16][320];
    const char *words[WORDS_MOST];
    int word_count;
} link_state;

/* ---- finding things ---- */

/* Finds a program in PATH. A name with a slash is used as a path. */
static bool find_program(const char *name, char out[PATH_MAX])
{
    const char *path = getenv("PATH");
    if (strchr(name, '/') != NULL) {
        snprintf(out, PATH_MAX, "%s", name);
        return access(out, X_OK) == 0;
    }
    for (const char *at = path != NULL ? path : ""; *at != '\0';) {
        size_t length = strcspn(at, ":");
        if (snprintf(out, PATH_MAX, "%.*s/%s", (int)length, at, name) < PATH_MAX && access(out, X_OK) == 0)
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

static bool find_any(const char *const *names, char out[PATH_MAX])
{
    for (; *names != NULL; names++)
        if (find_program(*names, out))
            return true;
    return false;
}

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
    "-lpng",  /* pictures */
    "-ljpeg", /* pictures */
    "-lgif",  /* pictures */
    "-lwebp", /* pictures */
    "-lzip",  /* archives of arrays */
    "-lz",    /* gzip */
    "-lm",    NULL,
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
        if (!find_any(wasm_linkers, state->tool))
            return fail(state->cli, STATUS_IO, "wasm-ld was not found; install lld, or use --emit=obj");
        use_wasm(state);
        return STATUS_DONE;
    }
    int status = kind == LINK_PROGRAM ? find_archive(state) : STATUS_DONE;
    if (status != STATUS_DONE)
        return status;
    if (!state->job->foreign && find_any(compilers, state->tool)) {
        use_compiler(state);
        return STATUS_DONE;
    }
    if (!find_any(linkers, state->tool))
        return fail(state->cli, STATUS_IO, "%s was found; install %s, or use --emit=obj",
                    state->job->foreign ? "no lld" : "neither a C compiler (cc, gcc, clang) nor lld",
                    state->job->foreign ? "lld" : "gcc or lld");
    if (kind == LINK_PROGRAM)
        return use_lld_program(state);
    use_lld_shared(state);
    return STATUS_DONE;
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
    posix_spawn_file_actions_t actions;
    pid_t child;
    int waited, failed;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, state->messages, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    failed = posix_spawn(&child, state->tool, &actions, NULL, (char *const *)state->words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return fail(state->cli, STATUS_IO, "%s: can't be started: %s", state->tool, strerror(failed));
    while (waitpid(child, &waited, 0) < 0)
        if (errno != EINTR)
            return fail(state->cli, STATUS_FAULT, "%s: waiting for it failed: %s", state->tool, strerror(errno));
    if (WIFEXITED(waited) && WEXITSTATUS(waited) == 0)
        return STATUS_DONE;
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
    return write_object(state);
}

static void end(const link_state *state)
{
    if (state->folder[0] == '\0')
        return;
    unlink(state->object);
    unlink(state->output);
    unlink(state->messages);
    rmdir(state->folder);
}

int link_object(const command_line *cli, const link_job *job, char **out, size_t *size)
{
    link_state *state = allocate(cli, 1, sizeof *state);
    if (state == NULL)
        return STATUS_FAULT;
    state->cli = cli;
    state->job = job;
    int status = choose_tool(state);
    if (status == STATUS_DONE)
        status = begin(state);
    if (status == STATUS_DONE)
        status = run_tool(state);
    if (status == STATUS_DONE)
        status = read_output(state, out, size);
    end(state);
    free(state);
    return status;
}
