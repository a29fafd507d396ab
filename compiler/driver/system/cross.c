#include "system/cross.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options/console.h"
#include "system/own_file.h"
#include "system/tool.h"

static const cross_machine machines[] = {
    {"x86_64", "x86_64-linux-gnu", "gcc-x86-64-linux-gnu", "libc6-dev-amd64-cross"},
    {"aarch64", "aarch64-linux-gnu", "gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"},
    {"armhf", "arm-linux-gnueabihf", "gcc-arm-linux-gnueabihf", "libc6-dev-armhf-cross"},
    {"riscv64", "riscv64-linux-gnu", "gcc-riscv64-linux-gnu", "libc6-dev-riscv64-cross"},
    {"ppc64le", "powerpc64le-linux-gnu", "gcc-powerpc64le-linux-gnu", "libc6-dev-ppc64el-cross"},
};

enum { MACHINES = sizeof machines / sizeof *machines };

const cross_machine *cross_machine_at(unsigned i)
{
    return i < MACHINES ? &machines[i] : NULL;
}

/* Whether the C library's start files for the machine are in one of Debian's two places, where clang looks. */
static bool has_c_library(const char *triple)
{
    static const char *const places[] = {"/usr/%s/lib/crt1.o", "/usr/lib/%s/crt1.o"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, places[i], triple);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

bool cross_find(const char *target, cross_compiler *out)
{
    static const char *const clangs[] = {"clang", "clang-19", "clang-18", "clang-17", "clang-16", "clang-14", NULL};
    const char *prefix = getenv("CROSS_COMPILE");
    char name[PATH_MAX];
    *out = (cross_compiler){0};
    for (size_t i = 0; i < MACHINES; i++)
        if (strcmp(target, machines[i].target) == 0)
            out->machine = &machines[i];
    if (out->machine == NULL)
        return false;
    if (prefix != NULL && *prefix != '\0' && snprintf(name, sizeof name, "%sgcc", prefix) < (int)sizeof name &&
        tool_find(name, out->tool))
        return true;
    snprintf(name, sizeof name, "%s-gcc", out->machine->triple);
    if (tool_find(name, out->tool))
        return true;
    snprintf(out->option, sizeof out->option, "--target=%s", out->machine->triple);
    return has_c_library(out->machine->triple) && tool_find_any(clangs, out->tool);
}

/* ---- libraries ---- */

static bool folder_has(const char *folder, size_t length, const char *library, const char *ending)
{
    char path[PATH_MAX];
    return snprintf(path, sizeof path, "%.*s/lib%s%s", (int)length, folder, library, ending) < (int)sizeof path &&
           access(path, R_OK) == 0;
}

/* Compilers also name the folders of this machine's own libraries, which may be there but can't be linked. */
static bool is_of_this_machine(const char *folder, size_t length)
{
    static const char *const own[] = {"/lib", "/usr/lib", "/lib64", "/usr/lib64"};
    char path[PATH_MAX], whole[PATH_MAX];
    snprintf(path, sizeof path, "%.*s", (int)length, folder);
    for (size_t i = 0; realpath(path, whole) != NULL && i < sizeof own / sizeof *own; i++)
        if (strcmp(whole, own[i]) == 0)
            return true;
    return false;
}

/* Looks for the libraries in FOLDER:FOLDER:... */
static void look(const char *folders, bool has[LIBRARY_COUNT], bool *c_archive)
{
    static const char *const names[LIBRARY_COUNT] = {
#define X(name, header, package, without, unit) #name,
        PROGRAM_LIBRARIES(X)
#undef X
    };
    for (const char *at = folders; *at != '\0' && *at != '\n';) {
        size_t length = strcspn(at, ":\n");
        bool own = is_of_this_machine(at, length);
        for (size_t i = 0; !own && i < LIBRARY_COUNT; i++)
            has[i] = has[i] || folder_has(at, length, names[i], ".so") || folder_has(at, length, names[i], ".a");
        *c_archive = *c_archive || (!own && folder_has(at, length, "c", ".a"));
        at += length + (at[length] == ':');
    }
}

int cross_libraries(const cross_compiler *compiler, const char *printed, bool has[LIBRARY_COUNT], bool *c_archive)
{
    static const char begin[] = "libraries: =";
    const char *words[] = {compiler->tool, "-print-search-dirs", compiler->option[0] != '\0' ? compiler->option : NULL,
                           NULL};
    char *line = NULL;
    size_t room = 0;
    *c_archive = false;
    memset(has, 0, LIBRARY_COUNT * sizeof *has);
    if (tool_run(words, printed) < 0)
        return -1;
    FILE *file = fopen(printed, "r");
    while (file != NULL && getline(&line, &room, file) > 0)
        if (strncmp(line, begin, sizeof begin - 1) == 0)
            look(line + sizeof begin - 1, has, c_archive);
    free(line);
    return file != NULL ? fclose(file) : -1;
}

/* ---- the program's sources ---- */

static const struct {
    const char *without, *unit;
} readers[LIBRARY_COUNT] = {
#define X(name, header, package, without, unit) {without, unit},
    PROGRAM_LIBRARIES(X)
#undef X
};

/* In a response file, a backslash keeps the next character as it is. */
static void write_word(FILE *to, const char *before, const char *folder, const char *path)
{
    fputs(before, to);
    for (const char *at = folder; *at != '\0'; at++)
        fprintf(to, strchr(" \t\\\"'", *at) != NULL ? "\\%c" : "%c", *at);
    fprintf(to, "%s\n", path);
}

int cross_units(const command_line *cli, const bool has[LIBRARY_COUNT], const char *path)
{
    static const char *const folders[] = {"include", "runtime/include", "runtime"};
    char list[PATH_MAX], folder[PATH_MAX], line[256];
    FILE *from = own_file("program/units", list, sizeof list) ? fopen(list, "r") : NULL;
    if (from == NULL)
        return fail(cli, STATUS_IO,
                    "program/units, the list of what programs are made from, is neither next to bouton nor "
                    "in " BOUTON_ARCHIVE_FOLDER "; reinstall bouton, or use --emit=lib");
    FILE *to = fopen(path, "w");
    snprintf(folder, sizeof folder, "%.*s", (int)(strlen(list) - strlen("units")), list);
    for (size_t i = 0; to != NULL && i < LIBRARY_COUNT; i++)
        if (!has[i])
            fprintf(to, "-D%s\n", readers[i].without);
    if (to != NULL && !has[LIBRARY_z]) {
        write_word(to, "-I", folder, "runtime/program/zlib");
        write_word(to, "", folder, "runtime/program/zlib/stand_in.c");
    }
    for (size_t i = 0; to != NULL && i < sizeof folders / sizeof *folders; i++)
        write_word(to, "-I", folder, folders[i]);
    while (to != NULL && fgets(line, sizeof line, from) != NULL) {
        bool wanted = true;
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; i < LIBRARY_COUNT; i++)
            wanted = wanted && (has[i] || strcmp(line, readers[i].unit) != 0);
        if (wanted)
            write_word(to, "", folder, line);
    }
    fclose(from);
    bool whole = to != NULL && ferror(to) == 0;
    if ((to != NULL && fclose(to) != 0) || !whole)
        return fail(cli, STATUS_IO, "%s: can't be written: %s; set $TMPDIR to another folder", path, strerror(errno));
    return STATUS_DONE;
}
