/* Output files that are replaced as a whole. The bytes go to a temporary file in the folder of the target. The commit
 * syncs that file, renames it over the target and syncs the folder. A reader therefore sees the old file or the new
 * one, never a part of it.
 *
 * The folder is held open, and every operation is relative to it. Moving the folder in the meantime does no harm. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#define TEMPORARY_ATTEMPTS 1000u /* names that files of killed processes may still occupy */

struct br_atomic_file {
    char *path;         /* as the caller wrote it, for messages */
    char *resolved;     /* the same path, with links followed if the target exists */
    const char *name;   /* within the folder; points into `resolved` */
    char temporary[64]; /* within the folder; empty once renamed or removed */
    char *old;          /* within the folder, the name under which the old file is kept; NULL: it is not */
    int folder;         /* descriptor; -1: not open */
    FILE *stream;       /* NULL: not open */
};

static int fail_errno(const char *path, const char *what, br_error *error)
{
    int cause = errno;
    return br_fail(error, BR_ERROR_IO, "%s: %s: %s", path, what, strerror(cause));
}

/* Follows links, so that the linked file is replaced and not the link. *mode is the mode of an existing file, or -1. */
static int resolve(br_atomic_file *file, long *mode, br_error *error)
{
    struct stat facts;
    *mode = -1;
    if (stat(file->path, &facts) != 0) {
        if (errno != ENOENT)
            return fail_errno(file->path, "can't be written", error);
        file->resolved = br_copy_string(file->path, error);
        return file->resolved ? 0 : -1;
    }
    if (S_ISDIR(facts.st_mode))
        return br_fail(error, BR_ERROR_IO, "%s: is a folder; name a file to write", file->path);
    if (!S_ISREG(facts.st_mode))
        return br_fail(error, BR_ERROR_IO, "%s: is not a regular file, so it can't be replaced; name another",
                       file->path);
    if (access(file->path, W_OK) != 0) /* rename would ignore write protection */
        return fail_errno(file->path, "can't be written", error);
    *mode = (long)(facts.st_mode & 07777);
    char *resolved = realpath(file->path, NULL);
    if (!resolved)
        return fail_errno(file->path, "can't be written", error);
    file->resolved = br_copy_string(resolved, error);
    free(resolved); /* allocated by the C library, not by br_new */
    return file->resolved ? 0 : -1;
}

static int open_folder(br_atomic_file *file, br_error *error)
{
    char *slash = strrchr(file->resolved, '/');
    const char *folder = ".";
    file->name = file->resolved;
    if (slash) {
        file->name = slash + 1;
        folder = slash == file->resolved ? "/" : file->resolved;
        *slash = '\0'; /* from here on, folder and name are separate strings */
    }
    if (file->name[0] == '\0')
        return br_fail(error, BR_ERROR_IO, "%s: names no file; write FOLDER/NAME", file->path);
    file->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file->folder < 0)
        return fail_errno(file->path, "its folder can't be opened", error);
    return 0;
}

/* Creates the temporary file under a free name. The name has a fixed length, so it is never too long, unlike one
 * derived from the target's name. For a new target, mode 0666 leaves the permissions to the umask; those of an existing
 * target are copied. */
static int open_temporary(br_atomic_file *file, long mode, br_error *error)
{
    int descriptor = -1;
    for (unsigned attempt = 0; attempt < TEMPORARY_ATTEMPTS && descriptor < 0; attempt++) {
        snprintf(file->temporary, sizeof file->temporary, ".bouton-%ld-%u.tmp", (long)getpid(), attempt);
        descriptor = openat(file->folder, file->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor < 0 && errno != EEXIST)
            break;
    }
    if (descriptor < 0) {
        file->temporary[0] = '\0';
        return fail_errno(file->path, "no temporary file can be made beside it", error);
    }
    if (mode >= 0 && fchmod(descriptor, (mode_t)mode) != 0) {
        fail_errno(file->path, "its permissions can't be kept", error);
        close(descriptor);
        return -1;
    }
    file->stream = fdopen(descriptor, "wb");
    if (!file->stream) {
        fail_errno(file->path, "can't be written", error);
        close(descriptor);
        return -1;
    }
    return 0;
}

