/* Writes the manual pages as files. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "manual/manual.h"
#include "options/console.h"

/* The pages are the verbs' and these two. */
enum { PAGE_PROGRAM = VERB_COUNT, PAGE_LANGUAGE, PAGE_COUNT };

static int write_page(const command_line *cli, const char *folder, int which)
{
    char path[PATH_MAX];
    br_error error;
    br_atomic_file *file;
    int length = which == PAGE_PROGRAM ? snprintf(path, sizeof path, "%s/bouton.1", folder)
                 : which == PAGE_LANGUAGE
                     ? snprintf(path, sizeof path, "%s/bouton.5", folder)
                     : snprintf(path, sizeof path, "%s/bouton-%s.1", folder, verb_rows[which].name);
    if (length < 0 || (size_t)length >= sizeof path)
        return fail(cli, STATUS_IO, "%s: the path is too long", folder);
    if (br_atomic_open(path, &file, &error) != 0)
        return fail_with(cli, &error);
    page p = {.to = br_atomic_stream(file), .roff = true};
    if (which == PAGE_PROGRAM)
        manual_program(&p);
    else if (which == PAGE_LANGUAGE)
        manual_language(&p);
    else
        manual_verb(&p, (verb_id)which);
    return br_atomic_commit(file, &error) == 0 ? STATUS_DONE : fail_with(cli, &error);
}

int manual_write(const command_line *cli, const char *folder)
{
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return fail(cli, STATUS_IO, "--man %s: %s; name a folder that can be made", folder, strerror(errno));
    for (int which = 0; which < PAGE_COUNT; which++) {
        int status = write_page(cli, folder, which);
        if (status != STATUS_DONE)
            return status;
    }
    printf("wrote the manual pages into %s\n", folder);
    return STATUS_DONE;
}
