#include "session/pending.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options/paths.h"

/* The first data file that is missing in `folder`, or NULL. */
static const char *first_missing(const br_data_spec *spec, const char *folder)
{
    for (uint32_t i = 0; i < spec->source_count; i++) {
        const char *names[] = {spec->sources[i].inputs, spec->sources[i].labels};
        for (int n = 0; n < 2; n++) {
            char path[PATH_MAX];
            struct stat facts;
            if (names[n] == NULL || names[n][0] == '/')
                continue;
            int length = snprintf(path, sizeof path, "%s/%s", folder, names[n]);
            if (length < 0 || (size_t)length >= sizeof path || stat(path, &facts) != 0)
                return names[n];
        }
    }
    return NULL;
}

/* Chooses the folder of the data: --data if given; else the folder of the file; else $BOUTON_DATA. */
static int choose_folder(const command_line *cli, const char *file, const br_data_spec *spec, const char *home_of_file,
                         const char **out)
{
    const char *given = cli_text(cli, OPTION_data), *home = getenv("BOUTON_DATA");
    struct stat facts;
    if (given != NULL) {
        *out = given;
        if (stat(given, &facts) != 0)
            return fail(cli, STATUS_IO, "--data %s: %s", given, errno == ENOENT ? "no such folder" : strerror(errno));
        if (!S_ISDIR(facts.st_mode))
            return fail(cli, STATUS_IO, "--data %s: not a folder; name the one that holds the files", given);
        const char *missing = first_missing(spec, given);
        if (missing != NULL)
            return fail(cli, STATUS_IO, "--data %s: no file '%s' in this folder", given, missing);
        return STATUS_DONE;
    }
    *out = home_of_file;
    const char *missing = first_missing(spec, home_of_file);
    if (missing == NULL)
        return STATUS_DONE;
    if (home != NULL && *home != '\0') {
        *out = home;
        if (first_missing(spec, home) == NULL)
            return STATUS_DONE;
        return fail(cli, STATUS_IO,
                    "%s: no file '%s' in folder %s nor in $BOUTON_DATA (%s); name its folder with --data DIR", file,
                    missing, home_of_file, home);
    }
    return fail(cli, STATUS_IO, "%s: no file '%s' in folder %s; name its folder with --data DIR or $BOUTON_DATA", file,
                missing, home_of_file);
}

/* Copies the folder's name: it may come from the command line, the environment, or a part of the file's path. */
static int choose_own_folder(const command_line *cli, const char *file, pending_data *pending)
{
    const char *chosen = NULL;
    char *home_of_file = path_folder(cli, file);
    int status = home_of_file == NULL ? STATUS_FAULT : choose_folder(cli, file, &pending->spec, home_of_file, &chosen);
    if (status == STATUS_DONE) {
        pending->folder = text_copy(cli, chosen, strlen(chosen));
        status = pending->folder == NULL ? STATUS_FAULT : STATUS_DONE;
    }
    free(home_of_file);
    pending->spec.folder = pending->folder;
    return status;
}

bool pending_found(const command_line *cli, const network_source *source)
{
    br_error error;
    br_data_spec spec;
    const char *home = getenv("BOUTON_DATA");
    if (source->program->data == NULL || bc_lower_data(source->program, &spec, &error) != 0)
        return false;
    char *home_of_file = path_folder(cli, source->path);
    bool found = home_of_file != NULL && (first_missing(&spec, home_of_file) == NULL ||
                                          (home != NULL && *home != '\0' && first_missing(&spec, home) == NULL));
    free(home_of_file);
    bc_lowered_data_free(&spec);
    return found;
}

void pending_forget(pending_data *pending)
{
    bc_lowered_data_free(&pending->spec);
    free(pending->folder);
    pending->folder = NULL;
}

int pending_prepare(const command_line *cli, const network_source *source, pending_data *pending)
{
    br_error error;
    if (source->program->data == NULL)
        return fail(cli, STATUS_FAILED, "%s: the text names no data; add a block such as data digits { ... }",
                    source->path);
    if (bc_lower_data(source->program, &pending->spec, &error) != 0)
        return fail_with(cli, &error);
    pending->spec.schema = source->schema;
    int status = choose_own_folder(cli, source->path, pending);
    if (status != STATUS_DONE)
        pending_forget(pending);
    return status;
}

int pending_begin(const command_line *cli, const network_source *source, pending_data *pending)
{
    br_error error;
    int status = pending_prepare(cli, source, pending);
    if (status != STATUS_DONE)
        return status;
    if (br_data_begin(&pending->spec, source->seed, &pending->job, &error) == 0)
        return STATUS_DONE;
    pending_forget(pending);
    return fail_with(cli, &error);
}

int pending_await(pending_data *pending, br_data **out, br_error *error)
{
    int status = br_data_await(pending->job, out, error);
    pending->job = NULL;
    pending_forget(pending);
    return status;
}

void pending_drop(pending_data *pending)
{
    br_data *data;
    br_error error;
    if (pending->job != NULL && pending_await(pending, &data, &error) == 0)
        br_data_free(data);
}
