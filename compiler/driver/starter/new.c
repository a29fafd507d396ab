/* bouton new: writes a first text, for someone's data or as a template. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options/console.h"
#include "options/paths.h"
#include "session/notes.h"
#include "session/pending.h"
#include "starter/first_text.h"
#include "verbs/verbs.h"

/* The text while it is made. */
typedef struct new_text {
    const command_line *cli;
    char path[PATH_MAX];  /* NAME.btn */
    char network[64];     /* NAME without folders, as a name of the language */
    char given[PATH_MAX]; /* --from */
    char data[PATH_MAX];  /* the same, seen from the folder of the text */
    char *text;           /* as written at first; owned */
    size_t length;
    bl_layout layout;
} new_text;

/* ---- names ---- */

/* Letters, digits and `_`; other characters become `_`. */
static void make_network_name(const char *file, size_t length, char *out, size_t size)
{
    size_t used = 0;
    if (length == 0 || isdigit((unsigned char)file[0]))
        out[used++] = 'n';
    for (size_t i = 0; i < length && used + 1 < size; i++)
        out[used++] = isalnum((unsigned char)file[i]) ? file[i] : '_';
    out[used] = '\0';
}

static int make_names(new_text *made)
{
    const char *name = made->cli->operands[0], *file = path_name(name);
    size_t length = strlen(file);
    bool ended = length > 4 && strcmp(file + length - 4, ".btn") == 0;
    if (*file == '\0' || strcmp(name, "-") == 0)
        return fail(made->cli, STATUS_USAGE, "'%s' names no file; write bouton new NAME, for NAME.btn", name);
    int all = snprintf(made->path, sizeof made->path, "%s%s", name, ended ? "" : ".btn");
    if (all < 0 || (size_t)all >= sizeof made->path)
        return fail(made->cli, STATUS_USAGE, "%s: the path is too long", name);
    make_network_name(file, ended ? length - 4 : length, made->network, sizeof made->network);
    return STATUS_DONE;
}

/* The word mnist stands for MNIST's files in $BOUTON_DATA or its folder mnist, unless a folder has this name. */
static const char *place_of(const char *from, char path[PATH_MAX])
{
    const char *home = getenv("BOUTON_DATA");
    if (strcmp(from, "mnist") != 0 || access(from, F_OK) == 0 || home == NULL || *home == '\0')
        return from;
    int length = snprintf(path, PATH_MAX, "%s/mnist", home);
    if (length > 0 && length < PATH_MAX && access(path, F_OK) == 0)
        return path;
    return home;
}

/* A text names its data from its own folder: they are named as given if it lies in the current folder, otherwise by the
 * absolute path. */
static int find_data(new_text *made)
{
    char home[PATH_MAX];
    const char *from = place_of(cli_text(made->cli, OPTION_from), home);
    size_t length = strlen(from);
    while (length > 1 && from[length - 1] == '/')
        length--;
    if (length >= sizeof made->given)
        return fail(made->cli, STATUS_USAGE, "--from %s: the path is too long", from);
    memcpy(made->given, from, length);
    made->given[length] = '\0';
    snprintf(made->data, sizeof made->data, "%s", made->given);
    if (strchr(made->path, '/') != NULL && realpath(made->given, made->data) == NULL)
        return fail(made->cli, STATUS_IO, "--from %s: %s", from, strerror(errno));
    return STATUS_DONE;
}

/* ---- writing ---- */

static int write_text(new_text *made, FILE *to)
{
    struct stat facts;
    bool found = false;
    const char *from = cli_text(made->cli, OPTION_from);
    first_text text = {.cli = made->cli, .to = to, .network = made->network, .given = made->given, .data = made->data};
    if (from == NULL) {
        first_text_of_nothing(&text);
        return STATUS_DONE;
    }
    int status = find_data(made);
    if (status != STATUS_DONE)
        return status;
    if (stat(made->given, &facts) != 0)
        return fail(made->cli, STATUS_IO,
                    "--from %s: %s; name a table, a folder of class folders, or a folder of IDX files", from,
                    errno == ENOENT ? "no such file or folder" : strerror(errno));
    if (!S_ISDIR(facts.st_mode))
        return first_text_of_table(&text);
    status = first_text_of_arrays(&text, &found);
    return status == STATUS_DONE && !found ? first_text_of_pictures(&text) : status;
}

