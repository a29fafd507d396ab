/* A folder of images. Each subfolder is a class, in the byte order of the names; each file in it is a sample. Names
 * that begin with a dot are skipped, and so are files next to the class folders. All names are collected before the
 * first image is opened, so that the memory is allocated once. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "data/formats/readers.h"

typedef struct names {
    char **list; /* whole paths, in ascending order */
    uint64_t count, room;
} names;

static void free_names(names *n)
{
    for (uint64_t i = 0; i < n->count; i++)
        br_release(n->list[i]);
    br_release(n->list);
    *n = (names){0};
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Appends folder/name. */
static int add_name(names *n, const char *folder, const char *name, br_error *error)
{
    if (n->count == n->room) {
        uint64_t room = 2 * n->room + 16;
        char **larger = br_resize(n->list, room, sizeof *larger, error);
        if (larger == NULL)
            return -1;
        n->list = larger;
        n->room = room;
    }
    uint64_t size = strlen(folder) + strlen(name) + 2;
    char *path = br_new(size, 1, error);
    if (path == NULL)
        return -1;
    snprintf(path, size, "%s/%s", folder, name);
    n->list[n->count++] = path;
    return 0;
}

/* Whether an entry is read: only folders at the top level, everything below. Links are followed. */
static bool is_wanted(DIR *stream, const char *name, bool folders)
{
    struct stat facts;
    if (name[0] == '.')
        return false;
    return !folders || (fstatat(dirfd(stream), name, &facts, 0) == 0 && S_ISDIR(facts.st_mode));
}

static int list_folder(const char *path, bool folders, names *out, br_error *error)
{
    DIR *stream = opendir(path);
    if (stream == NULL)
        return br_fail(error, BR_ERROR_IO, "%s: the folder can't be opened: %s; check the name and the data folder",
                       path, strerror(errno));
    int status = 0;
    errno = 0;
    for (struct dirent *entry; status == 0 && (entry = readdir(stream)) != NULL; errno = 0)
        if (is_wanted(stream, entry->d_name, folders))
            status = add_name(out, path, entry->d_name, error);
    if (status == 0 && errno != 0)
        status = br_fail(error, BR_ERROR_IO, "%s: the folder can't be read: %s", path, strerror(errno));
    closedir(stream);
    if (out->count > 0)
        qsort(out->list, out->count, sizeof *out->list, by_bytes);
    return status;
}

typedef struct folder_reader {
    const br_picture_shape *shape;
    const char *path;
    names classes;
    names *files; /* one list for each class */
    br_error *error;
} folder_reader;

static int list_classes(folder_reader *r, uint32_t classes, uint64_t *samples)
{
    if (list_folder(r->path, true, &r->classes, r->error) != 0)
        return -1;
    if (r->classes.count != classes)
        return br_fail(r->error, BR_ERROR_CHECK,
                       "%s: %llu folders, but the network has %u classes; one folder for each is needed", r->path,
                       (unsigned long long)r->classes.count, classes);
    r->files = br_new(classes, sizeof *r->files, r->error);
    if (r->files == NULL)
        return -1;
    *samples = 0;
    for (uint32_t i = 0; i < classes; i++) {
        if (list_folder(r->classes.list[i], false, &r->files[i], r->error) != 0)
            return -1;
        if (r->files[i].count == 0)
            return br_fail(r->error, BR_ERROR_IO, "%s: the class folder holds no pictures", r->classes.list[i]);
        *samples += r->files[i].count;
    }
    return 0;
}

/* Reads one image, scales it and stores it in its place. */
static int read_picture(const folder_reader *r, const char *path, uint8_t *out)
{
    const br_picture_shape *shape = r->shape;
    br_bytes file;
    br_array picture = {0};
    if (br_bytes_read(path, BR_PICTURE_BYTES, &file, r->error) != 0)
        return -1;
    int status = br_picture_read(path, &file, &picture, r->error);
    br_bytes_free(&file);
    if (status == 0)
        status = br_picture_fit(&picture, path, shape->shape, r->error);
    if (status == 0)
        memcpy(out, picture.bytes, br_array_values(&picture));
    br_array_free(&picture);
    return status;
}

static int read_all(folder_reader *r, uint32_t classes, br_array *out)
{
    uint64_t samples = 0, at = 0;
    if (list_classes(r, classes, &samples) != 0 ||
        br_array_shape(out, r->path, samples, r->shape->shape.height, r->shape->shape.width, r->shape->shape.channels,
                       r->error) != 0)
        return -1;
    uint64_t values = br_array_values(out);
    out->bytes = br_new(samples, values, r->error);
    out->labels = out->bytes != NULL ? br_new(samples, sizeof *out->labels, r->error) : NULL;
    if (out->labels == NULL)
        return -1;
    for (uint32_t label = 0; label < classes; label++)
        for (uint64_t i = 0; i < r->files[label].count; i++, at++) {
            out->labels[at] = label;
            if (read_picture(r, r->files[label].list[i], out->bytes + at * values) != 0)
                return -1;
        }
    return 0;
}

int br_folder_read(const char *path, const br_picture_shape *shape, uint32_t classes, br_array *out, br_error *error)
{
    *out = (br_array){0};
    folder_reader r = {.shape = shape, .path = path, .error = error};
    int status = read_all(&r, classes, out);
    for (uint32_t i = 0; r.files != NULL && i < classes; i++)
        free_names(&r.files[i]);
    br_release(r.files);
    free_names(&r.classes);
    if (status == 0)
        status = br_picture_map(out, shape->low, shape->high, error);
    if (status != 0)
        br_array_free(out);
    return status;
}

static const char *last_part(const char *path)
{
    return strrchr(path, '/') + 1; /* add_name wrote the slash */
}

int br_folder_same_classes(const char *path, const char *other, br_error *error)
{
    names here = {0}, there = {0};
    int status = list_folder(path, true, &here, error);
    if (status == 0)
        status = list_folder(other, true, &there, error);
    for (uint64_t i = 0; status == 0 && i < here.count && i < there.count; i++)
        if (strcmp(last_part(here.list[i]), last_part(there.list[i])) != 0)
            status = br_fail(error, BR_ERROR_CHECK,
                             "%s: class %llu is called %s, but %s in %s; both folders must have the same class names",
                             path, (unsigned long long)i, last_part(here.list[i]), last_part(there.list[i]), other);
    free_names(&here);
    free_names(&there);
    return status;
}
