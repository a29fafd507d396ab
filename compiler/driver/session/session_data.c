/* Finding and loading the data a program names. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "session/session.h"

/* The first file of the data that `folder` lacks; NULL where all are there. */
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

/* The folder a file lies in: "." for a bare name and for standard input. */
static char *folder_of(const cli *cli, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return text_copy(cli, ".", 1);
    return text_copy(cli, path, slash == path ? 1 : (size_t)(slash - path));
}

/* Chooses the folder: --data alone where given; else beside the file, else $BOUTON_DATA. */
static int choose_folder(const session *session, const br_data_spec *spec, const char *beside, const char **out)
{
    const cli *cli = session->cli;
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
    *out = beside;
    const char *missing = first_missing(spec, beside);
    if (missing == NULL)
        return STATUS_DONE;
    if (home != NULL && *home != '\0') {
        *out = home;
        if (first_missing(spec, home) == NULL)
            return STATUS_DONE;
        return fail(cli, STATUS_IO,
                    "%s: no file '%s' in folder %s nor in $BOUTON_DATA (%s); name its folder with --data DIR",
                    session->path, missing, beside, home);
    }
    return fail(cli, STATUS_IO, "%s: no file '%s' in folder %s; name its folder with --data DIR or $BOUTON_DATA",
                session->path, missing, beside);
}

static int prepare_encoder(session *session, const br_data *data, br_error *error)
{
    if (session->encoder != NULL)
        return 0;
    if (bc_lower_encoder(session->program, &session->encoder, error) != 0)
        return -1;
    return br_encoder_learn(session->encoder, br_data_split(data, BR_TRAIN), session->seed, error);
}

int session_encode(session *session, br_data *data)
{
    br_error error;
    if (session->program->input.encoding_count == 0)
        return STATUS_DONE;
    if (prepare_encoder(session, data, &error) != 0 ||
        br_data_encode(data, session->encoder, session_threads(session), &error) != 0)
        return fail_with(session->cli, &error);
    return STATUS_DONE;
}

/* The folder's name may be of the command line, of the environment, or a part of the file's; the spec keeps its own. */
static int choose_own_folder(session *session)
{
    const cli *cli = session->cli;
    const char *chosen = NULL;
    char *beside = folder_of(cli, session->path);
    int status = beside == NULL ? STATUS_FAULT : choose_folder(session, &session->wanted, beside, &chosen);
    if (status == STATUS_DONE) {
        session->folder = text_copy(cli, chosen, strlen(chosen));
        status = session->folder == NULL ? STATUS_FAULT : STATUS_DONE;
    }
    free(beside);
    session->wanted.folder = session->folder;
    return status;
}

static void drop_wanted(session *session)
{
    bc_lowered_data_free(&session->wanted);
    free(session->folder);
    session->folder = NULL;
}

int session_data_begin(session *session)
{
    const cli *cli = session->cli;
    br_error error;
    if (session->program->data == NULL)
        return fail(cli, STATUS_FAILED, "%s: the text names no data; add a block such as data digits { ... }",
                    session->path);
    if (bc_lower_data(session->program, &session->wanted, &error) != 0)
        return fail_with(cli, &error);
    int status = choose_own_folder(session);
    if (status == STATUS_DONE && br_data_begin(&session->wanted, session->seed, &session->loading, &error) != 0)
        status = fail_with(cli, &error);
    if (status != STATUS_DONE)
        drop_wanted(session);
    return status;
}

/* Waits for what is on its way. */
static int await(session *session, br_data **out, br_error *error)
{
    int status = br_data_await(session->loading, out, error);
    session->loading = NULL;
    drop_wanted(session);
    return status;
}

void session_data_drop(session *session)
{
    br_data *data;
    br_error error;
    if (session->loading != NULL && await(session, &data, &error) == 0)
        br_data_free(data);
}

int session_data(session *session, br_data **out)
{
    br_error error;
    *out = NULL;
    int status = session->loading == NULL ? session_data_begin(session) : STATUS_DONE;
    if (status == STATUS_DONE && await(session, out, &error) != 0)
        status = fail_with(session->cli, &error);
    if (status == STATUS_DONE)
        status = session_encode(session, *out);
    if (status != STATUS_DONE) {
        br_data_free(*out);
        *out = NULL;
    }
    return status;
}
