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

extern char **environ;

enum { WORDS_MOST = 64 };

/* The state of one link: its temporary folder and its command line. */
typedef struct work {
    const command_line *cli;
    const link_job *job;
    char folder[PATH_MAX - 64]; /* empty: not created */
    char object[PATH_MAX], output[PATH_MAX], messages[PATH_MAX], soname[PATH_MAX];
    char tool[PATH_MAX], archive[PATH_MAX];
    char start_files[3][PATH_MAX];
    char exports[16][320];
    const char *words[WORDS_MOST];
    int word_count;
} work;

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

/* libbouton_program.a lies next to bouton, or in the folder where an installation puts it, relative to the program. */
static int find_archive(work *w)
{
    static const char *const places[] = {"", BOUTON_ARCHIVE_FOLDER};
    char self[PATH_MAX - 64];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash != NULL)
        slash[1] = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(w->archive, sizeof w->archive, "%s%slibbouton_program.a", self, places[i]);
        if (access(w->archive, R_OK) == 0)
            return STATUS_DONE;
    }
    return fail(
        w->cli, STATUS_IO,
        "libbouton_program.a, which every program needs, is neither next to bouton nor in " BOUTON_ARCHIVE_FOLDER
        "; reinstall bouton, or use --emit=lib");
}

/* ---- command lines ---- */

static void add(work *w, const char *word)
{
    if (w->word_count + 1 < WORDS_MOST)
        w->words[w->word_count++] = word;
    w->words[w->word_count] = NULL;
}

static void add_all(work *w, const char *const *words)
{
    for (; *words != NULL; words++)
        add(w, *words);
}

static void add_libraries(work *w)
{
    static const char *const libraries[] = {"-lpng", "-ljpeg", "-lz", "-lm", NULL};
    add(w, w->archive);
    add(w, "--gc-sections");
    add(w, "--as-needed");
    add_all(w, libraries);
}

static void use_compiler(work *w)
{
    add(w, w->tool);
    add(w, "-o");
    add(w, w->output);
    if (w->job->kind == LINK_SHARED) {
        add(w, "-shared");
        snprintf(w->soname, sizeof w->soname, "-Wl,-soname,%s", w->job->name);
        add(w, w->soname);
        add(w, w->object);
        return;
    }
    static const char *const libraries[] = {
        "-Wl,--gc-sections", "-Wl,--as-needed", "-lpng", "-ljpeg", "-lz", "-lm", NULL};
    add(w, w->object);
    add(w, w->archive);
    add_all(w, libraries);
}

/* Without a C compiler, the C library's start files are searched for in the folders that Debian and other systems
 * use. */
static int find_start_files(work *w)
{
    static const char *const folders[] = {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64",
                                          "/usr/lib"};
    static const char *const names[] = {"Scrt1.o", "crti.o", "crtn.o"};
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
        size_t found = 0;
        for (; found < 3; found++) {
            snprintf(w->start_files[found], PATH_MAX, "%s/%s", folders[f], names[found]);
            if (access(w->start_files[found], R_OK) != 0)
                break;
        }
        if (found == 3)
            return (int)f;
    }
    return -1;
}

static int use_lld_program(work *w)
{
    static const char *const search[] = {"-L/usr/lib/x86_64-linux-gnu", "-L/usr/lib/aarch64-linux-gnu", "-L/usr/lib64",
                                         "-L/usr/lib"};
    static const char *const loaders[] = {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", NULL};
    int folder = find_start_files(w);
    if (folder < 0)
        return fail(w->cli, STATUS_IO,
                    "no C compiler (cc, gcc or clang) was found, nor a C library for lld; install gcc, or use "
                    "--emit=lib");
    const char *const *loader = loaders;
    while (*loader != NULL && access(*loader, R_OK) != 0)
        loader++;
    add(w, w->tool);
    add(w, "-pie");
    add(w, "-o");
    add(w, w->output);
    add(w, "-dynamic-linker");
    add(w, *loader != NULL ? *loader : loaders[0]);
    add(w, search[folder]);
    add(w, w->start_files[0]);
    add(w, w->start_files[1]);
    add(w, w->object);
    add_libraries(w);
    add(w, "-lc");
    add(w, w->start_files[2]);
    return STATUS_DONE;
}

static void use_lld_shared(work *w)
{
    add(w, w->tool);
    add(w, "-shared");
    add(w, "-soname");
    add(w, w->job->name);
    add(w, "-o");
    add(w, w->output);
    add(w, w->object);
}

/* A wasm module without an entry point; it exports its functions, its memory, and the start of free memory. */
static void use_wasm(work *w)
{
    static const char *const options[] = {"--no-entry", "--export=__heap_base", "-z", "stack-size=1048576", NULL};
    add(w, w->tool);
    add_all(w, options);
    for (size_t i = 0; i < sizeof w->exports / sizeof *w->exports && w->job->symbols[i] != NULL; i++) {
        snprintf(w->exports[i], sizeof w->exports[i], "--export=%s", w->job->symbols[i]);
        add(w, w->exports[i]);
    }
    add(w, "-o");
    add(w, w->output);
    add(w, w->object);
}

static int choose_tool(work *w)
{
    static const char *const wasm_linkers[] = {"wasm-ld", "wasm-ld-19", "wasm-ld-18", "wasm-ld-17", "wasm-ld-16", NULL};
    static const char *const linkers[] = {"ld.lld", "ld.lld-19", "ld.lld-18", "ld.lld-17", "ld.lld-16", NULL};
    const char *given = getenv("CC");
    const char *const compilers[] = {given != NULL && *given != '\0' ? given : "cc", "cc", "gcc", "clang", NULL};
    link_kind kind = w->job->kind;
    if (kind == LINK_WASM) {
        if (!find_any(wasm_linkers, w->tool))
            return fail(w->cli, STATUS_IO, "wasm-ld was not found; install lld, or use --emit=obj");
        use_wasm(w);
        return STATUS_DONE;
    }
    int status = kind == LINK_PROGRAM ? find_archive(w) : STATUS_DONE;
    if (status != STATUS_DONE)
        return status;
    if (!w->job->foreign && find_any(compilers, w->tool)) {
        use_compiler(w);
        return STATUS_DONE;
    }
    if (!find_any(linkers, w->tool))
        return fail(w->cli, STATUS_IO, "%s was found; install %s, or use --emit=obj",
                    w->job->foreign ? "no lld" : "neither a C compiler (cc, gcc, clang) nor lld",
                    w->job->foreign ? "lld" : "gcc or lld");
    if (kind == LINK_PROGRAM)
        return use_lld_program(w);
    use_lld_shared(w);
    return STATUS_DONE;
}

/* ---- running ---- */

/* The first line of the linker's output that reports an error. */
static void first_message(const work *w, char *out, size_t size)
{
    FILE *file = fopen(w->messages, "r");
    out[0] = '\0';
    char line[400];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        bool telling = strstr(line, "error") != NULL || strstr(line, "cannot") != NULL ||
                       strstr(line, "undefined") != NULL || strstr(line, "failed") != NULL;
        if (strncmp(line, "collect2:", 9) == 0) /* gcc only repeats here that the linker failed */
            telling = false;
        if (out[0] == '\0' || telling)
            snprintf(out, size, "%s", line);
        if (telling)
            break;
    }
    if (file != NULL)
        fclose(file);
}