int br_atomic_open(const char *path, br_atomic_file **out, br_error *error)
{
    *out = NULL;
    br_atomic_file *file = br_new(1, sizeof *file, error);
    if (!file)
        return -1;
    file->folder = -1;
    file->path = br_copy_string(path, error);
    long mode;
    if (!file->path || resolve(file, &mode, error) != 0 || open_folder(file, error) != 0 ||
        open_temporary(file, mode, error) != 0) {
        br_atomic_discard(file);
        return -1;
    }
    *out = file;
    return 0;
}

FILE *br_atomic_stream(br_atomic_file *file)
{
    return file->stream;
}

int br_atomic_keep_old(br_atomic_file *file, br_error *error)
{
    struct stat facts;
    size_t length = strlen(file->name);
    if (fstatat(file->folder, file->name, &facts, 0) != 0)
        return 0;
    char *old = br_new(length + 2, 1, error);
    if (!old)
        return -1;
    memcpy(old, file->name, length);
    old[length] = '~';
    br_release(file->old);
    file->old = old;
    int found = fstatat(file->folder, old, &facts, AT_SYMLINK_NOFOLLOW);
    if (found != 0 && errno != ENOENT)
        return fail_errno(file->path, "the old file can't be kept under this name with ~ behind it", error);
    if (found == 0 && S_ISDIR(facts.st_mode))
        return br_fail(error, BR_ERROR_IO, "%s: the old file can't be kept as %s~, which is a folder; rename that",
                       file->path, file->path);
    return 0;
}

/* Gives the old file its second name, by way of a name of its own, so that an older one there is replaced at once. A
 * file system without hard links only allows to rename it. */
static int keep_old(br_atomic_file *file, br_error *error)
{
    char second[64];
    if (!file->old)
        return 0;
    snprintf(second, sizeof second, ".bouton-%ld-old.tmp", (long)getpid());
    unlinkat(file->folder, second, 0); /* of a killed process with the same number */
    if (linkat(file->folder, file->name, file->folder, second, 0) != 0)
        return renameat(file->folder, file->name, file->folder, file->old) == 0 || errno == ENOENT
                   ? 0
                   : fail_errno(file->path, "the old file can't be kept", error);
    int status = renameat(file->folder, second, file->folder, file->old);
    if (status != 0)
        fail_errno(file->path, "the old file can't be kept", error);
    unlinkat(file->folder, second, 0); /* rename leaves it where both names are of the same file */
    return status;
}

/* Every step before the renames. */
static int finish_writing(br_atomic_file *file, br_error *error)
{
    if (ferror(file->stream)) /* the errno of that write is lost */
        return br_fail(error, BR_ERROR_IO, "%s: a write to it failed; nothing was changed", file->path);
    if (fflush(file->stream) != 0)
        return fail_errno(file->path, "can't be written", error);
    if (fsync(fileno(file->stream)) != 0)
        return fail_errno(file->path, "can't be synced to disk", error);
    int closed = fclose(file->stream);
    file->stream = NULL;
    if (closed != 0)
        return fail_errno(file->path, "can't be closed", error);
    return 0;
}

/* The rename makes the temporary file the target. */
static int put_in_place(br_atomic_file *file, br_error *error)
{
    if (finish_writing(file, error) != 0 || keep_old(file, error) != 0)
        return -1;
    if (renameat(file->folder, file->temporary, file->folder, file->name) != 0)
        return fail_errno(file->path, "can't be replaced", error);
    file->temporary[0] = '\0';
    return 0;
}

int br_atomic_commit(br_atomic_file *file, br_error *error)
{
    int result = put_in_place(file, error);
    /* EINVAL: the file system cannot sync folders. */
    if (result == 0 && fsync(file->folder) != 0 && errno != EINVAL)
        result = fail_errno(file->path, "is written, but its folder can't be synced to disk", error);
    br_atomic_discard(file);
    return result;
}

int br_atomic_try(br_atomic_file *file, br_error *error)
{
    int result = finish_writing(file, error);
    br_atomic_discard(file);
    return result;
}

void br_atomic_discard(br_atomic_file *file)
{
    if (!file)
        return;
    if (file->stream)
        fclose(file->stream);
    if (file->temporary[0] != '\0')
        unlinkat(file->folder, file->temporary, 0);
    if (file->folder >= 0)
        close(file->folder);
    br_release(file->old);
    br_release(file->resolved);
    br_release(file->path);
    br_release(file);
}
