/* A new folder for a test's files, and its contents. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct scratch {
    char folder[256];
    char path[512]; /* of the last name requested */
} scratch;

static inline int scratch_new(scratch *s)
{
    const char *place = getenv("TMPDIR");
    snprintf(s->folder, sizeof s->folder, "%s/bouton-test-XXXXXX", place && *place ? place : P_tmpdir);
    return mkdtemp(s->folder) ? 0 : -1;
}

static inline const char *scratch_path(scratch *s, const char *name)
{
    snprintf(s->path, sizeof s->path, "%s/%s", s->folder, name);
    return s->path;
}

/* The number of files in the folder; with `remove`, they are removed. */
static inline int scratch_walk(scratch *s, int remove)
{
    int count = 0;
    DIR *folder = opendir(s->folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (remove)
            unlinkat(dirfd(folder), entry->d_name, entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
    }
    if (folder)
        closedir(folder);
    return count;
}

static inline int scratch_count(scratch *s)
{
    return scratch_walk(s, 0);
}

static inline void scratch_remove(scratch *s)
{
    scratch_walk(s, 1);
    rmdir(s->folder);
}

static inline int scratch_write(const char *path, const void *bytes, size_t count)
{
    FILE *to = fopen(path, "wb");
    int result = to && fwrite(bytes, 1, count, to) == count ? 0 : -1;
    if (to && fclose(to) != 0)
        result = -1;
    return result;
}

/* A whole file in memory that the caller frees; NULL if it cannot be read. */
static inline unsigned char *scratch_read(const char *path, size_t *count)
{
    struct stat facts;
    FILE *from = fopen(path, "rb");
    unsigned char *bytes = from && fstat(fileno(from), &facts) == 0 ? malloc((size_t)facts.st_size + 1) : NULL;
    *count = 0;
    if (bytes) {
        *count = fread(bytes, 1, (size_t)facts.st_size, from);
        bytes[*count] = '\0';
    }
    if (from)
        fclose(from);
    return bytes;
}

#endif