static int run_tool(work *w)
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    int waited, failed;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, w->messages, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    failed = posix_spawn(&child, w->tool, &actions, NULL, (char *const *)w->words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return fail(w->cli, STATUS_IO, "%s: can't be started: %s", w->tool, strerror(failed));
    while (waitpid(child, &waited, 0) < 0)
        if (errno != EINTR)
            return fail(w->cli, STATUS_FAULT, "%s: waiting for it failed: %s", w->tool, strerror(errno));
    if (WIFEXITED(waited) && WEXITSTATUS(waited) == 0)
        return STATUS_DONE;
    char message[400];
    first_message(w, message, sizeof message);
    return fail(w->cli, STATUS_IO, "%s could not link: %s", w->tool,
                message[0] != '\0' ? message : "it printed no message");
}

static int write_object(const work *w)
{
    FILE *file = fopen(w->object, "wb");
    bool whole = file != NULL && fwrite(w->job->object, 1, w->job->object_size, file) == w->job->object_size;
    if (file != NULL && fclose(file) != 0)
        whole = false;
    return whole ? STATUS_DONE
                 : fail(w->cli, STATUS_IO, "%s: can't be written: %s; set $TMPDIR to another folder", w->object,
                        strerror(errno));
}

static int read_output(const work *w, char **out, size_t *size)
{
    struct stat facts;
    FILE *file = fopen(w->output, "rb");
    if (file == NULL || fstat(fileno(file), &facts) != 0) {
        int status = fail(w->cli, STATUS_IO, "%s: can't be read: %s", w->output, strerror(errno));
        if (file != NULL)
            fclose(file);
        return status;
    }
    *size = (size_t)facts.st_size;
    *out = allocate(w->cli, *size, 1);
    int status = *out != NULL ? STATUS_DONE : STATUS_FAULT;
    if (status == STATUS_DONE && fread(*out, 1, *size, file) != *size) {
        free(*out);
        status = fail(w->cli, STATUS_IO, "%s: can't be read whole", w->output);
    }
    fclose(file);
    return status;
}

static int begin(work *w)
{
    const char *given = getenv("TMPDIR");
    snprintf(w->folder, sizeof w->folder, "%s/bouton-XXXXXX", given != NULL && *given != '\0' ? given : "/tmp");
    if (mkdtemp(w->folder) == NULL) {
        int cause = errno;
        char place[PATH_MAX];
        snprintf(place, sizeof place, "%s", w->folder);
        w->folder[0] = '\0';
        return fail(w->cli, STATUS_IO, "%s: can't create a folder for linking: %s; set $TMPDIR to another place", place,
                    strerror(cause));
    }
    snprintf(w->object, sizeof w->object, "%s/model.o", w->folder);
    snprintf(w->output, sizeof w->output, "%s/output", w->folder);
    snprintf(w->messages, sizeof w->messages, "%s/messages", w->folder);
    return write_object(w);
}

static void end(const work *w)
{
    if (w->folder[0] == '\0')
        return;
    unlink(w->object);
    unlink(w->output);
    unlink(w->messages);
    rmdir(w->folder);
}

int link_object(const command_line *cli, const link_job *job, char **out, size_t *size)
{
    work *w = allocate(cli, 1, sizeof *w);
    if (w == NULL)
        return STATUS_FAULT;
    w->cli = cli;
    w->job = job;
    int status = choose_tool(w);
    if (status == STATUS_DONE)
        status = begin(w);
    if (status == STATUS_DONE)
        status = run_tool(w);
    if (status == STATUS_DONE)
        status = read_output(w, out, size);
    end(w);
    free(w);
    return status;
}