static int make_text(new_text *made)
{
    FILE *to = open_memstream(&made->text, &made->length);
    if (to == NULL)
        return fail_memory(made->cli);
    int status = write_text(made, to);
    if (fclose(to) != 0 && status == STATUS_DONE)
        status = fail_memory(made->cli);
    return status;
}

/* ---- checking: the text must train before it is written ---- */

static int lay_out(new_text *made, bl_context *context)
{
    if (bl_lay_out_text(context, made->path, made->text, made->length, &made->layout) != 0)
        return fail_memory(made->cli);
    if (made->layout.text == NULL) {
        bl_write_diagnostics(context, stderr, made->cli->color);
        return fail(made->cli, STATUS_FAILED,
                    "%s: these data can't be described, for the reason above; rename the file, "
                    "the column or the folder that it names",
                    made->path);
    }
    return STATUS_DONE;
}

static int read_data(new_text *made, network_source *source)
{
    br_error error;
    br_data *data = NULL;
    pending_data pending = {0};
    int status = pending_begin(made->cli, source, &pending);
    if (status == STATUS_DONE && pending_await(&pending, &data, &error) != 0) {
        fail_with(made->cli, &error);
        status =
            fail(made->cli, (int)error.kind, "%s: not written, because training could not read the data", made->path);
    }
    br_data_free(data);
    return status;
}

static int try_text(new_text *made)
{
    network_source source = {.path = made->path, .context = bl_context_new()};
    if (source.context == NULL)
        return fail_memory(made->cli);
    int status = bl_load_text(source.context, made->path, made->layout.text, made->layout.length) == 0
                     ? source_check(made->cli, &source)
                     : fail_memory(made->cli);
    if (status == STATUS_DONE && cli_has(made->cli, OPTION_from))
        status = read_data(made, &source);
    source_close(&source);
    return status;
}

/* Writes the whole file. Without --force, a file that appears meanwhile is not replaced either. */
static int save(new_text *made)
{
    br_error error;
    br_atomic_file *file;
    if (br_atomic_open(made->path, &file, &error) != 0)
        return fail_with(made->cli, &error);
    fwrite(made->layout.text, 1, made->layout.length, br_atomic_stream(file)); /* br_atomic_commit reports an error */
    if (!cli_has(made->cli, OPTION_new_force) && access(made->path, F_OK) == 0) {
        br_atomic_discard(file);
        return fail(made->cli, STATUS_IO, "%s: appeared while the data were read; nothing was written", made->path);
    }
    if (br_atomic_commit(file, &error) != 0)
        return fail_with(made->cli, &error);
    printf("wrote %s; now: bouton train %s\n", made->path, made->path);
    return STATUS_DONE;
}

int verb_new(const command_line *cli)
{
    new_text made = {.cli = cli};
    int status = make_names(&made);
    if (status == STATUS_DONE && !cli_has(cli, OPTION_new_force) && access(made.path, F_OK) == 0)
        status =
            fail(cli, STATUS_IO, "%s: exists already; choose another name, or overwrite it with --force", made.path);
    bl_context *context = status == STATUS_DONE ? bl_context_new() : NULL;
    if (status == STATUS_DONE && context == NULL)
        status = fail_memory(cli);
    if (status == STATUS_DONE)
        status = make_text(&made);
    if (status == STATUS_DONE)
        status = lay_out(&made, context);
    if (status == STATUS_DONE)
        status = try_text(&made);
    if (status == STATUS_DONE)
        status = save(&made);
    bl_context_free(context);
    free(made.text);
    return status;
}
