#include "system/outputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options/console.h"
#include "show/numbers.h"

FILE *outputs_open(output_files *all, const char *path, bool runs)
{
    br_error error;
    struct stat facts;
    int i = all->count;
    all->paths[i] = text_copy(all->cli, path, strlen(path));
    if (all->paths[i] == NULL)
        return NULL;
    if (br_atomic_open(path, &all->files[i], &error) != 0) {
        fail_with(all->cli, &error);
        free(all->paths[i]);
        return NULL;
    }
    all->count++;
    FILE *stream = br_atomic_stream(all->files[i]);
    if (runs && fstat(fileno(stream), &facts) == 0) /* every user who may read the file may run it */
        fchmod(fileno(stream), (facts.st_mode | (facts.st_mode & 0444) >> 2) & 07777);
    return stream;
}

void outputs_discard(output_files *all)
{
    for (int i = 0; i < all->count; i++) {
        br_atomic_discard(all->files[i]);
        free(all->paths[i]);
    }
    all->count = 0;
}

/* Detects a full disk before any file is renamed. */
static int check_written(output_files *all)
{
    for (int i = 0; i < all->count; i++) {
        FILE *stream = br_atomic_stream(all->files[i]);
        if (fflush(stream) != 0 || ferror(stream))
            return fail(all->cli, STATUS_IO, "%s: could not be written whole: is the disk full? Nothing was changed",
                        all->paths[i]);
        all->sizes[i] = ftell(stream);
    }
    return STATUS_DONE;
}

int outputs_commit(output_files *all)
{
    br_error error;
    number_buffer bytes;
    int status = check_written(all);
    for (int i = 0; i < all->count && status == STATUS_DONE; i++) {
        if (br_atomic_commit(all->files[i], &error) != 0)
            status = fail_with(all->cli, &error);
        else
            fprintf(cli_out(all->cli), "wrote %s (%s bytes)\n", all->paths[i],
                    number_grouped(bytes, (uint64_t)all->sizes[i]));
        all->files[i] = NULL;
    }
    outputs_discard(all);
    return status;
}
